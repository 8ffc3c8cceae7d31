/* SPDX-License-Identifier: MIT */
#include "crypto/recovery.h"

#include <stdbool.h>
#include <string.h>
#include <sodium.h>

#include "base/secret_bytes.h"
#include "crypto/base64url.h"
#include "crypto/letters.h"
#include "crypto/pwhash.h"

#define CODE_LEN 8u
#define HALF	 4u
#define VARIANT	 sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define SALT_LEN 22u
#define HASH_LEN 43u
/* "1$SALT$HASH" */
#define ROW_LEN (2u + SALT_LEN + 1u + HASH_LEN)

static enum lk_err
row_make(struct lk_arena *arena, const char code[CODE_LEN], const uint8_t *salt, struct lk_str *out)
{
	uint8_t hash[PWHASH_BYTES];
	char salt_text[SALT_LEN + 1], hash_text[HASH_LEN + 1];
	enum lk_err err = crypto_pwhash_make(lk_str_n(code, CODE_LEN), salt, hash);

	if (err != LK_OK)
		return err;
	sodium_bin2base64(salt_text, sizeof salt_text, salt, PWHASH_SALT_BYTES, VARIANT);
	sodium_bin2base64(hash_text, sizeof hash_text, hash, sizeof hash, VARIANT);
	*out = lk_arena_printf(arena, "1$%s$%s", salt_text, hash_text);
	return out->ptr == NULL ? LK_E_MEMORY : LK_OK;
}

static enum lk_err
one_make(struct lk_arena *arena, const uint8_t *salt, struct lk_str *out_code,
	 struct lk_str *out_row)
{
	char code[CODE_LEN];
	enum lk_err err;

	crypto_letters_make(code, sizeof code);
	err = row_make(arena, code, salt, out_row);
	if (err == LK_OK) {
		*out_code = lk_arena_printf(arena, "%.4s-%.4s", code, code + HALF);
		err = out_code->ptr == NULL ? LK_E_MEMORY : LK_OK;
	}
	sodium_memzero(code, sizeof code);
	return err;
}

enum lk_err
crypto_recovery_make(struct lk_arena *arena, struct lk_str *out_codes, struct lk_str *out_hashes)
{
	struct lk_str codes[CRYPTO_RECOVERY_COUNT], rows[CRYPTO_RECOVERY_COUNT];
	uint8_t salt[PWHASH_SALT_BYTES];
	size_t i;

	randombytes_buf(salt, sizeof salt);
	for (i = 0; i < CRYPTO_RECOVERY_COUNT; i++) {
		enum lk_err err = one_make(arena, salt, &codes[i], &rows[i]);

		if (err != LK_OK)
			return err;
	}
	memcpy(out_codes, codes, sizeof codes);
	memcpy(out_hashes, rows, sizeof rows);
	return LK_OK;
}

struct row {
	uint8_t salt[PWHASH_SALT_BYTES];
	uint8_t hash[PWHASH_BYTES];
};

static bool
row_read(struct lk_str text, struct row *out)
{
	if (text.len != ROW_LEN || !lk_str_starts(text, "1$") || text.ptr[2 + SALT_LEN] != '$')
		return false;
	return crypto_base64url_into(lk_str_n(text.ptr + 2, SALT_LEN), out->salt,
				     sizeof out->salt) == sizeof out->salt &&
	       crypto_base64url_into(lk_str_n(text.ptr + 3 + SALT_LEN, HASH_LEN), out->hash,
				     sizeof out->hash) == sizeof out->hash;
}

/* The set's salt: that of the first good row; zeroes, for the work alone, when there is none. */
static void
salt_find(const struct lk_str *hashes, size_t count, uint8_t salt[PWHASH_SALT_BYTES])
{
	struct row row;
	size_t i;

	memset(salt, 0, PWHASH_SALT_BYTES);
	for (i = 0; i < count; i++) {
		if (row_read(hashes[i], &row)) {
			memcpy(salt, row.salt, PWHASH_SALT_BYTES);
			return;
		}
	}
}

static bool
row_fits(struct lk_str text, const struct row *want)
{
	struct row row;

	return row_read(text, &row) && sodium_memcmp(row.salt, want->salt, sizeof row.salt) == 0 &&
	       sodium_memcmp(row.hash, want->hash, sizeof row.hash) == 0;
}

enum lk_err
crypto_recovery_check(const struct lk_secret *code, const struct lk_str *hashes, size_t count,
		      size_t *out_index)
{
	bool is_code = code != NULL && lk_secret_len(code) == CODE_LEN;
	struct lk_str text = is_code ? lk_secret_bytes(code) : LK_STR("NOBODY00");
	struct row want;
	enum lk_err err;
	size_t i, found;

	if (count > CRYPTO_RECOVERY_COUNT)
		count = CRYPTO_RECOVERY_COUNT;
	salt_find(hashes, count, want.salt);
	err = crypto_pwhash_make(text, want.salt, want.hash);
	if (err != LK_OK)
		return err;
	found = count;
	for (i = 0; i < count; i++)
		found = row_fits(hashes[i], &want) ? i : found;
	sodium_memzero(&want, sizeof want);
	if (!is_code || found == count)
		return LK_E_RECOVERY_WRONG;
	*out_index = found;
	return LK_OK;
}

struct lk_secret *
crypto_recovery_normalise(struct lk_arena *arena, const struct lk_secret *typed)
{
	char letters[CODE_LEN];
	struct lk_secret *code = NULL;

	if (crypto_letters_read(lk_secret_bytes(typed), letters, CODE_LEN) == CODE_LEN)
		code = lk_secret_make(arena, lk_str_n(letters, CODE_LEN));
	sodium_memzero(letters, sizeof letters);
	return code;
}
