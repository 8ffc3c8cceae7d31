/* SPDX-License-Identifier: MIT */
/*
 * The 32 letters and digits nobody mixes up (Crockford's: no I L O U), and how to read what people
 * make of them.
 */
#ifndef LK_CRYPTO_LETTERS_H
#define LK_CRYPTO_LETTERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* len random ones; no NUL. */
void crypto_letters_make(char *out, size_t len);
/*
 * typed without blanks and dashes (ASCII and the ones telephones put in), in capitals, look-alikes
 * mapped. Returns how many there are; more than room, or anything else in between: room + 1.
 */
size_t crypto_letters_read(struct lk_str typed, char *out, size_t room);

#endif
