/* SPDX-License-Identifier: MIT */
/*
 * Which applications must hear that a session ended. store_commit puts them down in the step that
 * ends it; whoever takes one tells the application, then says so. Taken and not ended, it comes
 * again: each is told at least once, and once unless somebody died in between. Rules of store.h
 * hold.
 */
#ifndef LK_STORE_STORE_GOODBYE_H
#define LK_STORE_STORE_GOODBYE_H

#include "store/store.h"

struct store_goodbye {
	struct lk_str sid, client_id, sub;
	struct lk_str kept; /* as it stands in the store */
};
/*
 * Those nobody has taken within hold_s, at most max, each application once a session. *out is in
 * the arena.
 * Returns: LK_OK also when there is none · LK_E_STORE_DOWN · LK_E_MEMORY
 */
enum lk_err
store_goodbyes_take(struct store *store, size_t max, int hold_s, struct store_goodbye **out,
		    size_t *out_count) LK_MUST_CHECK;
/* It was told, or never will be. */
enum lk_err
store_goodbye_end(struct store *store, const struct store_goodbye *goodbye) LK_MUST_CHECK;

/* Where a person is signed in by that session; kept is empty. At most 300. */
enum lk_err
store_visits_find(struct store *store, struct lk_str person_id, struct lk_str sid,
		  struct store_goodbye **out, size_t *out_count) LK_MUST_CHECK;
/*
 * Ids of people of whom applications hold something, those whose grants end first first: at most
 * max from place from on. Fewer than max: these were the last.
 */
enum lk_err
store_holders_find(struct store *store, size_t from, size_t max, struct lk_str **out,
		   size_t *out_count) LK_MUST_CHECK;

#endif
