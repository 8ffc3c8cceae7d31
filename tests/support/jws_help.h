/* SPDX-License-Identifier: MIT */
/* One key of each algorithm, and verifying with it. Include after cmocka.h, in one file. */
#ifndef LK_TESTS_JWS_HELP_H
#define LK_TESTS_JWS_HELP_H

#include "support/jose_help.h"

static struct crypto_jwk *help_keys[CRYPTO_ALG_COUNT];

static inline int
help_jws_begin(void **state)
{
	int alg;

	if (help_begin(state) != 0)
		return -1;
	for (alg = CRYPTO_RS256; alg < CRYPTO_ALG_COUNT; alg++)
		help_keys[alg] = help_jwk_make((enum crypto_alg)alg);
	return 0;
}

static inline int
help_jws_end(void **state)
{
	int alg;

	for (alg = CRYPTO_RS256; alg < CRYPTO_ALG_COUNT; alg++)
		crypto_jwk_free(help_keys[alg]);
	return help_end(state);
}

/* A test ends with the arena as it was. */
static inline int
help_wipe(void **state)
{
	lk_arena_reset(*state);
	return 0;
}

static inline enum lk_err
help_verify(struct lk_arena *arena, enum crypto_alg alg, const struct crypto_jwk *key,
	    struct lk_str token)
{
	struct crypto_jws_allow allow = {alg, key};
	struct crypto_jws_rule rule = {&allow, 1, "JWT", true};
	struct crypto_jws jws = {.key = NULL};
	struct lk_why why = {.len = 0};
	enum lk_err err = crypto_jws_verify(&rule, token, arena, &why, &jws);

	assert_true((err == LK_E_FORMAT || err == LK_E_NOT_FOUND) == (why.len > 0));
	assert_ptr_equal(jws.key, err == LK_OK ? key : NULL);
	return err;
}

/* A header well signed with the key of alg: only what stands in it can be wrong. */
static inline enum lk_err
help_verify_head(struct lk_arena *arena, enum crypto_alg alg, const char *head)
{
	return help_verify(arena, alg, help_keys[alg],
			   help_forge(arena, help_keys[alg], alg, head));
}

static inline struct lk_str
help_good(struct lk_arena *arena)
{
	struct lk_str token = {NULL, 0};

	assert_int_equal(crypto_jws_sign(help_keys[CRYPTO_ES256], "JWT", LK_STR("{\"sub\":\"x\"}"),
					 arena, &token),
			 LK_OK);
	return token;
}

#endif
