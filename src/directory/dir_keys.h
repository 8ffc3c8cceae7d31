/* SPDX-License-Identifier: MIT */
/*
 * The keys that sign tokens, sealed: one entry a key in ou=keys below factors_base, named by its
 * algorithm and generation, so that of two nodes that make the same one the second's add fails. An
 * entry is added and removed, never changed. Beside them, of a class of their own, stand secrets
 * all nodes share that sign nothing. Knows nothing of what is in a seal. Rules of dir.h hold.
 *
 * Time:    1 round trip; 3 for the first key of all (ou=keys is made).
 * Returns: LK_OK · LK_E_DIRECTORY_DOWN nothing was sent or changed · LK_E_MEMORY
 *          LK_E_BROKEN the directory refuses what we ask (rights, schema; why says)
 *          and where something is written
 *          LK_E_DIRECTORY_UNSURE no answer, it may be done: read back
 *          LK_E_DIRECTORY_READ_ONLY nothing changed; no referral is followed
 */
#ifndef LK_DIRECTORY_DIR_KEYS_H
#define LK_DIRECTORY_DIR_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct dir;

/* Texts that are missing or more than their schema allows are {NULL, 0}, instants 0. */
struct dir_key {
	struct lk_str name; /* "RS256-7" */
	struct lk_str kid;
	struct lk_str sealed; /* crypto_jwk_seal, as bytes */
	int64_t made_at_s;
	int64_t signs_at_s; /* no earlier than this does it sign */
};

/* As latchkey.schema has them. */
#define DIR_KEY_NAME_MAX_BYTES	 64u
#define DIR_KEY_KID_MAX_BYTES	 128u
#define DIR_KEY_SEALED_MAX_BYTES 8192u

/*
 * All there are, in no order.
 *
 *   out  room for max; texts in the call's arena
 *
 * Returns: besides the above LK_E_BROKEN, there are more than max
 */
enum lk_err
dir_keys_find(struct dir *dir, struct dir_key *out, size_t max, size_t *out_count) LK_MUST_CHECK;
/*
 * A new one; nothing of key is empty.
 * Returns: besides the above LK_E_USED, there is one of that name: read it
 */
enum lk_err
dir_key_add(struct dir *dir, const struct dir_key *key) LK_MUST_CHECK;
/* Texts that are missing or more than their schema allows are {NULL, 0}, instants 0. */
struct dir_secret {
	struct lk_str name;   /* "pairwise-2" */
	struct lk_str sealed; /* crypto_seal_secret, as bytes */
	int64_t made_at_s;
};
/* The same for secrets: dir_keys_find and dir_key_add find and make none of them. */
enum lk_err
dir_secrets_find(struct dir *dir, struct dir_secret *out, size_t max,
		 size_t *out_count) LK_MUST_CHECK;
enum lk_err
dir_secret_add(struct dir *dir, const struct dir_secret *secret) LK_MUST_CHECK;
/* A key or a secret. LK_OK also when there was none. */
enum lk_err
dir_key_remove(struct dir *dir, struct lk_str name) LK_MUST_CHECK;

#endif
