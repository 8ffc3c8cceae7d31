/* SPDX-License-Identifier: MIT */
/*
 * What a signed token says: who made it, for whom, about whom, from when to when. For payloads
 * whose signature is known to be good, and for their bounds even then: the signer may be somebody
 * else. Pure; the time is given.
 */
#ifndef LK_CRYPTO_JOSE_CLAIMS_H
#define LK_CRYPTO_JOSE_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define CRYPTO_CLAIMS_MAX_BYTES 12288u
#define CRYPTO_CLAIM_MAX_BYTES	512u /* of one text */
#define CRYPTO_AUD_MAX_COUNT	8u

/* Texts are in arena; {NULL, 0} for those that are not there, never empty otherwise. */
struct crypto_claims {
	struct lk_str iss;
	struct lk_str sub;
	struct lk_str jti;
	struct lk_str nonce;
	struct lk_str aud[CRYPTO_AUD_MAX_COUNT];
	size_t aud_count;
	bool is_aud_array; /* false: one text that stands alone, or none */
	/* 0 for those that are not there. */
	int64_t exp_at_s;
	int64_t nbf_at_s;
	int64_t iat_at_s;
};

/*
 * Read them. Other members are passed over.
 *
 *   payload  borrowed
 *   why      may be NULL
 *
 * Returns: LK_OK
 *          LK_E_FORMAT  no JSON object, longer than CRYPTO_CLAIMS_MAX_BYTES, a name twice, a text
 *                       that is empty or longer than CRYPTO_CLAIM_MAX_BYTES, an aud that is no
 *                       text or list of 1 to CRYPTO_AUD_MAX_COUNT texts, an instant that is no
 *                       whole number of seconds between 1970 and 9999
 *          LK_E_MEMORY
 * Source:  RFC 7519 s4, s4.1.
 */
enum lk_err crypto_claims_read(struct lk_str payload, struct lk_arena *arena, struct lk_why *why,
    struct crypto_claims *out) LK_MUST_CHECK;

/* What must be there; bits of crypto_claims_rule.need. iss, aud and exp are not among them. */
enum crypto_need {
	CRYPTO_NEED_SUB = 1,
	CRYPTO_NEED_JTI = 2,
	CRYPTO_NEED_NONCE = 4,
	CRYPTO_NEED_IAT = 8,
	CRYPTO_NEED_NBF = 16,
};

struct crypto_claims_rule {
	struct lk_str iss; /* the one there must be */
	/* One of these must be in aud. None at all: aud is the caller's to look at. */
	const struct lk_str *aud; /* borrowed */
	size_t aud_count;
	bool is_aud_single; /* and must stand alone, as a text: FAPI 2.0 */
	unsigned need;	    /* CRYPTO_NEED_… */
	int64_t now_s;
	int64_t skew_s;	    /* how far clocks may differ, 0 to 600 */
	int64_t life_max_s; /* exp no further ahead of now than this; 0: any */
	bool may_be_past;   /* exp may be over: an id_token_hint. It must be there all the same. */
};

/*
 * Do they hold under rule?
 *
 * Returns: LK_OK
 *          LK_E_FORMAT  another iss or aud; exp is missing, over or too far ahead; nbf or iat is
 *                       ahead of us; one of need is missing. why says which, and not its value
 * Source:  RFC 7519 s4.1; RFC 7523 s3; RFC 8725 s3.8, s3.9.
 */
enum lk_err crypto_claims_check(const struct crypto_claims *claims,
    const struct crypto_claims_rule *rule, struct lk_why *why) LK_MUST_CHECK;

#endif
