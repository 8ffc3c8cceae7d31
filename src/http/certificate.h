/* SPDX-License-Identifier: MIT */
/*
 * Inside src/http only: the certificate that handshakes show from now on, and those of before for
 * as long as a connection may use them.
 *
 * A connection holds the one that held when it began, and its handshake may show that or any later
 * one: GnuTLS goes on reading what it was given until the handshake is over. So certificates are
 * freed in the order they came, each when no connection holds it or an older one any more.
 */
#ifndef LK_HTTP_CERTIFICATE_H
#define LK_HTTP_CERTIFICATE_H

#include <stddef.h>
#include <stdint.h>

#include <gnutls/abstract.h>

#include "http/http.h"

/*
 * What conf names, read and looked at: a chain, and the key of its first certificate.
 *
 *   out  yours: certificate_free, or certificates_new or _put takes it
 *
 * Time:    some ms; nothing is kept of the files.
 * Returns: LK_OK · LK_E_FORMAT why says what is wrong with which file · LK_E_MEMORY
 */
enum lk_err
certificate_read(const struct conf *conf, struct lk_why *why, struct certificate **out)
    LK_MUST_CHECK;
/* Nobody may hold it. NULL is fine. */
void
certificate_free(struct certificate *certificate);
/* Does it count at this time? LK_E_FORMAT: why says that it is over, or not begun. */
enum lk_err
certificate_time_check(const struct certificate *certificate, int64_t now_s, struct lk_why *why)
    LK_MUST_CHECK;

struct certificates;

/* owned_first is taken over, also without memory: NULL. */
struct certificates *
certificates_new(struct certificate *owned_first) LK_MUST_CHECK;
/* No connection may be there any more. NULL is fine. */
void
certificates_free(struct certificates *certificates);
/*
 * From now on handshakes show this one. False: it is the one they show already; it is freed.
 *
 * Threads: any, as all below.
 */
bool
certificates_put(struct certificates *certificates, struct certificate *owned);
/* The one that is shown now; give it back when the connection is closed. */
struct certificate *
certificates_hold(struct certificates *certificates);
void
certificates_drop(struct certificates *certificates, struct certificate *certificate);
/* As certificate_time_check of the one that is shown now. */
enum lk_err
certificates_time_check(struct certificates *certificates, int64_t now_s,
			struct lk_why *why) LK_MUST_CHECK;
/* How many are kept. */
size_t
certificates_count(struct certificates *certificates);

/*
 * This thread's handshakes show these. The library gives the callback no context of ours, and runs
 * each handshake in the thread of its worker: so the thread knows. NULL: none are shown.
 */
void
certificates_use(struct certificates *certificates);
/* gnutls_certificate_retrieve_function2, for MHD_OPTION_HTTPS_CERT_CALLBACK. */
int
certificates_retrieve(gnutls_session_t session, const gnutls_datum_t *authorities, int count,
		      const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
		      gnutls_pcert_st **out_chain, unsigned *out_len, gnutls_privkey_t *out_key);

#endif
