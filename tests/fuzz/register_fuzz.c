/* SPDX-License-Identifier: MIT */
/* Whatever JSON asks to be registered, its file is named inside its folder, has each key once and
 * never holds the secret. */
/* Folders: ctl/register.c policy/when.c conf crypto base */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>
#include <string.h>

#include "ctl/register.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

static struct crypto_ring *
ring_once(void)
{
	static struct crypto_ring *ring;
	struct lk_str text = LK_STR("1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\n");

	if (ring == NULL)
		must(crypto_init() == LK_OK && crypto_ring_read(text, NULL, &ring) == LK_OK);
	return ring;
}

static size_t
lines_of(struct lk_str text, const char *beginning)
{
	size_t count = 0;
	struct lk_str line;

	while (lk_str_split(&text, '\n', &line))
		count += lk_str_starts(line, beginning);
	return count;
}

static void
file_look(const struct registered *registered, struct lk_str text)
{
	must(registered->client_id[0] != '\0' && strchr(".-", registered->client_id[0]) == NULL);
	must(strchr(registered->client_id, '/') == NULL);
	must(lines_of(text, "client_id = ") == 1 && lines_of(text, "kind = ") == 1);
	must(lines_of(text, "groups = ") == 1 && lines_of(text, "name = ") == 1);
	must(lines_of(text, "[") == 1 && lines_of(text, "auth_method = ") <= 1);
	must(lines_of(text, "proofs = ") <= 1 && lines_of(text, "owner = ") <= 1);
	must(lines_of(text, "jwks_file = ") == (registered->keys.len > 0));
	must(lines_of(text, "secret_digests = ") == (registered->secret.len > 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_json *document = NULL;
	struct registered registered;
	struct lk_why why = {0};
	struct register_with with = {ring_once(), NULL, &why, "/applications", 1764000000};
	struct lk_buf text;

	if (lk_json_read(lk_str_n((const char *)bytes, len), 65536, &document) != LK_OK)
		return 0;
	lk_buf_init(&text, 65536);
	with.arena = lk_arena_new(4096, 262144);
	must(with.arena != NULL);
	if (register_make(&with, document, &registered, &text) == LK_OK)
		file_look(&registered, lk_buf_str(&text));
	lk_buf_done(&text);
	lk_arena_free(with.arena);
	lk_json_free(document);
	return 0;
}
