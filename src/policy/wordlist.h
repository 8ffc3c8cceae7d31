/* SPDX-License-Identifier: MIT */
/*
 * The list of common passwords: a file of sorted 64-bit hashes of words' forms (policy/fold.h),
 * made by latchkey-wordlist, mapped and searched where it lies. A word that is not in it is
 * mistaken for one that is once in 10^14 looks.
 *
 *   8 bytes   "LKWORDS" and a byte 0
 *   4, 4      version 1, zero
 *   8         how many hashes
 *   8         check over the hashes
 *   8 each    hashes, ascending, none twice
 * All numbers little-endian. A new list is put in place by rename, never written over.
 */
#ifndef LK_POLICY_WORDLIST_H
#define LK_POLICY_WORDLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define WORDLIST_HEAD_BYTES 32u
#define WORDLIST_VERSION    1u
/* 64 million hashes. */
#define WORDLIST_MAX_BYTES (WORDLIST_HEAD_BYTES + 8u * 67108864u)

struct wordlist;

/*
 * Map a file and look at all of it once. Refused when group or others may write it.
 *
 *   why  "cannot be opened: …", "is no list of ours" …; may be NULL
 *   out  yours: wordlist_free
 *
 * Returns: LK_OK · LK_E_NOT_FOUND · LK_E_FORMAT · LK_E_MEMORY
 */
enum lk_err
wordlist_load(const char *path, struct lk_why *why, struct wordlist **out) LK_MUST_CHECK;
/* NULL is fine. */
void
wordlist_free(struct wordlist *list);
size_t
wordlist_count(const struct wordlist *list);
/* form: one of policy_forms'. */
bool
wordlist_has(const struct wordlist *list, struct lk_str form);

/* What stands behind; pure. Also for the maker and the fuzzer. */

uint64_t
wordlist_hash(struct lk_str form);
/* NULL, or what is wrong with a whole file's bytes. */
const char *
wordlist_fault(struct lk_str file);
bool
wordlist_bytes_have(struct lk_str file, struct lk_str form);
/* hashes ascending, none twice; the file's bytes. */
void
wordlist_write(const uint64_t *hashes, size_t count, struct lk_buf *out);

#endif
