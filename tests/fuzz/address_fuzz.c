/* SPDX-License-Identifier: MIT */
/* A value put behind an address comes out of it as it was, and brings no other one along. */
/* Folders: base conf crypto exchange */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>
#include <string.h>

#include "exchange/address.h"
#include "exchange/form.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_str value = lk_str_n((const char *)bytes, len), query, found;
	struct lk_arena *arena = lk_arena_new(4096, 1u << 20);
	LK_AUTO_BUF address;

	lk_buf_init(&address, 1u << 18);
	lk_buf_add_c(&address, "https://app.example/bye");
	address_param_add(&address, "state", value);
	must(lk_buf_is_ok(&address));
	query = lk_str_from(lk_buf_str(&address), strlen("https://app.example/bye"));
	must(value.len > 0 ? lk_str_starts(query, "?state=") : query.len == 0);
	for (size_t i = 1; i < query.len; i++) {
		must(query.ptr[i] > ' ' && query.ptr[i] < 0x7f);
		must(strchr("?&#\"'<>", query.ptr[i]) == NULL);
	}
	if (arena != NULL && len > 0 && len <= 512 && lk_str_find(value, '\0') == len &&
	    form_query_find(arena, lk_str_from(query, 1), "state", &found))
		must(lk_str_is_equal(found, value));
	lk_arena_free(arena);
	return 0;
}
