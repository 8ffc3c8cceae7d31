/* SPDX-License-Identifier: MIT */
/* An arena and key rings for tests. Include after cmocka.h. */
#ifndef LK_TESTS_CRYPTO_HELP_H
#define LK_TESTS_CRYPTO_HELP_H

#include "crypto/crypto.h"

#define KEY_A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"
#define KEY_B "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAI"
#define KEY_C "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAM"

static inline struct crypto_ring *
help_ring(const char *text)
{
	struct crypto_ring *ring = NULL;

	assert_int_equal(crypto_ring_read(lk_str_c(text), NULL, &ring), LK_OK);
	return ring;
}

static inline struct lk_secret *
help_secret(struct lk_arena *arena, const char *bytes, size_t len)
{
	struct lk_secret *secret = lk_secret_make(arena, lk_str_n(bytes, len));

	assert_non_null(secret);
	return secret;
}

/* Group set-up and tear-down: *state is the arena. */
static inline int
help_begin(void **state)
{
	*state = lk_arena_new(65536, 1u << 20);
	return *state != NULL && crypto_init() == LK_OK ? 0 : -1;
}

static inline int
help_end(void **state)
{
	lk_arena_free(*state);
	return 0;
}

#endif
