/* SPDX-License-Identifier: MIT */
/*
 * A thread of the daemon that acts on what happens elsewhere: people changed in the directory by
 * others lose what was given to them on other facts, applications are told of sessions that
 * ended, and the keys they publish are had read. Looks a few times a second; all nodes do.
 */
#ifndef LK_DAEMON_FOLLOW_H
#define LK_DAEMON_FOLLOW_H

#include "flow/live.h"

struct follow;

/* All borrowed. */
struct follow_setup {
	struct live *live;
	struct store_shared *store_shared;
	struct dir_servers *dir_servers;
	const struct lk_clock *clock;
	const struct lk_log *log;
};
/* Returns: LK_OK · LK_E_MEMORY · LK_E_BROKEN no thread */
enum lk_err
follow_start(const struct follow_setup *setup, struct follow **out) LK_MUST_CHECK;
/* Waits for it to end. NULL is fine. */
void
follow_stop(struct follow *follow);

#endif
