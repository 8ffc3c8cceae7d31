/* SPDX-License-Identifier: MIT */
#include "mailer/reach.h"

/* The whole of IPv4 as we write it, and what is handed out of IPv6. */
static const char *const open_networks[] = {"::ffff:0:0/96", "2000::/3"};
/* Out of these. */
static const char *const closed_networks[] = {
    "0.0.0.0/8",	"10.0.0.0/8",	    "100.64.0.0/10",  "127.0.0.0/8",
    "169.254.0.0/16",	"172.16.0.0/12",    "192.0.0.0/24",   "192.0.2.0/24",
    "192.88.99.0/24",	"192.168.0.0/16",   "198.18.0.0/15",  "198.51.100.0/24",
    "203.0.113.0/24",	"224.0.0.0/4",	    "240.0.0.0/4",    "2001::/23",
    "2001:db8::/32",	"2002::/16",	    "3fff::/20",
};

static bool
is_in(const char *const *networks, size_t count, const struct conf_ip *ip)
{
	struct conf_network network;

	for (size_t i = 0; i < count; i++) {
		if (conf_network_read(lk_str_c(networks[i]), &network) &&
		    conf_network_has(&network, ip))
			return true;
	}
	return false;
}

bool
reach_check(const struct conf_list *allowed, const struct conf_ip *ip)
{
	if (is_in(allowed->items, allowed->count, ip))
		return true;
	return is_in(open_networks, sizeof open_networks / sizeof *open_networks, ip) &&
	       !is_in(closed_networks, sizeof closed_networks / sizeof *closed_networks, ip);
}
