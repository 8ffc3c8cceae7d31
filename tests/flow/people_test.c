/* SPDX-License-Identifier: MIT */
/* Unlocking, a password too old to sign in with, and the account page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/flow_help.h"

static struct reply reply;

static void
signin_post(struct world *world, struct browser *browser, const char *name, const char *password)
{
	char fields[1024] = "";

	field(fields, "username", name);
	field(fields, "password", password);
	post(world, browser, "/signin", fields, &reply);
}

static void
code_post(struct world *world, struct browser *browser, const char *path, const char *code)
{
	char fields[1024] = "";

	field(fields, "code", code);
	post(world, browser, path, fields, &reply);
}

static void
lock_out(struct world *world, struct browser *browser, const char *name)
{
	char wrong[32];

	for (int i = 0; i < 10; i++) {
		snprintf(wrong, sizeof wrong, "wrong number %d", i);
		signin_post(world, browser, name, wrong);
	}
	assert_way(&reply, "/locked");
}

/* --- unlock --------------------------------------------------------------------------------- */

static void
from_the_locked_page_only_the_code_is_asked(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	lock_out(world, &browser, ASHA);
	get(world, &browser, "/unlock", &reply);
	assert_says_not(&reply, "name=\"username\"");
	code_post(world, &browser, "/unlock", code_of(world, world->asha, 0));
	assert_way(&reply, "/unlock/done");
	get(world, &browser, "/unlock/done", &reply);
	assert_says(&reply, "Your account is unlocked");
	get(world, &browser, "/locked", &reply);
	assert_way(&reply, "/signin");
	signin_post(world, &browser, ASHA, OLD_PASSWORD);
	assert_way(&reply, "/signin/code");
	assert_int_equal(audited(world, "unlock_begun", NULL), 1);
	assert_int_equal(audited(world, "unlocked", NULL), 1);
	assert_int_equal(mailed(world, "unlocked"), 1);
	assert_string_equal(world->asha->password, OLD_PASSWORD);
}

static void
a_lock_of_the_directory_ends_too(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char fields[1024] = "";

	world->asha->person.state = DIR_LOCKED;
	get(world, &browser, "/unlock", &reply);
	assert_says(&reply, "name=\"username\"");
	field(fields, "username", ASHA);
	field(fields, "code", code_of(world, world->asha, 0));
	post(world, &browser, "/unlock", fields, &reply);
	assert_way(&reply, "/unlock/done");
	post(world, &browser, "/unlock", fields, &reply);
	assert_way(&reply, "/unlock/done");
	assert_int_equal(world->asha->person.state, DIR_OPEN);
	assert_int_equal(audited(world, "unlocked", NULL), 1);
	assert_int_equal(mailed(world, "unlocked"), 1);
}

static void
a_code_that_unlocked_signs_nobody_in_again(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	const char *code = code_of(world, world->asha, 0);

	lock_out(world, &browser, ASHA);
	code_post(world, &browser, "/unlock", code);
	signin_post(world, &browser, ASHA, OLD_PASSWORD);
	code_post(world, &browser, "/signin/code", code);
	assert_says(&reply, "already been used");
}

static void
names_nobody_has_meet_the_same_pages(void **state)
{
	struct world *world = *state;
	struct browser browser = {0}, other = {0};

	lock_out(world, &browser, "nope");
	lock_out(world, &other, ASHA);
	get(world, &browser, "/unlock", &reply);
	assert_says_not(&reply, "name=\"username\"");
	code_post(world, &browser, "/unlock", "123456");
	assert_says(&reply, "That code is not right");
	assert_true(reply.is_even);
	code_post(world, &other, "/unlock", "123456");
	assert_says(&reply, "That code is not right");
	assert_true(reply.is_even);
	post(world, &(struct browser){0}, "/unlock", "username=nope&code=123456", &reply);
	assert_says(&reply, "Check your staff ID and code");
	post(world, &(struct browser){0}, "/unlock", "username=&code=123456", &reply);
	assert_says(&reply, "Enter your staff ID");
	assert_int_equal(audited(world, "unlock_refused", "CODE_WRONG"), 1);
	assert_int_equal(audited(world, "unlock_refused", "PERSON_NOT_FOUND"), 2);
}

static void
whom_administrators_blocked_no_code_unblocks(void **state)
{
	struct world *world = *state;
	char fields[1024] = "";

	world->asha->person.state = DIR_BLOCKED;
	field(fields, "username", ASHA);
	field(fields, "code", code_of(world, world->asha, 0));
	post(world, &(struct browser){0}, "/unlock", fields, &reply);
	assert_int_equal(reply.status, 403);
	assert_says(&reply, "blocked this account");
	assert_int_equal(world->asha->person.state, DIR_BLOCKED);
	assert_int_equal(audited(world, "unlock_refused", "ACCOUNT_BLOCKED"), 1);
}

/* --- too old -------------------------------------------------------------------------------- */

static void
expire(struct world *world)
{
	world->asha->is_expired = true;
	world->asha->grace_left = 0;
	world->asha->person.password_expires_at_s = HELP_START_S - 10;
}

static void
an_expired_password_is_told_after_all_was_shown_and_set(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	expire(world);
	signin_post(world, &browser, ASHA, "not my password at all");
	assert_says(&reply, "one of them is not right");
	signin_post(world, &browser, ASHA, OLD_PASSWORD);
	assert_way(&reply, "/signin/code");
	post(world, &browser, "/signin/password", "new-password=quiet+harbour+bicycle", &reply);
	assert_way(&reply, "/start-again");
	code_post(world, &browser, "/signin/code", code_of(world, world->asha, 0));
	assert_way(&reply, "/signin/password");
	get(world, &browser, "/signin/password", &reply);
	assert_says(&reply, "Your password has expired");
	get(world, &browser, "/", &reply);
	assert_way(&reply, "/signin");
	post(world, &browser, "/signin/password", "new-password=short", &reply);
	assert_says(&reply, "12 characters or more");
	post(world, &browser, "/signin/password", "new-password=quiet+harbour+bicycle", &reply);
	assert_way(&reply, "/");
	post(world, &browser, "/signin/password", "new-password=quiet+harbour+bicycle", &reply);
	assert_way(&reply, "/");
	get(world, &browser, "/", &reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(world->asha->password, NEW_PASSWORD);
	assert_int_equal(world->dir.password_writes, 1);
	assert_int_equal(audited(world, "signin_done", NULL), 1);
}

static void
a_temporary_password_must_be_changed(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	world->asha->person.must_change = true;
	signin_post(world, &browser, ASHA, OLD_PASSWORD);
	code_post(world, &browser, "/signin/code", code_of(world, world->asha, 0));
	assert_way(&reply, "/signin/password");
	get(world, &browser, "/signin/password", &reply);
	assert_says(&reply, "temporary password");
	post(world, &browser, "/signin/password", "new-password=quiet+harbour+bicycle", &reply);
	assert_way(&reply, "/");
	assert_false(world->asha->person.must_change);
}

static void
somebody_else_may_sign_in_at_a_browser_left_there(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct fake_person *bo = fake_dir_add(&world->dir, "bo01", OLD_PASSWORD);

	phone_give(world, bo);
	expire(world);
	signin_post(world, &browser, ASHA, OLD_PASSWORD);
	code_post(world, &browser, "/signin/code", code_of(world, world->asha, 0));
	assert_way(&reply, "/signin/password");
	sign_in(world, &browser, "bo01", OLD_PASSWORD);
}

/* --- the account ---------------------------------------------------------------------------- */

static void
the_account_page_says_what_there_is(void **state)
{
	struct world *world = *state;
	struct browser browser = {0}, other = {0};

	get(world, &browser, "/account", &reply);
	assert_way(&reply, "/signin");
	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	sign_in(world, &other, ASHA, OLD_PASSWORD);
	get(world, &browser, "/account", &reply);
	assert_says(&reply, "Your account is in good order");
	assert_says(&reply, "Old phone");
	assert_says(&reply, "10 left");
	assert_says(&reply, "This device");
	post(world, &browser, "/account/sign-out-others", "", &reply);
	assert_way(&reply, "/account");
	get(world, &other, "/account", &reply);
	assert_way(&reply, "/session-ended");
	get(world, &browser, "/account", &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(audited(world, "sessions_ended", NULL), 1);
}

static void
change_post(struct world *world, struct browser *browser, const char *now, const char *new)
{
	char fields[1024] = "";

	field(fields, "password", now);
	field(fields, "new-password", new);
	post(world, browser, "/account/password", fields, &reply);
}

static void
a_password_is_changed_by_whoever_knows_the_old_one(void **state)
{
	struct world *world = *state;
	struct browser browser = {0}, other = {0};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	sign_in(world, &other, ASHA, OLD_PASSWORD);
	change_post(world, &browser, "", NEW_PASSWORD);
	assert_says(&reply, "Enter your password");
	change_post(world, &browser, OLD_PASSWORD, "");
	assert_says(&reply, "Enter a new password");
	change_post(world, &browser, "not mine", NEW_PASSWORD);
	assert_says(&reply, "That is not your password now");
	change_post(world, &browser, OLD_PASSWORD, "asha morgan");
	assert_says(&reply, "must not contain your name");
	change_post(world, &browser, OLD_PASSWORD, OLD_PASSWORD);
	assert_says(&reply, "This is already your password");
	get(world, &other, "/account", &reply);
	assert_int_equal(reply.status, 200);
	change_post(world, &browser, OLD_PASSWORD, NEW_PASSWORD);
	assert_way(&reply, "/account");
	change_post(world, &browser, OLD_PASSWORD, NEW_PASSWORD);
	assert_way(&reply, "/account");
	assert_string_equal(world->asha->password, NEW_PASSWORD);
	get(world, &browser, "/account", &reply);
	assert_int_equal(reply.status, 200);
	get(world, &other, "/account", &reply);
	assert_way(&reply, "/session-ended");
	assert_int_equal(audited(world, "password_changed", NULL), 1);
	assert_int_equal(mailed(world, "password"), 1);
}

static void
a_changed_password_is_told_and_no_longer_said_to_end(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	world->asha->person.password_expires_at_s = HELP_START_S + 3 * 86400;
	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	get(world, &browser, "/", &reply);
	assert_says(&reply, "Your password ends on");
	change_post(world, &browser, OLD_PASSWORD, NEW_PASSWORD);
	get(world, &browser, "/account", &reply);
	assert_says(&reply, "Your password has been changed.");
	get(world, &browser, "/", &reply);
	assert_says_not(&reply, "Your password ends on");
}

static void
a_session_ends_as_policy_says_and_the_page_tells_the_same(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	world_policy(world, "signin.policy",
		     "[default]\nsession_idle = 45 min\nsession_max = 2 h\n");
	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	world->clock.wall_s += 2 * 3600 - 300;
	get(world, &browser, "/account", &reply);
	assert_int_equal(reply.status, 200);
	world->clock.wall_s += 300;
	get(world, &browser, "/account", &reply);
	assert_way(&reply, "/session-ended");
	get(world, &browser, "/session-ended", &reply);
	assert_says(&reply, "You had not used the service for 45 minutes.");
}

/* OpenEMR, Vault: a session is no licence to guess. */
static void
guessing_the_old_one_locks(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char wrong[32];

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	world->asha->binds = 0;
	for (int i = 0; i < 14; i++) {
		snprintf(wrong, sizeof wrong, "guess number %d", i);
		change_post(world, &browser, wrong, NEW_PASSWORD);
	}
	assert_int_equal(reply.status, 423);
	assert_int_equal(world->asha->binds, 10);
	change_post(world, &browser, OLD_PASSWORD, NEW_PASSWORD);
	assert_int_equal(reply.status, 423);
	assert_string_equal(world->asha->password, OLD_PASSWORD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
	    T(from_the_locked_page_only_the_code_is_asked),
	    T(a_lock_of_the_directory_ends_too),
	    T(a_code_that_unlocked_signs_nobody_in_again),
	    T(names_nobody_has_meet_the_same_pages),
	    T(whom_administrators_blocked_no_code_unblocks),
	    T(an_expired_password_is_told_after_all_was_shown_and_set),
	    T(a_temporary_password_must_be_changed),
	    T(somebody_else_may_sign_in_at_a_browser_left_there),
	    T(the_account_page_says_what_there_is),
	    T(a_password_is_changed_by_whoever_knows_the_old_one),
	    T(a_changed_password_is_told_and_no_longer_said_to_end),
	    T(a_session_ends_as_policy_says_and_the_page_tells_the_same),
	    T(guessing_the_old_one_locks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
