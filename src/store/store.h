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
#include "store/store_change.h"

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

/* What a token and its grant were when they were told before, to the byte. */
struct store_known {
	uint64_t epoch;
	struct lk_str token, grant; /* raw_token and raw_grant of then */
};
struct store_ask {
	const struct crypto_digest *session; /* NULL: not asked */
	const struct crypto_digest *journey;
	const struct crypto_digest *address; /* how many wrong tries from here in this minute */
	const struct crypto_digest *token;
	const struct crypto_digest *grant;
	const struct store_known *known; /* NULL: nothing; stays until the answer is told */
};
struct store_answer {
	bool has_session, has_journey;
	bool has_token, has_grant; /* alive; a token is left out when it has a grant that is not */
	bool is_as_known; /* token and grant are what ask.known says: they were not read again */
	struct store_session session;
	struct store_journey journey;
	struct store_journey foreign; /* stands there, but this browser did not show its proofs */
	struct store_token token;
	struct store_grant grant;
	uint32_t address_wrong_count;
	uint64_t epoch;		  /* journeys of another epoch are already left out */
	int64_t epoch_began_at_s; /* codes of steps not after this are not taken */
	/* Token and grant as they came, of store_async_fetch; gone when its done returns. */
	struct lk_str raw_token, raw_grant;
};
/* LK_OK also when nothing was found · LK_E_STORE_DOWN. A session past its end is left out. */
enum lk_err
store_fetch(struct store *store, const struct store_ask *ask,
	    struct store_answer *out) LK_MUST_CHECK;

/* --- what one request changes ---------------------------------------------------------------- */

/*
 * All changes or none, in one step of Redis. At most STORE_CHANGES_MAX. out may be NULL.
 * Returns: LK_OK · LK_E_STORE_CONFLICT (what was to move was not where it should be)
 *          LK_E_USED (a mark was there, or another device has that user code) ·
 *          LK_E_SIGNIN_TOO_FAST (a count would pass its maximum) · LK_E_STORE_DOWN (nothing is
 *          known) · LK_E_FORMAT (a record or an id is too large; nothing was sent)
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
/* becomes in place of was, with the same ends. One ended or changed meanwhile stays as it is. */
enum lk_err
store_session_replace(struct store *store, const struct crypto_digest *key,
		      const struct store_session *was,
		      const struct store_session *becomes) LK_MUST_CHECK;
/* Has this device been trusted by this person? */
enum lk_err
store_trust_check(struct store *store, const struct crypto_digest *device, struct lk_str person_id,
		  bool *out_is_trusted) LK_MUST_CHECK;

/* Sessions of a person, newest first. */
struct store_session_row {
	char name[9];		  /* first 8 hex digits of its digest */
	struct crypto_digest key; /* as much as a key needs */
	struct store_session session;
};
enum lk_err
store_sessions_find(struct store *store, struct lk_str person_id, size_t max,
		    struct store_session_row **out, size_t *out_count) LK_MUST_CHECK;

#endif
