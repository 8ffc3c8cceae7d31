/* SPDX-License-Identifier: MIT */
/* Inside src/directory only: which servers answer. From any thread. */
#ifndef LK_DIRECTORY_DIR_HEALTH_H
#define LK_DIRECTORY_DIR_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dir_servers;

bool
dir_health_is_up(const struct dir_servers *servers, size_t index);
/* Is any other than index up? */
bool
dir_health_has_other(const struct dir_servers *servers, size_t index);
/*
 * May the caller try it now? Always when up; when down, one caller each time the wait is over; that
 * caller must say how it went.
 */
bool
dir_health_may_try(struct dir_servers *servers, size_t index);
void
dir_health_good(struct dir_servers *servers, size_t index);
void
dir_health_bad(struct dir_servers *servers, size_t index);
/*
 * It did not answer in waited_ms. Who came late themselves and could not wait says nothing of a
 * server that is up: else a queue of ours would shut the door for everybody.
 */
void
dir_health_late(struct dir_servers *servers, size_t index, int64_t waited_ms);

#endif
