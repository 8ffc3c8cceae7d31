/* SPDX-License-Identifier: MIT */
#include "conf/address.h"

#include <arpa/inet.h>
#include <string.h>

#define IP_TEXT_MAX_BYTES 45u

bool
conf_ip_read(struct lk_str text, struct conf_ip *out)
{
	static const uint8_t four[12] = {[10] = 0xff, [11] = 0xff};
	char copy[IP_TEXT_MAX_BYTES + 1];
	struct conf_ip ip;

	if (text.len == 0 || text.len > IP_TEXT_MAX_BYTES || lk_str_find(text, '\0') < text.len)
		return false;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	memcpy(ip.bytes, four, sizeof four);
	if (inet_pton(AF_INET, copy, ip.bytes + 12) != 1 &&
	    inet_pton(AF_INET6, copy, ip.bytes) != 1)
		return false;
	*out = ip;
	return true;
}

bool
conf_ip_is_loopback(const struct conf_ip *ip)
{
	static const struct conf_network four = {.ip.bytes = {[10] = 0xff, [11] = 0xff, [12] = 127},
						 .bits = 104};
	static const struct conf_network six = {.ip.bytes = {[15] = 1}, .bits = 128};

	return conf_network_has(&four, ip) || conf_network_has(&six, ip);
}

/* Bits behind the prefix must be 0: 10.1.0.0/8 is a slip more often than a wish. */
static bool
is_network(const struct conf_network *network)
{
	unsigned bit;

	for (bit = network->bits; bit < 128; bit++) {
		if ((network->ip.bytes[bit / 8] >> (7 - bit % 8) & 1) != 0)
			return false;
	}
	return true;
}

bool
conf_network_read(struct lk_str text, struct conf_network *out)
{
	size_t slash = lk_str_find(text, '/');
	struct lk_str host = lk_str_n(text.ptr, slash);
	bool is_four = lk_str_find(host, ':') == host.len;
	struct conf_network network;
	uint64_t bits = is_four ? 32 : 128;

	if (!conf_ip_read(host, &network.ip))
		return false;
	if (slash < text.len && !lk_str_to_u64(lk_str_from(text, slash + 1), &bits))
		return false;
	if (bits > (is_four ? 32u : 128u))
		return false;
	network.bits = (unsigned)bits + (is_four ? 96u : 0u);
	if (!is_network(&network))
		return false;
	*out = network;
	return true;
}

bool
conf_network_has(const struct conf_network *network, const struct conf_ip *ip)
{
	unsigned whole = network->bits / 8, part = network->bits % 8;

	if (memcmp(network->ip.bytes, ip->bytes, whole) != 0)
		return false;
	if (part == 0)
		return true;
	return ((network->ip.bytes[whole] ^ ip->bytes[whole]) >> (8 - part)) == 0;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_scheme(struct lk_str s)
{
	size_t i;

	if (s.len == 0 || !is_letter(s.ptr[0]))
		return false;
	for (i = 1; i < s.len; i++) {
		if (!is_letter(s.ptr[i]) && (s.ptr[i] < '0' || s.ptr[i] > '9') && s.ptr[i] != '+' &&
		    s.ptr[i] != '-' && s.ptr[i] != '.')
			return false;
	}
	return true;
}

static bool
is_host_name(struct lk_str s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		if (!is_letter(s.ptr[i]) && (s.ptr[i] < '0' || s.ptr[i] > '9') && s.ptr[i] != '-' &&
		    s.ptr[i] != '.' && s.ptr[i] != '_')
			return false;
	}
	return s.len <= 253;
}

static bool
port_read(struct lk_str text, uint16_t *out)
{
	uint64_t port;

	if (text.len > 5 || !lk_str_to_u64(text, &port) || port == 0 || port > 65535)
		return false;
	*out = (uint16_t)port;
	return true;
}

/* Cuts HOST or [V6] off *rest. */
static bool
host_take(struct lk_str *rest, struct lk_str *out_host)
{
	struct conf_ip ip;
	size_t end;

	if (!lk_str_starts(*rest, "[")) {
		end = lk_str_find(*rest, ':');
		*out_host = lk_str_n(rest->ptr, end);
		*rest = lk_str_from(*rest, end);
		return is_host_name(*out_host);
	}
	end = lk_str_find(*rest, ']');
	if (end == rest->len)
		return false;
	*out_host = lk_str_n(rest->ptr + 1, end - 1);
	*rest = lk_str_from(*rest, end + 1);
	return lk_str_find(*out_host, ':') < out_host->len && conf_ip_read(*out_host, &ip);
}

bool
conf_host_port_split(struct lk_str text, struct lk_str *out_host, uint16_t *out_port)
{
	struct lk_str host, rest = text;
	uint16_t port;

	if (text.len == 0 || !host_take(&rest, &host) || host.len == 0 || !lk_str_starts(rest, ":"))
		return false;
	if (!port_read(lk_str_from(rest, 1), &port))
		return false;
	*out_host = host;
	*out_port = port;
	return true;
}

/* RFC 3986 s2: these are part of no URL, and browsers read some of them as others. */
static bool
is_printable(struct lk_str s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		if (s.ptr[i] <= 0x20 || s.ptr[i] >= 0x7f ||
		    memchr("\"<>\\^`{|}", s.ptr[i], 9) != NULL)
			return false;
	}
	return true;
}

static size_t
authority_end(struct lk_str s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		if (s.ptr[i] == '/' || s.ptr[i] == '?' || s.ptr[i] == '#')
			break;
	}
	return i;
}

bool
conf_url_split(struct lk_str text, struct conf_url *out)
{
	struct conf_url url = {.port = 0};
	struct lk_str authority;
	size_t end = lk_str_find(text, ':'), at;

	if (!is_printable(text))
		return false;
	url.scheme = lk_str_n(text.ptr, end);
	url.rest = lk_str_from(text, end);
	if (!is_scheme(url.scheme) || !lk_str_starts(url.rest, "://"))
		return false;
	url.rest = lk_str_from(url.rest, 3);
	end = authority_end(url.rest);
	authority = lk_str_n(url.rest.ptr, end);
	url.rest = lk_str_from(url.rest, end);
	for (at = lk_str_find(authority, '@'); at < authority.len;
	     at = lk_str_find(authority, '@')) {
		url.has_user = true;
		authority = lk_str_from(authority, at + 1);
	}
	if (authority.len > 0 && !host_take(&authority, &url.host))
		return false;
	url.port_text = lk_str_from(authority, 1);
	if (authority.len > 0 &&
	    (!lk_str_starts(authority, ":") || !port_read(url.port_text, &url.port)))
		return false;
	*out = url;
	return true;
}
