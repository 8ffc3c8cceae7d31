/* SPDX-License-Identifier: MIT */
/* What a person's entry becomes on its way to applications: types, absence, and hostile values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/json.h"
#include "flow/claims.h"
#include "flow/scope.h"
#include "support/flow_help.h"

#define EVERYTHING "openid profile email phone address groups offline_access"

static struct lk_arena *arena;
static struct lk_why why;
static struct lk_call call;
static struct flow flow;
static struct asker asker;
static struct subject subject;
static struct lk_json *document;

static int
begin(void **state)
{
	struct world *world;

	if (world_begin(state) != 0)
		return 1;
	world = *state;
	arena = lk_arena_new(65536, 1u << 22);
	lk_why_clear(&why);
	call = (struct lk_call){world->fast.clock, arena, &why, INT64_MAX};
	flow = (struct flow){.fast = &world->fast, .call = &call, .dir = &world->dir};
	asker = (struct asker){.flow = &flow, .arena = arena, .now_s = HELP_START_S};
	subject = (struct subject){.is_known = true, .person = world->asha->person};
	dir_begin(&world->dir, &call);
	return 0;
}

static int
end(void **state)
{
	lk_json_free(document);
	document = NULL;
	lk_arena_free(arena);
	return world_end(state);
}

static void
know(struct world *world, const char *name, const char *value)
{
	struct lk_str *values = lk_arena_alloc(arena, sizeof(*values));

	assert_non_null(values);
	*values = lk_str_c(value);
	fake_dir_know(world->asha, name, values, 1);
}

/* Through a whole parser; always an object within its bound. */
static const struct lk_json *
made(const char *scope, struct lk_str *out_text)
{
	struct lk_str json;

	assert_int_equal(claims_make(&asker, &subject, NULL, lk_str_c(scope), &json), LK_OK);
	assert_true(json.len < CLAIMS_MAX_BYTES);
	lk_json_free(document);
	assert_int_equal(lk_json_read(json, CLAIMS_MAX_BYTES, &document), LK_OK);
	assert_true(lk_json_is_object(document));
	if (out_text != NULL)
		*out_text = json;
	return document;
}

static void
says(const struct lk_json *object, const char *name, const char *want)
{
	struct lk_str text;

	if (!lk_json_to_str(lk_json_find(object, name), &text))
		fail_msg("no %s", name);
	if (!lk_str_is(text, want))
		fail_msg("%s is %.*s", name, LK_STR_ARGS(text));
}

static void
everything_has_its_type(void **state)
{
	static const struct lk_str groups[] = {{"Payroll", 7}, {"Si\xc3\xa2n's, \"own\"", 14}};
	const struct lk_json *all, *address;
	int64_t updated_at_s = 0;
	bool is_verified = false;

	know(*state, "displayName", "Si\xc3\xa2n Morgan");
	know(*state, "sn", "Morgan");
	know(*state, "mail", "sian@fin.example");
	know(*state, "telephoneNumber", "+44 29 2018 0000");
	know(*state, "modifyTimestamp", "20261127170741Z");
	know(*state, "postalAddress", "1 Cei'r Dociau$Y Fflint \\2410\\5C$Cymru");
	know(*state, "postalCode", "SA73 0AA");
	know(*state, "ou", "Finance");
	know(*state, "preferredLanguage", "cy-GB, en;q=0.8");
	subject.person.groups = groups;
	subject.person.group_count = 2;
	all = made(EVERYTHING, NULL);
	says(all, "name", "Si\xc3\xa2n Morgan");
	says(all, "family_name", "Morgan");
	says(all, "email", "sian@fin.example");
	says(all, "phone_number", "+44 29 2018 0000");
	says(all, "department", "Finance");
	says(all, "locale", "cy-GB");
	assert_true(lk_json_to_bool(lk_json_find(all, "email_verified"), &is_verified));
	assert_true(is_verified);
	assert_true(lk_json_to_bool(lk_json_find(all, "phone_number_verified"), &is_verified));
	assert_true(lk_json_to_i64(lk_json_find(all, "updated_at"), &updated_at_s));
	assert_int_equal(updated_at_s, 1795799261);
	address = lk_json_find(all, "address");
	assert_true(lk_json_is_object(address));
	says(address, "formatted", "1 Cei'r Dociau\nY Fflint $10\\\nCymru");
	says(address, "postal_code", "SA73 0AA");
	assert_null(lk_json_find(address, "country"));
	assert_int_equal(lk_json_count(lk_json_find(all, "groups")), 2);
}

static void
what_is_not_known_is_not_there(void **state)
{
	struct lk_str text;

	know(*state, "sn", "");
	know(*state, "modifyTimestamp", "yesterday");
	made("profile address phone groups", &text);
	assert_null(strstr(lk_arena_c(arena, text), "null"));
	assert_null(lk_json_find(document, "family_name"));
	assert_null(lk_json_find(document, "updated_at"));
	assert_null(lk_json_find(document, "address"));
	assert_null(lk_json_find(document, "phone_number_verified"));
	assert_null(lk_json_find(document, "groups"));
	made("", &text);
	assert_true(lk_str_is(text, "{}"));
	made("openid offline_access nonsense", &text);
	assert_true(lk_str_is(text, "{}"));
}

static void
only_scopes_that_were_granted_tell(void **state)
{
	const struct lk_json *some;

	know(*state, "displayName", "Asha");
	know(*state, "mail", "asha@fin.example");
	some = made("openid email", NULL);
	says(some, "email", "asha@fin.example");
	assert_null(lk_json_find(some, "name"));
	some = made("emails profiles", NULL);
	assert_null(lk_json_find(some, "name"));
	assert_null(lk_json_find(some, "email"));
}

static void
what_is_no_text_is_left_out(void **state)
{
	static const struct lk_str bytes[] = {{"a\0b", 3}},
				   broken[] = {{"\xc3(", 2}, {"\xed\xa0\x80", 3}, {"good", 4}};
	static const struct lk_str groups[] = {
	    {"Payroll", 7}, {"\xff\xfe", 2}, {"", 0}, {"x\0y", 3}, {"\x1b[31m\r\n\"", 8}};
	static char huge[DIR_ATTRIBUTE_VALUE_BYTES + 1];
	struct lk_str long_one = {huge, sizeof huge};
	const struct lk_json *all;
	struct world *world = *state;

	memset(huge, 'x', sizeof huge);
	fake_dir_know(world->asha, "displayName", bytes, 1);
	subject.person.display_name = bytes[0];
	fake_dir_know(world->asha, "sn", broken, 3);
	fake_dir_know(world->asha, "givenName", &long_one, 1);
	subject.person.groups = groups;
	subject.person.group_count = 5;
	all = made(EVERYTHING, NULL);
	assert_null(lk_json_find(all, "name"));
	assert_null(lk_json_find(all, "given_name"));
	says(all, "family_name", "good");
	assert_int_equal(lk_json_count(lk_json_find(all, "groups")), 2);
}

static void
groups_that_do_not_fit_are_left_out_whole(void **state)
{
	struct lk_str groups[400];
	const struct lk_json *all;

	know(*state, "displayName", "Asha");
	know(*state, "ou", "Finance");
	for (size_t i = 0; i < 400; i++)
		groups[i] = LK_STR("a group among others");
	subject.person.groups = groups;
	subject.person.group_count = 400;
	all = made(EVERYTHING, NULL);
	assert_null(lk_json_find(all, "groups"));
	says(all, "name", "Asha");
	says(all, "department", "Finance");
	assert_non_null(strstr(why.text, "claim groups"));
}

static void
no_value_can_make_an_object_too_large(void **state)
{
	static char large[DIR_ATTRIBUTE_VALUE_BYTES];
	struct lk_str value = {large, sizeof large};
	struct world *world = *state;

	memset(large, '\x01', sizeof large); /* six letters each in JSON */
	for (const char *const *name = (const char *const[]){"displayName", "sn", "givenName", "ou",
							     "street", "postalAddress", NULL};
	     *name != NULL; name++)
		fake_dir_know(world->asha, *name, &value, 1);
	know(world, "mail", "a@fin.example");
	says(made(EVERYTHING, NULL), "email", "a@fin.example");
	memset(large, 'x', sizeof large);
	says(made(EVERYTHING, NULL), "email", "a@fin.example");
}

static enum lk_err
refuse(void *context, const char *verb)
{
	return strcmp(verb, "attributes_get") == 0 ? *(enum lk_err *)context : LK_OK;
}

static void
who_cannot_be_read_has_no_claims(void **state)
{
	static enum lk_err each[] = {LK_E_DIRECTORY_DOWN, LK_E_PERSON_NOT_FOUND, LK_E_MEMORY};
	struct world *world = *state;
	struct lk_str json = {NULL, 0};

	world->dir.hook = refuse;
	for (size_t i = 0; i < 3; i++) {
		world->dir.context = &each[i];
		assert_int_equal(claims_make(&asker, &subject, NULL, LK_STR("profile"), &json),
				 each[i]);
		assert_null(json.ptr);
	}
	world->dir.hook = NULL;
	subject.is_known = false;
	assert_int_equal(claims_make(&asker, &subject, NULL, LK_STR("profile"), &json),
			 LK_E_PERSON_NOT_FOUND);
}

static void
names_are_those_of_the_scopes_and_those_asked_for(void **state)
{
	struct lk_str names;

	(void)state;
	assert_int_equal(claims_names(flow.fast->policy, arena, LK_STR("openid email"),
				      LK_STR("name sub nonsense email address"), &names),
			 LK_OK);
	assert_true(scope_has(names, LK_STR("email")));
	assert_true(scope_has(names, LK_STR("email_verified")));
	assert_true(scope_has(names, LK_STR("name")));
	assert_true(scope_has(names, LK_STR("address")));
	assert_false(scope_has(names, LK_STR("sub")));
	assert_false(scope_has(names, LK_STR("nonsense")));
	assert_false(scope_has(names, LK_STR("family_name")));
	assert_int_equal(
	    claims_names(flow.fast->policy, arena, LK_STR("openid"), LK_STR(""), &names), LK_OK);
	assert_int_equal(names.len, 0);
}

/* In one pass: the same as naming them first and then writing those. */
static void
told_are_those_of_the_scopes_and_those_asked_for(void **state)
{
	static const char *const scopes[] = {"openid",
					     "openid email",
					     "openid profile",
					     "email phone",
					     "openid profile email phone address groups",
					     ""};
	static const char *const also[] = {"", "name", "address email_verified nonsense",
					   "sub groups"};
	static const char *const objects[] = {
	    "{}",
	    "{\"name\":\"a\",\"email\":\"b\",\"email_verified\":true,\"address\":{\"locality\":"
	    "\"c\"},"
	    "\"phone_number\":\"1\",\"groups\":[\"d\",\"e\"],\"sub\":\"f\",\"nonsense\":1}",
	    "{\"groups\":[],\"email\":\"\\\"b\",\"name\":\"a\\\\\"}",
	};

	(void)state;
	for (size_t i = 0; i < 6 * 4 * 3; i++) {
		struct claims_wanted wanted = {lk_str_c(scopes[i % 6]), lk_str_c(also[i / 6 % 4])};
		struct lk_str json = lk_str_c(objects[i / 24]), names;
		LK_AUTO_BUF told, written;

		lk_buf_init(&told, 1000);
		lk_buf_init(&written, 1000);
		lk_buf_add_byte(&told, '{');
		lk_buf_add_byte(&written, '{');
		assert_int_equal(
		    claims_names(flow.fast->policy, arena, wanted.scope, wanted.also, &names),
		    LK_OK);
		assert_int_equal(claims_write(&written, json, names), LK_OK);
		assert_int_equal(claims_tell(flow.fast->policy, json, &wanted, &told), LK_OK);
		assert_string_equal(told.bytes, written.bytes);
	}
}

static void
what_is_no_object_of_ours_tells_nothing(void **state)
{
	static const char *const bad[] = {"",
					  "{",
					  "}",
					  "[]",
					  "{\"name\":\"a\"",
					  "{\"name\":\"a\"}x",
					  "{\"name\":\"a\",",
					  "{\"name\":\"a\"]",
					  "{\"name\" :1}"};
	struct claims_wanted wanted = {LK_STR("profile"), LK_STR("")};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		LK_AUTO_BUF told;

		lk_buf_init(&told, 1000);
		lk_buf_add_byte(&told, '{');
		assert_int_equal(claims_tell(flow.fast->policy, lk_str_c(bad[i]), &wanted, &told),
				 LK_E_FORMAT);
		assert_string_equal(told.bytes, "{");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(everything_has_its_type, begin, end),
	    cmocka_unit_test_setup_teardown(what_is_not_known_is_not_there, begin, end),
	    cmocka_unit_test_setup_teardown(only_scopes_that_were_granted_tell, begin, end),
	    cmocka_unit_test_setup_teardown(what_is_no_text_is_left_out, begin, end),
	    cmocka_unit_test_setup_teardown(groups_that_do_not_fit_are_left_out_whole, begin, end),
	    cmocka_unit_test_setup_teardown(no_value_can_make_an_object_too_large, begin, end),
	    cmocka_unit_test_setup_teardown(who_cannot_be_read_has_no_claims, begin, end),
	    cmocka_unit_test_setup_teardown(names_are_those_of_the_scopes_and_those_asked_for,
					    begin, end),
	    cmocka_unit_test_setup_teardown(told_are_those_of_the_scopes_and_those_asked_for, begin,
					    end),
	    cmocka_unit_test_setup_teardown(what_is_no_object_of_ours_tells_nothing, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
