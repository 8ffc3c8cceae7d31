/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "store/store_inside.h"

struct store_shared *
store_shared_new(const struct store_settings *settings, const struct lk_clock *clock)
{
	struct store_shared *shared = calloc(1, sizeof *shared);

	if (shared == NULL)
		return NULL;
	shared->settings = *settings;
	shared->clock = clock;
	atomic_init(&shared->health, STORE_HEALTH_NEW_EPOCH);
	atomic_init(&shared->replica_count, 0);
	atomic_init(&shared->has_replicas, settings->wait_replica_count == 0);
	atomic_init(&shared->epoch_number, 0);
	shared->trouble_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (shared->trouble_fd < 0 ||
	    !store_place_read(lk_str_c(settings->url), &shared->place) ||
	    pthread_mutex_init(&shared->lock, NULL) != 0) {
		if (shared->trouble_fd >= 0)
			close(shared->trouble_fd);
		free(shared);
		return NULL;
	}
	shared->settings.url = NULL; /* read; the caller may forget it */
	return shared;
}

void
store_shared_free(struct store_shared *shared)
{
	if (shared == NULL)
		return;
	pthread_mutex_destroy(&shared->lock);
	close(shared->trouble_fd);
	free(shared);
}

enum store_health
store_shared_health(const struct store_shared *shared)
{
	return (enum store_health)atomic_load(&shared->health);
}

void
store_shared_mark(struct store_shared *shared, enum store_health health)
{
	if (atomic_exchange(&shared->health, health) == STORE_HEALTH_OK &&
	    health != STORE_HEALTH_OK)
		(void)eventfd_write(shared->trouble_fd, 1);
}

int
store_shared_trouble_fd(const struct store_shared *shared)
{
	return shared->trouble_fd;
}

void
store_shared_replicas_see(struct store_shared *shared, int count)
{
	bool is_enough = count >= shared->settings.wait_replica_count;

	is_enough =
	    store_replicas_see(&shared->replicas_watch, is_enough, lk_clock_mono_ms(shared->clock));
	atomic_store(&shared->replica_count, count);
	atomic_store(&shared->has_replicas, is_enough);
}

void
store_shared_replicas(const struct store_shared *shared, struct store_replicas *out)
{
	*out = (struct store_replicas){
	    .there = atomic_load(&shared->replica_count),
	    .wanted = shared->settings.wait_replica_count,
	    .is_enough = atomic_load(&shared->has_replicas),
	};
}

struct store_epoch
store_shared_epoch(struct store_shared *shared)
{
	struct store_epoch epoch;

	pthread_mutex_lock(&shared->lock);
	epoch = shared->epoch;
	pthread_mutex_unlock(&shared->lock);
	return epoch;
}

uint64_t
store_shared_epoch_number(const struct store_shared *shared)
{
	return atomic_load(&shared->epoch_number);
}

void
store_shared_take(struct store_shared *shared, const struct store_epoch *epoch)
{
	pthread_mutex_lock(&shared->lock);
	shared->epoch = *epoch;
	atomic_store(&shared->epoch_number, epoch->number);
	pthread_mutex_unlock(&shared->lock);
	store_shared_mark(shared, STORE_HEALTH_OK);
}

static const char *
health_words(enum store_health health)
{
	switch (health) {
	case STORE_HEALTH_OK:
		return "answering";
	case STORE_HEALTH_EVICTS:
		return "maxmemory-policy is not noeviction";
	case STORE_HEALTH_NOT_MASTER:
		return "not the master";
	case STORE_HEALTH_NEW_EPOCH:
		return "restarted, flushed or failed over, and not taken over yet";
	case STORE_HEALTH_DOWN:
	default:
		return "not answering";
	}
}

enum lk_err
store_shared_need(struct store_shared *shared, struct lk_why *why, struct store_epoch *out)
{
	enum store_health health = store_shared_health(shared);

	if (health != STORE_HEALTH_OK) {
		lk_why_add(why, "store: %s", health_words(health));
		return LK_E_STORE_DOWN;
	}
	*out = store_shared_epoch(shared);
	return LK_OK;
}

void
store_shared_other_epoch(struct store_shared *shared, const struct store_epoch *epoch,
			 struct lk_why *why)
{
	lk_why_add(why, "store: another epoch than the one taken over");
	if (store_shared_epoch(shared).number == epoch->number) /* nobody took another meanwhile */
		store_shared_mark(shared, STORE_HEALTH_NEW_EPOCH);
}

bool
store_shared_check(struct store_shared *shared, const struct store_epoch *epoch,
		   struct lk_str value, struct lk_why *why)
{
	uint8_t want[STORE_EPOCH_BYTES];

	store_epoch_pack(want, epoch);
	if (value.len == sizeof want && memcmp(value.ptr, want, sizeof want) == 0)
		return true;
	store_shared_other_epoch(shared, epoch, why);
	return false;
}

void
store_shared_refused(struct store_shared *shared, const redisReply *reply, struct lk_why *why)
{
	if (!store_reply_is(reply, REDIS_REPLY_ERROR)) {
		lk_why_add(why, "store: an answer of another kind");
		return;
	}
	lk_why_add(why, "store: refused: %.80s", reply->str);
	if (store_reply_is_error(reply, "READONLY"))
		store_shared_mark(shared, STORE_HEALTH_NOT_MASTER);
	else if (store_reply_is_error(reply, "LOADING"))
		store_shared_mark(shared, STORE_HEALTH_DOWN);
}
