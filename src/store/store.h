/* SPDX-License-Identifier: MIT */
/*
 * Everything with a life: sessions, journeys, spent marks, counters. On Redis (7.0 or later),
 * behind two faces of the same verbs: a blocking one for lanes (struct store, one per thread) and
 * an asynchronous one for event loops (store_async.h). Keys and their lives: tables/keys.def.
 *
 * Promises: one round trip for what one request asks (store_fetch) and one for what it changes
 * (store_commit, all or nothing); nothing readable in a dump signs anyone in (keys are digests);
 * never a guess: no answer is LK_E_STORE_DOWN. Refuses a server that may evict, that is not master,
 * or whose epoch this process has not yet taken over. After trouble that concerns everybody all
 * stores answer LK_E_STORE_DOWN at once, until a store_look (store_epoch.h) finds the server well.
 * Every verb needs store_begin first and ends by the call's deadline; results live in its arena.
 * Where the arena is full a verb that reads answers LK_E_MEMORY.
 */
#ifndef LK_STORE_STORE_H
#define LK_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/call.h"
#include "base/secret.h"
#include "store/record.h"

struct metrics;
struct store_settings {
	const char *url;		  /* redis://HOST:PORT/DB or unix:///PATH?db=N */
	const struct lk_secret *password; /* NULL: none */
	int timeout_ms;
	int wait_replica_count;	 /* security writes wait for so many; 0: none */
	struct metrics *metrics; /* borrowed; NULL: nothing is counted */
};

struct store_shared; /* settings, the epoch taken over, health; shared by all threads */
struct store;

/* NULL without memory, or when url is none of these. Password and clock stay the caller's. */
struct store_shared *
store_shared_new(const struct store_settings *settings, const struct lk_clock *clock) LK_MUST_CHECK;
void
store_shared_free(struct store_shared *shared);
struct store *
store_new(struct store_shared *shared) LK_MUST_CHECK;
void
store_free(struct store *store);
void
store_begin(struct store *store, const struct lk_call *call);

/* --- what one request needs to know ---------------------------------------------------------- */

struct store_ask {
	const struct crypto_digest *session; /* NULL: not asked */
	const struct crypto_digest *journey;
	const struct crypto_digest *address; /* how many wrong tries from here in this minute */
};
struct store_answer {
	bool has_session, has_journey;
	struct store_session session;
	struct store_journey journey;
	struct store_journey foreign; /* stands there, but this browser did not show its proofs */
	uint32_t address_wrong_count;
	uint64_t epoch;		  /* journeys of another epoch are already left out */
	int64_t epoch_began_at_s; /* codes of steps not after this are not taken */
};
/* LK_OK also when nothing was found · LK_E_STORE_DOWN. A session past its end is left out. */
enum lk_err
store_fetch(struct store *store, const struct store_ask *ask,
	    struct store_answer *out) LK_MUST_CHECK;

/* --- what one request changes ---------------------------------------------------------------- */

enum store_change_kind {
	STORE_JOURNEY_MOVE = 1, /* key; journey; revision: what must stand now (0: none); life_s */
	STORE_JOURNEY_PUT,	/* key; journey; life_s: whatever stood there before */
	STORE_JOURNEY_END,	/* key */
	STORE_SPEND,		/* mark must not exist: mark, person_id, value; life_s */
	STORE_SESSION_PUT,	/* key; session; also listed under its person */
	STORE_SESSION_END,	/* key; person_id */
	STORE_SESSIONS_END_ALL, /* person_id; but not key; auth_at_s ≤ before_s (0: any) */
	STORE_TRY_FORGET,	/* scope, person_id: the wrong tries of that scope */
	STORE_UNLOCK,		/* person_id: every scope's tries and locks, codes too */
	STORE_TRUST_PUT,	/* key (device digest), person_id; life_s */
	STORE_TRUST_END_ALL,	/* person_id */
};
enum store_mark { STORE_MARK_TOTP = 1, STORE_MARK_RECOVERY };

struct store_change {
	enum store_change_kind kind;
	const struct crypto_digest *key;
	const struct store_session *session;
	const struct store_journey *journey; /* its revision is written as given */
	uint32_t revision;
	struct lk_str person_id;
	enum store_mark mark;
	uint64_t value; /* TOTP step; first 8 bytes of a recovery hash's digest */
	uint8_t scope;	/* enum store_scope */
	int32_t life_s;
	int64_t before_s;
};
struct store_result {
	size_t refused_at;    /* index of the change that stood in the way */
	uint32_t ended_count; /* sessions ended by STORE_SESSIONS_END_ALL */
};
/*
 * All changes or none, in one step of Redis. At most 12. out may be NULL.
 * Returns: LK_OK · LK_E_STORE_CONFLICT (a journey was not where it should be)
 *          LK_E_USED (a mark was there) · LK_E_STORE_DOWN (nothing is known)
 *          LK_E_FORMAT (a record or an id is too large; nothing was sent)
 */
enum lk_err
store_commit(struct store *store, const struct store_change *changes, size_t count,
	     struct store_result *out) LK_MUST_CHECK;
/* Moves the session's idle end; written at most once a minute per session; may be lost. */
enum lk_err
store_session_touch(struct store *store, const struct crypto_digest *key,
		    const struct store_session *session) LK_MUST_CHECK;
/* What its notice says is no longer so. A session ended or changed meanwhile stays as it is. */
enum lk_err
store_session_notice_end(struct store *store, const struct crypto_digest *key,
			 const struct store_session *session) LK_MUST_CHECK;
/* Has this device been trusted by this person? */
enum lk_err
store_trust_check(struct store *store, const struct crypto_digest *device, struct lk_str person_id,
		  bool *out_is_trusted) LK_MUST_CHECK;

/* Sessions of a person, newest first, with the first 8 hex digits of their digests. */
struct store_session_row {
	char name[9];
	struct store_session session;
};
enum lk_err
store_sessions_find(struct store *store, struct lk_str person_id, size_t max,
		    struct store_session_row **out, size_t *out_count) LK_MUST_CHECK;

#endif
