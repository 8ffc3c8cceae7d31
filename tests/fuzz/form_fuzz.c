/* SPDX-License-Identifier: MIT */
/* A form: read or refused; what was read keeps every promise, and reads the same when it is written
 * again. Any text survives being encoded and decoded. */
/* Folders: base conf crypto exchange */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "exchange/form.h"

#define FIELDS ((uint32_t)F_ALL)

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const char *const names[FIELD_COUNT] = {
#define LK_FIELD(name, sent, kind, max_bytes, normaliser) [FIELD_##name] = sent,
#include "tables/fields.def"
};
static const size_t limits[FIELD_COUNT] = {
#define LK_FIELD(name, sent, kind, max_bytes, normaliser) [FIELD_##name] = max_bytes,
#include "tables/fields.def"
};

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

static void
encode(struct lk_buf *out, struct lk_str text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (text.ptr[i] == ' ')
			lk_buf_add_byte(out, '+');
		else
			lk_buf_printf(out, "%%%02X", (unsigned char)text.ptr[i]);
	}
}

/* Only the plain ones: nobody but the reader of a secret sees it. */
static void
write_again(const struct req *req, struct lk_buf *out)
{
	int field;

	for (field = FIELD_NONE + 1; field < FIELD_COUNT; field++) {
		if (req->field[field].ptr == NULL)
			continue;
		lk_buf_printf(out, "%s%s=", out->len > 0 ? "&" : "", names[field]);
		encode(out, req->field[field]);
	}
	must(lk_buf_is_ok(out));
}

static void
must_hold(const struct req *req)
{
	int field;

	for (field = FIELD_NONE + 1; field < FIELD_COUNT; field++) {
		must(req->field[field].ptr == NULL || req->secret[field] == NULL);
		must(req->field[field].len <= limits[field]);
		must(lk_utf8_check(req->field[field]));
		must(lk_str_find(req->field[field], '\0') == req->field[field].len);
		must(req->secret[field] == NULL ||
		     lk_secret_len(req->secret[field]) <= limits[field]);
	}
}

static void
must_read_again(struct lk_arena *arena, const struct req *req)
{
	struct req again = {.arena = arena};
	LK_AUTO_BUF body;
	int field;

	lk_buf_init(&body, 65536);
	write_again(req, &body);
	must(form_read(&again, FIELDS, lk_buf_str(&body)) == LK_OK);
	for (field = FIELD_NONE + 1; field < FIELD_COUNT; field++) {
		must(lk_str_is_equal(again.field[field], req->field[field]));
		must((again.field[field].ptr == NULL) == (req->field[field].ptr == NULL));
	}
}

static void
must_survive(struct lk_arena *arena, struct lk_str text)
{
	struct lk_str decoded;
	LK_AUTO_BUF encoded;

	lk_buf_init(&encoded, 3 * text.len + 1);
	encode(&encoded, text);
	decoded = form_decode(arena, lk_buf_str(&encoded));
	if (lk_utf8_check(text) && lk_str_find(text, '\0') == text.len)
		must(decoded.ptr != NULL && lk_str_is_equal(decoded, text));
	else
		must(decoded.ptr == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_str text = lk_str_n((const char *)bytes, len), out;
	struct lk_arena *arena = lk_arena_new(65536, 1u << 22);
	struct req req = {.arena = arena}, nothing = {.arena = arena};

	if (form_read(&req, FIELDS, text) == LK_OK) {
		must_hold(&req);
		must_read_again(arena, &req);
	} else {
		must(memcmp(&req, &nothing, sizeof req) == 0);
	}
	must_survive(arena, text);
	if (form_query_find(arena, text, "next", &out))
		must(lk_utf8_check(out) && lk_str_find(out, '\0') == out.len);
	(void)form_type_check(text);
	lk_arena_free(arena);
	return 0;
}
