/* SPDX-License-Identifier: MIT */
/*
 * What happened, in a file nobody can quietly edit. One JSON object a line, each with a keyed hash
 * over itself and the hash of the line before (chain.h); appended and synced before audit_append
 * returns. Events and their needed slots: tables/audit.def. Who writes here ignores SIGXFSZ.
 */
#ifndef LK_AUDIT_AUDIT_H
#define LK_AUDIT_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
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

/*
 * Slots left empty are left out. Values are escaped, and cut with an ellipsis so that a line stays
 * under 4096 bytes; bytes that are not UTF-8 become U+FFFD. A needed slot that is empty is a fault
 * of ours: the line is written all the same, names it in "missing", and audit_missing_count tells.
 */
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
 * Open for appending (mode 0600, made when missing) and find the end of the chain, walking from
 * PATH.head on. A torn last line (power lost while writing) is cut off and an AUDIT_CHAIN_MENDED
 * line says so. A missing or empty log beside a head (it was moved away) goes on from it with
 * AUDIT_CHAIN_CONTINUED.
 *
 *   path         copied
 *   ring, clock  borrowed until audit_close
 *
 * Returns: LK_OK
 *          LK_E_FORMAT      any other break: why says which; audit_verify finds the line
 *          LK_E_BUSY        another process holds it (flock)
 *          LK_E_AUDIT_DOWN  the disk says no
 *          LK_E_MEMORY
 */
enum lk_err audit_open(const char *path, const struct crypto_ring *ring,
    const struct lk_clock *clock, struct lk_why *why, struct audit **out) LK_MUST_CHECK;
/* Writes what waits, as long as the disk takes. No append may be running. NULL is fine. */
void audit_close(struct audit *audit);

/*
 * Append and sync. Many threads at once share one sync: a thread of audit's own writes for all.
 * Ends by the deadline, even when the disk hangs.
 *
 * Returns: LK_OK            it is on disk
 *          LK_E_AUDIT_DOWN  it may not be: do not acknowledge what it tells. After a failed write
 *                           or sync the file is down until audit_heal succeeded.
 * Threads: any.
 */
enum lk_err audit_append(
    struct audit *audit, const struct audit_line *line, int64_t deadline_mono_ms) LK_MUST_CHECK;
/* A line on its way, in the storage of who wants it written. The caller sets done and owner. */
struct audit_note {
	/*
	 * On audit's own thread, which waits for it: hands the notes on, calls nothing of audit.
	 * One or more of the same owner, in their order, linked by next.
	 */
	void (*done)(struct audit_note *notes);
	void *owner;
	enum lk_err result;      /* once done: as audit_append returns it */
	struct audit_note *next; /* of notes done, NULL at their end */
	struct lk_str fragment;  /* private, as below */
	bool is_done;
};
/*
 * The same without waiting. done comes exactly once, when what it tells is on disk or may not be,
 * unless audit_note_leave was quicker. Notes wait for audit_notes_go, and may leave before it with
 * others; they are written in their order, as many at once as a sync takes. How many there may be
 * is bounded by who keeps them.
 *
 *   line   borrowed for the call
 *   arena  of the request: what is to be written stands there until then
 *   note   untouched until done
 *
 * Returns: LK_OK            done will come
 *          LK_E_AUDIT_DOWN  it will not: the file is down
 *          LK_E_MEMORY      the same
 * Threads: any.
 */
enum lk_err audit_note(struct audit *audit, const struct audit_line *line, struct lk_arena *arena,
    struct audit_note *note) LK_MUST_CHECK;
/* Those so far are to be written. Once for many: each call may wake a thread. Threads: any. */
void audit_notes_go(struct audit *audit);
/*
 * Its time is over. True: done will not come, and the line may be on disk or not: as
 * LK_E_AUDIT_DOWN of audit_append. False: done came, or is being called.
 */
bool audit_note_leave(struct audit *audit, struct audit_note *note);
/*
 * LK_OK when appends can be expected to work: ask before changing anything outside.
 * LK_E_AUDIT_DOWN: the file is down, or a sync has not come back for 2 s. Never waits for the disk.
 */
enum lk_err audit_check(struct audit *audit) LK_MUST_CHECK;
/*
 * Try to get a file that is down back: called by main now and then. Cuts off what was never
 * acknowledged and says so in an AUDIT_CHAIN_MENDED line. Waits 1 s for a sync that hangs, then
 * LK_E_AUDIT_DOWN. LK_OK: it is up.
 */
enum lk_err audit_heal(struct audit *audit, struct lk_why *why) LK_MUST_CHECK;
/*
 * Start a new file after the old one was moved away (SIGHUP). The old one's last line says that it
 * ends; the first of the new one carries the hash it goes on from. Nothing was moved: nothing
 * happens. Heals too.
 *
 * Returns: LK_OK
 *          LK_E_AUDIT_DOWN
 *          LK_E_BUSY, LK_E_FORMAT  something else stands at path: the old file stays in use
 */
enum lk_err audit_reopen(struct audit *audit, struct lk_why *why) LK_MUST_CHECK;
/* Lines so far that lacked a slot their event needs: 0, or somebody has a fault to mend. */
uint64_t audit_missing_count(struct audit *audit);

/* Name of an event ("signin_done") and the English and Welsh text key of its sentence. */
const char *audit_event_name(enum audit_event event);
const char *audit_event_text_key(enum audit_event event);

#endif
