/* SPDX-License-Identifier: MIT */
/*
 * The scripts of store_script.c read the beginning of a record: of a session the version and
 * auth_at_s, of a journey the version, revision and epoch. Move nothing there.
 */
#include "store/record.h"

#include <string.h>

#include "store/store_pack.h"

#define SESSION_VERSION 2u
#define JOURNEY_VERSION 1u
#define TEXTS_MAX	9u
/* The clocks of two nodes differ by less. */
#define NODES_APART_S 300

/* Fields of a record in their order, for both directions. */
struct texts {
	const struct lk_str *text[TEXTS_MAX];
	size_t count;
};

static struct texts
session_texts(const struct store_session *s)
{
	return (struct texts){{&s->person_id, &s->username, &s->display_name, &s->language,
			       &s->applications, &s->device, &s->notice, &s->sid, &s->claims},
			      9};
}

static struct texts
journey_texts(const struct store_journey *j)
{
	return (struct texts){{&j->person_id, &j->username, &j->display_name, &j->application,
			       &j->sealed, &j->nonce, &j->note, &j->reference, &j->held},
			      9};
}

static void
pack_texts(struct lk_buf *out, const struct texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		store_pack_text(out, *texts->text[i]);
}

/* Into the record the texts point into; each a copy in the arena. */
static enum lk_err
unpack_texts(struct store_unpack *from, struct lk_arena *arena, const struct texts *texts)
{
	struct lk_str piece[TEXTS_MAX] = {{NULL, 0}};

	for (size_t i = 0; i < texts->count; i++)
		piece[i] = store_unpack_text(from);
	if (!store_unpack_is_whole(from))
		return LK_E_FORMAT;
	for (size_t i = 0; i < texts->count; i++) {
		struct lk_str copy = {NULL, 0};

		if (piece[i].len > 0 && (copy = lk_arena_dup(arena, piece[i])).ptr == NULL)
			return LK_E_MEMORY;
		*(struct lk_str *)texts->text[i] = copy;
	}
	return LK_OK;
}

static bool
unpack_begin(struct store_unpack *from, struct lk_str packed, uint8_t version)
{
	*from = (struct store_unpack){.rest = packed};
	return packed.len <= STORE_RECORD_MAX_BYTES && store_unpack_number(from, 1) == version;
}

bool
store_session_is_alive(const struct store_session *session, int64_t now_s)
{
	return session->auth_at_s <= now_s + NODES_APART_S && session->ends_at_s > now_s &&
	       now_s - session->seen_at_s < session->idle_s;
}

void
store_session_pack(struct lk_buf *out, const struct store_session *s)
{
	struct texts texts = session_texts(s);

	store_pack_number(out, SESSION_VERSION, 1);
	store_pack_number(out, (uint64_t)s->auth_at_s, 8);
	store_pack_number(out, (uint64_t)s->seen_at_s, 8);
	store_pack_number(out, (uint64_t)s->ends_at_s, 8);
	store_pack_number(out, (uint32_t)s->idle_s, 4);
	store_pack_number(out, s->proofs, 4);
	store_pack_number(out, (uint64_t)s->notice_at_s, 8);
	pack_texts(out, &texts);
}

enum lk_err
store_session_unpack(struct lk_str packed, struct lk_arena *arena, struct store_session *out)
{
	struct store_session s = {0};
	struct texts texts = session_texts(&s);
	struct store_unpack from;
	enum lk_err err;

	if (!unpack_begin(&from, packed, SESSION_VERSION))
		return LK_E_FORMAT;
	s.auth_at_s = (int64_t)store_unpack_number(&from, 8);
	s.seen_at_s = (int64_t)store_unpack_number(&from, 8);
	s.ends_at_s = (int64_t)store_unpack_number(&from, 8);
	s.idle_s = (int32_t)store_unpack_number(&from, 4);
	s.proofs = (uint32_t)store_unpack_number(&from, 4);
	s.notice_at_s = (int64_t)store_unpack_number(&from, 8);
	err = unpack_texts(&from, arena, &texts);
	if (err != LK_OK)
		return err;
	*out = s;
	return LK_OK;
}

void
store_journey_pack(struct lk_buf *out, const struct store_journey *j)
{
	struct texts texts = journey_texts(j);

	store_pack_number(out, JOURNEY_VERSION, 1);
	store_pack_number(out, j->revision, 4);
	store_pack_number(out, j->epoch, 8);
	store_pack_number(out, j->job, 1);
	store_pack_number(out, j->state, 1);
	store_pack_number(out, j->proofs, 4);
	store_pack_number(out, j->result, 4);
	store_pack_number(out, (uint64_t)j->at_s, 8);
	store_pack_number(out, (uint64_t)j->began_at_s, 8);
	store_pack_number(out, (uint64_t)j->password_at_s, 8);
	lk_buf_add(out, j->answer.bytes, sizeof j->answer.bytes);
	pack_texts(out, &texts);
}

enum lk_err
store_journey_unpack(struct lk_str packed, struct lk_arena *arena, struct store_journey *out)
{
	struct store_journey j = {0};
	struct texts texts = journey_texts(&j);
	struct store_unpack from;
	struct lk_str answer;
	enum lk_err err;

	if (!unpack_begin(&from, packed, JOURNEY_VERSION))
		return LK_E_FORMAT;
	j.revision = (uint32_t)store_unpack_number(&from, 4);
	j.epoch = store_unpack_number(&from, 8);
	j.job = (uint8_t)store_unpack_number(&from, 1);
	j.state = (uint8_t)store_unpack_number(&from, 1);
	j.proofs = (uint32_t)store_unpack_number(&from, 4);
	j.result = (uint32_t)store_unpack_number(&from, 4);
	j.at_s = (int64_t)store_unpack_number(&from, 8);
	j.began_at_s = (int64_t)store_unpack_number(&from, 8);
	j.password_at_s = (int64_t)store_unpack_number(&from, 8);
	answer = store_unpack_bytes(&from, sizeof j.answer.bytes);
	if (answer.len == sizeof j.answer.bytes)
		memcpy(j.answer.bytes, answer.ptr, answer.len);
	err = unpack_texts(&from, arena, &texts);
	if (err != LK_OK)
		return err;
	*out = j;
	return LK_OK;
}
