/* SPDX-License-Identifier: MIT */
/* Setting up an authenticator, from a sign-in and from the account page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/flow_help.h"

#define NEW_PAGE "/account/authenticator/new"

static struct reply reply, inner;

static void
code_post(struct world *world, struct browser *browser, const char *code, struct reply *out)
{
	char fields[1024] = "";

	field(fields, "code", code);
	post(world, browser, NEW_PAGE, fields, out);
}

/* A person without a phone comes to set one up. */
static void
begin(struct world *world, struct browser *browser)
{
	char fields[1024] = "";

	world->asha->totp_len = 0;
	world->asha->recovery_count = 0;
	field(fields, "username", ASHA);
	field(fields, "password", OLD_PASSWORD);
	post(world, browser, "/signin", fields, &reply);
	assert_way(&reply, NEW_PAGE);
	post(world, browser, "/signin", fields, &reply);
	assert_way(&reply, NEW_PAGE);
	get(world, browser, NEW_PAGE, &reply);
	assert_int_equal(reply.status, 200);
}

static void
signing_in_goes_on_by_setting_one_up(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	static char first[RES_BODY_MAX_BYTES];

	begin(world, &browser);
	assert_says(&reply, "otpauth://totp/Staff%20sign-in:asha?secret=");
	assert_says(&reply, "<svg");
	memcpy(first, reply.body, sizeof first);
	get(world, &browser, NEW_PAGE, &reply);
	assert_memory_equal(strstr(reply.body, "secret="), strstr(first, "secret="), 39);
	get(world, &browser, "/", &inner);
	assert_way(&inner, "/signin");
	code_post(world, &browser, "", &inner);
	assert_says(&inner, "Enter the 6-digit code");
	code_post(world, &browser, "000000", &inner);
	assert_says(&inner, "set automatically");
	code_post(world, &browser, code_shown(world, &reply), &inner);
	assert_way(&inner, "/account/recovery-codes");
	assert_true(world->asha->totp_len > 0);
	assert_int_equal(world->asha->recovery_count, CRYPTO_RECOVERY_COUNT);
	assert_string_equal(code_of(world, world->asha, 0), code_shown(world, &reply));
	get(world, &browser, "/account/recovery-codes", &reply);
	assert_says(&reply, "Save your recovery codes");
	get(world, &browser, "/account/recovery-codes.txt", &inner);
	assert_says(&inner, "\r\n");
	post(world, &browser, "/account/recovery-codes", "", &reply);
	assert_way(&reply, "/");
	post(world, &browser, "/account/recovery-codes", "", &reply);
	assert_way(&reply, "/");
	get(world, &browser, "/", &reply);
	assert_int_equal(reply.status, 200);
	get(world, &browser, "/account/recovery-codes", &reply);
	assert_way(&reply, "/account");
	assert_int_equal(audited(world, "totp_added", NULL), 1);
	assert_int_equal(audited(world, "totp_removed", NULL), 0);
	assert_int_equal(audited(world, "recovery_made", NULL), 1);
	assert_int_equal(audited(world, "signin_done", NULL), 1);
	assert_int_equal(mailed(world, "authenticator"), 1);
}

/* A3: the code that set it up signs nobody in. */
static void
its_first_code_is_spent(void **state)
{
	struct world *world = *state;
	struct browser browser = {0}, other = {0};

	begin(world, &browser);
	code_post(world, &browser, code_shown(world, &reply), &inner);
	post(world, &other, "/signin", "username=asha&password=velvet+otter+lantern", &inner);
	assert_way(&inner, "/signin/code");
	post(world, &other, "/signin/code", "", &inner);
	char fields[1024] = "";
	field(fields, "code", code_of(world, world->asha, 0));
	post(world, &other, "/signin/code", fields, &inner);
	assert_says(&inner, "already been used");
}

static void
replaced_from_the_account_page_after_a_fresh_sign_in(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	get(world, &browser, NEW_PAGE, &reply);
	assert_way(&reply, "/signin?next=/account/authenticator/new");
	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	get(world, &browser, NEW_PAGE, &reply);
	assert_says(&reply, "Old phone");
	world_pass(world, 60);
	code_post(world, &browser, code_shown(world, &reply), &inner);
	assert_way(&inner, "/account/recovery-codes");
	post(world, &browser, "/account/recovery-codes", "", &inner);
	assert_way(&inner, "/account");
	assert_int_equal(audited(world, "totp_removed", NULL), 1);
	world_pass(world, 901);
	get(world, &browser, NEW_PAGE, &reply);
	assert_way(&reply, "/signin?next=/account/authenticator/new");
}

/* What one left on the screen of a shared computer, the next one cannot use. */
static void
the_next_person_at_the_browser_cannot_go_on_with_it(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct fake_person *bo = fake_dir_add(&world->dir, "bo01", OLD_PASSWORD);
	char old[256];

	phone_give(world, bo);
	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	get(world, &browser, NEW_PAGE, &reply);
	snprintf(old, sizeof old, "%.39s", strstr(reply.body, "secret="));
	post(world, &browser, "/signout", "", &inner);
	get(world, &browser, NEW_PAGE, &inner);
	assert_way(&inner, "/signin?next=/account/authenticator/new");
	code_post(world, &browser, code_shown(world, &reply), &inner);
	assert_way(&inner, "/start-again");
	sign_in(world, &browser, "bo01", OLD_PASSWORD);
	get(world, &browser, NEW_PAGE, &inner);
	assert_says_not(&inner, old);
	assert_int_equal(audited(world, "totp_added", NULL), 0);
}

/* --- what fails ----------------------------------------------------------------------------- */

static struct {
	int at, count;
	bool goes_on, dies;
	enum lk_err err;
	jmp_buf dead;
} plan;

static enum lk_err
hook(void *context, const char *verb)
{
	(void)context, (void)verb;
	plan.count++;
	if (plan.count < plan.at || (plan.count > plan.at && !plan.goes_on))
		return LK_OK;
	if (plan.dies)
		longjmp(plan.dead, 1);
	return plan.err;
}

static bool
is_killed(struct world *world, struct browser *browser, const char *code)
{
	world->dir.hook = world->store.hook = hook;
	if (setjmp(plan.dead) != 0) {
		world_died(world);
		return true;
	}
	code_post(world, browser, code, &inner);
	world->dir.hook = world->store.hook = NULL;
	return false;
}

/* The codes on the page are those the directory holds. */
static void
goes_well_again(struct world *world, struct browser *browser)
{
	const char *at;

	get(world, browser, NEW_PAGE, &reply);
	if (reply.status == 200) {
		code_post(world, browser, code_shown(world, &reply), &inner);
		assert_way(&inner, "/account/recovery-codes");
	}
	get(world, browser, "/account/recovery-codes.txt", &reply);
	assert_int_equal(reply.status, 200);
	at = strstr(reply.body, "\r\n\r\n");
	assert_non_null(at);
	post(world, browser, "/account/recovery-codes", "", &inner);
	assert_way(&inner, "/");
	world_pass(world, 60);
	char fields[1024] = "";
	char code[16];
	struct browser other = {0};

	snprintf(code, sizeof code, "%.9s", at + 4);
	field(fields, "username", ASHA);
	field(fields, "recovery", code);
	post(world, &other, "/recovery", fields, &inner);
	assert_way(&inner, "/reset/password");
}

static void
killed_anywhere_it_can_be_finished(void **state)
{
	world_end(state);
	for (int at = 1; at < 20; at++) {
		struct browser browser = {0};
		struct world *world;
		bool was_killed;

		world_begin(state);
		world = *state;
		begin(world, &browser);
		memset(&plan, 0, sizeof plan);
		plan.at = at;
		plan.dies = true;
		was_killed = is_killed(world, &browser, code_shown(world, &reply));
		goes_well_again(world, &browser);
		if (!was_killed)
			break;
		world_end(state);
	}
}

static void
without_store_or_directory_it_can_be_finished_later(void **state)
{
	world_end(state);
	for (int at = 1; at < 20; at++) {
		struct browser browser = {0};
		struct world *world;

		world_begin(state);
		world = *state;
		begin(world, &browser);
		memset(&plan, 0, sizeof plan);
		plan.at = at;
		plan.goes_on = true;
		plan.err = at % 2 == 0 ? LK_E_STORE_DOWN : LK_E_DIRECTORY_DOWN;
		world->dir.hook = world->store.hook = hook;
		code_post(world, &browser, code_shown(world, &reply), &inner);
		world->dir.hook = world->store.hook = NULL;
		if (plan.count >= at)
			assert_int_equal(inner.status, 503);
		goes_well_again(world, &browser);
		if (plan.count < at)
			break;
		world_end(state);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
	    T(signing_in_goes_on_by_setting_one_up),
	    T(its_first_code_is_spent),
	    T(replaced_from_the_account_page_after_a_fresh_sign_in),
	    T(the_next_person_at_the_browser_cannot_go_on_with_it),
	    T(killed_anywhere_it_can_be_finished),
	    T(without_store_or_directory_it_can_be_finished_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
