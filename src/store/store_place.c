/* SPDX-License-Identifier: MIT */
#include "store/store_place.h"

#include <string.h>

static bool
copy(char *out, size_t room, struct lk_str text)
{
	if (text.len == 0 || text.len >= room || lk_str_find(text, '\0') < text.len)
		return false;
	memcpy(out, text.ptr, text.len);
	out[text.len] = '\0';
	return true;
}

static bool
number(struct lk_str text, uint64_t max, int *out)
{
	uint64_t value;

	if (!lk_str_to_u64(text, &value) || value > max)
		return false;
	*out = (int)value;
	return true;
}

/* What stands before separator in *rest; *rest keeps what is behind it, or nothing. */
static struct lk_str
before(struct lk_str *rest, char separator)
{
	size_t at = lk_str_find(*rest, separator);
	struct lk_str piece = lk_str_n(rest->ptr, at);

	*rest = at < rest->len ? lk_str_from(*rest, at + 1) : lk_str_n(NULL, 0);
	return piece;
}

static bool
read_unix(struct lk_str rest, struct store_place *place)
{
	struct lk_str path = before(&rest, '?');

	if (!lk_str_starts(path, "/") || !copy(place->path, sizeof place->path, path))
		return false;
	if (rest.ptr == NULL)
		return true;
	return lk_str_starts(rest, "db=") &&
	       number(lk_str_from(rest, strlen("db=")), 1023, &place->database);
}

static bool
read_tcp(struct lk_str rest, struct store_place *place)
{
	struct lk_str where = before(&rest, '/'), host;

	if (rest.len > 0 && !number(rest, 1023, &place->database))
		return false;
	if (lk_str_starts(where, "[")) {
		where = lk_str_from(where, 1);
		host = before(&where, ']');
		if (where.ptr != NULL && where.len > 0 && !lk_str_starts(where, ":"))
			return false;
		where = lk_str_from(where, 1);
	} else {
		host = before(&where, ':');
	}
	if (where.len > 0 && (!number(where, 65535, &place->port) || place->port == 0))
		return false;
	return copy(place->host, sizeof place->host, host);
}

bool
store_place_read(struct lk_str url, struct store_place *out)
{
	struct store_place place = {.port = 6379};
	bool is_fine = false;

	if (lk_str_starts(url, "redis://"))
		is_fine = read_tcp(lk_str_from(url, strlen("redis://")), &place);
	else if (lk_str_starts(url, "unix://"))
		is_fine = read_unix(lk_str_from(url, strlen("unix://")), &place);
	if (is_fine)
		*out = place;
	return is_fine;
}
