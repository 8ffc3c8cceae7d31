/* SPDX-License-Identifier: MIT */
/* Headers that say where from, a line each: an address is the peer's or one that reads as an
 * address, a host of ours holds our name, a device has one of our names. */
/* Folders: base conf crypto exchange */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>
#include <string.h>

#include "conf/address.h"
#include "support/origin_help.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

static struct lk_str
line_take(struct lk_str *rest)
{
	struct lk_str line = {NULL, 0};

	return lk_str_split(rest, '\n', &line) ? line : lk_str_n(NULL, 0);
}

static void
try_address(const struct conf *conf, struct lk_str peer, struct lk_str forwarded_for)
{
	struct lk_str address = origin_address(conf, peer, forwarded_for);
	struct conf_ip ip;

	if (address.ptr == peer.ptr) {
		must(address.len == peer.len);
		return;
	}
	must(conf_ip_read(address, &ip));
	must(address.ptr > forwarded_for.ptr - 1 &&
	     address.ptr + address.len <= forwarded_for.ptr + forwarded_for.len);
}

static void
try_device(struct lk_str agent)
{
	struct lk_arena *arena = lk_arena_new(256, 4096);
	struct lk_str name = origin_device_name(arena, agent);
	size_t i;

	must(name.len >= 4 && name.len < 40);
	for (i = 0; i < name.len; i++)
		must(name.ptr[i] == ' ' || (name.ptr[i] >= 'A' && name.ptr[i] <= 'z'));
	lk_arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct conf conf = help_origin_conf("https://signin.example");
	struct lk_str rest = lk_str_n((const char *)bytes, len);
	struct lk_str peer = line_take(&rest), forwarded_for = line_take(&rest), language;
	struct origin_headers headers;
	enum lang lang;

	try_address(&conf, peer, forwarded_for);
	try_address(&conf, LK_STR("10.0.0.1"), forwarded_for);
	headers.host = line_take(&rest);
	headers.origin = line_take(&rest);
	headers.sec_fetch_site = line_take(&rest);
	language = line_take(&rest);
	if (origin_host_check(&conf, headers.host))
		must(headers.host.len >= strlen("signin.example"));
	if (headers.origin.ptr != NULL && !lk_str_is(headers.origin, "null") &&
	    headers.sec_fetch_site.ptr == NULL &&
	    origin_is_same(&conf, &headers))
		must(headers.origin.len >= strlen("https://signin.example"));
	lang = origin_language(headers.host, language);
	must(lang == LANG_EN || lang == LANG_CY);
	try_device(rest);
	return 0;
}
