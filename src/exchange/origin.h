/* SPDX-License-Identifier: MIT */
/*
 * Where does this request come from? Headers in, plain facts out. Pure, fuzzed. Forwarded,
 * X-Forwarded-Host and X-Forwarded-Proto have no say: no link, cookie or check is made from them.
 */
#ifndef LK_EXCHANGE_ORIGIN_H
#define LK_EXCHANGE_ORIGIN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "conf/conf.h"
#include "crypto/crypto.h"
#include "page/page_ids.h"

/* Addresses of X-Forwarded-For looked at, from its end. */
#define ORIGIN_HOPS_MAX 16

/* Header values; nothing when not sent. */
struct origin_headers {
	struct lk_str host, origin, sec_fetch_site, forwarded_for;
};
/*
 * Was this sent by a page of ours? Origin, when there, must be base_url's scheme, host and port;
 * Sec-Fetch-Site, when there, must be same-origin or none. Neither there, or only "Origin: null",
 * says nothing: programs that are no browsers send neither, and older ones on telephones send null
 * for our own pages under Referrer-Policy: no-referrer. Then the form key alone decides, which no
 * other site knows and which needs a cookie that no other site's form brings along.
 *
 * Source: Fetch Standard s3.2 (Origin header); Fetch Metadata s2.2.
 */
bool
origin_is_same(const struct conf *conf, const struct origin_headers *headers);
/* Is Host ours: base_url's host and port, or (for checks by machines) the address we listen on? */
bool
origin_host_check(const struct conf *conf, struct lk_str host);
/*
 * The client's address: peer, or, when peer is a trusted proxy, the last address of X-Forwarded-For
 * that is not one. Malformed pieces end the walk there; brackets and a port are left out. Borrowed
 * from either.
 */
struct lk_str
origin_address(const struct conf *conf, struct lk_str peer, struct lk_str forwarded_for);
/* Digest for limits: IPv4 whole, IPv6 by /64; however the address is written. */
void
origin_address_key(const struct crypto_ring *ring, struct lk_str address,
		   struct crypto_digest *out);
/* LANG_EN or LANG_CY: cookie, then Accept-Language with its weights, else English. */
enum lang
origin_language(struct lk_str cookie, struct lk_str accept_language);
/*
 * "Chromium on Linux", "Safari on iPhone", "a browser": what people call it, from User-Agent. Made
 * of our own words only, whatever was sent.
 */
struct lk_str
origin_device_name(struct lk_arena *arena, struct lk_str agent);

#endif
