/* SPDX-License-Identifier: MIT */
/* What systemd is told (sd_notify(3), by hand); nothing when NOTIFY_SOCKET is not set. */
#ifndef LK_DAEMON_NOTIFY_H
#define LK_DAEMON_NOTIFY_H

#include <stdint.h>

void
notify_ready(void);
/* Before a reload; notify_ready after it. now_us: of the monotonic clock. */
void
notify_reloading(int64_t now_us);
void
notify_stopping(void);
/* Still alive; status in plain words. */
void
notify_alive(const char *status);

#endif
