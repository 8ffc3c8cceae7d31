/* SPDX-License-Identifier: MIT */
/* Cookies in and out. Pure, fuzzed. */
#ifndef LK_EXCHANGE_COOKIE_H
#define LK_EXCHANGE_COOKIE_H

#include "base/buf.h"
#include "exchange/req.h"
#include "exchange/res.h"

/* What each begins with when well formed: tokens of crypto/token.h. */
#define COOKIE_SESSION_PREFIX	  "lk_ws_"
#define COOKIE_BROWSER_PREFIX	  "lk_wb_"
#define COOKIE_STEP_PREFIX	  "lk_wp_"
#define COOKIE_FORWARD_PREFIX	  "lk_fw_"
#define COOKIE_FORWARD_WAY_PREFIX "lk_wf_"

/*
 * Fill out[] from a Cookie header. A cookie that stands twice, or is not well formed (session,
 * browser, step and forward: a token of their prefix, and of COOKIE_FORWARD 16 bytes in base64url
 * behind it; device: what flow/device.h wrote, letters, digits, '-' '_' '.', at most 512 bytes;
 * language: en or cy), counts as not there. Names carry __Host- when is_https. Borrowed from
 * header.
 */
void
cookie_read(struct lk_str header, bool is_https, struct lk_str out[COOKIE_COUNT]);
/*
 * One Set-Cookie value: Path=/, HttpOnly, SameSite=Lax, Secure and __Host- when is_https; Max-Age
 * when life_s is not 0; an empty value removes it, and so does one that is not well formed: no text
 * can make a header of its own.
 */
void
cookie_write(struct lk_buf *out, enum cookie cookie, const struct res_cookie *value, bool is_https);

#endif
