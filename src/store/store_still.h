/* SPDX-License-Identifier: MIT */
/*
 * Inside src/store only. Was nobody there when a time ended? Then whoever should have looked got no
 * processor, perhaps like all of this machine. That says nothing of the server, whose answer may
 * lie unread, or which was not asked yet: who waits has as much time again, once.
 */
#ifndef LK_STORE_STORE_STILL_H
#define LK_STORE_STORE_STILL_H

#include <stdbool.h>
#include <stdint.h>

bool
store_has_stood_still(int64_t until_mono_ms, int64_t now_mono_ms);

#endif
