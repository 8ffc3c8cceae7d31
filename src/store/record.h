/* SPDX-License-Identifier: MIT */
/*
 * What is kept in Redis, as plain structs, and their packed form. Every packed record begins with
 * a version byte; a record of another version, too short or too long is LK_E_FORMAT and counts as
 * absent. Pure, fuzzed, round-trip tested.
 */
#ifndef LK_STORE_RECORD_H
#define LK_STORE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/crypto.h"

/* Proofs a person has shown; bits of one set, those of policy/proofs.h among them. */
enum store_proof {
	STORE_PROOF_PASSWORD = 1,
	STORE_PROOF_TOTP = 2,
	STORE_PROOF_RECOVERY = 4,
	STORE_PROOF_DEVICE = 64, /* a device that was trusted earlier */
	/* Of a session: less than policy asks, let in by an application that asks for less. */
	STORE_PROOF_LIMITED = 128,
};

/* A web session. Key: digest of the cookie (CRYPTO_SESSION). */
struct store_session {
	struct lk_str person_id;
	struct lk_str username;
	struct lk_str display_name;
	struct lk_str language;	    /* "en", "cy" or nothing */
	struct lk_str applications; /* client ids this person may see, blank separated */
	struct lk_str device;	    /* what people call it: "Chromium on Linux" */
	struct lk_str notice;	    /* text key shown on the services page, or nothing */
	struct lk_str sid;	    /* of its own; 22 characters. Told as session_told makes it */
	struct lk_str claims;	    /* JSON object: what the directory said of them at sign-in */
	int64_t notice_at_s;	    /* the time that sentence names */
	uint32_t proofs;	    /* enum store_proof */
	int64_t auth_at_s;	    /* when the proofs were shown */
	int64_t seen_at_s;	    /* last touch, to the minute */
	int64_t ends_at_s;	    /* never longer than this */
	int32_t idle_s;
};

/*
 * One job half done, of one browser. Key: digest of the browser cookie (CRYPTO_BROWSER) and the
 * job. Every step re-reads it; nothing in a later request may name the person. job and state are
 * numbers of steps.def.
 */
struct store_journey {
	uint32_t revision; /* grows by one with each move; the form key carries it */
	uint8_t job;
	uint8_t state;
	uint32_t proofs;
	struct lk_str person_id; /* empty: nobody has proved anything yet */
	struct lk_str username;	 /* as the directory spells it */
	struct lk_str display_name;
	struct lk_str application; /* client id that started it, or nothing */
	struct lk_str sealed;	   /* enrol: the sealed new seed */
	struct lk_str nonce;	   /* done: the session token is made from it */
	struct lk_str note;	   /* what the end page tells: counts, times */
	struct lk_str reference;
	struct lk_str held;	     /* what the cookie of whoever showed the proofs is made from */
	struct crypto_digest answer; /* done: the answer that finished it, for its double click */
	uint32_t result;	     /* done: enum lk_err */
	int64_t at_s;		     /* done: when */
	int64_t began_at_s;
	int64_t password_at_s; /* of when their password was, as a proof was shown */
	uint64_t epoch;	       /* of the store when it began: another one ends it */
};

#define STORE_RECORD_MAX_BYTES 16384u

/*
 * Into a buffer of STORE_RECORD_MAX_BYTES; more than that spoils it (lk_buf_is_ok).
 * Unpacked texts are copies in the arena; out is untouched unless LK_OK.
 * Returns: LK_OK · LK_E_FORMAT not a whole record of this version · LK_E_MEMORY
 */
void
store_session_pack(struct lk_buf *out, const struct store_session *session);
enum lk_err
store_session_unpack(struct lk_str packed, struct lk_arena *arena,
		     struct store_session *out) LK_MUST_CHECK;
/*
 * Not at its end and not idle for too long. One that has not begun yet is none: the clock was
 * ahead, and its end is nowhere near.
 */
bool
store_session_is_alive(const struct store_session *session, int64_t now_s);
void
store_journey_pack(struct lk_buf *out, const struct store_journey *journey);
enum lk_err
store_journey_unpack(struct lk_str packed, struct lk_arena *arena,
		     struct store_journey *out) LK_MUST_CHECK;

#endif
