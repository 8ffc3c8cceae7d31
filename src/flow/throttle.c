/* SPDX-License-Identifier: MIT */
#include "flow/throttle.h"

#include "flow/trail.h"

#define KILOBYTE 1024u
#define MINUTE_S 60

enum lk_err
throttle_address_check(const struct asker *asker, const struct store_answer *stored)
{
	struct policy_lockout lockout;

	policy_lockout_ask(asker->flow->fast->policy, &lockout);
	if (stored->address_wrong_count < (uint32_t)lockout.address_wrong_per_minute)
		return LK_OK;
	return throttle_too_fast(asker);
}

void
throttle_waiting(const struct asker *asker, size_t bytes, struct store_change *out)
{
	struct policy_lockout lockout;

	policy_lockout_ask(asker->flow->fast->policy, &lockout);
	*out = (struct store_change){
	    .kind = STORE_WAITING_COUNT,
	    .key = &asker->address_key,
	    .value = 1 + bytes / KILOBYTE,
	    .max = (uint32_t)lockout.address_waiting_per_minute,
	    .life_s = MINUTE_S,
	};
}

enum lk_err
throttle_too_fast(const struct asker *asker)
{
	asker->flow->detail = (struct flow_detail){.until_s = asker->now_s + MINUTE_S};
	return LK_E_SIGNIN_TOO_FAST;
}

static enum store_scope
scope_of(const struct subject *subject, const struct attempt_what *what)
{
	if (what->kind == ATTEMPT_USER_CODE)
		return STORE_SCOPE_USER_CODE;
	if (what->kind == ATTEMPT_PASSWORD)
		return subject->is_on_known_device ? STORE_SCOPE_DEVICE : STORE_SCOPE_STRANGER;
	if (subject->is_on_known_device)
		return STORE_SCOPE_CODE_DEVICE;
	return (what->shown & STORE_PROOF_PASSWORD) != 0 ? STORE_SCOPE_CODE_SECOND
							 : STORE_SCOPE_CODE;
}

static bool
scope_is_of_passwords(uint8_t scope)
{
	return scope == STORE_SCOPE_STRANGER || scope == STORE_SCOPE_DEVICE;
}

static void
limits_of(const struct policy_lockout *lockout, struct store_try *out)
{
	bool is_password = scope_is_of_passwords((uint8_t)out->scope);
	int limit = lockout->wrong_codes;

	if (out->scope == STORE_SCOPE_STRANGER)
		limit = lockout->wrong_passwords;
	else if (out->scope == STORE_SCOPE_DEVICE)
		limit = lockout->device_wrong_passwords;
	out->limit_count = (uint32_t)limit;
	out->window_s = is_password ? lockout->window_s : lockout->code_window_s;
	out->lock_s = is_password ? lockout->lock_s : lockout->code_lock_s;
}

/*
 * A wrong password is wrong only as long as the right one stays: after a change, whoever made it,
 * the same answer is a new one.
 */
static void
answer_of(const struct asker *asker, const struct subject *subject, const struct lk_secret *secret,
	  struct crypto_digest *out)
{
	int64_t changed_at_s = subject->person.password_changed_at_s;
	struct lk_str pieces[] = {subject->key,
				  {(const char *)&changed_at_s, sizeof(changed_at_s)}};

	crypto_digest_secret(asker->flow->fast->ring, CRYPTO_WRONG_PASSWORD,
			     (struct crypto_pieces){pieces, 2}, secret, out);
}

static enum lk_err
locked(const struct asker *asker, const struct attempt *attempt)
{
	bool is_of_passwords = scope_is_of_passwords((uint8_t)attempt->attempt.scope);

	asker->flow->detail = (struct flow_detail){
	    .from_s = attempt->state.locked_at_s,
	    .until_s = attempt->state.locked_until_s,
	    .count = is_of_passwords ? attempt->attempt.limit_count : 0,
	};
	return is_of_passwords ? LK_E_ACCOUNT_LOCKED : LK_E_CODE_LOCKED;
}

enum lk_err
throttle_begin(const struct asker *asker, const struct subject *subject,
	       const struct attempt_what *what, struct attempt *out)
{
	struct attempt attempt = {.attempt = {
				      .scope = scope_of(subject, what),
				      .person_id = subject->key,
				      .address = asker->address_key,
				  }};
	struct policy_lockout lockout;
	enum lk_err err;

	policy_lockout_ask(asker->flow->fast->policy, &lockout);
	limits_of(&lockout, &attempt.attempt);
	answer_of(asker, subject, what->secret, &attempt.attempt.answer);
	err = store_try_begin(asker->flow->store, &attempt.attempt, &attempt.state);
	if (err != LK_OK)
		return err;
	if (attempt.state.is_locked)
		return locked(asker, &attempt);
	*out = attempt;
	return LK_OK;
}

static enum metric_cause
cause_of(enum store_scope scope)
{
	if (scope == STORE_SCOPE_STRANGER)
		return METRIC_CAUSE_password;
	return scope == STORE_SCOPE_DEVICE ? METRIC_CAUSE_password_known_device : METRIC_CAUSE_code;
}

enum lk_err
throttle_end(const struct asker *asker, const struct subject *subject, struct attempt *attempt,
	     enum store_try_outcome outcome)
{
	enum lk_err err =
	    store_try_end(asker->flow->store, &attempt->attempt, outcome, &attempt->state);

	if (err != LK_OK || outcome != STORE_TRY_WRONG || !attempt->state.is_locked)
		return err;
	metric_count_locks_total(asker->flow->fast->metrics, cause_of(attempt->attempt.scope),
				 METRIC_NONE);
	err = locked(asker, attempt);
	if (trail_event(asker, subject, AUDIT_LOCKED, err) != LK_OK)
		return LK_E_AUDIT_DOWN;
	return err;
}
