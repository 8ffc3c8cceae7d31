/* SPDX-License-Identifier: MIT */
/* Bytes as text that needs no escaping in addresses, cookies, JSON: RFC 4648 s5, without padding.
 * One spelling only. */
#ifndef LK_CRYPTO_BASE64URL_H
#define LK_CRYPTO_BASE64URL_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* In the arena. Nothing without memory. */
struct lk_str crypto_base64url_make(struct lk_str bytes, struct lk_arena *arena) LK_MUST_CHECK;
/* The same at out, which has room for len * 4 / 3 + 2; ends it with a NUL. Returns its length. */
size_t crypto_base64url_write(const uint8_t *bytes, size_t len, char *out);
/*
 * The bytes, in arena. In constant time for one length.
 *
 * Returns: LK_OK
 *          LK_E_FORMAT  padding, blanks, other letters, a length that cannot be, or spare bits that
 * are not zero LK_E_MEMORY Source:  RFC 4648 s3.5, s5.
 */
enum lk_err crypto_base64url_read(
    struct lk_str text, struct lk_arena *arena, struct lk_str *out) LK_MUST_CHECK;
/*
 * The same into out, for what has a known length. Returns the number of bytes written, 0 when text
 * is empty, malformed or longer than room bytes would be; out may then hold part of it.
 */
size_t crypto_base64url_into(struct lk_str text, void *out, size_t room) LK_MUST_CHECK;
/* The same with '+' and '/' for '-' and '_' (RFC 4648 s4), with its padding or without. */
size_t crypto_base64_into(struct lk_str text, void *out, size_t room) LK_MUST_CHECK;

#endif
