/* SPDX-License-Identifier: MIT */
/* Forgotten password, from the link to signed in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/flow_help.h"

static struct reply reply;

static void
reset_post(struct world *world, struct browser *browser, const char *name, const char *code)
{
	char fields[1024] = "";

	field(fields, "username", name);
	field(fields, "code", code);
	post(world, browser, "/reset", fields, &reply);
}

static void
recovery_post(struct world *world, struct browser *browser, const char *name, const char *code)
{
	char fields[1024] = "";

	field(fields, "username", name);
	field(fields, "recovery", code);
	post(world, browser, "/recovery", fields, &reply);
}

static void
password_post(struct world *world, struct browser *browser, const char *password)
{
	char fields[1024] = "";

	field(fields, "new-password", password);
	post(world, browser, "/reset/password", fields, &reply);
}

/* At the page for the new password. */
static void
begin(struct world *world, struct browser *browser)
{
	reset_post(world, browser, ASHA, code_of(world, world->asha, 0));
	assert_way(&reply, "/reset/password");
}

/* --- the way through ------------------------------------------------------------------------ */

static void
with_the_app_in_three_pages_and_signed_in(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	get(world, &browser, "/reset", &reply);
	assert_int_equal(reply.status, 200);
	begin(world, &browser);
	get(world, &browser, "/reset/password", &reply);
	assert_says(&reply, "Create a new password");
	assert_says(&reply, "at least 12 characters");
	assert_says(&reply, "value=\"asha\"");
	password_post(world, &browser, NEW_PASSWORD);
	assert_way(&reply, "/reset/done");
	get(world, &browser, "/reset/done", &reply);
	assert_says(&reply, "Your password has been changed");
	assert_says(&reply, "you are signed in");
	assert_string_equal(world->asha->password, NEW_PASSWORD);
	get(world, &browser, "/", &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(audited(world, "reset_proven", NULL), 1);
	assert_int_equal(audited(world, "password_begun", NULL), 1);
	assert_int_equal(audited(world, "password_changed", "OK"), 1);
	assert_int_equal(audited(world, "signin_done", NULL), 1);
	assert_int_equal(mailed(world, "password"), 1);
}

static void
every_session_and_lock_ends_and_the_page_counts_them(void **state)
{
	struct world *world = *state;
	struct browser browser = {0}, one = {0}, other = {0};

	sign_in(world, &one, ASHA, OLD_PASSWORD);
	sign_in(world, &other, ASHA, OLD_PASSWORD);
	world->asha->person.state = DIR_LOCKED;
	begin(world, &browser);
	password_post(world, &browser, NEW_PASSWORD);
	get(world, &browser, "/reset/done", &reply);
	assert_says(&reply, "2 other devices");
	assert_int_equal(world->asha->person.state, DIR_OPEN);
	get(world, &one, "/", &reply);
	assert_way(&reply, "/session-ended");
	get(world, &other, "/", &reply);
	assert_way(&reply, "/session-ended");
	assert_int_equal(fake_store_count(&world->store, FAKE_SESSION, world->asha->person.id), 1);
	assert_int_equal(fake_store_count(&world->store, FAKE_TRUST, world->asha->person.id), 0);
}

static void
without_a_session_where_the_policy_says_so(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	world_policy(world, "reset.policy", "[default]\nnew_session = no\n");
	begin(world, &browser);
	password_post(world, &browser, NEW_PASSWORD);
	assert_way(&reply, "/reset/done");
	get(world, &browser, "/reset/done", &reply);
	assert_says(&reply, "href=\"/signin\"");
	assert_says(&reply, "Sign in with your new password");
	assert_int_equal(fake_store_count(&world->store, FAKE_SESSION, world->asha->person.id), 0);
	assert_string_equal(world->asha->password, NEW_PASSWORD);
}

static void
with_a_recovery_code_and_on_to_another_phone(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	recovery_post(world, &browser, ASHA, world->recovery[0]);
	assert_way(&reply, "/reset/password");
	assert_int_equal(world->asha->recovery_count, CRYPTO_RECOVERY_COUNT - 1);
	password_post(world, &browser, NEW_PASSWORD);
	get(world, &browser, "/reset/done", &reply);
	assert_says(&reply, "href=\"/account/authenticator/new\"");
	assert_int_equal(audited(world, "recovery_used", NULL), 1);
	recovery_post(world, &(struct browser){0}, ASHA, world->recovery[0]);
	assert_says(&reply, "Check your staff ID and recovery code");
}

/* --- refusals ------------------------------------------------------------------------------- */

static void
empty_fields_say_what_is_missing(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	reset_post(world, &browser, "", "123456");
	assert_says(&reply, "Enter your staff ID or work email");
	reset_post(world, &browser, ASHA, "");
	assert_says(&reply, "Enter the 6-digit code");
	reset_post(world, &browser, ASHA, "12345");
	assert_says(&reply, "not entered enough numbers");
	reset_post(world, &browser, ASHA, "1234567");
	assert_says(&reply, "too many numbers");
	recovery_post(world, &browser, ASHA, "");
	assert_says(&reply, "Enter one of your recovery codes");
	password_post(world, &browser, NEW_PASSWORD);
	assert_way(&reply, "/start-again");
	assert_string_equal(world->asha->password, OLD_PASSWORD);
}

/* The page without what differs by itself: the name typed, the reference of the request. */
static void
page_bare(const char *name, char out[RES_BODY_MAX_BYTES])
{
	char *at = out;

	snprintf(out, RES_BODY_MAX_BYTES, "%s", reply.body);
	while ((at = strstr(at, name)) != NULL)
		memset(at, '*', strlen(name));
	for (at = out; (at = strchr(at, '-')) != NULL; at++)
		if (at - out > 4 && strspn(at - 4, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == 4 &&
		    strspn(at + 1, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == 4)
			memset(at - 4, '*', 9);
}

/* F13, ASVS 6.3.8: nobody learns who is there, at every count of tries. */
static void
unknown_and_known_read_the_same_bytes(void **state)
{
	struct world *world = *state;
	static char known[RES_BODY_MAX_BYTES], unknown[RES_BODY_MAX_BYTES];
	struct browser browser = {0};
	char code[16];

	fake_dir_add(&world->dir, "bo01", OLD_PASSWORD); /* has no phone */
	for (int i = 0; i < 12; i++) {
		snprintf(code, sizeof code, "%06d", 100000 + i);
		reset_post(world, &browser, ASHA, code);
		page_bare(ASHA, known);
		assert_true(reply.is_even);
		reset_post(world, &browser, "nope", code);
		page_bare("nope", unknown);
		assert_true(reply.is_even);
		assert_string_equal(known, unknown);
		reset_post(world, &browser, "bo01", code);
		page_bare("bo01", unknown);
		assert_string_equal(known, unknown);
	}
	assert_int_equal(reply.status, 423);
	assert_true(audited(world, "reset_refused", "CODE_WRONG") >= 18);
	assert_true(audited(world, "reset_refused", "PERSON_NOT_FOUND") >= 9);
	assert_true(audited(world, "reset_refused", "CODE_LOCKED") >= 6);
}

static void
a_used_code_is_told_in_any_spelling_and_at_any_page(void **state)
{
	struct world *world = *state;
	struct browser first = {0}, second = {0};
	const char *code = code_of(world, world->asha, 0);
	char spaced[16];

	reset_post(world, &first, ASHA, code);
	assert_way(&reply, "/reset/password");
	snprintf(spaced, sizeof spaced, " %.3s-%.3s ", code, code + 3);
	reset_post(world, &second, "ASHA", spaced);
	assert_says(&reply, "already been used");
	assert_true(reply.is_even);
	post(world, &second, "/reset/password", "new-password=quiet+harbour+bicycle", &reply);
	assert_way(&reply, "/start-again");
	assert_string_equal(world->asha->password, OLD_PASSWORD);
}

static void
codes_from_before_the_stores_epoch_count_as_used(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	world->store.epoch_began_at_s = world->clock.wall_s;
	reset_post(world, &browser, ASHA, code_of(world, world->asha, 0));
	assert_says(&reply, "already been used");
}

static void
a_wrong_clock_is_told_on_a_known_device_only(void **state)
{
	struct world *world = *state;
	struct browser known = {0}, stranger = {0};

	sign_in(world, &known, ASHA, OLD_PASSWORD);
	reset_post(world, &known, ASHA, code_of(world, world->asha, -8));
	assert_says(&reply, "clock looks wrong by about 4 minutes");
	reset_post(world, &stranger, ASHA, code_of(world, world->asha, -8));
	assert_says_not(&reply, "clock");
	assert_says(&reply, "Check your staff ID and code");
	assert_int_equal(audited(world, "reset_refused", "CODE_CLOCK"), 2);
}

static void
whoever_may_not_come_in_is_told_only_after_the_right_code(void **state)
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
		reset_post(world, &browser, ASHA, "123456");
		assert_says(&reply, "Check your staff ID and code");
		reset_post(world, &browser, ASHA, code_of(world, world->asha, 0));
		assert_int_equal(reply.status, 403);
		assert_says(&reply, cases[i].words);
		reset_post(world, &browser, ASHA, code_of(world, world->asha, 0));
		assert_says(&reply, "already been used");
		world_pass(world, 30);
	}
}

static void
every_rule_that_says_no_is_told_at_once(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	begin(world, &browser);
	password_post(world, &browser, "morgan1");
	assert_says(&reply, "Password must be 12 characters or more");
	assert_says(&reply, "must not contain your name");
	assert_says(&reply, "too easy to guess");
	password_post(world, &browser, "");
	assert_says(&reply, "Enter a new password");
	password_post(world, &browser, OLD_PASSWORD);
	assert_says(&reply, "This is already your password");
	snprintf(world->asha->history[0], FAKE_TEXT, OTHER_PASSWORD);
	world->asha->history_count = 1;
	password_post(world, &browser, OTHER_PASSWORD);
	assert_says(&reply, "You have used this password before");
	assert_int_equal(audited(world, "password_refused", "PASSWORD_REUSED"), 1);
	password_post(world, &browser, NEW_PASSWORD);
	assert_way(&reply, "/reset/done");
}

/* --- two proofs ----------------------------------------------------------------------------- */

static void
administrators_show_two_proofs_in_either_order(void **state)
{
	static const struct lk_str groups[] = {{"administrators", 14}};
	struct world *world = *state;
	struct browser browser = {0}, other = {0};

	world_policy(world, "reset.policy",
		     "[default]\nproofs = totp or recovery\n"
		     "[group administrators]\nproofs = totp and recovery\n");
	world->asha->person.groups = groups;
	world->asha->person.group_count = 1;
	reset_post(world, &browser, ASHA, code_of(world, world->asha, 0));
	assert_way(&reply, "/recovery");
	get(world, &browser, "/recovery", &reply);
	assert_says_not(&reply, "name=\"username\"");
	password_post(world, &browser, NEW_PASSWORD);
	assert_way(&reply, "/start-again");
	post(world, &browser, "/recovery", "recovery=AAAA-AAAA", &reply);
	assert_says_not(&reply, "staff ID");
	recovery_post(world, &browser, "", world->recovery[0]);
	assert_way(&reply, "/reset/password");
	recovery_post(world, &other, ASHA, world->recovery[1]);
	assert_way(&reply, "/reset");
	get(world, &other, "/reset", &reply);
	assert_says_not(&reply, "name=\"username\"");
	world_pass(world, 30);
	reset_post(world, &other, "", code_of(world, world->asha, 0));
	assert_way(&reply, "/reset/password");
}

static void
administrators_without_a_recovery_code_read_what_everybody_reads(void **state)
{
	static const struct lk_str groups[] = {{"administrators", 14}};
	struct world *world = *state;
	struct browser browser = {0};

	world_policy(world, "reset.policy",
		     "[default]\n[group administrators]\nproofs = totp and recovery\n");
	world->asha->person.groups = groups;
	world->asha->person.group_count = 1;
	world->asha->recovery_count = 0;
	reset_post(world, &browser, ASHA, code_of(world, world->asha, 0));
	assert_int_equal(reply.status, 200);
	assert_says(&reply, "Check your staff ID and code");
	assert_int_equal(audited(world, "reset_refused", "RESET_NO_FACTOR"), 1);
}

/* SECURITY 2, 1 and 25: what was proven for one does nothing for another. */
static void
a_new_name_begins_anew(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct fake_person *bo = fake_dir_add(&world->dir, "bo01", OLD_PASSWORD);

	phone_give(world, bo);
	begin(world, &browser);
	reset_post(world, &browser, "bo01", "123456");
	assert_says(&reply, "Check your staff ID and code");
	reset_post(world, &browser, "bo01", code_of(world, bo, 0));
	assert_way(&reply, "/reset/password");
	post(world, &browser, "/reset/password", "username=asha&new-password=quiet+harbour+bicycle",
	     &reply);
	assert_way(&reply, "/reset/done");
	assert_string_equal(bo->password, NEW_PASSWORD);
	assert_string_equal(world->asha->password, OLD_PASSWORD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
	    T(with_the_app_in_three_pages_and_signed_in),
	    T(every_session_and_lock_ends_and_the_page_counts_them),
	    T(without_a_session_where_the_policy_says_so),
	    T(with_a_recovery_code_and_on_to_another_phone),
	    T(empty_fields_say_what_is_missing),
	    T(unknown_and_known_read_the_same_bytes),
	    T(a_used_code_is_told_in_any_spelling_and_at_any_page),
	    T(codes_from_before_the_stores_epoch_count_as_used),
	    T(a_wrong_clock_is_told_on_a_known_device_only),
	    T(whoever_may_not_come_in_is_told_only_after_the_right_code),
	    T(every_rule_that_says_no_is_told_at_once),
	    T(administrators_show_two_proofs_in_either_order),
	    T(administrators_without_a_recovery_code_read_what_everybody_reads),
	    T(a_new_name_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
