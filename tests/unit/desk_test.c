/* SPDX-License-Identifier: MIT */
/* What the service desk sees and may do, through the admin door. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "crypto/crypto.h"
#include "support/desk_help.h"

#define UNLOCK "{'verb':'user.unlock','user':'sm10001','reason':'INC1: called back'}"

static void
says(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		print_error("'%s' is not in '%s'\n", part, text);
	assert_non_null(strstr(text, part));
}

static void
says_not(const char *text, const char *part)
{
	assert_null(strstr(text, part));
}

static void
shows(const char *state, const char *part)
{
	struct lk_json *answer = desk_ask("{'verb':'user.show','user':'SM10001'}");

	assert_true(desk_flag(answer, "ok"));
	assert_string_equal(desk_text(answer, "state"), state);
	says(desk_text(answer, "text"), part);
	lk_json_free(answer);
}

static void
refuses(const char *asked, const char *error, const char *part)
{
	struct lk_json *answer = desk_ask(asked);

	assert_false(desk_flag(answer, "ok"));
	assert_string_equal(desk_text(answer, "error"), error);
	assert_string_equal(desk_text(answer, "ref"), "7Q4M-2XPD");
	says(desk_text(answer, "text"), part);
	lk_json_free(answer);
}

/* --- show ------------------------------------------------------------------------------------ */

static void
locked_here(enum store_scope scope)
{
	world.tries[scope] = (struct store_try_state){
	    .is_locked = true, .locked_at_s = DESK_NOW_S - 60, .locked_until_s = DESK_NOW_S + 1740};
}

static void
each_state_is_told_with_its_time(void **state)
{
	(void)state;
	shows("can_sign_in", "sm10001 can sign in.");
	world.factors = (struct dir_factors){0};
	shows("no_authenticator", "has no authenticator app");
	world.person.must_change = true;
	shows("must_change", "somebody else set the present one");
	world.person.password_expires_at_s = DESK_NOW_S - 86400;
	shows("expired", "expired on Wednesday 26 November");
	locked_here(STORE_SCOPE_CODE);
	shows("codes_locked", "Codes of sm10001 are not taken until 5:34pm");
	locked_here(STORE_SCOPE_STRANGER);
	shows("locked", "until 5:34pm today (for another 29 minutes)");
	world.person.state = DIR_LOCKED;
	shows("locked", "stays locked until somebody unlocks it");
	world.person.locked_until_s = DESK_NOW_S + 3600;
	shows("locked", "until 6:05pm");
	world.person.state = DIR_NOT_STARTED;
	world.person.starts_at_s = DESK_NOW_S + 86400 * 4;
	shows("not_started", "starts on Monday 1 December");
	world.person.state = DIR_LEFT;
	world.person.ends_at_s = DESK_NOW_S - 86400 * 27;
	shows("left", "ended on Friday 31 October");
	world.person.state = DIR_BLOCKED;
	shows("blocked", "an administrator blocked the account");
}

static void
since_when_and_for_whom_a_lock_holds_is_told(void **state)
{
	(void)state;
	locked_here(STORE_SCOPE_STRANGER);
	shows("locked", "This has been so since 5:04pm");
	shows("locked", "on their own devices they can sign in");
}

static void
a_lock_on_known_devices_is_not_called_a_lock_for_strangers(void **state)
{
	struct lk_json *answer;

	(void)state;
	locked_here(STORE_SCOPE_STRANGER);
	locked_here(STORE_SCOPE_DEVICE);
	answer = desk_ask("{'verb':'user.show','user':'sm10001'}");
	says_not(desk_text(answer, "text"), "own devices");
	lk_json_free(answer);
}

static void
what_is_known_beside_is_told(void **state)
{
	(void)state;
	world.person.wrong_count = 3;
	world.person.last_wrong_at_s = DESK_NOW_S - 300;
	world.person.password_expires_at_s = DESK_NOW_S + 86400 * 10;
	world.session_count = 2;
	shows("can_sign_in", "3 wrong passwords were entered lately");
	shows("can_sign_in", "The last wrong password came 5pm");
	shows("can_sign_in", "The password ends on Sunday 7 December");
	shows("can_sign_in", "Authenticator app: Phone, added on");
	shows("can_sign_in", "8 recovery codes are left");
	shows("can_sign_in", "Signed in on 2 devices");
	shows("can_sign_in", "Has not signed in for as long as the log goes back");
	desk_log_fill(1);
	shows("can_sign_in", "Last signed in");
}

static void
without_the_store_the_entry_still_tells(void **state)
{
	struct lk_json *answer;

	(void)state;
	world.is_store_down = true;
	world.person.state = DIR_BLOCKED;
	answer = desk_ask("{'verb':'user.show','user':'sm10001'}");
	assert_true(desk_flag(answer, "is_partly"));
	assert_string_equal(desk_text(answer, "state"), "blocked");
	says(desk_text(answer, "text"), "The store does not answer");
	assert_null(lk_json_find(answer, "locks"));
	lk_json_free(answer);
}

static void
a_look_is_in_the_audit_with_who_looked(void **state)
{
	(void)state;
	shows("can_sign_in", "can sign in");
	says(desk_log(), "\"desk_looked\"");
	says(desk_log(), "root (uid 0)");
}

static void
looking_goes_on_when_the_audits_disk_is_full(void **state)
{
	(void)state;
	is_disk_full = true;
	shows("can_sign_in", "can sign in");
}

static void
nobody_of_that_name_is_said_with_the_name(void **state)
{
	(void)state;
	refuses("{'verb':'user.show','user':'nobody'}", "PERSON_NOT_FOUND", "nobody");
	refuses("{'verb':'user.history','user':'nobody'}", "PERSON_NOT_FOUND", "nobody");
	world.people_count = 0;
	refuses("{'verb':'user.find','text':'zz'}", "PERSON_NOT_FOUND", "zz");
}

/* --- unlock ---------------------------------------------------------------------------------- */

static void
nothing_was_changed(void)
{
	assert_int_equal(world.clear_count + world.unlock_count + world.end_count, 0);
	assert_string_equal(desk_mail(), "");
	says_not(desk_log(), "\"desk_unlocked\"");
}

static void
unlock_ends_both_locks_and_is_audited_and_mailed(void **state)
{
	struct lk_json *answer;

	(void)state;
	world.person.state = DIR_LOCKED;
	answer = desk_ask(UNLOCK);
	assert_true(desk_flag(answer, "is_done"));
	assert_false(desk_flag(answer, "is_partly"));
	says(desk_text(answer, "text"), "is unlocked. They have been emailed.");
	assert_int_equal(world.clear_count, 1);
	assert_int_equal(world.unlock_count, 1);
	says(desk_log(), "\"desk_unlocked\"");
	says(desk_log(), "INC1: called back");
	says(desk_mail(), "to: sian@example.test");
	says(desk_mail(), "root (uid 0) unlocked your account");
	says(desk_mail(), "INC1: called back");
	says(desk_mail(), "7Q4M-2XPD");
	lk_json_free(answer);
}

static void
unlock_ends_a_lock_of_codes_too(void **state)
{
	(void)state;
	locked_here(STORE_SCOPE_CODE_DEVICE);
	lk_json_free(desk_ask(UNLOCK));
	assert_int_equal(world.unlock_count, 1);
}

static void
who_is_not_locked_is_left_alone(void **state)
{
	struct lk_json *answer = desk_ask(UNLOCK);

	(void)state;
	assert_false(desk_flag(answer, "is_done"));
	says(desk_text(answer, "text"), "is not locked");
	nothing_was_changed();
	lk_json_free(answer);
}

static void
a_reason_is_needed_and_must_be_one_line(void **state)
{
	(void)state;
	world.person.state = DIR_LOCKED;
	refuses("{'verb':'user.unlock','user':'sm10001'}", "FORMAT", "Say why");
	refuses("{'verb':'user.unlock','user':'sm10001','reason':'  '}", "FORMAT", "Say why");
	refuses("{'verb':'user.unlock','user':'sm10001','reason':'a\\nb'}", "FORMAT", "Say why");
	refuses("{'verb':'user.signout','user':'sm10001','reason':''}", "FORMAT", "Say why");
	nothing_was_changed();
}

static void
blocked_left_and_not_started_are_not_the_desks_to_open(void **state)
{
	(void)state;
	world.person.state = DIR_BLOCKED;
	refuses(UNLOCK, "ACCOUNT_BLOCKED", "an administrator blocked the account");
	world.person.state = DIR_LEFT;
	world.person.ends_at_s = DESK_NOW_S - 86400 * 27;
	refuses(UNLOCK, "ACCOUNT_LEFT", "ended on Friday 31 October");
	world.person.state = DIR_NOT_STARTED;
	world.person.starts_at_s = DESK_NOW_S + 86400 * 4;
	refuses(UNLOCK, "ACCOUNT_NOT_STARTED", "starts on Monday 1 December");
	nothing_was_changed();
	says(desk_log(), "\"desk_refused\"");
	says(desk_log(), "INC1: called back");
}

static void
a_dry_run_tells_and_changes_nothing(void **state)
{
	struct lk_json *answer;

	(void)state;
	world.person.state = DIR_LOCKED;
	world.session_count = 2;
	answer = desk_ask("{'verb':'user.unlock','user':'sm10001','dry_run':true}");
	says(desk_text(answer, "text"), "stays locked until somebody unlocks it");
	says(desk_text(answer, "text"), "Nothing was changed.");
	lk_json_free(answer);
	answer = desk_ask("{'verb':'user.signout','user':'sm10001','dry_run':true}");
	says(desk_text(answer, "text"), "Signed in on 2 devices. Nothing was changed.");
	lk_json_free(answer);
	nothing_was_changed();
}

static void
parts_that_do_not_answer_leave_all_as_it_was(void **state)
{
	(void)state;
	world.person.state = DIR_LOCKED;
	world.is_store_down = true;
	refuses(UNLOCK, "STORE_DOWN", "not answering");
	nothing_was_changed();
	world.is_store_down = false;
	is_disk_full = true;
	refuses(UNLOCK, "AUDIT_DOWN", "");
	world.clear_count = world.unlock_count = 0;
}

static void
a_store_that_fails_in_between_is_partly_done(void **state)
{
	struct lk_json *answer;

	(void)state;
	world.person.state = DIR_LOCKED;
	world.is_commit_down = true;
	answer = desk_ask(UNLOCK);
	assert_true(desk_flag(answer, "is_partly"));
	says(desk_text(answer, "text"), "Unlock once more");
	lk_json_free(answer);
}

static void
a_directory_that_is_unsure_is_told_so_and_audited(void **state)
{
	(void)state;
	world.person.state = DIR_LOCKED;
	world.clear_err = LK_E_DIRECTORY_UNSURE;
	refuses(UNLOCK, "DIRECTORY_UNSURE", "");
	assert_int_equal(world.unlock_count, 0);
	says(desk_log(), "\"desk_refused\"");
}

static void
signout_ends_every_session_and_is_audited(void **state)
{
	struct lk_json *answer;

	(void)state;
	world.session_count = 3;
	answer = desk_ask("{'verb':'user.signout','user':'sm10001','reason':'stolen'}");
	assert_int_equal(desk_number(answer, "ended_count"), 3);
	says(desk_text(answer, "text"), "is signed out on 3 devices");
	assert_int_equal(world.end_count, 1);
	says(desk_log(), "\"desk_signed_out\"");
	lk_json_free(answer);
}

/* --- the log --------------------------------------------------------------------------------- */

static void
a_long_history_comes_in_pieces_each_line_once(void **state)
{
	long long from = 0, seen = 0, pieces = 0;

	(void)state;
	desk_log_fill(150);
	do {
		char asked[128];
		struct lk_json *answer;

		snprintf(asked, sizeof(asked),
			 "{'verb':'user.history','user':'sm10001','from':%lld}", from);
		answer = desk_ask(asked);
		assert_true(desk_flag(answer, "ok"));
		assert_true(lk_json_count(lk_json_find(answer, "events")) > 0);
		seen += (long long)lk_json_count(lk_json_find(answer, "events"));
		from = desk_number(answer, "next");
		lk_json_free(answer);
		pieces++;
	} while (from > 0 && seen < 1000);
	assert_true(pieces > 1);
	assert_int_equal(seen, 150 + pieces); /* each look adds a line of its own */
}

static void
a_reference_tells_its_story(void **state)
{
	struct lk_json *answer;

	(void)state;
	desk_log_fill(3);
	answer = desk_ask("{'verb':'explain','what':'abcd efgh'}");
	assert_int_equal(lk_json_count(lk_json_find(answer, "events")), 1);
	says(desk_text(lk_json_at(lk_json_find(answer, "events"), 0), "text"),
	     "sm10001 signed in.");
	lk_json_free(answer);
	refuses("{'verb':'explain','what':'2222-2222'}", "NOT_FOUND", "No line of the log");
	refuses("{'verb':'explain','what':'no such'}", "PERSON_NOT_FOUND", "no such");
}

static void
a_person_is_explained_with_the_last_events(void **state)
{
	struct lk_json *answer;

	(void)state;
	desk_log_fill(30);
	answer = desk_ask("{'verb':'explain','what':'sm10001'}");
	assert_string_equal(desk_text(answer, "state"), "can_sign_in");
	assert_int_equal(lk_json_count(lk_json_find(answer, "events")), 10);
	assert_int_equal(desk_number(answer, "next"), -1);
	lk_json_free(answer);
}

/* --- the service ----------------------------------------------------------------------------- */

static void
status_names_each_part(void **state)
{
	struct lk_json *answer = desk_ask("{'verb':'status'}");
	const struct lk_json *parts = lk_json_find(answer, "parts");

	(void)state;
	assert_true(desk_flag(answer, "is_ready"));
	assert_int_equal(lk_json_count(parts), 6);
	assert_false(desk_flag(lk_json_at(parts, 0), "is_up"));
	assert_true(desk_flag(lk_json_at(parts, 1), "is_up"));
	lk_json_free(answer);
	world.is_store_down = true;
	answer = desk_ask("{'verb':'status'}");
	assert_false(desk_flag(answer, "is_ready"));
	lk_json_free(answer);
}

static void
doctor_gives_a_fix_for_what_is_wrong(void **state)
{
	struct lk_json *answer;
	const struct lk_json *checks;
	size_t wrong = 0;

	(void)state;
	world.finding_count = 2;
	world.is_store_down = true;
	answer = desk_ask("{'verb':'doctor'}");
	checks = lk_json_find(answer, "checks");
	for (size_t i = 0; i < lk_json_count(checks); i++) {
		const struct lk_json *check = lk_json_at(checks, i);

		wrong += !desk_flag(check, "is_ok");
		assert_int_equal(desk_text(check, "fix")[0] == '\0', desk_flag(check, "is_ok"));
	}
	assert_true(wrong >= 3);
	lk_json_free(answer);
}

/* It is told apart from what signs, in the list and in what may be done with it. */
static void
the_pairwise_secret_is_listed_as_no_key_and_neither_rotated_nor_retired(void **state)
{
	static const char *const asked[] = {
	    "{'verb':'key.rotate','alg':'pairwise','reason':'x'}",
	    "{'verb':'key.retire','key':'pairwise-1','reason':'x'}",
	    "{'verb':'key.retire','key':'pairwise','reason':'x'}",
	};
	struct lk_json *answer = desk_ask("{'verb':'key.list'}");
	const struct lk_json *keys = lk_json_find(answer, "keys"), *seal;

	(void)state;
	assert_int_equal(lk_json_count(keys), 2);
	seal = lk_json_at(keys, 1);
	assert_string_equal(desk_text(seal, "name"), "pairwise-1");
	assert_string_equal(desk_text(seal, "state"), "pairwise");
	assert_true(desk_flag(seal, "is_open"));
	assert_null(lk_json_find(seal, "alg"));
	assert_null(lk_json_find(seal, "kid"));
	assert_non_null(lk_json_find(lk_json_at(keys, 0), "alg"));
	assert_true(desk_flag(answer, "has_pairwise"));
	lk_json_free(answer);
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		answer = desk_ask(asked[i]);
		assert_false(desk_flag(answer, "ok"));
		assert_non_null(strstr(desk_text(answer, "text"), "neither rotated nor retired"));
		lk_json_free(answer);
	}
}

/* Whether some application needs it or not. */
static void
the_doctor_says_that_the_pairwise_secret_is_not_there(void **state)
{
	struct lk_json *answer;
	const struct lk_json *checks;
	bool was_told = false;

	(void)state;
	desk_pairwise_lose();
	answer = desk_ask("{'verb':'doctor'}");
	checks = lk_json_find(answer, "checks");
	for (size_t i = 0; i < lk_json_count(checks); i++) {
		const struct lk_json *check = lk_json_at(checks, i);

		if (strcmp(desk_text(check, "name"), "pairwise") != 0)
			continue;
		assert_false(desk_flag(check, "is_ok"));
		assert_string_equal(desk_text(check, "words"),
				    "pairwise-1 does not open with this node's key file");
		assert_non_null(strstr(desk_text(check, "fix"), "never remove it"));
		was_told = true;
	}
	assert_true(was_told);
	lk_json_free(answer);
}

static void
routes_are_listed(void **state)
{
	struct lk_json *answer = desk_ask("{'verb':'routes'}");

	(void)state;
	assert_int_equal(lk_json_count(lk_json_find(answer, "routes")), 2);
	assert_string_equal(desk_text(lk_json_at(lk_json_find(answer, "routes"), 1), "method"),
			    "POST");
	lk_json_free(answer);
}

static void
what_is_no_verb_is_said(void **state)
{
	(void)state;
	refuses("{'verb':'user.delete','user':'x'}", "NOT_FOUND", "does not know this verb");
	refuses("{}", "NOT_FOUND", "does not know this verb");
	refuses("{'verb':7}", "NOT_FOUND", "does not know this verb");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_set_up, desk_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_state_is_told_with_its_time),
	    TEST(since_when_and_for_whom_a_lock_holds_is_told),
	    TEST(a_lock_on_known_devices_is_not_called_a_lock_for_strangers),
	    TEST(what_is_known_beside_is_told),
	    TEST(without_the_store_the_entry_still_tells),
	    TEST(a_look_is_in_the_audit_with_who_looked),
	    TEST(looking_goes_on_when_the_audits_disk_is_full),
	    TEST(nobody_of_that_name_is_said_with_the_name),
	    TEST(unlock_ends_both_locks_and_is_audited_and_mailed),
	    TEST(unlock_ends_a_lock_of_codes_too),
	    TEST(who_is_not_locked_is_left_alone),
	    TEST(a_reason_is_needed_and_must_be_one_line),
	    TEST(blocked_left_and_not_started_are_not_the_desks_to_open),
	    TEST(a_dry_run_tells_and_changes_nothing),
	    TEST(parts_that_do_not_answer_leave_all_as_it_was),
	    TEST(a_store_that_fails_in_between_is_partly_done),
	    TEST(a_directory_that_is_unsure_is_told_so_and_audited),
	    TEST(signout_ends_every_session_and_is_audited),
	    TEST(a_long_history_comes_in_pieces_each_line_once),
	    TEST(a_reference_tells_its_story),
	    TEST(a_person_is_explained_with_the_last_events),
	    TEST(status_names_each_part),
	    TEST(doctor_gives_a_fix_for_what_is_wrong),
	    TEST(the_pairwise_secret_is_listed_as_no_key_and_neither_rotated_nor_retired),
	    TEST(the_doctor_says_that_the_pairwise_secret_is_not_there),
	    TEST(routes_are_listed),
	    TEST(what_is_no_verb_is_said),
	};

	if (crypto_init() != LK_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
