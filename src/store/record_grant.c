/* SPDX-License-Identifier: MIT */
/*
 * The scripts of store_script.c read the beginning of a record: of a grant the version, revision,
 * epoch, auth_at_s, is_offline, person_id and sid; of a device the version, revision and epoch.
 * Move nothing there. A token is packed tightly: there are as many as people at work.
 */
#include "store/record_grant.h"

#include <string.h>

#include "store/store_pack.h"

#define RECORD_VERSION 1u
#define TEXTS_MAX      8u
#define TIME_BYTES     5u
#define TIME_LAST      ((INT64_C(1) << (8 * TIME_BYTES)) - 1)
/* A length of this and more takes two bytes, the first with its highest bit set. */
#define LONG_FROM 0x80u
/* The clocks of two nodes differ by less. */
#define NODES_APART_S 300

/* --- pieces */

struct texts {
	struct lk_str *text[TEXTS_MAX];
	size_t count;
};

static struct texts
head_texts(struct store_grant *grant)
{
	return (struct texts){{&grant->person_id, &grant->sid, &grant->client_id, &grant->sub}, 4};
}

static struct texts
grant_texts(struct store_grant *grant)
{
	return (struct texts){{&grant->username, &grant->scope, &grant->audience, &grant->claims,
			       &grant->id_claims, &grant->user_claims, &grant->acr},
			      7};
}

static struct texts
token_texts(struct store_token *token)
{
	return (struct texts){{&token->client_id, &token->scope, &token->audience}, 3};
}

static struct texts
code_texts(struct store_code *code)
{
	return (struct texts){{&code->redirect_uri, &code->challenge, &code->nonce}, 3};
}

static struct texts
device_texts(struct store_device *device)
{
	return (struct texts){{&device->client_id, &device->scope, &device->audience,
			       &device->place, &device->host, &device->address},
			      6};
}

static void
pack_texts(struct lk_buf *out, const struct texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		store_pack_text(out, *texts->text[i]);
}

static struct lk_str
something(struct lk_str text)
{
	return text.len == 0 ? (struct lk_str){NULL, 0} : text;
}

static void
unpack_texts(struct store_unpack *from, const struct texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		*texts->text[i] = something(store_unpack_text(from));
}

static void
pack_time(struct lk_buf *out, int64_t at_s)
{
	store_pack_number(out, (uint64_t)at_s, 8);
}

static int64_t
unpack_time(struct store_unpack *from)
{
	return (int64_t)store_unpack_number(from, 8);
}

/* There is one way only to write a record: what no packing writes is none. */
static bool
unpack_flag(struct store_unpack *from)
{
	uint64_t flag = store_unpack_number(from, 1);

	if (flag > 1)
		from->has_failed = true;
	return flag == 1;
}

static void
unpack_digest(struct store_unpack *from, struct crypto_digest *out)
{
	struct lk_str bytes = store_unpack_bytes(from, sizeof out->bytes);

	if (bytes.len == sizeof out->bytes)
		memcpy(out->bytes, bytes.ptr, bytes.len);
}

static bool
is_of_version(struct lk_str packed)
{
	return packed.len > 0 && packed.len <= STORE_RECORD_MAX_BYTES &&
	       (uint8_t)packed.ptr[0] == RECORD_VERSION;
}

/* Reading goes on in a copy of the arena's, behind the version. */
static enum lk_err
unpack_begin(struct lk_str packed, struct lk_arena *arena, struct store_unpack *out)
{
	struct lk_str copy;

	if (!is_of_version(packed))
		return LK_E_FORMAT;
	copy = lk_arena_dup(arena, packed);
	if (copy.ptr == NULL)
		return LK_E_MEMORY;
	*out = (struct store_unpack){.rest = lk_str_from(copy, 1)};
	return LK_OK;
}

/* --- grants */

void
store_grant_pack(struct lk_buf *out, const struct store_grant *grant)
{
	struct store_grant g = *grant;
	struct texts head = head_texts(&g), texts = grant_texts(&g);

	store_pack_number(out, RECORD_VERSION, 1);
	store_pack_number(out, g.revision, 4);
	store_pack_number(out, g.epoch, 8);
	pack_time(out, g.auth_at_s);
	store_pack_number(out, g.is_offline, 1);
	pack_texts(out, &head);
	pack_time(out, g.began_at_s);
	pack_time(out, g.ends_at_s);
	store_pack_number(out, g.proofs, 4);
	lk_buf_add(out, g.access.bytes, sizeof g.access.bytes);
	pack_texts(out, &texts);
}

static void
read_head(struct store_unpack *from, struct store_grant *out)
{
	struct texts head = head_texts(out);

	out->revision = (uint32_t)store_unpack_number(from, 4);
	out->epoch = store_unpack_number(from, 8);
	out->auth_at_s = unpack_time(from);
	out->is_offline = unpack_flag(from);
	unpack_texts(from, &head);
}

static void
read_grant(struct store_unpack *from, struct store_grant *out)
{
	struct texts texts = grant_texts(out);

	read_head(from, out);
	out->began_at_s = unpack_time(from);
	out->ends_at_s = unpack_time(from);
	out->proofs = (uint32_t)store_unpack_number(from, 4);
	unpack_digest(from, &out->access);
	unpack_texts(from, &texts);
}

enum lk_err
store_grant_unpack(struct lk_str packed, struct lk_arena *arena, struct store_grant *out)
{
	struct store_grant grant = {0};
	struct store_unpack from;
	enum lk_err err = unpack_begin(packed, arena, &from);

	if (err != LK_OK)
		return err;
	read_grant(&from, &grant);
	if (!store_unpack_is_whole(&from))
		return LK_E_FORMAT;
	*out = grant;
	return LK_OK;
}

enum lk_err
store_grant_head_unpack(struct lk_str packed, struct lk_arena *arena, struct store_grant *out)
{
	struct store_grant grant = {0};
	struct store_unpack from;
	enum lk_err err = unpack_begin(packed, arena, &from);

	if (err != LK_OK)
		return err;
	read_head(&from, &grant);
	if (from.has_failed)
		return LK_E_FORMAT;
	*out = grant;
	return LK_OK;
}

bool
store_grant_is_alive(const struct store_grant *grant, int64_t now_s)
{
	return grant->began_at_s <= now_s + NODES_APART_S && grant->ends_at_s > now_s;
}

/* A grant inside of another record, with its length before it. */
static void
pack_inner(struct lk_buf *out, const struct store_grant *grant)
{
	static const char too_much[STORE_RECORD_MAX_BYTES];
	LK_AUTO_BUF packed;

	lk_buf_init(&packed, STORE_RECORD_MAX_BYTES);
	store_grant_pack(&packed, grant);
	/* What does not fit here does not fit there: the whole is spoilt as well. */
	if (lk_buf_is_ok(&packed))
		store_pack_text(out, lk_buf_str(&packed));
	else
		lk_buf_add(out, too_much, sizeof too_much);
}

static void
read_inner(struct store_unpack *from, struct store_grant *out)
{
	struct lk_str packed = store_unpack_text(from);
	struct store_unpack inner = {.rest = lk_str_from(packed, 1)};

	if (is_of_version(packed))
		read_grant(&inner, out);
	if (!is_of_version(packed) || !store_unpack_is_whole(&inner))
		from->has_failed = true;
}

/* --- access tokens */

/* Past either end it is the nearest time there is. */
static void
pack_short_time(struct lk_buf *out, int64_t at_s)
{
	int64_t least = at_s < 0 ? 0 : at_s;

	store_pack_number(out, (uint64_t)(least > TIME_LAST ? TIME_LAST : least), TIME_BYTES);
}

static void
pack_short(struct lk_buf *out, struct lk_str text)
{
	size_t len = text.len > STORE_RECORD_MAX_BYTES ? STORE_RECORD_MAX_BYTES : text.len;

	if (len < LONG_FROM)
		store_pack_number(out, len, 1);
	else
		store_pack_number(out, LONG_FROM << 8 | len, 2);
	if (len > 0)
		lk_buf_add(out, text.ptr, len);
}

static struct lk_str
unpack_short(struct store_unpack *from)
{
	uint64_t len = store_unpack_number(from, 1);

	if (len >= LONG_FROM) {
		len = (len - LONG_FROM) << 8 | store_unpack_number(from, 1);
		from->has_failed = from->has_failed || len < LONG_FROM;
	}
	return something(store_unpack_bytes(from, len));
}

void
store_token_pack(struct lk_buf *out, const struct store_token *token)
{
	struct store_token t = *token;
	struct texts texts = token_texts(&t);

	store_pack_number(out, RECORD_VERSION, 1);
	store_pack_number(out, t.has_grant, 1);
	pack_short_time(out, t.made_at_s);
	pack_short_time(out, t.ends_at_s);
	for (size_t i = 0; i < texts.count; i++)
		pack_short(out, *texts.text[i]);
}

enum lk_err
store_token_unpack(struct lk_str packed, struct lk_arena *arena, struct store_token *out)
{
	struct store_token token = {0};
	struct texts texts = token_texts(&token);
	struct store_unpack from;
	enum lk_err err = unpack_begin(packed, arena, &from);

	if (err != LK_OK)
		return err;
	token.has_grant = unpack_flag(&from);
	token.made_at_s = (int64_t)store_unpack_number(&from, TIME_BYTES);
	token.ends_at_s = (int64_t)store_unpack_number(&from, TIME_BYTES);
	for (size_t i = 0; i < texts.count; i++)
		*texts.text[i] = unpack_short(&from);
	if (!store_unpack_is_whole(&from))
		return LK_E_FORMAT;
	*out = token;
	return LK_OK;
}

bool
store_token_is_alive(const struct store_token *token, int64_t now_s)
{
	return token->made_at_s <= now_s + NODES_APART_S && token->ends_at_s > now_s;
}

/* --- codes */

void
store_code_pack(struct lk_buf *out, const struct store_code *code)
{
	struct store_code c = *code;
	struct texts texts = code_texts(&c);

	store_pack_number(out, RECORD_VERSION, 1);
	pack_time(out, c.ends_at_s);
	store_pack_number(out, c.was_redirect_sent, 1);
	pack_texts(out, &texts);
	pack_inner(out, &c.grant);
}

enum lk_err
store_code_unpack(struct lk_str packed, struct lk_arena *arena, struct store_code *out)
{
	struct store_code code = {.ends_at_s = 0};
	struct texts texts = code_texts(&code);
	struct store_unpack from;
	enum lk_err err = unpack_begin(packed, arena, &from);

	if (err != LK_OK)
		return err;
	code.ends_at_s = unpack_time(&from);
	code.was_redirect_sent = unpack_flag(&from);
	unpack_texts(&from, &texts);
	read_inner(&from, &code.grant);
	if (!store_unpack_is_whole(&from))
		return LK_E_FORMAT;
	*out = code;
	return LK_OK;
}

/* --- devices */

void
store_device_pack(struct lk_buf *out, const struct store_device *device)
{
	struct store_device d = *device;
	struct texts texts = device_texts(&d);

	store_pack_number(out, RECORD_VERSION, 1);
	store_pack_number(out, d.revision, 4);
	store_pack_number(out, d.epoch, 8);
	store_pack_number(out, d.state, 1);
	pack_time(out, d.asked_at_s);
	pack_time(out, d.ends_at_s);
	pack_time(out, d.last_poll_at_s);
	store_pack_number(out, (uint32_t)d.interval_s, 4);
	lk_buf_add(out, d.user_code.bytes, sizeof d.user_code.bytes);
	pack_texts(out, &texts);
	pack_inner(out, &d.grant);
}

static void
read_device(struct store_unpack *from, struct store_device *out)
{
	struct texts texts = device_texts(out);

	out->revision = (uint32_t)store_unpack_number(from, 4);
	out->epoch = store_unpack_number(from, 8);
	out->state = (uint8_t)store_unpack_number(from, 1);
	out->asked_at_s = unpack_time(from);
	out->ends_at_s = unpack_time(from);
	out->last_poll_at_s = unpack_time(from);
	out->interval_s = (int32_t)store_unpack_number(from, 4);
	unpack_digest(from, &out->user_code);
	unpack_texts(from, &texts);
	read_inner(from, &out->grant);
}

enum lk_err
store_device_unpack(struct lk_str packed, struct lk_arena *arena, struct store_device *out)
{
	struct store_device device = {0};
	struct store_unpack from;
	enum lk_err err = unpack_begin(packed, arena, &from);

	if (err != LK_OK)
		return err;
	read_device(&from, &device);
	if (!store_unpack_is_whole(&from) || device.state < STORE_DEVICE_PENDING ||
	    device.state > STORE_DEVICE_DONE)
		return LK_E_FORMAT;
	*out = device;
	return LK_OK;
}
