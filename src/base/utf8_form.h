/* SPDX-License-Identifier: MIT */
/*
 * One text, many spellings: the forms in which two of them are the same bytes. Everything lives in
 * the arena and is wiped with it, since passwords pass through here. The only home of libunistring.
 */
#ifndef LK_BASE_UTF8_FORM_H
#define LK_BASE_UTF8_FORM_H

#include "base/arena.h"
#include "base/str.h"

/*
 * Composed (NFC): "e" and an accent become "é". What is all ASCII comes back as it is, not copied.
 * Nothing when s is not UTF-8, or without memory.
 *
 * Source: Unicode Standard Annex #15.
 */
struct lk_str
lk_utf8_compose(struct lk_arena *arena, struct lk_str s) LK_MUST_CHECK;
/*
 * For comparing as people do: small letters, without accents and other marks, compatibility forms
 * as their plain ones ("Siân", "ＳＩＡＮ" → "sian"). Nothing when s is not UTF-8, or without
 * memory.
 */
struct lk_str
lk_utf8_fold(struct lk_arena *arena, struct lk_str s) LK_MUST_CHECK;

/*
 * The name of an account as directories compare it: small letters, compatibility forms as their
 * plain ones, no blanks at either end and one where there are several; accents stay. Nothing when s
 * is not UTF-8, or without memory.
 *
 * Source: RFC 4518, but for what it maps to nothing.
 */
struct lk_str
lk_utf8_name(struct lk_arena *arena, struct lk_str s) LK_MUST_CHECK;

#endif
