/* SPDX-License-Identifier: MIT */
/*
 * The admin door before a directory and a store that a test sets by hand; audit, policies, spool
 * and clock are real but for the time. After cmocka.h.
 */
#ifndef LK_TESTS_DESK_HELP_H
#define LK_TESTS_DESK_HELP_H

#include <stdbool.h>

#include "base/json.h"
#include "directory/dir.h"
#include "store/store_epoch.h"
#include "store/store_try.h"

#define DESK_NOW_S INT64_C(1764263116) /* Thursday 27 November 2025, 5:05pm in London */

/* What stands in the directory and the store, and what was done to them. */
extern struct desk_world {
	bool is_there;
	struct dir_person person;
	struct dir_factors factors;
	struct store_try_state tries[STORE_SCOPE_COUNT];
	struct store_session_row sessions[3];
	size_t session_count;
	bool is_store_down;
	bool is_commit_down; /* only changes fail */
	enum lk_err clear_err;
	size_t people_count; /* that user find finds */
	size_t finding_count;
	int clear_count, unlock_count, end_count;
} world;
/* The disk under the audit takes nothing any more. */
extern bool is_disk_full;
extern char desk_folder[];

int
desk_set_up(void **state);
int
desk_tear_down(void **state);

/* The answer; yours: lk_json_free. asked may use ' for ". */
struct lk_json *
desk_ask(const char *asked);
/* A text member, "" when it is not there; borrowed. "text" lists are joined by blanks. */
const char *
desk_text(const struct lk_json *answer, const char *name);
bool
desk_flag(const struct lk_json *answer, const char *name);
long long
desk_number(const struct lk_json *answer, const char *name);
/* The whole audit log, and the one mail in the spool ("" when there is none, fails at two). */
const char *
desk_log(void);
const char *
desk_mail(void);
/* Puts lines about the person into the log. */
void
desk_log_fill(int count);

/* From now on the pairwise secret does not open. */
void
desk_pairwise_lose(void);

#endif
