/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/secret_bytes.h"
#include "policy/password.h"
#include "support/files_help.h"
#include "support/policy_help.h"

struct world {
	char folder[HELP_PATH_BYTES];
	struct policy *policy;
	struct lk_arena *arena;
};

static int
begin(void **state)
{
	struct world *world = calloc(1, sizeof *world);

	help_folder(world->folder);
	help_policy_folder(world->folder);
	help_write(world->folder, "password.policy", 0644,
		   "[default]\nrefused_words = Canolfan, ty mawr\n[group weak]\nrefuse_common = "
		   "no\nstrength = 0\nrefuse_personal = no\n");
	world->policy = help_policy(world->folder);
	world->arena = lk_arena_new(65536, 1u << 20);
	*state = world;
	return 0;
}

static int
end(void **state)
{
	struct world *world = *state;

	policy_free(world->policy);
	lk_arena_free(world->arena);
	help_folder_remove(world->folder);
	free(world);
	return 0;
}

static enum lk_err
normalise(const struct world *world, struct lk_str typed, struct lk_str *out)
{
	const struct lk_secret *secret = NULL;
	enum lk_err err =
	    policy_password_normalise(world->arena, lk_secret_make(world->arena, typed), &secret);

	assert_int_equal(err == LK_OK, secret != NULL);
	if (secret != NULL)
		*out = lk_secret_bytes(secret);
	return err;
}

/* Every failing rule's name, in order: "PASSWORD_SHORT PASSWORD_COMMON "; "" when it is fine. */
static const char *
failures_in(const struct world *world, const char *group, const char *password)
{
	static char names[400];
	const struct lk_str words[] = {
	    LK_STR("Siân"), LK_STR("Lloyd-Morgan"),	   LK_STR("k204417"), LK_STR("slmorgan7"),
	    LK_STR("Rex"),  LK_STR("Ministry of Justice"), LK_STR("")};
	const struct lk_str groups = lk_str_c(group);
	const struct policy_who who = {.groups = &groups, .group_count = group == NULL ? 0 : 1};
	struct policy_password rules;
	struct policy_password_try attempt = {&rules, NULL, {words, 7}};
	struct policy_failures failures = {.count = 0};
	enum lk_err err;
	size_t i;

	policy_password_ask(world->policy, &who, &rules);
	assert_int_equal(policy_password_normalise(world->arena,
						   lk_secret_make(world->arena, lk_str_c(password)),
						   &attempt.password),
			 LK_OK);
	err = policy_password_check(world->policy, world->arena, &attempt, &failures);
	assert_int_equal(err == LK_OK, failures.count == 0);
	names[0] = '\0';
	for (i = 0; i < failures.count; i++) {
		strcat(names, lk_err_row(failures.errs[i])->name);
		strcat(names, " ");
	}
	if (failures.count > 0)
		assert_int_equal(err, failures.errs[0]);
	lk_arena_reset(world->arena);
	return names;
}

static void
every_failing_rule_is_told_at_once(void **state)
{
	assert_string_equal(failures_in(*state, NULL, "morgan1"),
			    "PASSWORD_SHORT PASSWORD_PERSONAL PASSWORD_COMMON ");
	assert_string_equal(failures_in(*state, NULL, "S1an1"),
			    "PASSWORD_SHORT PASSWORD_COMMON PASSWORD_PERSONAL ");
}

static void
length_counts_characters_as_people_do(void **state)
{
	char longest[258];

	/* 11 and 12 times "e" and a combining accent: one character each once composed. */
	assert_string_equal(failures_in(*state, "weak",
					"e\xCC\x81"
					"e\xCC\x81"
					"e\xCC\x81"
					"e\xCC\x81"
					"e\xCC\x81"
					"e\xCC\x81"
					"e\xCC\x81"
					"e\xCC\x81"
					"e\xCC\x81"
					"e\xCC\x81"
					"e\xCC\x81"),
			    "PASSWORD_SHORT ");
	assert_string_equal(failures_in(*state, "weak",
					"e\xCC\x81"
					"e\xCC\x81"
					"e\xCC\x81"
					"e\xCC\x81"
					"e\xCC\x81"
					"e\xCC\x81"
					"e\xCC\x81"
					"e\xCC\x81"
					"e\xCC\x81"
					"e\xCC\x81"
					"e\xCC\x81"
					"e\xCC\x81"),
			    "");
	assert_string_equal(failures_in(*state, "weak", "           "), "PASSWORD_SHORT ");
	assert_string_equal(failures_in(*state, "weak", "            "), "");
	memset(longest, 'x', sizeof longest);
	longest[257] = '\0';
	assert_string_equal(failures_in(*state, "weak", longest), "PASSWORD_LONG ");
	longest[256] = '\0';
	assert_string_equal(failures_in(*state, "weak", longest), "");
}

static void
common_passwords_are_refused_however_they_are_dressed(void **state)
{
	static const char *const common[] = {
	    "Password1234",
	    "P@ssw0rd1234!",
	    "PASSWORD!!!!!!",
	    "dragondragon",
	    "DragonDragonDragon",
	    "dragon1dragon1",
	    "12dragon123456",
	    "Interdisciplinary",
	    "1nterdi5ciplinary99",
	    "letmeinletmein!!",
	    "123456789012",
	    "$umm3r2024!!",
	    "Summer2024!Summer2024!",
	    "\xC3\xA5\xE2\x84\xAB", /* refused for its length */
	    "ｐａｓｓｗｏｒｄ１２３４",
	};
	size_t i;

	for (i = 0; i < sizeof common / sizeof common[0]; i++) {
		const char *names = failures_in(*state, NULL, common[i]);

		if (i != 13 && strstr(names, "PASSWORD_COMMON ") == NULL)
			fail_msg("taken: %s (%s)", common[i], names);
	}
}

/* zxcvbn's floor, for what no list has. */
static void
what_is_easy_to_guess_is_refused(void **state)
{
	static const char *const weak[] = {"aaaaaaaaaaaaaaaa", "abcdefghijklmnop",
					   "qwertyuiop123456", "zxcvbnm,./zxcvbnm",
					   "1111111111111111", "monkeymonkey12"};
	size_t i;

	for (i = 0; i < sizeof weak / sizeof weak[0]; i++)
		assert_string_equal(failures_in(*state, NULL, weak[i]), "PASSWORD_COMMON ");
}

static void
the_persons_own_words_are_refused_in_any_spelling(void **state)
{
	static const char *const personal[] = {
	    "purple sian dishwasher",
	    "purple SIÂN dishwasher",
	    "purple 5iân dishwasher",
	    ("purple si\xCC\x82"
	     "an dish washer"),
	    "m0rg@n loves green tea",
	    "my LLOYD is a bank now",
	    "staff k204417 was here",
	    "xx slmorgan7 was here",
	    "ju5t1ce for all of us",
	    "the m1n1stry of walks",
	    "canolfan yr holl bethau",
	};
	size_t i;

	for (i = 0; i < sizeof personal / sizeof personal[0]; i++) {
		const char *names = failures_in(*state, NULL, personal[i]);

		if (strcmp(names, "PASSWORD_PERSONAL ") != 0)
			fail_msg("%s: %s", personal[i], names);
	}
}

static void
good_passwords_are_taken_as_they_are(void **state)
{
	static const char *const good[] = {
	    "correct horse battery staple",
	    "purple monkey dishwasher",
	    "tree-7391-5028-6614", /* random digits are no dressing */
	    "llanfairpwll gwyngyll",
	    "кошка сидела на окне",
	    "Rex is a very good dog", /* three letters are nobody's */
	    "design a signal for me", /* "sign" of the service's name is in too many words */
	    "Kx9#mQ2$vL7p",
	    " leading and trailing ",
	    "🦊🦊🐢🐢 and a heron 🐦",
	};
	size_t i;

	for (i = 0; i < sizeof good / sizeof good[0]; i++) {
		const char *names = failures_in(*state, NULL, good[i]);

		if (names[0] != '\0')
			fail_msg("%s: %s", good[i], names);
	}
}

static void
the_page_can_say_what_is_not_allowed(void **state)
{
	const struct world *world = *state;
	const struct lk_str group = LK_STR("weak");
	struct policy_who who = {.groups = &group};
	struct policy_failures said = {.count = 77};
	struct policy_password rules;

	policy_password_ask(world->policy, &who, &rules);
	policy_password_sentences(&rules, &said);
	assert_int_equal(said.count, 4);
	assert_int_equal(said.errs[0], LK_E_PASSWORD_SHORT);
	assert_int_equal(said.errs[3], LK_E_PASSWORD_PERSONAL);
	who.group_count = 1;
	policy_password_ask(world->policy, &who, &rules);
	policy_password_sentences(&rules, &said);
	assert_int_equal(said.count, 2);
	assert_int_equal(said.errs[1], LK_E_PASSWORD_LONG);
}

static void
an_empty_password_is_its_own_answer(void **state)
{
	const struct world *world = *state;
	const struct policy_who anybody = {.groups = NULL};
	struct policy_password rules;
	struct policy_password_try attempt = {
	    &rules, lk_secret_make(world->arena, LK_STR("")), {NULL, 0}};
	struct policy_failures failures = {.count = 77};

	policy_password_ask(world->policy, &anybody, &rules);
	assert_int_equal(policy_password_check(world->policy, world->arena, &attempt, &failures),
			 LK_E_PASSWORD_EMPTY);
	assert_int_equal(failures.count, 77);
}

static void
two_keyboards_type_the_same_bytes(void **state)
{
	struct lk_str one = {NULL, 0}, other = {NULL, 0};

	assert_int_equal(normalise(*state, LK_STR("Si\xC3\xA2n caf\xC3\xA9"), &one), LK_OK);
	assert_int_equal(normalise(*state, LK_STR("Sia\xCC\x82n cafe\xCC\x81"), &other), LK_OK);
	assert_true(lk_str_is_equal(one, other));
	/* Marks in another order; the Angstrom sign and its letter. */
	assert_int_equal(normalise(*state, LK_STR("a\xCC\xA3\xCC\x82"), &one), LK_OK);
	assert_int_equal(normalise(*state, LK_STR("a\xCC\x82\xCC\xA3"), &other), LK_OK);
	assert_true(lk_str_is_equal(one, other));
	assert_int_equal(normalise(*state, LK_STR("\xE2\x84\xAB"), &one), LK_OK);
	assert_true(lk_str_is(one, "\xC3\x85"));
}

/* ASVS 6.2.8: verified whole, no truncation, no case folding. */
static void
nothing_else_is_changed(void **state)
{
	static const char *const kept[] = {
	    " blanks at both ends ",	    "MiXed CASE",
	    "ﬁ ligature and full-width Ａ", "no-break\xC2\xA0space",
	    "zero\xE2\x80\x8Bwidth",	    "<>&'\"\\%s%n",
	};
	struct lk_str out = {NULL, 0};
	char longest[1025];
	size_t i;

	for (i = 0; i < sizeof kept / sizeof kept[0]; i++) {
		assert_int_equal(normalise(*state, lk_str_c(kept[i]), &out), LK_OK);
		assert_true(lk_str_is(out, kept[i]));
	}
	memset(longest, 'x', sizeof longest - 1);
	longest[1024] = '\0';
	assert_int_equal(normalise(*state, lk_str_c(longest), &out), LK_OK);
	assert_true(lk_str_is(out, longest));
}

static void
bytes_that_are_no_text_are_refused(void **state)
{
	const struct lk_str bad[] = {
	    LK_STR("ends here\0not here"),
	    LK_STR("\0"),
	    LK_STR("a\nb"),
	    LK_STR("a\tb"),
	    LK_STR("a\x7f"),
	    LK_STR("a\xC2\x85"),
	    LK_STR("\x1b[31m"),
	    LK_STR("caf\xE9"),
	    LK_STR("\xC0\xAF"),
	    LK_STR("\xE0\x80\xAF"),
	    LK_STR("\xED\xA0\x80"),
	    LK_STR("\xF4\x90\x80\x80"),
	    LK_STR("cut \xE2\x82"),
	    LK_STR("\xFF\xFE"),
	};
	struct lk_str out = {NULL, 0};
	size_t i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(normalise(*state, bad[i], &out), LK_E_PASSWORD_TEXT);
		assert_null(out.ptr);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_failing_rule_is_told_at_once),
	    cmocka_unit_test(length_counts_characters_as_people_do),
	    cmocka_unit_test(common_passwords_are_refused_however_they_are_dressed),
	    cmocka_unit_test(what_is_easy_to_guess_is_refused),
	    cmocka_unit_test(the_persons_own_words_are_refused_in_any_spelling),
	    cmocka_unit_test(good_passwords_are_taken_as_they_are),
	    cmocka_unit_test(the_page_can_say_what_is_not_allowed),
	    cmocka_unit_test(an_empty_password_is_its_own_answer),
	    cmocka_unit_test(two_keyboards_type_the_same_bytes),
	    cmocka_unit_test(nothing_else_is_changed),
	    cmocka_unit_test(bytes_that_are_no_text_are_refused),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
