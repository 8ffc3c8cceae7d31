/* SPDX-License-Identifier: MIT */
#include "http/certificate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gnutls/x509.h>

#include "http/pem.h"

#define CHAIN_MAX    16u
#define KEY_ID_BYTES 64u

struct certificate {
	gnutls_pcert_st chain[CHAIN_MAX]; /* that of the service first */
	unsigned len;
	gnutls_privkey_t key;
	int64_t begins_at_s, ends_at_s;
	struct lk_buf pem; /* as it was read: the same again is nothing new */
	/* What certificates keeps. */
	size_t held_count;
	struct certificate *next; /* that came after it */
};

struct certificates {
	pthread_mutex_t lock;
	struct certificate *oldest, *newest;
};

/* See certificates_use. */
static _Thread_local struct certificates *shown_here;

/* --- one ------------------------------------------------------------------------------------- */

void
certificate_free(struct certificate *certificate)
{
	if (certificate == NULL)
		return;
	for (unsigned i = 0; i < certificate->len; i++)
		gnutls_pcert_deinit(&certificate->chain[i]);
	if (certificate->key != NULL)
		gnutls_privkey_deinit(certificate->key);
	lk_buf_done(&certificate->pem);
	free(certificate);
}

static gnutls_datum_t
datum_of(const struct lk_buf *buf)
{
	return (gnutls_datum_t){(unsigned char *)buf->bytes, (unsigned)buf->len};
}

static enum lk_err
refused(const char *path, const char *words, int code, struct lk_why *why)
{
	lk_why_add(why, "%s %s: %s", path, words, gnutls_strerror(code));
	return code == GNUTLS_E_MEMORY_ERROR ? LK_E_MEMORY : LK_E_FORMAT;
}

/* Behind the first, into the order in which each is signed by the next, as TLS wants it. */
static int
chain_import(struct certificate *certificate)
{
	gnutls_datum_t pem = datum_of(&certificate->pem);
	gnutls_x509_crt_t *each = NULL;
	unsigned count = 0, len;
	int code = gnutls_x509_crt_list_import2(&each, &count, &pem, GNUTLS_X509_FMT_PEM, 0);

	if (code < 0)
		return code;
	len = count;
	code = count > CHAIN_MAX ? GNUTLS_E_SHORT_MEMORY_BUFFER
				 : gnutls_pcert_import_x509_list(certificate->chain, each, &len,
								 GNUTLS_X509_CRT_LIST_SORT);
	for (unsigned i = 0; i < count; i++)
		gnutls_x509_crt_deinit(each[i]);
	gnutls_free(each);
	if (code >= 0)
		certificate->len = len;
	return code;
}

static int
times_read(struct certificate *certificate)
{
	gnutls_x509_crt_t first = NULL;
	int code = gnutls_pcert_export_x509(&certificate->chain[0], &first);

	if (code < 0)
		return code;
	certificate->begins_at_s = (int64_t)gnutls_x509_crt_get_activation_time(first);
	certificate->ends_at_s = (int64_t)gnutls_x509_crt_get_expiration_time(first);
	gnutls_x509_crt_deinit(first);
	return 0;
}

static int
key_import(struct certificate *certificate, const struct lk_buf *pem)
{
	gnutls_datum_t datum = datum_of(pem);
	int code = gnutls_privkey_init(&certificate->key);

	if (code < 0)
		return code;
	return gnutls_privkey_import_x509_raw(certificate->key, &datum, GNUTLS_X509_FMT_PEM, NULL,
					      0);
}

struct key_id {
	unsigned char bytes[KEY_ID_BYTES];
	size_t len;
};

static int
key_id_read(gnutls_pubkey_t key, struct key_id *out)
{
	*out = (struct key_id){.len = sizeof out->bytes};
	return gnutls_pubkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, out->bytes, &out->len);
}

/* Is it the key of the chain's first? */
static bool
fits(const struct certificate *certificate)
{
	struct key_id shown, own;
	gnutls_pubkey_t half = NULL;
	bool does_fit = false;

	if (gnutls_pubkey_init(&half) < 0)
		return false;
	does_fit = gnutls_pubkey_import_privkey(half, certificate->key, 0, 0) >= 0 &&
		   key_id_read(half, &own) >= 0 &&
		   key_id_read(certificate->chain[0].pubkey, &shown) >= 0 && own.len == shown.len &&
		   memcmp(own.bytes, shown.bytes, own.len) == 0;
	gnutls_pubkey_deinit(half);
	return does_fit;
}

static enum lk_err
certificate_fill(struct certificate *certificate, const struct conf *conf, struct lk_buf *key,
		 struct lk_why *why)
{
	enum lk_err err = pem_read(conf, why, &certificate->pem, key);
	int code;

	if (err != LK_OK)
		return err;
	code = chain_import(certificate);
	if (code >= 0)
		code = times_read(certificate);
	if (code < 0)
		return refused(conf->tls_certificate_file, "is no certificate chain", code, why);
	code = key_import(certificate, key);
	if (code < 0)
		return refused(conf->tls_key_file, "is no private key", code, why);
	if (fits(certificate))
		return LK_OK;
	lk_why_add(why, "%s is not the key of %s", conf->tls_key_file, conf->tls_certificate_file);
	return LK_E_FORMAT;
}

enum lk_err
certificate_read(const struct conf *conf, struct lk_why *why, struct certificate **out)
{
	struct certificate *certificate = calloc(1, sizeof *certificate);
	LK_AUTO_BUF key = {0};
	enum lk_err err;

	if (certificate == NULL)
		return LK_E_MEMORY;
	err = certificate_fill(certificate, conf, &key, why);
	if (err != LK_OK) {
		certificate_free(certificate);
		return err;
	}
	*out = certificate;
	return LK_OK;
}

static void
instant_write(int64_t at_s, char out[32])
{
	time_t at = (time_t)at_s;
	struct tm parts;

	out[0] = '\0';
	if (gmtime_r(&at, &parts) != NULL)
		(void)strftime(out, 32, "%Y-%m-%d %H:%M:%S UTC", &parts);
}

enum lk_err
certificate_time_check(const struct certificate *certificate, int64_t now_s, struct lk_why *why)
{
	char at[32];

	if (now_s >= certificate->begins_at_s && now_s < certificate->ends_at_s)
		return LK_OK;
	instant_write(now_s < certificate->begins_at_s ? certificate->begins_at_s
						       : certificate->ends_at_s,
		      at);
	lk_why_add(why, "the certificate %s %s",
		   now_s < certificate->begins_at_s ? "does not count before" : "expired at", at);
	return LK_E_FORMAT;
}

/* --- the one that is shown ------------------------------------------------------------------- */

struct certificates *
certificates_new(struct certificate *owned_first)
{
	struct certificates *certificates = calloc(1, sizeof *certificates);

	if (certificates == NULL || pthread_mutex_init(&certificates->lock, NULL) != 0) {
		free(certificates);
		certificate_free(owned_first);
		return NULL;
	}
	certificates->oldest = certificates->newest = owned_first;
	return certificates;
}

void
certificates_free(struct certificates *certificates)
{
	struct certificate *next;

	if (certificates == NULL)
		return;
	for (struct certificate *at = certificates->oldest; at != NULL; at = next) {
		next = at->next;
		certificate_free(at);
	}
	pthread_mutex_destroy(&certificates->lock);
	free(certificates);
}

/* Under the lock. An older one that is held keeps all after it. */
static void
old_free(struct certificates *certificates)
{
	while (certificates->oldest != certificates->newest &&
	       certificates->oldest->held_count == 0) {
		struct certificate *old = certificates->oldest;

		certificates->oldest = old->next;
		certificate_free(old);
	}
}

bool
certificates_put(struct certificates *certificates, struct certificate *owned)
{
	bool is_new;

	(void)pthread_mutex_lock(&certificates->lock);
	is_new = !lk_str_is_equal(lk_buf_str(&certificates->newest->pem), lk_buf_str(&owned->pem));
	if (is_new) {
		certificates->newest->next = owned;
		certificates->newest = owned;
		old_free(certificates);
	}
	(void)pthread_mutex_unlock(&certificates->lock);
	if (!is_new)
		certificate_free(owned);
	return is_new;
}

struct certificate *
certificates_hold(struct certificates *certificates)
{
	struct certificate *certificate;

	(void)pthread_mutex_lock(&certificates->lock);
	certificate = certificates->newest;
	certificate->held_count++;
	(void)pthread_mutex_unlock(&certificates->lock);
	return certificate;
}

void
certificates_drop(struct certificates *certificates, struct certificate *certificate)
{
	(void)pthread_mutex_lock(&certificates->lock);
	certificate->held_count--;
	old_free(certificates);
	(void)pthread_mutex_unlock(&certificates->lock);
}

enum lk_err
certificates_time_check(struct certificates *certificates, int64_t now_s, struct lk_why *why)
{
	struct certificate *certificate = certificates_hold(certificates);
	enum lk_err err = certificate_time_check(certificate, now_s, why);

	certificates_drop(certificates, certificate);
	return err;
}

size_t
certificates_count(struct certificates *certificates)
{
	size_t count = 0;

	(void)pthread_mutex_lock(&certificates->lock);
	for (const struct certificate *at = certificates->oldest; at != NULL; at = at->next)
		count++;
	(void)pthread_mutex_unlock(&certificates->lock);
	return count;
}

/* --- handshakes ------------------------------------------------------------------------------ */

void
certificates_use(struct certificates *certificates)
{
	shown_here = certificates;
}

/* What is given stays there without a hold of its own: the connection's is as old, or older. */
int
certificates_retrieve(gnutls_session_t session, const gnutls_datum_t *authorities, int count,
		      const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
		      gnutls_pcert_st **out_chain, unsigned *out_len, gnutls_privkey_t *out_key)
{
	struct certificate *certificate;

	(void)session;
	(void)authorities;
	(void)count;
	(void)algorithms;
	(void)algorithm_count;
	if (shown_here == NULL)
		return -1;
	(void)pthread_mutex_lock(&shown_here->lock);
	certificate = shown_here->newest;
	(void)pthread_mutex_unlock(&shown_here->lock);
	*out_chain = certificate->chain;
	*out_len = certificate->len;
	*out_key = certificate->key;
	return 0;
}
