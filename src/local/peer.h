/* SPDX-License-Identifier: MIT */
/* Who is at the other end, by the names of this machine. Name services may wait: lanes only. */
#ifndef LK_LOCAL_PEER_H
#define LK_LOCAL_PEER_H

#include <stdbool.h>
#include <sys/types.h>

#include "conf/conf.h"

#define PEER_NAME_BYTES 64

/* The user's name; its number when it has none, or a longer one. */
void
peer_name(uid_t uid, char out[PEER_NAME_BYTES]);
/* Is it one of admin_users? They are named, or numbered: "root", "0". */
bool
peer_is_admin(const struct conf *conf, uid_t uid, const char *name);

#endif
