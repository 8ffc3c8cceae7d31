/* SPDX-License-Identifier: MIT */
/* Inside src/http only: the certificate and its key. */
#ifndef LK_HTTP_PEM_H
#define LK_HTTP_PEM_H

#include "base/buf.h"
#include "conf/conf.h"

/*
 * Read what conf names; both stay empty when it names none. A key that others may read is refused.
 * Wipe out_key (lk_buf_done) as soon as the library has it.
 *
 * Returns: LK_OK · LK_E_FORMAT why says what is wrong with which file
 */
enum lk_err
pem_read(const struct conf *conf, struct lk_why *why, struct lk_buf *out_certificate,
	 struct lk_buf *out_key) LK_MUST_CHECK;

#endif
