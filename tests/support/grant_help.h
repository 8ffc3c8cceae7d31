/* SPDX-License-Identifier: MIT */
/* For tests of what applications hold: a Redis, a store on it, a grant. Include after cmocka.h. */
#ifndef LK_TESTS_GRANT_HELP_H
#define LK_TESTS_GRANT_HELP_H

#include <pthread.h>

#include "store/store_grant.h"
#include "support/store_help.h"

#define SID_A LK_STR("AAAAAAAAAAAAAAAAAAAAAA")
#define SID_B LK_STR("BBBBBBBBBBBBBBBBBBBBBB")

static struct help_redis redis;
static struct store_shared *shared;
static struct help_store h;

static inline int
begin(void **state)
{
	(void)state;
	help_redis_start(&redis, NULL);
	shared = help_shared(&redis, 2000, 0);
	help_store_on(&h, shared);
	help_take_over(&h);
	return 0;
}

static inline int
end(void **state)
{
	(void)state;
	help_store_off(&h);
	store_shared_free(shared);
	help_redis_end(&redis);
	return 0;
}

static inline int64_t
now_s(void)
{
	return lk_clock_wall_s(&h.clock.clock);
}

static inline enum lk_err
commit(const struct store_change *changes, size_t count, struct store_result *out)
{
	help_begin(&h, 3000);
	return store_commit(h.store, changes, count, out);
}

static inline uint64_t
epoch(void)
{
	struct store_ask ask = {0};
	struct store_answer answer;

	help_begin(&h, 3000);
	assert_int_equal(store_fetch(h.store, &ask, &answer), LK_OK);
	return answer.epoch;
}

static inline struct store_grant
make_grant(struct lk_str sid)
{
	return (struct store_grant){.epoch = epoch(),
				    .auth_at_s = now_s(),
				    .began_at_s = now_s(),
				    .ends_at_s = now_s() + 3600,
				    .person_id = LK_STR("person-a"),
				    .sid = sid,
				    .client_id = LK_STR("mail"),
				    .sub = LK_STR("sub-1"),
				    .username = LK_STR("asha"),
				    .scope = LK_STR("openid email"),
				    .claims = LK_STR("{\"email\":\"asha@example.org\"}")};
}

/* --- many at once */

#define RACERS 50

struct racer {
	pthread_t thread;
	struct store_change change;
	pthread_barrier_t *barrier;
	enum lk_err err;
};

static inline void *
race(void *context)
{
	struct racer *racer = context;
	struct help_store own;

	help_store_on(&own, shared);
	pthread_barrier_wait(racer->barrier);
	help_begin(&own, 20000);
	racer->err = store_commit(own.store, &racer->change, 1, NULL);
	help_store_off(&own);
	return NULL;
}

/* How many heard each. */
static inline void
run_race(const struct store_change *change, enum lk_err loser, int *out_won)
{
	static struct racer racers[RACERS];
	pthread_barrier_t barrier;

	*out_won = 0;
	pthread_barrier_init(&barrier, NULL, RACERS);
	for (int i = 0; i < RACERS; i++) {
		racers[i] = (struct racer){.change = *change, .barrier = &barrier};
		assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
	}
	for (int i = 0; i < RACERS; i++) {
		pthread_join(racers[i].thread, NULL);
		assert_true(racers[i].err == LK_OK || racers[i].err == loser);
		*out_won += racers[i].err == LK_OK;
	}
	pthread_barrier_destroy(&barrier);
}

#endif
