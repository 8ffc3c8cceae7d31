/* SPDX-License-Identifier: MIT */
/*
 * From the spool's calls/ to applications. Whatever is due goes out at once, several side by side,
 * so that one application that is down keeps no other waiting: it is asked again by one call at a
 * time, after longer and longer. A call leaves the spool once it was taken, or never will be.
 */
#ifndef LK_MAILER_CALLS_H
#define LK_MAILER_CALLS_H

#include "mailer/run.h"

/*
 * Call until stopped; or, with is_once, what is due now.
 *
 *   setup  spool and watch are those of calls/
 *
 * Returns: LK_OK · LK_E_BUSY only with is_once: something due was not taken · LK_E_MEMORY
 */
enum lk_err
run_calls(const struct run_setup *setup, bool is_once) LK_MUST_CHECK;

#endif
