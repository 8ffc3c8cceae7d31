/* SPDX-License-Identifier: MIT */
/* Certificates: what may be shown, and how long one that was shown is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gnutls/x509.h>

#include "http/certificate.h"
#include "support/files_help.h"

#define NOW_S 1796000000
#define DAY_S 86400

static char folder[HELP_PATH_BYTES], chain_path[HELP_PATH_BYTES], key_path[HELP_PATH_BYTES];
static struct conf conf;

/* --- made on the spot ------------------------------------------------------------------------ */

struct pair {
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t certificate;
};

/* of: who signs it; NULL: itself. */
static void
pair_make(struct pair *pair, const struct pair *of)
{
	static unsigned char serial = 1;

	assert_int_equal(gnutls_x509_privkey_init(&pair->key), 0);
	assert_int_equal(gnutls_x509_privkey_generate(pair->key, GNUTLS_PK_ECDSA,
						      GNUTLS_CURVE_TO_BITS(
							  GNUTLS_ECC_CURVE_SECP256R1),
						      0),
			 0);
	assert_int_equal(gnutls_x509_crt_init(&pair->certificate), 0);
	assert_int_equal(gnutls_x509_crt_set_version(pair->certificate, 3), 0);
	assert_int_equal(gnutls_x509_crt_set_key(pair->certificate, pair->key), 0);
	assert_int_equal(gnutls_x509_crt_set_serial(pair->certificate, &serial, 1), 0);
	assert_int_equal(gnutls_x509_crt_set_dn(pair->certificate,
						of == NULL ? "CN=ca" : "CN=service", NULL),
			 0);
	assert_int_equal(gnutls_x509_crt_set_ca_status(pair->certificate, of == NULL), 0);
	assert_int_equal(gnutls_x509_crt_set_activation_time(pair->certificate, NOW_S), 0);
	assert_int_equal(gnutls_x509_crt_set_expiration_time(pair->certificate, NOW_S + DAY_S), 0);
	if (of == NULL)
		of = pair;
	assert_int_equal(gnutls_x509_crt_sign2(pair->certificate, of->certificate, of->key,
					       GNUTLS_DIG_SHA256, 0),
			 0);
	serial++;
}

static void
pair_done(struct pair *pair)
{
	gnutls_x509_crt_deinit(pair->certificate);
	gnutls_x509_privkey_deinit(pair->key);
}

static void
pem_add(const char *path, const gnutls_datum_t *pem, const char *mode)
{
	FILE *file = fopen(path, mode);

	assert_non_null(file);
	assert_int_equal(fwrite(pem->data, 1, pem->size, file), pem->size);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static void
certificate_write(const struct pair *pair, const char *mode)
{
	gnutls_datum_t pem;

	assert_int_equal(gnutls_x509_crt_export2(pair->certificate, GNUTLS_X509_FMT_PEM, &pem), 0);
	pem_add(chain_path, &pem, mode);
	gnutls_free(pem.data);
}

static void
key_write(const struct pair *pair)
{
	gnutls_datum_t pem;

	assert_int_equal(gnutls_x509_privkey_export2(pair->key, GNUTLS_X509_FMT_PEM, &pem), 0);
	pem_add(key_path, &pem, "w");
	gnutls_free(pem.data);
}

/* A new pair in the files; what was read of them. */
static struct certificate *
renewed(void)
{
	struct certificate *certificate = NULL;
	struct lk_why why = {.len = 0};
	struct pair pair;

	pair_make(&pair, NULL);
	certificate_write(&pair, "w");
	key_write(&pair);
	pair_done(&pair);
	assert_int_equal(certificate_read(&conf, &why, &certificate), LK_OK);
	return certificate;
}

static int
begin(void **state)
{
	(void)state;
	help_folder(folder);
	conf.tls_certificate_file = help_path(chain_path, folder, "chain.pem");
	conf.tls_key_file = help_path(key_path, folder, "key.pem");
	return 0;
}

static int
end(void **state)
{
	(void)state;
	certificates_use(NULL);
	help_folder_remove(folder);
	return 0;
}

static int
retrieve(gnutls_pcert_st **out_chain, unsigned *out_len)
{
	gnutls_privkey_t key = NULL;
	int code = certificates_retrieve(NULL, NULL, 0, NULL, 0, out_chain, out_len, &key);

	assert_int_equal(key == NULL, code < 0);
	return code;
}

/* --- read ------------------------------------------------------------------------------------ */

static void
assert_refused(const char *words)
{
	struct certificate *certificate = NULL;
	struct lk_why why = {.len = 0};

	assert_int_equal(certificate_read(&conf, &why, &certificate), LK_E_FORMAT);
	assert_null(certificate);
	if (strstr(why.text, words) == NULL)
		fail_msg("'%s' does not say '%s'", why.text, words);
}

static void
what_cannot_be_used_is_named(void **state)
{
	struct pair one, other;

	(void)state;
	assert_refused("key.pem");
	pair_make(&one, NULL);
	pair_make(&other, NULL);
	key_write(&one);
	assert_refused("chain.pem cannot be read: No such file");
	help_write(folder, "chain.pem", 0600, "");
	assert_refused("chain.pem is empty");
	help_write(folder, "chain.pem", 0600, "nonsense\n");
	assert_refused("chain.pem is no certificate chain");
	certificate_write(&other, "w");
	assert_refused("key.pem is not the key of ");
	certificate_write(&one, "w");
	help_write(folder, "key.pem", 0600, "nonsense\n");
	assert_refused("key.pem is no private key");
	key_write(&one);
	assert_int_equal(chmod(key_path, 0640), 0);
	assert_refused("key.pem");
	for (int i = 0; i < 20; i++)
		certificate_write(&other, "a");
	assert_int_equal(chmod(key_path, 0600), 0);
	assert_refused("chain.pem is no certificate chain");
	pair_done(&one);
	pair_done(&other);
}

/* All of it, the service's own first. */
static void
a_chain_is_shown_whole(void **state)
{
	struct certificate *certificate = NULL;
	struct certificates *certificates;
	struct lk_why why = {.len = 0};
	struct pair ca, service;
	gnutls_pcert_st *chain = NULL;
	gnutls_x509_crt_t first;
	unsigned len = 0;

	(void)state;
	pair_make(&ca, NULL);
	pair_make(&service, &ca);
	certificate_write(&service, "w");
	certificate_write(&ca, "a");
	key_write(&service);
	assert_int_equal(certificate_read(&conf, &why, &certificate), LK_OK);
	certificates = certificates_new(certificate);
	certificates_use(certificates);
	assert_int_equal(retrieve(&chain, &len), 0);
	assert_int_equal(len, 2);
	assert_int_equal(gnutls_pcert_export_x509(&chain[0], &first), 0);
	assert_true(gnutls_x509_crt_equals(first, service.certificate));
	gnutls_x509_crt_deinit(first);
	certificates_free(certificates);
	pair_done(&ca);
	pair_done(&service);
}

static void
it_counts_from_its_first_second_to_before_its_last(void **state)
{
	struct certificate *certificate = renewed();
	struct lk_why why = {.len = 0};

	(void)state;
	assert_int_equal(certificate_time_check(certificate, NOW_S, &why), LK_OK);
	assert_int_equal(certificate_time_check(certificate, NOW_S + DAY_S - 1, &why), LK_OK);
	assert_int_equal(why.len, 0);
	assert_int_equal(certificate_time_check(certificate, NOW_S - 1, &why), LK_E_FORMAT);
	assert_string_equal(why.text,
			    "the certificate does not count before 2026-11-30 00:53:20 UTC");
	lk_why_clear(&why);
	assert_int_equal(certificate_time_check(certificate, NOW_S + DAY_S, &why), LK_E_FORMAT);
	assert_string_equal(why.text, "the certificate expired at 2026-12-01 00:53:20 UTC");
	certificate_free(certificate);
}

/* --- shown and kept -------------------------------------------------------------------------- */

static void
without_certificates_of_this_thread_no_handshake_goes_on(void **state)
{
	gnutls_pcert_st *chain = NULL;
	unsigned len = 0;

	(void)state;
	assert_true(retrieve(&chain, &len) < 0);
	assert_null(chain);
}

static void
one_of_before_goes_at_once_when_nobody_holds_it(void **state)
{
	struct certificates *certificates = certificates_new(renewed());

	(void)state;
	assert_true(certificates_put(certificates, renewed()));
	assert_int_equal(certificates_count(certificates), 1);
	certificates_free(certificates);
}

static void
the_same_again_changes_nothing(void **state)
{
	struct certificates *certificates = certificates_new(renewed());
	struct certificate *held = certificates_hold(certificates), *again = NULL;
	struct lk_why why = {.len = 0};

	(void)state;
	assert_int_equal(certificate_read(&conf, &why, &again), LK_OK);
	assert_false(certificates_put(certificates, again));
	assert_int_equal(certificates_count(certificates), 1);
	assert_ptr_equal(certificates_hold(certificates), held);
	certificates_free(certificates);
}

static void
a_held_one_stays_until_it_is_given_back(void **state)
{
	struct certificates *certificates = certificates_new(renewed());
	struct certificate *first = certificates_hold(certificates);
	struct certificate *again = certificates_hold(certificates);

	(void)state;
	assert_ptr_equal(first, again);
	assert_true(certificates_put(certificates, renewed()));
	assert_int_equal(certificates_count(certificates), 2);
	certificates_drop(certificates, first);
	assert_int_equal(certificates_count(certificates), 2);
	certificates_drop(certificates, again);
	assert_int_equal(certificates_count(certificates), 1);
	certificates_free(certificates);
}

/* It began under the first and its handshake was shown the second: that must not go before it. */
static void
a_handshake_that_was_shown_a_later_one_than_it_holds_keeps_it(void **state)
{
	struct certificates *certificates = certificates_new(renewed());
	struct certificate *first = certificates_hold(certificates), *third;
	gnutls_pcert_st *chain = NULL;
	gnutls_datum_t der;
	unsigned len = 0;

	(void)state;
	certificates_use(certificates);
	assert_true(certificates_put(certificates, renewed()));
	assert_int_equal(retrieve(&chain, &len), 0);
	assert_true(certificates_put(certificates, renewed()));
	third = certificates_hold(certificates);
	assert_true(certificates_put(certificates, renewed()));
	assert_int_equal(certificates_count(certificates), 4);
	der = chain[0].cert;
	assert_int_equal(der.data[0], 0x30); /* a sanitizer says when it is gone */
	certificates_drop(certificates, first);
	assert_int_equal(certificates_count(certificates), 2);
	certificates_drop(certificates, third);
	assert_int_equal(certificates_count(certificates), 1);
	certificates_free(certificates);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	    TEST(what_cannot_be_used_is_named),
	    TEST(a_chain_is_shown_whole),
	    TEST(it_counts_from_its_first_second_to_before_its_last),
	    TEST(without_certificates_of_this_thread_no_handshake_goes_on),
	    TEST(one_of_before_goes_at_once_when_nobody_holds_it),
	    TEST(the_same_again_changes_nothing),
	    TEST(a_held_one_stays_until_it_is_given_back),
	    TEST(a_handshake_that_was_shown_a_later_one_than_it_holds_keeps_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
