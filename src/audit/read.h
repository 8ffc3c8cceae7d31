/* SPDX-License-Identifier: MIT */
/* Reading the log, for latchkeyctl and the desk: needs no daemon, harms none that is writing. */
#ifndef LK_AUDIT_READ_H
#define LK_AUDIT_READ_H

#include "audit/audit.h"

/* A kind of line. */
struct audit_kind {
	enum audit_event event;
	const char *detail; /* how its detail begins, in letters, '_' and blanks; NULL: any */
	int meaning;        /* to who asks */
};
/* One line as read; borrowed for the length of the callback. */
struct audit_record {
	uint64_t number; /* in the chain, from 1; a continued file begins higher */
	int64_t at_s;
	struct audit_line line;
	struct lk_str json; /* the whole line */
	const struct audit_kind *kind; /* the first of the query's it is of; NULL: it names none */
};
/* Return false to stop. */
typedef bool audit_visit(const struct audit_record *record, void *context);

struct audit_query {
	struct lk_str person_id, username, ref; /* empty: any */
	int64_t since_s;                        /* 0: from the start */
	const struct audit_kind *kinds;         /* one of them */
	size_t kind_count;                      /* 0: any kind */
};
/*
 * Oldest first; usernames match in either case. Bad lines are skipped here and found by
 * audit_verify.
 *
 * Time:    a quarter of a microsecond for a line that cannot be meant, 5 µs for one that can.
 *
 * Returns: LK_OK · LK_E_NOT_FOUND no such file · LK_E_AUDIT_DOWN cannot be read · LK_E_MEMORY
 */
enum lk_err audit_read(const char *path, const struct audit_query *query, audit_visit *visit,
    void *context) LK_MUST_CHECK;

struct audit_fault {
	uint64_t line;   /* of the file, from 1; 0: the chain is whole */
	uint64_t count;  /* lines looked at */
	char words[160]; /* what is wrong, plainly */
};
/*
 * Check the whole chain offline, or beside a running daemon. The head is kept beside the file
 * (PATH.head, signed, written after each sync), so that lines cut off at the end are found too; a
 * file put away by audit_reopen needs none.
 *
 * Returns: LK_OK           out->line is 0
 *          LK_E_FORMAT     out says where and what
 *          LK_E_NOT_FOUND · LK_E_AUDIT_DOWN cannot be read · LK_E_MEMORY
 */
enum lk_err audit_verify(const char *path, const struct crypto_ring *ring,
    struct audit_fault *out) LK_MUST_CHECK;

#endif
