/* SPDX-License-Identifier: MIT */
/* What one request may change in the store, for store_commit. */
#ifndef LK_STORE_STORE_CHANGE_H
#define LK_STORE_STORE_CHANGE_H

#include <stddef.h>
#include <stdint.h>

#include "store/record_grant.h"

#define STORE_CHANGES_MAX 20u

enum store_change_kind {
	STORE_JOURNEY_MOVE = 1, /* key; journey; revision: what must stand now (0: none); life_s */
	STORE_JOURNEY_PUT,	/* key; journey; life_s: whatever stood there before */
	STORE_JOURNEY_END,	/* key */
	STORE_SPEND,		/* mark must not exist: mark, person_id, value; life_s */
	STORE_SESSION_PUT,	/* key; session; also listed under its person */
	STORE_SESSION_END,	/* key; person_id; and STORE_GRANTS_END_SESSION */
	STORE_SESSIONS_END_ALL, /* person_id; but not key; auth_at_s ≤ before_s (0: any);
				 * and STORE_GRANTS_END_ALL, so that nobody forgets it */
	STORE_TRY_FORGET,	/* scope, person_id: the wrong tries of that scope */
	STORE_UNLOCK,		/* person_id: every scope's tries and locks, codes too */
	STORE_TRUST_PUT,	/* key (device digest), person_id; life_s */
	STORE_TRUST_END_ALL,	/* person_id */
	STORE_GRANT_PUT,	/* key; grant; life_s; also listed under its person and sid; the
				 * session of that sid must not have ended in the last 15 minutes,
				 * in which codes and devices that it approved can be redeemed */
	STORE_GRANT_MOVE,	/* the same; revision: what must stand now, with 0 as well */
	STORE_GRANT_END,	/* key; is_quiet */
	STORE_GRANT_END_OLD,	/* key; revision: when one below that stands there; quiet */
	STORE_GRANTS_END_SESSION, /* sid: all but offline ones; the session is forgotten */
	STORE_GRANTS_END_ALL,	  /* person_id; auth_at_s ≤ before_s (0: any); but not those of
				   * sid (nothing: of the session key; NULL: none is kept)
				   * unless offline */
	STORE_TOKEN_PUT,	  /* key; token, until its end */
	STORE_TOKEN_END,	  /* key */
	STORE_CODE_PUT,		  /* key; code; life_s; also listed as given */
	STORE_CODE_NEED,	  /* key: it must be there still */
	STORE_DEVICE_PUT,	  /* key; device; life_s; no other may have its user code */
	STORE_DEVICE_MOVE,	  /* key; device; life_s; revision: what must stand now; approved,
				   * it is listed as given too */
	STORE_DEVICE_END,	  /* key; device: its user code ends as well */
	STORE_GIVEN_END,	  /* person_id, client_id: the codes and approved devices of that
				   * person that this application has made no grant of yet */
	STORE_WAITING_COUNT, /* key (of an address): value more in life_s, all together at most max
			      */
};

/*
 * What a mark is of. Of a code and an assertion: value from 8 bytes of its digest, person_id 22
 * characters and more of the digest in base64url.
 */
enum store_mark {
	STORE_MARK_TOTP = 1,
	STORE_MARK_RECOVERY,
	STORE_MARK_CODE,
	STORE_MARK_ASSERTION,
};

/*
 * Whatever ends a session, or a grant that came from one, puts down in the same step which
 * applications must hear of it (store_goodbye.h), so that no path can forget it.
 *
 * Keys and records are borrowed until store_commit is back. A grant lives in the store until its
 * end at least, whatever life_s says: a copy in memory looks at its end alone.
 */
struct store_change {
	enum store_change_kind kind;
	const struct crypto_digest *key;
	const struct store_session *session;
	const struct store_journey *journey; /* its revision is written as given */
	const struct store_grant *grant;     /* so are these */
	const struct store_token *token;
	const struct store_code *code;
	const struct store_device *device;
	uint32_t revision;
	struct lk_str person_id;
	struct lk_str sid, client_id;
	enum store_mark mark;
	uint64_t value; /* TOTP step; first 8 bytes of a recovery hash's digest; how many */
	uint32_t max;
	uint8_t scope;	/* enum store_scope */
	int32_t life_s;
	int64_t before_s;
	bool is_quiet; /* no session ends with the grant: who holds it is told nothing */
};
struct store_result {
	size_t refused_at;	    /* index of the change that stood in the way */
	uint32_t ended_count;	    /* sessions ended by STORE_SESSIONS_END_ALL */
	uint32_t ended_grant_count; /* grants ended by any of these changes */
	int64_t epoch_began_at_s;   /* of the epoch it was changed in: nothing older is known */
};

#endif
