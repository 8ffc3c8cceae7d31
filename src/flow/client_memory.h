/* SPDX-License-Identifier: MIT */
/*
 * Right secrets of applications that one loop has seen, known again without their digests being
 * made again: for whoever shows the very same from the same address in the same second, in the same
 * configuration and state of what was guessed (flow_state). Most of them ask many times a second.
 *
 * Promises: what was shown leaves nothing but its fingerprint; what is wrong leaves nothing, and
 * costs what it did; nobody is known again who would not be believed now. Of one size.
 * Threads:  the one loop's that it is of.
 */
#ifndef LK_FLOW_CLIENT_MEMORY_H
#define LK_FLOW_CLIENT_MEMORY_H

#include "crypto/fingerprint.h"
#include "flow/flow.h"

struct client_memory;
/* NULL without memory. */
struct client_memory *
client_memory_new(void) LK_MUST_CHECK;
/* NULL is fine. */
void
client_memory_free(struct client_memory *memory);

/* --- for client_auth.c ---------------------------------------------------------------------- */

/* What was shown, and when. */
struct client_memory_key {
	struct crypto_fingerprint shown;
	struct flow_state state;
	bool is_made; /* false: it is not kept */
};
/* Whose secret it is. NULL: it is to be looked at; out then takes what comes of it. */
const struct policy_application *
client_memory_find(const struct fast *fast, const struct req *req, struct client_memory_key *out);
/* It was right. */
void
client_memory_keep(const struct req *req, const struct client_memory_key *key,
		   const struct policy_application *application);

#endif
