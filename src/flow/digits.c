/* SPDX-License-Identifier: MIT */
#include "flow/digits.h"

#include "base/secret_bytes.h"
#include "crypto/totp.h"

enum lk_err
digits_check(const struct lk_secret *code)
{
	struct lk_str text;

	if (code == NULL || lk_secret_len(code) == 0)
		return LK_E_CODE_EMPTY;
	text = lk_secret_bytes(code);
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return LK_E_CODE_LETTERS;
	if (text.len < CRYPTO_TOTP_DIGITS)
		return LK_E_CODE_SHORT;
	return text.len > CRYPTO_TOTP_DIGITS ? LK_E_CODE_LONG : LK_OK;
}

bool
digits_split(struct lk_arena *arena, const struct lk_secret *typed,
	     const struct lk_secret **out_password, const struct lk_secret **out_code)
{
	struct lk_str text = lk_secret_bytes(typed), password, code;

	if (text.len < CRYPTO_TOTP_DIGITS + 2 || text.ptr[text.len - CRYPTO_TOTP_DIGITS - 1] != ',')
		return false;
	password = lk_str_n(text.ptr, text.len - CRYPTO_TOTP_DIGITS - 1);
	code = lk_str_from(text, text.len - CRYPTO_TOTP_DIGITS);
	*out_password = lk_secret_make(arena, password);
	*out_code = lk_secret_make(arena, code);
	return *out_password != NULL && *out_code != NULL && digits_check(*out_code) == LK_OK;
}
