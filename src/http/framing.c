/* SPDX-License-Identifier: MIT */
#include "http/framing.h"

#include <string.h>

/* A name whose length need not be counted each time. */
#define NAME(literal)                                                                              \
	{                                                                                          \
		literal, sizeof literal - 1                                                        \
	}

/* Headers two readers could read in two ways when they stand twice. */
static const struct lk_str once[] = {
    NAME("host"),    NAME("content-length"), NAME("transfer-encoding"), NAME("content-type"),
    NAME("cookie"),  NAME("origin"),	     NAME("sec-fetch-site"),	NAME("expect"),
    NAME("upgrade"), NAME("authorization")};
/* No header of ours or of a browser's begins with these and goes on: a folded or cut line does. */
static const struct lk_str whole[] = {NAME("host"), NAME("content-length"),
				      NAME("transfer-encoding")};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool
is_letter_or_digit(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* RFC 9110 s5.6.2. */
static bool
is_token(struct lk_str s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (is_letter_or_digit(c) || c == '-')
			continue;
		if (c <= ' ' || c >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", c) != NULL)
			return false;
	}
	return s.len > 0;
}

/* No control bytes but a tab. */
static bool
is_value(struct lk_str s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static bool
is_named(const struct framing_header *header, struct lk_str name)
{
	return lk_str_is_equal_nocase(header->name, name);
}

static bool
is_name_cut(struct lk_str name)
{
	size_t i;

	for (i = 0; i < COUNT(whole); i++) {
		if (name.len > whole[i].len &&
		    lk_str_is_equal_nocase(lk_str_n(name.ptr, whole[i].len), whole[i]))
			return true;
	}
	return false;
}

static size_t
count_named(const struct framing_head *head, struct lk_str name)
{
	size_t i, count = 0;

	for (i = 0; i < head->count; i++)
		count += is_named(&head->headers[i], name);
	return count;
}

struct lk_str
framing_find(const struct framing_head *head, const char *name)
{
	struct lk_str wanted = lk_str_c(name);
	size_t i;

	for (i = head->count; i > 0; i--) {
		if (is_named(&head->headers[i - 1], wanted))
			return head->headers[i - 1].value;
	}
	return (struct lk_str){NULL, 0};
}

struct lk_str
framing_find_one(const struct framing_head *head, struct lk_str name)
{
	struct lk_str found = {NULL, 0};
	size_t i;

	for (i = 0; i < head->count; i++) {
		if (!is_named(&head->headers[i], name))
			continue;
		if (found.ptr != NULL)
			return LK_STR("");
		found = head->headers[i].value;
	}
	return found;
}

static bool
are_headers_plain(const struct framing_head *head)
{
	size_t i;

	for (i = 0; i < head->count; i++) {
		const struct framing_header *header = &head->headers[i];

		if (!is_token(header->name) || !is_value(header->value) ||
		    is_name_cut(header->name))
			return false;
	}
	for (i = 0; i < COUNT(once); i++) {
		if (count_named(head, once[i]) > 1)
			return false;
	}
	return true;
}

/* One Host in HTTP/1.1, at most one before; nothing in it but a name and a port. */
static bool
is_host_plain(const struct framing_head *head, struct lk_str *out_host)
{
	struct lk_str host = framing_find(head, "host");
	size_t i;

	if (host.len == 0 && lk_str_is(head->version, "HTTP/1.1"))
		return false;
	for (i = 0; i < host.len; i++) {
		if (!is_letter_or_digit((unsigned char)host.ptr[i]) &&
		    strchr(" \t,/@?#\\", host.ptr[i]) != NULL)
			return false;
	}
	*out_host = host;
	return true;
}

/* RFC 9112 s6: chunked and nothing else, only in 1.1, and never beside a length. */
static enum lk_err
length_check(const struct framing_head *head, struct framing_facts *out)
{
	struct lk_str coding = framing_find(head, "transfer-encoding");
	struct lk_str length = framing_find(head, "content-length");
	size_t i;

	if (coding.ptr != NULL && length.ptr != NULL)
		return LK_E_REQUEST_BAD;
	if (coding.ptr != NULL) {
		out->is_chunked = true;
		return lk_str_is(coding, "chunked") && lk_str_is(head->version, "HTTP/1.1")
			   ? LK_OK
			   : LK_E_REQUEST_BAD;
	}
	if (length.ptr == NULL)
		return LK_OK;
	for (i = 0; i < length.len; i++) {
		if (length.ptr[i] < '0' || length.ptr[i] > '9')
			return LK_E_REQUEST_BAD;
	}
	if (length.len == 0)
		return LK_E_REQUEST_BAD;
	if (!lk_str_to_u64(length, &out->body_bytes) || out->body_bytes > FRAMING_BODY_MAX_BYTES)
		return LK_E_REQUEST_TOO_LARGE;
	return LK_OK;
}

static enum lk_err
method_find(struct lk_str method, enum framing_method *out)
{
	if (lk_str_is(method, "GET"))
		*out = FRAMING_GET;
	else if (lk_str_is(method, "HEAD"))
		*out = FRAMING_HEAD;
	else if (lk_str_is(method, "POST"))
		*out = FRAMING_POST;
	else if (lk_str_is(method, "OPTIONS"))
		*out = FRAMING_OPTIONS;
	else
		return is_token(method) ? LK_E_METHOD_NONE : LK_E_REQUEST_BAD;
	return LK_OK;
}

enum lk_err
framing_check(const struct framing_head *head, struct framing_facts *out)
{
	struct framing_facts facts = {0};
	enum lk_err err;

	if (!lk_str_is(head->version, "HTTP/1.1") && !lk_str_is(head->version, "HTTP/1.0"))
		return LK_E_REQUEST_BAD;
	if (head->count > FRAMING_HEADERS_MAX)
		return LK_E_REQUEST_TOO_LARGE;
	if (!are_headers_plain(head) || !is_host_plain(head, &facts.host))
		return LK_E_REQUEST_BAD;
	err = length_check(head, &facts);
	if (err != LK_OK)
		return err;
	err = method_find(head->method, &facts.method);
	if (err != LK_OK)
		return err;
	*out = facts;
	return LK_OK;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* The byte an escape stands for; -1: none that a path may hold. */
static int
escaped_byte(struct lk_str s, size_t at)
{
	int high, low, byte;

	if (s.len - at < 3)
		return -1;
	high = hex_digit(s.ptr[at + 1]);
	low = hex_digit(s.ptr[at + 2]);
	if (high < 0 || low < 0)
		return -1;
	byte = high * 16 + low;
	return byte < ' ' || byte == 0x7f || byte == '/' ? -1 : byte;
}

static enum lk_err
path_decode(struct lk_arena *arena, struct lk_str raw, struct lk_str *out)
{
	char *path = lk_arena_alloc(arena, raw.len + 1);
	size_t i, len = 0;

	if (path == NULL)
		return LK_E_MEMORY;
	for (i = 0; i < raw.len; i++) {
		int byte = (unsigned char)raw.ptr[i];

		if (byte == '%') {
			byte = escaped_byte(raw, i);
			i += 2;
		}
		if (byte < 0)
			return LK_E_REQUEST_BAD;
		path[len++] = (char)byte;
	}
	*out = lk_str_n(path, len);
	return LK_OK;
}

enum lk_err
framing_target_read(struct lk_arena *arena, struct lk_str target, struct lk_str *out_path,
		    struct lk_str *out_query)
{
	size_t i, mark = lk_str_find(target, '?');
	struct lk_str path;
	enum lk_err err;

	if (!lk_str_starts(target, "/"))
		return LK_E_REQUEST_BAD;
	for (i = 0; i < target.len; i++) {
		unsigned char c = (unsigned char)target.ptr[i];

		if (c <= ' ' || c >= 0x7f || c == '#')
			return LK_E_REQUEST_BAD;
	}
	err = path_decode(arena, lk_str_n(target.ptr, mark), &path);
	if (err != LK_OK)
		return err;
	*out_path = path;
	*out_query = lk_str_from(target, mark + 1);
	return LK_OK;
}
