/* SPDX-License-Identifier: MIT */
/* One application's file, read. Include after cmocka.h. */
#ifndef LK_TESTS_APPLICATION_HELP_H
#define LK_TESTS_APPLICATION_HELP_H

#include <stdlib.h>
#include <time.h>

#include "policy/policy_inside.h"
#include "support/crypto_help.h"

#define NOW_S INT64_C(1764000000) /* 2025-11-24T16:00Z */
#define WEB   "[application]\nclient_id = web\nname = Web\nkind = web\ngroups = everyone\n"
#define SPA   "[application]\nclient_id = spa\nname = Spa\nkind = spa\ngroups = everyone\n"
#define RESOURCE                                                                                   \
	"[application]\nclient_id = files\nname = Files\nkind = resource_server\ngroups = "        \
	"everyone\n"
#define ROBOT                                                                                      \
	"[application]\nclient_id = bot\nname = Bot\nkind = robot\ngroups = everyone\n"            \
	"owner = Payroll\npurpose = Payslips\n"

/* The number of faults; their words in out. */
static inline size_t
try_read(struct lk_arena *arena, const char *text, struct policy_application *out,
	 struct lk_buf *words)
{
	static const char *const scopes[] = {"openid", "profile", "offline_access"};
	static const struct conf_list people = {scopes, 3};
	struct policy_application_from from = {arena, "a.conf", &people, NOW_S};
	struct conf_faults faults = {.count = 0};
	size_t count;

	assert_true(policy_application_text_read(&from, lk_str_c(text), &faults, out));
	count = conf_faults_count(&faults);
	conf_faults_write(&faults, words);
	conf_faults_done(&faults);
	return count;
}

static inline struct policy_application
application(void **state, const char *text)
{
	struct policy_application made;
	LK_AUTO_BUF words;

	lk_buf_init(&words, 65536);
	if (try_read(*state, text, &made, &words) > 0)
		fail_msg("%s", words.bytes);
	return made;
}

/* Group set-up: *state is the arena; hours are UTC's. */
static inline int
application_begin(void **state)
{
	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	tzset();
	return help_begin(state);
}

#endif
