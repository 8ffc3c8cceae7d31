/* SPDX-License-Identifier: MIT */
/* How an authorization ends: with a code, or with a no, and the same again when asked twice. */
#include "flow/authorize_inside.h"
#include "flow/consent.h"
#include "flow/grant.h"
#include "flow/session.h"
#include "flow/token_text.h"
#include "flow/trail.h"

#define CODE_LIFE_S 60
#define NONCE_BYTES 16u

/* --- the code ------------------------------------------------------------------------------- */

/* Made from what is kept, so that pressing twice gives one code, and from the session's cookie, so
 * that what is kept makes none. */
static struct lk_str
code_of(const struct authorizing *on, struct lk_str nonce)
{
	struct lk_str pieces[] = {nonce, on->asker.session};
	struct crypto_digest digest;

	crypto_digest_make(on->flow->fast->ring, CRYPTO_CODE_MAKE, pieces, 2, &digest);
	return token_code_make(&digest, on->asker.arena);
}

static struct lk_str
nonce_make(struct lk_arena *arena)
{
	char bytes[NONCE_BYTES];

	crypto_random(bytes, sizeof bytes);
	return lk_arena_dup(arena, lk_str_n(bytes, sizeof bytes));
}

static enum lk_err
code_fill(struct authorizing *on, struct store_code *out)
{
	struct grant_wish wish = {
	    .pass = &on->pass,
	    .application = on->ask.application,
	    .session = &on->stored->session,
	    .scope = on->ask.scope,
	    .audience = on->ask.audience,
	    .id_claims = on->ask.id_claims,
	    .user_claims = on->ask.user_claims,
	    .epoch = on->stored->epoch,
	    .is_kept = on->is_kept,
	};

	*out = (struct store_code){
	    .redirect_uri = on->ask.redirect_uri,
	    .challenge = on->ask.challenge,
	    .nonce = on->ask.nonce,
	    .ends_at_s = on->asker.now_s + CODE_LIFE_S,
	    .was_redirect_sent = true,
	};
	return grant_make(&on->asker, &on->subject, &wish, &out->grant);
}

/* --- told ----------------------------------------------------------------------------------- */

static enum lk_err
audit(struct authorizing *on, enum audit_event event)
{
	struct trail trail = {
	    .event = event,
	    .actor = lk_str_c(on->ask.application->client_id),
	    .session = session_label(&on->asker, on->asker.session),
	    .detail = lk_arena_printf(on->asker.arena, "scope: %.*s%s", LK_STR_ARGS(on->ask.scope),
				      on->is_allowed ? "; asked" : ""),
	};
	struct subject subject = {.is_known = true};

	subject.person.id = on->stored->session.person_id;
	subject.person.username = on->stored->session.username;
	return trail_write(&on->asker, &subject, &trail);
}

/* --- ends ----------------------------------------------------------------------------------- */

/* The other press of a button was quicker: its answer is the answer. */
static enum lk_err
other_repeat(struct authorizing *on)
{
	enum lk_err err = on->is_waiting
			      ? authorize_pending_get(&on->asker, on->req->path, &on->pending)
			      : LK_E_STORE_CONFLICT;

	if (err != LK_OK)
		return err;
	return on->pending.journey.state == STATE_DONE ? authorize_repeat(on) : LK_E_FORM_STALE;
}

static enum lk_err
finish(struct authorizing *on, const struct store_change *first, enum lk_err result)
{
	struct store_change changes[2];
	struct store_result stored;
	size_t count = 0;
	enum lk_err err = LK_OK;

	if (first != NULL)
		changes[count++] = *first;
	if (on->is_waiting) {
		on->pending.journey.result = (uint32_t)result;
		err = authorize_pending_done(&on->asker, &on->pending, &changes[count++]);
	}
	if (err != LK_OK || count == 0)
		return err;
	return store_commit(on->flow->store, changes, count, &stored);
}

static bool
is_asking(const struct authorizing *on)
{
	return on->ask.application->consent == POLICY_CONSENT_ASK;
}

/*
 * Given without a question, for what was allowed once: still so, now that the code is there to be
 * ended? Whoever takes it back takes first what is remembered, then the codes.
 */
static enum lk_err
allowed_check(const struct authorizing *on)
{
	if (on->is_allowed || !is_asking(on))
		return LK_OK;
	return consent_check(&on->asker, &on->subject, lk_str_c(on->ask.application->client_id),
			     on->ask.told);
}

/* Asked because the application is one that asks: not again for the same. */
static void
remember(const struct authorizing *on)
{
	if (on->is_allowed && is_asking(on))
		consent_remember(&on->asker, &on->subject, lk_str_c(on->ask.application->client_id),
				 on->ask.told);
}

enum lk_err
authorize_give(struct authorizing *on)
{
	struct lk_str nonce = nonce_make(on->asker.arena), text = code_of(on, nonce);
	struct crypto_digest key;
	struct store_code code;
	struct store_change put = {
	    .kind = STORE_CODE_PUT, .key = &key, .code = &code, .life_s = CODE_LIFE_S};
	enum lk_err err = code_fill(on, &code);

	if (err != LK_OK || nonce.ptr == NULL || text.ptr == NULL)
		return err == LK_OK ? LK_E_MEMORY : err;
	token_key(on->flow->fast->ring, text, &key);
	on->pending.journey.nonce = nonce;
	err = finish(on, &put, LK_OK);
	if (err == LK_E_STORE_CONFLICT)
		return other_repeat(on);
	if (err == LK_OK)
		err = allowed_check(on);
	if (err != LK_OK)
		return err;
	remember(on);
	err = audit(on, AUDIT_AUTHORIZED);
	return err == LK_OK ? authorize_reply_code(on, text) : err;
}

enum lk_err
authorize_deny(struct authorizing *on)
{
	enum lk_err err = finish(on, NULL, LK_E_OAUTH_DENIED);

	if (err == LK_E_STORE_CONFLICT)
		return other_repeat(on);
	if (err == LK_OK)
		err = audit(on, AUDIT_AUTHORIZE_DENIED);
	return err == LK_OK ? authorize_reply_error(on, LK_E_OAUTH_DENIED) : err;
}

enum lk_err
authorize_repeat(struct authorizing *on)
{
	enum lk_err result = (enum lk_err)on->pending.journey.result;
	struct lk_str code;
	enum lk_err err;

	if (result != LK_OK)
		return authorize_reply_error(on, result);
	code = code_of(on, on->pending.journey.nonce);
	if (code.ptr == NULL)
		return LK_E_MEMORY;
	err = audit(on, AUDIT_AUTHORIZED);
	return err == LK_OK ? authorize_reply_code(on, code) : err;
}
