/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "support/page_help.h"

static char *
mail(enum mail_id id, enum lang lang, const struct page_values *values)
{
	LK_AUTO_BUF out;

	lk_buf_init(&out, PAGE_MAX_BYTES);
	page_mail(&out, id, lang, values);
	assert_true(lk_buf_is_ok(&out));
	return strdup(out.bytes);
}

static int
hex(char digit)
{
	return digit <= '9' ? digit - '0' : digit - 'A' + 10;
}

/* "=C3=A2" and "=\n" undone, in place. */
static void
decode(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++) {
		if (*text != '=') {
			*to++ = *text;
		} else if (text[1] == '\n') {
			text++;
		} else {
			*to++ = (char)(hex(text[1]) * 16 + hex(text[2]));
			text += 2;
		}
	}
	*to = '\0';
}

static void
every_mail_is_short_lines_of_plain_ascii_in_both_languages(void **state)
{
	int id, lang;

	(void)state;
	for (id = 1; id < MAIL_COUNT; id++)
		for (lang = LANG_EN; lang < LANG_COUNT; lang++) {
			struct page_values values;
			char *text, *line, *rest;
			LK_AUTO_BUF qr;

			help_values(&values, PAGE_NONE, &qr);
			text = mail((enum mail_id)id, (enum lang)lang, &values);
			assert_int_equal(strncmp(text, "Subject: ", 9), 0);
			assert_non_null(strstr(text, "\n\n"));
			for (line = text; *line != '\0'; line = rest + 1) {
				rest = strchr(line, '\n');
				assert_non_null(rest);
				assert_true(rest - line <= 76);
			}
			for (line = text; *line != '\0'; line++)
				assert_true((unsigned char)*line < 0x7F && *line != '\r');
			free(text);
		}
}

static void
every_mail_ends_with_reference_way_to_say_no_and_the_desk(void **state)
{
	int id, lang;

	(void)state;
	for (id = 1; id < MAIL_COUNT; id++)
		for (lang = LANG_EN; lang < LANG_COUNT; lang++) {
			struct page_values values;
			char *text, *body;
			LK_AUTO_BUF qr;

			help_values(&values, PAGE_NONE, &qr);
			text = mail((enum mail_id)id, (enum lang)lang, &values);
			body = strstr(text, "\n\n") + 2;
			decode(body);
			assert_true(lk_utf8_check(lk_str_c(body)));
			assert_non_null(strstr(body, "Siân Morgan"));
			assert_non_null(strstr(body, "7Q4M-2XPD\n"));
			assert_non_null(strstr(body, ": https://signin.example/reset\n"));
			assert_non_null(strstr(body, ": 0300 000 0000. "));
			assert_null(strchr(body, '{'));
			free(text);
		}
}

static void
assert_begins(enum mail_id id, enum lang lang, const char *want)
{
	char *text = mail(id, lang, NULL);

	assert_int_equal(strncmp(text, want, strlen(want)), 0);
	free(text);
}

static void
subjects_outside_ascii_are_encoded_words_and_others_stand_as_they_are(void **state)
{
	(void)state;
	assert_begins(MAIL_password_changed, LANG_EN,
		      "Subject: Your password has been changed\nMIME");
	assert_begins(MAIL_recovery_used, LANG_CY,
		      "Subject: =?UTF-8?Q?Defnyddiwyd_un_o=E2=80=99ch_codau_adfer?=\nMIME");
}

/* What an agent or a directory wrote cannot add a header or end the mail. */
static void
no_value_makes_a_header_or_breaks_a_line(void **state)
{
	struct page_values values;
	char *text, *body;

	(void)state;
	page_values_init(&values);
	page_set_c(&values, PLACE_display_name, "A\r\nBcc: x@y\r\n\r\n");
	page_set_c(&values, PLACE_reason, "x\r\n.\r\nQUIT ");
	text = mail(MAIL_desk_unlocked, LANG_EN, &values);
	body = strstr(text, "\n\n");
	assert_non_null(body);
	*body = '\0';
	assert_null(strstr(text, "Bcc"));
	assert_null(strchr(body + 1, '\r'));
	assert_non_null(strstr(body + 1, "=0D"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_mail_is_short_lines_of_plain_ascii_in_both_languages),
	    cmocka_unit_test(every_mail_ends_with_reference_way_to_say_no_and_the_desk),
	    cmocka_unit_test(subjects_outside_ascii_are_encoded_words_and_others_stand_as_they_are),
	    cmocka_unit_test(no_value_makes_a_header_or_breaks_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
