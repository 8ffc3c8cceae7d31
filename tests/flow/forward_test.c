/* SPDX-License-Identifier: MIT */
/* Web servers in front of applications ask who somebody is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "flow/forward.h"
#include "support/token_help.h"

#define WIKI	 "https://wiki.example"
#define CALLBACK WIKI "/.latchkey/callback"

static int
begin(void **state)
{
	token_begin(state);
	application_put(*state, "wiki",
			"kind = web\nhosts = wiki.example\nredirect_uris = " CALLBACK "\n");
	application_put(*state, "inside",
			"kind = web\nhosts = inside.example\nnetworks = 10.0.0.0/8\n"
			"redirect_uris = https://inside.example/.latchkey/callback\n");
	application_put(*state, "half",
			"kind = web\nhosts = half.example\nredirect_uris = "
			"https://half.example/elsewhere\n");
	return 0;
}

static struct given
wiki_given(const struct world *world)
{
	struct given given = given_new(world);

	given.prefix = TOKEN_FORWARD_PREFIX;
	given.grant.client_id = LK_STR("wiki");
	given.grant.scope = LK_STR("profile email groups");
	given.kept.ends_at_s = given.grant.ends_at_s;
	return given;
}

static struct store_session
session_of(const struct given *given)
{
	return (struct store_session){
	    .person_id = given->grant.person_id,
	    .sid = given->grant.sid,
	    .auth_at_s = given->grant.auth_at_s,
	    .seen_at_s = given->grant.auth_at_s,
	    .ends_at_s = given->grant.ends_at_s,
	    .idle_s = 1800,
	};
}

/* Puts the session under this digest; the cookie of whoever has the token on it. */
static const char *
cookie_on(struct world *world, const struct given *given, const struct store_session *session,
	  uint8_t digest)
{
	static char cookie[128];
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct lk_why why = {.len = 0};
	struct lk_call call = {&world->clock.clock, arena, &why,
			       lk_clock_mono_ms(&world->clock.clock) + 1000};
	struct crypto_digest key = {{0}};
	struct store_change put = {.kind = STORE_SESSION_PUT,
				   .key = &key,
				   .session = session,
				   .person_id = session->person_id};

	memset(key.bytes, digest, 16);
	store_begin(&world->store, &call);
	assert_int_equal(store_commit(&world->store, &put, 1, NULL), LK_OK);
	snprintf(cookie, sizeof cookie, "%.*s",
		 LK_STR_ARGS(token_forward_make(lk_str_c(given->token), &key, arena)));
	lk_arena_free(arena);
	return cookie;
}

static const char *
cookie_of(struct world *world, const struct given *given)
{
	struct store_session session = session_of(given);

	return cookie_on(world, given, &session, 7);
}

static void
ask(struct world *world, const char *url, const char *cookie, struct reply *out)
{
	static struct browser browser;
	struct program sent = {.path = "/forward-auth"};

	browser = (struct browser){.is_stranger = true, .original_url = url};
	snprintf(browser.cookie[COOKIE_FORWARD], sizeof browser.cookie[0], "%s", cookie);
	program(world, &browser, &sent, out);
}

static void
assert_header(const struct reply *reply, const char *line)
{
	if (strstr(reply->headers, line) == NULL)
		fail_msg("%d, no %s in %s", reply->status, line, reply->headers);
}

/* --- who it is -------------------------------------------------------------------------------- */

static void
who_is_signed_in_is_told_in_headers(void **state)
{
	static struct reply reply;
	struct given given = wiki_given(*state);

	give(*state, &given);
	ask(*state, WIKI "/page?a=b", cookie_of(*state, &given), &reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.body, "");
	assert_header(&reply, "Remote-User: asha\n");
	assert_header(&reply, "Remote-Name: Asha Rao\n");
	assert_header(&reply, "Remote-Email: asha@example.org\n");
	assert_header(&reply, "Remote-Groups: staff,payroll\n");
	assert_header(&reply, "X-Latchkey-Sub: sub-of-asha\n");
	assert_header(&reply, "X-Latchkey-Department: Finance\n");
}

static void
a_stranger_is_told_where_to_sign_in_and_the_way_back_is_kept(void **state)
{
	static struct reply reply;

	ask(*state, WIKI "/page?a=b&c=%2F", "", &reply);
	assert_int_equal(reply.status, 401);
	assert_string_equal(reply.location, WIKI "/.latchkey/start?to=%2Fpage%3Fa%3Db%26c%3D%252F");
	assert_header(&reply, "Refresh: 0; url=" WIKI "/.latchkey/start?to=");
	assert_says(&reply, "href=\"" WIKI "/.latchkey/start?to=%2Fpage");
	assert_says_not(&reply, "Remote-User");
}

/* Browsers send these as they are (URL Standard s1.3). */
static void
a_page_whose_address_holds_braces_and_bars_is_one_too(void **state)
{
	static struct reply reply;
	struct given given = wiki_given(*state);

	give(*state, &given);
	ask(*state, WIKI "/a|b?q={\"x\":[1]}^`\\", cookie_of(*state, &given), &reply);
	assert_int_equal(reply.status, 200);
	ask(*state, WIKI "/a|b?q={1}", "", &reply);
	assert_int_equal(reply.status, 401);
	assert_string_equal(reply.location, WIKI "/.latchkey/start?to=%2Fa%7Cb%3Fq%3D%7B1%7D");
}

static void
what_is_no_address_of_a_page_is_refused(void **state)
{
	static const char *const urls[] = {
	    WIKI "/a b",
	    WIKI "/a#b",
	    WIKI "/\r\nX: y",
	    WIKI "/\xc3\xa9",
	    WIKI "\\/",
	    WIKI "?a",
	    "https://wiki.example{/",
	    "https:/wiki.example/",
	    "https://",
	    "https",
	    "",
	};
	static struct reply reply;

	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		ask(*state, urls[i], "", &reply);
		if (reply.status != 403)
			fail_msg("%s: %d", urls[i], reply.status);
	}
}

/* SECURITY 2, 15: a malformed cookie was let in. */
static void
attack_15_a_malformed_cookie_is_a_strangers(void **state)
{
	static const char *const cookies[] = {
	    "x",
	    "lk_at_",
	    "lk_at_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "lk_fw_",
	    "lk_fw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "lk_fw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "lk_fw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "lk_fw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",
	    "lk_ws_x",
	    "%00",
	    "\"",
	    "{}",
	    "lk_at_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.lk_at_"};
	static struct reply reply;

	for (size_t i = 0; i < sizeof cookies / sizeof *cookies; i++) {
		ask(*state, WIKI "/", cookies[i], &reply);
		assert_int_equal(reply.status, 401);
		assert_null(strstr(reply.headers, "Remote-"));
	}
}

static void
a_token_of_another_application_is_a_strangers(void **state)
{
	static struct reply reply;
	struct given given = given_new(*state);

	given.prefix = TOKEN_FORWARD_PREFIX;
	give(*state, &given);
	ask(*state, WIKI "/", cookie_of(*state, &given), &reply);
	assert_int_equal(reply.status, 401);
}

static void
a_robots_token_is_a_strangers(void **state)
{
	static struct reply reply;
	struct given given = wiki_given(*state);

	given.kept.has_grant = false;
	given.kept.client_id = LK_STR("wiki");
	give(*state, &given);
	ask(*state, WIKI "/", cookie_of(*state, &given), &reply);
	assert_int_equal(reply.status, 401);
}

/* What a program holds of the same grant is no cookie, and the cookie nothing a program has. */
static void
an_access_token_is_no_cookie_and_a_cookie_no_access_token(void **state)
{
	static struct reply reply;
	char cookie[128], bearer[160];
	struct program sent = {.path = "/userinfo", .authorization = bearer};
	struct given given = wiki_given(*state);

	give(*state, &given);
	snprintf(cookie, sizeof cookie, "%s", cookie_of(*state, &given));
	ask(*state, WIKI "/", cookie, &reply);
	assert_int_equal(reply.status, 200);
	ask(*state, WIKI "/", given.token, &reply);
	assert_int_equal(reply.status, 401);
	snprintf(bearer, sizeof bearer, "Bearer %s", cookie);
	program(*state, NULL, &sent, &reply);
	assert_int_equal(reply.status, 401);
	snprintf(bearer, sizeof bearer, "Bearer %s", given.token);
	program(*state, NULL, &sent, &reply);
	assert_int_equal(reply.status, 401);
	given.prefix = NULL;
	give(*state, &given);
	ask(*state, WIKI "/", cookie_of(*state, &given), &reply);
	assert_int_equal(reply.status, 401);
}

/* A page that was open for an hour is sent off as if it had been opened just now. */
static void
whoever_is_signed_in_stays_so_as_long_as_the_session(void **state)
{
	static struct reply reply;
	char cookie[128];
	struct given given = wiki_given(*state);

	give(*state, &given);
	snprintf(cookie, sizeof cookie, "%s", cookie_of(*state, &given));
	world_pass(*state, 3500);
	ask(*state, WIKI "/", cookie, &reply);
	assert_int_equal(reply.status, 200);
	world_pass(*state, 101);
	ask(*state, WIKI "/", cookie, &reply);
	assert_int_equal(reply.status, 401);
}

static void
without_its_session_a_cookie_is_a_strangers(void **state)
{
	static struct reply reply;
	struct world *world = *state;
	struct given given = wiki_given(world);
	struct store_session other = session_of(&given);

	give(world, &given);
	ask(world, WIKI "/", cookie_on(world, &given, &other, 7), &reply);
	assert_int_equal(reply.status, 200);
	other.sid = LK_STR("BBBBBBBBBBBBBBBBBBBBBB");
	ask(world, WIKI "/", cookie_on(world, &given, &other, 8), &reply);
	assert_int_equal(reply.status, 401);
	other = session_of(&given);
	other.person_id = LK_STR("person-b");
	ask(world, WIKI "/", cookie_on(world, &given, &other, 9), &reply);
	assert_int_equal(reply.status, 401);
	given.grant.sid = other.sid = LK_STR("");
	give(world, &given);
	ask(world, WIKI "/", cookie_on(world, &given, &other, 10), &reply);
	assert_int_equal(reply.status, 401);
}

/* The next reader would see two groups, or another header. */
static void
what_a_header_cannot_hold_is_not_said(void **state)
{
	static struct reply reply;
	struct given given = wiki_given(*state);

	given.grant.claims = LK_STR("{\"name\":\"Asha\\r\\nX-Admin: yes\",\"email\":\"\\u007f\","
				    "\"groups\":[\"staff,admin\",\"a\\nb\",\"payroll\"]}");
	give(*state, &given);
	ask(*state, WIKI "/", cookie_of(*state, &given), &reply);
	assert_int_equal(reply.status, 200);
	assert_header(&reply, "Remote-Groups: payroll\n");
	assert_null(strstr(reply.headers, "Remote-Name"));
	assert_null(strstr(reply.headers, "Remote-Email"));
	assert_null(strstr(reply.headers, "X-Admin"));
}

/* Some web servers set the one header and pass on the other, some the other way round. */
static void
attack_a_second_host_does_not_let_in_at_the_first(void **state)
{
	static const struct {
		const char *url, *host;
		int status;
	} rows[] = {
	    {WIKI "/", "half.example", 403},
	    {"https://half.example/", "wiki.example", 403},
	    {WIKI "/", "wiki.example, half.example", 403},
	    {WIKI "/", "wiki.example:443", 403},
	    {WIKI "/", "", 403}, /* it stood twice */
	    {WIKI "/", "WIKI.example", 200},
	    {NULL, "wiki.example", 200},
	    {NULL, "half.example", 403},
	};
	static struct browser browser;
	static struct reply reply;
	struct program sent = {.path = "/forward-auth"};
	struct given given = wiki_given(*state);

	give(*state, &given);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		browser =
		    (struct browser){.original_url = rows[i].url, .forwarded_host = rows[i].host};
		snprintf(browser.cookie[COOKIE_FORWARD], sizeof browser.cookie[0], "%s",
			 cookie_of(*state, &given));
		program(*state, &browser, &sent, &reply);
		if (reply.status != rows[i].status)
			fail_msg("%zu: %d", i, reply.status);
	}
}

static enum lk_err
down(void *context, const char *verb)
{
	(void)context;
	(void)verb;
	return LK_E_STORE_DOWN;
}

/* nginx makes 500 of everything else. */
static void
whatever_happens_it_is_200_401_or_403(void **state)
{
	static const struct {
		const char *url;
		int status;
	} rows[] = {
	    {WIKI "/", 401},
	    {WIKI, 401},
	    {WIKI "//evil.example/", 401},
	    {"https://WIKI.example/", 403},
	    {"https://wiki.example:8443/", 403},
	    {"http://wiki.example/", 403},
	    {"https://evil.example/", 403},
	    {"https://wiki.example.evil.example/", 403},
	    {"https://a@wiki.example/", 403},
	    {"https://wiki.example@evil.example/", 403},
	    {"https://wiki.example\\@evil.example/", 403},
	    {"https://wiki.example#/", 403},
	    {"javascript://wiki.example/", 403},
	    {"//wiki.example/", 403},
	    {"wiki.example", 403},
	    {"", 403},
	    {"https://half.example/", 403},
	    {"https://inside.example/", 403},
	};
	static struct reply reply;
	struct world *world = *state;
	struct given given = wiki_given(world);
	char cookie[128];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		ask(world, rows[i].url, "", &reply);
		if (reply.status != rows[i].status)
			fail_msg("%s: %d", rows[i].url, reply.status);
		assert_true(reply.status == 401 || reply.location[0] == '\0');
	}
	give(world, &given);
	snprintf(cookie, sizeof cookie, "%s", cookie_of(world, &given));
	world->store.hook = down;
	ask(world, WIKI "/", cookie, &reply);
	assert_int_equal(reply.status, 401);
	world->store.hook = NULL;
}

static void
who_may_not_from_there_reads_why(void **state)
{
	static struct reply reply;

	ask(*state, "https://inside.example/", "", &reply);
	assert_int_equal(reply.status, 403);
	assert_says(&reply, "<h1>");
	assert_string_equal(reply.location, "");
}

/* --- there and back --------------------------------------------------------------------------- */

static struct forward
at(const char *origin, const char *path)
{
	return (struct forward){.url = {.origin = lk_str_c(origin), .path = lk_str_c(path)}};
}

#define COOKIE_A LK_STR("lk_wf_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
#define COOKIE_B LK_STR("lk_wf_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA")

static void
the_way_back_belongs_to_one_browser_and_host(void **state)
{
	struct world *world = *state;
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct forward there = at(WIKI, "/page?a=b"), elsewhere = at("https://evil.example", "/");
	struct lk_str text = forward_state_make(world->ring, COOKIE_A, &there, arena), none = {0};

	assert_true(
	    lk_str_is(forward_state_read(world->ring, COOKIE_A, &there, text), "/page?a=b"));
	assert_null(forward_state_read(world->ring, COOKIE_B, &there, text).ptr);
	assert_null(forward_state_read(world->ring, none, &there, text).ptr);
	assert_null(forward_state_read(world->ring, COOKIE_A, &elsewhere, text).ptr);
	lk_arena_free(arena);
}

static void
a_way_back_that_was_changed_is_none(void **state)
{
	struct world *world = *state;
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct forward there = at(WIKI, "/page");
	struct lk_str text = forward_state_make(world->ring, COOKIE_A, &there, arena);
	char changed[128];

	for (size_t i = 0; i < text.len; i++) {
		memcpy(changed, text.ptr, text.len);
		changed[i] = changed[i] == 'A' ? 'B' : 'A';
		assert_null(
		    forward_state_read(world->ring, COOKIE_A, &there, lk_str_n(changed, text.len))
			.ptr);
		assert_null(
		    forward_state_read(world->ring, COOKIE_A, &there, lk_str_n(text.ptr, i)).ptr);
	}
	lk_arena_free(arena);
}

static void
start(struct world *world, const char *path, struct browser *browser, struct reply *out)
{
	struct program sent = {.path = path};

	browser->original_url = WIKI "/.latchkey/start";
	program(world, browser, &sent, out);
}

static void
setting_out_leads_to_authorize_with_a_cookie(void **state)
{
	static struct browser browser;
	static struct reply reply;

	start(*state, "/.latchkey/start?to=%2Fpage", &browser, &reply);
	assert_int_equal(reply.status, 303);
	assert_non_null(strstr(reply.location, "https://signin.example/authorize?response_type="
					       "code&client_id=wiki&redirect_uri=https%3A%2F%2Fwiki"
					       ".example%2F.latchkey%2Fcallback&"));
	assert_non_null(strstr(reply.location, "&code_challenge_method=S256"));
	assert_true(crypto_token_check("lk_wf_", lk_str_c(browser.cookie[COOKIE_FORWARD_WAY])));
}

static void
callback(struct world *world, const char *query, struct browser *browser, struct reply *out)
{
	char path[2048];
	struct program sent = {.path = path};

	browser->original_url = WIKI "/.latchkey/callback";
	snprintf(path, sizeof path, "/.latchkey/callback?%s", query);
	program(world, browser, &sent, out);
}

/* Signing somebody in as another by a link: the browser did not set out. */
static void
coming_back_without_having_set_out_is_refused(void **state)
{
	static struct browser browser, other;
	static struct reply reply;
	const char *state_at;
	char query[1024];

	callback(*state, "code=lk_ac_x&state=y", &browser, &reply);
	assert_int_equal(reply.status, 400);
	callback(*state, "code=lk_ac_x", &browser, &reply);
	assert_int_equal(reply.status, 400);
	start(*state, "/.latchkey/start?to=%2F", &other, &reply);
	state_at = strstr(reply.location, "&state=");
	assert_non_null(state_at);
	snprintf(query, sizeof query, "code=lk_ac_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%.*s",
		 (int)strcspn(state_at + 1, "&") + 1, state_at);
	callback(*state, query, &browser, &reply);
	assert_int_equal(reply.status, 400);
	assert_string_equal(browser.cookie[COOKIE_FORWARD], "");
}

/* As a stranger at /token would, with a code nobody was given. */
static void
coming_back_with_a_code_of_nobody_gives_nothing(void **state)
{
	static struct browser browser;
	static struct reply reply;
	const char *state_at;
	char query[1024];

	start(*state, "/.latchkey/start?to=%2F", &browser, &reply);
	state_at = strstr(reply.location, "&state=");
	assert_non_null(state_at);
	snprintf(query, sizeof query, "code=lk_ac_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%.*s",
		 (int)strcspn(state_at + 1, "&") + 1, state_at);
	callback(*state, query, &browser, &reply);
	assert_int_equal(reply.status, 400);
	assert_string_equal(browser.cookie[COOKIE_FORWARD], "");
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, world_end)
	const struct CMUnitTest tests[] = {
	    T(who_is_signed_in_is_told_in_headers),
	    T(a_stranger_is_told_where_to_sign_in_and_the_way_back_is_kept),
	    T(a_page_whose_address_holds_braces_and_bars_is_one_too),
	    T(what_is_no_address_of_a_page_is_refused),
	    T(attack_15_a_malformed_cookie_is_a_strangers),
	    T(a_token_of_another_application_is_a_strangers),
	    T(a_robots_token_is_a_strangers),
	    T(an_access_token_is_no_cookie_and_a_cookie_no_access_token),
	    T(whoever_is_signed_in_stays_so_as_long_as_the_session),
	    T(without_its_session_a_cookie_is_a_strangers),
	    T(what_a_header_cannot_hold_is_not_said),
	    T(whatever_happens_it_is_200_401_or_403),
	    T(attack_a_second_host_does_not_let_in_at_the_first),
	    T(who_may_not_from_there_reads_why),
	    T(the_way_back_belongs_to_one_browser_and_host),
	    T(a_way_back_that_was_changed_is_none),
	    T(setting_out_leads_to_authorize_with_a_cookie),
	    T(coming_back_without_having_set_out_is_refused),
	    T(coming_back_with_a_code_of_nobody_gives_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
