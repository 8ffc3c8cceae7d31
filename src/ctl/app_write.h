/* SPDX-License-Identifier: MIT */
/* One application's file on its way to change: read, made anew, checked by the parser the daemon
 * uses, put in place whole or not at all. */
#ifndef LK_CTL_APP_WRITE_H
#define LK_CTL_APP_WRITE_H

#include "base/buf.h"
#include "crypto/crypto.h"
#include "ctl/ctl.h"
#include "policy/draft.h"

struct app_change {
	struct ctl *ctl;
	struct policy *policy;
	struct lk_arena *arena;
	const char *client_id;
	const struct policy_application *old; /* NULL: there was none */
	const char *path;
	struct lk_str before;		/* the file's text; empty: there was none */
	struct lk_buf text;		/* what shall stand there */
	struct lk_str secret;		/* new, to be told once; empty: none */
	struct policy_application made; /* what text says, once it was checked */
};

/* Says on err what is wrong. Whatever it says, app_change_done afterwards. */
bool
app_change_begin(struct app_change *change, struct ctl *ctl);
/* One key of text, which begins as before. False, and said, when value is not one line. */
bool
app_change_set(struct app_change *change, struct lk_str key, struct lk_str value);
/* Each "KEY=VALUE" of args from first on. */
bool
app_change_set_all(struct app_change *change, size_t first);
/* A new secret, its digest before others; those hold on until keep_s from now, 0: not at all. */
bool
app_change_secret(struct app_change *change, int64_t keep_s);
/* Is it good? Says each fault on err. */
bool
app_change_check(struct app_change *change);
/* Into place, and tells what was done; with --dry-run tells what would be. */
enum ctl_exit
app_change_end(struct app_change *change, const char *what);
void
app_change_done(struct app_change *change);

#endif
