/* SPDX-License-Identifier: MIT */
/*
 * What applications hold on people, as plain structs, and their packed form: grants, access
 * tokens, codes and device codes. The same promises as record.h; times are whole seconds. Unpacked
 * texts live in the arena, in one copy of the record.
 */
#ifndef LK_STORE_RECORD_GRANT_H
#define LK_STORE_RECORD_GRANT_H

#include "store/record.h"

/*
 * That an application may act for a person. Key: digest of the selector in its tokens
 * (CRYPTO_GRANT). Its access tokens live no longer than it.
 */
struct store_grant {
	uint32_t revision; /* grows by one each time its refresh token is rotated */
	uint64_t epoch;	   /* of the store when it was given */
	int64_t auth_at_s; /* when the person showed their proofs */
	int64_t began_at_s;
	int64_t ends_at_s; /* never longer than this */
	uint32_t proofs;   /* enum store_proof */
	bool is_offline;   /* outlives the session it came from */
	struct lk_str person_id;
	struct lk_str sid;	 /* of the session it came from, or nothing */
	struct lk_str client_id; /* who holds it */
	struct lk_str sub;	 /* what that application calls the person */
	struct lk_str username;
	struct lk_str scope;	   /* blank separated */
	struct lk_str audience;	   /* blank separated; nothing: none was asked for */
	struct lk_str claims;	   /* JSON object: all that may be told */
	struct lk_str id_claims;   /* names asked for in the id token, blank separated */
	struct lk_str user_claims; /* the same for userinfo */
	struct lk_str acr;
	struct crypto_digest access; /* key of its newest access token; zero: none */
};

/* An access token. Key: digest of its text (CRYPTO_TOKEN). */
struct store_token {
	int64_t made_at_s; /* from 0 to 2^40 - 1, as ends_at_s */
	int64_t ends_at_s;
	bool has_grant;		 /* false: a robot's, and the three below say it all */
	struct lk_str client_id; /* nothing in these: the grant's */
	struct lk_str scope;
	struct lk_str audience;
};

/* An authorization code. Key: digest of its text (CRYPTO_TOKEN). */
struct store_code {
	struct store_grant grant; /* what it is to become; its epoch is the code's */
	struct lk_str redirect_uri;
	struct lk_str challenge; /* nothing: asked for without one */
	struct lk_str nonce;
	int64_t ends_at_s;
	bool was_redirect_sent; /* redirect_uri stood in the request: it must stand in the next */
};

enum store_device_state {
	STORE_DEVICE_PENDING = 1,
	STORE_DEVICE_APPROVED, /* grant holds what was approved */
	STORE_DEVICE_DENIED,
	STORE_DEVICE_DONE, /* its tokens were given */
};

/* A device that waits for a person. Key: digest of its device code (CRYPTO_TOKEN). */
struct store_device {
	uint32_t revision; /* grows by one with each move */
	uint64_t epoch;	   /* of the store when it asked: another one ends it */
	uint8_t state;	   /* enum store_device_state */
	int64_t asked_at_s;
	int64_t ends_at_s;
	int64_t last_poll_at_s;
	int32_t interval_s;
	struct lk_str client_id;
	struct lk_str scope;
	struct lk_str audience;
	struct lk_str place; /* what the page tells the person of it */
	struct lk_str host;
	struct lk_str address;
	struct crypto_digest user_code; /* digest of what people type (CRYPTO_USER_CODE) */
	struct store_grant grant;
};

/* As the functions of record.h. A code and a device must have room for the grant in them. */
void
store_grant_pack(struct lk_buf *out, const struct store_grant *grant);
enum lk_err
store_grant_unpack(struct lk_str packed, struct lk_arena *arena,
		   struct store_grant *out) LK_MUST_CHECK;
/* The first bytes of one, up to and with sub; the rest of out is zero. */
enum lk_err
store_grant_head_unpack(struct lk_str packed, struct lk_arena *arena,
			struct store_grant *out) LK_MUST_CHECK;
void
store_token_pack(struct lk_buf *out, const struct store_token *token);
enum lk_err
store_token_unpack(struct lk_str packed, struct lk_arena *arena,
		   struct store_token *out) LK_MUST_CHECK;
void
store_code_pack(struct lk_buf *out, const struct store_code *code);
enum lk_err
store_code_unpack(struct lk_str packed, struct lk_arena *arena,
		  struct store_code *out) LK_MUST_CHECK;
void
store_device_pack(struct lk_buf *out, const struct store_device *device);
enum lk_err
store_device_unpack(struct lk_str packed, struct lk_arena *arena,
		    struct store_device *out) LK_MUST_CHECK;

/* Begun, as far as the clocks of two nodes agree, and not at their end. */
bool
store_grant_is_alive(const struct store_grant *grant, int64_t now_s);
bool
store_token_is_alive(const struct store_token *token, int64_t now_s);

#endif
