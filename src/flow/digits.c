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
