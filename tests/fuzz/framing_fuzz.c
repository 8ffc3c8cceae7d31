/* SPDX-License-Identifier: MIT */
/*
 * A request's head as lines: method target version, then "name: value" each. What passes the filter
 * has one reading only: the properties are looked at once more by hand.
 */
/* Folders: base http/framing.c */
/* Libraries: libsodium jansson */
#include <stdlib.h>
#include <string.h>

#include "http/framing.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

static bool
line_take(struct lk_str *rest, struct lk_str *out)
{
	return lk_str_split(rest, '\n', out);
}

static size_t
count_of(const struct framing_head *head, const char *name)
{
	size_t i, count = 0;

	for (i = 0; i < head->count; i++)
		count += lk_str_is_equal_nocase(head->headers[i].name, lk_str_c(name));
	return count;
}

static void
must_be_plain(const struct framing_head *head, const struct framing_facts *facts)
{
	size_t i;

	must(head->count <= FRAMING_HEADERS_MAX);
	must(count_of(head, "host") <= 1);
	must(count_of(head, "content-length") + count_of(head, "transfer-encoding") <= 1);
	must(facts->body_bytes <= FRAMING_BODY_MAX_BYTES);
	must(!facts->is_chunked || facts->body_bytes == 0);
	for (i = 0; i < head->count; i++) {
		struct lk_str value = head->headers[i].value;

		must(lk_str_find(value, '\0') == value.len);
		must(head->headers[i].name.len > 0);
	}
}

static void
target_try(struct lk_str target)
{
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct lk_str path, query;

	must(arena != NULL);
	if (framing_target_read(arena, target, &path, &query) == LK_OK) {
		must(path.len > 0 && path.ptr[0] == '/' && path.len <= target.len);
		must(memchr(path.ptr, 0, path.len) == NULL);
	}
	lk_arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct framing_header headers[FRAMING_HEADERS_MAX + 8];
	struct framing_head head = {.headers = headers};
	struct framing_facts facts;
	struct lk_str rest = lk_str_n((const char *)bytes, len), line;

	if (!line_take(&rest, &line))
		return 0;
	(void)lk_str_split(&line, ' ', &head.method);
	(void)lk_str_split(&line, ' ', &head.target);
	head.version = line;
	while (head.count < FRAMING_HEADERS_MAX + 8 && line_take(&rest, &line)) {
		size_t end = lk_str_find(line, ':');

		headers[head.count++] = (struct framing_header){
		    lk_str_n(line.ptr, end), lk_str_trim(lk_str_from(line, end + 1))};
	}
	if (framing_check(&head, &facts) == LK_OK)
		must_be_plain(&head, &facts);
	target_try(head.target);
	return 0;
}
