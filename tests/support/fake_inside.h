/* SPDX-License-Identifier: MIT */
/* Inside the fake store only: its things, and what of them applications hold. After cmocka.h. */
#ifndef LK_TESTS_FAKE_INSIDE_H
#define LK_TESTS_FAKE_INSIDE_H

#include "support/fake_store.h"

#define HOOKED(store, verb)                                                                        \
	enum lk_err hooked =                                                                       \
	    (store)->hook == NULL ? LK_OK : (store)->hook((store)->context, verb);                 \
	if (hooked != LK_OK && !(store)->is_done_first)                                            \
	return hooked

int64_t
fake_now_s(const struct store *store);
struct fake_thing *
fake_find(struct store *store, enum fake_kind kind, const struct crypto_digest *key);
/* The one with this key, or a free one; empty. */
struct fake_thing *
fake_need(struct store *store, enum fake_kind kind, const struct crypto_digest *key);
void
fake_fill(struct fake_thing *thing, struct lk_str person_id, int64_t ends_at_s,
	  const struct lk_buf *buf);
void
fake_end_one(struct store *store, enum fake_kind kind, const struct crypto_digest *key);

void
fake_token_read(struct store *store, const struct store_ask *ask, struct store_answer *out);
struct fake_thing *
fake_user_code(struct store *store, const struct crypto_digest *user_code);
enum lk_err
fake_may_move(struct store *store, const struct store_change *change);
/* All that session gave, unless the batch puts one of the same name. */
uint32_t
fake_session_grants_end(struct store *store, const struct crypto_digest *session);
uint32_t
fake_grants_end(struct store *store, const struct store_change *change);
void
fake_grant_apply(struct store *store, const struct store_change *change, struct store_result *out);
void
fake_tries_end(struct store *store, struct lk_str person_id, uint8_t scope); /* 0: all */
/* That the session of this name ended: no grant of it can be put any more. */
struct lk_str
fake_sid(struct store *store, const struct crypto_digest *session);
void
fake_ended_note(struct store *store, struct lk_str sid);
void
fake_ended_forget(struct store *store, struct lk_str sid);
enum lk_err
fake_may_put(struct store *store, const struct store_change *change);

#endif
