/* SPDX-License-Identifier: MIT */
#include "daemon/follow.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "flow/changed.h"
#include "flow/fetched.h"
#include "flow/goodbye.h"
#include "store/store_epoch.h"
#include "store/store_goodbye.h"

#define LOOK_MS		   250
#define SHARE		   10 /* of the time at most one in so many is spent asking who changed */
#define WAIT_MS		   2000
#define ARENA_FIRST_BYTES  65536u
#define ARENA_MAX_BYTES	   8388608u
#define ID_BYTES	   129u
#define AGAIN_MAX	   1024u
#define LEAVERS_MAX	   256u
#define LEAVE_SOON_S	   120
#define PATROL_COUNT	   4u   /* people looked at each time though nobody changed them */
#define PATROL_FAST_COUNT  200u /* while a change may concern anybody */
#define PATROL_FAST_MS	   150

struct leaver {
	char id[ID_BYTES];
	int64_t at_s;
};

struct follow {
	struct follow_setup setup;
	pthread_t thread;
	int stop_fd;
	bool is_running;
	struct lk_arena *arena, *people; /* of one look, of who is to be looked at */
	struct lk_why why;
	struct lk_call call;
	struct store *store;
	struct dir *dir;
	struct flow flow;
	char reference[CRYPTO_REFERENCE_LEN + 1];
	struct dir_changes_mark mark;
	int64_t look_mono_ms;		/* ask for changes no earlier */
	char again[AGAIN_MAX][ID_BYTES]; /* people who could not be looked at */
	size_t again_count;
	bool is_told; /* that some of them cannot be looked at */
	struct leaver leavers[LEAVERS_MAX];
	size_t patrol_at;   /* place in the list of holders */
	uint64_t live_count;
	bool is_in_a_hurry; /* a group or the policies changed, or more people than can be told:
			     * everybody */
};

static int64_t
mono_ms(const struct follow *follow)
{
	return lk_clock_mono_ms(follow->setup.clock);
}

static void
begin(struct follow *follow, struct lk_arena *arena)
{
	lk_arena_reset(arena);
	lk_why_clear(&follow->why);
	follow->call = (struct lk_call){follow->setup.clock, arena, &follow->why,
					mono_ms(follow) + WAIT_MS};
	store_begin(follow->store, &follow->call);
	dir_begin(follow->dir, &follow->call);
}

/* --- one person ----------------------------------------------------------------------------- */

static void
leaver_note(struct follow *follow, struct lk_str id, int64_t at_s)
{
	int64_t now_s = lk_clock_wall_s(follow->setup.clock);
	struct leaver *unused = NULL;

	if (at_s <= now_s || at_s > now_s + LEAVE_SOON_S || id.len >= ID_BYTES)
		return;
	for (size_t i = 0; i < LEAVERS_MAX; i++) {
		struct leaver *leaver = &follow->leavers[i];

		if (leaver->at_s != 0 && lk_str_is(id, leaver->id))
			unused = leaver;
		else if (leaver->at_s == 0 && unused == NULL)
			unused = leaver;
	}
	if (unused == NULL)
		return;
	*unused = (struct leaver){.at_s = at_s};
	memcpy(unused->id, id.ptr, id.len);
}

/* Too many: everybody is looked at instead. */
static void
again_note(struct follow *follow, struct lk_str id)
{
	if (id.len >= ID_BYTES || follow->again_count == AGAIN_MAX) {
		follow->is_in_a_hurry = true;
		return;
	}
	memcpy(follow->again[follow->again_count], id.ptr, id.len);
	follow->again[follow->again_count++][id.len] = '\0';
}

static void
person_look(struct follow *follow, struct lk_str id, bool was_changed)
{
	const struct changed_who who = {id, was_changed};
	const struct asker asker = {
	    .flow = &follow->flow,
	    .arena = follow->arena,
	    .door = LK_STR("directory"),
	    .metric_door = METRIC_DOOR_web,
	    .reference = lk_str_c(follow->reference),
	    .now_s = lk_clock_wall_s(follow->setup.clock),
	};
	struct changed changed;
	enum lk_err err;

	begin(follow, follow->arena);
	crypto_reference_make(follow->reference);
	err = changed_look(&asker, &who, &changed);
	if (err == LK_OK) {
		leaver_note(follow, id, changed.ends_at_s);
		return;
	}
	if (follow->again_count == 0 && !follow->is_told)
		lk_log(follow->setup.log, LK_LOG_WARNING, "changed", asker.reference,
		       "people changed in the directory cannot be looked at now: %s %s",
		       lk_err_row(err)->name, follow->why.text);
	follow->is_told = true;
	again_note(follow, id);
}

/* --- everybody ------------------------------------------------------------------------------ */

/* Some of those of whom anything is held; false: none are left, or they cannot be told. */
static bool
patrol_some(struct follow *follow, size_t count)
{
	struct lk_str *ids;
	size_t found = 0;

	begin(follow, follow->people);
	if (store_holders_find(follow->store, follow->patrol_at, count, &ids, &found) != LK_OK)
		return false;
	for (size_t i = 0; i < found; i++)
		person_look(follow, ids[i], false);
	follow->patrol_at = found < count ? 0 : follow->patrol_at + found;
	return found == count;
}

/* A little of everybody each time, so that nothing stays unseen for ever; in a hurry, all. */
static void
patrol(struct follow *follow)
{
	int64_t until_mono_ms = mono_ms(follow) + PATROL_FAST_MS;
	bool has_more = true;

	if (!follow->is_in_a_hurry) {
		(void)patrol_some(follow, PATROL_COUNT);
		return;
	}
	while (has_more && mono_ms(follow) < until_mono_ms)
		has_more = patrol_some(follow, PATROL_FAST_COUNT);
	follow->is_in_a_hurry = has_more;
}

static void
hurry(struct follow *follow)
{
	follow->is_in_a_hurry = true;
	follow->patrol_at = 0;
}

/* --- a look --------------------------------------------------------------------------------- */

static void
again_look(struct follow *follow)
{
	size_t count = follow->again_count;
	char id[ID_BYTES];

	follow->again_count = 0;
	follow->is_told = count > 0;
	for (size_t i = 0; i < count; i++) {
		memcpy(id, follow->again[i], sizeof id);
		person_look(follow, lk_str_c(id), true);
	}
}

static void
leavers_look(struct follow *follow)
{
	int64_t now_s = lk_clock_wall_s(follow->setup.clock);

	for (size_t i = 0; i < LEAVERS_MAX; i++) {
		struct leaver leaver = follow->leavers[i];

		if (leaver.at_s == 0 || leaver.at_s > now_s)
			continue;
		follow->leavers[i].at_s = 0;
		person_look(follow, lk_str_c(leaver.id), false);
	}
}

/* A directory that is slow to say is asked less often. */
static void
changes_look(struct follow *follow)
{
	int64_t began_mono_ms = mono_ms(follow);
	struct dir_changes changes;

	if (began_mono_ms < follow->look_mono_ms)
		return;
	begin(follow, follow->people);
	if (dir_changes_find(follow->dir, &follow->mark, &changes) != LK_OK) {
		follow->look_mono_ms = mono_ms(follow) + LOOK_MS;
		return;
	}
	follow->look_mono_ms = mono_ms(follow) + SHARE * (mono_ms(follow) - began_mono_ms);
	for (size_t i = 0; i < changes.people_count; i++)
		person_look(follow, changes.people[i], true);
	if (changes.has_groups || changes.has_more)
		hurry(follow);
}

/* Other policies may let fewer people in. */
static void
policies_look(struct follow *follow)
{
	uint64_t count = live_count(follow->setup.live);

	if (count != follow->live_count)
		hurry(follow);
	follow->live_count = count;
}

static void
look(struct follow *follow)
{
	if (store_shared_health(follow->setup.store_shared) != STORE_HEALTH_OK)
		return;
	follow->flow = (struct flow){.fast = live_hold(follow->setup.live),
				     .call = &follow->call,
				     .store = follow->store,
				     .dir = follow->dir,
				     .began_mono_ms = mono_ms(follow)};
	policies_look(follow);
	begin(follow, follow->arena);
	(void)!goodbyes_tell(&follow->flow);
	fetched_look(follow->flow.fast->fetched, follow->flow.fast);
	again_look(follow);
	changes_look(follow);
	leavers_look(follow);
	patrol(follow);
	live_drop(follow->setup.live, follow->flow.fast);
}

/* --- the thread ----------------------------------------------------------------------------- */

static void *
run(void *context)
{
	struct follow *follow = context;
	struct pollfd stop = {follow->stop_fd, POLLIN, 0};
	int waited;

	hurry(follow); /* whatever happened while nobody looked */
	do {
		look(follow);
		waited = poll(&stop, 1, LOOK_MS);
	} while (waited == 0 || (waited < 0 && errno == EINTR));
	return NULL;
}

static bool
is_whole(const struct follow *follow)
{
	return follow->arena != NULL && follow->people != NULL && follow->store != NULL &&
	       follow->dir != NULL && follow->stop_fd >= 0;
}

enum lk_err
follow_start(const struct follow_setup *setup, struct follow **out)
{
	struct follow *follow = calloc(1, sizeof *follow);

	if (follow == NULL)
		return LK_E_MEMORY;
	follow->setup = *setup;
	follow->arena = lk_arena_new(ARENA_FIRST_BYTES, ARENA_MAX_BYTES);
	follow->people = lk_arena_new(ARENA_FIRST_BYTES, ARENA_MAX_BYTES);
	follow->store = store_new(setup->store_shared);
	follow->dir = dir_new(setup->dir_servers);
	follow->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!is_whole(follow)) {
		follow_stop(follow);
		return LK_E_MEMORY;
	}
	follow->is_running = pthread_create(&follow->thread, NULL, run, follow) == 0;
	if (!follow->is_running) {
		follow_stop(follow);
		return LK_E_BROKEN;
	}
	*out = follow;
	return LK_OK;
}

void
follow_stop(struct follow *follow)
{
	if (follow == NULL)
		return;
	if (follow->is_running) {
		(void)!eventfd_write(follow->stop_fd, 1);
		pthread_join(follow->thread, NULL);
	}
	if (follow->stop_fd >= 0)
		close(follow->stop_fd);
	dir_free(follow->dir);
	store_free(follow->store);
	lk_arena_free(follow->people);
	lk_arena_free(follow->arena);
	free(follow);
}
