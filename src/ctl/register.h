/* SPDX-License-Identifier: MIT */
/* RFC 7591 metadata on its way to a file of policies/applications. Pure, fuzzed. */
#ifndef LK_CTL_REGISTER_H
#define LK_CTL_REGISTER_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "crypto/crypto.h"

#define REGISTER_ID_BYTES 101

struct registered {
	char client_id[REGISTER_ID_BYTES];
	const char *kind;     /* one of application.def's */
	struct lk_str secret; /* nothing: it could not keep one */
	bool is_secret_new;   /* made here: to be told once */
	bool is_owner_wanted; /* a robot that names nobody who answers for it */
	struct lk_str dropped; /* grants it asked for and cannot have, between blanks */
	struct lk_str keys;   /* its JWK Set, for the file that jwks_file names; empty: none */
};
struct register_with {
	const struct crypto_ring *ring; /* its newest key makes the secret's digest */
	struct lk_arena *arena;		/* the secret lies there */
	struct lk_why *why;
	const char *folder; /* policies/applications */
	int64_t now_s;	    /* a robot expires a year later unless it says when */
};

/*
 * One application: what it is called, what it is, and its file's text.
 *
 *   metadata  an object; names of RFC 7591 s2, OpenID Connect registration and logout; beside
 *             them keys of application.def that have no such name, "kind" first of all, as texts,
 *             numbers or lists; others are passed over. Of grant_types those it cannot have are
 *             dropped, and refused when no other begins anything
 *   out_text  the file; not checked against application.def's rows beyond being one line a key
 *
 * Returns: LK_OK · LK_E_FORMAT why says · LK_E_MEMORY · LK_E_NOT_FOUND the ring is at fault
 * Source:  RFC 7591 s2; OpenID Connect Registration s2, Back-Channel Logout s2.2, Front-Channel
 *          Logout s2, RP-Initiated Logout s3.1.
 */
enum lk_err
register_make(const struct register_with *with, const struct lk_json *metadata,
	      struct registered *out, struct lk_buf *out_text) LK_MUST_CHECK;

/*
 * "KEYNUMBER:DIGEST" of a secret, as secret_digests hold it, by the ring's newest key.
 *
 * Returns: LK_OK · LK_E_NOT_FOUND the ring is at fault
 */
enum lk_err
register_digest_make(const struct crypto_ring *ring, const char *client_id, struct lk_str secret,
		     struct lk_buf *out) LK_MUST_CHECK;

#endif
