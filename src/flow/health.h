/* SPDX-License-Identifier: MIT */
/* Is everything there that sign-ins need? From what main saw last; asks nobody itself. */
#ifndef LK_FLOW_HEALTH_H
#define LK_FLOW_HEALTH_H

#include <stdbool.h>

#include "flow/flow.h"

struct health {
	bool directory, store, replicas, audit, keys, clock;
	bool pairwise; /* names can be made for every application that needs them */
	char keys_fault[160];	  /* what the signing keys lack, in words */
	char pairwise_fault[160]; /* and the pairwise secret, needed or not */
	char store_words[160]; /* how the store is, with its replicas */
	bool is_ready; /* all of them */
};
void
health_look(const struct fast *fast, struct health *out);
/* A line a part, in words, for operators. */
void
health_write(const struct fast *fast, struct lk_buf *out);

#endif
