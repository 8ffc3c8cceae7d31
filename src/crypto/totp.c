/* SPDX-License-Identifier: MIT */
#include "crypto/totp.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <liboath/oath.h>
#include <sodium.h>

#include "base/secret_bytes.h"

#define SEED_MIN_BYTES 16u
#define SEED_MAX_BYTES 64u /* one block of SHA-1: a longer one would cost another hash */
#define NEAR_STEPS     1

enum lk_err
crypto_totp_seed_make(struct lk_arena *arena, struct lk_secret **out)
{
	char bytes[CRYPTO_TOTP_SEED_BYTES];
	struct lk_secret *seed;

	randombytes_buf(bytes, sizeof bytes);
	seed = lk_secret_make(arena, lk_str_n(bytes, sizeof bytes));
	sodium_memzero(bytes, sizeof bytes);
	if (seed == NULL)
		return LK_E_MEMORY;
	*out = seed;
	return LK_OK;
}

enum lk_err
crypto_totp_seed_show(const struct lk_secret *seed, struct lk_arena *arena, struct lk_str *out)
{
	struct lk_str bytes = lk_secret_bytes(seed), text;
	char *base32;
	size_t len;

	if (oath_base32_encode(bytes.ptr, bytes.len, &base32, &len) != OATH_OK)
		return LK_E_MEMORY;
	text = lk_arena_dup(arena, lk_str_n(base32, len));
	sodium_memzero(base32, len);
	free(base32);
	if (text.ptr == NULL)
		return LK_E_MEMORY;
	*out = text;
	return LK_OK;
}

/* liboath takes the number of digits from the string it is given: here it is six, or it is nothing.
 */
static bool
read_code(const struct lk_secret *code, char out[CRYPTO_TOTP_DIGITS])
{
	struct lk_str text = code == NULL ? lk_str_n(NULL, 0) : lk_secret_bytes(code);
	size_t i;

	memset(out, '0', CRYPTO_TOTP_DIGITS);
	if (text.len != CRYPTO_TOTP_DIGITS)
		return false;
	for (i = 0; i < CRYPTO_TOTP_DIGITS; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
	}
	memcpy(out, text.ptr, CRYPTO_TOTP_DIGITS);
	return true;
}

static struct lk_str
read_seed(const struct lk_secret *seed, bool *is_real)
{
	static const char nobody[CRYPTO_TOTP_SEED_BYTES] = "nobody's twenty byte";

	*is_real = seed != NULL && lk_secret_len(seed) >= SEED_MIN_BYTES &&
		   lk_secret_len(seed) <= SEED_MAX_BYTES;
	return *is_real ? lk_secret_bytes(seed) : lk_str_n(nobody, sizeof nobody);
}

static bool
fits_step(struct lk_str seed, int64_t step, const char code[CRYPTO_TOTP_DIGITS])
{
	char right[CRYPTO_TOTP_DIGITS + 1] = "";
	bool is_fit;
	int failed;

	failed = oath_hotp_generate(seed.ptr, seed.len, step < 0 ? 0 : (uint64_t)step,
				    CRYPTO_TOTP_DIGITS, false, OATH_HOTP_DYNAMIC_TRUNCATION, right);
	is_fit = (failed == OATH_OK) & (step >= 0) &
		 (sodium_memcmp(right, code, CRYPTO_TOTP_DIGITS) == 0);
	sodium_memzero(right, sizeof right);
	return is_fit;
}

/*
 * Steps off, of the nearest that fits; far outside when none does. From the far ends inwards and
 * never stopping: the last to fit is the nearest, and the time says nothing.
 */
static int
walk(struct lk_str seed, int64_t now_step, const char code[CRYPTO_TOTP_DIGITS])
{
	int off, found = CRYPTO_TOTP_FAR_STEPS + 1;

	for (off = CRYPTO_TOTP_FAR_STEPS; off >= 0; off--) {
		found = fits_step(seed, now_step + off, code) ? off : found;
		found = fits_step(seed, now_step - off, code) ? -off : found;
	}
	return found;
}

enum lk_err
crypto_totp_check(const struct lk_secret *seed, const struct lk_secret *code, int64_t now_s,
		  int64_t *out_step, int64_t *out_off_s)
{
	char digits[CRYPTO_TOTP_DIGITS];
	bool is_code = read_code(code, digits), is_real;
	struct lk_str bytes = read_seed(seed, &is_real);
	int64_t now_step = now_s / CRYPTO_TOTP_STEP_S;
	int off = walk(bytes, now_step, digits);

	sodium_memzero(digits, sizeof digits);
	if (!is_code || !is_real || off > CRYPTO_TOTP_FAR_STEPS)
		return LK_E_CODE_WRONG;
	if (off < -NEAR_STEPS || off > NEAR_STEPS) {
		*out_off_s = (int64_t)off * CRYPTO_TOTP_STEP_S;
		return LK_E_CODE_CLOCK;
	}
	*out_step = now_step + off;
	return LK_OK;
}
