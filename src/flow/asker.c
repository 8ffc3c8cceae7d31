/* SPDX-License-Identifier: MIT */
#include "flow/asker.h"

#include "base/utf8_form.h"
#include "exchange/origin.h"
#include "flow/device.h"

void
asker_of_program(struct flow *flow, const struct req *req, struct asker *out)
{
	*out = (struct asker){
	    .flow = flow,
	    .arena = req->arena,
	    .door = LK_STR("web"),
	    .metric_door = METRIC_DOOR_web,
	    .reference = lk_str_c(req->reference),
	    .address = req->address,
	    .address_key = req->address_key,
	    .lang = req->lang,
	    .now_s = lk_clock_wall_s(flow->fast->clock),
	};
}

/* The same with what a browser brings along. */
void
asker_of_req(struct flow *flow, const struct req *req, struct asker *out)
{
	asker_of_program(flow, req, out);
	out->browser = req->cookie[COOKIE_BROWSER];
	out->session = req->cookie[COOKIE_SESSION];
	out->device = device_need(req->cookie[COOKIE_DEVICE], req->arena);
	out->device_name = origin_device_name(req->arena, req->agent);
}

static bool
is_on_known_device(const struct asker *asker, struct lk_str person_id)
{
	const struct fast *fast = asker->flow->fast;
	struct device_who who = {fast->ring, person_id, asker->now_s};
	struct policy_lockout lockout;

	policy_lockout_ask(fast->policy, &lockout);
	return device_is_known(&who, asker->device, lockout.device_days);
}

static void
known(const struct asker *asker, struct subject *subject)
{
	subject->is_known = true;
	subject->key = subject->person.id;
	subject->is_on_known_device = is_on_known_device(asker, subject->person.id);
}

/*
 * Nobody's limits: the same as somebody's, under the name they typed. What is looked up is what is
 * counted, so that two spellings share their limits whether there is somebody or not.
 */
static enum lk_err
unknown(const struct asker *asker, struct lk_str name, struct subject *subject)
{
	const struct fast *fast = asker->flow->fast;
	struct lk_str text;
	struct crypto_digest digest;

	crypto_digest_make(fast->ring, CRYPTO_PERSON, &name, 1, &digest);
	text = crypto_base64url_make(lk_str_n((const char *)digest.bytes, 16), asker->arena);
	subject->key = lk_arena_printf(asker->arena, "?%.*s", LK_STR_ARGS(text));
	subject->is_on_known_device = is_on_known_device(asker, subject->key);
	return text.ptr == NULL || subject->key.ptr == NULL ? LK_E_MEMORY : LK_OK;
}

enum lk_err
subject_find(const struct asker *asker, struct lk_str typed, struct subject *out)
{
	struct subject subject = {.typed = typed};
	struct lk_str name = lk_utf8_name(asker->arena, typed);
	enum lk_err err = dir_person_find(asker->flow->dir, name, &subject.person);

	if (err == LK_OK)
		known(asker, &subject);
	else if (err == LK_E_PERSON_NOT_FOUND)
		err = unknown(asker, name, &subject);
	if (err == LK_OK)
		*out = subject;
	return err;
}

enum lk_err
subject_get(const struct asker *asker, struct lk_str person_id, struct subject *out)
{
	struct subject subject = {0};
	enum lk_err err = dir_person_get(asker->flow->dir, person_id, &subject.person);

	if (err != LK_OK)
		return err;
	known(asker, &subject);
	*out = subject;
	return LK_OK;
}

const struct dir_person *
subject_person(const struct subject *subject)
{
	return subject->is_known ? &subject->person : NULL;
}

void
subject_who(const struct subject *subject, struct policy_who *out)
{
	*out = (struct policy_who){
	    .groups = subject->person.groups,
	    .group_count = subject->person.group_count,
	};
}
