/* SPDX-License-Identifier: MIT */
/*
 * A new password, and everything that can fail while it is set: whoever is told that it changed can
 * use it; whoever is told that it did not can use the old one; nothing signed in with the old one
 * outlives the change; each happens once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/flow_help.h"

static struct reply reply, inner;

/* What the hook does at which of the verbs, counted from 1. */
static struct {
	struct world *world;
	int at, count;
	bool goes_on; /* not only at this one: at all that follow too */
	enum lk_err err;
	bool dies;
	jmp_buf dead;
	const char *verb; /* only these count; NULL: all */
	void (*inside)(struct world *world);
} plan;

static enum lk_err
hook(void *context, const char *verb)
{
	struct world *world = context;

	if (plan.verb != NULL && strcmp(plan.verb, verb) != 0)
		return LK_OK;
	plan.count++;
	if (plan.count < plan.at || (plan.count > plan.at && !plan.goes_on))
		return LK_OK;
	if (plan.dies)
		longjmp(plan.dead, 1);
	if (plan.inside != NULL) {
		world->dir.hook = world->store.hook = NULL;
		plan.inside(world);
	}
	return plan.err;
}

static void
password_post(struct world *world, struct browser *browser, const char *password, struct reply *out)
{
	char fields[1024] = "";

	field(fields, "new-password", password);
	post(world, browser, "/reset/password", fields, out);
}

static void
begin(struct world *world, struct browser *browser)
{
	char fields[1024] = "";

	field(fields, "username", ASHA);
	field(fields, "code", code_of(world, world->asha, 0));
	post(world, browser, "/reset", fields, &reply);
	assert_way(&reply, "/reset/password");
}

/* Somebody is signed in elsewhere, and this browser is at the new password. */
static void
prepare(struct world *world, struct browser *browser, struct browser *elsewhere)
{
	sign_in(world, elsewhere, ASHA, OLD_PASSWORD);
	begin(world, browser);
	world->dir.context = world->store.context = world;
}

static bool
is_new(const struct world *world)
{
	return strcmp(world->asha->password, NEW_PASSWORD) == 0;
}

static bool
is_done(const struct reply *of)
{
	return of->status == 303 && strcmp(of->location, "/reset/done") == 0;
}

static bool
is_signed_in(struct world *world, struct browser *browser)
{
	get(world, browser, "/", &inner);
	return inner.status == 200;
}

/* The person tries again, with the same password, until it is done. */
static void
goes_well_again(struct world *world, struct browser *browser)
{
	password_post(world, browser, NEW_PASSWORD, &reply);
	assert_way(&reply, "/reset/done");
	assert_true(is_new(world));
	assert_true(audited(world, "password_changed", "OK") >= 1);
	assert_true(mailed(world, "password") >= 1);
	assert_int_equal(fake_store_count(&world->store, FAKE_SESSION, world->asha->person.id), 1);
}

/* Did the request die at its verb number at? */
static bool
is_killed(struct world *world, struct browser *browser, int at)
{
	memset(&plan, 0, sizeof plan);
	plan.at = at;
	plan.dies = true;
	world->dir.hook = world->store.hook = hook;
	if (setjmp(plan.dead) != 0) {
		world_died(world);
		return true;
	}
	password_post(world, browser, NEW_PASSWORD, &reply);
	world->dir.hook = world->store.hook = NULL;
	return false;
}

/* F20, I1, A2: kill -9 at every point of it. */
static void
killed_anywhere_the_old_or_the_new_one_holds(void **state)
{
	int deaths = 0;

	world_end(state);
	for (int at = 1; at < 30; at++) {
		struct browser browser = {0}, elsewhere = {0};
		struct world *world;

		world_begin(state);
		world = *state;
		prepare(world, &browser, &elsewhere);
		if (!is_killed(world, &browser, at)) {
			assert_way(&reply, "/reset/done");
			break;
		}
		deaths++;
		if (is_new(world)) {
			assert_false(is_signed_in(world, &elsewhere));
			assert_int_equal(audited(world, "password_begun", NULL), 1);
		}
		goes_well_again(world, &browser);
		assert_int_equal(world->dir.password_writes, 1);
		world_end(state);
	}
	assert_in_range(deaths, 6, 28);
}

/* F1, F8, A4: the directory or the store is gone at every point; the page tells no lie. */
static void
parts_fail(void **state, struct dir *(*part)(struct world *world), enum lk_err err)
{
	int fails = 0;

	world_end(state);
	for (int at = 1; at < 30; at++) {
		struct browser browser = {0}, elsewhere = {0};
		struct world *world;

		world_begin(state);
		world = *state;
		prepare(world, &browser, &elsewhere);
		memset(&plan, 0, sizeof plan);
		plan.at = at;
		plan.err = err;
		plan.goes_on = true;
		if (part(world) != NULL)
			world->dir.hook = hook;
		else
			world->store.hook = hook;
		password_post(world, &browser, NEW_PASSWORD, &reply);
		world->dir.hook = world->store.hook = NULL;
		if (reply.status == 303)
			assert_true(is_new(world));
		else if (is_new(world))
			assert_int_equal(reply.status, 502);
		else
			assert_int_equal(reply.status, 503);
		if (is_new(world))
			assert_false(is_signed_in(world, &elsewhere));
		fails += reply.status != 303;
		if (plan.count < at)
			break;
		world_pass(world, 11);
		goes_well_again(world, &browser);
		world_end(state);
	}
	assert_in_range(fails, 2, 20);
}

static struct dir *
the_directory(struct world *world)
{
	return &world->dir;
}

static struct dir *
the_store(struct world *world)
{
	(void)world;
	return NULL;
}

static void
without_the_store_at_any_point_no_lie_is_told(void **state)
{
	parts_fail(state, the_store, LK_E_STORE_DOWN);
}

static void
without_the_directory_at_any_point_no_lie_is_told(void **state)
{
	parts_fail(state, the_directory, LK_E_DIRECTORY_DOWN);
}

/* F15: the answer got lost, the change did not. */
static void
an_answer_lost_after_the_change_is_read_back(void **state)
{
	struct world *world = *state;
	struct browser browser = {0}, elsewhere = {0};

	prepare(world, &browser, &elsewhere);
	memset(&plan, 0, sizeof plan);
	plan.at = 1;
	plan.err = LK_E_DIRECTORY_UNSURE;
	plan.verb = "password_reset";
	world->dir.is_done_first = true;
	world->dir.hook = hook;
	password_post(world, &browser, NEW_PASSWORD, &reply);
	assert_way(&reply, "/reset/done");
	assert_int_equal(audited(world, "password_changed", "OK"), 1);
}

static void
no_answer_and_the_old_one_still_in_force_is_not_called_unchanged(void **state)
{
	struct world *world = *state;
	struct browser browser = {0}, elsewhere = {0};

	prepare(world, &browser, &elsewhere);
	memset(&plan, 0, sizeof plan);
	plan.at = 1;
	plan.err = LK_E_DIRECTORY_UNSURE;
	plan.verb = "password_reset";
	world->dir.hook = hook;
	password_post(world, &browser, NEW_PASSWORD, &reply);
	assert_int_equal(reply.status, 502);
	assert_says(&reply, "We are not sure your password was changed");
	assert_int_equal(audited(world, "password_unsure", NULL), 1);
	goes_well_again(world, &browser);
}

/* F11 */
static void
a_directory_that_only_reads_changes_nothing(void **state)
{
	struct world *world = *state;
	struct browser browser = {0}, elsewhere = {0};

	prepare(world, &browser, &elsewhere);
	memset(&plan, 0, sizeof plan);
	plan.at = 1;
	plan.err = LK_E_DIRECTORY_READ_ONLY;
	plan.verb = "password_reset";
	world->dir.hook = hook;
	password_post(world, &browser, NEW_PASSWORD, &reply);
	assert_int_equal(reply.status, 503);
	assert_false(is_new(world));
	goes_well_again(world, &browser);
}

/* A1, F17 */
static void
without_the_audit_nothing_is_changed(void **state)
{
	struct world *world = *state;
	struct browser browser = {0}, elsewhere = {0};

	prepare(world, &browser, &elsewhere);
	world_audit_breaks(world, true);
	password_post(world, &browser, NEW_PASSWORD, &reply);
	assert_int_equal(reply.status, 500);
	assert_false(is_new(world));
	world_audit_breaks(world, false);
	goes_well_again(world, &browser);
}

static void
disk_fills(struct world *world)
{
	(void)world;
	world_disk_full(true);
}

static void
what_the_audit_could_not_keep_is_not_told(void **state)
{
	struct world *world = *state;
	struct browser browser = {0}, elsewhere = {0};

	prepare(world, &browser, &elsewhere);
	memset(&plan, 0, sizeof plan);
	plan.at = 1;
	plan.verb = "password_reset";
	plan.inside = disk_fills;
	world->dir.hook = hook;
	password_post(world, &browser, NEW_PASSWORD, &reply);
	assert_int_equal(reply.status, 502);
	assert_true(is_new(world));
	assert_false(is_signed_in(world, &elsewhere));
	world_audit_breaks(world, false);
	goes_well_again(world, &browser);
}

/* --- twice, and many at once ---------------------------------------------------------------- */

static struct browser twin;

static void
same_again(struct world *world)
{
	password_post(world, &twin, NEW_PASSWORD, &inner);
}

static void
another_one(struct world *world)
{
	password_post(world, &twin, OTHER_PASSWORD, &inner);
}

static void
pressed_twice_and_reloaded_it_is_done_once(void **state)
{
	struct world *world = *state;
	struct browser browser = {0}, elsewhere = {0};

	prepare(world, &browser, &elsewhere);
	password_post(world, &browser, NEW_PASSWORD, &reply);
	assert_way(&reply, "/reset/done");
	password_post(world, &browser, NEW_PASSWORD, &reply);
	assert_way(&reply, "/reset/done");
	password_post(world, &browser, OTHER_PASSWORD, &reply);
	assert_way(&reply, "/start-again");
	assert_true(is_new(world));
	assert_true(is_signed_in(world, &browser));
	assert_int_equal(world->dir.password_writes, 1);
	assert_int_equal(audited(world, "password_changed", NULL), 1);
	assert_int_equal(mailed(world, "password"), 1);
	get(world, &browser, "/reset/password", &reply);
	assert_way(&reply, "/reset/done");
}

/* F31: at every point of the one, the other comes between. */
static void
the_same_at_once_leads_to_the_same_page(void **state)
{
	world_end(state);
	for (int at = 1; at < 20; at++) {
		struct browser browser = {0}, elsewhere = {0};
		struct world *world;

		world_begin(state);
		world = *state;
		prepare(world, &browser, &elsewhere);
		twin = browser;
		memset(&plan, 0, sizeof plan);
		plan.at = at;
		plan.inside = same_again;
		world->dir.hook = world->store.hook = hook;
		password_post(world, &browser, NEW_PASSWORD, &reply);
		world->dir.hook = world->store.hook = NULL;
		assert_way(&reply, "/reset/done");
		if (plan.count < at)
			break;
		assert_way(&inner, "/reset/done");
		assert_true(is_new(world));
		assert_true(is_signed_in(world, &browser));
		assert_int_equal(
		    fake_store_count(&world->store, FAKE_SESSION, world->asha->person.id), 1);
		world_end(state);
	}
}

/* Of two different ones exactly one is told that it is the password, and it is. */
static void
another_one_at_once_never_overtakes_what_was_told(void **state)
{
	int busy = 0;

	world_end(state);
	for (int at = 1; at < 20; at++) {
		struct browser browser = {0}, elsewhere = {0};
		struct world *world;

		world_begin(state);
		world = *state;
		prepare(world, &browser, &elsewhere);
		twin = browser;
		memset(&plan, 0, sizeof plan);
		plan.at = at;
		plan.inside = another_one;
		world->dir.hook = world->store.hook = hook;
		password_post(world, &browser, NEW_PASSWORD, &reply);
		world->dir.hook = world->store.hook = NULL;
		if (plan.count < at)
			break;
		assert_int_equal(is_done(&reply) + is_done(&inner), 1);
		assert_int_equal(is_new(world), is_done(&reply));
		busy += reply.status == 503 || inner.status == 503;
		world_end(state);
	}
	assert_in_range(busy, 3, 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
	    T(killed_anywhere_the_old_or_the_new_one_holds),
	    T(without_the_store_at_any_point_no_lie_is_told),
	    T(without_the_directory_at_any_point_no_lie_is_told),
	    T(an_answer_lost_after_the_change_is_read_back),
	    T(no_answer_and_the_old_one_still_in_force_is_not_called_unchanged),
	    T(a_directory_that_only_reads_changes_nothing),
	    T(without_the_audit_nothing_is_changed),
	    T(what_the_audit_could_not_keep_is_not_told),
	    T(pressed_twice_and_reloaded_it_is_done_once),
	    T(the_same_at_once_leads_to_the_same_page),
	    T(another_one_at_once_never_overtakes_what_was_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
