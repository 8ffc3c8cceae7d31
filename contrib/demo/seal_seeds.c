/* SPDX-License-Identifier: MIT */
/*
 * For the demo: seals seeds of authenticators as the daemon does, so that a directory can be filled
 * without it. Reads lines "PERSON-ID SEED-IN-HEX", answers each with the sealed seed in base64url.
 * usage: seal_seeds KEY-FILE
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "crypto/crypto.h"

#define LINE_MAX_BYTES	256
#define SEED_MAX_BYTES	64
#define ARENA_MAX_BYTES 65536

/* False unless text is whole bytes in lower-case hex. */
static bool
seed_read(struct lk_str text, char out[SEED_MAX_BYTES], size_t *out_len)
{
	static const char digits[] = "0123456789abcdef";
	const char *high, *low;
	size_t i;

	if (text.len % 2 != 0 || text.len / 2 > SEED_MAX_BYTES || text.len == 0)
		return false;
	for (i = 0; i < text.len; i += 2) {
		high = memchr(digits, text.ptr[i], 16);
		low = memchr(digits, text.ptr[i + 1], 16);
		if (high == NULL || low == NULL)
			return false;
		out[i / 2] = (char)((high - digits) * 16 + (low - digits));
	}
	*out_len = text.len / 2;
	return true;
}

static enum lk_err
line_answer(const struct crypto_ring *ring, struct lk_str line, struct lk_arena *arena)
{
	struct lk_str id, blob, shown;
	char seed[SEED_MAX_BYTES];
	size_t len;
	enum lk_err err;

	if (!lk_str_split(&line, ' ', &id) || !seed_read(lk_str_trim(line), seed, &len))
		return LK_E_FORMAT;
	err = crypto_seal(ring, id, lk_str_n(seed, len), arena, &blob);
	if (err != LK_OK)
		return err;
	shown = crypto_base64url_make(blob, arena);
	if (shown.ptr == NULL)
		return LK_E_MEMORY;
	printf("%.*s\n", LK_STR_ARGS(shown));
	return fflush(stdout) == 0 ? LK_OK : LK_E_BROKEN;
}

static int
lines_answer(const struct crypto_ring *ring, struct lk_arena *arena)
{
	char line[LINE_MAX_BYTES];
	enum lk_err err;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		err = line_answer(ring, lk_str_c(line), arena);
		if (err != LK_OK) {
			fprintf(stderr, "seal_seeds: %s\n", lk_err_row(err)->name);
			return 1;
		}
		lk_arena_reset(arena);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct crypto_ring *ring = NULL;
	struct lk_arena *arena;
	struct lk_why why = {.len = 0};
	int status = 1;

	if (argc != 2) {
		fprintf(stderr, "usage: seal_seeds KEY-FILE\n");
		return 2;
	}
	arena = lk_arena_new(4096, ARENA_MAX_BYTES);
	if (arena == NULL || crypto_init() != LK_OK)
		fprintf(stderr, "seal_seeds: cannot start\n");
	else if (crypto_ring_load(argv[1], &why, &ring) != LK_OK)
		fprintf(stderr, "seal_seeds: %s: %s\n", argv[1], why.text);
	else
		status = lines_answer(ring, arena);
	crypto_ring_free(ring);
	lk_arena_free(arena);
	return status;
}
