/* SPDX-License-Identifier: MIT */
#include "client/wire.h"

#include <string.h>

enum kind { KIND_TEXT = 1, KIND_SECRET, KIND_NUMBER };

struct row {
	uint8_t tag;
	enum kind kind;
	size_t max_bytes;
};

static const struct row rows[WIRE_FIELD_COUNT] = {
#define LK_WIRE(name, tag, kind, max_bytes, note) [WIRE_##name] = {tag, KIND_##kind, max_bytes},
#include "tables/wire.def"
};

static enum wire_field
field_find(uint8_t tag)
{
	for (int i = WIRE_NONE + 1; i < WIRE_FIELD_COUNT; i++)
		if (rows[i].tag == tag)
			return (enum wire_field)i;
	return WIRE_NONE;
}

/* A terminal obeys control characters: no text of ours carries any but the end of a line. */
static bool
text_is_plain(const char *ptr, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)ptr[i];

		if ((c < 0x20 && c != '\n') || c == 0x7f)
			return false;
	}
	return true;
}

static bool
value_is_allowed(enum wire_field field, const char *ptr, size_t len)
{
	const struct row *row = &rows[field];

	if (len > row->max_bytes)
		return false;
	if (row->kind == KIND_NUMBER)
		return len == 4;
	if (row->kind == KIND_SECRET)
		return memchr(ptr, 0, len) == NULL;
	return text_is_plain(ptr, len);
}

static bool
kind_is_known(unsigned kind)
{
	return (kind >= WIRE_AUTH && kind <= WIRE_CHANGE) || kind == WIRE_ADMIN ||
	       kind == WIRE_ANSWER;
}

size_t
wire_frame_len(const unsigned char head[WIRE_HEAD_BYTES])
{
	uint32_t len;

	if (head[0] != 'L' || head[1] != 'K' || head[2] != WIRE_VERSION || !kind_is_known(head[3]))
		return 0;
	len = (uint32_t)head[4] << 24 | (uint32_t)head[5] << 16 | (uint32_t)head[6] << 8 | head[7];
	if (len > WIRE_FRAME_MAX_BYTES - WIRE_HEAD_BYTES)
		return 0;
	return WIRE_HEAD_BYTES + len;
}

/* Reads the field at *at and moves behind it. */
static bool
field_read(const unsigned char *bytes, size_t len, size_t *at, struct wire_frame *out)
{
	size_t left = len - *at, field_len;
	enum wire_field field;
	const char *value;

	if (left < 3)
		return false;
	field_len = (size_t)bytes[*at + 1] << 8 | bytes[*at + 2];
	if (field_len > left - 3)
		return false;
	field = field_find(bytes[*at]);
	value = (const char *)bytes + *at + 3;
	*at += 3 + field_len;
	if (field == WIRE_NONE)
		return true;
	if (out->value[field].ptr != NULL || !value_is_allowed(field, value, field_len))
		return false;
	out->value[field] = (struct wire_value){value, field_len};
	return true;
}

bool
wire_read(const void *bytes, size_t len, struct wire_frame *out)
{
	const unsigned char *at = bytes;
	size_t i = WIRE_HEAD_BYTES;

	memset(out, 0, sizeof(*out));
	if (len < WIRE_HEAD_BYTES || wire_frame_len(at) != len)
		return false;
	while (i < len)
		if (!field_read(at, len, &i, out)) {
			memset(out, 0, sizeof(*out));
			return false;
		}
	out->kind = (enum wire_kind)at[3];
	return true;
}

uint32_t
wire_number(const struct wire_frame *frame, enum wire_field field, uint32_t fallback)
{
	const unsigned char *at = (const unsigned char *)frame->value[field].ptr;

	if (at == NULL || rows[field].kind != KIND_NUMBER)
		return fallback;
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

bool
wire_copy(const struct wire_frame *frame, enum wire_field field, char *out, size_t room)
{
	const struct wire_value *value = &frame->value[field];

	out[0] = '\0';
	if (value->ptr == NULL || value->len >= room)
		return false;
	memcpy(out, value->ptr, value->len);
	out[value->len] = '\0';
	return true;
}

void
wire_begin(struct wire_out *out, void *bytes, size_t room, enum wire_kind kind)
{
	*out = (struct wire_out){bytes, room < WIRE_FRAME_MAX_BYTES ? room : WIRE_FRAME_MAX_BYTES,
				 WIRE_HEAD_BYTES, room < WIRE_HEAD_BYTES || !kind_is_known(kind)};
	if (out->is_spoilt)
		return;
	memset(bytes, 0, WIRE_HEAD_BYTES);
	out->bytes[0] = 'L';
	out->bytes[1] = 'K';
	out->bytes[2] = WIRE_VERSION;
	out->bytes[3] = (unsigned char)kind;
}

void
wire_put(struct wire_out *out, enum wire_field field, const char *ptr, size_t len)
{
	unsigned char *at;

	if (out->is_spoilt || ptr == NULL)
		return;
	if (!value_is_allowed(field, ptr, len) || out->room - out->len < 3 + len) {
		out->is_spoilt = true;
		return;
	}
	at = out->bytes + out->len;
	at[0] = rows[field].tag;
	at[1] = (unsigned char)(len >> 8);
	at[2] = (unsigned char)len;
	memcpy(at + 3, ptr, len);
	out->len += 3 + len;
}

void
wire_put_c(struct wire_out *out, enum wire_field field, const char *text)
{
	if (text != NULL)
		wire_put(out, field, text, strlen(text));
}

void
wire_put_number(struct wire_out *out, enum wire_field field, uint32_t number)
{
	const char bytes[4] = {(char)(number >> 24), (char)(number >> 16), (char)(number >> 8),
			       (char)number};

	wire_put(out, field, bytes, sizeof(bytes));
}

size_t
wire_end(struct wire_out *out)
{
	size_t len;

	if (out->is_spoilt)
		return 0;
	len = out->len - WIRE_HEAD_BYTES;
	out->bytes[4] = 0;
	out->bytes[5] = 0;
	out->bytes[6] = (unsigned char)(len >> 8);
	out->bytes[7] = (unsigned char)len;
	return out->len;
}
