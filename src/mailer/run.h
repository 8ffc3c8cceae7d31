/* SPDX-License-Identifier: MIT */
/*
 * From the spool to the mail server. What is due is sent in the order it was put, over one
 * connection; what the server put off waits longer each time; a server that is down ends the round.
 * A mail leaves the spool only once the server said yes, or never will.
 */
#ifndef LK_MAILER_RUN_H
#define LK_MAILER_RUN_H

#include <stdbool.h>

#include "base/log.h"
#include "conf/conf.h"
#include "mailer/watch.h"
#include "spool/waiting.h"

/* All borrowed. */
struct run_setup {
	const struct conf *conf;
	const struct lk_log *log;
	struct spool *spool;
	struct watch *watch;
};
/*
 * Send until stopped; or, with is_once, what is due now.
 *
 * Returns: LK_OK · LK_E_BUSY only with is_once: something due could not be sent · LK_E_MEMORY
 */
enum lk_err
run_mailer(const struct run_setup *setup, bool is_once) LK_MUST_CHECK;

#endif
