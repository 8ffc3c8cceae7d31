/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <security/_pam_types.h>

#include "pam_args.h"
#include "pam_map.h"

static int (*const maps[])(const struct latchkey_answer *) = {pam_map_auth, pam_map_account,
							      pam_map_change};

/* Every verdict one bit away from a yes, and every small number, is none. */
static void
only_done_is_success(void **state)
{
	struct latchkey_answer answer = {.verdict = LATCHKEY_DONE};

	(void)state;
	for (int m = 0; m < 3; m++) {
		answer.verdict = LATCHKEY_DONE;
		assert_int_equal(maps[m](&answer), PAM_SUCCESS);
		for (int bit = 0; bit < 31; bit++) {
			answer.verdict = (enum latchkey_verdict)((int)LATCHKEY_DONE ^ (1 << bit));
			assert_int_not_equal(maps[m](&answer), PAM_SUCCESS);
		}
		for (int number = -1; number < 256; number++) {
			answer.verdict = (enum latchkey_verdict)number;
			assert_int_not_equal(maps[m](&answer), PAM_SUCCESS);
			assert_int_not_equal(maps[m](&answer), PAM_IGNORE);
		}
	}
}

static void
no_reason_is_success_or_ignore(void **state)
{
	struct latchkey_answer answer = {.verdict = LATCHKEY_REFUSED};

	(void)state;
	for (int m = 0; m < 3; m++)
		for (int reason = 0; reason < 256; reason++) {
			answer.reason = (enum latchkey_reason)reason;
			assert_int_not_equal(maps[m](&answer), PAM_SUCCESS);
			assert_int_not_equal(maps[m](&answer), PAM_IGNORE);
			assert_int_not_equal(maps[m](&answer), PAM_NEW_AUTHTOK_REQD);
		}
}

static void
each_refusal_has_its_code(void **state)
{
	static const struct {
		enum latchkey_reason reason;
		int auth, account, change;
	} rows[] = {
	    {LATCHKEY_WRONG, PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTHTOK_RECOVERY_ERR},
	    {LATCHKEY_LOCKED, PAM_MAXTRIES, PAM_PERM_DENIED, PAM_PERM_DENIED},
	    {LATCHKEY_LEFT, PAM_ACCT_EXPIRED, PAM_ACCT_EXPIRED, PAM_PERM_DENIED},
	    {LATCHKEY_UNKNOWN, PAM_AUTH_ERR, PAM_USER_UNKNOWN, PAM_USER_UNKNOWN},
	    {LATCHKEY_PASSWORD_RULE, PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_AUTHTOK_ERR},
	    {LATCHKEY_NOT_HERE, PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_PERM_DENIED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct latchkey_answer answer = {.verdict = LATCHKEY_REFUSED,
						       .reason = rows[i].reason};

		assert_int_equal(pam_map_auth(&answer), rows[i].auth);
		assert_int_equal(pam_map_account(&answer), rows[i].account);
		assert_int_equal(pam_map_change(&answer), rows[i].change);
	}
}

/* A password that must be changed is told by account alone: no other door may take it for an end.
 */
static void
must_change_counts_only_for_account(void **state)
{
	const struct latchkey_answer answer = {.verdict = LATCHKEY_NEW_PASSWORD};

	(void)state;
	assert_int_equal(pam_map_account(&answer), PAM_NEW_AUTHTOK_REQD);
	assert_int_equal(pam_map_auth(&answer), PAM_AUTHINFO_UNAVAIL);
	assert_int_equal(pam_map_change(&answer), PAM_AUTHINFO_UNAVAIL);
}

static void
a_stack_line_is_read(void **state)
{
	const char *words[] = {"socket=/tmp/s", "uid=65534", "try_first_pass", "quiet"};
	struct pam_args args;

	(void)state;
	assert_null(pam_args_read(4, words, &args));
	assert_string_equal(args.socket_path, "/tmp/s");
	assert_int_equal(args.daemon_uid, 65534);
	assert_true(args.is_try_first && args.is_quiet && !args.is_use_first);
	assert_null(pam_args_read(0, NULL, &args));
	assert_string_equal(args.socket_path, LATCHKEY_SOCKET);
	assert_int_equal(args.daemon_uid, 0);
}

static void
a_word_that_is_not_known_is_named(void **state)
{
	static const char *const bad[] = {"debug",
					  "try_first_passs",
					  "socket=",
					  "socket=run/s",
					  "uid=",
					  "uid=12x",
					  "uid=-1",
					  "uid=4294967295",
					  "uid=99999999999999999999",
					  "uid=no-such-user-here",
					  "",
					  "quiet=1"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *words[] = {"quiet", bad[i]};
		struct pam_args args;

		assert_ptr_equal(pam_args_read(2, words, &args), bad[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_done_is_success),
	    cmocka_unit_test(no_reason_is_success_or_ignore),
	    cmocka_unit_test(each_refusal_has_its_code),
	    cmocka_unit_test(must_change_counts_only_for_account),
	    cmocka_unit_test(a_stack_line_is_read),
	    cmocka_unit_test(a_word_that_is_not_known_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
