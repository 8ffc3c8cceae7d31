/* SPDX-License-Identifier: MIT */
#include "flow/client_auth.h"

#include "flow/client_basic.h"
#include "flow/client_memory.h"

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/* --- which way ------------------------------------------------------------------------------ */

static bool
has_basic(const struct req *req)
{
	struct lk_str header = req->header[HEADER_authorization];

	return header.len >= 6 && lk_str_is_equal_nocase(lk_str_n(header.ptr, 6), LK_STR("basic "));
}

/* Two ways at once: one of them may be somebody else's (RFC 6749 s2.3). */
static enum lk_err
shown_read(const struct req *req, struct client_shown *out)
{
	bool is_basic = has_basic(req), is_post = req->param[PARAM_client_secret].len > 0;
	bool is_signed = req->param[PARAM_client_assertion].len > 0;

	if (is_basic + is_post + is_signed > 1)
		return LK_E_OAUTH_REQUEST;
	*out = (struct client_shown){.way = POLICY_AUTH_NONE, .id = req->param[PARAM_client_id]};
	if (is_signed) {
		out->way = POLICY_AUTH_KEY;
		out->id = client_assertion_issuer(req);
		out->secret = req->param[PARAM_client_assertion];
		return LK_OK;
	}
	if (is_post) {
		out->way = POLICY_AUTH_POST;
		out->secret = req->param[PARAM_client_secret];
		return LK_OK;
	}
	if (!is_basic)
		return LK_OK;
	out->way = POLICY_AUTH_BASIC;
	if (!client_basic_read(req->header[HEADER_authorization], req->arena, &out->id,
			       &out->secret))
		return LK_E_OAUTH_CLIENT;
	if (req->param[PARAM_client_id].len > 0 &&
	    !lk_str_is_equal(out->id, req->param[PARAM_client_id]))
		return LK_E_OAUTH_REQUEST;
	return LK_OK;
}

/* The work that a known name costs, for one nobody has. */
static void
nobody_check(const struct fast *fast, const struct client_shown *shown)
{
	struct lk_str pieces[] = {shown->id, shown->secret};
	struct crypto_digest digest;

	crypto_digest_make(fast->ring, CRYPTO_APPLICATION, pieces, 2, &digest);
}

/* The commonest mistake of who sets up an application; told to the log alone. */
static void
way_log(const struct fast *fast, const struct req *req,
	const struct policy_application *application)
{
	lk_log(fast->log, LK_LOG_INFO, "client", lk_str_c(req->reference),
	       "%s: its secret is right, but was not sent the way its auth_method says",
	       application->client_id);
}

/* Whose secret it is, in whichever way it was sent; NULL: nobody's. */
static const struct policy_application *
secret_find(const struct fast *fast, const struct client_shown *shown)
{
	const struct policy_application *application =
	    policy_application_find(fast->policy, shown->id);
	bool is_right = false;

	if (application == NULL)
		nobody_check(fast, shown);
	else if (shown->way == POLICY_AUTH_NONE)
		is_right = application->is_public;
	else
		is_right = policy_application_secret_check(application, fast->ring, shown->secret,
							   lk_clock_wall_s(fast->clock));
	return is_right ? application : NULL;
}

static enum lk_err
secret_check(const struct fast *fast, const struct req *req, const struct client_shown *shown,
	     struct client *out)
{
	const struct policy_application *application = secret_find(fast, shown);

	if (application == NULL)
		return LK_E_OAUTH_CLIENT;
	if (application->auth_method != (int)shown->way) {
		way_log(fast, req, application);
		return LK_E_OAUTH_CLIENT;
	}
	out->application = application;
	return LK_OK;
}

/* What is right, of somebody who may not any more, is not. */
static enum lk_err
prove(const struct fast *fast, const struct req *req, const struct client_shown *shown,
      struct client *out)
{
	enum lk_err err = LK_E_OAUTH_CLIENT;

	if (shown->way != POLICY_AUTH_KEY)
		err = secret_check(fast, req, shown, out);
	else if (lk_str_is(req->param[PARAM_client_assertion_type], ASSERTION_TYPE))
		err = client_assertion_check(fast, req, shown->id, out);
	if (err == LK_OK &&
	    !policy_application_life_check(out->application, lk_clock_wall_s(fast->clock)))
		err = LK_E_OAUTH_CLIENT;
	return err;
}

/* Who shows nothing does not guess. */
static enum lk_err
prove_counted(const struct fast *fast, const struct req *req, const struct client_shown *shown,
	      struct client *out)
{
	enum lk_err err;

	if (shown->way == POLICY_AUTH_NONE)
		return prove(fast, req, shown, out);
	err = client_guess_check(fast, req, shown);
	if (err == LK_OK)
		err = prove(fast, req, shown, out);
	if (err != LK_E_OAUTH_CLIENT || out->is_key_unknown)
		return err;
	return client_guess_wrong(fast, req, shown);
}

/* out is begun whoever it is. */
static bool
remembered(const struct fast *fast, const struct req *req, struct client_memory_key *key,
	   struct client *out)
{
	*out = (struct client){.was_basic = has_basic(req)};
	out->application = client_memory_find(fast, req, key);
	return out->application != NULL;
}

enum lk_err
client_authenticate(const struct fast *fast, const struct req *req, struct client *out)
{
	struct client_memory_key key;
	struct client_shown shown;
	enum lk_err err;

	if (remembered(fast, req, &key, out))
		return LK_OK;
	err = shown_read(req, &shown);
	if (err == LK_OK)
		err = prove_counted(fast, req, &shown, out);
	if (err == LK_OK && shown.way != POLICY_AUTH_NONE)
		client_memory_keep(req, &key, out->application);
	if (err == LK_OK)
		return LK_OK;
	out->application = NULL;
	metric_count_client_refusals_total(fast->metrics, err, METRIC_NONE);
	return err;
}

/* Shown a second time: whoever goes on with it is not to be waited for. */
static enum lk_err
used(const struct flow *flow, const struct req *req, const struct client *client)
{
	struct client_shown shown = {
	    .way = POLICY_AUTH_KEY,
	    .id = lk_str_c(client->application->client_id),
	    .secret = req->param[PARAM_client_assertion],
	};
	enum lk_err err = client_guess_wrong(flow->fast, req, &shown);

	lk_why_add(flow->call->why, "assertion: shown before");
	metric_count_client_refusals_total(flow->fast->metrics, err, METRIC_NONE);
	return err;
}

bool
client_secret_check(const struct fast *fast, const struct req *req, struct client *out)
{
	struct client_memory_key key;
	struct client_shown shown;

	if (remembered(fast, req, &key, out))
		return true;
	if (shown_read(req, &shown) != LK_OK ||
	    (shown.way != POLICY_AUTH_BASIC && shown.way != POLICY_AUTH_POST) ||
	    client_guess_check(fast, req, &shown) != LK_OK)
		return false;
	out->application = secret_find(fast, &shown);
	if (out->application == NULL || out->application->auth_method != (int)shown.way ||
	    !policy_application_life_check(out->application, lk_clock_wall_s(fast->clock)))
		return false;
	client_memory_keep(req, &key, out->application);
	return true;
}

enum lk_err
client_spend(struct flow *flow, const struct req *req, const struct client *client)
{
	struct store_change change = {
	    .kind = STORE_SPEND,
	    .mark = STORE_MARK_ASSERTION,
	    .person_id = client->assertion_id,
	    .value = client->assertion,
	    .life_s = client->assertion_life_s,
	};
	struct store_result result;
	enum lk_err err;

	if (!client->has_assertion)
		return LK_OK;
	err = store_commit(flow->store, &change, 1, &result);
	if (err == LK_E_USED)
		return used(flow, req, client);
	if (err != LK_OK || client->assertion_from_s > result.epoch_began_at_s)
		return err;
	lk_why_add(flow->call->why, "assertion: older than what the store remembers");
	return LK_E_OAUTH_CLIENT;
}
