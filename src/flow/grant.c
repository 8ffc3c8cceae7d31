/* SPDX-License-Identifier: MIT */
#include "flow/grant.h"

#include "base/json.h"
#include "flow/authorize_ask.h"
#include "flow/claims.h"
#include "flow/pairwise.h"
#include "flow/scope.h"
#include "policy/claims.h"

#define EVERY_PROOF (STORE_PROOF_PASSWORD | STORE_PROOF_TOTP | STORE_PROOF_RECOVERY)

struct lk_str
grant_acr(unsigned proofs)
{
	unsigned second = STORE_PROOF_TOTP | STORE_PROOF_RECOVERY | STORE_PROOF_DEVICE;

	if ((proofs & STORE_PROOF_PASSWORD) != 0 && (proofs & second) != 0)
		return LK_STR(AUTHORIZE_ACR_TWO_STEP);
	return LK_STR(AUTHORIZE_ACR_PASSWORD);
}

enum lk_err
grant_sub(const struct fast *fast, const struct policy_application *application,
	  struct lk_str person_id, struct lk_arena *arena, struct lk_str *out)
{
	if (application->subject == POLICY_SUBJECT_PAIRWISE)
		return pairwise_sub(fast->pairwise, lk_str_c(application->client_id), person_id,
				    arena, out);
	*out = person_id;
	return LK_OK;
}

/* --- what may be told ----------------------------------------------------------------------- */

/* Scopes that single claims belong to come along, so that those can be told. */
static struct lk_str
scope_widen(const struct fast *fast, struct lk_str scope, struct lk_str names,
	    struct lk_arena *arena)
{
	size_t count;
	const struct policy_claim *claims = policy_claims(fast->policy, &count);
	struct lk_str wide = scope.ptr == NULL ? LK_STR("") : scope;

	for (size_t i = 0; wide.ptr != NULL && i < count; i++) {
		struct lk_str name = lk_str_c(claims[i].name);

		name.len = lk_str_find(name, '.');
		if (scope_has(names, name))
			wide = scope_with(wide, lk_str_c(claims[i].scope), arena);
	}
	return wide;
}

/* json: all there is; NULL: read it from the directory. */
static enum lk_err
claims_fill(const struct asker *asker, const struct subject *subject,
	    const struct policy_application *application, const struct lk_str *kept,
	    struct store_grant *grant)
{
	struct lk_arena *arena = asker->arena;
	struct lk_str single, names, wide, json = kept == NULL ? LK_STR("") : *kept;
	enum lk_err err = LK_OK;

	single = lk_arena_printf(arena, "%.*s %.*s", LK_STR_ARGS(grant->id_claims),
				 LK_STR_ARGS(grant->user_claims));
	wide = scope_widen(asker->flow->fast, grant->scope, single, arena);
	if (single.ptr == NULL || wide.ptr == NULL)
		return LK_E_MEMORY;
	if (kept == NULL)
		err = claims_make(asker, subject, application, wide, &json);
	if (err == LK_OK)
		err = claims_names(asker->flow->fast->policy, arena, grant->scope, single, &names);
	if (err == LK_OK && json.len > 0)
		err = claims_narrow(arena, json, names, &grant->claims);
	else if (err == LK_OK)
		grant->claims = LK_STR("{}");
	return err;
}

/* --- made ----------------------------------------------------------------------------------- */

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* A grant goes with its session, unless the application may act while nobody is there. */
static void
lives_fill(const struct asker *asker, const struct grant_wish *wish, struct store_grant *out)
{
	const struct policy_application *application = wish->application;
	int64_t ends_at_s = asker->now_s + application->refresh_life_s;

	out->is_offline = scope_has_c(wish->scope, "offline_access");
	out->began_at_s = asker->now_s;
	if (!out->is_offline)
		ends_at_s = least(ends_at_s, wish->session->ends_at_s);
	if (!out->is_offline && application->session_max_s > 0)
		ends_at_s = least(ends_at_s, wish->session->auth_at_s + application->session_max_s);
	out->ends_at_s = ends_at_s;
}

enum lk_err
grant_make(const struct asker *asker, const struct subject *subject, const struct grant_wish *wish,
	   struct store_grant *out)
{
	const struct store_session *session = wish->session;
	const struct policy_application *application = wish->application;
	struct lk_str sub;
	enum lk_err err;

	if (!gate_pass_check(wish->pass, subject, GATE_GRANT) ||
	    !lk_str_is_equal(session->person_id, subject->person.id))
		return LK_E_BROKEN;
	err = grant_sub(asker->flow->fast, application, subject->person.id, asker->arena, &sub);
	if (err != LK_OK)
		return err;
	*out = (struct store_grant){
	    .revision = 1,
	    .epoch = wish->epoch,
	    .auth_at_s = session->auth_at_s,
	    .proofs = wish->pass->shown,
	    .person_id = subject->person.id,
	    .sid = session->sid,
	    .client_id = lk_str_c(application->client_id),
	    .sub = sub,
	    .username = subject->person.username,
	    .scope = wish->scope,
	    .audience = wish->audience,
	    .id_claims = wish->id_claims,
	    .user_claims = wish->user_claims,
	    .acr = grant_acr(wish->pass->shown),
	};
	lives_fill(asker, wish, out);
	return claims_fill(asker, subject, application, wish->is_kept ? &session->claims : NULL,
			   out);
}

/* --- looked at again ------------------------------------------------------------------------ */

enum lk_err
grant_gate_ask(const struct asker *asker, const struct subject *subject,
	       const struct store_grant *grant, struct gate_answer *out)
{
	struct gate_question question = {
	    .purpose = GATE_GRANT,
	    .shown = grant->proofs,
	    .has = EVERY_PROOF,
	    .is_in_grace = true, /* let in, they were */
	    .application = grant->client_id,
	};
	struct gate_answer answer;
	struct dir_factors factors;
	enum lk_err err;

	gate_ask(asker, subject, &question, &answer);
	if (answer.verdict == GATE_MORE) {
		/* Enough all the same for somebody who has nothing else, where policy says so? */
		err = dir_factors_get(asker->flow->dir, &subject->person, &factors);
		if (err != LK_OK)
			return err;
		question.has = gate_has(&factors);
		gate_ask(asker, subject, &question, &answer);
	}
	*out = answer;
	return LK_OK;
}

static enum lk_err
gate_check(const struct asker *asker, const struct subject *subject,
	   const struct store_grant *grant)
{
	struct gate_answer answer;
	enum lk_err err = grant_gate_ask(asker, subject, grant, &answer);

	if (err != LK_OK)
		return err;
	if (gate_pass_check(&answer, subject, GATE_GRANT))
		return LK_OK;
	lk_why_add(asker->flow->call->why, "the gate says %s", lk_err_row(answer.why)->name);
	return LK_E_OAUTH_GRANT;
}

enum lk_err
grant_renew(const struct asker *asker, const struct grant_check *check, struct store_grant *grant,
	    struct subject *out_subject)
{
	struct subject subject;
	enum lk_err err = subject_get(asker, grant->person_id, &subject);

	if (err == LK_E_PERSON_NOT_FOUND)
		return LK_E_OAUTH_GRANT;
	if (err == LK_OK)
		err = gate_check(asker, &subject, grant);
	if (err == LK_OK)
		err = claims_fill(asker, &subject, check->application, NULL, grant);
	if (err == LK_E_DIRECTORY_DOWN && check->may_be_kept) {
		*out_subject = (struct subject){.is_known = true};
		out_subject->person.id = grant->person_id;
		out_subject->person.username = grant->username;
		return LK_OK;
	}
	if (err != LK_OK)
		return err == LK_E_PERSON_NOT_FOUND ? LK_E_OAUTH_GRANT : err;
	grant->username = subject.person.username;
	*out_subject = subject;
	return LK_OK;
}

/* --- kept ----------------------------------------------------------------------------------- */

static enum lk_err
groups_read(struct lk_str array, struct lk_arena *arena, struct dir_person *person)
{
	struct lk_json *document;
	struct lk_str *groups, name;
	enum lk_err err = lk_json_read(array, array.len, &document);
	size_t count;

	if (err != LK_OK)
		return err == LK_E_MEMORY ? err : LK_OK;
	count = lk_json_is_array(document) ? lk_json_count(document) : 0;
	groups = lk_arena_alloc(arena, (count + 1) * sizeof *groups);
	for (size_t i = 0; groups != NULL && i < count; i++) {
		if (lk_json_to_str(lk_json_at(document, i), &name))
			groups[person->group_count++] = lk_arena_dup(arena, name);
	}
	person->groups = groups;
	lk_json_free(document);
	return groups == NULL ? LK_E_MEMORY : LK_OK;
}

enum lk_err
grant_subject_kept(const struct store_session *session, struct lk_arena *arena, struct subject *out)
{
	struct lk_str groups;

	*out = (struct subject){.is_known = true, .key = session->person_id};
	out->person = (struct dir_person){
	    .id = session->person_id,
	    .username = session->username,
	    .display_name = session->display_name,
	    .language = session->language,
	    .state = DIR_OPEN,
	};
	if (!claims_find(session->claims, "groups", &groups))
		return LK_OK;
	return groups_read(groups, arena, &out->person);
}
