/* SPDX-License-Identifier: MIT */
/*
 * Applications guessed at (RFC 6749 s2.3.1): how often one may be wrong from one address, and how
 * often one address may, stands in lockout.policy. Over it nothing is looked at, not even what is
 * right; elsewhere it goes on as if nothing was, so that no stranger can stop an application. Names
 * nobody has are counted as well: the answer tells nothing.
 */
#include "exchange/origin.h"
#include "flow/client_auth.h"
#include "flow/guesses.h"

static void
limits_ask(const struct fast *fast, struct guesses_limit out[GUESSES_TABLE_COUNT])
{
	struct policy_lockout lockout;

	policy_lockout_ask(fast->policy, &lockout);
	out[GUESSES_ADDRESS] =
	    (struct guesses_limit){lockout.address_wrong_secrets, lockout.secret_window_s};
	out[GUESSES_PAIR] = (struct guesses_limit){lockout.wrong_secrets, lockout.secret_window_s};
}

static void
pair_make(const struct fast *fast, const struct client_shown *shown, struct guess *out)
{
	struct lk_str pieces[] = {shown->id, lk_str_n((const char *)out->key[GUESSES_ADDRESS].bytes,
						      CRYPTO_DIGEST_BYTES)};

	crypto_digest_make(fast->ring, CRYPTO_GUESS, pieces, 2, &out->key[GUESSES_PAIR]);
}

static void
keys_make(const struct fast *fast, const struct req *req, const struct client_shown *shown,
	  struct guess *out)
{
	out->name = shown->id;
	out->now_ms = lk_clock_mono_ms(fast->clock);
	origin_address_key(fast->ring, req->address, &out->key[GUESSES_ADDRESS]);
	pair_make(fast, shown, out);
}

enum lk_err
client_guess_check(const struct fast *fast, const struct req *req, const struct client_shown *shown)
{
	struct guess guess;
	int64_t left_ms[GUESSES_TABLE_COUNT], most_ms = 0;
	bool is_over = false;

	if (fast->guesses == NULL || guesses_are_none(fast->guesses) ||
	    !guesses_may_be_over(fast->guesses, shown->id, lk_clock_mono_ms(fast->clock)))
		return LK_OK;
	keys_make(fast, req, shown, &guess);
	for (int i = 0; i < GUESSES_TABLE_COUNT; i++) {
		left_ms[i] = guesses_left_ms(fast->guesses, (enum guesses_table)i, &guess.key[i],
					     guess.now_ms);
		most_ms = left_ms[i] > most_ms ? left_ms[i] : most_ms;
	}
	if (most_ms == 0)
		return LK_OK;
	limits_ask(fast, guess.limit);
	for (int i = 0; i < GUESSES_TABLE_COUNT; i++)
		is_over = is_over || guesses_is_over(left_ms[i], &guess.limit[i]);
	return is_over ? LK_E_OAUTH_GUESSED : LK_OK;
}

/* Only of what is registered a name is written down. */
static void
tell(const struct fast *fast, const struct req *req, const struct client_shown *shown,
     const struct guess_result *result)
{
	const struct policy_application *application =
	    policy_application_find(fast->policy, shown->id);

	lk_log(fast->log, LK_LOG_WARNING, "application", lk_str_c(req->reference),
	       "client=%.*s application=%s is wrong too often and refused there; %u more since the "
	       "last such line",
	       LK_STR_ARGS(req->address), application == NULL ? "(none)" : application->client_id,
	       result->untold_count);
}

enum lk_err
client_guess_wrong(const struct fast *fast, const struct req *req, const struct client_shown *shown)
{
	struct guess_result result;
	struct guess guess;
	struct lk_str pieces[2] = {{NULL, 0}, shown->secret};

	if (fast->guesses == NULL)
		return LK_E_OAUTH_CLIENT;
	keys_make(fast, req, shown, &guess);
	pieces[0] = lk_str_n((const char *)guess.key[GUESSES_PAIR].bytes, CRYPTO_DIGEST_BYTES);
	crypto_digest_make(fast->ring, CRYPTO_GUESS, pieces, 2, &guess.shown);
	limits_ask(fast, guess.limit);
	guesses_add(fast->guesses, &guess, &result);
	if (result.is_to_tell)
		tell(fast, req, shown, &result);
	return result.is_again && result.is_over ? LK_E_OAUTH_GUESSED : LK_E_OAUTH_CLIENT;
}
