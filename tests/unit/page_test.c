/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/page_help.h"

static void
assert_sentence(enum text_id text, enum lang lang, const struct page_values *values,
		const char *want)
{
	LK_AUTO_BUF out;

	lk_buf_init(&out, 4096);
	page_sentence(&out, text, lang, values);
	assert_true(lk_buf_is_ok(&out));
	assert_string_equal(out.len == 0 ? "" : out.bytes, want);
}

/* Rendered, NUL behind it; yours to free. */
static char *
render(enum page_id page, enum lang lang, const struct page_values *values)
{
	LK_AUTO_BUF out;

	lk_buf_init(&out, PAGE_MAX_BYTES);
	page_render(&out, page, lang, values);
	assert_true(lk_buf_is_ok(&out));
	return strdup(out.bytes);
}

static size_t
count_of(const char *text, const char *word)
{
	size_t count = 0;

	while ((text = strstr(text, word)) != NULL) {
		count++;
		text += strlen(word);
	}
	return count;
}

static void
a_sentence_has_its_places_filled_and_nothing_escaped(void **state)
{
	struct page_values values;

	(void)state;
	page_values_init(&values);
	page_set_c(&values, PLACE_min_length, "12");
	assert_sentence(TEXT_password_short, LANG_EN, &values,
			"Password must be 12 characters or more");
	page_set_c(&values, PLACE_application_name, "<Q&A>");
	assert_sentence(TEXT_to_continue, LANG_EN, &values, "To continue to <Q&A>");
	assert_sentence(TEXT_NONE, LANG_EN, &values, "");
	assert_sentence(TEXT_pam_prompt_password, LANG_EN, NULL, "Password: ");
	assert_sentence(TEXT_pam_prompt_password, LANG_CY, NULL, "Cyfrinair: ");
}

static void
plurals_have_two_forms_in_english_and_six_in_welsh(void **state)
{
	static const struct {
		const char *count, *en, *cy;
	} rows[] = {
	    {"0", "You have 0 recovery codes left.", "Nid oes gennych god adfer ar ôl."},
	    {"1", "You have 1 recovery code left.", "Mae gennych 1 cod adfer ar ôl."},
	    {"2", "You have 2 recovery codes left.", "Mae gennych 2 god adfer ar ôl."},
	    {"3", "You have 3 recovery codes left.", "Mae gennych 3 chod adfer ar ôl."},
	    {"4", "You have 4 recovery codes left.", "Mae gennych 4 cod adfer ar ôl."},
	    {"6", "You have 6 recovery codes left.", "Mae gennych 6 chod adfer ar ôl."},
	    {"10", "You have 10 recovery codes left.", "Mae gennych 10 cod adfer ar ôl."},
	    {"", "You have  recovery codes left.", "Mae gennych  cod adfer ar ôl."},
	};
	struct page_values values;
	size_t i;

	(void)state;
	page_values_init(&values);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		page_set_c(&values, PLACE_count, rows[i].count);
		assert_sentence(TEXT_mail_recovery_used_left, LANG_EN, &values, rows[i].en);
		assert_sentence(TEXT_mail_recovery_used_left, LANG_CY, &values, rows[i].cy);
	}
}

static void
every_refusal_has_words_and_a_heading_if_it_has_a_page_in_each_language(void **state)
{
	char title[128];
	int i, lang;

	(void)state;
	for (i = 1; i < LK_ERR_COUNT; i++) {
		const struct lk_err_row *row = lk_err_row((enum lk_err)i);
		enum page_id page = page_find(row->shown);

		for (lang = LANG_EN; lang < LANG_COUNT; lang++) {
			LK_AUTO_BUF out;

			lk_buf_init(&out, 4096);
			page_sentence(&out, page_text_find(row->text_key), (enum lang)lang, NULL);
			if (out.len == 0)
				fail_msg("%s has no words", row->name);
		}
		snprintf(title, sizeof title, "%s_title", row->text_key);
		/* Developers' words stand in JSON and in logs; their page says less. */
		if (strncmp(row->shown, "page_", 5) != 0 ||
		    row->audience == LK_AUDIENCE_DEVELOPER)
			continue;
		assert_int_not_equal(page, PAGE_NONE);
		if (page != PAGE_session_ended && page != PAGE_stale && page != PAGE_signin &&
		    page_text_find(title) == TEXT_NONE)
			fail_msg("%s has no heading", row->name);
	}
}

static void
every_password_rule_says_what_it_does_not_allow(void **state)
{
	static const enum lk_err errs[] = {
#define LK_RULE(file, scope, type, field, key, default_, min, max, unit, check, sentence, help)    \
	LK_E_##sentence,
#define LK_E_NONE LK_OK
#include "tables/rules.def"
#undef LK_E_NONE
	};
	char key[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof errs / sizeof errs[0]; i++) {
		snprintf(key, sizeof key, "%s_rule", lk_err_row(errs[i])->text_key);
		if (errs[i] != LK_OK && page_text_find(key) == TEXT_NONE)
			fail_msg("%s is missing", key);
	}
}

static void
pages_and_texts_are_found_by_name(void **state)
{
	(void)state;
	assert_int_equal(page_find("locked"), PAGE_locked);
	assert_int_equal(page_find("page_locked"), PAGE_locked);
	assert_int_equal(page_find("lock"), PAGE_NONE);
	assert_int_equal(page_find(""), PAGE_NONE);
	assert_int_equal(page_text_find("signin_wrong"), TEXT_signin_wrong);
	assert_int_equal(page_text_find("zzz"), TEXT_NONE);
	assert_int_equal(page_text_find(""), TEXT_NONE);
	assert_int_equal(page_text_find("accessibility_checked"), TEXT_accessibility_checked);
}

static void
what_a_person_typed_or_is_called_makes_no_markup(void **state)
{
	const char *bad = "\"><script>alert(1)</script>'&\xC0\xBC";
	struct page_values values;
	int page, place;

	(void)state;
	page_values_init(&values);
	for (place = 1; place < PLACE_COUNT; place++)
		if (place != PLACE_qr)
			page_set_c(&values, (enum place)place, bad);
	for (page = 1; page < PAGE_COUNT; page++) {
		struct page_item item = {{lk_str_c(bad), lk_str_c(bad), lk_str_c(bad)}};
		char *html;

		help_list(&values, &item, 1);
		html = render((enum page_id)page, LANG_EN, &values);
		assert_null(strstr(html, "<script>"));
		assert_null(strstr(html, "alert(1)</"));
		assert_int_equal(count_of(html, "<script "), page == PAGE_form_post ? 2 : 1);
		free(html);
	}
}

static void
addresses_that_are_none_are_left_out_of_links(void **state)
{
	struct page_item item = {{LK_STR("javascript:alert(1)"), LK_STR("Payroll")}};
	struct page_values values;
	char *html;

	(void)state;
	page_values_init(&values);
	page_set_c(&values, PLACE_continue_url, "javascript:alert(1)");
	html = render(PAGE_reset_done, LANG_EN, &values);
	assert_null(strstr(html, "javascript:"));
	free(html);
	help_list(&values, &item, 1);
	html = render(PAGE_services, LANG_EN, &values);
	assert_null(strstr(html, "javascript:"));
	assert_non_null(strstr(html, "Payroll"));
	free(html);
}

static void
an_error_stands_in_title_box_and_field_and_no_page_without_one_has_any(void **state)
{
	struct page_values values;
	char *html;

	(void)state;
	page_values_init(&values);
	html = render(PAGE_signin, LANG_EN, &values);
	assert_null(strstr(html, "There is a problem"));
	assert_null(strstr(html, "aria-invalid"));
	free(html);
	values.error = TEXT_signin_wrong;
	values.error_field = "username";
	html = render(PAGE_signin, LANG_EN, &values);
	assert_non_null(strstr(html, "<title>Error: Sign in – "));
	assert_non_null(strstr(html, "<a href=\"#username\">Check your staff ID and password"));
	assert_non_null(strstr(html, "id=\"username-error\""));
	assert_int_equal(count_of(html, "aria-invalid=\"true\""), 1);
	assert_int_equal(count_of(html, " autofocus"), 1);
	free(html);
}

static void
every_failing_rule_is_told_at_once(void **state)
{
	static const enum text_id rules[] = {TEXT_password_short, TEXT_password_common};
	struct page_values values;
	char *html;

	(void)state;
	page_values_init(&values);
	page_set_c(&values, PLACE_min_length, "12");
	values.error = rules[0];
	values.errors = rules;
	values.error_count = 2;
	values.error_field = "new_password";
	html = render(PAGE_new_password, LANG_EN, &values);
	assert_int_equal(count_of(html, "Password must be 12 characters or more"), 2);
	assert_int_equal(count_of(html, "This password is too easy to guess"), 2);
	assert_int_equal(count_of(html, "<a href=\"#new-password\">"), 2);
	free(html);
}

static void
an_error_at_a_field_the_page_does_not_show_stands_at_one_it_does(void **state)
{
	struct page_values values;
	char *html;

	(void)state;
	page_values_init(&values);
	values.error = TEXT_recovery_wrong;
	values.error_field = "username";
	html = render(PAGE_recovery, LANG_EN, &values);
	assert_non_null(strstr(html, "<a href=\"#recovery\">"));
	assert_non_null(strstr(html, "id=\"recovery-error\""));
	free(html);
	page_set_c(&values, PLACE_ask_username, "yes");
	html = render(PAGE_recovery, LANG_EN, &values);
	assert_non_null(strstr(html, "<a href=\"#username\">"));
	free(html);
	html = render(PAGE_account, LANG_EN, &values); /* has no field: words without a link */
	assert_non_null(strstr(html, "<li>Check your staff ID and recovery code"));
	free(html);
}

static void
the_menu_is_there_only_for_people_signed_in(void **state)
{
	struct page_values values;
	char *html;

	(void)state;
	page_values_init(&values);
	html = render(PAGE_help, LANG_EN, &values);
	assert_null(strstr(html, "id=\"signout\""));
	free(html);
	page_set_c(&values, PLACE_menu, "account");
	page_set_c(&values, PLACE_sign_out_key, "k1");
	html = render(PAGE_help, LANG_EN, &values);
	assert_non_null(strstr(html, "<form method=\"post\" action=\"/signout\" novalidate>"));
	assert_non_null(strstr(html, "name=\"form_key\" value=\"k1\""));
	assert_non_null(strstr(html, "href=\"/account\" aria-current=\"page\""));
	assert_null(strstr(html, "href=\"/\" aria-current"));
	free(html);
}

static void
a_language_link_leads_to_the_same_page(void **state)
{
	struct page_values values;
	char *html;

	(void)state;
	page_values_init(&values);
	page_set_c(&values, PLACE_here, "/reset/password");
	html = render(PAGE_help, LANG_EN, &values);
	assert_non_null(
	    strstr(html, "href=\"/language/cy?to=/reset/password\" hreflang=\"cy\" lang=\"cy\""));
	free(html);
	html = render(PAGE_help, LANG_CY, &values);
	assert_non_null(strstr(html, "<html lang=\"cy\">"));
	assert_non_null(strstr(html, "href=\"/language/en?to=/reset/password\""));
	free(html);
}

static void
assets_are_found_by_their_own_name_only_and_fit_in_one_first_load(void **state)
{
	struct page_values values;
	size_t total = 0;
	char *html, *at;

	(void)state;
	page_values_init(&values);
	html = render(PAGE_signin, LANG_EN, &values);
	for (at = html; (at = strstr(at, "\"/assets/")) != NULL; at++) {
		struct lk_str path = lk_str_n(at + 1, strcspn(at + 1, "\""));
		const struct page_asset *asset = page_asset_find(path);

		assert_non_null(asset);
		assert_true(lk_str_starts(asset->gzipped, "\x1F\x8B"));
		assert_true(asset->plain.len > asset->gzipped.len || asset->plain.len < 600);
		assert_true(asset->gzipped.len < 3500);
		total += asset->gzipped.len;
	}
	assert_in_range(total, 1000, 8000 - strlen(html) / 2);
	free(html);
	assert_null(page_asset_find(LK_STR("/assets/latchkey.css")));
	assert_null(page_asset_find(LK_STR("/assets/")));
	assert_null(page_asset_find(LK_STR("")));
}

static void
a_picture_of_the_key_is_one_svg_with_a_name(void **state)
{
	char bytes[2000];
	LK_AUTO_BUF out;

	(void)state;
	lk_buf_init(&out, 65536);
	assert_int_equal(page_qr(&out, LK_STR(HELP_OTPAUTH), LK_STR("a \"key\"")), LK_OK);
	assert_non_null(strstr(out.bytes, "aria-label=\"a &quot;key&quot;\""));
	assert_int_equal(count_of(out.bytes, "<path"), 2);
	assert_in_range(out.len, 1000, 8000);
	lk_buf_clear(&out);
	memset(bytes, 'a', sizeof bytes);
	assert_int_equal(page_qr(&out, lk_str_n(bytes, sizeof bytes), LK_STR("")), LK_E_FORMAT);
	assert_int_equal(page_qr(&out, LK_STR(""), LK_STR("")), LK_E_FORMAT);
	assert_int_equal(page_qr(&out, LK_STR("a\0b"), LK_STR("")), LK_E_FORMAT);
	assert_int_equal(out.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_sentence_has_its_places_filled_and_nothing_escaped),
	    cmocka_unit_test(plurals_have_two_forms_in_english_and_six_in_welsh),
	    cmocka_unit_test(
		every_refusal_has_words_and_a_heading_if_it_has_a_page_in_each_language),
	    cmocka_unit_test(every_password_rule_says_what_it_does_not_allow),
	    cmocka_unit_test(pages_and_texts_are_found_by_name),
	    cmocka_unit_test(what_a_person_typed_or_is_called_makes_no_markup),
	    cmocka_unit_test(addresses_that_are_none_are_left_out_of_links),
	    cmocka_unit_test(
		an_error_stands_in_title_box_and_field_and_no_page_without_one_has_any),
	    cmocka_unit_test(every_failing_rule_is_told_at_once),
	    cmocka_unit_test(an_error_at_a_field_the_page_does_not_show_stands_at_one_it_does),
	    cmocka_unit_test(the_menu_is_there_only_for_people_signed_in),
	    cmocka_unit_test(a_language_link_leads_to_the_same_page),
	    cmocka_unit_test(assets_are_found_by_their_own_name_only_and_fit_in_one_first_load),
	    cmocka_unit_test(a_picture_of_the_key_is_one_svg_with_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
