/* SPDX-License-Identifier: MIT */
/* Claims kept in the store: what is told of them is theirs, and JSON where they are. */
/* Folders: base flow/claims_tell.c flow/scope.c */
/* Libraries: libsodium jansson */
#include <stdlib.h>

#include "base/json.h"
#include "flow/claims_tell.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct lk_str names = {"name email groups address a b", 29};

/* The same member by a whole parser; out of what was told a second telling is the same. */
static void
told_check(struct lk_arena *arena, struct lk_str json, const struct lk_json *document)
{
	struct lk_str told, again, value;
	struct lk_json *read = NULL;

	if (claims_narrow(arena, json, names, &told) != LK_OK)
		abort();
	if (claims_narrow(arena, told, names, &again) != LK_OK || !lk_str_is_equal(told, again))
		abort();
	if (document == NULL)
		return;
	if (lk_json_read(told, CLAIMS_MAX_BYTES, &read) != LK_OK)
		abort();
	if (claims_find(json, "name", &value) != (lk_json_find(document, "name") != NULL))
		abort();
	lk_json_free(read);
}

/* Names with escapes are none of ours; the scan takes them as they stand. */
static bool
is_plain(struct lk_str json)
{
	for (size_t i = 0; i < json.len; i++) {
		if (json.ptr[i] == '\\' || json.ptr[i] == ' ' || json.ptr[i] == '\t' ||
		    json.ptr[i] == '\n' || json.ptr[i] == '\r')
			return false;
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_arena *arena = lk_arena_new(65536, 1u << 20);
	struct lk_str json = lk_str_n((const char *)bytes, len), value;
	struct lk_json *document = NULL;
	LK_AUTO_BUF buf;

	if (arena == NULL)
		abort();
	lk_buf_init(&buf, 2 * CLAIMS_MAX_BYTES);
	if (claims_write(&buf, json, names) == LK_OK) {
		if (!is_plain(json) || lk_json_read(json, CLAIMS_MAX_BYTES, &document) != LK_OK)
			document = NULL;
		told_check(arena, json, document);
	} else if (buf.len != 0 || claims_find(json, "name", &value)) {
		abort(); /* told something of what was refused */
	}
	lk_json_free(document);
	lk_arena_free(arena);
	return 0;
}
