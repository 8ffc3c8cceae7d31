/* SPDX-License-Identifier: MIT */
/* The short name of a request, read to each other on the telephone: "7Q4M-2XPD". Not a secret. */
#ifndef LK_CRYPTO_REFERENCE_H
#define LK_CRYPTO_REFERENCE_H

#include <stdbool.h>

#include "base/str.h"

#define CRYPTO_REFERENCE_LEN 9u
/* 8 random letters and digits without look-alikes, a dash in the middle, and a NUL. */
void crypto_reference_make(char out[CRYPTO_REFERENCE_LEN + 1]);
/*
 * What was typed or read out, as we wrote it: blanks and dashes go, capitals, look-alikes mapped as
 * in recovery codes; a number before it ("LK-1203-7Q4M-2XPD") is left out. False, and out
 * untouched, when it is not a reference.
 */
bool crypto_reference_normalise(struct lk_str typed, char out[CRYPTO_REFERENCE_LEN + 1]);

/*
 * The same, many drawn at once and handed out one by one: for a loop that makes one a request. All
 * zero is an empty one. Threads: its owner only.
 */
#define CRYPTO_REFERENCES_DRAWN 32u
struct crypto_references {
	char letters[CRYPTO_REFERENCES_DRAWN * 8];
	size_t left;
};
void
crypto_reference_take(struct crypto_references *drawn, char out[CRYPTO_REFERENCE_LEN + 1]);

#endif
