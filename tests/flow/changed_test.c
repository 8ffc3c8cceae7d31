/* SPDX-License-Identifier: MIT */
/* Somebody was changed in the directory by others: what ends, once, and what goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "flow/changed.h"
#include "flow/claims.h"
#include "flow/session.h"
#include "policy/application.h"
#include "support/token_help.h"

#define SCOPES "openid profile email groups"

static struct lk_arena *arena;
static struct lk_why why;
static struct lk_call call;
static struct flow flow;
static struct asker asker;
static struct browser browser;
static struct given given;
static bool was_changed;
static struct lk_str texts[8];

static void
know(struct world *world, size_t at, const char *name, const char *value)
{
	texts[at] = lk_str_c(value);
	fake_dir_know(world->asha, name, &texts[at], 1);
}

static struct lk_str
claims_now(struct world *world)
{
	struct subject subject = {.is_known = true, .person = world->asha->person};
	struct lk_str out, json;

	assert_int_equal(claims_make(&asker, &subject,
				     policy_application_find(world->policy, LK_STR("intranet")),
				     LK_STR(SCOPES), &json),
			 LK_OK);
	out = lk_str_n(strndup(json.ptr, json.len), json.len);
	return out;
}

/* Asha is signed in, and the intranet holds a token on her. */
static int
begin(void **state)
{
	struct world *world;

	token_begin(state);
	world = *state;
	browser = (struct browser){0};
	was_changed = true;
	arena = lk_arena_new(65536, 1u << 22);
	lk_why_clear(&why);
	call = (struct lk_call){world->fast.clock, arena, &why, INT64_MAX};
	flow = (struct flow){
	    .fast = &world->fast, .call = &call, .store = &world->store, .dir = &world->dir};
	asker = (struct asker){.flow = &flow,
			       .arena = arena,
			       .door = LK_STR("directory"),
			       .reference = LK_STR("7Q4M-2XPD"),
			       .now_s = HELP_START_S};
	know(world, 0, "ou", "Finance");
	know(world, 1, "mail", "asha@example.org");
	know(world, 2, "modifyTimestamp", "20261127170000Z");
	sign_in(world, &browser, ASHA, OLD_PASSWORD);
	given = given_new(world);
	given.grant.person_id = world->asha->person.id;
	given.grant.username = world->asha->person.username;
	dir_begin(&world->dir, &call);
	given.grant.claims = claims_now(world);
	give(world, &given);
	return 0;
}

static int
end(void **state)
{
	free((char *)given.grant.claims.ptr);
	lk_arena_free(arena);
	return world_end(state);
}

static enum lk_err
look_with(struct world *world, struct changed *out)
{
	call.deadline_mono_ms = lk_clock_mono_ms(world->fast.clock) + 3000;
	store_begin(&world->store, &call);
	dir_begin(&world->dir, &call);
	return changed_look(&asker, &(struct changed_who){world->asha->person.id, was_changed},
			    out);
}

static bool
look(struct world *world)
{
	struct changed changed;

	assert_int_equal(look_with(world, &changed), LK_OK);
	return changed.has_ended;
}

static int
grants(struct world *world)
{
	return fake_store_count(&world->store, FAKE_GRANT, world->asha->person.id);
}

static int
sessions(struct world *world)
{
	return fake_store_count(&world->store, FAKE_SESSION, world->asha->person.id);
}

static void
assert_all_ended(struct world *world)
{
	assert_true(look(world));
	assert_int_equal(grants(world), 0);
	assert_int_equal(sessions(world), 0);
	assert_int_equal(audited(world, "sessions_ended", NULL), 1);
	assert_false(look(world));
	assert_int_equal(audited(world, "sessions_ended", NULL), 1);
}

static void
assert_grant_ended(struct world *world)
{
	assert_true(look(world));
	assert_int_equal(grants(world), 0);
	assert_int_equal(sessions(world), 1);
	assert_int_equal(audited(world, "grants_ended", NULL), 1);
	assert_false(look(world));
	assert_int_equal(audited(world, "grants_ended", NULL), 1);
}

static void
assert_nothing_ended(struct world *world)
{
	assert_false(look(world));
	assert_int_equal(grants(world), 1);
	assert_int_equal(sessions(world), 1);
	assert_int_equal(audited(world, "sessions_ended", NULL), 0);
	assert_int_equal(audited(world, "grants_ended", NULL), 0);
}

/* --- who may not be signed in ---------------------------------------------------------------- */

static void
whoever_is_closed_loses_everything(void **state)
{
	struct world *world = *state;

	world->asha->person.state = DIR_BLOCKED;
	assert_all_ended(world);
}

static void
whoever_has_left_loses_everything(void **state)
{
	struct world *world = *state;

	world->asha->person.state = DIR_LEFT;
	assert_all_ended(world);
}

static void
whoever_is_deleted_loses_everything(void **state)
{
	struct world *world = *state;
	struct lk_str id = world->asha->person.id;
	struct changed changed;

	world->asha->person.id = LK_STR("00000000-0000-4000-8000-00000000dead");
	call.deadline_mono_ms = lk_clock_mono_ms(world->fast.clock) + 3000;
	store_begin(&world->store, &call);
	dir_begin(&world->dir, &call);
	assert_int_equal(changed_look(&asker, &(struct changed_who){id, true}, &changed), LK_OK);
	assert_true(changed.has_ended);
	assert_int_equal(fake_store_count(&world->store, FAKE_GRANT, id), 0);
	assert_int_equal(fake_store_count(&world->store, FAKE_SESSION, id), 0);
}

static void
whoever_must_choose_a_new_password_does_it_first(void **state)
{
	struct world *world = *state;

	world->asha->person.must_change = true;
	assert_all_ended(world);
}

static void
a_lock_by_strangers_ends_nothing(void **state)
{
	struct world *world = *state;

	world->asha->person.state = DIR_LOCKED;
	world->asha->person.wrong_count = 5;
	assert_nothing_ended(world);
}

static void
a_lock_by_hand_ends_everything(void **state)
{
	struct world *world = *state;

	world->asha->person.state = DIR_LOCKED;
	assert_all_ended(world);
}

static void
when_somebody_will_leave_is_told(void **state)
{
	struct world *world = *state;
	struct changed changed;

	world->asha->person.ends_at_s = HELP_START_S + 90;
	assert_int_equal(look_with(world, &changed), LK_OK);
	assert_false(changed.has_ended);
	assert_int_equal(changed.ends_at_s, HELP_START_S + 90);
}

/* --- what applications were told ------------------------------------------------------------- */

static void
a_mover_keeps_the_session_and_loses_what_was_told_before(void **state)
{
	struct world *world = *state;

	texts[0] = LK_STR("Planning");
	assert_grant_ended(world);
}

static void
a_mover_loses_even_what_tells_no_department(void **state)
{
	struct world *world = *state;
	struct store_session_row *rows;
	struct store_session session;
	struct crypto_digest key;
	struct store_change change = {.kind = STORE_SESSION_PUT,
				      .key = &key,
				      .session = &session,
				      .person_id = world->asha->person.id};
	size_t count = 0;

	call.deadline_mono_ms = lk_clock_mono_ms(world->fast.clock) + 3000;
	store_begin(&world->store, &call);
	assert_int_equal(
	    store_sessions_find(&world->store, world->asha->person.id, 1, &rows, &count), LK_OK);
	session = rows[0].session;
	session.sid = given.grant.sid;
	session.claims = LK_STR("{\"department\":\"Finance\"}");
	session_key(world->ring, lk_str_c(browser.cookie[COOKIE_SESSION]), &key);
	assert_int_equal(store_commit(&world->store, &change, 1, NULL), LK_OK);
	free((char *)given.grant.claims.ptr);
	given.grant.claims = lk_str_n(strdup("{}"), 2);
	give(world, &given);
	texts[0] = LK_STR("Planning");
	was_changed = false;
	assert_int_equal(grants(world), 2);
	assert_true(look(world));
	assert_int_equal(grants(world), 1);
	was_changed = true;
	assert_true(look(world));
	assert_int_equal(grants(world), 0);
	assert_int_equal(sessions(world), 1);
}

static struct store_session_row *
session_of(struct world *world)
{
	struct store_session_row *rows;
	size_t count = 0;

	call.deadline_mono_ms = lk_clock_mono_ms(world->fast.clock) + 3000;
	store_begin(&world->store, &call);
	assert_int_equal(
	    store_sessions_find(&world->store, world->asha->person.id, 1, &rows, &count), LK_OK);
	assert_int_equal(count, 1);
	return rows;
}

static void
assert_session_of(struct world *world, const char *department)
{
	struct lk_str claim;

	assert_true(claims_find(session_of(world)->session.claims, "department", &claim));
	assert_true(lk_str_is(claim, department));
}

/* What was given after the move is of the new place, whatever of them is changed next. */
static void
a_move_ends_what_was_given_before_it_and_nothing_after(void **state)
{
	struct world *world = *state;
	struct lk_str sid = lk_arena_dup(arena, session_of(world)->session.sid);

	free((char *)given.grant.claims.ptr);
	given.grant.claims = lk_str_n(strdup("{}"), 2);
	given.grant.sid = sid;
	give(world, &given);
	texts[0] = LK_STR("Planning");
	assert_true(look(world));
	assert_int_equal(grants(world), 0);
	assert_session_of(world, "\"Planning\"");
	give(world, &given);
	texts[1] = LK_STR("a.rao@example.org");
	assert_false(look(world));
	assert_int_equal(grants(world), 1);
	texts[0] = LK_STR("Transport");
	assert_true(look(world));
	assert_int_equal(grants(world), 0);
	assert_session_of(world, "\"Transport\"");
	assert_int_equal(audited(world, "grants_ended", NULL), 2);
}

static void
who_moves_while_no_application_knows_them_has_moved_all_the_same(void **state)
{
	struct world *world = *state;
	struct store_change over = {.kind = STORE_GRANTS_END_ALL,
				    .person_id = world->asha->person.id};
	struct store_result result;

	(void)session_of(world);
	assert_int_equal(store_commit(&world->store, &over, 1, &result), LK_OK);
	assert_int_equal(grants(world), 0);
	texts[0] = LK_STR("Planning");
	assert_false(look(world));
	assert_session_of(world, "\"Planning\"");
	assert_int_equal(sessions(world), 1);
}

static void
a_new_mail_or_staff_id_ends_it_too(void **state)
{
	struct world *world = *state;

	texts[1] = LK_STR("a.rao@example.org");
	assert_grant_ended(world);
	give(world, &given);
	texts[1] = LK_STR("asha@example.org");
	assert_false(look(world));
	world->asha->person.username = LK_STR("asha.rao");
	assert_true(look(world));
	assert_int_equal(grants(world), 0);
}

static void
that_an_entry_was_changed_is_no_change(void **state)
{
	struct world *world = *state;

	texts[2] = LK_STR("20261127180000Z");
	assert_nothing_ended(world);
}

static void
who_may_not_use_it_any_more_loses_that_one_alone(void **state)
{
	struct world *world = *state;
	struct given other = given_new(world);

	other.grant.person_id = world->asha->person.id;
	other.grant.username = world->asha->person.username;
	other.grant.client_id = LK_STR("other");
	other.grant.claims = LK_STR("{}");
	give(world, &other);
	application_put(world, "intranet", "kind = web\nredirect_uris = https://a.example/cb\n");
	world_policy(world, "applications/intranet.conf",
		     "[application]\nclient_id = intranet\nname = Some\nkind = web\n"
		     "groups = nobody at all\nredirect_uris = https://a.example/cb\n");
	assert_true(look(world));
	assert_int_equal(grants(world), 1);
	assert_int_equal(sessions(world), 1);
}

#define BEHIND_A_WEB_SERVER                                                                        \
	"kind = web\nhosts = intranet.example\n"                                                   \
	"redirect_uris = https://intranet.example/.latchkey/callback\n"

/* Nobody renews what a web server lets people in by: this is where the gate is asked again. */
static void
who_showed_less_than_policy_asks_by_now_loses_it_at_a_web_server(void **state)
{
	struct world *world = *state;

	application_put(world, "intranet", BEHIND_A_WEB_SERVER);
	assert_nothing_ended(world);
	given.grant.proofs = STORE_PROOF_PASSWORD;
	give(world, &given);
	assert_true(look(world));
	assert_int_equal(grants(world), 1);
	assert_int_equal(sessions(world), 1);
	assert_false(look(world));
	application_put(world, "intranet", BEHIND_A_WEB_SERVER "proofs = recovery\n");
	assert_true(look(world));
	assert_int_equal(grants(world), 0);
}

static void
an_application_that_renews_is_left_to_it(void **state)
{
	struct world *world = *state;

	given.grant.proofs = STORE_PROOF_PASSWORD;
	give(world, &given);
	assert_false(look(world));
	assert_int_equal(grants(world), 2);
}

static void
a_lock_by_strangers_ends_nothing_at_a_web_server_either(void **state)
{
	struct world *world = *state;

	application_put(world, "intranet", BEHIND_A_WEB_SERVER);
	world->asha->person.state = DIR_LOCKED;
	world->asha->person.wrong_count = 10;
	assert_nothing_ended(world);
}

static void
an_application_that_is_gone_holds_nothing(void **state)
{
	struct world *world = *state;
	struct given gone = given_new(world);

	gone.grant.person_id = world->asha->person.id;
	gone.grant.username = world->asha->person.username;
	gone.grant.client_id = LK_STR("nobody");
	give(world, &gone);
	assert_true(look(world));
	assert_int_equal(grants(world), 1);
}

/* --- parts that are down --------------------------------------------------------------------- */

static enum lk_err
down(void *context, const char *verb)
{
	(void)verb;
	return *(const enum lk_err *)context;
}

static void
a_part_that_is_down_ends_nothing_and_is_told(void **state)
{
	enum lk_err store_err = LK_E_STORE_DOWN, dir_err = LK_E_DIRECTORY_DOWN;
	struct world *world = *state;
	struct changed changed;

	world->asha->person.state = DIR_BLOCKED;
	world->store.hook = down;
	world->store.context = &store_err;
	assert_int_equal(look_with(world, &changed), LK_E_STORE_DOWN);
	world->store.hook = NULL;
	world->dir.hook = down;
	world->dir.context = &dir_err;
	assert_int_equal(look_with(world, &changed), LK_E_DIRECTORY_DOWN);
	world->dir.hook = NULL;
	assert_int_equal(grants(world), 1);
	assert_int_equal(sessions(world), 1);
	assert_all_ended(world);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(whoever_is_closed_loses_everything),
	    TEST(whoever_has_left_loses_everything),
	    TEST(whoever_is_deleted_loses_everything),
	    TEST(whoever_must_choose_a_new_password_does_it_first),
	    TEST(a_lock_by_strangers_ends_nothing),
	    TEST(a_lock_by_hand_ends_everything),
	    TEST(when_somebody_will_leave_is_told),
	    TEST(a_mover_keeps_the_session_and_loses_what_was_told_before),
	    TEST(a_mover_loses_even_what_tells_no_department),
	    TEST(a_move_ends_what_was_given_before_it_and_nothing_after),
	    TEST(who_moves_while_no_application_knows_them_has_moved_all_the_same),
	    TEST(a_new_mail_or_staff_id_ends_it_too),
	    TEST(that_an_entry_was_changed_is_no_change),
	    TEST(who_may_not_use_it_any_more_loses_that_one_alone),
	    TEST(who_showed_less_than_policy_asks_by_now_loses_it_at_a_web_server),
	    TEST(an_application_that_renews_is_left_to_it),
	    TEST(a_lock_by_strangers_ends_nothing_at_a_web_server_either),
	    TEST(an_application_that_is_gone_holds_nothing),
	    TEST(a_part_that_is_down_ends_nothing_and_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
