/* SPDX-License-Identifier: MIT */
/*
 * What an operator orders of the signing keys. A lane hands one order at a time to the watcher,
 * which alone makes and removes keys, and waits for what came of it.
 */
#ifndef LK_FLOW_SIGNING_ORDER_H
#define LK_FLOW_SIGNING_ORDER_H

#include <stdbool.h>

#include "base/call.h"
#include "flow/signing_plan.h"

struct signing_orders;

enum signing_order_kind { SIGNING_ORDER_ROTATE = 1, SIGNING_ORDER_RETIRE };

struct signing_order {
	enum signing_order_kind kind;
	unsigned algs;			      /* ROTATE: SIGNING_ALG(…); 0: all that are needed */
	char which[CRYPTO_KID_MAX_BYTES + 1]; /* RETIRE: name or kid */
	/* What came of it. */
	enum lk_err err;
	struct lk_why why;
	size_t count; /* of keys made or removed, also with an error: those before it */
	struct signing_entry done[CRYPTO_ALG_COUNT];
};

struct signing_orders *
signing_orders_new(void) LK_MUST_CHECK;
void
signing_orders_free(struct signing_orders *orders);
/* Readable while an order waits. */
int
signing_orders_fd(const struct signing_orders *orders);

/*
 * Give an order and wait until it is carried out, by call's deadline.
 *
 *   order  in and out: err, why, count and done are filled
 *
 * Threads: any but the watcher's.
 * Returns: LK_OK (order->err says what came of it)
 *          LK_E_BUSY              another order is on its way, or nobody took this one: nothing
 *                                 was done
 *          LK_E_DIRECTORY_UNSURE  it was taken and may still be carried out: look again
 */
enum lk_err
signing_order_run(struct signing_orders *orders, const struct lk_call *call,
		  struct signing_order *order) LK_MUST_CHECK;

/* The watcher's side: false when nothing waits. What was taken must be given back. */
bool
signing_order_take(struct signing_orders *orders, struct signing_order *out);
void
signing_order_give(struct signing_orders *orders, const struct signing_order *done);

#endif
