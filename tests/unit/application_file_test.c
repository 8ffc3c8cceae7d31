/* SPDX-License-Identifier: MIT */
/* What stands in an application's file and in claims.policy, and what it may do by it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "support/application_help.h"

static void
refused(void **state, const char *text, const char *why)
{
	struct policy_application made;
	LK_AUTO_BUF words;

	lk_buf_init(&words, 65536);
	if (try_read(*state, text, &made, &words) != 1 || strstr(words.bytes, why) == NULL)
		fail_msg("%s\n%s, not %s", text, words.bytes == NULL ? "" : words.bytes, why);
}

static void
what_a_kind_means_where_the_file_says_nothing(void **state)
{
	struct policy_application web = application(state, WEB), spa = application(state, SPA);
	struct policy_application files = application(state, RESOURCE);

	assert_int_equal(web.auth_method, POLICY_AUTH_BASIC);
	assert_int_equal(web.pkce, POLICY_PKCE_OPTIONAL);
	assert_int_equal(web.id_token_alg, CRYPTO_RS256);
	assert_int_equal(web.access_token, POLICY_TOKEN_OPAQUE);
	assert_int_equal(web.access_token_life_s, 300);
	assert_int_equal(web.refresh_life_s, 30 * 86400);
	assert_int_equal(web.subject, POLICY_SUBJECT_PUBLIC);
	assert_int_equal(web.consent, POLICY_CONSENT_NONE);
	assert_int_equal(web.assertion_audience, POLICY_AUDIENCE_ANY);
	assert_int_equal(web.session_max_s, 0);
	assert_false(web.is_public || web.takes_everyone);
	assert_true(spa.is_public);
	assert_int_equal(spa.auth_method, POLICY_AUTH_NONE);
	assert_int_equal(spa.pkce, POLICY_PKCE_REQUIRED);
	assert_false(spa.takes_everyone);
	assert_true(files.takes_everyone);
	assert_int_equal(application(state, WEB "id_token_alg = EdDSA\n").id_token_alg,
			 CRYPTO_EDDSA);
	assert_int_equal(application(state, WEB "auth_method = none\n").pkce, POLICY_PKCE_REQUIRED);
}

static void
settings_that_do_not_go_together_are_told(void **state)
{
	static const char *const rows[][2] = {
	    {SPA "auth_method = basic\n", "a.conf:6:15: auth_method must be none with kind = spa"},
	    {SPA "pkce = optional\n", "a.conf:6:8: pkce must be required"},
	    {RESOURCE "auth_method = none\n", "must not be none with kind"},
	    {SPA "secret_digests = 1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
	     "secret_digests must be left out"},
	    {WEB "auth_method = private_key_jwt\n", "needs jwks_file or jwks_uri"},
	    {WEB "jwks_file = /a\njwks_uri = https://a.example/\n",
	     "must be left out with jwks_file"},
	    {WEB "jwks_uri = http://a.example/\n", "jwks_uri must be a whole https:// address"},
	    {WEB "backchannel_logout_uri = https://a.example/#x\n",
	     "backchannel_logout_uri must be"},
	    {WEB "takes = everyone web\n", "takes must be everyone alone"},
	    {WEB "takes = we/b\n", "'we/b' is none"},
	    {WEB "hosts = *.example\n", "hosts must hold host names"},
	    {WEB "hosts = a.example:0\n", "hosts must hold host names"},
	    {WEB "hosts = A.example\n", "hosts must hold host names"},
	    {WEB "networks = 10.1.0.0/8\n", "networks must hold addresses"},
	    {WEB "resources = files\n", "resources must hold whole addresses"},
	    {WEB "resources = https://u@files.example/\n", "resources must hold whole addresses"},
	    {WEB "scopes = open\\id\n", "scopes must hold scopes"},
	    {WEB "access_token_life = 2 h\n", "access_token_life must be 60 to 3600 s"},
	    {WEB "expires = 2025-02-29\n", "expires must be a day like"},
	    {WEB "hours = Mon-Fri 7-19\n", "hours must be days and times like"},
	    {WEB "secret_digests = 1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA:soon\n",
	     "never a secret"},
	    {WEB "device = perhaps\n", "device must be yes or no"},
	    {ROBOT "expires = 2026-01-01\ndevice = yes\n", "device must be no"},
	    {ROBOT "expires = 2027-01-01\n", "expires must be at most a year ahead"},
	    {ROBOT, "expires must be given with kind = robot"},
	    {ROBOT "expires = 2026-01-01\nscopes = openid x\n",
	     "neither openid nor offline_access"},
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		refused(state, rows[i][0], rows[i][1]);
}

static void
a_scheme_of_its_own_is_a_domain_name_turned_round(void **state)
{
	static const char *const good[] = {"com.example.app:/done", "uk.gov.example.a-1:/",
					   "com.example.app:/a/b?c=d", "io.x:/oauth2"};
	static const char *const bad[] = {
	    "app:/done",	       "javascript:/alert(1)", "data:/text/html",
	    "file:/etc/passwd",	       "blob:/x",	       "intent:/x",
	    "http:/evil.example",      "https:/evil.example",  "com.example.app://done",
	    "com.example.app:///done", "com.example.app:done", "com.example.app:",
	    "com.example.app",	       "com.example.:/done",   ".com.example:/done",
	    "com..app:/done",	       "com.-app:/done",       "com.app-:/done",
	    "Com.example.app:/done",   "1com.example:/done",   "com.example_app:/done",
	    "com.example.app:/a#b",    "com.example.app:/*",   "com.example.app:/a\\b",
	    "com.example.app:/<b>",    "com.exam%ple:/done",   "com.example+app:/done",
	    "com.example.app:/\xc3\xa9", "com.example.app:/'"};
	char text[512];
	size_t i;

	for (i = 0; i < sizeof good / sizeof good[0]; i++) {
		(void)snprintf(text, sizeof text, SPA "redirect_uris = %s\n", good[i]);
		assert_int_equal(application(state, text).redirect_uris.count, 1);
		(void)snprintf(text, sizeof text, WEB "redirect_uris = %s\n", good[i]);
		refused(state, text, "only with auth_method = none");
		(void)snprintf(text, sizeof text, WEB "auth_method = none\nredirect_uris = %s\n",
			       good[i]);
		assert_true(application(state, text).is_public);
		(void)snprintf(text, sizeof text, SPA "signed_out_uris = %s\n", good[i]);
		refused(state, text, "signed_out_uris must hold whole https://");
		(void)snprintf(text, sizeof text, SPA "start_url = %s\n", good[i]);
		refused(state, text, "start_url must be");
	}
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		(void)snprintf(text, sizeof text, SPA "redirect_uris = %s\n", bad[i]);
		refused(state, text, "redirect_uris must hold whole https://");
	}
}

static void
a_robot_without_owner_or_purpose_is_told(void **state)
{
	refused(state,
		"[application]\nclient_id = bot\nname = Bot\nkind = robot\ngroups = everyone\n"
		"purpose = x\nexpires = 2026-01-01\n",
		"owner must be given");
	refused(state,
		"[application]\nclient_id = bot\nname = Bot\nkind = robot\ngroups = everyone\n"
		"owner = x\nexpires = 2026-01-01\n",
		"purpose must be given");
}

static void
a_robot_outside_its_life_hours_and_networks(void **state)
{
	struct policy_application bot = application(
	    state, ROBOT "expires = 2025-12-01T10:00Z\nhours = Mon 22:00-04:00, Wed 09:00-24:00\n"
			 "networks = 10.1.0.0/16 2001:db8::/32\n");
	const int64_t end_s = NOW_S + 6 * 86400 + 18 * 3600, monday_s = NOW_S - 16 * 3600;

	assert_true(policy_application_life_check(&bot, end_s - 1));
	assert_false(policy_application_life_check(&bot, end_s));
	/* A clock set back by years is no longer life. */
	assert_false(policy_application_life_check(&bot, end_s - 400 * 86400));
	bot.expires_at_s = 0;
	assert_false(policy_application_life_check(&bot, NOW_S));
	assert_true(policy_application_hours_check(&bot, monday_s + 22 * 3600));
	assert_true(policy_application_hours_check(&bot, monday_s + 28 * 3600 - 1));
	assert_false(policy_application_hours_check(&bot, monday_s + 28 * 3600));
	assert_false(policy_application_hours_check(&bot, monday_s + 3 * 3600));
	assert_true(policy_application_hours_check(&bot, monday_s + 72 * 3600 - 1));
	assert_false(policy_application_hours_check(&bot, monday_s + 72 * 3600));
	assert_true(policy_application_network_check(&bot, LK_STR("10.1.255.1")));
	assert_true(policy_application_network_check(&bot, LK_STR("::ffff:10.1.0.1")));
	assert_true(policy_application_network_check(&bot, LK_STR("2001:db8::7")));
	assert_false(policy_application_network_check(&bot, LK_STR("10.2.0.1")));
	assert_false(policy_application_network_check(&bot, LK_STR("")));
	assert_false(policy_application_network_check(&bot, LK_STR("10.1.0.1, 10.2.0.1")));
}

static void
an_application_without_limits_has_none(void **state)
{
	struct policy_application web = application(state, WEB);

	assert_true(policy_application_life_check(&web, NOW_S));
	assert_true(policy_application_hours_check(&web, NOW_S));
	assert_true(policy_application_network_check(&web, LK_STR("203.0.113.7")));
	assert_false(policy_application_host_check(&web, LK_STR("")));
}

static struct lk_str
narrowed(void **state, const struct policy_application *app, const char *asked)
{
	struct lk_str out;

	assert_int_equal(policy_application_scopes_narrow(app, lk_str_c(asked), *state, &out),
			 LK_OK);
	return out;
}

static void
scopes_are_narrowed_to_what_an_application_may_have(void **state)
{
	struct policy_application web = application(state, WEB);
	struct policy_application some = application(state, WEB "scopes = openid files.read\n");
	struct policy_application bot =
	    application(state, ROBOT "expires = 2026-01-01\nscopes = a b\n");
	struct policy_application idle = application(state, ROBOT "expires = 2026-01-01\n");
	struct lk_str out = LK_STR("untouched");
	char many[3 * POLICY_SCOPES_MAX + 1] = "";

	assert_true(
	    lk_str_is(narrowed(state, &web, " profile  openid profile root"), "profile openid"));
	assert_true(
	    lk_str_is(narrowed(state, &some, "profile openid files.read"), "openid files.read"));
	assert_true(lk_str_is(narrowed(state, &web, ""), ""));
	assert_true(lk_str_is(narrowed(state, &bot, ""), "a b"));
	assert_true(lk_str_is(narrowed(state, &bot, "b openid"), "b"));
	assert_true(lk_str_is(narrowed(state, &idle, "profile"), ""));
	assert_true(lk_str_is(narrowed(state, &idle, ""), ""));
	assert_true(lk_str_is(narrowed(state, &web, "open openid.x OPENID"), ""));
	assert_int_equal(policy_application_scopes_narrow(&web, LK_STR("openid\nx"), *state, &out),
			 LK_E_FORMAT);
	for (size_t i = 0; i < sizeof many - 1; i++)
		many[i] = i % 3 == 2 ? ' ' : 'x';
	assert_true(lk_str_is(narrowed(state, &web, many), ""));
	assert_int_equal(policy_application_scopes_narrow(
			     &web, lk_arena_printf(*state, "%s x", many), *state, &out),
			 LK_E_FORMAT);
	assert_true(lk_str_is(out, "untouched"));
}

static void
a_resource_server_asks_about_a_token_for_another(void **state)
{
	struct policy_application files =
	    application(state, RESOURCE "resources = https://files.example https://old.example\n");
	struct policy_application some = application(state, RESOURCE "takes = payroll\n");
	struct policy_application web = application(state, WEB);
	const struct lk_str none = {NULL, 0}, payroll = LK_STR("payroll");

	assert_true(policy_application_may_introspect(&files, payroll, none));
	assert_true(policy_application_may_introspect(
	    &files, payroll, LK_STR("https://mail.example https://files.example")));
	assert_false(
	    policy_application_may_introspect(&files, payroll, LK_STR("https://files.example/")));
	assert_false(
	    policy_application_may_introspect(&files, payroll, LK_STR("https://mail.example")));
	assert_false(policy_application_may_introspect(&files, none, none));
	assert_true(policy_application_may_introspect(&some, payroll, none));
	assert_false(policy_application_may_introspect(&some, LK_STR("payrol"), none));
	assert_false(
	    policy_application_may_introspect(&some, payroll, LK_STR("https://x.example")));
	assert_false(policy_application_may_introspect(&web, payroll, none));
	assert_true(policy_application_may_introspect(&web, LK_STR("web"), none));
}

static void
hosts_are_its_own_in_either_case(void **state)
{
	struct policy_application app =
	    application(state, WEB "hosts = docs.example wiki.example:8443\n");

	assert_true(policy_application_host_check(&app, LK_STR("Docs.Example")));
	assert_true(policy_application_host_check(&app, LK_STR("wiki.example:8443")));
	assert_false(policy_application_host_check(&app, LK_STR("wiki.example")));
	assert_false(policy_application_host_check(&app, LK_STR("docs.example.evil")));
	assert_false(policy_application_host_check(&app, LK_STR("docs.example:80")));
	assert_false(policy_application_host_check(&app, LK_STR("x.docs.example")));
}

static void
moments_and_hours_read_as_written(void **state)
{
	static const char *const bad[] = {
	    "2026-13-01",	 "2026-00-10",	      "2026-04-31",	    "2100-02-29",
	    "2026-1-01",	 "1969-12-31",	      "2026-01-01T24:00Z",  "2026-01-01T10:00",
	    "2026-01-01 10:00Z", "2026-01-01T10:60Z", "2026-01-01T10:00Zx", ""};
	static const char *const bad_hours[] = {"Mon",
						"Mon 07:00",
						"Mon7:00-8:00",
						"Mon 24:00-01:00",
						"Mon 07:00-24:01",
						"mon 07:00-08:00",
						"Mon-Fry 07:00-08:00",
						"Mon 07:00-08:00 x",
						",",
						"Mon 07:60-08:00"};
	struct policy_hours hours;
	int64_t at_s = 7;
	LK_AUTO_BUF out;
	size_t i;

	(void)state;
	lk_buf_init(&out, 400);
	assert_true(policy_moment_read(LK_STR("2000-02-29T23:59Z"), &at_s));
	assert_int_equal(at_s, 951868740);
	assert_true(policy_moment_read(LK_STR("1970-01-01"), &at_s));
	assert_int_equal(at_s, 0);
	assert_true(policy_moment_read(LK_STR("9999-12-31"), &at_s));
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(policy_moment_read(lk_str_c(bad[i]), &at_s));
	assert_true(
	    policy_hours_own.read(LK_STR("Sat-Mon 22:00-04:00,Wed  00:00-24:00"), &hours, &out));
	policy_hours_own.write(&hours, &out);
	assert_string_equal(out.bytes, "Sat-Mon 22:00-04:00, Wed 00:00-24:00");
	for (i = 0; i < sizeof bad_hours / sizeof bad_hours[0]; i++) {
		if (policy_hours_own.read(lk_str_c(bad_hours[i]), &hours, &out))
			fail_msg("%s", bad_hours[i]);
	}
}

static void
claims_come_from_the_file_or_the_table(void **state)
{
	struct policy policy = {.arena = *state};
	struct conf_faults faults = {.count = 0};
	const struct policy_claim *claims;
	const struct conf_list *scopes;
	size_t count, i;
	bool has_locality = false;

	assert_true(policy_claims_text_read(
	    &policy, "c", LK_STR("[claims]\nmail = x\naddress.locality = locality\n"), &faults));
	assert_int_equal(conf_faults_count(&faults), 1);
	conf_faults_done(&faults);
	assert_true(policy_claims_text_read(
	    &policy, "c",
	    LK_STR("[claims]\nemail = none\nemail_verified = none\naddress.locality = city\n"),
	    &faults));
	assert_int_equal(conf_faults_count(&faults), 0);
	claims = policy_claims(&policy, &count);
	for (i = 0; i < count; i++) {
		assert_string_not_equal(claims[i].scope, "email");
		has_locality |= strcmp(claims[i].name, "address.locality") == 0 &&
				strcmp(claims[i].attribute, "city") == 0;
	}
	assert_true(has_locality);
	scopes = policy_scopes(&policy);
	assert_string_equal(scopes->items[0], "openid");
	assert_string_equal(scopes->items[scopes->count - 1], "offline_access");
	for (i = 0; i < scopes->count; i++)
		assert_string_not_equal(scopes->items[i], "email");
}

static void
claims_from_an_attribute_that_holds_passwords(void **state)
{
	static const char *const bad[] = {
	    "userPassword",	"USERPASSWORD", "pwdHistory", "2.5.4.35",
	    "userPassword;x-a", "unicodePwd",	"a b",	      "*"};
	size_t i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct policy policy = {.arena = *state};
		struct conf_faults faults = {.count = 0};
		struct lk_str text = lk_arena_printf(*state, "[claims]\nnickname = %s\n", bad[i]);

		assert_true(policy_claims_text_read(&policy, "c", text, &faults));
		if (conf_faults_count(&faults) != 1)
			fail_msg("%s", bad[i]);
		conf_faults_done(&faults);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_a_kind_means_where_the_file_says_nothing),
	    cmocka_unit_test(settings_that_do_not_go_together_are_told),
	    cmocka_unit_test(a_scheme_of_its_own_is_a_domain_name_turned_round),
	    cmocka_unit_test(a_robot_without_owner_or_purpose_is_told),
	    cmocka_unit_test(a_robot_outside_its_life_hours_and_networks),
	    cmocka_unit_test(an_application_without_limits_has_none),
	    cmocka_unit_test(scopes_are_narrowed_to_what_an_application_may_have),
	    cmocka_unit_test(a_resource_server_asks_about_a_token_for_another),
	    cmocka_unit_test(hosts_are_its_own_in_either_case),
	    cmocka_unit_test(moments_and_hours_read_as_written),
	    cmocka_unit_test(claims_come_from_the_file_or_the_table),
	    cmocka_unit_test(claims_from_an_attribute_that_holds_passwords),
	};

	return cmocka_run_group_tests(tests, application_begin, help_end);
}
