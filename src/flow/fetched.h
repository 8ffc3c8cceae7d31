/* SPDX-License-Identifier: MIT */
/*
 * Keys that applications publish at an address of theirs (jwks_uri), as they were read last. The
 * address is read by latchkey-mailer, by way of the spool: no request ever waits for it. An
 * application without keys yet can prove nothing.
 */
#ifndef LK_FLOW_FETCHED_H
#define LK_FLOW_FETCHED_H

#include "crypto/crypto.h"
#include "flow/flow.h"

#define FETCHED_MAX	256u /* applications; more have no keys */
#define FETCHED_EVERY_S 300
#define FETCHED_SOON_S	10 /* a key nobody knows has it read anew, but not more often */

struct fetched;
struct fetched_keys;

/* NULL without memory. */
struct fetched *
fetched_new(void) LK_MUST_CHECK;
/* Nobody may hold anything any more. NULL is fine. */
void
fetched_free(struct fetched *fetched);
/*
 * For one thread, about once a second: have read what is due, take what came. A set that is wrong
 * is left out; the one before goes on.
 */
void
fetched_look(struct fetched *fetched, const struct fast *fast);

/* The keys of that application now, NULL: none; give them back with fetched_drop. Any thread. */
const struct fetched_keys *
fetched_hold(struct fetched *fetched, const char *client_id);
/* NULL is fine. */
void
fetched_drop(struct fetched *fetched, const struct fetched_keys *keys);
const struct crypto_jwks *
fetched_jwks(const struct fetched_keys *keys);
/* A key was shown that is not among them: have them read anew soon. Any thread. */
void
fetched_want(struct fetched *fetched, const char *client_id);

#endif
