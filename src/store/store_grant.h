/* SPDX-License-Identifier: MIT */
/*
 * What applications hold, read by lanes; they change it with store_commit. As with every verb,
 * store_begin comes first, results live in the call's arena, and no answer is LK_E_STORE_DOWN.
 */
#ifndef LK_STORE_STORE_GRANT_H
#define LK_STORE_STORE_GRANT_H

#include "store/store.h"

/*
 * LK_OK · LK_E_NOT_FOUND (none, or past its end; a code or a device of another epoch too) ·
 * LK_E_STORE_DOWN
 */
enum lk_err
store_grant_get(struct store *store, const struct crypto_digest *key,
		struct store_grant *out) LK_MUST_CHECK;
enum lk_err
store_code_get(struct store *store, const struct crypto_digest *key,
	       struct store_code *out) LK_MUST_CHECK;
enum lk_err
store_device_get(struct store *store, const struct crypto_digest *key,
		 struct store_device *out) LK_MUST_CHECK;
/* *out_key is the device's, for changes; of its digest as much as a key needs. */
enum lk_err
store_device_by_user_code(struct store *store, const struct crypto_digest *user_code,
			  struct crypto_digest *out_key, struct store_device *out) LK_MUST_CHECK;

/* Grants of a person, or those a session gave; those that end last first. One of the two is set. */
struct store_grants_of {
	struct lk_str person_id;
	struct lk_str sid;
};
struct store_grant_row {
	struct crypto_digest key; /* as much as a key needs */
	struct lk_str client_id, person_id, sid, sub;
	bool is_offline;
};
/* LK_OK also when there is none · LK_E_FORMAT (no id, or too long) · LK_E_STORE_DOWN */
enum lk_err
store_grants_find(struct store *store, const struct store_grants_of *whose, size_t max,
		  struct store_grant_row **out, size_t *out_count) LK_MUST_CHECK;

#endif
