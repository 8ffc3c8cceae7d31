/* SPDX-License-Identifier: MIT */
/*
 * Which addresses may be called. What an application's registration names is written by somebody
 * else: it must not lead us to machines only we can reach. Pure.
 */
#ifndef LK_MAILER_REACH_H
#define LK_MAILER_REACH_H

#include "conf/address.h"
#include "conf/value.h"

/*
 * Is it an address of the open internet, or in one of the networks of allowed? Asked of what a name
 * stood for as the connection is made, so that no name can change its mind in between.
 *
 * Source: IANA's special-purpose address registries (RFC 6890); RFC 4291 s2.5.5.
 */
bool
reach_check(const struct conf_list *allowed, const struct conf_ip *ip);

#endif
