/* SPDX-License-Identifier: MIT */
/*
 * What programs are handed, as text, and what it is kept under. A token is a prefix that says what
 * it is, and 32 bytes in base64url: 16 that name its grant (selector) and 16 nobody can guess.
 * Pure but for random bytes; fuzzed.
 *
 *   lk_at_  access token   selector, secret
 *   lk_fw_  kept in a browser for a web server's application (forward.h): selector and secret
 *           as above, and behind them 16 bytes that name the session; nothing to anybody else
 *   lk_rt_  refresh token  selector, revision of the grant, and a proof over both: nothing of it
 *                          is stored, so an old one is known for what it is
 *   lk_ac_  code           its grant's selector is made from it
 *   lk_dc_  device code
 */
#ifndef LK_FLOW_TOKEN_TEXT_H
#define LK_FLOW_TOKEN_TEXT_H

#include "crypto/crypto.h"

#define TOKEN_ACCESS_PREFIX	"lk_at_"
#define TOKEN_FORWARD_PREFIX	"lk_fw_"
#define TOKEN_REFRESH_PREFIX	"lk_rt_"
#define TOKEN_CODE_PREFIX	"lk_ac_"
#define TOKEN_DEVICE_PREFIX	"lk_dc_"
#define TOKEN_SELECTOR_BYTES	16u
#define TOKEN_USER_CODE_LETTERS 8u
/* Of a signed access token. */
#define TOKEN_MAX_BYTES 8192u

struct token_selector {
	uint8_t bytes[TOKEN_SELECTOR_BYTES];
};

void
token_selector_make(struct token_selector *out);
/* A new secret behind the selector; in the arena. Nothing without memory. */
struct lk_str
token_make(const char *prefix, const struct token_selector *selector,
	   struct lk_arena *arena) LK_MUST_CHECK;
/* The 43 letters alone, for the jti of a signed access token. */
struct lk_str
token_jti_make(const struct token_selector *selector, struct lk_arena *arena) LK_MUST_CHECK;

/* What any token is kept under: its whole text. */
void
token_key(const struct crypto_ring *ring, struct lk_str text, struct crypto_digest *out);
void
token_grant_key(const struct crypto_ring *ring, const struct token_selector *selector,
		struct crypto_digest *out);
/* A key as text, for the audit; in the arena. Nothing without memory. */
struct lk_str
token_key_write(const struct crypto_digest *key, struct lk_arena *arena) LK_MUST_CHECK;
/* False: none. */
bool
token_key_read(struct lk_str text, struct crypto_digest *out);

/*
 * Which grant does an access token name? Opaque, or signed with such a jti; nothing of a signed one
 * is believed but that: what counts is that its text is kept. False: no access token of ours.
 */
bool
token_access_read(struct lk_str text, struct lk_arena *arena, struct token_selector *out);

struct token_forward {
	struct lk_str token; /* borrowed: what it is kept under is made from this */
	struct token_selector selector;
	struct crypto_digest session; /* as much of it as a key needs */
};
/* token of TOKEN_FORWARD_PREFIX; in the arena. Nothing without memory. */
struct lk_str
token_forward_make(struct lk_str token, const struct crypto_digest *session,
		   struct lk_arena *arena) LK_MUST_CHECK;
/* The selector of such a token; false: it is none. */
bool
token_forward_selector(struct lk_str token, struct token_selector *out);
/* False: none. */
bool
token_forward_read(struct lk_str text, struct token_forward *out);

struct token_refresh {
	struct token_selector selector;
	uint32_t revision;
};
/* In the arena. Nothing without memory. */
struct lk_str
token_refresh_make(const struct crypto_ring *ring, const struct token_refresh *refresh,
		   struct lk_arena *arena) LK_MUST_CHECK;
/* False: we never made it. */
bool
token_refresh_read(const struct crypto_ring *ring, struct lk_str text, struct token_refresh *out);

/* A code made of a digest, so that what was answered once can be answered again. */
struct lk_str
token_code_make(const struct crypto_digest *digest, struct lk_arena *arena) LK_MUST_CHECK;
/* False: no code. */
bool
token_code_grant(const struct crypto_ring *ring, struct lk_str code, struct token_selector *out);

/* "WDJBMJHT": letters without vowels and look-alikes, 34 bits. No NUL. */
void
token_user_code_make(char out[TOKEN_USER_CODE_LETTERS]);
/* "WDJB-MJHT"; in the arena. Nothing without memory. */
struct lk_str
token_user_code_show(const char code[TOKEN_USER_CODE_LETTERS],
		     struct lk_arena *arena) LK_MUST_CHECK;
/* What somebody typed, without blanks and dashes, in capitals. False: cannot be one. */
bool
token_user_code_read(struct lk_str typed, char out[TOKEN_USER_CODE_LETTERS]);
/*
 * What stands behind that code in a link of ours, good until then: whoever has it guessed nothing.
 * In the arena. Nothing without memory.
 */
#define TOKEN_LINK_LETTERS 24u
struct lk_str
token_user_link_make(const struct crypto_ring *ring, const char code[TOKEN_USER_CODE_LETTERS],
		     int64_t until_s, struct lk_arena *arena) LK_MUST_CHECK;
/* False: none of ours, or behind another code. */
bool
token_user_link_read(const struct crypto_ring *ring, const char code[TOKEN_USER_CODE_LETTERS],
		     struct lk_str link, int64_t *out_until_s) LK_MUST_CHECK;
void
token_user_code_key(const struct crypto_ring *ring, const char code[TOKEN_USER_CODE_LETTERS],
		    struct crypto_digest *out);

#endif
