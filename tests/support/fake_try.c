/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "store/store_epoch.h"
#include "support/fake_inside.h"

void
fake_tries_end(struct store *store, struct lk_str person_id, uint8_t scope)
{
	for (int i = 0; i < 32; i++)
		if (lk_str_is(person_id, store->tries[i].person_id) &&
		    (scope == 0 || store->tries[i].scope == scope))
			store->tries[i] = (struct fake_tries){.count = 0};
}

static struct fake_tries *
tries_of(struct store *store, const struct store_try *attempt)
{
	struct fake_tries *free = NULL;

	for (int i = 31; i >= 0; i--) {
		struct fake_tries *tries = &store->tries[i];

		if (tries->scope == attempt->scope &&
		    lk_str_is(attempt->person_id, tries->person_id))
			return tries;
		if (tries->scope == 0)
			free = tries;
	}
	assert_non_null(free);
	free->scope = (uint8_t)attempt->scope;
	snprintf(free->person_id, sizeof free->person_id, "%.*s", LK_STR_ARGS(attempt->person_id));
	return free;
}

static uint32_t
place_of(const struct fake_tries *tries, const struct crypto_digest *answer)
{
	uint32_t i = 0;

	while (i < tries->count && memcmp(&tries->answers[i], answer, sizeof *answer) != 0)
		i++;
	return i;
}

static void
state_fill(const struct store *store, const struct fake_tries *tries, struct store_try_state *out)
{
	*out = (struct store_try_state){
	    .is_locked = tries->locked_until_s > fake_now_s(store),
	    .locked_at_s = tries->locked_at_s,
	    .locked_until_s = tries->locked_until_s,
	    .wrong_count = tries->count,
	};
}

static uint32_t
pending_count(const struct fake_tries *tries)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < tries->count; i++)
		count += tries->is_pending[i];
	return count;
}

enum lk_err
store_try_begin(struct store *store, const struct store_try *attempt, struct store_try_state *out)
{
	struct fake_tries *tries = tries_of(store, attempt);
	uint32_t place = place_of(tries, &attempt->answer);

	HOOKED(store, "try_begin");
	state_fill(store, tries, out);
	if (out->is_locked)
		return LK_OK;
	if (place < tries->count) {
		out->is_known_wrong = !tries->is_pending[place];
		return LK_OK;
	}
	/* All places are taken by tries that have not ended. */
	if (pending_count(tries) >= attempt->limit_count) {
		out->is_locked = true;
		out->locked_until_s = fake_now_s(store) + attempt->lock_s;
		return LK_OK;
	}
	assert_true(tries->count < FAKE_ANSWERS_MAX);
	tries->answers[tries->count] = attempt->answer;
	tries->is_pending[tries->count++] = true;
	return LK_OK;
}

enum lk_err
store_try_end(struct store *store, const struct store_try *attempt, enum store_try_outcome outcome,
	      struct store_try_state *out)
{
	struct fake_tries *tries = tries_of(store, attempt);
	uint32_t place = place_of(tries, &attempt->answer);

	HOOKED(store, "try_end");
	if (outcome == STORE_TRY_WRONG) {
		store->address_wrong_count++;
		if (place < tries->count)
			tries->is_pending[place] = false;
	} else if (place < tries->count && tries->is_pending[place]) {
		tries->answers[place] = tries->answers[--tries->count];
		tries->is_pending[place] = tries->is_pending[tries->count];
	}
	if (outcome == STORE_TRY_WRONG && tries->count >= attempt->limit_count &&
	    tries->locked_until_s <= fake_now_s(store)) {
		tries->locked_at_s = fake_now_s(store);
		tries->locked_until_s = fake_now_s(store) + attempt->lock_s;
	}
	state_fill(store, tries, out);
	return LK_OK;
}

enum store_health
store_shared_health(const struct store_shared *shared)
{
	(void)shared;
	return STORE_HEALTH_OK;
}

void
store_shared_replicas(const struct store_shared *shared, struct store_replicas *out)
{
	(void)shared;
	*out = (struct store_replicas){.is_enough = true};
}
