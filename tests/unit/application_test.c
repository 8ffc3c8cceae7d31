/* SPDX-License-Identifier: MIT */
/* Where an application sends people and how it proves who it is: each test of an attack is named
 * after it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/application_help.h"

static void
only(const struct policy_application *app, const char *good, const char *const *bad)
{
	assert_true(policy_application_redirect_check(app, lk_str_c(good)));
	for (; *bad != NULL; bad++) {
		if (policy_application_redirect_check(app, lk_str_c(*bad)))
			fail_msg("taken: %s", *bad);
	}
}

#define DONE "https://app.example/done"

static void
redirect_prefix_and_suffix(void **state)
{
	static const char *const bad[] = {"https://app.example/don",
					  "https://app.example/done/",
					  "https://app.example/done/x",
					  "https://app.example",
					  "https://app.example/done.evil",
					  "https://app.example/done?x=1",
					  "",
					  "https://app.example/donehttps:",
					  NULL};
	struct policy_application app = application(state, WEB "redirect_uris = " DONE "\n");

	only(&app, DONE, bad);
}

static void
redirect_in_other_case(void **state)
{
	static const char *const bad[] = {"HTTPS://app.example/done", "https://APP.example/done",
					  "https://app.example/Done", NULL};
	struct policy_application app = application(state, WEB "redirect_uris = " DONE "\n");

	only(&app, DONE, bad);
}

static void
redirect_encoded_and_with_dots(void **state)
{
	static const char *const bad[] = {
	    "https://app.example/%64one",   "https://app.example/x/../done",
	    "https://app.example/./done",   "https://app.example//done",
	    "https://app%2eexample/done",   "https://app.example:443/done",
	    "https://app.example/done%00",  "https://app.example./done",
	    "https://app.example/done%23x", NULL};
	struct policy_application app = application(state, WEB "redirect_uris = " DONE "\n");

	only(&app, DONE, bad);
}

static void
redirect_userinfo_fragment_and_backslash(void **state)
{
	static const char *const bad[] = {"https://app.example@evil.example/done",
					  "https://evil.example#@app.example/done",
					  "https://app.example/done#code",
					  "https://app.example\\@evil.example/done",
					  "https://app.example/done\n",
					  " https://app.example/done",
					  "javascript:alert(1)//app.example/done",
					  NULL};
	struct policy_application app = application(state, WEB "redirect_uris = " DONE "\n");

	only(&app, DONE, bad);
}

static void
redirect_with_a_nul_behind(void **state)
{
	static const char text[] = DONE "\0.evil.example";
	struct policy_application app = application(state, WEB "redirect_uris = " DONE "\n");

	assert_false(policy_application_redirect_check(&app, lk_str_n(text, sizeof text - 1)));
	assert_false(policy_application_redirect_check(&app, lk_str_n(text, strlen(DONE) + 1)));
	assert_false(policy_application_redirect_check(&app, (struct lk_str){NULL, 0}));
}

static void
redirect_of_an_application_with_none(void **state)
{
	struct policy_application app = application(state, WEB);

	assert_false(policy_application_redirect_check(&app, LK_STR("")));
	assert_false(policy_application_redirect_check(&app, LK_STR(DONE)));
}

static void
redirect_to_any_port_of_this_machine_for_public_ones(void **state)
{
	static const char *const good[] = {"http://127.0.0.1/cb?a=b", "http://127.0.0.1:1/cb?a=b",
					   "http://127.0.0.1:65535/cb?a=b", "http://[::1]/x",
					   "http://[::1]:8080/x"};
	static const char *const bad[] = {
	    "http://127.0.0.1:0/cb?a=b",     "http://127.0.0.1:65536/cb?a=b",
	    "http://127.0.0.1:080/cb?a=b",   "http://127.0.0.1:/cb?a=b",
	    "http://127.0.0.1:1x/cb?a=b",    "http://127.0.0.1:1@evil.example/cb?a=b",
	    "http://127.0.0.1.evil/cb?a=b",  "http://127.0.0.1@evil/cb?a=b",
	    "http://127.0.0.2:1/cb?a=b",     "https://127.0.0.1:1/cb?a=b",
	    "http://127.0.0.1:1/cb",	     "http://127.0.0.1:1/cb?a=b#c",
	    "http://localhost:1/cb?a=b",     "http://127.0.0.1:1:2/cb?a=b",
	    "HTTP://127.0.0.1:1/cb?a=b",     "http://127.0.0.1:-1/cb?a=b",
	    "http://127.1:1/cb?a=b",	     "http://2130706433:1/cb?a=b",
	    "http://[::ffff:127.0.0.1]:1/x", "http://[0:0:0:0:0:0:0:1]:1/x",
	    "https://app.example:8443/done", "http://127.0.0.1:1/x",
	    "http://localhost:2/lh",	     NULL};
	static const char *const other_places[] = {"http://127.0.0.10/cb", "http://127.0.0.1.evil/",
						   "http://localhost:1/lh", DONE, "", NULL};
	struct policy_application app = application(
	    state, SPA "redirect_uris = http://127.0.0.1:3000/cb?a=b, http://[::1]/x, " DONE
		       ", http://localhost:1/lh\n");
	size_t i;

	for (i = 0; i < sizeof good / sizeof good[0]; i++)
		only(&app, good[i], bad);
	assert_true(policy_application_any_port_check(&app, LK_STR("http://127.0.0.1:3000/cb")));
	assert_true(policy_application_any_port_check(&app, LK_STR("http://[::1]/x")));
	for (i = 0; other_places[i] != NULL; i++)
		assert_false(policy_application_any_port_check(&app, lk_str_c(other_places[i])));
	/* One that keeps a secret has a server, and that has its address. */
	app.is_public = false;
	assert_false(policy_application_any_port_check(&app, LK_STR("http://[::1]/x")));
	assert_true(policy_application_redirect_check(&app, LK_STR("http://[::1]/x")));
	assert_false(policy_application_redirect_check(&app, LK_STR("http://[::1]:8080/x")));
}

/* RFC 8252 s7.1: letter by letter, and no part of it is a port or a pattern. */
static void
redirect_to_a_scheme_of_its_own(void **state)
{
	static const char own[] = "com.example.app:/done";
	static const char *const bad[] = {"com.example.app:/done/",
					  "com.example.app:/done?a=b",
					  "com.example.app:/don",
					  "com.example.app:/",
					  "com.example.app://done",
					  "com.example.app:done",
					  "com.example.app:8080/done",
					  "COM.example.app:/done",
					  "com.example.app.evil:/done",
					  "evil.com.example.app:/done",
					  "com.example.apps:/done",
					  "com.example.app%3a/done",
					  "https://com.example.app:/done",
					  NULL};
	struct policy_application app =
	    application(state, SPA "redirect_uris = com.example.app:/done, " DONE "\n");

	only(&app, own, bad);
	assert_false(policy_application_any_port_check(&app, lk_str_c(own)));
	assert_true(policy_application_redirect_check(&app, LK_STR(DONE)));
}

static void
signed_out_addresses_are_their_own_list(void **state)
{
	struct policy_application app =
	    application(state, SPA "redirect_uris = " DONE "\nsigned_out_uris = "
				   "https://app.example/bye http://127.0.0.1:1/bye\n");

	assert_true(policy_application_signed_out_check(&app, LK_STR("https://app.example/bye")));
	assert_false(policy_application_signed_out_check(&app, LK_STR(DONE)));
	assert_false(policy_application_signed_out_check(&app, LK_STR("http://127.0.0.1:2/bye")));
	assert_false(policy_application_redirect_check(&app, LK_STR("https://app.example/bye")));
}

/* "1:…" of the secret, as latchkeyctl makes it. */
static const char *
digest_of(struct lk_arena *arena, const struct crypto_ring *ring, const char *client_id,
	  const char *secret)
{
	const struct lk_str pieces[] = {lk_str_c(client_id), lk_str_c(secret)};
	const struct crypto_digest_key key = {CRYPTO_APPLICATION, crypto_ring_newest_id(ring)};
	struct crypto_digest digest;
	struct lk_str letters;

	assert_int_equal(crypto_digest_under(ring, key, pieces, 2, &digest), LK_OK);
	letters = crypto_base64url_make(lk_str_n((const char *)digest.bytes, 32), arena);
	return lk_arena_printf(arena, "%u:%.*s", (unsigned)key.key_id, LK_STR_ARGS(letters)).ptr;
}

#define SECRET	   "lk_cs_a-secret-of-payroll"
#define OLD_SECRET "lk_cs_the-one-before-that"

static void
secret_right_wrong_and_empty(void **state)
{
	struct crypto_ring *ring = help_ring("1 " KEY_A "\n"), *other = help_ring("1 " KEY_B "\n");
	const char *text = lk_arena_printf(*state, WEB "secret_digests = %s\n",
					   digest_of(*state, ring, "web", SECRET))
			       .ptr;
	struct policy_application app = application(state, text), none = application(state, WEB);
	static const char longer[] = SECRET "\0";

	assert_true(policy_application_secret_check(&app, ring, LK_STR(SECRET), NOW_S));
	assert_false(policy_application_secret_check(&app, ring, LK_STR(SECRET "x"), NOW_S));
	assert_false(policy_application_secret_check(&app, ring, LK_STR(OLD_SECRET), NOW_S));
	assert_false(policy_application_secret_check(&app, ring, LK_STR(""), NOW_S));
	assert_false(policy_application_secret_check(&app, ring, (struct lk_str){NULL, 0}, NOW_S));
	assert_false(policy_application_secret_check(&app, ring,
						     lk_str_n(longer, sizeof longer - 1), NOW_S));
	assert_false(policy_application_secret_check(&app, other, LK_STR(SECRET), NOW_S));
	assert_false(policy_application_secret_check(&none, ring, LK_STR(SECRET), NOW_S));
	assert_false(policy_application_secret_check(&none, ring, LK_STR(""), NOW_S));
	crypto_ring_free(ring);
	crypto_ring_free(other);
}

static void
secret_of_another_application(void **state)
{
	struct crypto_ring *ring = help_ring("1 " KEY_A "\n");
	const char *digest = digest_of(*state, ring, "web", SECRET);
	const char *text = lk_arena_printf(*state, RESOURCE "secret_digests = %s\n", digest).ptr;
	struct policy_application files = application(state, text);

	/* Even its digest, copied into another's file, lets nobody in there. */
	assert_false(policy_application_secret_check(&files, ring, LK_STR(SECRET), NOW_S));
	/* Nor does the digest itself, when somebody read the file. */
	assert_false(policy_application_secret_check(&files, ring, lk_str_c(digest), NOW_S));
	crypto_ring_free(ring);
}

static void
secret_for_a_method_that_has_none(void **state)
{
	struct crypto_ring *ring = help_ring("1 " KEY_A "\n");
	const char *text = lk_arena_printf(*state, WEB "secret_digests = %s\n",
					   digest_of(*state, ring, "web", SECRET))
			       .ptr;
	struct policy_application app = application(state, text);

	app.auth_method = POLICY_AUTH_KEY;
	assert_false(policy_application_secret_check(&app, ring, LK_STR(SECRET), NOW_S));
	app.auth_method = POLICY_AUTH_NONE;
	assert_false(policy_application_secret_check(&app, ring, LK_STR(SECRET), NOW_S));
	app.auth_method = POLICY_AUTH_POST;
	assert_true(policy_application_secret_check(&app, ring, LK_STR(SECRET), NOW_S));
	crypto_ring_free(ring);
}

static void
secret_after_its_end(void **state)
{
	struct crypto_ring *ring = help_ring("1 " KEY_A "\n2 " KEY_B "\n");
	const char *text =
	    lk_arena_printf(*state, WEB "secret_digests = %s, %s:2025-11-24T16:01Z\n",
			    digest_of(*state, ring, "web", SECRET),
			    digest_of(*state, ring, "web", OLD_SECRET))
		.ptr;
	struct policy_application app = application(state, text);

	assert_true(policy_application_secret_check(&app, ring, LK_STR(SECRET), NOW_S));
	assert_true(policy_application_secret_check(&app, ring, LK_STR(OLD_SECRET), NOW_S + 59));
	assert_false(policy_application_secret_check(&app, ring, LK_STR(OLD_SECRET), NOW_S + 60));
	assert_true(policy_application_secret_check(&app, ring, LK_STR(SECRET), NOW_S + 60));
	crypto_ring_free(ring);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(redirect_prefix_and_suffix),
	    cmocka_unit_test(redirect_in_other_case),
	    cmocka_unit_test(redirect_encoded_and_with_dots),
	    cmocka_unit_test(redirect_userinfo_fragment_and_backslash),
	    cmocka_unit_test(redirect_with_a_nul_behind),
	    cmocka_unit_test(redirect_of_an_application_with_none),
	    cmocka_unit_test(redirect_to_any_port_of_this_machine_for_public_ones),
	    cmocka_unit_test(redirect_to_a_scheme_of_its_own),
	    cmocka_unit_test(signed_out_addresses_are_their_own_list),
	    cmocka_unit_test(secret_right_wrong_and_empty),
	    cmocka_unit_test(secret_of_another_application),
	    cmocka_unit_test(secret_for_a_method_that_has_none),
	    cmocka_unit_test(secret_after_its_end),
	};

	return cmocka_run_group_tests(tests, application_begin, help_end);
}
