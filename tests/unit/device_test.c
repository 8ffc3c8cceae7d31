/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "flow/device.h"
#include "support/crypto_help.h"

#define DAY_S	 86400
#define NOW_S	 ((int64_t)20000 * DAY_S)
#define MAX_DAYS 180

static struct crypto_ring *ring, *other_ring;

static struct device_who
who(const char *person, int64_t now_s)
{
	return (struct device_who){ring, lk_str_c(person), now_s};
}

static struct lk_str
added(const char *person, int64_t now_s, struct lk_str cookie, struct lk_arena *arena)
{
	struct device_who of = who(person, now_s);

	return device_add(&of, cookie, arena);
}

static bool
is_known(const char *person, int64_t now_s, struct lk_str cookie)
{
	struct device_who of = who(person, now_s);

	return device_is_known(&of, cookie, MAX_DAYS);
}

static void
known_to_whoever_signed_in_and_to_nobody_else(void **state)
{
	struct lk_str none = {NULL, 0}, one, two;

	one = added("asha", NOW_S, none, *state);
	two = added("bo", NOW_S, one, *state);
	assert_false(is_known("asha", NOW_S, none));
	assert_true(is_known("asha", NOW_S, one));
	assert_false(is_known("bo", NOW_S, one));
	assert_true(is_known("asha", NOW_S, two));
	assert_true(is_known("bo", NOW_S, two));
}

static void
known_for_so_many_days_and_never_in_the_future(void **state)
{
	struct lk_str cookie = added("asha", NOW_S, (struct lk_str){NULL, 0}, *state);

	assert_true(is_known("asha", NOW_S + (MAX_DAYS - 1) * DAY_S, cookie));
	assert_false(is_known("asha", NOW_S + MAX_DAYS * DAY_S, cookie));
	assert_false(is_known("asha", NOW_S - DAY_S, cookie));
}

static void
with_another_key_nobody_is_known(void **state)
{
	struct lk_str cookie = added("asha", NOW_S, (struct lk_str){NULL, 0}, *state);
	struct device_who of = {other_ring, LK_STR("asha"), NOW_S};

	assert_false(device_is_known(&of, cookie, MAX_DAYS));
}

/* A tag is bound to the device, the person and the day. */
static void
no_byte_of_it_can_be_changed(void **state)
{
	struct lk_str cookie = added("asha", NOW_S, (struct lk_str){NULL, 0}, *state);
	char forged[DEVICE_MAX_BYTES];

	for (size_t i = 0; i < cookie.len; i++) {
		memcpy(forged, cookie.ptr, cookie.len);
		forged[i] = forged[i] == 'A' ? 'B' : 'A';
		assert_false(is_known("asha", NOW_S, lk_str_n(forged, cookie.len)));
		assert_false(is_known("asha", NOW_S, lk_str_n(cookie.ptr, i)));
	}
}

static void
the_last_six_people_stay_and_it_fits_a_cookie(void **state)
{
	struct lk_str cookie = {NULL, 0};
	char name[24];

	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof name, "person%d", i);
		cookie = added(name, NOW_S, cookie, *state);
		assert_true(cookie.len <= DEVICE_MAX_BYTES);
	}
	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof name, "person%d", i);
		assert_int_equal(is_known(name, NOW_S, cookie), i >= 4);
	}
	for (int i = 0; i < 20; i++)
		cookie = added("asha", NOW_S + i * DAY_S, cookie, *state);
	assert_true(is_known("person9", NOW_S + DAY_S, cookie));
}

static void
it_keeps_its_name_until_it_is_not_ours(void **state)
{
	struct lk_str cookie = added("asha", NOW_S, (struct lk_str){NULL, 0}, *state);
	struct lk_str later = added("asha", NOW_S + DAY_S, cookie, *state);
	struct crypto_digest one, two;

	assert_true(device_key(ring, cookie, &one));
	assert_true(device_key(ring, later, &two));
	assert_true(crypto_digest_is_equal(&one, &two));
	assert_true(lk_str_is_equal(device_need(cookie, *state), cookie));
	assert_false(device_key(ring, LK_STR("not ours"), &one));
	assert_int_equal(device_need(LK_STR("not ours"), *state).len, CRYPTO_TOKEN_LEN);
}

static int
begin(void **state)
{
	if (help_begin(state) != 0)
		return -1;
	ring = help_ring("1 " KEY_A "\n");
	other_ring = help_ring("1 " KEY_B "\n");
	return 0;
}

static int
end(void **state)
{
	crypto_ring_free(ring);
	crypto_ring_free(other_ring);
	return help_end(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_to_whoever_signed_in_and_to_nobody_else),
	    cmocka_unit_test(known_for_so_many_days_and_never_in_the_future),
	    cmocka_unit_test(with_another_key_nobody_is_known),
	    cmocka_unit_test(no_byte_of_it_can_be_changed),
	    cmocka_unit_test(the_last_six_people_stay_and_it_fits_a_cookie),
	    cmocka_unit_test(it_keeps_its_name_until_it_is_not_ours),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
