/* SPDX-License-Identifier: MIT */
/* What latchkeyd does without serving. */
#ifndef LK_DAEMON_CHECK_H
#define LK_DAEMON_CHECK_H

#include "base/buf.h"
#include "conf/fault.h"

/*
 * Everything daemon_start would read: settings, policies, keys, secrets, certificate, time zone.
 * Asks no server. crypto_init must have been called.
 *
 * Returns: LK_OK · LK_E_FORMAT faults say why, all of it · LK_E_MEMORY
 */
enum lk_err
check_config(const char *conf_path, struct conf_faults *faults) LK_MUST_CHECK;
/*
 * Say of a new, empty store that codes of this minute were never used.
 *
 * Returns: LK_OK · LK_E_USED it is not new · LK_E_STORE_DOWN and the like: why says
 */
enum lk_err
check_store_init(const char *conf_path, struct conf_faults *faults,
		 struct lk_why *why) LK_MUST_CHECK;

#endif
