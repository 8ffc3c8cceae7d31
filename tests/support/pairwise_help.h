/* SPDX-License-Identifier: MIT */
/* A service whose pairwise secret is here. Include after cmocka.h. */
#ifndef LK_TESTS_PAIRWISE_HELP_H
#define LK_TESTS_PAIRWISE_HELP_H

#include "crypto/crypto.h"
#include "flow/pairwise.h"

/* Free with pairwise_free. */
static inline struct pairwise *
help_pairwise(void)
{
	const struct pairwise_seen seen = {
	    .count = 1,
	    .each = {{.name = "pairwise-1", .generation = 1, .key_id = 1, .is_open = true}},
	    .is_here = true,
	};
	struct pairwise *pairwise = pairwise_new();
	struct lk_secret *secret = lk_secret_new(LK_STR("thirty-two bytes of no real use."));

	assert_non_null(pairwise);
	assert_non_null(secret);
	assert_int_equal(pairwise_put(pairwise, secret, &seen), LK_OK);
	lk_secret_free(secret);
	return pairwise;
}

#endif
