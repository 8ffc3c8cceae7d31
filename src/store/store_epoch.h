/* SPDX-License-Identifier: MIT */
/*
 * Which life of the server we are talking to. A flushed, restarted or failed-over Redis may have
 * forgotten what was spent or ended: until main has made or found the new epoch, replayed its
 * revocations and taken the epoch over, every other verb of every store answers LK_E_STORE_DOWN.
 */
#ifndef LK_STORE_STORE_EPOCH_H
#define LK_STORE_STORE_EPOCH_H

#include "store/store.h"

enum store_health {
	STORE_HEALTH_OK = 1,
	STORE_HEALTH_DOWN,   /* no answer */
	STORE_HEALTH_EVICTS, /* maxmemory-policy is not noeviction */
	STORE_HEALTH_NOT_MASTER,
	STORE_HEALTH_NEW_EPOCH, /* answering, but refused until store_epoch_take */
};
/*
 * Connect if needed, look at the server (INFO, maxmemory-policy, ROLE) and at the epoch key; sets
 * what all stores of shared may do. The call's why says what is wrong, also what the server's
 * persistence can lose. For main: every second, or at once when a store saw trouble.
 */
enum store_health
store_look(struct store *store);
/*
 * Make a new epoch (key missing: flushed; run id another: restarted or failed over), unless
 * another node just did. Codes of steps up to *out_began_at_s are not taken any more.
 */
enum lk_err
store_epoch_make(struct store *store, uint64_t *out_epoch, int64_t *out_began_at_s) LK_MUST_CHECK;
/* After the caller has replayed its revocations, requests flow again. */
enum lk_err
store_epoch_take(struct store *store, uint64_t epoch) LK_MUST_CHECK;
/* STORE_SESSIONS_END_ALL (grants too) for one person, allowed before the epoch is taken over. */
enum lk_err
store_epoch_replay(struct store *store, struct lk_str person_id, int64_t before_s) LK_MUST_CHECK;
/* STORE_GRANTS_END_ALL in the same way: the person stays signed in. */
enum lk_err
store_epoch_replay_grants(struct store *store, struct lk_str person_id,
			  int64_t before_s) LK_MUST_CHECK;
/* STORE_TOKEN_END in the same way: of nobody's token, which hangs on no grant. */
enum lk_err
store_epoch_replay_token(struct store *store, const struct crypto_digest *key) LK_MUST_CHECK;
/*
 * Of grants that were renewed: each that stands at a revision below the one it was told to have is
 * ended, in the same way. The store has forgotten that a refresh token of it was used.
 */
struct store_renewed {
	struct crypto_digest key;
	uint32_t revision;
};
#define STORE_RENEWED_MAX STORE_CHANGES_MAX
enum lk_err
store_epoch_replay_renewed(struct store *store, const struct store_renewed *each,
			   size_t count) LK_MUST_CHECK;
/*
 * Say of an empty server that nothing was ever spent on it, so that codes of this minute are taken:
 * a new installation's act (latchkeyd --init-store). LK_E_USED when there is an epoch already.
 */
enum lk_err
store_epoch_init(struct store *store) LK_MUST_CHECK;
/* Readable since a store saw trouble where there was none; the next look empties it. */
int
store_shared_trouble_fd(const struct store_shared *shared);
/* What the last look found; any thread. */
enum store_health
store_shared_health(const struct store_shared *shared);
/*
 * The replicas that must have a security write. Too few of them, and no such write is answered,
 * though the store is well. is_enough has been so, or not, for some seconds of looks; any thread.
 */
struct store_replicas {
	int there, wanted;
	bool is_enough;
};
void
store_shared_replicas(const struct store_shared *shared, struct store_replicas *out);

#endif
