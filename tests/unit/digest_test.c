/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "crypto/fingerprint.h"
#include "support/crypto_help.h"

static struct crypto_digest
digest(const struct crypto_ring *ring, enum crypto_purpose purpose, const char *a, const char *b)
{
	struct lk_str pieces[2] = {lk_str_c(a), lk_str_c(b)};
	struct crypto_digest out;

	crypto_digest_make(ring, purpose, pieces, b == NULL ? 1 : 2, &out);
	return out;
}

static void
purposes_and_splits_never_meet(void **state)
{
	struct crypto_ring *ring = help_ring("1 " KEY_A);
	struct crypto_digest first = digest(ring, CRYPTO_SESSION, "ab", "c"), other;
	enum crypto_purpose p;

	(void)state;
	for (p = CRYPTO_SESSION; p < CRYPTO_PURPOSE_COUNT; p++) {
		other = digest(ring, p, "ab", "c");
		assert_true(crypto_digest_is_equal(&first, &other) == (p == CRYPTO_SESSION));
	}
	other = digest(ring, CRYPTO_SESSION, "a", "bc");
	assert_false(crypto_digest_is_equal(&first, &other));
	other = digest(ring, CRYPTO_SESSION, "abc", NULL);
	assert_false(crypto_digest_is_equal(&first, &other));
	first = digest(ring, CRYPTO_SESSION, "abc", "");
	assert_false(crypto_digest_is_equal(&first, &other));
	crypto_ring_free(ring);
}

static void
store_keys_stay_the_same_over_a_key_change(void **state)
{
	struct crypto_ring *old = help_ring("1 " KEY_A);
	struct crypto_ring *both = help_ring("1 " KEY_A "\n2 " KEY_B);
	struct crypto_ring *new = help_ring("2 " KEY_B);
	struct crypto_digest a = digest(old, CRYPTO_TOKEN, "x", NULL);
	struct crypto_digest b = digest(both, CRYPTO_TOKEN, "x", NULL);
	struct crypto_digest c = digest(new, CRYPTO_TOKEN, "x", NULL);

	(void)state;
	assert_true(crypto_digest_is_equal(&a, &b));
	assert_false(crypto_digest_is_equal(&a, &c));
	crypto_ring_free(old);
	crypto_ring_free(both);
	crypto_ring_free(new);
}

static void
a_named_key_is_used_or_missed(void **state)
{
	struct crypto_ring *both = help_ring("1 " KEY_A "\n2 " KEY_B);
	struct crypto_ring *new = help_ring("2 " KEY_B);
	struct crypto_digest want = digest(new, CRYPTO_AUDIT, "x", NULL), got;
	struct lk_str piece = LK_STR("x");

	(void)state;
	assert_int_equal(
	    crypto_digest_under(both, (struct crypto_digest_key){CRYPTO_AUDIT, 2}, &piece, 1, &got),
	    LK_OK);
	assert_true(crypto_digest_is_equal(&want, &got));
	assert_int_equal(
	    crypto_digest_under(both, (struct crypto_digest_key){CRYPTO_AUDIT, 3}, &piece, 1, &got),
	    LK_E_NOT_FOUND);
	crypto_ring_free(both);
	crypto_ring_free(new);
}

static void
a_secret_stands_last_with_all_its_bytes(void **state)
{
	struct crypto_ring *ring = help_ring("1 " KEY_A);
	struct lk_str pieces[2] = {LK_STR("who"), LK_STR("pass")};
	struct crypto_digest a, b;

	crypto_digest_make(ring, CRYPTO_WRONG_PASSWORD, pieces, 2, &a);
	crypto_digest_secret(ring, CRYPTO_WRONG_PASSWORD, (struct crypto_pieces){pieces, 1},
			     help_secret(*state, "pass", 4), &b);
	assert_true(crypto_digest_is_equal(&a, &b));
	crypto_digest_secret(ring, CRYPTO_WRONG_PASSWORD, (struct crypto_pieces){pieces, 1},
			     help_secret(*state, "pass\0", 5), &b);
	assert_false(crypto_digest_is_equal(&a, &b));
	crypto_digest_secret(ring, CRYPTO_WRONG_PASSWORD, (struct crypto_pieces){pieces, 2}, NULL,
			     &b);
	assert_true(crypto_digest_is_equal(&a, &b));
	crypto_ring_free(ring);
}

static struct crypto_digest
keyed(const char *key, enum crypto_purpose purpose, const char *a, const char *b)
{
	struct lk_str pieces[2] = {lk_str_c(a), lk_str_c(b)};
	struct lk_secret *secret = lk_secret_new(lk_str_n(key, CRYPTO_KEY_BYTES));
	struct crypto_digest out;

	assert_non_null(secret);
	crypto_digest_keyed(secret, purpose, pieces, 2, &out);
	lk_secret_free(secret);
	return out;
}

/* Changing how it is made would make strangers of everybody at pairwise applications: notice. */
static void
a_secret_of_its_own_needs_no_ring_and_always_gives_the_same(void **state)
{
	static const char key[] = "thirty-two bytes of no real use.", other[] =
	    "thirty-two bytes of no real use!";
	struct crypto_digest first = keyed(key, CRYPTO_PAIRWISE, "shop", "asha");
	struct crypto_digest others[] = {
	    keyed(other, CRYPTO_PAIRWISE, "shop", "asha"),
	    keyed(key, CRYPTO_SID, "shop", "asha"),
	    keyed(key, CRYPTO_PAIRWISE, "sho", "pasha"),
	    keyed(key, CRYPTO_PAIRWISE, "till", "asha"),
	};
	struct lk_str text = crypto_base64url_make(
	    lk_str_n((const char *)first.bytes, sizeof first.bytes), *state);

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_false(crypto_digest_is_equal(&first, &others[i]));
	assert_string_equal(text.ptr, "FbkDmuRjqRIl9sMNkQRHLPmRbVdG8elVMIgzRVwXGx0");
}

static void
a_secret_and_a_byte_0_is_another_secret(void **state)
{
	(void)state;
	assert_true(crypto_is_equal(LK_STR("key"), LK_STR("key")));
	assert_false(crypto_is_equal(LK_STR("key"), LK_STR("key\0")));
	assert_false(crypto_is_equal(LK_STR("key\0a"), LK_STR("key\0b")));
	assert_false(crypto_is_equal(LK_STR("key"), LK_STR("")));
	assert_true(crypto_is_equal(LK_STR(""), lk_str_n(NULL, 0)));
}

/* Changing how digests or sub-keys are made would end every session: notice. */
static void
a_digest_is_what_it_always_was(void **state)
{
	struct crypto_ring *ring = help_ring("1 " KEY_A);
	struct crypto_digest got = digest(ring, CRYPTO_SESSION, "ab", "c");
	struct lk_str text =
	    crypto_base64url_make(lk_str_n((const char *)got.bytes, sizeof got.bytes), *state);

	assert_string_equal(text.ptr, "xW8snpqOWE3ZRiYFugKPWWZEhHDVMtdOS_p31bkjnE0");
	crypto_ring_free(ring);
}

static void
a_fingerprint_is_of_its_bytes_and_its_key(void **state)
{
	struct crypto_fingerprint_key key, other_key;
	struct crypto_fingerprint first, other;

	(void)state;
	crypto_fingerprint_key_make(&key);
	crypto_fingerprint_key_make(&other_key);
	crypto_fingerprint_make(&key, LK_STR("a question"), &first);
	crypto_fingerprint_make(&key, LK_STR("a question"), &other);
	assert_true(crypto_fingerprint_is_equal(&first, &other));
	crypto_fingerprint_make(&key, LK_STR("a questiom"), &other);
	assert_false(crypto_fingerprint_is_equal(&first, &other));
	crypto_fingerprint_make(&key, LK_STR(""), &other);
	assert_false(crypto_fingerprint_is_equal(&first, &other));
	crypto_fingerprint_make(&other_key, LK_STR("a question"), &other);
	assert_false(crypto_fingerprint_is_equal(&first, &other));
	other = first;
	other.half[1]++;
	assert_false(crypto_fingerprint_is_equal(&first, &other));
}

static void
a_fingerprint_of_a_list_is_of_its_pieces(void **state)
{
	static char most[CRYPTO_FINGERPRINT_LIST_MAX_BYTES];
	const struct lk_str lists[][2] = {
	    {LK_STR("ab"), LK_STR("c")}, {LK_STR("a"), LK_STR("bc")}, {LK_STR("c"), LK_STR("ab")},
	    {LK_STR(""), LK_STR("abc")}, {LK_STR("abc"), LK_STR("")},
	};
	enum { LIST_COUNT = sizeof lists / sizeof lists[0] };
	struct crypto_fingerprint_key key;
	struct crypto_fingerprint prints[LIST_COUNT], again;
	struct lk_str long_list[] = {lk_str_n(most, sizeof most - 8), lk_str_n(NULL, 0)};

	(void)state;
	crypto_fingerprint_key_make(&key);
	for (size_t i = 0; i < LIST_COUNT; i++) {
		assert_true(crypto_fingerprint_list(&key, lists[i], 2, &prints[i]));
		assert_true(crypto_fingerprint_list(&key, lists[i], 2, &again));
		assert_true(crypto_fingerprint_is_equal(&prints[i], &again));
		for (size_t j = 0; j < i; j++)
			assert_false(crypto_fingerprint_is_equal(&prints[i], &prints[j]));
	}
	assert_true(crypto_fingerprint_list(&key, lists[3] + 1, 1, &again));
	assert_false(crypto_fingerprint_is_equal(&prints[3], &again));
	assert_true(crypto_fingerprint_list(&key, long_list, 2, &again));
	long_list[0].len++;
	assert_false(crypto_fingerprint_list(&key, long_list, 2, &again));
	long_list[0].len = SIZE_MAX;
	assert_false(crypto_fingerprint_list(&key, long_list, 2, &again));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(purposes_and_splits_never_meet),
	    cmocka_unit_test(store_keys_stay_the_same_over_a_key_change),
	    cmocka_unit_test(a_named_key_is_used_or_missed),
	    cmocka_unit_test(a_secret_stands_last_with_all_its_bytes),
	    cmocka_unit_test(a_secret_of_its_own_needs_no_ring_and_always_gives_the_same),
	    cmocka_unit_test(a_secret_and_a_byte_0_is_another_secret),
	    cmocka_unit_test(a_digest_is_what_it_always_was),
	    cmocka_unit_test(a_fingerprint_is_of_its_bytes_and_its_key),
	    cmocka_unit_test(a_fingerprint_of_a_list_is_of_its_pieces),
	};

	return cmocka_run_group_tests(tests, help_begin, help_end);
}
