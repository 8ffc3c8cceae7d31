/* SPDX-License-Identifier: MIT */
/* Addresses as people write them. Pure but for inet_pton; asks no name server. */
#ifndef LK_CONF_ADDRESS_H
#define LK_CONF_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* An IP address in network order; IPv4 as ::ffff:a.b.c.d, so that both compare alike. */
struct conf_ip {
	uint8_t bytes[16];
};
/* Without brackets. False when text is no IPv4 or IPv6 address. */
bool
conf_ip_read(struct lk_str text, struct conf_ip *out);
/* 127.0.0.0/8 and ::1. */
bool
conf_ip_is_loopback(const struct conf_ip *ip);

/* "10.0.0.0/8", "2001:db8::/32", or one address. */
struct conf_network {
	struct conf_ip ip;
	unsigned bits; /* 0 to 128 */
};
bool
conf_network_read(struct lk_str text, struct conf_network *out);
bool
conf_network_has(const struct conf_network *network, const struct conf_ip *ip);

/* Pieces of an address with a scheme, borrowed from it. */
struct conf_url {
	struct lk_str scheme;	 /* lower case is not enforced by splitting */
	struct lk_str host;	 /* without brackets; empty when none is there */
	struct lk_str port_text; /* digits, or empty */
	uint16_t port;		 /* 0: none given */
	struct lk_str rest;	 /* from the first '/', '?' or '#' on; may be empty */
	bool has_user;		 /* an '@' stood before the host */
};
/* False when it is not SCHEME://[HOST[:PORT]][/…] in printable ASCII without blanks. */
bool
conf_url_split(struct lk_str text, struct conf_url *out);
/* "HOST:PORT", "[V6]:PORT"; port from 1. False for anything else. */
bool
conf_host_port_split(struct lk_str text, struct lk_str *out_host, uint16_t *out_port);

#endif
