/* SPDX-License-Identifier: MIT */
#include "store/store_still.h"

/* So long after a time nobody comes who looks as often as agreed. */
#define STOOD_STILL_MS 100

bool
store_has_stood_still(int64_t until_mono_ms, int64_t now_mono_ms)
{
	return now_mono_ms - until_mono_ms >= STOOD_STILL_MS;
}
