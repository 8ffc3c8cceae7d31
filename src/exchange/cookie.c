/* SPDX-License-Identifier: MIT */
#include "exchange/cookie.h"

#include <inttypes.h>
#include <string.h>

#include "crypto/base64url.h"
#include "crypto/token.h"

#define HOST_PREFIX	 "__Host-"
#define DEVICE_MAX_BYTES 512u
#define FORWARD_BYTES	 16u /* behind its token */
#define FORWARD_LETTERS	 22u

static const char *const names[COOKIE_COUNT] = {
    [COOKIE_SESSION] = "lk_session",	     [COOKIE_BROWSER] = "lk_browser",
    [COOKIE_DEVICE] = "lk_device",	     [COOKIE_STEP] = "lk_step",
    [COOKIE_LANGUAGE] = "lk_language",	     [COOKIE_FORWARD] = "lk_forward",
    [COOKIE_FORWARD_WAY] = "lk_forward_way",
};

static bool
is_device_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.';
}

static bool
is_device(struct lk_str value)
{
	size_t i;

	for (i = 0; i < value.len; i++) {
		if (!is_device_letter(value.ptr[i]))
			return false;
	}
	return value.len > 0 && value.len <= DEVICE_MAX_BYTES;
}

static bool
is_forward(struct lk_str value)
{
	size_t token_len = strlen(COOKIE_FORWARD_PREFIX) + CRYPTO_TOKEN_LEN;
	uint8_t behind[FORWARD_BYTES];

	return value.len == token_len + FORWARD_LETTERS &&
	       crypto_token_check(COOKIE_FORWARD_PREFIX, lk_str_n(value.ptr, token_len)) &&
	       crypto_base64url_into(lk_str_from(value, token_len), behind, sizeof behind) ==
		   sizeof behind;
}

static bool
is_well_formed(enum cookie cookie, struct lk_str value)
{
	switch (cookie) {
	case COOKIE_SESSION:
		return crypto_token_check(COOKIE_SESSION_PREFIX, value);
	case COOKIE_BROWSER:
		return crypto_token_check(COOKIE_BROWSER_PREFIX, value);
	case COOKIE_STEP:
		return crypto_token_check(COOKIE_STEP_PREFIX, value);
	case COOKIE_FORWARD:
		return is_forward(value);
	case COOKIE_FORWARD_WAY:
		return crypto_token_check(COOKIE_FORWARD_WAY_PREFIX, value);
	case COOKIE_DEVICE:
		return is_device(value);
	case COOKIE_LANGUAGE:
		return lk_str_is(value, "en") || lk_str_is(value, "cy");
	case COOKIE_COUNT:
		break;
	}
	return false;
}

/* Which of ours a name is; COOKIE_COUNT for none. Without __Host- anybody on a sub-domain could set
 * it. */
static enum cookie
cookie_find(struct lk_str name, bool is_https)
{
	int cookie;

	if (is_https && !lk_str_starts(name, HOST_PREFIX))
		return COOKIE_COUNT;
	if (is_https)
		name = lk_str_from(name, strlen(HOST_PREFIX));
	for (cookie = 0; cookie < COOKIE_COUNT; cookie++) {
		if (lk_str_is(name, names[cookie]))
			break;
	}
	return (enum cookie)cookie;
}

void
cookie_read(struct lk_str header, bool is_https, struct lk_str out[COOKIE_COUNT])
{
	bool is_seen[COOKIE_COUNT] = {false};
	struct lk_str pair, value;
	enum cookie cookie;
	size_t equals;

	for (cookie = COOKIE_SESSION; cookie < COOKIE_COUNT; cookie++)
		out[cookie] = lk_str_n(NULL, 0);
	while (lk_str_split(&header, ';', &pair)) {
		pair = lk_str_trim(pair);
		equals = lk_str_find(pair, '=');
		cookie = cookie_find(lk_str_n(pair.ptr, equals), is_https);
		if (cookie == COOKIE_COUNT)
			continue;
		value = lk_str_from(pair, equals + 1);
		if (is_seen[cookie] || !is_well_formed(cookie, value))
			value = lk_str_n(NULL, 0);
		out[cookie] = value;
		is_seen[cookie] = true;
	}
}

void
cookie_write(struct lk_buf *out, enum cookie cookie, const struct res_cookie *value, bool is_https)
{
	bool is_kept = is_well_formed(cookie, value->value);
	int32_t life_s = is_kept ? value->life_s : 0;

	lk_buf_add_c(out, is_https ? HOST_PREFIX : "");
	lk_buf_add_c(out, names[cookie]);
	lk_buf_add_byte(out, '=');
	if (is_kept)
		lk_buf_add_str(out, value->value);
	lk_buf_add_c(out, "; Path=/; HttpOnly; SameSite=Lax");
	if (is_https)
		lk_buf_add_c(out, "; Secure");
	if (!is_kept || life_s != 0)
		lk_buf_printf(out, "; Max-Age=%" PRId32, life_s);
}
