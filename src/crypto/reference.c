/* SPDX-License-Identifier: MIT */
#include "crypto/reference.h"

#include <string.h>

#include "crypto/letters.h"

#define LETTERS	   8u
#define HALF	   4u
#define NUMBER_LEN 6u /* "LK1203", as it is read: L is 1 */

static void
write_out(const char letters[LETTERS], char out[CRYPTO_REFERENCE_LEN + 1])
{
	memcpy(out, letters, HALF);
	out[HALF] = '-';
	memcpy(out + HALF + 1, letters + HALF, HALF);
	out[CRYPTO_REFERENCE_LEN] = '\0';
}

void
crypto_reference_make(char out[CRYPTO_REFERENCE_LEN + 1])
{
	char letters[LETTERS];

	crypto_letters_make(letters, sizeof letters);
	write_out(letters, out);
}

void
crypto_reference_take(struct crypto_references *drawn, char out[CRYPTO_REFERENCE_LEN + 1])
{
	if (drawn->left == 0) {
		crypto_letters_make(drawn->letters, sizeof drawn->letters);
		drawn->left = CRYPTO_REFERENCES_DRAWN;
	}
	drawn->left--;
	write_out(drawn->letters + drawn->left * LETTERS, out);
}

static bool
is_number(const char *letters)
{
	return letters[0] == '1' && letters[1] == 'K' && strspn(letters + 2, "0123456789") >= 4;
}

bool
crypto_reference_normalise(struct lk_str typed, char out[CRYPTO_REFERENCE_LEN + 1])
{
	char letters[NUMBER_LEN + LETTERS + 1] = "";
	size_t count = crypto_letters_read(typed, letters, NUMBER_LEN + LETTERS);

	if (count == LETTERS)
		write_out(letters, out);
	else if (count == NUMBER_LEN + LETTERS && is_number(letters))
		write_out(letters + NUMBER_LEN, out);
	else
		return false;
	return true;
}
