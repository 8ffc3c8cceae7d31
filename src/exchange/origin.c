/* SPDX-License-Identifier: MIT */
#include "exchange/origin.h"

#include <stdio.h>
#include <string.h>

#include "conf/address.h"

#define LANGUAGES_MAX  32 /* pieces of Accept-Language looked at */
#define PORT_HTTP      80
#define PORT_HTTPS     443
#define SUBNET_BYTES   8u /* of IPv6: what one customer has, /64 */
#define WEIGHT_DEFAULT 1000

/* --- who sent it ---------------------------------------------------------------------------- */

static uint16_t
port_or_default(uint16_t port, bool is_https)
{
	if (port != 0)
		return port;
	return is_https ? PORT_HTTPS : PORT_HTTP;
}

static bool
is_base_url(const struct conf *conf, struct lk_str origin)
{
	struct conf_url ours, theirs;

	if (!conf_url_split(lk_str_c(conf->base_url), &ours) || !conf_url_split(origin, &theirs))
		return false;
	return lk_str_is_equal(ours.scheme, theirs.scheme) &&
	       lk_str_is_equal_nocase(ours.host, theirs.host) &&
	       port_or_default(ours.port, conf->is_https) ==
		   port_or_default(theirs.port, conf->is_https) &&
	       !theirs.has_user && theirs.rest.len == 0;
}

bool
origin_is_same(const struct conf *conf, const struct origin_headers *headers)
{
	struct lk_str origin = headers->origin, site = headers->sec_fetch_site;
	bool has_origin = origin.ptr != NULL && !lk_str_is(origin, "null");

	if (!has_origin && site.ptr == NULL)
		return true; /* nothing is said: the form key decides */
	if (has_origin && !is_base_url(conf, origin))
		return false;
	return site.ptr == NULL || lk_str_is(site, "same-origin") || lk_str_is(site, "none");
}

/* "HOST" or "HOST:PORT", name as it stands in an address; the port written in one way only. */
static bool
is_host(struct lk_str host, struct lk_str name, uint16_t port, bool is_https)
{
	struct lk_str tail = lk_str_from(host, name.len);
	char port_text[8];

	if (!lk_str_is_equal_nocase(lk_str_n(host.ptr, host.len - tail.len), name))
		return false;
	if (tail.len == 0)
		return port == port_or_default(0, is_https);
	snprintf(port_text, sizeof port_text, ":%u", (unsigned)port);
	return lk_str_is(tail, port_text);
}

/* Without its ":PORT"; brackets stay. */
static struct lk_str
name_of(struct lk_str authority, struct lk_str port_text)
{
	return lk_str_n(authority.ptr,
			port_text.len > 0 ? authority.len - port_text.len - 1 : authority.len);
}

/* Host as browsers send it: what base_url has behind its scheme. */
static bool
is_authority(struct lk_str base, struct lk_str host)
{
	size_t scheme_len = base.len - host.len;

	return host.len > 0 && host.len < base.len &&
	       lk_str_ends(lk_str_n(base.ptr, scheme_len), "://") &&
	       lk_str_is_equal_nocase(lk_str_from(base, scheme_len), host);
}

bool
origin_host_check(const struct conf *conf, struct lk_str host)
{
	struct lk_str base = lk_str_c(conf->base_url), listen = lk_str_c(conf->listen.text);
	struct conf_url url;

	if (is_authority(base, host))
		return true;
	if (!conf_url_split(base, &url))
		return false;
	base = lk_str_from(base, url.scheme.len + strlen("://"));
	if (is_host(host, name_of(base, url.port_text), port_or_default(url.port, conf->is_https),
		    conf->is_https))
		return true;
	return listen.len > 0 && lk_str_is_equal_nocase(host, listen);
}

/* --- from where ----------------------------------------------------------------------------- */

static bool
is_trusted(const struct conf *conf, struct lk_str address)
{
	struct conf_network network;
	struct conf_ip ip;
	size_t i;

	if (!conf_ip_read(address, &ip))
		return false;
	for (i = 0; i < conf->trusted_proxies.count; i++) {
		if (conf_network_read(lk_str_c(conf->trusted_proxies.items[i]), &network) &&
		    conf_network_has(&network, &ip))
			return true;
	}
	return false;
}

/* Cuts the last piece off *rest, without brackets and port. False when it is no address. */
static bool
last_take(struct lk_str *rest, struct lk_str *out)
{
	const char *comma = memrchr(rest->ptr, ',', rest->len);
	struct lk_str piece =
	    comma == NULL ? *rest : lk_str_from(*rest, (size_t)(comma - rest->ptr) + 1);
	struct conf_ip ip;
	uint16_t port;

	*rest = lk_str_n(rest->ptr, comma == NULL ? 0 : (size_t)(comma - rest->ptr));
	piece = lk_str_trim(piece);
	if (lk_str_starts(piece, "[") && lk_str_ends(piece, "]"))
		piece = lk_str_n(piece.ptr + 1, piece.len - 2);
	else if (!conf_ip_read(piece, &ip) && !conf_host_port_split(piece, &piece, &port))
		return false;
	if (!conf_ip_read(piece, &ip))
		return false;
	*out = piece;
	return true;
}

struct lk_str
origin_address(const struct conf *conf, struct lk_str peer, struct lk_str forwarded_for)
{
	struct lk_str address = peer;
	int hops = 0;

	while (forwarded_for.len > 0 && hops++ < ORIGIN_HOPS_MAX && is_trusted(conf, address)) {
		if (!last_take(&forwarded_for, &address))
			break;
	}
	return address;
}

void
origin_address_key(const struct crypto_ring *ring, struct lk_str address, struct crypto_digest *out)
{
	static const uint8_t four[12] = {[10] = 0xff, [11] = 0xff};
	struct lk_str piece = address;
	struct conf_ip ip;

	if (conf_ip_read(address, &ip)) {
		if (memcmp(ip.bytes, four, sizeof four) != 0)
			memset(ip.bytes + SUBNET_BYTES, 0, sizeof ip.bytes - SUBNET_BYTES);
		piece = lk_str_n((const char *)ip.bytes, sizeof ip.bytes);
	}
	crypto_digest_make(ring, CRYPTO_ADDRESS, &piece, 1, out);
}

/* --- language ------------------------------------------------------------------------------- */

/* "1", "0.8", "0.125" in thousandths; -1 when malformed. RFC 9110 s12.4.2. */
static int
weight_read(struct lk_str text)
{
	int weight, unit = 100;

	if (text.len == 0 || text.len > 5 || (text.ptr[0] != '0' && text.ptr[0] != '1'))
		return -1;
	weight = (text.ptr[0] - '0') * 1000;
	text = lk_str_from(text, 1);
	if (text.len > 0 && text.ptr[0] != '.')
		return -1;
	for (text = lk_str_from(text, 1); text.len > 0; text = lk_str_from(text, 1), unit /= 10) {
		if (text.ptr[0] < '0' || text.ptr[0] > '9')
			return -1;
		weight += (text.ptr[0] - '0') * unit;
	}
	return weight <= 1000 ? weight : -1;
}

/* Of one piece, "cy-GB;q=0.8"; *out_name is what stands before '-' and ';'. */
static int
weight_of(struct lk_str piece, struct lk_str *out_name)
{
	size_t end = lk_str_find(piece, ';');
	struct lk_str name = lk_str_trim(lk_str_n(piece.ptr, end));
	struct lk_str weight = lk_str_trim(lk_str_from(piece, end + 1));

	*out_name = lk_str_n(name.ptr, lk_str_find(name, '-'));
	if (end == piece.len)
		return WEIGHT_DEFAULT;
	return lk_str_starts(weight, "q=") ? weight_read(lk_str_from(weight, 2)) : -1;
}

static enum lang
lang_of(struct lk_str name)
{
	if (lk_str_is_equal_nocase(name, LK_STR("cy")))
		return LANG_CY;
	return lk_str_is_equal_nocase(name, LK_STR("en")) || lk_str_is(name, "*") ? LANG_EN : 0;
}

/* The heaviest; of two alike the first. */
enum lang
origin_language(struct lk_str cookie, struct lk_str accept_language)
{
	enum lang lang = LANG_EN, this;
	int count = 0, weight, most = 0;
	struct lk_str piece, name;

	if (lk_str_is(cookie, "en") || lk_str_is(cookie, "cy"))
		return lang_of(cookie);
	while (count++ < LANGUAGES_MAX && lk_str_split(&accept_language, ',', &piece)) {
		weight = weight_of(piece, &name);
		this = lang_of(name);
		if (this == 0 || weight <= most)
			continue;
		lang = this;
		most = weight;
	}
	return lang;
}

/* --- device --------------------------------------------------------------------------------- */

/* What User-Agent holds → what people say. The first row that fits counts. */
struct word {
	const char *mark;
	const char *said;
};
static const struct word browsers[] = {
    {"Edg", "Edge"},
    {"OPR/", "Opera"},
    {"SamsungBrowser/", "Samsung Internet"},
    {"Firefox/", "Firefox"},
    {"FxiOS/", "Firefox"},
    {"Chromium/", "Chromium"},
    {"HeadlessChrome/", "Chromium"},
    {"Chrome/", "Chrome"},
    {"CriOS/", "Chrome"},
    {"Safari/", "Safari"},
};
static const struct word machines[] = {
    {"iPhone", "iPhone"},   {"iPad", "iPad"},	  {"Android", "Android"}, {"CrOS", "Chromebook"},
    {"Windows", "Windows"}, {"Macintosh", "Mac"}, {"Linux", "Linux"},
};

static const char *
said_find(const struct word *words, size_t count, struct lk_str agent)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (agent.len > 0 &&
		    memmem(agent.ptr, agent.len, words[i].mark, strlen(words[i].mark)) != NULL)
			return words[i].said;
	}
	return NULL;
}

struct lk_str
origin_device_name(struct lk_arena *arena, struct lk_str agent)
{
	const char *browser = said_find(browsers, sizeof browsers / sizeof browsers[0], agent);
	const char *machine = said_find(machines, sizeof machines / sizeof machines[0], agent);
	struct lk_str name = lk_str_c(browser == NULL ? "a browser" : browser), both;

	if (machine == NULL)
		return name;
	both = lk_arena_printf(arena, "%s on %s", name.ptr, machine);
	return both.ptr == NULL ? name : both;
}
