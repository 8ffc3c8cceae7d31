/* SPDX-License-Identifier: MIT */
/* Every page and mail as places.def's examples fill it. Include after cmocka.h, or in a program. */
#ifndef LK_TESTS_PAGE_HELP_H
#define LK_TESTS_PAGE_HELP_H

#include <string.h>

#include "page/page.h"

static const char *const help_place_examples[PLACE_COUNT] = {
    NULL,
#define LK_PLACE(name, kind, example) example,
#include "tables/places.def"
};
static const char *const help_page_names[PAGE_COUNT] = {
    NULL,
#define LK_PAGE(name, heading, uses) #name,
#include "tables/pages.def"
};
static const char *const help_mail_names[MAIL_COUNT] = {
    NULL,
#define LK_MAIL(name, subject, uses) #name,
#include "tables/mails.def"
};

#define HELP_KEY "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
#define HELP_OTPAUTH                                                                               \
	"otpauth://totp/Staff%20sign-in:sm10001?secret=" HELP_KEY "&issuer=Staff%20sign-in"

/* Lists of the pages that have one. */
#define HELP_STR(text)                                                                             \
	{                                                                                          \
		"" text, sizeof(text) - 1                                                          \
	}
static const struct page_item help_rules[] = {{{HELP_STR("Passwords that are easy to guess")}},
					      {{HELP_STR("Your name, staff ID or department")}}};
static const struct page_item help_codes[] = {{{HELP_STR("4K7T-9XQM")}}, {{HELP_STR("H2VD-6RWC")}},
					      {{HELP_STR("8NPY-3FJA")}}, {{HELP_STR("QZ5B-M4GE")}},
					      {{HELP_STR("T6WX-K9HD")}}, {{HELP_STR("3CRV-7YPN")}},
					      {{HELP_STR("J8MF-2QAT")}}, {{HELP_STR("W5GK-D6ZB")}},
					      {{HELP_STR("P9HE-X4VR")}}, {{HELP_STR("6YNC-T3KJ")}}};
static const struct page_item help_cards[] = {
    {{HELP_STR("https://payroll.example/"), HELP_STR("Payroll and Expenses"),
      HELP_STR("Payslips, claims and P60s")}},
    {{HELP_STR("https://leave.example/"), HELP_STR("Absence and Leave"),
      HELP_STR("Book leave, record sickness")}},
    {{HELP_STR("https://buy.example/"), HELP_STR("Procurement"),
      HELP_STR("Buy goods and services")}},
    {{HELP_STR("https://learn.example/"), HELP_STR("Learning"),
      HELP_STR("Courses and mandatory training")}},
    {{HELP_STR("https://reports.example/"), HELP_STR("Dashboards"), HELP_STR("")}}};
static const struct page_item help_devices[] = {
    {{HELP_STR("Chromium on Linux"), HELP_STR("Signed in 9:41am today"), HELP_STR("yes")}},
    {{HELP_STR("Android phone"), HELP_STR("Signed in yesterday at 6:02pm"), HELP_STR("")}}};

static const struct page_item help_allowed[] = {
    {{HELP_STR("Learning"), HELP_STR("Allowed on Monday 1 December"), HELP_STR("learning"),
      HELP_STR("what Learning may know")}},
    {{HELP_STR("Room booking"), HELP_STR("Allowed on Friday 3 October"), HELP_STR("rooms"),
      HELP_STR("what Room booking may know")}}};

static inline void
help_list(struct page_values *values, const struct page_item *items, size_t count)
{
	values->items[0] = items;
	values->item_count[0] = count;
}
#define HELP_LIST(values, items) help_list(values, items, sizeof(items) / sizeof((items)[0]))

/* Pages of somebody signed in. */
static inline const char *
help_menu(enum page_id page)
{
	if (page == PAGE_services)
		return "services";
	if (page == PAGE_account || page == PAGE_enrol || page == PAGE_recovery_codes)
		return "account";
	if (page == PAGE_reset_done || page == PAGE_device || page == PAGE_device_check ||
	    page == PAGE_device_done || page == PAGE_device_denied)
		return "other";
	return page == PAGE_no_access ? "other" : NULL;
}

/* qr keeps the picture; done by the caller. */
static inline void
help_values(struct page_values *values, enum page_id page, struct lk_buf *qr)
{
	int i;

	page_values_init(values);
	for (i = 1; i < PLACE_COUNT; i++)
		page_set_c(values, (enum place)i, help_place_examples[i]);
	page_set_c(values, PLACE_menu, help_menu(page));
	page_set_c(values, PLACE_otpauth, HELP_OTPAUTH);
	lk_buf_init(qr, 65536);
	if (page_qr(qr, LK_STR(HELP_OTPAUTH), LK_STR("QR code for your authenticator app")) ==
	    LK_OK)
		page_set(values, PLACE_qr, lk_buf_str(qr));
	if (page == PAGE_new_password)
		HELP_LIST(values, help_rules);
	else if (page == PAGE_recovery_codes)
		HELP_LIST(values, help_codes);
	else if (page == PAGE_services)
		HELP_LIST(values, help_cards);
	else if (page == PAGE_account)
		HELP_LIST(values, help_devices);
	if (page == PAGE_account) {
		values->items[1] = help_allowed;
		values->item_count[1] = sizeof help_allowed / sizeof help_allowed[0];
		page_set_c(values, PLACE_words, NULL);
	}
}

#endif
