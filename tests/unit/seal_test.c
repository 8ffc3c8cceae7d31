/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/secret_bytes.h"
#include "support/crypto_help.h"

static struct lk_str
seal(struct crypto_ring *ring, struct lk_arena *arena, const char *context, const char *plain)
{
	struct lk_str blob = {NULL, 0};

	assert_int_equal(crypto_seal(ring, lk_str_c(context), lk_str_c(plain), arena, &blob),
			 LK_OK);
	return blob;
}

static void
what_was_sealed_opens(void **state)
{
	struct crypto_ring *ring = help_ring("1 " KEY_A);
	struct lk_str blob = seal(ring, *state, "person-1", "seed"), again;
	struct lk_secret *plain = NULL;

	assert_int_equal(blob.len, 4 + CRYPTO_SEAL_EXTRA_BYTES);
	assert_int_equal(crypto_open(ring, LK_STR("person-1"), blob, *state, &plain), LK_OK);
	assert_true(lk_str_is(lk_secret_bytes(plain), "seed"));
	again = seal(ring, *state, "person-1", "seed");
	assert_false(lk_str_is_equal(blob, again)); /* a nonce of its own */
	blob = seal(ring, *state, "", "");
	assert_int_equal(crypto_open(ring, lk_str_n(NULL, 0), blob, *state, &plain), LK_OK);
	assert_int_equal(lk_secret_len(plain), 0);
	crypto_ring_free(ring);
}

static void
a_secret_is_sealed_with_its_byte_0(void **state)
{
	struct crypto_ring *ring = help_ring("1 " KEY_A);
	struct lk_secret *plain = NULL, *secret = help_secret(*state, "a\0b", 3);
	struct lk_str blob;

	assert_int_equal(crypto_seal_secret(ring, LK_STR("x"), secret, *state, &blob), LK_OK);
	assert_int_equal(crypto_open(ring, LK_STR("x"), blob, *state, &plain), LK_OK);
	assert_true(lk_secret_is_equal(plain, secret));
	crypto_ring_free(ring);
}

static void
a_blob_moved_to_another_person_does_not_open(void **state)
{
	struct crypto_ring *ring = help_ring("1 " KEY_A);
	struct lk_str blob = seal(ring, *state, "person-1", "seed");
	struct lk_secret *plain = NULL;

	assert_int_equal(crypto_open(ring, LK_STR("person-2"), blob, *state, &plain), LK_E_FORMAT);
	assert_int_equal(crypto_open(ring, LK_STR("person-1\0"), blob, *state, &plain),
			 LK_E_FORMAT);
	assert_int_equal(crypto_open(ring, LK_STR(""), blob, *state, &plain), LK_E_FORMAT);
	assert_null(plain);
	crypto_ring_free(ring);
}

static void
no_flipped_bit_and_no_cut_opens(void **state)
{
	struct crypto_ring *ring = help_ring("1 " KEY_A);
	struct lk_str blob = seal(ring, *state, "person-1", "seed");
	struct lk_secret *plain = NULL;
	char copy[64];
	size_t i;

	for (i = 0; i < blob.len * 8; i++) {
		memcpy(copy, blob.ptr, blob.len);
		copy[i / 8] = (char)(copy[i / 8] ^ (1 << (i % 8)));
		assert_int_equal(
		    crypto_open(ring, LK_STR("person-1"), lk_str_n(copy, blob.len), *state, &plain),
		    LK_E_FORMAT);
	}
	for (i = 0; i < blob.len; i++)
		assert_int_equal(
		    crypto_open(ring, LK_STR("person-1"), lk_str_n(blob.ptr, i), *state, &plain),
		    LK_E_FORMAT);
	assert_null(plain);
	crypto_ring_free(ring);
}

static void
the_key_number_is_bound_too(void **state)
{
	/* The same key under two numbers: only the number in the additional data tells them apart.
	 */
	struct crypto_ring *ring = help_ring("1 " KEY_A "\n2 " KEY_A);
	struct lk_str blob = seal(ring, *state, "p", "seed");
	struct lk_secret *plain = NULL;
	char copy[64];

	memcpy(copy, blob.ptr, blob.len);
	copy[4] = 1;
	assert_int_equal(crypto_open(ring, LK_STR("p"), lk_str_n(copy, blob.len), *state, &plain),
			 LK_E_FORMAT);
	crypto_ring_free(ring);
}

static void
after_a_key_change_old_opens_and_new_seals(void **state)
{
	struct crypto_ring *old = help_ring("1 " KEY_A);
	struct crypto_ring *both = help_ring("1 " KEY_A "\n2 " KEY_B);
	struct crypto_ring *new = help_ring("2 " KEY_B);
	struct lk_str before = seal(old, *state, "p", "seed");
	struct lk_str after = seal(both, *state, "p", "seed");
	struct lk_secret *plain = NULL;

	assert_int_equal(crypto_open(both, LK_STR("p"), before, *state, &plain), LK_OK);
	assert_false(crypto_seal_is_current(both, before));
	assert_true(crypto_seal_is_current(both, after));
	assert_int_equal(crypto_open(new, LK_STR("p"), after, *state, &plain), LK_OK);
	assert_int_equal(crypto_open(new, LK_STR("p"), before, *state, &plain), LK_E_FORMAT);
	assert_int_equal(crypto_open(old, LK_STR("p"), after, *state, &plain), LK_E_FORMAT);
	assert_false(crypto_seal_is_current(both, LK_STR("")));
	assert_int_equal(crypto_seal_key_id(before), 1);
	assert_int_equal(crypto_seal_key_id(after), 2);
	assert_int_equal(crypto_seal_key_id(LK_STR("no seal")), 0);
	crypto_ring_free(old);
	crypto_ring_free(both);
	crypto_ring_free(new);
}

static void
too_much_is_refused(void **state)
{
	static char large[CRYPTO_SEAL_MAX_BYTES + 1];
	struct crypto_ring *ring = help_ring("1 " KEY_A);
	struct lk_arena *small = lk_arena_new(64, 64);
	struct lk_str blob = {NULL, 0};

	assert_int_equal(
	    crypto_seal(ring, LK_STR("p"), lk_str_n(large, sizeof large), *state, &blob),
	    LK_E_FORMAT);
	assert_int_equal(crypto_seal(ring, lk_str_n(large, CRYPTO_CONTEXT_MAX_BYTES + 1),
				     LK_STR("x"), *state, &blob),
			 LK_E_FORMAT);
	assert_int_equal(crypto_seal(ring, LK_STR("p"), lk_str_n(large, 100), small, &blob),
			 LK_E_MEMORY);
	assert_null(blob.ptr);
	lk_arena_free(small);
	crypto_ring_free(ring);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_sealed_opens),
	    cmocka_unit_test(a_secret_is_sealed_with_its_byte_0),
	    cmocka_unit_test(a_blob_moved_to_another_person_does_not_open),
	    cmocka_unit_test(no_flipped_bit_and_no_cut_opens),
	    cmocka_unit_test(the_key_number_is_bound_too),
	    cmocka_unit_test(after_a_key_change_old_opens_and_new_seals),
	    cmocka_unit_test(too_much_is_refused),
	};

	return cmocka_run_group_tests(tests, help_begin, help_end);
}
