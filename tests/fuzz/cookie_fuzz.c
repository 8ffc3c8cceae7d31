/* SPDX-License-Identifier: MIT */
/* A Cookie header: what counts is well formed and reads the same when it is written again; no value
 * makes a header or an attribute of its own. */
/* Folders: base conf crypto exchange */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>
#include <string.h>

#include "exchange/cookie.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

/* Writes value and reads what a browser would send of it. */
static struct lk_str
through_browser(struct lk_buf *out, enum cookie cookie, struct lk_str value, bool is_https)
{
	struct lk_str again[COOKIE_COUNT];

	lk_buf_init(out, 8192);
	cookie_write(out, cookie, &(struct res_cookie){true, value, 60}, is_https);
	must(lk_buf_is_ok(out));
	must(strlen(out->bytes) == out->len && strpbrk(out->bytes, "\r\n") == NULL);
	must(strstr(out->bytes, "Domain=") == NULL);
	cookie_read(lk_str_n(out->bytes, lk_str_find(lk_buf_str(out), ';')), is_https, again);
	return again[cookie];
}

static void
must_read_again(enum cookie cookie, struct lk_str value, bool is_https)
{
	LK_AUTO_BUF out;

	must(lk_str_is_equal(through_browser(&out, cookie, value, is_https), value));
}

static void
try_value(enum cookie cookie, struct lk_str value)
{
	struct lk_str again;
	LK_AUTO_BUF out;

	again = through_browser(&out, cookie, value, true);
	must(again.len == 0 || lk_str_is_equal(again, value));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_str text = lk_str_n((const char *)bytes, len), out[COOKIE_COUNT];
	enum cookie cookie;
	int is_https;

	for (is_https = 0; is_https < 2; is_https++) {
		cookie_read(text, is_https, out);
		for (cookie = COOKIE_SESSION; cookie < COOKIE_COUNT; cookie++)
			must_read_again(cookie, out[cookie], is_https);
	}
	for (cookie = COOKIE_SESSION; cookie < COOKIE_COUNT; cookie++)
		try_value(cookie, text);
	return 0;
}
