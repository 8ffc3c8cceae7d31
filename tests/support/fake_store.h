/* SPDX-License-Identifier: MIT */
/*
 * A store in memory, behind the verbs of store.h, store_grant.h, store_goodbye.h and store_try.h;
 * records go through the real packing. Include after cmocka.h.
 */
#ifndef LK_TESTS_FAKE_STORE_H
#define LK_TESTS_FAKE_STORE_H

#include "store/store_goodbye.h"
#include "store/store_grant.h"
#include "store/store_try.h"

#define FAKE_THINGS_MAX	 512
#define FAKE_ANSWERS_MAX 128

enum fake_kind {
	FAKE_NOTHING = 0,
	FAKE_SESSION,
	FAKE_JOURNEY,
	FAKE_MARK,
	FAKE_TRUST,
	FAKE_GRANT,
	FAKE_TOKEN,
	FAKE_CODE,
	FAKE_DEVICE,
	FAKE_ENDED, /* a session of this name; its key is made from the name */
	FAKE_WAITING, /* len: how many */
};
/* Whatever has a life. */
struct fake_thing {
	enum fake_kind kind;
	struct crypto_digest key; /* of a mark: its value in the first bytes */
	char person_id[64];
	uint8_t mark;
	int64_t ends_at_s;
	size_t len;
	char packed[STORE_RECORD_MAX_BYTES];
};
struct fake_tries {
	char person_id[64];
	uint8_t scope;
	struct crypto_digest answers[FAKE_ANSWERS_MAX];
	bool is_pending[FAKE_ANSWERS_MAX];
	uint32_t count;
	int64_t locked_at_s, locked_until_s;
};

struct store {
	const struct lk_clock *clock; /* set before anything else */
	const struct lk_call *call;
	struct fake_thing things[FAKE_THINGS_MAX];
	struct fake_tries tries[32];
	uint32_t address_wrong_count;
	uint64_t epoch;
	int64_t epoch_began_at_s;
	enum lk_err (*hook)(void *context, const char *verb); /* as in fake_dir.h */
	void *context;
	bool is_done_first;
	int commits;
	const struct store_change *batch; /* the commit on its way */
	size_t batch_count;
};

/* How many things of a kind a person has; tokens are of nobody: person_id empty. */
int
fake_store_count(const struct store *store, enum fake_kind kind, struct lk_str person_id);

#endif
