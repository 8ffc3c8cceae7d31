/* SPDX-License-Identifier: MIT */
/* The one gate: every state of an entry × what for × what was shown × what there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "flow/gate.h"
#include "support/flow_help.h"

#define P STORE_PROOF_PASSWORD
#define T STORE_PROOF_TOTP
#define R STORE_PROOF_RECOVERY
#define D STORE_PROOF_DEVICE

static struct lk_arena *arena;
static struct flow flow;
static struct asker asker;
static struct subject subject;

static void
begin(struct world *world)
{
	arena = lk_arena_new(65536, 1u << 20);
	flow = (struct flow){.fast = &world->fast};
	asker = (struct asker){.flow = &flow, .arena = arena, .now_s = HELP_START_S};
	subject = (struct subject){.is_known = true, .person = world->asha->person};
}

static void
end(void)
{
	lk_arena_free(arena);
}

static struct gate_answer
ask(enum gate_purpose purpose, unsigned shown, unsigned has)
{
	struct gate_question question = {.purpose = purpose, .shown = shown, .has = has};
	struct gate_answer answer;

	gate_ask(&asker, &subject, &question, &answer);
	return answer;
}

/* The shipped policies, said again in plain C. */
static enum gate_verdict
proofs_say(enum gate_purpose purpose, unsigned shown, unsigned has)
{
	bool has_code = (shown & (T | R | D)) != 0, may_code = (has & (T | R)) != 0;

	if (purpose == GATE_HOST || purpose == GATE_SESSION)
		return GATE_ALLOW;
	if (purpose == GATE_UNLOCK && (shown & (T | D)) != 0)
		return GATE_ALLOW;
	if (purpose == GATE_UNLOCK)
		return (has & T) != 0 ? GATE_MORE : GATE_DENY;
	if (purpose == GATE_RESET && has_code)
		return GATE_ALLOW;
	if (purpose == GATE_RESET)
		return may_code ? GATE_MORE : GATE_DENY;
	if ((shown & P) != 0 && has_code)
		return GATE_ALLOW;
	if (may_code || (has_code && (has & P) != 0))
		return GATE_MORE;
	return (shown & P) != 0 ? GATE_ENROL : GATE_DENY;
}

static enum gate_verdict
oracle(enum gate_purpose purpose, unsigned shown, unsigned has, bool is_too_old)
{
	enum dir_state state = subject.person.state;
	bool is_back_door = purpose == GATE_RESET || purpose == GATE_UNLOCK ||
			    purpose == GATE_SESSION;
	bool is_by_hand = subject.person.wrong_count == 0;
	enum gate_verdict verdict = proofs_say(purpose, shown, has);

	if (state != DIR_OPEN && !(state == DIR_LOCKED && is_back_door))
		return GATE_DENY;
	if (state == DIR_LOCKED && purpose == GATE_SESSION && is_by_hand)
		return GATE_DENY;
	if (verdict == GATE_DENY || verdict == GATE_MORE || is_back_door)
		return verdict;
	if (purpose == GATE_CHANGE)
		return is_too_old ? GATE_ALLOW : GATE_DENY;
	return is_too_old ? GATE_PASSWORD : verdict;
}

static void
check_one(enum gate_purpose purpose, unsigned shown, unsigned has, bool is_too_old)
{
	struct gate_answer answer = ask(purpose, shown, has);
	enum gate_verdict want = oracle(purpose, shown, has, is_too_old);

	if (answer.verdict != want)
		fail_msg("state %d purpose %d shown %u has %u old %d: %x, not %x",
			 subject.person.state, purpose, shown, has, is_too_old, answer.verdict,
			 want);
	assert_int_equal(gate_pass_check(&answer, &subject, purpose), want == GATE_ALLOW);
	if (want == GATE_MORE)
		assert_true((answer.missing & ~(shown) & (has | P)) != 0);
	if (want == GATE_DENY)
		assert_int_not_equal(answer.why, LK_OK);
}

static void
every_state_purpose_and_proof_as_the_policies_say(void **state)
{
	struct world *world = *state;
	int count = 0;

	begin(world);
	for (int entry = DIR_OPEN; entry <= DIR_LEFT; entry++)
		for (unsigned bits = 0; bits < 2 * 768; bits++) {
			unsigned shown = (bits & 7) | ((bits & 8) != 0 ? D : 0);
			unsigned has =
			    P | ((bits >> 4 & 1) != 0 ? T : 0) | ((bits >> 5 & 1) != 0 ? R : 0);
			bool is_too_old = (bits >> 6 & 1) != 0;

			subject.person.state = (enum dir_state)entry;
			subject.person.must_change = is_too_old;
			subject.person.wrong_count = bits < 768 ? 0 : 5;
			check_one((enum gate_purpose)(GATE_SIGNIN + (bits >> 7) % 6), shown, has,
				  is_too_old);
			count++;
		}
	assert_int_equal(count, 5 * 2 * 768);
	end();
}

static void
nobody_passes_and_no_pass_is_anothers(void **state)
{
	struct world *world = *state;
	struct fake_person *bo = fake_dir_add(&world->dir, "bo01", OLD_PASSWORD);
	struct subject other;
	struct gate_answer answer;

	begin(world);
	other = (struct subject){.is_known = true, .person = bo->person};
	answer = ask(GATE_SIGNIN, P | T, P | T);
	assert_true(gate_pass_check(&answer, &subject, GATE_SIGNIN));
	assert_false(gate_pass_check(&answer, &subject, GATE_RESET));
	assert_false(gate_pass_check(&answer, &subject, GATE_CHANGE));
	assert_false(gate_pass_check(&answer, &other, GATE_SIGNIN));
	subject.is_known = false;
	assert_false(gate_pass_check(&answer, &subject, GATE_SIGNIN));
	for (int purpose = GATE_SIGNIN; purpose <= GATE_SESSION; purpose++) {
		answer = ask((enum gate_purpose)purpose, P | T | R, P | T | R);
		assert_int_equal(answer.verdict, GATE_DENY);
	}
	end();
}

static void
grace_lets_an_expired_password_in_but_not_a_temporary_one(void **state)
{
	struct world *world = *state;
	struct gate_question question = {
	    .purpose = GATE_SIGNIN, .shown = P | T, .has = P | T, .is_in_grace = true};
	struct gate_answer answer;

	begin(world);
	subject.person.password_expires_at_s = HELP_START_S;
	gate_ask(&asker, &subject, &question, &answer);
	assert_int_equal(answer.verdict, GATE_ALLOW);
	question.is_in_grace = false;
	gate_ask(&asker, &subject, &question, &answer);
	assert_int_equal(answer.verdict, GATE_PASSWORD);
	assert_int_equal(answer.why, LK_E_PASSWORD_EXPIRED);
	question.is_in_grace = true;
	subject.person.must_change = true;
	gate_ask(&asker, &subject, &question, &answer);
	assert_int_equal(answer.why, LK_E_PASSWORD_MUST_CHANGE);
	end();
}

static void
a_password_the_policy_fixes_is_not_reset_and_everything_else_goes_on(void **state)
{
	struct world *world = *state;

	begin(world);
	subject.person.is_password_fixed = true;
	assert_int_equal(ask(GATE_RESET, T, P | T).verdict, GATE_DENY);
	assert_int_equal(ask(GATE_RESET, T, P | T).why, LK_E_PASSWORD_NOT_ALLOWED);
	assert_int_equal(ask(GATE_SIGNIN, P | T, P | T).verdict, GATE_ALLOW);
	assert_int_equal(ask(GATE_UNLOCK, T, P | T).verdict, GATE_ALLOW);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)
	    TEST(every_state_purpose_and_proof_as_the_policies_say),
	    TEST(nobody_passes_and_no_pass_is_anothers),
	    TEST(a_password_the_policy_fixes_is_not_reset_and_everything_else_goes_on),
	    TEST(grace_lets_an_expired_password_in_but_not_a_temporary_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
