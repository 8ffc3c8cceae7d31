/* SPDX-License-Identifier: MIT */
/* What programs read to configure themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/json.h"
#include "support/flow_help.h"

#define NOTHING lk_str_n(NULL, 0)

static struct lk_json *
configuration(struct world *world, const char *path)
{
	static struct browser nobody;
	static struct reply reply;
	struct lk_json *json = NULL;

	get(world, &nobody, path, &reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.type, "application/json");
	assert_int_equal(lk_json_read(lk_str_c(reply.body), 65536, &json), LK_OK);
	return json;
}

static bool
has(const struct lk_json *json, const char *list, const char *word)
{
	const struct lk_json *words = lk_json_find(json, list);
	struct lk_str one;

	for (size_t i = 0; i < lk_json_count(words); i++) {
		if (lk_json_to_str(lk_json_at(words, i), &one) && lk_str_is(one, word))
			return true;
	}
	return false;
}

static void
configuration_names_what_there_is(void **state)
{
	struct lk_json *json = configuration(*state, "/.well-known/openid-configuration");
	struct lk_str text = NOTHING;
	bool flag = true;

	assert_true(lk_json_to_str(lk_json_find(json, "issuer"), &text));
	assert_true(lk_str_is(text, "https://signin.example"));
	assert_true(lk_json_to_bool(lk_json_find(json, "request_uri_parameter_supported"), &flag));
	assert_false(flag);
	assert_true(has(json, "scopes_supported", "openid"));
	assert_true(has(json, "claims_supported", "sub"));
	assert_true(has(json, "claims_supported", "email"));
	assert_true(has(json, "id_token_signing_alg_values_supported", "RS256"));
	assert_true(has(json, "id_token_signing_alg_values_supported", "ES256"));
	assert_false(has(json, "id_token_signing_alg_values_supported", "PS256"));
	assert_false(has(json, "id_token_signing_alg_values_supported", "EdDSA"));
	assert_false(has(json, "id_token_signing_alg_values_supported", "none"));
	assert_true(has(json, "token_endpoint_auth_signing_alg_values_supported", "EdDSA"));
	assert_true(has(json, "request_object_signing_alg_values_supported", "RS256"));
	assert_false(has(json, "request_object_signing_alg_values_supported", "none"));
	lk_json_free(json);
}

static void
configuration_names_the_algorithms_some_application_asks_for(void **state)
{
	struct world *world = *state;
	struct lk_json *json;

	world_policy(world, "applications/a.conf",
		     "[application]\nclient_id = a\nname = A\nkind = web\ngroups = everyone\n"
		     "id_token_alg = EdDSA\n");
	json = configuration(world, "/.well-known/openid-configuration");
	assert_true(has(json, "id_token_signing_alg_values_supported", "RS256"));
	assert_true(has(json, "id_token_signing_alg_values_supported", "EdDSA"));
	assert_false(has(json, "id_token_signing_alg_values_supported", "PS256"));
	lk_json_free(json);
	json = configuration(world, "/.well-known/oauth-authorization-server");
	assert_true(has(json, "introspection_signing_alg_values_supported", "ES256"));
	assert_true(has(json, "introspection_signing_alg_values_supported", "EdDSA"));
	assert_false(has(json, "introspection_signing_alg_values_supported", "RS256"));
	lk_json_free(json);
}

static const struct {
	const char *member, *path;
} endpoints[] = {
    {"authorization_endpoint", "/authorize"},
    {"token_endpoint", "/token"},
    {"jwks_uri", "/jwks.json"},
    {"introspection_endpoint", "/introspect"},
    {"revocation_endpoint", "/revoke"},
    {"end_session_endpoint", "/logout"},
    {"device_authorization_endpoint", "/device_authorization"},
};

/* An endpoint that is named and does not answer breaks whoever believes it. */
static void
configuration_names_no_endpoint_without_a_route(void **state)
{
	struct lk_json *json = configuration(*state, "/.well-known/openid-configuration");

	for (size_t i = 0; i < sizeof endpoints / sizeof *endpoints; i++) {
		const struct route *route;
		bool is_there =
		    flow_route_find(METHOD_GET, lk_str_c(endpoints[i].path), &route) == LK_OK ||
		    flow_route_find(METHOD_POST, lk_str_c(endpoints[i].path), &route) == LK_OK;

		assert_int_equal(lk_json_find(json, endpoints[i].member) != NULL, is_there);
	}
	lk_json_free(json);
}

static void
both_places_tell_the_same_issuer_and_may_be_read_by_any_page(void **state)
{
	static const char *const paths[] = {"/.well-known/openid-configuration",
					    "/.well-known/oauth-authorization-server"};
	struct world *world = *state;

	for (size_t i = 0; i < 2; i++) {
		struct req req = {.arena = lk_arena_new(4096, 65536), .path = lk_str_c(paths[i])};
		struct res res = {.status = 0};
		struct flow_stored stored = {LK_OK, NULL};
		const struct route *route;

		lk_buf_init(&res.body, RES_BODY_MAX_BYTES);
		assert_int_equal(flow_route_find(METHOD_GET, req.path, &route), LK_OK);
		flow_answer_loop(&world->fast, route, &req, &stored, &res);
		assert_int_equal(res.status, 200);
		assert_true(lk_str_is(res.cors_origin, "*"));
		assert_string_equal(res.cache_control, "public, max-age=300");
		assert_true(lk_str_starts(lk_buf_str(&res.body),
					  "{\"issuer\":\"https://signin.example\","));
		lk_buf_done(&res.body);
		lk_arena_free(req.arena);
	}
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
	const struct CMUnitTest tests[] = {
	    T(configuration_names_what_there_is),
	    T(configuration_names_the_algorithms_some_application_asks_for),
	    T(configuration_names_no_endpoint_without_a_route),
	    T(both_places_tell_the_same_issuer_and_may_be_read_by_any_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
