/* SPDX-License-Identifier: MIT */
/* Inside src/directory only: what a struct dir is made of. */
#ifndef LK_DIRECTORY_DIR_INSIDE_H
#define LK_DIRECTORY_DIR_INSIDE_H

#include <ldap.h>
#include <stdatomic.h>

#include "directory/dir.h"
#include "directory/dir_policy.h"

struct dir_server {
	const char *uri; /* borrowed from settings */
	atomic_bool is_up;
	_Atomic int64_t retry_at_mono_ms; /* while down: nobody tries it before */
	atomic_int failures;		  /* in a row */
};

struct dir_servers {
	struct dir_settings settings;
	struct dir_server each[DIR_SERVERS_MAX];
	size_t count;
};

/* One connection. ld NULL: none. */
struct dir_conn {
	LDAP *ld;
	size_t server;
};

/* Whose: the service account's, or of people who show a password (never used to read). */
enum dir_who { DIR_AS_SERVICE = 0, DIR_AS_PERSON, DIR_WHO_COUNT };

struct dir {
	struct dir_servers *servers;
	const struct dir_settings *settings;
	const struct lk_call *call;
	struct dir_conn conn[DIR_WHO_COUNT];
	struct dir_policies policies;
};

static inline int64_t
dir_now_mono_ms(const struct dir *dir)
{
	return lk_clock_mono_ms(dir->settings->clock);
}

#endif
