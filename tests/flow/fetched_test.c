/* SPDX-License-Identifier: MIT */
/* Keys at an application's address: when they are had read, and what is taken of what came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "flow/fetched.h"
#include "spool/waiting.h"
#include "support/flow_help.h"

#define KEY(kid)                                                                                   \
	"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"" kid                                      \
	"\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"
#define ONE LK_STR("{\"keys\":[" KEY("one") "]}")
#define TWO LK_STR("{\"keys\":[" KEY("one") "," KEY("two") "]}")

static struct fetched *fetched;
static int came_count;
static struct lk_arena *arena;
static struct spool *spool;

static void
register_at(struct world *world, const char *url)
{
	char text[512];

	snprintf(text, sizeof text,
		 "[application]\nclient_id = keyed\nname = Keyed\nkind = web\ngroups = everyone\n"
		 "redirect_uris = https://keyed.example/cb\nauth_method = private_key_jwt\n"
		 "jwks_uri = %s\n",
		 url);
	world_policy(world, "applications/keyed.conf", text);
}

static int
begin(void **state)
{
	char dir[HELP_PATH_BYTES];
	struct world *world;

	world_begin(state);
	world = *state;
	register_at(world, "https://keyed.example/jwks");
	fetched = fetched_new();
	arena = lk_arena_new(65536, 1u << 22);
	help_path(dir, world->spool, "calls");
	assert_int_equal(spool_open(dir, 0, NULL, &spool), LK_OK);
	return 0;
}

static int
end(void **state)
{
	spool_close(spool);
	lk_arena_free(arena);
	fetched_free(fetched);
	return world_end(state);
}

static size_t
asked(struct spool_mail *out)
{
	const char *const *names;
	size_t count = 0;

	assert_int_equal(spool_list(spool, arena, &names, &count), LK_OK);
	if (count > 0 && out != NULL)
		assert_int_equal(spool_get(spool, arena, names[count - 1], out), LK_OK);
	return count;
}

/* Each a second after the one before: two files of one tick of the kernel are of the same age. */
static void
comes(const struct world *world, struct lk_str text)
{
	const struct spool_mail fetch = {.to = LK_STR("https://keyed.example/jwks"),
					 .mail = LK_STR("keyed")};
	const struct timespec at = {.tv_sec = HELP_START_S + ++came_count};
	char path[HELP_PATH_BYTES];

	assert_int_equal(spool_keys_put(spool, &fetch, text), LK_OK);
	help_path(path, world->spool, "calls/keys/keyed");
	assert_int_equal(utimensat(AT_FDCWD, path, (struct timespec[]){at, at}, 0), 0);
}

static size_t
known(void)
{
	const struct fetched_keys *keys = fetched_hold(fetched, "keyed");
	size_t count = keys == NULL ? 0 : fetched_jwks(keys)->count;

	fetched_drop(fetched, keys);
	return count;
}

static void
they_are_had_read_at_once_and_then_now_and_then(void **state)
{
	struct world *world = *state;
	struct spool_mail fetch;

	fetched_look(fetched, &world->fast);
	assert_int_equal(asked(&fetch), 1);
	assert_true(fetch.is_fetch && lk_str_is(fetch.to, "https://keyed.example/jwks"));
	assert_true(lk_str_is(fetch.mail, "keyed"));
	world_pass(world, FETCHED_EVERY_S - 1);
	fetched_look(fetched, &world->fast);
	assert_int_equal(asked(NULL), 1);
	world_pass(world, 1);
	fetched_look(fetched, &world->fast);
	assert_int_equal(asked(NULL), 2);
}

static void
a_key_nobody_knows_has_them_read_soon_but_not_for_ever(void **state)
{
	struct world *world = *state;

	fetched_look(fetched, &world->fast);
	for (int i = 0; i < 100; i++) {
		fetched_want(fetched, "keyed");
		fetched_look(fetched, &world->fast);
	}
	assert_int_equal(asked(NULL), 1);
	world_pass(world, FETCHED_SOON_S);
	fetched_look(fetched, &world->fast);
	fetched_look(fetched, &world->fast);
	assert_int_equal(asked(NULL), 2);
	fetched_want(fetched, "nobody");
}

static void
what_came_counts_and_what_is_wrong_leaves_what_was_before(void **state)
{
	struct world *world = *state;
	const struct fetched_keys *held;

	fetched_look(fetched, &world->fast);
	assert_int_equal(known(), 0);
	comes(world, ONE);
	fetched_look(fetched, &world->fast);
	assert_int_equal(known(), 1);
	held = fetched_hold(fetched, "keyed");
	comes(world, LK_STR("<html>not found</html>"));
	fetched_look(fetched, &world->fast);
	assert_int_equal(known(), 1);
	comes(world, TWO);
	fetched_look(fetched, &world->fast);
	assert_int_equal(known(), 2);
	assert_int_equal(fetched_jwks(held)->count, 1);
	fetched_drop(fetched, held);
}

static void
keys_of_another_address_are_none_of_its(void **state)
{
	struct world *world = *state;

	fetched_look(fetched, &world->fast);
	comes(world, ONE);
	fetched_look(fetched, &world->fast);
	assert_int_equal(known(), 1);
	register_at(world, "https://keyed.example/others");
	fetched_look(fetched, &world->fast);
	assert_int_equal(known(), 0);
	assert_int_equal(asked(NULL), 2);
	comes(world, TWO); /* the old address, late */
	fetched_look(fetched, &world->fast);
	assert_int_equal(known(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(they_are_had_read_at_once_and_then_now_and_then),
	    TEST(a_key_nobody_knows_has_them_read_soon_but_not_for_ever),
	    TEST(what_came_counts_and_what_is_wrong_leaves_what_was_before),
	    TEST(keys_of_another_address_are_none_of_its),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
