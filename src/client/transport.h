/* SPDX-License-Identifier: MIT */
/* How one frame reaches the daemon and one comes back. Today a socket of this machine; a remote
 * host gets an agent, not TLS in here. */
#ifndef LK_CLIENT_TRANSPORT_H
#define LK_CLIENT_TRANSPORT_H

#include <stddef.h>

#include "client/latchkey.h"

enum transport_end {
	TRANSPORT_OK = 1,
	TRANSPORT_DOWN,	      /* not there, silent, closed early, no frame */
	TRANSPORT_WRONG_PEER, /* someone else listens there: nothing was sent */
};

/*
 * Send len bytes, read one whole frame into answer (WIRE_FRAME_MAX_BYTES). Takes the time off
 * latchkey->budget_ms.
 */
enum transport_end
transport_unix_exchange(struct latchkey *latchkey, const void *bytes, size_t len, void *answer,
			size_t *out_len) __attribute__((warn_unused_result));

#endif
