/* SPDX-License-Identifier: MIT */
/* What people allowed applications to know: asked once, remembered, taken back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "flow/consent.h"
#include "support/oauth_help.h"

static struct reply reply;
static char way[1024];

static void
assert_code(void)
{
	assert_int_equal(reply.status, 303);
	assert_int_equal(strncmp(reply.location, CALLBACK "?", sizeof CALLBACK), 0);
	assert_int_equal(strncmp(answered(&reply, "code"), "lk_ac_", 6), 0);
}

static void
assert_error(const char *error)
{
	assert_int_equal(strncmp(reply.location, CALLBACK "?", sizeof CALLBACK), 0);
	assert_string_equal(answered(&reply, "error"), error);
}

/* The page that asks; its address in way. */
static void
assert_asked(struct world *world, struct browser *browser)
{
	assert_int_equal(strncmp(reply.location, "/authorize/", 11), 0);
	snprintf(way, sizeof way, "%s", reply.location);
	get(world, browser, way, &reply);
	assert_int_equal(reply.status, 200);
	assert_says(&reply, "know about you?");
}

static void
ask(struct world *world, struct browser *browser, const char *more)
{
	const char *whole = authorize_path("outside", more), *usual = "&scope=openid";
	const char *at = strstr(whole, usual);
	char path[2048];
	struct program sent = {.path = path};

	snprintf(path, sizeof path, "%.*s%s", (int)(at - whole), whole, at + strlen(usual));
	if (strstr(more, "&scope=") == NULL)
		sent.path = whole;
	program(world, browser, &sent, &reply);
}

static void
allow(struct world *world, struct browser *browser, const char *more)
{
	ask(world, browser, more);
	assert_asked(world, browser);
	post(world, browser, way, "answer=allow", &reply);
	assert_code();
}

/* --- remembered ----------------------------------------------------------------------------- */

static void
what_was_allowed_is_not_asked_again(void **state)
{
	struct world *world = *state;
	struct browser browser = {0}, elsewhere = {0};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	ask(world, &browser, "&prompt=none");
	assert_error("consent_required");
	allow(world, &browser, "&scope=openid%20email");
	ask(world, &browser, "&scope=openid%20email");
	assert_code();
	ask(world, &browser, "&scope=email%20openid&prompt=none");
	assert_code();
	ask(world, &browser, "&scope=openid");
	assert_code(); /* less is in it */
	world_pass(world, 60);
	sign_in(world, &elsewhere, ASHA, OLD_PASSWORD);
	ask(world, &elsewhere, "&scope=openid%20email");
	assert_code(); /* it is the person's, not the browser's */
}

static void
more_than_was_allowed_is_asked(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	allow(world, &browser, "&scope=openid%20email");
	ask(world, &browser, "&scope=openid%20phone&prompt=none");
	assert_error("consent_required");
	allow(world, &browser, "&scope=openid%20phone");
	ask(world, &browser, "&scope=openid%20phone%20email");
	assert_code(); /* both were allowed, one after the other */
	ask(world, &browser, "&scope=openid%20offline_access");
	assert_asked(world, &browser);
	assert_says(&reply, "while you are not there");
}

/* Things asked for one by one tell of somebody as their scope does. */
static void
single_claims_are_told_and_remembered_as_well(void **state)
{
	static const char *const email = "&claims=%7B%22userinfo%22%3A%7B%22email%22%3Anull%7D%7D";
	static const char *const name = "&claims=%7B%22id_token%22%3A%7B%22name%22%3Anull%7D%7D";
	struct world *world = *state;
	struct browser browser = {0};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	allow(world, &browser, "");
	ask(world, &browser, email);
	assert_asked(world, &browser);
	assert_says(&reply, "Your work email");
	assert_says_not(&reply, "Your name");
	post(world, &browser, way, "answer=allow", &reply);
	assert_code();
	ask(world, &browser, email);
	assert_code();
	ask(world, &browser, name);
	assert_asked(world, &browser);
	assert_says(&reply, "Your name");
}

static void
prompt_consent_asks_always(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	allow(world, &browser, "");
	allow(world, &browser, "&prompt=consent");
	/* OpenID Connect Core s11. */
	allow(world, &browser, "&prompt=consent&scope=openid%20offline_access");
	allow(world, &browser, "&prompt=consent&scope=openid%20offline_access");
}

static void
no_is_not_remembered_and_takes_nothing_back(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	ask(world, &browser, "");
	assert_asked(world, &browser);
	post(world, &browser, way, "answer=deny", &reply);
	assert_error("access_denied");
	assert_int_equal(world->asha->allowed_count, 0);
	allow(world, &browser, "");
	ask(world, &browser, "&scope=openid%20email");
	assert_asked(world, &browser);
	post(world, &browser, way, "answer=deny", &reply);
	ask(world, &browser, "");
	assert_code();
}

/* --- whose, and of what --------------------------------------------------------------------- */

static void
another_person_or_application_is_asked(void **state)
{
	struct world *world = *state;
	struct browser browser = {0}, other = {0};
	struct fake_person *bryn = fake_dir_add(&world->dir, "bryn", OLD_PASSWORD);

	phone_give(world, bryn);
	oauth_application(world, "shop", "consent = ask\n");
	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	allow(world, &browser, "");
	authorize(world, &browser, "shop", "&prompt=none", &reply);
	assert_error("consent_required");
	sign_in(world, &other, "bryn", OLD_PASSWORD);
	ask(world, &other, "&prompt=none");
	assert_error("consent_required");
}

/* Only where the policy asks is there anything to remember. */
static void
what_the_policy_does_not_ask_is_not_kept(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	authorize(world, &browser, "payroll", "&prompt=consent", &reply);
	assert_asked(world, &browser);
	post(world, &browser, way, "answer=allow", &reply);
	assert_code();
	assert_int_equal(world->asha->allowed_count, 0);
	oauth_application(world, "payroll", "consent = ask\n");
	authorize(world, &browser, "payroll", "", &reply);
	assert_asked(world, &browser);
	get(world, &browser, "/account", &reply);
	assert_says_not(&reply, "Services you allowed");
}

/* RFC 6749 s4.1.2: what a code used twice gave ends; what its person allowed does not. */
static void
a_code_used_twice_leaves_what_was_allowed(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char code[64];

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	allow(world, &browser, "");
	snprintf(code, sizeof code, "%s", answered(&reply, "code"));
	code_post(world, "outside", code, "", &reply);
	assert_int_equal(reply.status, 200);
	code_post(world, "outside", code, "", &reply);
	assert_string_equal(told(&reply, "error"), "invalid_grant");
	ask(world, &browser, "&prompt=none");
	assert_code();
}

/* --- when parts fail ------------------------------------------------------------------------ */

static enum lk_err
directory_is_down(void *context, const char *verb)
{
	(void)context, (void)verb;
	return LK_E_DIRECTORY_DOWN;
}

static enum lk_err
cannot_be_kept(void *context, const char *verb)
{
	(void)context;
	return strcmp(verb, "allowed_put") == 0 ? LK_E_DIRECTORY_READ_ONLY : LK_OK;
}

static void
without_the_directory_people_are_asked_and_go_on(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	allow(world, &browser, "");
	world->dir.hook = directory_is_down;
	ask(world, &browser, "&prompt=none");
	assert_error("consent_required");
	allow(world, &browser, "");
	world->dir.hook = cannot_be_kept;
	allow(world, &browser, "&scope=openid%20email");
	world->dir.hook = NULL;
	ask(world, &browser, "&scope=openid%20email&prompt=none");
	assert_error("consent_required");
}

/* Another tab of theirs allowed something else at the same moment. */
static enum lk_err
somebody_was_quicker(void *context, const char *verb)
{
	struct world *world = context;

	if (strcmp(verb, "allowed_put") != 0 || world->asha->allowed_count != 1)
		return LK_OK;
	snprintf(world->asha->allowed[0], FAKE_TEXT, "outside 1 openid phone");
	world->dir.hook = NULL;
	return LK_OK;
}

static void
two_answers_at_once_are_both_kept(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	allow(world, &browser, "");
	world->dir.hook = somebody_was_quicker;
	world->dir.context = world;
	allow(world, &browser, "&scope=openid%20email");
	assert_null(world->dir.hook);
	ask(world, &browser, "&scope=openid%20email%20phone&prompt=none");
	assert_code();
	assert_int_equal(world->asha->allowed_count, 1);
}

/* --- taken back ----------------------------------------------------------------------------- */

static void
the_account_lists_it_and_takes_it_back(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	char token[128], refresh[128];

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	get(world, &browser, "/account", &reply);
	assert_says_not(&reply, "Services you allowed");
	allow(world, &browser, "&scope=openid%20offline_access");
	code_post(world, "outside", answered(&reply, "code"), "", &reply);
	snprintf(token, sizeof token, "%s", told(&reply, "access_token"));
	snprintf(refresh, sizeof refresh, "%s", told(&reply, "refresh_token"));
	assert_true(is_alive(world, token));
	get(world, &browser, "/account", &reply);
	assert_says(&reply, "Services you allowed to know about you");
	assert_says(&reply, "<dt>Outside</dt><dd>Allowed on Friday 27 November");
	assert_says(&reply, "name=\"client_id\" value=\"outside\"");
	assert_says(&reply, "Take back<span class=\"away\"> what Outside may know</span>");
	post(world, &browser, "/account/allowed", "client_id=outside", &reply);
	assert_way(&reply, "/account");
	assert_int_equal(world->asha->allowed_count, 0);
	assert_false(is_alive(world, token));
	refresh_post(world, "outside", refresh, "", &reply);
	assert_string_equal(told(&reply, "error"), "invalid_grant");
	assert_int_equal(audited(world, "consent_ended", NULL), 1);
	get(world, &browser, "/account", &reply);
	assert_says_not(&reply, "Services you allowed");
	ask(world, &browser, "&scope=openid&prompt=none");
	assert_error("consent_required");
	post(world, &browser, "/account/allowed", "client_id=outside", &reply);
	assert_way(&reply, "/account"); /* pressed twice */
	get(world, &browser, "/", &reply);
	assert_int_equal(reply.status, 200); /* and still signed in here */
}

static void
taking_back_ends_what_that_application_holds_alone(void **state)
{
	struct world *world = *state;
	struct browser browser = {0}, stranger = {0};
	char token[128];

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	code_post(world, "payroll", code_get(world, &browser, "payroll", ""), "", &reply);
	snprintf(token, sizeof token, "%s", told(&reply, "access_token"));
	allow(world, &browser, "");
	post(world, &browser, "/account/allowed", "client_id=nobody", &reply);
	assert_way(&reply, "/start-again");
	post(world, &stranger, "/account/allowed", "client_id=outside", &reply);
	assert_int_equal(reply.status, 303);
	assert_int_equal(world->asha->allowed_count, 1);
	post(world, &browser, "/account/allowed", "client_id=outside", &reply);
	assert_true(is_alive(world, token));
}

static void
a_code_given_before_is_worth_nothing_after(void **state)
{
	struct world *world = *state;
	struct browser browser = {0}, other = {0};
	struct fake_person *bryn = fake_dir_add(&world->dir, "bryn", OLD_PASSWORD);
	char asked[64], silent[64], payroll[64], bryns[64];

	phone_give(world, bryn);
	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	sign_in(world, &other, "bryn", OLD_PASSWORD);
	snprintf(payroll, sizeof payroll, "%s", code_get(world, &browser, "payroll", ""));
	allow(world, &other, "");
	snprintf(bryns, sizeof bryns, "%s", answered(&reply, "code"));
	allow(world, &browser, "");
	snprintf(asked, sizeof asked, "%s", answered(&reply, "code"));
	ask(world, &browser, "");
	assert_code();
	snprintf(silent, sizeof silent, "%s", answered(&reply, "code"));
	post(world, &browser, "/account/allowed", "client_id=outside", &reply);
	assert_way(&reply, "/account");
	code_post(world, "outside", asked, "", &reply);
	assert_string_equal(told(&reply, "error"), "invalid_grant");
	allow(world, &browser, ""); /* a new yes brings no old code back */
	code_post(world, "outside", answered(&reply, "code"), "", &reply);
	assert_int_equal(reply.status, 200);
	code_post(world, "outside", silent, "", &reply);
	assert_string_equal(told(&reply, "error"), "invalid_grant");
	code_post(world, "outside", bryns, "", &reply);
	assert_int_equal(reply.status, 200);
	code_post(world, "payroll", payroll, "", &reply);
	assert_int_equal(reply.status, 200);
}

/* They press it just before the next commit of somebody else. */
struct within {
	struct world *world;
	struct browser *browser;
	bool is_done;
};

static enum lk_err
take_back_within(void *context, const char *verb)
{
	struct within *within = context;
	struct reply own;

	if (strcmp(verb, "commit") != 0 || within->is_done)
		return LK_OK;
	within->is_done = true;
	post(within->world, within->browser, "/account/allowed", "client_id=outside", &own);
	assert_way(&own, "/account");
	return LK_OK;
}

/* Allowed, and taken back within whatever is committed next. */
static void
allow_for_now(struct within *within)
{
	sign_in(within->world, within->browser, ASHA, OLD_PASSWORD);
	allow(within->world, within->browser, "");
	within->world->store.hook = take_back_within;
	within->world->store.context = within;
}

static void
a_code_taken_back_while_it_is_exchanged_gives_nothing(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct within within = {world, &browser, false};

	allow_for_now(&within);
	code_post(world, "outside", answered(&reply, "code"), "", &reply);
	assert_true(within.is_done);
	assert_string_equal(told(&reply, "error"), "invalid_grant");
	assert_int_equal(audited(world, "token_issued", NULL), 0);
}

static void
what_is_taken_back_while_a_code_is_given_unasked_is_asked_again(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};
	struct within within = {world, &browser, false};

	allow_for_now(&within);
	ask(world, &browser, "&prompt=none");
	assert_true(within.is_done);
	assert_error("consent_required");
}

/* The registration changed: there is nothing to take back, and nothing that counts. */
static void
of_an_application_that_asks_nobody_nothing_is_listed(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	allow(world, &browser, "");
	snprintf(world->asha->allowed[1], FAKE_TEXT, "gone 1795800000 openid");
	snprintf(world->asha->allowed[2], FAKE_TEXT, "what is this");
	snprintf(world->asha->allowed[3], FAKE_TEXT, "payroll 1795800000 openid");
	world->asha->allowed_count = 4;
	get(world, &browser, "/account", &reply);
	assert_says(&reply, "<dt>Outside</dt>");
	assert_says_not(&reply, "gone");
	assert_says_not(&reply, "<dt>Payroll</dt>");
	assert_says_not(&reply, "what is this");
}

static void
nothing_is_told_as_taken_back_that_is_not(void **state)
{
	struct world *world = *state;
	struct browser browser = {0};

	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	allow(world, &browser, "");
	world->dir.hook = directory_is_down;
	post(world, &browser, "/account/allowed", "client_id=outside", &reply);
	assert_int_equal(reply.status, 503);
	world->dir.hook = NULL;
	assert_int_equal(world->asha->allowed_count, 1);
	world_audit_breaks(world, true);
	post(world, &browser, "/account/allowed", "client_id=outside", &reply);
	assert_int_equal(reply.status, 500);
	assert_string_equal(reply.location, "");
	world_audit_breaks(world, false);
	assert_int_equal(audited(world, "consent_ended", NULL), 0);
	post(world, &browser, "/account/allowed", "client_id=outside", &reply);
	assert_way(&reply, "/account");
	assert_int_equal(audited(world, "consent_ended", NULL), 1);
}

/* --- as text -------------------------------------------------------------------------------- */

static void
it_reads_as_it_was_written(void **state)
{
	static const char *const bad[] = {"", " ", "a", "a ", "a b", "a -1 x", " 1 x", "a 1x y",
					  "a 99999999999999999999 x"};
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct consent wanted = {LK_STR("payroll"), 1795800000, LK_STR("openid email"), {NULL, 0}};
	struct consent found;
	struct lk_str text = consent_write(&wanted, arena);
	char *lots = calloc(1, 2 * CONSENT_TEXT_MAX_BYTES);

	(void)state;
	assert_true(lk_str_is(text, "payroll 1795800000 openid email"));
	assert_true(consent_read(text, &found));
	assert_true(lk_str_is(found.client_id, "payroll"));
	assert_true(lk_str_is(found.scope, "openid email"));
	assert_int_equal(found.at_s, 1795800000);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(consent_read(lk_str_c(bad[i]), &found));
	memset(lots, 'x', CONSENT_TEXT_MAX_BYTES);
	wanted.scope = lk_str_c(lots);
	assert_null(consent_write(&wanted, arena).ptr);
	free(lots);
	lk_arena_free(arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, oauth_begin, oauth_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_was_allowed_is_not_asked_again),
	    TEST(more_than_was_allowed_is_asked),
	    TEST(single_claims_are_told_and_remembered_as_well),
	    TEST(prompt_consent_asks_always),
	    TEST(no_is_not_remembered_and_takes_nothing_back),
	    TEST(another_person_or_application_is_asked),
	    TEST(what_the_policy_does_not_ask_is_not_kept),
	    TEST(a_code_used_twice_leaves_what_was_allowed),
	    TEST(without_the_directory_people_are_asked_and_go_on),
	    TEST(two_answers_at_once_are_both_kept),
	    TEST(the_account_lists_it_and_takes_it_back),
	    TEST(taking_back_ends_what_that_application_holds_alone),
	    TEST(a_code_given_before_is_worth_nothing_after),
	    TEST(a_code_taken_back_while_it_is_exchanged_gives_nothing),
	    TEST(what_is_taken_back_while_a_code_is_given_unasked_is_asked_again),
	    TEST(of_an_application_that_asks_nobody_nothing_is_listed),
	    TEST(nothing_is_told_as_taken_back_that_is_not),
	    cmocka_unit_test(it_reads_as_it_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
