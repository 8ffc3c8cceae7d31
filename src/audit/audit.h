/* SPDX-License-Identifier: MIT */
/*
 * What happened, in a file nobody can quietly edit. One JSON object a line, each holding the keyed hash of the line before; appended and
 * synced before audit_append returns. Events and their needed slots: tables/audit.def.
 */
#ifndef LK_AUDIT_AUDIT_H
#define LK_AUDIT_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/crypto.h"

struct audit;

enum audit_event {
	AUDIT_NONE = 0,
#define LK_AUDIT(name, number, severity, needs, keep_days, text) AUDIT_##name,
#include "tables/audit.def"
	AUDIT_EVENT_COUNT
};

/* Slots left empty are left out of the line. Values are escaped; bytes that are not UTF-8 become U+FFFD. */
struct audit_line {
	enum audit_event event;
	enum lk_err result;      /* the true row, even where the person was told less */
	struct lk_str ref;       /* reference of the request */
	struct lk_str person_id; /* entryUUID */
	struct lk_str username;  /* as the directory spells it */
	struct lk_str actor;     /* who did it when not the person: "desk:asha", "root (uid 0)" */
	struct lk_str door;      /* "web", "pam:sshd", "ctl" */
	struct lk_str address;   /* client address */
	struct lk_str reason;    /* what the actor gave as reason, ticket */
	struct lk_str detail;    /* why-list, or what the event's sentence needs */
	struct lk_str session;   /* first 8 characters of the session's digest */
};

/*
 * Open for appending (mode 0600, made when missing) and find the end of the chain. A torn last line (power lost while writing) is cut off and an
 * AUDIT_CHAIN_MENDED line says so; any other break: LK_E_FORMAT. One process at a time holds the file (flock): else LK_E_BUSY.
 */
enum lk_err audit_open(const char *path, const struct crypto_ring *ring, const struct lk_clock *clock,
    struct lk_why *why, struct audit **out) LK_MUST_CHECK;
void audit_close(struct audit *audit);

/*
 * Append and sync. Many threads at once share one fsync (the first waiting writes for all). Ends by deadline.
 * Returns: LK_OK it is on disk · LK_E_AUDIT_DOWN it may not be: do not acknowledge what it tells. After a failed
 * write or sync the file is down until audit_heal succeeded.
 */
enum lk_err audit_append(struct audit *audit, const struct audit_line *line, int64_t deadline_mono_ms) LK_MUST_CHECK;
/* LK_OK when appends can be expected to work: ask before changing anything outside. */
enum lk_err audit_check(struct audit *audit) LK_MUST_CHECK;
/* Try to get a file that is down back: called by main now and then. */
enum lk_err audit_heal(struct audit *audit, struct lk_why *why) LK_MUST_CHECK;
/* Start a new file after the old one was moved away (SIGHUP); the first line carries the last hash of the old. */
enum lk_err audit_reopen(struct audit *audit, struct lk_why *why) LK_MUST_CHECK;

/* --- reading, for latchkeyctl and the desk; needs no daemon ----------------------------------------------------- */

/* One line as read; borrowed for the length of the callback. */
struct audit_record {
	uint64_t number; /* line, from 1 */
	int64_t at_s;
	struct audit_line line;
	struct lk_str json; /* the whole line */
};
/* Return false to stop. */
typedef bool audit_visit(const struct audit_record *record, void *context);

struct audit_query {
	struct lk_str person_id, username, ref; /* empty: any */
	int64_t since_s;                        /* 0: from the start */
};
/* Oldest first. LK_E_NOT_FOUND when there is no such file. Bad lines are skipped here and found by audit_verify. */
enum lk_err audit_read(const char *path, const struct audit_query *query, audit_visit *visit, void *context) LK_MUST_CHECK;

struct audit_fault {
	uint64_t line;     /* 0: the chain is whole */
	uint64_t count;    /* lines looked at */
	char words[160];   /* what is wrong, plainly */
};
/*
 * Check the whole chain offline. The head is kept beside the file (PATH.head, written after each sync), so that lines cut off at the end are found too.
 * Returns: LK_OK (out->line 0) · LK_E_FORMAT (out says where) · LK_E_NOT_FOUND
 */
enum lk_err audit_verify(const char *path, const struct crypto_ring *ring, struct audit_fault *out) LK_MUST_CHECK;

/* Name of an event ("signin_done") and the English and Welsh text key of its sentence. */
const char *audit_event_name(enum audit_event event);
const char *audit_event_text_key(enum audit_event event);

#endif
