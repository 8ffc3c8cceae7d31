/* SPDX-License-Identifier: MIT */
#include "flow/device_grant.h"

#include "flow/throttle.h"

#define QUERY "?user_code="

int32_t
device_life_s(const struct store_device *device, int64_t now_s)
{
	int64_t left_s = device->ends_at_s - now_s;

	return left_s < 1 ? 1 : (int32_t)left_s;
}

bool
device_is_over(const struct store_device *device, int64_t now_s)
{
	return now_s < device->asked_at_s || now_s - device->asked_at_s >= DEVICE_LIFE_S;
}

/* --- links ----------------------------------------------------------------------------------- */

bool
device_link_read(struct lk_str text, struct device_link *out)
{
	struct lk_str rest = text, typed;
	struct device_link link = {.proof = {NULL, 0}};
	uint8_t bytes[TOKEN_LINK_LETTERS];

	if (!lk_str_split(&rest, '.', &typed) || !token_user_code_read(typed, link.code))
		return false;
	if (rest.len == TOKEN_LINK_LETTERS && crypto_base64url_into(rest, bytes, sizeof bytes) > 0)
		link.proof = rest;
	*out = link;
	return true;
}

static struct lk_str
path_make(const struct device_link *link, struct lk_arena *arena)
{
	return lk_arena_printf(arena, DEVICE_PATH QUERY "%.*s%s%.*s", (int)sizeof link->code,
			       link->code, link->proof.len > 0 ? "." : "",
			       LK_STR_ARGS(link->proof));
}

static struct lk_str
proof_make(const struct asker *asker, const struct device_found *found)
{
	return token_user_link_make(asker->flow->fast->ring, found->code,
				    found->device.asked_at_s + DEVICE_LIFE_S, asker->arena);
}

struct lk_str
device_path(const struct asker *asker, const struct device_found *found)
{
	struct device_link link = {.proof = proof_make(asker, found)};

	memcpy(link.code, found->code, sizeof link.code);
	return link.proof.ptr == NULL ? link.proof : path_make(&link, asker->arena);
}

const char *
device_path_find(struct lk_str text, struct lk_arena *arena)
{
	struct device_link link;
	struct lk_str path;

	if (!device_link_read(text, &link))
		return DEVICE_PATH;
	path = path_make(&link, arena);
	return path.ptr == NULL ? DEVICE_PATH : path.ptr;
}

bool
device_path_check(struct lk_str path)
{
	struct lk_str text = lk_str_from(path, strlen(DEVICE_PATH QUERY));
	struct device_link link;
	size_t len = sizeof link.code;

	if (!lk_str_starts(path, DEVICE_PATH QUERY) || !device_link_read(text, &link))
		return false;
	if (link.proof.len > 0)
		len += 1 + link.proof.len;
	return text.len == len && memcmp(text.ptr, link.code, sizeof link.code) == 0;
}

bool
device_is_answered_by(const struct store_device *device, struct lk_str person_id)
{
	return device->state != STORE_DEVICE_PENDING && person_id.len > 0 &&
	       lk_str_is_equal(device->grant.person_id, person_id);
}

/* --- found by what was typed ---------------------------------------------------------------- */

/* Wrong tries of everybody at this address. */
static enum lk_err
address_check(const struct asker *asker)
{
	struct store_ask ask = {.address = &asker->address_key};
	struct store_answer stored = {0};
	enum lk_err err = store_fetch(asker->flow->store, &ask, &stored);

	return err == LK_OK ? throttle_address_check(asker, &stored) : err;
}

static bool
is_theirs(const struct asker *asker, const struct store_session *session,
	  const struct device_found *found)
{
	const struct store_device *device = &found->device;

	if (found->application == NULL || device_is_over(device, asker->now_s))
		return false;
	return device->state == STORE_DEVICE_PENDING ||
	       device_is_answered_by(device, session->person_id);
}

static enum lk_err
look(const struct asker *asker, const struct store_session *session, struct device_found *found)
{
	struct crypto_digest user_code;
	enum lk_err err;

	token_user_code_key(asker->flow->fast->ring, found->code, &user_code);
	err =
	    store_device_by_user_code(asker->flow->store, &user_code, &found->key, &found->device);
	if (err == LK_E_NOT_FOUND)
		return LK_E_DEVICE_WRONG;
	if (err != LK_OK)
		return err;
	found->application =
	    policy_application_find(asker->flow->fast->policy, found->device.client_id);
	return is_theirs(asker, session, found) ? LK_OK : LK_E_DEVICE_WRONG;
}

static enum lk_err
look_charged(const struct asker *asker, const struct store_session *session,
	     struct device_found *found)
{
	struct subject subject = {.is_known = true, .key = session->person_id};
	struct attempt_what what = {
	    .kind = ATTEMPT_USER_CODE,
	    .secret = lk_secret_make(asker->arena, lk_str_n(found->code, sizeof found->code)),
	};
	enum store_try_outcome outcome = STORE_TRY_RIGHT;
	struct attempt attempt;
	enum lk_err err, end_err;

	if (what.secret == NULL)
		return LK_E_MEMORY;
	subject.person.id = session->person_id;
	subject.person.username = session->username;
	err = throttle_begin(asker, &subject, &what, &attempt);
	if (err != LK_OK)
		return err;
	err = look(asker, session, found);
	if (err != LK_OK)
		outcome = err == LK_E_DEVICE_WRONG ? STORE_TRY_WRONG : STORE_TRY_UNDECIDED;
	end_err = throttle_end(asker, &subject, &attempt, outcome);
	return end_err == LK_OK ? err : end_err;
}

enum lk_err
device_see(const struct asker *asker, const struct store_session *session,
	   const struct device_link *link, struct device_found *out)
{
	struct device_found *found = lk_arena_alloc(asker->arena, sizeof *found);
	int64_t until_s;
	enum lk_err err;

	if (found == NULL)
		return LK_E_MEMORY;
	if (!token_user_link_read(asker->flow->fast->ring, link->code, link->proof, &until_s))
		return LK_E_NOT_FOUND;
	if (until_s <= asker->now_s)
		return LK_E_DEVICE_EXPIRED;
	memcpy(found->code, link->code, sizeof found->code);
	err = look(asker, session, found);
	if (err == LK_OK)
		*out = *found;
	return err == LK_E_DEVICE_WRONG ? LK_E_DEVICE_EXPIRED : err;
}

enum lk_err
device_find(const struct asker *asker, const struct store_session *session, struct lk_str typed,
	    struct device_found *out)
{
	struct device_found *found = lk_arena_alloc(asker->arena, sizeof *found);
	enum lk_err err;

	if (found == NULL)
		return LK_E_MEMORY;
	if (!token_user_code_read(typed, found->code))
		return LK_E_DEVICE_WRONG;
	err = address_check(asker);
	if (err == LK_OK)
		err = look_charged(asker, session, found);
	if (err == LK_OK)
		*out = *found;
	return err;
}
