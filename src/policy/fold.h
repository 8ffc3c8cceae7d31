/* SPDX-License-Identifier: MIT */
/*
 * When are two words the same to somebody who guesses? Small letters, without accents, look-alikes
 * undone. Pure; everything lives in the arena and is wiped with it, since passwords pass through
 * here.
 */
#ifndef LK_POLICY_FOLD_H
#define LK_POLICY_FOLD_H

#include "base/arena.h"
#include "base/str.h"

/*
 * A folded text (base/utf8_form.h) with every look-alike as the one letter of its class: @ 4 → a, 3
 * → e, 1 ! | l → i, 0 → o, 5 $ → s, 7 + → t, 8 → b, 9 6 → g, 2 → z. Both sides of a comparison go
 * through it, so that "i" and "l" need no deciding. Nothing without memory.
 */
struct lk_str
policy_unmask(struct lk_arena *arena, struct lk_str folded);

/* Without what people put around a word: at most 4 bytes before and 6 behind that are no letters.
 */
struct lk_str
policy_core(struct lk_str folded);

#define POLICY_FORM_LEAST_BYTES 4u
#define POLICY_FORMS_MAX	6u
/*
 * The words a password could be made from, each as it stands in the list of common passwords: all
 * of it; its core; and of both, when they are one word over and over, that word and its core.
 * Unmasked; ones under 4 bytes are left out. Returns how many.
 */
size_t
policy_forms(struct lk_arena *arena, struct lk_str text, struct lk_str forms[POLICY_FORMS_MAX]);

#endif
