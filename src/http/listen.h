/* SPDX-License-Identifier: MIT */
/* Inside src/http only: sockets that listen. */
#ifndef LK_HTTP_LISTEN_H
#define LK_HTTP_LISTEN_H

#include <stdint.h>

#include "base/err.h"
#include "conf/value.h"

/*
 * So many sockets on one address; the system spreads connections over them. Port 0: any free one,
 * the same for all, told in *out_port.
 *
 * Returns: LK_OK (out_fds are yours) · LK_E_BUSY something else listens there · LK_E_BROKEN; why
 *          says more.
 */
enum lk_err
listen_open(const struct conf_address *address, struct lk_why *why, int *out_fds, int count,
	    uint16_t *out_port) LK_MUST_CHECK;

#endif
