/* SPDX-License-Identifier: MIT */
#include "http/framing.h"

enum twice { TWICE_REFUSED = 1, TWICE_LAST, TWICE_EMPTY };

struct row {
	struct lk_str wire;
	enum twice twice;
};
static const struct row rows[HEADER_COUNT] = {
#define LK_HEADER(name, wire, twice, max_bytes)                                                    \
	[HEADER_##name] = {{wire, sizeof wire - 1}, TWICE_##twice},
#include "tables/headers.def"
};
/* No header of ours or of a browser's begins with these and goes on: a folded or cut line does. */
static const enum header whole[] = {HEADER_host, HEADER_content_length, HEADER_transfer_encoding};

/* What a byte may stand in. */
#define IN_TOKEN  1u /* RFC 9110 s5.6.2 */
#define IN_VALUE  2u /* no control bytes but a tab */
#define IN_HOST	  4u /* a name and a port, and no more */
#define IN_TARGET 8u /* no blanks and no fragment */

#define N 0u
#define B IN_VALUE
#define V (IN_VALUE | IN_TARGET)
#define T (IN_VALUE | IN_TOKEN)
#define H (IN_VALUE | IN_HOST | IN_TARGET)
#define A (IN_VALUE | IN_TOKEN | IN_HOST | IN_TARGET)

/* Of ASCII, sixteen a line. */
static const uint8_t classes[128] = {
    /* clang-format off */
    N, N, N, N, N, N, N, N, N, B, N, N, N, N, N, N,
    N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,
    B, A, H, T, A, A, A, A, H, H, A, A, V, A, A, V,
    A, A, A, A, A, A, A, A, A, A, H, H, H, H, H, V,
    V, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A,
    A, A, A, A, A, A, A, A, A, A, A, H, V, H, A, A,
    A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A,
    A, A, A, A, A, A, A, A, A, A, A, H, A, H, A, N,
    /* clang-format on */
};

static uint8_t
class_of(char c)
{
	return (unsigned char)c < sizeof classes ? classes[(unsigned char)c] : IN_VALUE | IN_HOST;
}

#undef N
#undef B
#undef V
#undef T
#undef H
#undef A

static bool
is_made_of(struct lk_str s, uint8_t class)
{
	uint8_t all = class;
	size_t i;

	for (i = 0; i < s.len; i++)
		all &= class_of(s.ptr[i]);
	return all != 0;
}

static bool
is_token(struct lk_str s)
{
	return s.len > 0 && is_made_of(s, IN_TOKEN);
}

/* A byte in each of eight. */
#define EIGHT(byte) (UINT64_C(0x0101010101010101) * (byte))

/* How many bytes s begins with, in eights, that are ASCII and no control bytes. */
static size_t
plain_len(struct lk_str s)
{
	uint64_t eight;
	size_t len;

	for (len = 0; s.len - len >= sizeof eight; len += sizeof eight) {
		memcpy(&eight, s.ptr + len, sizeof eight);
		if (((eight | (eight - EIGHT(' ')) | ((eight ^ EIGHT(0x7f)) - EIGHT(1))) &
		     EIGHT(0x80)) != 0)
			break;
	}
	return len;
}

static bool
is_value(struct lk_str s)
{
	return is_made_of(lk_str_from(s, plain_len(s)), IN_VALUE);
}

static bool
is_name_cut(struct lk_str name)
{
	size_t i;

	for (i = 0; i < sizeof whole / sizeof *whole; i++) {
		struct lk_str wire = rows[whole[i]].wire;

		if (name.len > wire.len &&
		    lk_str_is_equal_nocase(lk_str_n(name.ptr, wire.len), wire))
			return true;
	}
	return false;
}

static bool
is_header_plain(const struct framing_header *header)
{
	return is_token(header->name) && is_value(header->value) && !is_name_cut(header->name);
}

/*
 * wire is made of small letters and dashes. What else becomes one of these is a control byte, which
 * no name may hold.
 */
static bool
is_wire(struct lk_str name, struct lk_str wire)
{
	size_t i = 0;

	if (name.len != wire.len)
		return false;
	while (i < wire.len && (name.ptr[i] | 0x20) == wire.ptr[i])
		i++;
	return i == wire.len;
}

static enum header
header_find(struct lk_str name)
{
	int row;

	for (row = HEADER_NONE + 1; row < HEADER_COUNT; row++) {
		if (is_wire(name, rows[row].wire))
			break;
	}
	return row == HEADER_COUNT ? HEADER_NONE : (enum header)row;
}

/* Each header by its row. False: one stands twice that must not. */
static bool
headers_sort(const struct framing_head *head, struct lk_str out[HEADER_COUNT])
{
	bool is_plain = true;
	size_t i;

	for (i = 0; i < head->count; i++) {
		enum header row = header_find(head->headers[i].name);
		bool is_twice = out[row].ptr != NULL;

		if (row == HEADER_NONE)
			continue;
		is_plain = is_plain && !(is_twice && rows[row].twice == TWICE_REFUSED);
		out[row] = head->headers[i].value;
		if (out[row].ptr == NULL || (is_twice && rows[row].twice == TWICE_EMPTY))
			out[row] = LK_STR("");
	}
	return is_plain;
}

static bool
are_headers_plain(const struct framing_head *head)
{
	size_t i;

	for (i = 0; i < head->count; i++) {
		if (!is_header_plain(&head->headers[i]))
			return false;
	}
	return true;
}

/* One Host in HTTP/1.1, at most one before; nothing in it but a name and a port. */
static bool
is_host_plain(const struct framing_head *head, struct lk_str host)
{
	return is_made_of(host, IN_HOST) && (host.len > 0 || !lk_str_is(head->version, "HTTP/1.1"));
}

/* RFC 9112 s6: chunked and nothing else, only in 1.1, and never beside a length. */
static enum lk_err
length_check(const struct framing_head *head, struct framing_facts *out)
{
	struct lk_str coding = out->header[HEADER_transfer_encoding];
	struct lk_str length = out->header[HEADER_content_length];
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

static enum lk_err
facts_find(const struct framing_head *head, bool is_sorted, struct framing_facts *out)
{
	enum lk_err err;

	if (!lk_str_is(head->version, "HTTP/1.1") && !lk_str_is(head->version, "HTTP/1.0"))
		return LK_E_REQUEST_BAD;
	if (head->count > FRAMING_HEADERS_MAX)
		return LK_E_REQUEST_TOO_LARGE;
	out->host = out->header[HEADER_host];
	if (!is_sorted || !are_headers_plain(head) || !is_host_plain(head, out->host))
		return LK_E_REQUEST_BAD;
	err = length_check(head, out);
	return err == LK_OK ? method_find(head->method, &out->method) : err;
}

enum lk_err
framing_check(const struct framing_head *head, struct framing_facts *out)
{
	*out = (struct framing_facts){.host = {NULL, 0}};
	return facts_find(head, headers_sort(head, out->header), out);
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
	len = lk_str_find(raw, '%');
	memcpy(path, raw.ptr, len);
	for (i = len; i < raw.len; i++) {
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
	size_t mark = lk_str_find(target, '?');
	struct lk_str path;
	enum lk_err err;

	if (!lk_str_starts(target, "/") || !is_made_of(target, IN_TARGET))
		return LK_E_REQUEST_BAD;
	err = path_decode(arena, lk_str_n(target.ptr, mark), &path);
	if (err != LK_OK)
		return err;
	*out_path = path;
	*out_query = lk_str_from(target, mark + 1);
	return LK_OK;
}
