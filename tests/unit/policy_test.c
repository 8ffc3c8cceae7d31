/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/application.h"
#include "support/files_help.h"
#include "support/policy_help.h"

#define PAYROLL                                                                                    \
	"[application]\nclient_id = payroll\nname = Payroll\nname_cy = Cyflogau\n"                 \
	"description = Payslips\ndescription_cy = Slipiau cyflog\nstart_url = "                    \
	"https://payroll.example/\n"

static void
golden(void **state, const char *name)
{
	char want[HELP_PATH_BYTES], folder[HELP_PATH_BYTES];
	struct policy *policy;
	char *text;
	LK_AUTO_BUF faults;

	lk_buf_init(&faults, 65536);
	assert_int_equal(chdir(help_source(folder, "tests/golden/policy")), 0);
	policy = help_policy_load(name, *state, &faults);
	assert_null(policy);
	snprintf(want, sizeof want, "%s.want", name);
	text = help_read(want);
	assert_string_equal(faults.bytes, text);
	free(text);
}

static int
golden_begin(void **state)
{
	char here[HELP_PATH_BYTES];

	assert_non_null(getcwd(here, sizeof here));
	assert_int_equal(setenv("LK_TEST_HERE", here, 1), 0);
	return help_policy_begin(state);
}

static int
golden_end(void **state)
{
	assert_int_equal(chdir(getenv("LK_TEST_HERE")), 0);
	return help_policy_end(state);
}

static void
every_value_that_is_wrong_is_told_at_once(void **state)
{
	golden(state, "wrong");
}

static void
every_rule_between_values_is_told_at_once(void **state)
{
	golden(state, "rules");
}

/* The line up to where it came from. */
static void
values_only(char *text)
{
	char *from = text, *to = text;

	while (*from != '\0') {
		size_t line = strcspn(from, "\n");
		char *remark = strstr(from, "  # ");
		size_t len =
		    remark != NULL && remark < from + line ? (size_t)(remark - from) : line;

		memmove(to, from, len);
		to += len;
		*to++ = '\n';
		from += line + (from[line] == '\n' ? 1 : 0);
	}
	*to = '\0';
}

static void
the_shipped_files_say_the_defaults(void **state)
{
	char dir[HELP_PATH_BYTES];
	const struct policy_who anybody = {.groups = NULL};
	struct policy *defaults = help_policy(*state), *shipped;
	LK_AUTO_BUF a;
	LK_AUTO_BUF b;
	int file;

	lk_buf_init(&a, 65536);
	lk_buf_init(&b, 65536);
	shipped = help_policy_load(help_source(dir, "policies"), *state, &a);
	if (shipped == NULL)
		fail_msg("%s", a.bytes);
	for (file = 0; file < POLICY_FILE_COUNT; file++) {
		lk_buf_clear(&a);
		lk_buf_clear(&b);
		policy_explain(shipped, (enum policy_file)file, &anybody, &a);
		policy_explain(defaults, (enum policy_file)file, &anybody, &b);
		assert_null(strstr(a.bytes, "# built in"));
		assert_non_null(strstr(b.bytes, "# built in"));
		values_only(a.bytes);
		values_only(b.bytes);
		assert_string_equal(a.bytes, b.bytes);
	}
	policy_free(shipped);
	policy_free(defaults);
}

static void
the_shipped_application_sample_is_one_that_loads(void **state)
{
	char path[HELP_PATH_BYTES];
	struct policy *policy;
	char *text = help_read(help_source(path, "policies/applications/example.conf.sample"));

	help_write(*state, "applications/example.conf", 0644, text);
	policy = help_policy(*state);
	assert_non_null(policy_application_find(policy, LK_STR("payroll")));
	policy_free(policy);
	free(text);
}

static void
the_first_section_that_sets_a_rule_decides_it(void **state)
{
	const struct lk_str groups[] = {LK_STR("second"), LK_STR("FIRST")};
	struct policy_who both = {.groups = groups, .group_count = 2};
	struct policy_who second = {.groups = groups, .group_count = 1};
	struct policy_who nobody = {.groups = NULL};
	struct policy_password rules;
	struct policy *policy;

	help_write(*state, "password.policy", 0644,
		   "[group first]\nmin_length = 20\n[default]\nmin_length = 14\nstrength = 40\n"
		   "[group second]\nmin_length = 16\nmax_length = 100\n");
	policy = help_policy(*state);
	policy_password_ask(policy, &both, &rules);
	assert_int_equal(rules.min_length_count, 20);
	assert_int_equal(rules.max_length_count, 100);
	assert_int_equal(rules.strength_bits, 40);
	policy_password_ask(policy, &second, &rules);
	assert_int_equal(rules.min_length_count, 16);
	policy_password_ask(policy, &nobody, &rules);
	assert_int_equal(rules.min_length_count, 14);
	assert_int_equal(rules.max_length_count, 256);
	policy_free(policy);
}

static void
explain_names_the_line_that_decided(void **state)
{
	const struct lk_str group = LK_STR("desk");
	struct policy_who who = {.groups = &group, .group_count = 1};
	struct policy *policy;
	LK_AUTO_BUF out;

	help_write(*state, "reset.policy", 0644,
		   "[default]\nnew_session = no\n[group desk]\nproofs = totp and recovery\n");
	policy = help_policy(*state);
	lk_buf_init(&out, 65536);
	policy_explain(policy, POLICY_FILE_RESET, &who, &out);
	assert_non_null(strstr(out.bytes, "proofs = totp and recovery  # [group desk], "));
	assert_non_null(strstr(out.bytes, "reset.policy:4\n"));
	assert_non_null(strstr(out.bytes, "new_session = no  # [default], "));
	assert_non_null(strstr(out.bytes, "journey = 900 s  # built in\n"));
	policy_free(policy);
}

/* SECURITY: lock-out must be the same for people who exist and who do not. */
static void
locks_and_even_out_cannot_differ_between_groups(void **state)
{
	static const char *const rows[][2] = {
	    {"lockout.policy", "wrong_passwords = 3"}, {"lockout.policy", "lock = 60"},
	    {"lockout.policy", "wrong_codes = 3"},     {"lockout.policy", "code_lock = 60"},
	    {"signin.policy", "even_out = 0"},	       {"signin.policy", "journey = 900"},
	    {"reset.policy", "journey = 300"},
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[200];
		LK_AUTO_BUF faults;

		lk_buf_init(&faults, 4096);
		snprintf(text, sizeof text, "[group a]\n%s\n", rows[i][1]);
		help_write(*state, rows[i][0], 0644, text);
		assert_null(help_policy_load(*state, *state, &faults));
		assert_non_null(strstr(faults.bytes, ":2:1: "));
		assert_non_null(strstr(faults.bytes, "can only stand in [default]"));
		help_write(*state, rows[i][0], 0644, "[default]\n");
	}
}

static void
a_missing_file_or_list_loads_nothing_and_says_how_to_mend_it(void **state)
{
	char path[HELP_PATH_BYTES];
	LK_AUTO_BUF faults;

	lk_buf_init(&faults, 4096);
	assert_int_equal(unlink(help_path(path, *state, "lockout.policy")), 0);
	assert_int_equal(unlink(help_path(path, *state, "common.bin")), 0);
	assert_null(help_policy_load(*state, *state, &faults));
	assert_non_null(strstr(faults.bytes, "lockout.policy: this file cannot be opened"));
	assert_non_null(strstr(faults.bytes, "latchkey-wordlist --default --output "));
}

static void
an_application_may_ask_for_more_and_only_password_only_for_less(void **state)
{
	struct policy_who who = {.groups = NULL};
	struct policy_signin rules;
	struct policy *policy;
	LK_AUTO_BUF out;

	lk_buf_init(&out, 4096);
	help_write(*state, "applications/a.conf", 0644,
		   PAYROLL "kind = web\ngroups = everyone\nproofs = recovery\n");
	help_write(*state, "applications/b.conf", 0644,
		   "[application]\nclient_id = old\nname = Old\nkind = password_only\ngroups = "
		   "Night Shift, b\n"
		   "proofs = password\n");
	policy = help_policy(*state);
	policy_signin_ask(policy, &who, &rules);
	assert_false(policy_proofs_are_met(&rules.proofs, POLICY_PROOF_PASSWORD));
	assert_true(
	    policy_proofs_are_met(&rules.proofs, POLICY_PROOF_PASSWORD | POLICY_PROOF_TOTP));
	who.application = policy_application_find(policy, LK_STR("payroll"));
	policy_signin_ask(policy, &who, &rules);
	assert_false(
	    policy_proofs_are_met(&rules.proofs, POLICY_PROOF_PASSWORD | POLICY_PROOF_TOTP));
	who.application = policy_application_find(policy, LK_STR("old"));
	assert_string_equal(who.application->name_cy, "Old");
	assert_string_equal(who.application->description_cy, "");
	policy_signin_ask(policy, &who, &rules);
	assert_true(policy_proofs_are_met(&rules.proofs, POLICY_PROOF_PASSWORD));
	policy_explain(policy, POLICY_FILE_SIGNIN, &who, &out);
	assert_non_null(strstr(out.bytes, "for old: proofs = password  # "));
	policy_free(policy);
}

static void
an_application_is_for_its_groups_or_for_everyone(void **state)
{
	const struct lk_str groups[] = {LK_STR("night shift"), LK_STR("other")};
	struct policy_who in = {.groups = groups, .group_count = 2}, out = {.groups = NULL};
	const struct policy_application *application;
	struct policy *policy;

	help_write(*state, "applications/a.conf", 0644,
		   PAYROLL "kind = web\ngroups = a, Night Shift\n");
	policy = help_policy(*state);
	application = policy_application_at(policy, 0);
	assert_true(policy_application_may_use(application, &in));
	assert_false(policy_application_may_use(application, &out));
	in.groups++;
	in.group_count = 1;
	assert_false(policy_application_may_use(application, &in));
	assert_true(policy_application_is_listed(application));
	assert_null(policy_application_at(policy, 1));
	assert_null(policy_application_find(policy, LK_STR("payrol")));
	assert_null(policy_application_find(policy, LK_STR("payroll2")));
	policy_free(policy);
	help_write(*state, "applications/a.conf", 0644, PAYROLL "kind = web\ngroups = everyone\n");
	policy = help_policy(*state);
	assert_true(policy_application_may_use(policy_application_at(policy, 0), &out));
	policy_free(policy);
}

static void
one_client_id_belongs_to_one_file(void **state)
{
	LK_AUTO_BUF faults;

	lk_buf_init(&faults, 4096);
	help_write(*state, "applications/a.conf", 0644, PAYROLL "kind = web\ngroups = everyone\n");
	help_write(*state, "applications/b.conf", 0644, PAYROLL "kind = web\ngroups = everyone\n");
	assert_null(help_policy_load(*state, *state, &faults));
	assert_non_null(strstr(faults.bytes, "b.conf:1:1: client_id payroll stands in "));
}

static void
each_of_many_applications_is_found_and_no_other(void **state)
{
	static const char *const ids[] = {"b", "ab", "a", "aa", "B", "a-b", "zz"};
	static const char *const none[] = {"", "aaa", "c", "A", "a-", "zzz", "aab"};
	struct policy *policy;
	char name[100], text[400];
	size_t i;

	for (i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		snprintf(name, sizeof name, "applications/%zu.conf", i);
		snprintf(text, sizeof text,
			 "[application]\nclient_id = %s\nname = x\nkind = web\ngroups = everyone\n",
			 ids[i]);
		help_write(*state, name, 0644, text);
	}
	policy = help_policy(*state);
	for (i = 0; i < sizeof ids / sizeof ids[0]; i++)
		assert_string_equal(policy_application_find(policy, lk_str_c(ids[i]))->client_id,
				    ids[i]);
	for (i = 0; i < sizeof none / sizeof none[0]; i++)
		assert_null(policy_application_find(policy, lk_str_c(none[i])));
	assert_null(policy_application_find(policy, lk_str_n("a\0", 2)));
	assert_null(policy_application_find(policy, (struct lk_str){NULL, 0}));
	policy_free(policy);
}

/* SECURITY 2, 7 and 18: patterns, fragments and look-alike hosts in redirect addresses. */
static void
redirect_addresses_are_whole_and_without_patterns(void **state)
{
	static const char *const bad[] = {
	    "https://*.example/a",
	    "https://a.example/#x",
	    "http://a.example/",
	    "https://u@a.example/",
	    "https://a.example\\@b/",
	    "javascript://a/%0aalert(1)",
	    "//a.example/",
	    "https:///a",
	    "http://localhost.example/",
	    "https://a.example:0/",
	    "https://a.example/\xE2\x80\xA8",
	    "data://x/y",
	};
	static const char *const good[] = {"https://a.example", "https://a.example:8443/b?c=d",
					   "http://127.0.0.1:3000/cb", "http://[::1]/cb",
					   "http://localhost/cb"};
	char text[1024];
	size_t i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		LK_AUTO_BUF faults;

		lk_buf_init(&faults, 4096);
		snprintf(text, sizeof text,
			 PAYROLL "kind = web\ngroups = everyone\nredirect_uris = %s\n", bad[i]);
		help_write(*state, "applications/a.conf", 0644, text);
		if (help_policy_load(*state, *state, &faults) != NULL)
			fail_msg("taken: %s", bad[i]);
		assert_non_null(strstr(faults.bytes, "a.conf:10:17: redirect_uris must hold"));
	}
	for (i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct policy *policy;

		snprintf(text, sizeof text,
			 PAYROLL "kind = web\ngroups = everyone\nredirect_uris = %s\n", good[i]);
		help_write(*state, "applications/a.conf", 0644, text);
		policy = help_policy(*state);
		assert_string_equal(policy_application_at(policy, 0)->redirect_uris.items[0],
				    good[i]);
		policy_free(policy);
	}
}

static struct policy_proofs
proofs_of(const char *text)
{
	struct policy_proofs proofs = {.count = 0};
	LK_AUTO_BUF words;

	lk_buf_init(&words, 400);
	assert_true(policy_proofs_own.read(lk_str_c(text), &proofs, &words));
	return proofs;
}

static void
proofs_are_met_by_one_whole_choice(void **state)
{
	struct policy_proofs proofs = proofs_of("password and totp or password and recovery");
	const unsigned p = POLICY_PROOF_PASSWORD, t = POLICY_PROOF_TOTP, r = POLICY_PROOF_RECOVERY;
	struct policy_proofs none = {.count = 0}, hollow = {.count = 1};

	(void)state;
	assert_false(policy_proofs_are_met(&proofs, 0));
	assert_false(policy_proofs_are_met(&proofs, p));
	assert_false(policy_proofs_are_met(&proofs, t | r));
	assert_true(policy_proofs_are_met(&proofs, p | r));
	assert_int_equal(policy_proofs_missing(&proofs, p, p | t | r), t);
	assert_int_equal(policy_proofs_missing(&proofs, p, p | r), r);
	assert_int_equal(policy_proofs_missing(&proofs, p, p), t);
	assert_int_equal(policy_proofs_missing(&proofs, p | t, p), 0);
	assert_false(policy_proofs_can_meet(&proofs, p));
	assert_true(policy_proofs_name(&proofs, POLICY_PROOF_RECOVERY));
	assert_false(policy_proofs_are_met(&none, p | t | r));
	assert_false(policy_proofs_are_met(&hollow, p | t | r));
}

static void
proofs_are_read_as_written_or_refused(void **state)
{
	static const char *const bad[] = {
	    "",
	    "and",
	    "totp and",
	    "totp totp",
	    "totp or or totp",
	    "Totp",
	    "totp,recovery",
	    "or totp",
	    "totp and fingerprint",
	    "totp or totp or totp or totp or totp or totp or totp or totp or totp",
	};
	struct policy_proofs proofs = proofs_of("recovery  and totp or   password");
	LK_AUTO_BUF out;
	size_t i;

	(void)state;
	lk_buf_init(&out, 400);
	policy_proofs_write(&proofs, &out);
	assert_string_equal(out.bytes, "totp and recovery or password");
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct policy_proofs untouched = {.count = 77};

		lk_buf_clear(&out);
		assert_false(policy_proofs_own.read(lk_str_c(bad[i]), &untouched, &out));
		assert_int_equal(untouched.count, 77);
		assert_true(lk_str_starts(lk_buf_str(&out), "must "));
	}
}

static void
help_is_no_wider_than_79_columns(void **state)
{
	LK_AUTO_BUF out;
	char *line, *end;

	(void)state;
	lk_buf_init(&out, 65536);
	policy_help(&out);
	for (line = out.bytes; (end = strchr(line, '\n')) != NULL; line = end + 1)
		assert_true(end - line <= 79);
	assert_non_null(strstr(out.bytes, "\nsignin.policy\n"));
	assert_non_null(strstr(out.bytes, "\n  even_out\n"));
	assert_non_null(strstr(out.bytes, "\n  redirect_uris\n"));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, help_policy_begin, help_policy_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(every_value_that_is_wrong_is_told_at_once, golden_begin,
					    golden_end),
	    cmocka_unit_test_setup_teardown(every_rule_between_values_is_told_at_once, golden_begin,
					    golden_end),
	    IN_FOLDER(the_shipped_files_say_the_defaults),
	    IN_FOLDER(the_shipped_application_sample_is_one_that_loads),
	    IN_FOLDER(the_first_section_that_sets_a_rule_decides_it),
	    IN_FOLDER(explain_names_the_line_that_decided),
	    IN_FOLDER(locks_and_even_out_cannot_differ_between_groups),
	    IN_FOLDER(a_missing_file_or_list_loads_nothing_and_says_how_to_mend_it),
	    IN_FOLDER(an_application_may_ask_for_more_and_only_password_only_for_less),
	    IN_FOLDER(an_application_is_for_its_groups_or_for_everyone),
	    IN_FOLDER(one_client_id_belongs_to_one_file),
	    IN_FOLDER(each_of_many_applications_is_found_and_no_other),
	    IN_FOLDER(redirect_addresses_are_whole_and_without_patterns),
	    cmocka_unit_test(proofs_are_met_by_one_whole_choice),
	    cmocka_unit_test(proofs_are_read_as_written_or_refused),
	    cmocka_unit_test(help_is_no_wider_than_79_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
