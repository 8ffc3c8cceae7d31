/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ldap.h>
#include <stdio.h>
#include <string.h>

#include "directory/dir_escape.h"

static void
filter_is(struct lk_str value, const char *want)
{
	LK_AUTO_BUF out;

	lk_buf_init(&out, 4096);
	lk_buf_add_c(&out, "");
	dir_escape_filter(&out, value);
	assert_true(lk_buf_is_ok(&out));
	if (!lk_str_is(lk_buf_str(&out), want))
		fail_msg("%.*s, not %s", LK_STR_ARGS(lk_buf_str(&out)), want);
}

static void
plain_names_stay_readable(void **state)
{
	(void)state;
	filter_is(LK_STR(""), "");
	filter_is(LK_STR("Asha.Rao-2_x@fin.example"), "Asha.Rao-2_x@fin.example");
}

static void
every_metacharacter_is_a_number(void **state)
{
	(void)state;
	filter_is(LK_STR("*"), "\\2a");
	filter_is(LK_STR("()\\"), "\\28\\29\\5c");
	filter_is(LK_STR("a\0b"), "a\\00b");
	filter_is(LK_STR("asha\\20"), "asha\\5c20");
	filter_is(LK_STR("*)(uid=*))(|(uid=*"),
		  "\\2a\\29\\28uid\\3d\\2a\\29\\29\\28\\7c\\28uid\\3d\\2a");
	filter_is(LK_STR("\xc3\xa9\xff"), "\\c3\\a9\\ff");
}

/* libldap reads the name back as one value of the same byte. */
static void
every_byte_comes_back_from_a_name(void **state)
{
	int byte;

	(void)state;
	for (byte = 0; byte < 256; byte++) {
		char one[3] = {(char)byte, 'x', (char)byte};
		LDAPDN dn = NULL;
		LK_AUTO_BUF out;

		lk_buf_init(&out, 64);
		lk_buf_add_c(&out, "cn=");
		dir_escape_dn(&out, lk_str_n(one, 3));
		lk_buf_add_c(&out, ",ou=people");
		assert_int_equal(ldap_str2dn(out.bytes, &dn, LDAP_DN_FORMAT_LDAPV3), LDAP_SUCCESS);
		assert_non_null(dn[1]);
		assert_null(dn[2]);
		assert_int_equal(dn[0][0]->la_value.bv_len, 3);
		assert_memory_equal(dn[0][0]->la_value.bv_val, one, 3);
		ldap_dnfree(dn);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain_names_stay_readable),
	    cmocka_unit_test(every_metacharacter_is_a_number),
	    cmocka_unit_test(every_byte_comes_back_from_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
