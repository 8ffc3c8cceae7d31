/* SPDX-License-Identifier: MIT */
#include "flow/token_text.h"

#include "base/json.h"

#define SECRET_BYTES	16u
#define SESSION_BYTES	16u
#define REVISION_BYTES	4u
#define PROOF_BYTES	16u
#define REFRESH_BYTES	(TOKEN_SELECTOR_BYTES + REVISION_BYTES + PROOF_BYTES)
#define REFRESH_LETTERS 48u

/* RFC 8628 s6.1: no vowels, so no words; none that look or sound alike. */
static const char letters[] = "BCDFGHJKLMNPQRSTVWXZ";

static struct lk_str
bytes_of(const void *bytes, size_t len)
{
	return lk_str_n(bytes, len);
}

/* --- tokens --------------------------------------------------------------------------------- */

void
token_selector_make(struct token_selector *out)
{
	crypto_random(out->bytes, sizeof out->bytes);
}

struct lk_str
token_make(const char *prefix, const struct token_selector *selector, struct lk_arena *arena)
{
	struct lk_str jti = token_jti_make(selector, arena);
	struct lk_str pieces[] = {lk_str_c(prefix), jti};

	return jti.ptr == NULL ? jti : lk_arena_join(arena, pieces, 2);
}

struct lk_str
token_jti_make(const struct token_selector *selector, struct lk_arena *arena)
{
	uint8_t bytes[CRYPTO_TOKEN_BYTES];

	memcpy(bytes, selector->bytes, TOKEN_SELECTOR_BYTES);
	crypto_random(bytes + TOKEN_SELECTOR_BYTES, SECRET_BYTES);
	return crypto_base64url_make(bytes_of(bytes, sizeof bytes), arena);
}

void
token_key(const struct crypto_ring *ring, struct lk_str text, struct crypto_digest *out)
{
	crypto_digest_make(ring, CRYPTO_TOKEN, &text, 1, out);
}

void
token_grant_key(const struct crypto_ring *ring, const struct token_selector *selector,
		struct crypto_digest *out)
{
	struct lk_str piece = bytes_of(selector->bytes, sizeof selector->bytes);

	crypto_digest_make(ring, CRYPTO_GRANT, &piece, 1, out);
}

struct lk_str
token_key_write(const struct crypto_digest *key, struct lk_arena *arena)
{
	return crypto_base64url_make(bytes_of(key->bytes, sizeof key->bytes), arena);
}

bool
token_key_read(struct lk_str text, struct crypto_digest *out)
{
	struct crypto_digest key;

	if (crypto_base64url_into(text, key.bytes, sizeof key.bytes) != sizeof key.bytes)
		return false;
	*out = key;
	return true;
}

/* --- whose access token --------------------------------------------------------------------- */

static bool
jti_read(struct lk_str jti, struct token_selector *out)
{
	uint8_t bytes[CRYPTO_TOKEN_BYTES];

	if (!crypto_token_check("", jti) ||
	    crypto_base64url_into(jti, bytes, sizeof bytes) != sizeof bytes)
		return false;
	memcpy(out->bytes, bytes, sizeof out->bytes);
	return true;
}

static bool
payload_jti_read(struct lk_str payload, struct token_selector *out)
{
	struct lk_json *document;
	struct lk_str jti;
	bool is_read;

	if (lk_json_read(payload, TOKEN_MAX_BYTES, &document) != LK_OK)
		return false;
	is_read = lk_json_to_str(lk_json_find(document, "jti"), &jti) && jti_read(jti, out);
	lk_json_free(document);
	return is_read;
}

static bool
signed_read(struct lk_str text, struct lk_arena *arena, struct token_selector *out)
{
	struct lk_str rest = text, head, piece, payload;

	if (text.len > TOKEN_MAX_BYTES || !lk_str_split(&rest, '.', &head) ||
	    !lk_str_split(&rest, '.', &piece) || piece.len == 0 ||
	    crypto_base64url_read(piece, arena, &payload) != LK_OK)
		return false;
	return payload_jti_read(payload, out);
}

bool
token_access_read(struct lk_str text, struct lk_arena *arena, struct token_selector *out)
{
	if (crypto_token_check(TOKEN_ACCESS_PREFIX, text))
		return jti_read(lk_str_from(text, sizeof TOKEN_ACCESS_PREFIX - 1), out);
	return signed_read(text, arena, out);
}

/* --- kept in a browser ---------------------------------------------------------------------- */

struct lk_str
token_forward_make(struct lk_str token, const struct crypto_digest *session, struct lk_arena *arena)
{
	struct lk_str name = crypto_base64url_make(bytes_of(session->bytes, SESSION_BYTES), arena);

	if (token.ptr == NULL || name.ptr == NULL)
		return lk_str_n(NULL, 0);
	return lk_arena_printf(arena, "%.*s%.*s", LK_STR_ARGS(token), LK_STR_ARGS(name));
}

bool
token_forward_selector(struct lk_str token, struct token_selector *out)
{
	return crypto_token_check(TOKEN_FORWARD_PREFIX, token) &&
	       jti_read(lk_str_from(token, sizeof TOKEN_FORWARD_PREFIX - 1), out);
}

bool
token_forward_read(struct lk_str text, struct token_forward *out)
{
	size_t token_len = sizeof TOKEN_FORWARD_PREFIX - 1 + CRYPTO_TOKEN_LEN;
	struct token_forward forward = {.token = lk_str_n(text.ptr, token_len)};

	if (text.len < token_len || !token_forward_selector(forward.token, &forward.selector) ||
	    crypto_base64url_into(lk_str_from(text, token_len), forward.session.bytes,
				  SESSION_BYTES) != SESSION_BYTES)
		return false;
	*out = forward;
	return true;
}

/* --- refresh tokens ------------------------------------------------------------------------- */

/* Selector and revision as they stand in the token, and the proof over them. */
static void
refresh_fill(const struct crypto_ring *ring, const struct token_refresh *refresh,
	     uint8_t out[REFRESH_BYTES])
{
	uint8_t *revision = out + TOKEN_SELECTOR_BYTES;
	struct lk_str pieces[] = {bytes_of(out, TOKEN_SELECTOR_BYTES),
				  bytes_of(revision, REVISION_BYTES)};
	struct crypto_digest proof;

	memcpy(out, refresh->selector.bytes, TOKEN_SELECTOR_BYTES);
	for (unsigned i = 0; i < REVISION_BYTES; i++)
		revision[i] = (uint8_t)(refresh->revision >> (24 - 8 * i));
	crypto_digest_make(ring, CRYPTO_REFRESH, pieces, 2, &proof);
	memcpy(revision + REVISION_BYTES, proof.bytes, PROOF_BYTES);
}

struct lk_str
token_refresh_make(const struct crypto_ring *ring, const struct token_refresh *refresh,
		   struct lk_arena *arena)
{
	uint8_t bytes[REFRESH_BYTES];
	struct lk_str text;

	refresh_fill(ring, refresh, bytes);
	text = crypto_base64url_make(bytes_of(bytes, sizeof bytes), arena);
	if (text.ptr == NULL)
		return text;
	return lk_arena_printf(arena, TOKEN_REFRESH_PREFIX "%.*s", LK_STR_ARGS(text));
}

bool
token_refresh_read(const struct crypto_ring *ring, struct lk_str text, struct token_refresh *out)
{
	struct lk_str tail = lk_str_from(text, sizeof TOKEN_REFRESH_PREFIX - 1);
	uint8_t bytes[REFRESH_BYTES], want[REFRESH_BYTES];
	struct token_refresh refresh = {.revision = 0};

	if (!lk_str_starts(text, TOKEN_REFRESH_PREFIX) || tail.len != REFRESH_LETTERS ||
	    crypto_base64url_into(tail, bytes, sizeof bytes) != sizeof bytes)
		return false;
	memcpy(refresh.selector.bytes, bytes, TOKEN_SELECTOR_BYTES);
	for (unsigned i = 0; i < REVISION_BYTES; i++)
		refresh.revision = refresh.revision << 8 | bytes[TOKEN_SELECTOR_BYTES + i];
	refresh_fill(ring, &refresh, want);
	if (!crypto_is_equal(bytes_of(bytes, sizeof bytes), bytes_of(want, sizeof want)))
		return false;
	*out = refresh;
	return true;
}

/* --- codes ---------------------------------------------------------------------------------- */

struct lk_str
token_code_make(const struct crypto_digest *digest, struct lk_arena *arena)
{
	struct lk_str text =
	    crypto_base64url_make(bytes_of(digest->bytes, sizeof digest->bytes), arena);

	if (text.ptr == NULL)
		return text;
	return lk_arena_printf(arena, TOKEN_CODE_PREFIX "%.*s", LK_STR_ARGS(text));
}

bool
token_code_grant(const struct crypto_ring *ring, struct lk_str code, struct token_selector *out)
{
	struct crypto_digest digest;

	if (!crypto_token_check(TOKEN_CODE_PREFIX, code))
		return false;
	crypto_digest_make(ring, CRYPTO_CODE_GRANT, &code, 1, &digest);
	memcpy(out->bytes, digest.bytes, sizeof out->bytes);
	return true;
}

void
token_user_code_make(char out[TOKEN_USER_CODE_LETTERS])
{
	for (size_t i = 0; i < TOKEN_USER_CODE_LETTERS; i++)
		out[i] = letters[crypto_random_below(sizeof letters - 1)];
}

struct lk_str
token_user_code_show(const char code[TOKEN_USER_CODE_LETTERS], struct lk_arena *arena)
{
	return lk_arena_printf(arena, "%.4s-%.4s", code, code + 4);
}

static char
capital(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool
token_user_code_read(struct lk_str typed, char out[TOKEN_USER_CODE_LETTERS])
{
	char code[TOKEN_USER_CODE_LETTERS];
	size_t len = 0;

	for (size_t i = 0; i < typed.len; i++) {
		char c = capital(typed.ptr[i]);

		if (c == ' ' || c == '-')
			continue;
		if (len == sizeof code || c == '\0' || strchr(letters, c) == NULL)
			return false;
		code[len++] = c;
	}
	if (len != sizeof code)
		return false;
	memcpy(out, code, sizeof code);
	return true;
}

/* 5 bytes of the instant, the rest of a digest. */
#define LINK_BYTES 18u
#define END_BYTES  5u

static void
link_fill(const struct crypto_ring *ring, const char code[TOKEN_USER_CODE_LETTERS], int64_t until_s,
	  uint8_t out[LINK_BYTES])
{
	struct lk_str pieces[] = {{code, TOKEN_USER_CODE_LETTERS}, {(const char *)out, END_BYTES}};
	struct crypto_digest digest;

	for (size_t i = 0; i < END_BYTES; i++)
		out[i] = (uint8_t)((uint64_t)until_s >> (8 * (END_BYTES - 1 - i)));
	crypto_digest_make(ring, CRYPTO_USER_LINK, pieces, 2, &digest);
	memcpy(out + END_BYTES, digest.bytes, LINK_BYTES - END_BYTES);
}

struct lk_str
token_user_link_make(const struct crypto_ring *ring, const char code[TOKEN_USER_CODE_LETTERS],
		     int64_t until_s, struct lk_arena *arena)
{
	uint8_t bytes[LINK_BYTES];

	link_fill(ring, code, until_s, bytes);
	return crypto_base64url_make(lk_str_n((const char *)bytes, sizeof bytes), arena);
}

bool
token_user_link_read(const struct crypto_ring *ring, const char code[TOKEN_USER_CODE_LETTERS],
		     struct lk_str link, int64_t *out_until_s)
{
	uint8_t bytes[LINK_BYTES], wanted[LINK_BYTES];
	int64_t until_s = 0;

	if (link.len != TOKEN_LINK_LETTERS ||
	    crypto_base64url_into(link, bytes, sizeof bytes) != sizeof bytes)
		return false;
	for (size_t i = 0; i < END_BYTES; i++)
		until_s = until_s << 8 | bytes[i];
	link_fill(ring, code, until_s, wanted);
	if (!crypto_is_equal(lk_str_n((const char *)bytes, sizeof bytes),
			     lk_str_n((const char *)wanted, sizeof wanted)))
		return false;
	*out_until_s = until_s;
	return true;
}

void
token_user_code_key(const struct crypto_ring *ring, const char code[TOKEN_USER_CODE_LETTERS],
		    struct crypto_digest *out)
{
	struct lk_str piece = lk_str_n(code, TOKEN_USER_CODE_LETTERS);

	crypto_digest_make(ring, CRYPTO_USER_CODE, &piece, 1, out);
}
