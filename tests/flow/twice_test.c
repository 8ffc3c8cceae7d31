/* SPDX-License-Identifier: MIT */
/* F31: the same sent twice at once, the second coming between any two steps of the first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <liboath/oath.h>

#include "support/flow_help.h"

static struct reply outer, inner;

/* What is sent, by which browser, and before which verb of the first the second comes. */
static struct {
	const char *path, *follow;
	char fields[1024];
	struct browser browser;
	int at, count;
} twin;

static enum lk_err
hook(void *context, const char *verb)
{
	struct world *world = context;

	(void)verb;
	if (++twin.count != twin.at)
		return LK_OK;
	world->dir.hook = world->store.hook = NULL;
	post(world, &twin.browser, twin.path, twin.fields, &inner);
	if (twin.follow != NULL)
		get(world, &twin.browser, twin.follow, &inner);
	return LK_OK;
}

/* False: the first has not so many verbs. */
static bool
send_twice(struct world *world, struct browser *browser, const char *path, int at)
{
	twin.path = path;
	twin.at = at;
	twin.count = 0;
	twin.browser = *browser;
	world->dir.context = world->store.context = world;
	world->dir.hook = world->store.hook = hook;
	post(world, browser, path, twin.fields, &outer);
	world->dir.hook = world->store.hook = NULL;
	return twin.count >= at;
}

static void
unlocked_once(void **state)
{
	bool goes_on = true;

	world_end(state);
	for (int at = 1; goes_on; at++) {
		struct browser browser = {0};
		struct world *world;

		world_begin(state);
		world = *state;
		world->asha->person.state = DIR_LOCKED;
		get(world, &browser, "/unlock", &outer);
		twin.fields[0] = '\0';
		field(twin.fields, "username", ASHA);
		field(twin.fields, "code", code_of(world, world->asha, 0));
		goes_on = send_twice(world, &browser, "/unlock", at);
		assert_way(&outer, "/unlock/done");
		if (goes_on)
			assert_way(&inner, "/unlock/done");
		assert_int_equal(world->asha->person.state, DIR_OPEN);
		assert_int_equal(audited(world, "unlocked", NULL), 1);
		assert_int_equal(mailed(world, "unlocked"), 1);
		if (goes_on)
			world_end(state);
	}
}

static void
begun_once(void **state)
{
	bool goes_on = true;

	world_end(state);
	for (int at = 1; goes_on; at++) {
		struct browser browser = {0};
		struct world *world;

		world_begin(state);
		world = *state;
		get(world, &browser, "/reset", &outer);
		twin.fields[0] = '\0';
		field(twin.fields, "username", ASHA);
		field(twin.fields, "code", code_of(world, world->asha, 0));
		goes_on = send_twice(world, &browser, "/reset", at);
		assert_way(&outer, "/reset/password");
		if (goes_on)
			assert_way(&inner, "/reset/password");
		assert_int_equal(audited(world, "reset_proven", NULL), 1);
		assert_int_equal(audited(world, "reset_refused", NULL), 0);
		if (goes_on)
			world_end(state);
	}
}

/* Whoever is told is told the truth; whoever cannot be told is told to try. */
static void
changed_once(void **state)
{
	bool goes_on = true;

	world_end(state);
	for (int at = 1; goes_on; at++) {
		struct browser browser = {0};
		struct world *world;

		world_begin(state);
		world = *state;
		sign_in(world, &browser, ASHA, OLD_PASSWORD);
		twin.fields[0] = '\0';
		field(twin.fields, "password", OLD_PASSWORD);
		field(twin.fields, "new-password", NEW_PASSWORD);
		goes_on = send_twice(world, &browser, "/account/password", at);
		assert_true(outer.status == 303 || outer.status == 502);
		if (outer.status == 303)
			assert_string_equal(outer.location, "/account");
		if (goes_on)
			assert_true(inner.status == 303 || inner.status == 502);
		assert_string_equal(world->asha->password, NEW_PASSWORD);
		assert_int_equal(world->dir.password_writes, 1);
		get(world, &browser, "/account", &outer);
		assert_int_equal(outer.status, 200);
		if (goes_on)
			world_end(state);
	}
}

static enum lk_err
hook_too_soon(void *context, const char *verb)
{
	struct world *world = context;

	if (strcmp(verb, "password_reset") != 0)
		return LK_OK;
	world->dir.hook = NULL;
	post(world, &twin.browser, twin.path, twin.fields, &inner);
	return LK_E_PASSWORD_TOO_SOON;
}

/* The directory's least age of a password counts from the moment the other one set it. */
static void
reset_once_where_the_directory_says_too_soon(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	get(world, &browser, "/reset", &outer);
	twin.fields[0] = '\0';
	field(twin.fields, "username", ASHA);
	field(twin.fields, "code", code_of(world, world->asha, 0));
	post(world, &browser, "/reset", twin.fields, &outer);
	twin.path = "/reset/password";
	twin.fields[0] = '\0';
	field(twin.fields, "new-password", NEW_PASSWORD);
	twin.browser = browser;
	world->dir.context = world;
	world->dir.hook = hook_too_soon;
	post(world, &browser, twin.path, twin.fields, &outer);
	assert_way(&inner, "/reset/done");
	assert_way(&outer, "/reset/done");
	assert_string_equal(world->asha->password, NEW_PASSWORD);
	assert_int_equal(audited(world, "password_changed", NULL), 1);
	assert_int_equal(mailed(world, "password"), 1);
}

static void
code_on_page(const struct world *world, char code[8])
{
	const char *at = strstr(outer.body, "secret=");
	char *seed;
	size_t len;

	assert_non_null(at);
	assert_int_equal(oath_base32_decode(at + strlen("secret="), 32, &seed, &len), OATH_OK);
	assert_int_equal(oath_totp_generate(seed, len, world->clock.wall_s, 30, 0, 6, code),
			 OATH_OK);
	free(seed);
}

/* The codes on the page are those the directory holds, whoever of the two wrote last. */
static void
codes_are_true(struct world *world, struct browser *browser)
{
	struct browser other = {0};
	const char *at;
	char fields[1024] = "", code[16];

	get(world, browser, "/account/recovery-codes.txt", &outer);
	at = strstr(outer.body, "\r\n\r\n");
	assert_non_null(at);
	snprintf(code, sizeof code, "%.9s", at + 4);
	field(fields, "username", ASHA);
	field(fields, "recovery", code);
	post(world, &other, "/recovery", fields, &outer);
	assert_way(&outer, "/reset/password");
}

static void
set_up_once(void **state)
{
	bool goes_on = true;

	world_end(state);
	for (int at = 1; goes_on; at++) {
		struct browser browser = {0};
		struct world *world;
		char code[8];

		world_begin(state);
		world = *state;
		sign_in(world, &browser, ASHA, OLD_PASSWORD);
		get(world, &browser, "/account/authenticator/new", &outer);
		code_on_page(world, code);
		twin.fields[0] = '\0';
		field(twin.fields, "code", code);
		twin.follow = "/account/authenticator/new";
		goes_on = send_twice(world, &browser, "/account/authenticator/new", at);
		twin.follow = NULL;
		assert_way(&outer, "/account/recovery-codes");
		if (goes_on)
			assert_way(&inner, "/account/recovery-codes");
		codes_are_true(world, &browser);
		if (goes_on)
			world_end(state);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
	    T(unlocked_once), T(begun_once),
	    T(changed_once),  T(reset_once_where_the_directory_says_too_soon),
	    T(set_up_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
