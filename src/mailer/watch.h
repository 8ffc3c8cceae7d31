/* SPDX-License-Identifier: MIT */
/* Waits: for a mail to come, for a time to pass, or for the word to stop. */
#ifndef LK_MAILER_WATCH_H
#define LK_MAILER_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct watch;

/*
 * From here on SIGTERM and SIGINT are heard here only.
 *
 * Returns: LK_OK · LK_E_MEMORY · LK_E_BROKEN (why says). A system without room for one more inotify
 *          watch is fine: time passes all the same (why says).
 */
enum lk_err
watch_new(const char *dir, struct lk_why *why, struct watch **out) LK_MUST_CHECK;
/* NULL is fine. */
void
watch_free(struct watch *watch);
/* Was the word to stop heard? Stays true. */
bool
watch_is_stopped(struct watch *watch);
/* Waits least_ms whatever comes, then for a mail until most_ms have passed in all; ends when
 * stopped. */
void
watch_wait(struct watch *watch, int64_t least_ms, int64_t most_ms);

#endif
