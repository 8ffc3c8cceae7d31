/* SPDX-License-Identifier: MIT */
#include "flow/prove.h"

#include "flow/digits.h"
#include "flow/pairwise.h"
#include "flow/throttle.h"
#include "flow/trail.h"
#include "policy/password.h"

/*
 * A used recovery code is deleted in the directory too. Where that could not be done (read-only,
 * down, restored from a copy), this mark alone keeps it used, so it lives longer than anybody
 * would leave a directory like that.
 */
#define RECOVERY_MARK_LIFE_S (400 * 86400)

/* --- password ------------------------------------------------------------------------------- */

static enum lk_err
password_wrong(const struct asker *asker, const struct subject *subject, struct attempt *attempt)
{
	enum lk_err err = throttle_end(asker, subject, attempt, STORE_TRY_WRONG);

	metric_count_proofs_total(asker->flow->fast->metrics, METRIC_METHOD_password,
				  LK_E_SIGNIN_WRONG);
	return err == LK_OK ? LK_E_SIGNIN_WRONG : err;
}

/* The directory refuses a locked account's password, right or wrong; only its owner may know. */
static enum lk_err
password_look(const struct asker *asker, const struct subject *subject,
	      const struct lk_secret *password, struct dir_password_answer *out)
{
	struct dir *dir = asker->flow->dir;
	const struct dir_person *person = subject_person(subject);
	bool is_right = false;
	enum lk_err err = dir_password_check(dir, person, password, out);

	if (err != LK_OK || out->verdict != DIR_PASSWORD_LOCKED)
		return err;
	if (person != NULL)
		err = dir_password_check_locked(dir, person, password, &is_right);
	if (!is_right)
		out->verdict = DIR_PASSWORD_WRONG;
	return err;
}

static enum lk_err
password_try(const struct asker *asker, const struct subject *subject,
	     const struct lk_secret *password, struct dir_password_answer *out)
{
	struct attempt_what what = {ATTEMPT_PASSWORD, 0, password};
	struct attempt attempt;
	enum lk_err err = throttle_begin(asker, subject, &what, &attempt);

	if (err != LK_OK)
		return err;
	if (attempt.state.is_known_wrong)
		return password_wrong(asker, subject, &attempt);
	err = password_look(asker, subject, password, out);
	if (err != LK_OK) {
		(void)!throttle_end(asker, subject, &attempt, STORE_TRY_UNDECIDED);
		return err;
	}
	if (out->verdict == DIR_PASSWORD_WRONG)
		return password_wrong(asker, subject, &attempt);
	metric_count_proofs_total(asker->flow->fast->metrics, METRIC_METHOD_password, LK_OK);
	return throttle_end(asker, subject, &attempt, STORE_TRY_RIGHT);
}

enum lk_err
prove_password(const struct asker *asker, const struct subject *subject,
	       const struct lk_secret *password, struct dir_password_answer *out)
{
	const struct lk_secret *normal = NULL;
	struct dir_password_answer answer = {0};
	enum lk_err err = LK_E_PASSWORD_TEXT;

	if (password != NULL)
		err = policy_password_normalise(asker->arena, password, &normal);
	if (err == LK_E_PASSWORD_TEXT)
		normal = password; /* nobody's password: as wrong as any other */
	else if (err != LK_OK)
		return err;
	if (normal == NULL)
		return LK_E_SIGNIN_WRONG;
	err = password_try(asker, subject, normal, &answer);
	if (err == LK_OK)
		*out = answer;
	return err;
}

/* --- codes ---------------------------------------------------------------------------------- */

static enum lk_err
code_wrong(const struct asker *asker, const struct subject *subject, struct attempt *attempt,
	   enum lk_err why)
{
	enum lk_err err = throttle_end(asker, subject, attempt, STORE_TRY_WRONG);

	return err == LK_OK ? why : err;
}

/* Ends the try as err says; right ones are given back. */
static enum lk_err
code_end(const struct asker *asker, const struct subject *subject, struct attempt *attempt,
	 enum lk_err err)
{
	enum lk_err end_err;

	if (err == LK_E_CODE_WRONG || err == LK_E_CODE_CLOCK || err == LK_E_RECOVERY_WRONG)
		return code_wrong(asker, subject, attempt, err);
	end_err = throttle_end(asker, subject, attempt,
			       err == LK_OK ? STORE_TRY_RIGHT : STORE_TRY_UNDECIDED);
	return err == LK_OK ? end_err : err;
}

/* What stands in the store for something spent. */
static uint64_t
mark_of_digest(const struct crypto_digest *digest)
{
	uint64_t value = 0;

	for (size_t i = 0; i < sizeof(value); i++)
		value = value << 8 | digest->bytes[i];
	return value;
}

static enum lk_err
seed_open(const struct asker *asker, const struct subject *subject,
	  const struct dir_factors *factors, struct lk_secret **out)
{
	enum lk_err err;

	*out = NULL;
	if (factors->totp_sealed.len == 0) {
		lk_why_add(asker->flow->call->why, "there is no authenticator");
		return LK_OK;
	}
	err = crypto_open(asker->flow->fast->ring, subject->person.id, factors->totp_sealed,
			  asker->arena, out);
	if (err != LK_E_FORMAT)
		return err;
	lk_why_add(asker->flow->call->why, "the authenticator's seal does not open");
	return LK_E_BROKEN;
}

/*
 * A step of one seed, not of one person: a new authenticator's first code is another code than the
 * old one's of the same half minute.
 */
uint64_t
prove_totp_mark(const struct asker *asker, const struct lk_secret *seed, int64_t step)
{
	struct lk_str piece = {(const char *)&step, sizeof(step)};
	struct crypto_digest digest;

	crypto_digest_secret(asker->flow->fast->ring, CRYPTO_ANSWER,
			     (struct crypto_pieces){&piece, 1}, seed, &digest);
	return mark_of_digest(&digest);
}

/* Codes from before this life of the store may have been used already. */
static bool
is_before_epoch(int64_t step, int64_t epoch_began_at_s)
{
	return epoch_began_at_s != 0 && step <= epoch_began_at_s / CRYPTO_TOTP_STEP_S + 1;
}

static enum lk_err
totp_look(const struct asker *asker, const struct subject *subject, const struct prove_code *prove,
	  struct proven_code *out)
{
	struct lk_secret *seed;
	int64_t step = 0, off_s = 0;
	enum lk_err err = dir_factors_get(asker->flow->dir, subject_person(subject), &out->factors);

	if (err == LK_OK)
		err = seed_open(asker, subject, &out->factors, &seed);
	if (err != LK_OK)
		return err;
	err = crypto_totp_check(seed, prove->typed, asker->now_s, &step, &off_s);
	if (err == LK_E_CODE_CLOCK)
		asker->flow->detail.count = (uint32_t)((off_s < 0 ? -off_s : off_s) + 59) / 60;
	if (err != LK_OK)
		return err;
	if (is_before_epoch(step, prove->epoch_began_at_s))
		return LK_E_CODE_USED;
	out->mark = STORE_MARK_TOTP;
	out->value = prove_totp_mark(asker, seed, step);
	return LK_OK;
}

enum lk_err
prove_totp(const struct asker *asker, const struct subject *subject, const struct prove_code *prove,
	   struct proven_code *out)
{
	struct attempt_what what = {ATTEMPT_CODE, prove->shown, prove->typed};
	struct proven_code proven = {0};
	struct attempt attempt;
	enum lk_err err = digits_check(prove->typed);

	if (err == LK_OK)
		err = throttle_begin(asker, subject, &what, &attempt);
	if (err != LK_OK)
		return err;
	err = totp_look(asker, subject, prove, &proven);
	metric_count_proofs_total(asker->flow->fast->metrics, METRIC_METHOD_totp, err);
	err = code_end(asker, subject, &attempt, err);
	if (err == LK_OK)
		*out = proven;
	return err;
}

static uint64_t
mark_of(const struct asker *asker, struct lk_str hash)
{
	struct crypto_digest digest;

	crypto_digest_make(asker->flow->fast->ring, CRYPTO_ANSWER, &hash, 1, &digest);
	return mark_of_digest(&digest);
}

static enum lk_err
recovery_look(const struct asker *asker, const struct subject *subject,
	      const struct lk_secret *code, struct proven_code *out)
{
	size_t index = 0;
	enum lk_err err = dir_factors_get(asker->flow->dir, subject_person(subject), &out->factors);

	if (err == LK_OK)
		err = crypto_recovery_check(code, out->factors.recovery,
					    out->factors.recovery_count, &index);
	if (err != LK_OK)
		return err;
	out->mark = STORE_MARK_RECOVERY;
	out->recovery_hash = out->factors.recovery[index];
	out->value = mark_of(asker, out->recovery_hash);
	return LK_OK;
}

enum lk_err
prove_recovery(const struct asker *asker, const struct subject *subject,
	       const struct prove_code *prove, struct proven_code *out)
{
	struct attempt_what what = {ATTEMPT_CODE, prove->shown, prove->typed};
	struct proven_code proven = {0};
	struct attempt attempt;
	struct lk_secret *code;
	enum lk_err err;

	if (prove->typed == NULL || lk_secret_len(prove->typed) == 0)
		return LK_E_RECOVERY_EMPTY;
	code = crypto_recovery_normalise(asker->arena, prove->typed);
	if (code != NULL)
		what.secret = code;
	err = throttle_begin(asker, subject, &what, &attempt);
	if (err != LK_OK)
		return err;
	err = recovery_look(asker, subject, code, &proven);
	metric_count_proofs_total(asker->flow->fast->metrics, METRIC_METHOD_recovery, err);
	err = code_end(asker, subject, &attempt, err);
	if (err == LK_OK)
		*out = proven;
	return err;
}

void
prove_spend(const struct subject *subject, const struct proven_code *code, struct store_change *out)
{
	*out = (struct store_change){
	    .kind = STORE_SPEND,
	    .person_id = subject->person.id,
	    .mark = code->mark,
	    .value = code->value,
	    .life_s = code->mark == STORE_MARK_TOTP ? PROVE_TOTP_MARK_LIFE_S : RECOVERY_MARK_LIFE_S,
	};
}

static enum lk_err
seal_renew(const struct asker *asker, const struct subject *subject,
	   const struct dir_factors *factors)
{
	struct lk_secret *seed;
	struct lk_str sealed;
	enum lk_err err = seed_open(asker, subject, factors, &seed);

	if (err == LK_OK)
		err = crypto_seal_secret(asker->flow->fast->ring, subject->person.id, seed,
					 asker->arena, &sealed);
	return err == LK_OK ? dir_totp_reseal(asker->flow->dir, &subject->person,
					      factors->totp_sealed, sealed)
			    : err;
}

/* The person has proven themselves, and does not wait for our own affairs to go well. */
static void
seal_look(const struct asker *asker, const struct subject *subject,
	  const struct dir_factors *factors)
{
	const struct fast *fast = asker->flow->fast;
	enum lk_err err;

	/* Whoever has the newest key later could not open it. */
	if (crypto_seal_is_current(fast->ring, factors->totp_sealed) ||
	    !pairwise_newest_is_known(fast))
		return;
	err = seal_renew(asker, subject, factors);
	if (err != LK_OK && err != LK_E_USED)
		lk_log(fast->log, LK_LOG_WARNING, "keys", LK_STR(""),
		       "an authenticator was not sealed anew: %s %s", lk_err_row(err)->name,
		       asker->flow->call->why->text);
}

enum lk_err
prove_used(const struct asker *asker, const struct subject *subject, const struct proven_code *code)
{
	struct page_values values;
	enum lk_err err;

	if (code->mark != STORE_MARK_RECOVERY) {
		seal_look(asker, subject, &code->factors);
		return LK_OK;
	}
	err = dir_recovery_take(asker->flow->dir, &subject->person, code->recovery_hash);
	if (err != LK_OK)
		return err;
	err = trail_event(asker, subject, AUDIT_RECOVERY_USED, LK_OK);
	if (err != LK_OK)
		return err;
	page_values_init(&values);
	page_set(&values, PLACE_count,
		 lk_arena_printf(asker->arena, "%zu", code->factors.recovery_count - 1));
	trail_mail(asker, subject, MAIL_recovery_used, &values);
	return LK_OK;
}

enum lk_err
prove_refused(const struct asker *asker, const struct subject *subject,
	      const struct proven_code *code, enum lk_err why)
{
	struct store_change spent;
	struct store_result result;
	enum lk_err err;

	prove_spend(subject, code, &spent);
	err = store_commit(asker->flow->store, &spent, 1, &result);
	if (err == LK_OK)
		err = prove_used(asker, subject, code);
	if (err == LK_E_USED)
		return LK_E_CODE_USED;
	return err == LK_OK ? why : err;
}
