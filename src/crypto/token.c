/* SPDX-License-Identifier: MIT */
#include "crypto/token.h"

#include <pthread.h>
#include <string.h>
#include <sodium.h>

#include "crypto/base64url.h"

/* What the last of 43 may be: 256 bits leave two of its six zero. */
#define WITHOUT_SPARE_BITS "AEIMQUYcgkosw048"

/*
 * Random bytes drawn at once and handed out one by one: a call of the kernel for each token costs
 * more than the rest of it. Each thread has its own. What was handed out is wiped here, and a child
 * has none of its parent's.
 */
#define DRAWN_BYTES 512u
static _Thread_local struct {
	uint8_t bytes[DRAWN_BYTES];
	size_t left;
} drawn;

static void
forget_drawn(void)
{
	sodium_memzero(&drawn, sizeof drawn);
}

enum lk_err
crypto_random_init(void)
{
	return pthread_atfork(NULL, NULL, forget_drawn) == 0 ? LK_OK : LK_E_MEMORY;
}

void
crypto_random(void *out, size_t len)
{
	if (len > sizeof drawn.bytes) {
		randombytes_buf(out, len);
		return;
	}
	if (len > drawn.left) {
		randombytes_buf(drawn.bytes, sizeof drawn.bytes);
		drawn.left = sizeof drawn.bytes;
	}
	drawn.left -= len;
	memcpy(out, drawn.bytes + drawn.left, len);
	sodium_memzero(drawn.bytes + drawn.left, len);
}

uint32_t
crypto_random_below(uint32_t below)
{
	return randombytes_uniform(below);
}

struct lk_str
crypto_token_make(const char *prefix, struct lk_arena *arena)
{
	unsigned char bytes[CRYPTO_TOKEN_BYTES];
	size_t prefix_len = strlen(prefix);
	char *text = lk_arena_alloc(arena, prefix_len + CRYPTO_TOKEN_LEN + 1);

	if (text == NULL)
		return lk_str_n(NULL, 0);
	memcpy(text, prefix, prefix_len);
	crypto_random(bytes, sizeof bytes);
	(void)crypto_base64url_write(bytes, sizeof bytes, text + prefix_len);
	sodium_memzero(bytes, sizeof bytes);
	return lk_str_n(text, prefix_len + CRYPTO_TOKEN_LEN);
}

static unsigned
is_within(unsigned char c, unsigned char first, unsigned char last)
{
	return (unsigned char)(c - first) <= last - first;
}

/* Without a branch or a table: how long it takes tells nothing of a token. */
static unsigned
is_letter(unsigned char c)
{
	return is_within(c, 'A', 'Z') | is_within(c, 'a', 'z') | is_within(c, '0', '9') |
	       (c == '-') | (c == '_');
}

bool
crypto_token_check(const char *prefix, struct lk_str text)
{
	struct lk_str tail = lk_str_from(text, strlen(prefix));
	unsigned is_base64url = 1;
	size_t i;

	if (!lk_str_starts(text, prefix) || tail.len != CRYPTO_TOKEN_LEN)
		return false;
	for (i = 0; i < CRYPTO_TOKEN_LEN; i++)
		is_base64url &= is_letter((unsigned char)tail.ptr[i]);
	return is_base64url == 1 &&
	       strchr(WITHOUT_SPARE_BITS, tail.ptr[CRYPTO_TOKEN_LEN - 1]) != NULL;
}
