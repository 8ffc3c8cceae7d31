/* SPDX-License-Identifier: MIT */
/* Signing in: password, then code, and everything that can stand in the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "flow/pairwise.h"
#include "support/crypto_help.h"
#include "support/flow_help.h"

static struct reply reply;

static void
password_post(struct world *world, struct browser *browser, const char *name, const char *password)
{
	char fields[1024] = "";

	field(fields, "username", name);
	field(fields, "password", password);
	post(world, browser, "/signin", fields, &reply);
}

static void
code_post(struct world *world, struct browser *browser, const char *code)
{
	char fields[1024] = "";

	field(fields, "code", code);
	post(world, browser, "/signin/code", fields, &reply);
}

static void
password_then_code_then_the_services(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	get(world, &browser, "/", &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(audited(world, "password_shown", NULL), 1);
	assert_int_equal(audited(world, "signin_done", NULL), 1);
}

static enum lk_err
reseal_fails(void *context, const char *verb)
{
	(void)context;
	return strcmp(verb, "totp_reseal") == 0 ? LK_E_DIRECTORY_DOWN : LK_OK;
}

static uint32_t
seal_of(const struct fake_person *fake)
{
	return crypto_seal_key_id(lk_str_n((const char *)fake->totp, fake->totp_len));
}

static struct lk_secret *
seed_of(const struct world *world, const struct fake_person *fake, struct lk_arena *arena)
{
	struct lk_secret *seed;

	assert_int_equal(crypto_open(world->ring, fake->person.id,
				     lk_str_n((const char *)fake->totp, fake->totp_len), arena,
				     &seed),
			 LK_OK);
	return seed;
}

/* DESIGN 1: re-key online. */
static void
a_phone_is_sealed_with_the_newest_key_when_its_code_was_right(void **state)
{
	struct world *world = *state;
	struct crypto_ring *first = world->ring;
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct browser browser[5];
	struct pairwise_seen seen;
	struct lk_secret *seed;

	memset(browser, 0, sizeof browser);
	seed = seed_of(world, world->asha, arena);
	world->ring = help_ring("1 " KEY_A "\n2 " KEY_B "\n");
	world->fast.ring = world->ring;
	world->fast.pairwise = pairwise_new();
	sign_in(world, &browser[0], ASHA, OLD_PASSWORD);
	assert_int_equal(seal_of(world->asha), 1);
	seen = (struct pairwise_seen){.count = 2, .each = {{.key_id = 2}, {.key_id = 1}}};
	assert_int_equal(pairwise_put(world->fast.pairwise, NULL, &seen), LK_OK);
	sign_in(world, &browser[1], ASHA, OLD_PASSWORD);
	assert_int_equal(seal_of(world->asha), 1);
	seen.count = 1;
	assert_int_equal(pairwise_put(world->fast.pairwise, NULL, &seen), LK_OK);
	world->dir.hook = reseal_fails;
	sign_in(world, &browser[2], ASHA, OLD_PASSWORD);
	assert_int_equal(seal_of(world->asha), 1);
	world->dir.hook = NULL;
	sign_in(world, &browser[3], ASHA, OLD_PASSWORD);
	assert_int_equal(seal_of(world->asha), 2);
	assert_true(lk_secret_is_equal(seed_of(world, world->asha, arena), seed));
	assert_string_equal(world->asha->totp_name, "Old phone");
	sign_in(world, &browser[4], ASHA, OLD_PASSWORD);
	assert_int_equal(seal_of(world->asha), 2);
	pairwise_free(world->fast.pairwise);
	crypto_ring_free(world->ring);
	world->fast.ring = world->ring = first;
	lk_arena_free(arena);
}

static void
what_is_missing_or_wrong_is_said(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	password_post(world, &browser, "", OLD_PASSWORD);
	assert_says(&reply, "Enter your staff ID or work email");
	password_post(world, &browser, ASHA, "");
	assert_says(&reply, "Enter your password");
	password_post(world, &browser, ASHA, "not this one");
	assert_says(&reply, "one of them is not right");
	password_post(world, &browser, ASHA, OLD_PASSWORD);
	code_post(world, &browser, "");
	assert_says(&reply, "Enter the 6-digit code");
	code_post(world, &browser, "abcdef");
	assert_says(&reply, "must be 6 numbers");
	code_post(world, &browser, "000000");
	assert_says(&reply, "That code is not right");
	code_post(world, &browser, code_of(world, world->asha, 6));
	assert_says(&reply, "clock looks wrong by about 3 minutes");
	get(world, &browser, "/", &reply);
	assert_way(&reply, "/signin");
}

/* ASVS 6.3.8 at every count of tries, past the lock. */
static void
names_nobody_has_lock_with_the_same_pages(void **state)
{
	struct world *world = *state;
	struct browser one = {0}, two = {0};
	char wrong[32];

	for (int i = 0; i < 12; i++) {
		int status;
		char location[256];

		snprintf(wrong, sizeof wrong, "wrong number %d", i);
		password_post(world, &one, ASHA, wrong);
		assert_int_equal(reply.is_even, reply.status == 200);
		status = reply.status;
		memcpy(location, reply.location, sizeof location);
		password_post(world, &two, "nope", wrong);
		assert_int_equal(reply.status, status);
		assert_string_equal(reply.location, location);
	}
	assert_way(&reply, "/locked");
	get(world, &two, "/locked", &reply);
	assert_int_equal(reply.status, 423);
	assert_says(&reply, "Your account is locked until");
	assert_int_equal(world->asha->binds, 10);
	assert_int_equal(audited(world, "locked", NULL), 2);
	password_post(world, &one, ASHA, OLD_PASSWORD);
	assert_way(&reply, "/locked");
	world_pass(world, 1801);
	password_post(world, &one, ASHA, OLD_PASSWORD);
	assert_way(&reply, "/signin/code");
}

static void
the_same_wrong_password_counts_once_and_is_asked_once(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	for (int i = 0; i < 40; i++)
		password_post(world, &browser, ASHA, "an old phone's");
	assert_int_equal(world->asha->binds, 1);
	password_post(world, &browser, ASHA, OLD_PASSWORD);
	assert_way(&reply, "/signin/code");
}

static void
a_stranger_cannot_lock_a_person_out_of_a_device_they_use(void **state)
{
	struct world *world = *state;
	struct browser own = {0}, stranger = {.is_stranger = true};
	char wrong[32];

	sign_in(world, &own, ASHA, OLD_PASSWORD);
	own.cookie[COOKIE_SESSION][0] = '\0';
	for (int i = 0; i < 30; i++) {
		snprintf(wrong, sizeof wrong, "wrong number %d", i);
		password_post(world, &stranger, ASHA, wrong);
	}
	password_post(world, &stranger, ASHA, OLD_PASSWORD);
	assert_way(&reply, "/locked");
	sign_in(world, &own, ASHA, OLD_PASSWORD);
}

static void
one_code_signs_in_once_wherever(void **state)
{
	struct world *world = *state;
	struct browser one = {0}, two = {0};
	const char *code = code_of(world, world->asha, 0);

	password_post(world, &one, ASHA, OLD_PASSWORD);
	password_post(world, &two, ASHA, OLD_PASSWORD);
	code_post(world, &one, code);
	assert_way(&reply, "/");
	code_post(world, &one, code);
	assert_way(&reply, "/");
	code_post(world, &two, code);
	assert_says(&reply, "already been used");
	assert_int_equal(fake_store_count(&world->store, FAKE_SESSION, world->asha->person.id), 1);
	assert_int_equal(audited(world, "signin_done", NULL), 1);
}

static void
the_right_password_and_nothing_else_opens_the_code_page(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	code_post(world, &browser, code_of(world, world->asha, 0));
	assert_way(&reply, "/start-again");
	get(world, &browser, "/signin/code", &reply);
	assert_way(&reply, "/signin");
}

/* OpenEMR: the right password gives no new tries at codes. */
static void
wrong_codes_lock_though_the_password_is_right_each_time(void **state)
{
	struct world *world = *state;
	char code[16];

	for (int i = 0; i < 12; i++) {
		struct browser browser = {.is_stranger = true};

		password_post(world, &browser, ASHA, OLD_PASSWORD);
		snprintf(code, sizeof code, "%06d", 100000 + i);
		code_post(world, &browser, code);
	}
	assert_int_equal(reply.status, 423);
	/* Now and then one of them is the code of another hour, and is called so. */
	assert_int_equal(audited(world, "code_refused", "CODE_WRONG") +
			     audited(world, "code_refused", "CODE_CLOCK"),
			 9);
}

/* F13 */
static void
who_may_not_come_in_is_told_after_the_right_password_only(void **state)
{
	static const struct {
		enum dir_state state;
		const char *words;
	} cases[] = {
	    {DIR_BLOCKED, "blocked this account"},
	    {DIR_LEFT, "This account ended"},
	    {DIR_NOT_STARTED, "Your account starts"},
	};
	struct world *world = *state;

	world->asha->person.ends_at_s = HELP_START_S - 86400 * 30;
	world->asha->person.starts_at_s = HELP_START_S + 86400 * 4;
	for (size_t i = 0; i < 3; i++) {
		struct browser browser = {0};

		world->asha->person.state = cases[i].state;
		password_post(world, &browser, ASHA, "not this one");
		assert_says(&reply, "one of them is not right");
		password_post(world, &browser, ASHA, OLD_PASSWORD);
		assert_int_equal(reply.status, 403);
		assert_says(&reply, cases[i].words);
		get(world, &browser, "/", &reply);
		assert_way(&reply, "/signin");
	}
	assert_int_equal(audited(world, "signin_done", NULL), 0);
}

static void
a_lost_phone_leads_to_another_one(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char fields[1024] = "";

	password_post(world, &browser, ASHA, OLD_PASSWORD);
	field(fields, "recovery", world->recovery[0]);
	post(world, &browser, "/signin/recovery", fields, &reply);
	assert_way(&reply, "/account/authenticator/new");
	get(world, &browser, "/account/authenticator/new", &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(world->asha->recovery_count, CRYPTO_RECOVERY_COUNT - 1);
	assert_int_equal(mailed(world, "ecovery code"), 1);
	password_post(world, &(struct browser){0}, ASHA, OLD_PASSWORD);
}

static void
a_trusted_device_asks_no_code_until_the_password_changes(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char fields[1024] = "";

	password_post(world, &browser, ASHA, OLD_PASSWORD);
	field(fields, "code", code_of(world, world->asha, 0));
	field(fields, "trust_device", "yes");
	post(world, &browser, "/signin/code", fields, &reply);
	assert_way(&reply, "/");
	post(world, &browser, "/signout", "", &reply);
	password_post(world, &browser, ASHA, OLD_PASSWORD);
	assert_way(&reply, "/");
	fields[0] = '\0';
	field(fields, "password", OLD_PASSWORD);
	field(fields, "new-password", NEW_PASSWORD);
	post(world, &browser, "/account/password", fields, &reply);
	assert_way(&reply, "/account");
	post(world, &browser, "/signout", "", &reply);
	password_post(world, &browser, ASHA, NEW_PASSWORD);
	assert_way(&reply, "/signin/code");
}

static void
grace_lets_in_and_says_how_often_still(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	world->asha->is_expired = true;
	world->asha->grace_left = 3;
	world->asha->person.password_expires_at_s = HELP_START_S - 100;
	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	get(world, &browser, "/", &reply);
	assert_says(&reply, "2 more times");
}

/* --- parts that fail ------------------------------------------------------------------------ */

static enum lk_err failing;

static enum lk_err
fails(void *context, const char *verb)
{
	(void)context, (void)verb;
	return failing;
}

/* A4, F1, F8: nobody comes in, and the page says what is the matter. */
static void
without_a_part_nobody_comes_in(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	password_post(world, &browser, ASHA, OLD_PASSWORD);
	failing = LK_E_DIRECTORY_DOWN;
	world->dir.hook = fails;
	code_post(world, &browser, code_of(world, world->asha, 0));
	assert_int_equal(reply.status, 503);
	assert_true(reply.retry_after_s > 0);
	password_post(world, &(struct browser){0}, ASHA, OLD_PASSWORD);
	assert_int_equal(reply.status, 503);
	world->dir.hook = NULL;
	failing = LK_E_STORE_DOWN;
	world->store.hook = fails;
	code_post(world, &browser, code_of(world, world->asha, 0));
	assert_int_equal(reply.status, 503);
	world->store.hook = NULL;
	world_audit_breaks(world, true);
	code_post(world, &browser, code_of(world, world->asha, 0));
	assert_int_equal(reply.status, 500);
	assert_string_equal(browser.cookie[COOKIE_SESSION], "");
	world_audit_breaks(world, false);
	/* Tries that found no answer were given back. */
	for (int i = 0; i < 4; i++)
		assert_true(world->store.tries[i].count <= 1);
}

static void
a_form_of_another_browser_or_page_does_nothing(void **state)
{
	struct world *world = *state;
	struct browser one = {0}, two = {0};
	char key[64], fields[1024];

	get(world, &one, "/signin", &reply);
	snprintf(key, sizeof key, "%.32s",
		 strstr(reply.body, "name=\"form_key\" value=\"") +
		     strlen("name=\"form_key\" value=\""));
	get(world, &two, "/signin", &reply);
	snprintf(fields, sizeof fields, "form_key=%s&username=asha&password=velvet+otter+lantern",
		 key);
	post(world, &two, "/signin", fields, &reply); /* sent twice: refused */
	assert_int_equal(reply.status, 400);
	get(world, &two, "/", &reply);
	assert_way(&reply, "/signin");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
	    T(password_then_code_then_the_services),
	    T(a_phone_is_sealed_with_the_newest_key_when_its_code_was_right),
	    T(what_is_missing_or_wrong_is_said),
	    T(names_nobody_has_lock_with_the_same_pages),
	    T(the_same_wrong_password_counts_once_and_is_asked_once),
	    T(a_stranger_cannot_lock_a_person_out_of_a_device_they_use),
	    T(one_code_signs_in_once_wherever),
	    T(the_right_password_and_nothing_else_opens_the_code_page),
	    T(wrong_codes_lock_though_the_password_is_right_each_time),
	    T(who_may_not_come_in_is_told_after_the_right_password_only),
	    T(a_lost_phone_leads_to_another_one),
	    T(a_trusted_device_asks_no_code_until_the_password_changes),
	    T(grace_lets_in_and_says_how_often_still),
	    T(without_a_part_nobody_comes_in),
	    T(a_form_of_another_browser_or_page_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
