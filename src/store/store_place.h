/* SPDX-License-Identifier: MIT */
/* Inside src/store only: where Redis is, out of its URL. Pure. */
#ifndef LK_STORE_STORE_PLACE_H
#define LK_STORE_STORE_PLACE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct store_place {
	char host[256]; /* or empty: path counts */
	int port;
	char path[108];
	int database;
};

/*
 * redis://HOST[:PORT][/DB] or unix:///PATH[?db=N]; [..] around an IPv6 address. False for anything
 * else.
 */
bool
store_place_read(struct lk_str url, struct store_place *out) LK_MUST_CHECK;

#endif
