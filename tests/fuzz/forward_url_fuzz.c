/* SPDX-License-Identifier: MIT */
/* An original address: read into pieces that make it up again, or refused; and any text survives
 * being encoded for a query. */
/* Folders: base conf crypto exchange flow */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>

#include "exchange/form.h"
#include "flow/forward_url.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

static void
must_make_up(struct lk_str text, const struct forward_url *url)
{
	struct lk_str rest = lk_str_from(text, url->origin.len);

	must(lk_str_starts(text, "https://") || lk_str_starts(text, "http://"));
	must(lk_str_is_equal(lk_str_n(text.ptr, url->origin.len), url->origin));
	must(lk_str_is_equal(lk_str_from(url->origin, url->scheme.len + 3), url->host));
	must(url->host.len > 0 && lk_str_find(url->host, '@') == url->host.len);
	must(lk_str_find(url->host, '/') == url->host.len);
	must(rest.len == 0 ? lk_str_is(url->path, "/") : lk_str_is_equal(rest, url->path));
	must(url->path.ptr[0] == '/' && forward_path_check(url->path));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_str text = lk_str_n((const char *)bytes, len), back;
	struct lk_arena *arena = lk_arena_new(65536, 1u << 24);
	struct forward_url url;
	LK_AUTO_BUF encoded;

	lk_buf_init(&encoded, 3 * len + 16);
	if (forward_url_read(text, &url)) {
		must_make_up(text, &url);
		lk_buf_add_percent(&encoded, url.path, "");
		must(lk_buf_is_ok(&encoded));
		back = form_decode(arena, lk_buf_str(&encoded));
		must(lk_str_is_equal(back, url.path));
	}
	lk_arena_free(arena);
	return 0;
}
