/* SPDX-License-Identifier: MIT */
/*
 * Lists of words with one blank between two, as OAuth writes scopes, resources and many things
 * more. Pure.
 */
#ifndef LK_FLOW_SCOPE_H
#define LK_FLOW_SCOPE_H

#include "base/arena.h"
#include "base/str.h"

/* Next word of *rest; blanks more than one are passed over. False: there is none. */
bool
scope_next(struct lk_str *rest, struct lk_str *out_word);
bool
scope_has(struct lk_str list, struct lk_str word);
bool
scope_has_c(struct lk_str list, const char *word);
/* Does all of it hold every word of list? An empty one always. */
bool
scope_is_within(struct lk_str list, struct lk_str all);
/* The words of list that all holds too, each once, in list's order; in the arena. */
struct lk_str
scope_shared(struct lk_str list, struct lk_str all, struct lk_arena *arena) LK_MUST_CHECK;
/* list with word behind it, once. Nothing without memory. */
struct lk_str
scope_with(struct lk_str list, struct lk_str word, struct lk_arena *arena) LK_MUST_CHECK;

#endif
