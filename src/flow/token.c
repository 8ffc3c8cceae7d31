/* SPDX-License-Identifier: MIT */
/*
 * The token endpoint: codes, refresh tokens and robots.
 *
 * Time: for a person, of the directory three searches (entry, groups, what is told); of the store a
 * read or two and one commit; a signature for an id token.
 */
#include "exchange/reply.h"
#include "flow/gate.h"
#include "flow/handlers.h"
#include "flow/scope.h"
#include "flow/token_ask.h"
#include "flow/trail.h"

#define REMEMBERED_S 60
#define MARK_BYTES   16u

/* --- robots --------------------------------------------------------------------------------- */

/* What it may have: all that is decided here. */
static enum lk_err
robot_check(const struct token_ask *ask, struct token_give *out)
{
	const struct policy_application *robot = ask->client.application;
	struct lk_str rest = ask->req->param[PARAM_resource], one;
	enum lk_err err = gate_robot_check(ask->asker.flow->fast, robot, ask->asker.address,
					   ask->asker.flow->call->why);

	if (err != LK_OK)
		return err;
	*out = (struct token_give){.metric = METRIC_GRANT_client, .audience = rest};
	err = policy_application_scopes_narrow(robot, ask->req->param[PARAM_scope],
					       ask->asker.arena, &out->scope);
	if (err == LK_E_FORMAT ||
	    (err == LK_OK && !scope_is_within(ask->req->param[PARAM_scope], out->scope)))
		return LK_E_OAUTH_SCOPE;
	while (err == LK_OK && scope_next(&rest, &one)) {
		if (!policy_resource_check(ask->asker.flow->fast->policy, one))
			return LK_E_OAUTH_TARGET;
	}
	return err;
}

enum lk_err
token_robot(struct token_ask *ask)
{
	struct token_give giving;
	enum lk_err err = robot_check(ask, &giving);

	if (err != LK_OK)
		return err;
	token_selector_make(&giving.selector);
	return token_give(ask, &giving);
}

bool
token_robot_prepare(struct token_ask *ask, struct flow_prepared *out)
{
	struct token_give giving;

	return ask->client.application->access_token == POLICY_TOKEN_OPAQUE &&
	       robot_check(ask, &giving) == LK_OK && token_give_prepare(ask, &giving, out);
}

/* --- which grant ---------------------------------------------------------------------------- */

struct grant_type {
	const char *name;
	bool is_for_robots;
	enum lk_err (*run)(struct token_ask *ask);
	bool (*prepare)(struct token_ask *ask, struct flow_prepared *out); /* NULL: never */
};
static const struct grant_type types[] = {
    {"authorization_code", false, token_code, NULL},
    {"refresh_token", false, token_refresh, NULL},
    {"client_credentials", true, token_robot, token_robot_prepare},
    {"urn:ietf:params:oauth:grant-type:device_code", false, token_device, NULL},
};

static const struct grant_type *
type_find(struct lk_str name)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		if (lk_str_is(name, types[i].name))
			return &types[i];
	}
	return NULL;
}

static bool
may_use(const struct token_ask *ask, const struct grant_type *type)
{
	int kind = ask->client.application->kind;

	return kind != POLICY_RESOURCE_SERVER && type->is_for_robots == (kind == POLICY_ROBOT);
}

static enum lk_err
run(struct token_ask *ask)
{
	struct lk_str name = ask->req->param[PARAM_grant_type];
	const struct grant_type *type = type_find(name);

	if (name.len == 0) {
		ask->wrong = "grant_type is missing.";
		return LK_E_OAUTH_REQUEST;
	}
	if (type == NULL)
		return LK_E_OAUTH_GRANT_TYPE;
	return may_use(ask, type) ? type->run(ask) : LK_E_OAUTH_UNAUTHORIZED;
}

/* --- refusals -------------------------------------------------------------------------------- */

/* Whoever tries to be an application and is none is remembered. */
static enum lk_err
audit(const struct token_ask *ask, enum lk_err err)
{
	struct trail trail = {
	    .event = AUDIT_TOKEN_REFUSED,
	    .result = err,
	    .actor = ask->req->param[PARAM_client_id],
	};

	if (ask->client.application != NULL)
		trail.actor = lk_str_c(ask->client.application->client_id);
	return trail_write(&ask->asker, NULL, &trail);
}

/* Once a minute for each address and application: a stranger shall not fill the disk. */
static bool
is_new(const struct token_ask *ask, enum lk_err err)
{
	const struct policy_application *application = ask->client.application;
	struct lk_str pieces[] = {
	    lk_str_n((const char *)ask->asker.address_key.bytes, CRYPTO_DIGEST_BYTES),
	    lk_str_c(application == NULL ? "" : application->client_id),
	    lk_str_c(lk_err_row(err)->name),
	};
	struct crypto_digest digest;
	struct store_change change = {
	    .kind = STORE_SPEND, .mark = STORE_MARK_ASSERTION, .life_s = REMEMBERED_S};
	struct store_result result;

	crypto_digest_make(ask->asker.flow->fast->ring, CRYPTO_ADDRESS, pieces, 3, &digest);
	memcpy(&change.value, digest.bytes, sizeof change.value);
	change.person_id = crypto_base64url_make(
	    lk_str_n((const char *)digest.bytes + sizeof change.value, MARK_BYTES),
	    ask->asker.arena);
	return change.person_id.ptr == NULL ||
	       store_commit(ask->asker.flow->store, &change, 1, &result) != LK_E_USED;
}

static bool
is_told(enum lk_err err)
{
	return err == LK_E_OAUTH_CLIENT || err == LK_E_OAUTH_GRANT ||
	       err == LK_E_OAUTH_UNAUTHORIZED;
}

static void
ask_begin(struct flow *flow, const struct req *req, struct token_ask *ask)
{
	asker_of_program(flow, req, &ask->asker);
	ask->asker.door = LK_STR("token");
}

/* Whoever shows a signed assertion, or what is wrong, waits for its being spent or counted. */
bool
token_prepare(const struct fast *fast, const struct req *req, struct flow_prepared *out,
	      struct res *res)
{
	struct token_ask ask = {.req = req, .res = res};
	const struct grant_type *type = type_find(req->param[PARAM_grant_type]);
	struct lk_why why; /* a lane finds them again */
	struct lk_call call = {fast->clock, req->arena, &why, req->deadline_mono_ms};
	struct flow flow = {.fast = fast, .call = &call};

	lk_why_clear(&why);
	if (type == NULL || type->prepare == NULL || !client_secret_check(fast, req, &ask.client) ||
	    !may_use(&ask, type))
		return false;
	ask_begin(&flow, req, &ask);
	return type->prepare(&ask, out);
}

enum lk_err
token_run(struct flow *flow, const struct req *req, const struct store_answer *stored,
	  struct res *res)
{
	struct token_ask ask = {.req = req, .res = res};
	enum lk_err err = client_authenticate(flow->fast, req, &ask.client);

	(void)stored;
	ask_begin(flow, req, &ask);
	if (err == LK_OK)
		err = client_spend(flow, req, &ask.client);
	if (err == LK_OK)
		err = run(&ask);
	if (is_told(err) && is_new(&ask, err) && audit(&ask, err) != LK_OK)
		err = LK_E_AUDIT_DOWN;
	if (err == LK_OK || lk_err_row(err)->fault == LK_FAULT_OURS)
		return err;
	reply_oauth(res, err, lk_str_c(ask.wrong));
	return LK_OK;
}
