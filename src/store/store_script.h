/* SPDX-License-Identifier: MIT */
/*
 * Inside src/store only: what must happen in one step of Redis, in Lua. Every script gets the epoch
 * key first and the value it must have as first argument, and answers an array that begins with an
 * enum store_script_answer. "#!lua" has Redis refuse the whole script where it could not do all
 * of it: memory full, not master, too few replicas.
 */
#ifndef LK_STORE_STORE_SCRIPT_H
#define LK_STORE_STORE_SCRIPT_H

#include "base/buf.h"

enum store_script {
	STORE_SCRIPT_COMMIT = 0,
	STORE_SCRIPT_TOUCH,
	STORE_SCRIPT_SESSIONS,
	STORE_SCRIPT_TRY_BEGIN,
	STORE_SCRIPT_TRY_END,
	STORE_SCRIPT_EPOCH,
	STORE_SCRIPT_GRANTS,
	STORE_SCRIPT_DEVICE,
	STORE_SCRIPT_RANGE,
	STORE_SCRIPT_GOODBYES,
	STORE_SCRIPT_GOODBYE_END,
	STORE_SCRIPT_COUNT
};
enum store_script_answer {
	STORE_SCRIPT_OK = 0,
	STORE_SCRIPT_OTHER_EPOCH,
	STORE_SCRIPT_CONFLICT,
	STORE_SCRIPT_USED,
	STORE_SCRIPT_FULL,
};

/* As one piece of a command. */
void
store_script_text_write(struct lk_buf *out, enum store_script script);

#endif
