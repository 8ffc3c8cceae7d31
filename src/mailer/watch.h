/* SPDX-License-Identifier: MIT */
/* Waits: for a mail to come, for a time to pass, or for the word to stop. */
#ifndef LK_MAILER_WATCH_H
#define LK_MAILER_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct watch;

/*
 * From here on SIGTERM and SIGINT are heard by watches only, in this thread and those it makes.
 *
 * Returns: LK_OK · LK_E_MEMORY · LK_E_BROKEN (why says). A system without room for one more inotify
 *          watch is fine: time passes all the same (why says).
 */
enum lk_err
watch_new(const char *dir, struct lk_why *why, struct watch **out) LK_MUST_CHECK;
/* NULL is fine. */
void
watch_free(struct watch *watch);
/* Was the word to stop heard? Stays true, for every watch of this process. */
bool
watch_is_stopped(const struct watch *watch);
/* What becomes readable when there is something to look at; -1: there is none. Borrowed. */
void
watch_fds(const struct watch *watch, int out[2]);
/* Did anything come into the folder since the last time? Without inotify: nobody knows, false. */
bool
watch_take(struct watch *watch);
/* Waits least_ms whatever comes, then for a mail until most_ms have passed in all; ends when
 * stopped. */
void
watch_wait(struct watch *watch, int64_t least_ms, int64_t most_ms);

#endif
