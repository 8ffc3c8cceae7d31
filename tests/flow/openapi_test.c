/* SPDX-License-Identifier: MIT */
/* The document of every route: made from the tables, and complete. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/json.h"
#include "flow/openapi.h"
#include "support/flow_help.h"

static struct lk_json *
document(struct world *world)
{
	struct lk_json *json = NULL;
	LK_AUTO_BUF text;

	lk_buf_init(&text, OPENAPI_MAX_BYTES);
	openapi_write(&world->conf, &text);
	assert_true(lk_buf_is_ok(&text));
	assert_int_equal(lk_json_read(lk_buf_str(&text), OPENAPI_MAX_BYTES, &json), LK_OK);
	return json;
}

static const struct lk_json *
operation(const struct lk_json *json, const struct route *route)
{
	const struct lk_json *paths = lk_json_find(json, "paths");
	const char *method = route->method == METHOD_POST ? "post" : "get";
	struct lk_str path = lk_str_c(route->path);
	char name[128];

	snprintf(name, sizeof name, "%s%s", route->path,
		 path.len > 1 && lk_str_ends(path, "/") ? "{rest}" : "");
	return lk_json_find(lk_json_find(paths, name), method);
}

static void
every_route_stands_in_it_with_its_answers(void **state)
{
	struct lk_json *json = document(*state);

	for (size_t i = 0; i < flow_route_count; i++) {
		const struct lk_json *one = operation(json, &flow_routes[i]);
		struct lk_str name = {NULL, 0};

		if (!lk_json_to_str(lk_json_find(one, "operationId"), &name))
			fail_msg("%s is not in it", flow_routes[i].path);
		assert_true(lk_str_is(name, flow_routes[i].name));
		assert_true(lk_json_find(lk_json_find(one, "responses"), "200") != NULL ||
			    lk_json_find(lk_json_find(one, "responses"), "303") != NULL ||
			    lk_json_find(lk_json_find(one, "responses"), "302") != NULL);
		assert_non_null(lk_json_find(lk_json_find(one, "responses"), "405"));
		assert_non_null(lk_json_find(lk_json_find(one, "responses"), "414"));
		assert_non_null(lk_json_find(lk_json_find(one, "responses"), "431"));
		assert_int_equal(lk_json_find(one, "requestBody") != NULL,
				 flow_routes[i].method == METHOD_POST);
	}
	lk_json_free(json);
}

/* What a program may send stands in no other table. */
static void
no_route_for_programs_is_forgotten(void **state)
{
	(void)state;
	for (size_t i = 0; i < flow_route_count; i++) {
		if (flow_route_has_params(&flow_routes[i]) && !openapi_has(&flow_routes[i]))
			fail_msg("%s has no row in api.def", flow_routes[i].path);
	}
}

static void
what_answers_it_refers_to_is_there(void **state)
{
	struct lk_json *json = document(*state);
	const struct lk_json *kinds = lk_json_find(lk_json_find(json, "components"), "responses");
	static const char *const statuses[] = {"200", "303", "400", "401", "403",
					       "405", "413", "414", "431", "503"};

	for (size_t i = 0; i < flow_route_count; i++) {
		const struct lk_json *answers =
		    lk_json_find(operation(json, &flow_routes[i]), "responses");

		for (size_t j = 0; j < sizeof statuses / sizeof *statuses; j++) {
			const struct lk_json *one = lk_json_find(answers, statuses[j]);
			struct lk_str ref = {NULL, 0};
			char name[64];

			if (one == NULL)
				continue;
			assert_true(lk_json_to_str(lk_json_find(one, "$ref"), &ref));
			snprintf(name, sizeof name, "%.*s",
				 LK_STR_ARGS(lk_str_from(ref, strlen("#/components/responses/"))));
			assert_non_null(lk_json_find(kinds, name));
		}
	}
	lk_json_free(json);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
	const struct CMUnitTest tests[] = {
	    T(every_route_stands_in_it_with_its_answers),
	    T(no_route_for_programs_is_forgotten),
	    T(what_answers_it_refers_to_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
