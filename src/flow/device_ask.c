/* SPDX-License-Identifier: MIT */
/*
 * A device asks for a code to show (RFC 8628 s3.1). Only applications registered for it may: who
 * talks somebody into typing a code of theirs is let in as them.
 *
 * Time: of the store a fetch, for public clients a try begun, one commit; one more for a signed
 * assertion.
 */
#include "exchange/reply.h"
#include "flow/client_auth.h"
#include "flow/device_grant.h"
#include "flow/handlers.h"
#include "flow/payload.h"
#include "flow/scope.h"
#include "store/store_try.h"

#define TRIES_MAX	      4	 /* user codes somebody else has at this moment */
#define PUBLIC_LIMIT	      60 /* waiting from one address, of clients that prove nothing */
#define ADDRESS_LETTERS_BYTES 16u

struct asking {
	struct asker asker;
	const struct req *req;
	struct client client;
	struct store_device device;
	char user_code[TOKEN_USER_CODE_LETTERS];
	struct lk_str device_code;
};

/* --- may it? -------------------------------------------------------------------------------- */

/*
 * Each waits in the store: clients that prove nothing share a bound by address. Never given back,
 * it is forgotten with its window. A word for it has neither RFC 8628 s3.2 nor RFC 6749 s5.2:
 * access_denied is a person's no, slow_down an answer to who polls and so has a code. 429 with
 * Retry-After and the word of s4.1.2.1 for too much to do is what clients wait and ask again for.
 */
static enum lk_err
bound_check(const struct asking *asking)
{
	const struct asker *asker = &asking->asker;
	struct lk_str letters = crypto_base64url_make(
	    lk_str_n((const char *)asker->address_key.bytes, ADDRESS_LETTERS_BYTES), asker->arena);
	struct store_try attempt = {
	    .scope = STORE_SCOPE_DEVICE_ASK,
	    .person_id = lk_arena_printf(asker->arena, "@%.*s", LK_STR_ARGS(letters)),
	    .address = asker->address_key,
	    .limit_count = PUBLIC_LIMIT,
	    .window_s = DEVICE_LIFE_S,
	    .lock_s = DEVICE_LIFE_S,
	};
	struct store_try_state state;
	enum lk_err err;

	if (letters.ptr == NULL || attempt.person_id.ptr == NULL)
		return LK_E_MEMORY;
	crypto_random(attempt.answer.bytes, sizeof attempt.answer.bytes);
	err = store_try_begin(asker->flow->store, &attempt, &state);
	if (err != LK_OK)
		return err;
	return state.is_locked ? LK_E_OAUTH_WAITING : LK_OK;
}

static enum lk_err
client_check(const struct asking *asking)
{
	const struct policy_application *application = asking->client.application;

	if (!application->device ||
	    !policy_application_network_check(application, asking->asker.address))
		return LK_E_OAUTH_UNAUTHORIZED;
	return application->is_public ? bound_check(asking) : LK_OK;
}

/* --- what does it want? --------------------------------------------------------------------- */

static enum lk_err
scope_read(struct asking *asking)
{
	struct lk_str asked = asking->req->param[PARAM_scope];
	enum lk_err err = policy_application_scopes_narrow(
	    asking->client.application, asked, asking->asker.arena, &asking->device.scope);

	if (err == LK_E_FORMAT || (err == LK_OK && asked.len > 0 && asking->device.scope.len == 0))
		return LK_E_OAUTH_SCOPE;
	return err;
}

static enum lk_err
audience_read(struct asking *asking)
{
	struct lk_str rest = asking->req->param[PARAM_resource], one;

	asking->device.audience = rest;
	while (scope_next(&rest, &one)) {
		if (!policy_resource_check(asking->asker.flow->fast->policy, one))
			return LK_E_OAUTH_TARGET;
	}
	return LK_OK;
}

/* A host name, from somebody who has shown who they are: people read it on the page. */
static struct lk_str
name_read(const struct asking *asking)
{
	struct lk_str name = asking->req->param[PARAM_device_name];

	if (asking->client.application->is_public || name.len > DEVICE_NAME_MAX_BYTES)
		return lk_str_n(NULL, 0);
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    c != '-' && c != '.')
			return lk_str_n(NULL, 0);
	}
	return name;
}

/* --- kept ----------------------------------------------------------------------------------- */

static enum lk_err
codes_make(struct asking *asking, struct crypto_digest *key)
{
	const struct crypto_ring *ring = asking->asker.flow->fast->ring;
	struct token_selector selector;

	token_selector_make(&selector);
	asking->device_code = token_make(TOKEN_DEVICE_PREFIX, &selector, asking->asker.arena);
	if (asking->device_code.ptr == NULL)
		return LK_E_MEMORY;
	token_user_code_make(asking->user_code);
	token_user_code_key(ring, asking->user_code, &asking->device.user_code);
	token_key(ring, asking->device_code, key);
	return LK_OK;
}

static enum lk_err
put(struct asking *asking)
{
	struct store_result result;
	struct crypto_digest key;
	struct store_change change = {
	    .kind = STORE_DEVICE_PUT,
	    .key = &key,
	    .device = &asking->device,
	    .life_s = device_life_s(&asking->device, asking->asker.now_s),
	};
	enum lk_err err = codes_make(asking, &key);

	if (err != LK_OK)
		return err;
	return store_commit(asking->asker.flow->store, &change, 1, &result);
}

static enum lk_err
epoch_read(struct asking *asking)
{
	struct store_ask ask = {.address = &asking->asker.address_key};
	struct store_answer stored = {0};
	enum lk_err err = store_fetch(asking->asker.flow->store, &ask, &stored);

	asking->device.epoch = stored.epoch;
	return err;
}

static enum lk_err
keep(struct asking *asking)
{
	struct store_device *device = &asking->device;
	enum lk_err err = epoch_read(asking);

	device->revision = 1;
	device->state = STORE_DEVICE_PENDING;
	device->client_id = lk_str_c(asking->client.application->client_id);
	device->host = name_read(asking);
	device->address = asking->asker.address;
	device->asked_at_s = asking->asker.now_s;
	device->ends_at_s = device->asked_at_s + DEVICE_LIFE_S + DEVICE_REMEMBERED_S;
	device->interval_s = DEVICE_INTERVAL_S;
	if (err != LK_OK)
		return err;
	err = put(asking);
	for (int i = 1; err == LK_E_USED && i < TRIES_MAX; i++)
		err = put(asking);
	return err == LK_E_USED ? LK_E_BUSY : err;
}

/* --- answered ------------------------------------------------------------------------------- */

static enum lk_err
answer(const struct asking *asking, struct res *res)
{
	const char *base_url = asking->asker.flow->fast->conf->base_url;
	struct lk_str shown = token_user_code_show(asking->user_code, asking->asker.arena);
	struct lk_str plain = lk_arena_printf(asking->asker.arena, "%s" DEVICE_PATH, base_url);
	struct lk_str proof =
	    token_user_link_make(asking->asker.flow->fast->ring, asking->user_code,
				 asking->device.asked_at_s + DEVICE_LIFE_S, asking->asker.arena);
	struct lk_str whole =
	    lk_arena_printf(asking->asker.arena, "%.*s?user_code=%.*s.%.*s", LK_STR_ARGS(plain),
			    LK_STR_ARGS(shown), LK_STR_ARGS(proof));

	if (shown.ptr == NULL || plain.ptr == NULL || proof.ptr == NULL || whole.ptr == NULL)
		return LK_E_MEMORY;
	payload_begin(&res->body);
	payload_text(&res->body, "device_code", asking->device_code);
	payload_text(&res->body, "user_code", shown);
	payload_text(&res->body, "verification_uri", plain);
	payload_text(&res->body, "verification_uri_complete", whole);
	payload_number(&res->body, "expires_in", DEVICE_LIFE_S);
	payload_number(&res->body, "interval", DEVICE_INTERVAL_S);
	payload_end(&res->body);
	reply_json(res, 200);
	return lk_buf_is_ok(&res->body) ? LK_OK : LK_E_MEMORY;
}

enum lk_err
device_authorization_run(struct flow *flow, const struct req *req,
			 const struct store_answer *stored, struct res *res)
{
	struct asking asking = {.req = req};
	enum lk_err err = client_authenticate(flow->fast, req, &asking.client);

	(void)stored;
	asker_of_req(flow, req, &asking.asker);
	if (err == LK_OK)
		err = client_spend(flow, req, &asking.client);
	if (err == LK_OK)
		err = client_check(&asking);
	if (err == LK_OK)
		err = scope_read(&asking);
	if (err == LK_OK)
		err = audience_read(&asking);
	if (err == LK_OK)
		err = keep(&asking);
	return err == LK_OK ? answer(&asking, res) : err;
}
