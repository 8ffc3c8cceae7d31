/* SPDX-License-Identifier: MIT */
/* Requests as they come in, for tests. Include after cmocka.h. */
#ifndef LK_TESTS_EXCHANGE_HELP_H
#define LK_TESTS_EXCHANGE_HELP_H

#include <string.h>

#include "exchange/form.h"
#include "support/crypto_help.h"

#define HELP_ALL_FIELDS ((uint32_t)F_ALL)

static inline struct req
help_req(struct lk_arena *arena)
{
	lk_arena_reset(arena);
	return (struct req){.arena = arena};
}

static inline bool
help_secret_is(struct lk_arena *arena, const struct lk_secret *secret, const char *text)
{
	return lk_secret_is_equal(secret, help_secret(arena, text, strlen(text)));
}

#endif
