/* SPDX-License-Identifier: MIT */
/* Settings of a service behind two proxies, for tests. */
#ifndef LK_TESTS_ORIGIN_HELP_H
#define LK_TESTS_ORIGIN_HELP_H

#include "exchange/origin.h"

static inline struct conf
help_origin_conf(const char *base_url)
{
	static const char *const proxies[] = {"10.0.0.0/8", "2001:db8:ffff::/48", NULL};

	return (struct conf){
	    .base_url = base_url,
	    .is_https = lk_str_starts(lk_str_c(base_url), "https://"),
	    .listen = {.text = "127.0.0.1:8080", .host = "127.0.0.1", .port = 8080},
	    .trusted_proxies = {proxies, 2},
	};
}

#endif
