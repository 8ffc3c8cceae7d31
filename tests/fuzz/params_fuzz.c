/* SPDX-License-Identifier: MIT */
/* Parameters: whatever was sent, what was read keeps every promise, and reads the same when it is
 * written again. The first line is the query, the rest the body. */
/* Folders: base conf crypto exchange */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "exchange/params.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define ANY  false
#define BODY true
struct row {
	const char *name;
	size_t max_bytes;
	bool is_body_only;
};
static const struct row rows[PARAM_COUNT] = {
#define LK_PARAM(name, max_bytes, many, from) [PARAM_##name] = {#name, max_bytes, from},
#include "tables/params.def"
};

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

static void
must_hold(const struct req *req)
{
	int param;

	must(req->param[PARAM_NONE].ptr == NULL);
	for (param = PARAM_NONE + 1; param < PARAM_COUNT; param++) {
		must(req->param[param].len <= rows[param].max_bytes);
		must((req->param[param].ptr == NULL) == (req->param[param].len == 0));
		must(lk_utf8_check(req->param[param]));
		must(lk_str_find(req->param[param], '\0') == req->param[param].len);
	}
	must(req->is_param_bad == (req->param_bad != PARAM_NONE));
}

static void
write_again(const struct req *req, struct lk_buf *out)
{
	int param;
	size_t i;

	for (param = PARAM_NONE + 1; param < PARAM_COUNT; param++) {
		lk_buf_printf(out, "%s=", rows[param].name);
		for (i = 0; i < req->param[param].len; i++)
			lk_buf_printf(out, "%%%02x", (unsigned char)req->param[param].ptr[i]);
		lk_buf_add_byte(out, '&');
	}
	must(lk_buf_is_ok(out));
}

static void
must_read_again(struct lk_arena *arena, const struct req *req)
{
	struct req again = {.arena = arena};
	LK_AUTO_BUF body;
	int param;

	lk_buf_init(&body, 1u << 20);
	write_again(req, &body);
	must(params_read(&again, lk_str_n(NULL, 0), lk_buf_str(&body)) == LK_OK);
	must(!again.is_param_bad);
	for (param = PARAM_NONE + 1; param < PARAM_COUNT; param++)
		must(lk_str_is_equal(again.param[param], req->param[param]));
}

static void
must_not_come_from_a_query(struct lk_arena *arena, struct lk_str query)
{
	struct req req = {.arena = arena};
	int param;

	must(params_read(&req, query, lk_str_n(NULL, 0)) == LK_OK);
	for (param = PARAM_NONE + 1; param < PARAM_COUNT; param++)
		must(!rows[param].is_body_only || req.param[param].ptr == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_str text = lk_str_n((const char *)bytes, len > 65536 ? 65536 : len);
	size_t line = lk_str_find(text, '\n');
	struct lk_arena *arena = lk_arena_new(65536, 1u << 28);
	struct req req = {.arena = arena};

	must(params_read(&req, lk_str_n(text.ptr, line), lk_str_from(text, line + 1)) == LK_OK);
	must_hold(&req);
	must_read_again(arena, &req);
	must_not_come_from_a_query(arena, text);
	lk_arena_free(arena);
	return 0;
}
