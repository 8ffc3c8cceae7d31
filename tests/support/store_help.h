/* SPDX-License-Identifier: MIT */
/* A store on a Redis of the test's own. Include after cmocka.h. */
#ifndef LK_TESTS_STORE_HELP_H
#define LK_TESTS_STORE_HELP_H

#include <arpa/inet.h>
#include "store/store.h"
#include "store/store_epoch.h"
#include "support/redis_help.h"

/* The number behind name in INFO's text. */
static inline long
help_redis_stat(const struct help_redis *redis, const char *info, const char *name)
{
	redisReply *reply = help_redis_ask(redis, info);
	const char *at = strstr(reply->str, name);
	long value = at == NULL ? 0 : strtol(at + strlen(name), NULL, 10);

	freeReplyObject(reply);
	return value;
}

/* Of loopback, free a moment ago. */
static inline void
help_free_port(char out[8])
{
	struct sockaddr_in address = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {0}};
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	snprintf(out, 8, "%d", ntohs(address.sin_port));
	close(fd);
}

/* The machine's clock, with a wall that can be set. */
struct help_clock {
	struct lk_clock clock;
	int64_t ahead_s;
};

static inline int64_t
help_clock_wall_s(const struct lk_clock *clock)
{
	return lk_clock_wall_s(lk_clock_system()) + ((const struct help_clock *)clock)->ahead_s;
}

static inline int64_t
help_clock_mono_ms(const struct lk_clock *clock)
{
	(void)clock;
	return lk_clock_mono_ms(lk_clock_system());
}

/* One thread's store and what a request brings. */
struct help_store {
	struct help_clock clock;
	struct store_shared *shared;
	struct store *store;
	struct lk_arena *arena;
	struct lk_why why;
	struct lk_call call;
};

static inline void
help_begin(struct help_store *h, int deadline_ms)
{
	lk_arena_reset(h->arena);
	lk_why_clear(&h->why);
	h->call = (struct lk_call){&h->clock.clock, h->arena, &h->why,
				   lk_clock_mono_ms(&h->clock.clock) + deadline_ms};
	store_begin(h->store, &h->call);
}

static inline void
help_store_on(struct help_store *h, struct store_shared *shared)
{
	*h = (struct help_store){.clock = {{help_clock_wall_s, help_clock_mono_ms}, 0},
				 .shared = shared,
				 .store = store_new(shared),
				 .arena = lk_arena_new(16384, 1u << 22)};
	assert_non_null(h->store);
	assert_non_null(h->arena);
	help_begin(h, 2000);
}

static inline void
help_store_off(struct help_store *h)
{
	store_free(h->store);
	lk_arena_free(h->arena);
}

/* What main does: look, make or find the epoch, take it over. */
static inline int64_t
help_take_over(struct help_store *h)
{
	uint64_t epoch;
	int64_t began_at_s;

	help_begin(h, 2000);
	if (store_look(h->store) == STORE_HEALTH_OK)
		return 0;
	assert_int_equal(store_epoch_make(h->store, &epoch, &began_at_s), LK_OK);
	assert_int_equal(store_epoch_take(h->store, epoch), LK_OK);
	help_begin(h, 2000);
	return began_at_s;
}

static inline struct store_shared *
help_shared(const struct help_redis *redis, int timeout_ms, int wait_replica_count)
{
	struct store_settings settings = {
	    .url = redis->url, .timeout_ms = timeout_ms, .wait_replica_count = wait_replica_count};
	struct store_shared *shared = store_shared_new(&settings, lk_clock_system());

	assert_non_null(shared);
	return shared;
}

static inline struct crypto_digest
help_digest(uint8_t first)
{
	struct crypto_digest digest;

	memset(digest.bytes, first, sizeof digest.bytes);
	return digest;
}

static inline struct store_session
help_session(const struct help_store *h)
{
	int64_t now = lk_clock_wall_s(&h->clock.clock);

	return (struct store_session){.person_id = LK_STR("person-a"),
				      .username = LK_STR("asha"),
				      .display_name = LK_STR("Asha"),
				      .language = LK_STR("cy"),
				      .applications = LK_STR("mail wiki"),
				      .device = LK_STR("Chromium on Linux"),
				      .notice = LK_STR("notice_password_ends"),
				      .proofs = STORE_PROOF_PASSWORD | STORE_PROOF_TOTP,
				      .auth_at_s = now,
				      .seen_at_s = now,
				      .ends_at_s = now + 3600,
				      .idle_s = 600};
}

#endif
