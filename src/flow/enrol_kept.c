/* SPDX-License-Identifier: MIT */
#include "flow/enrol_kept.h"

#include "base/secret_bytes.h"

#define TEXT_MAX_BYTES 2048u

static struct lk_str
context_of(struct lk_str person_id, struct lk_arena *arena)
{
	return lk_arena_printf(arena, "enrol %.*s", LK_STR_ARGS(person_id));
}

static void
write(const struct enrol_kept *kept, struct lk_arena *arena, struct lk_buf *out)
{
	if (kept->seed != NULL)
		lk_buf_add_str(out, crypto_base64url_make(lk_secret_bytes(kept->seed), arena));
	lk_buf_add_byte(out, '\n');
	for (size_t i = 0; i < kept->code_count; i++) {
		lk_buf_add_str(out, kept->codes[i]);
		lk_buf_add_byte(out, '\n');
		lk_buf_add_str(out, kept->hashes[i]);
		lk_buf_add_byte(out, '\n');
	}
}

enum lk_err
enrol_kept_seal(const struct crypto_ring *ring, struct lk_str person_id,
		const struct enrol_kept *kept, struct lk_arena *arena, struct lk_str *out)
{
	struct lk_str context = context_of(person_id, arena);
	LK_AUTO_BUF text;

	lk_buf_init(&text, TEXT_MAX_BYTES);
	write(kept, arena, &text);
	if (!lk_buf_is_ok(&text) || context.ptr == NULL)
		return LK_E_MEMORY;
	return crypto_seal(ring, context, lk_buf_str(&text), arena, out);
}

static enum lk_err
seed_read(struct lk_str line, struct lk_arena *arena, struct enrol_kept *out)
{
	struct lk_str bytes;
	enum lk_err err;

	if (line.len == 0)
		return LK_OK;
	err = crypto_base64url_read(line, arena, &bytes);
	if (err != LK_OK)
		return err;
	if (bytes.len != CRYPTO_TOTP_SEED_BYTES)
		return LK_E_FORMAT;
	out->seed = lk_secret_make(arena, bytes);
	return out->seed == NULL ? LK_E_MEMORY : LK_OK;
}

enum lk_err
enrol_kept_read(struct lk_str text, struct lk_arena *arena, struct enrol_kept *out)
{
	struct enrol_kept kept = {0};
	struct lk_str line, code, hash;
	enum lk_err err;

	if (!lk_str_split(&text, '\n', &line))
		return LK_E_FORMAT;
	err = seed_read(line, arena, &kept);
	if (err != LK_OK)
		return err;
	while (lk_str_split(&text, '\n', &code) && code.len > 0) {
		if (kept.code_count == CRYPTO_RECOVERY_COUNT || !lk_str_split(&text, '\n', &hash))
			return LK_E_FORMAT;
		kept.codes[kept.code_count] = code;
		kept.hashes[kept.code_count++] = hash;
	}
	if (kept.code_count != 0 && kept.code_count != CRYPTO_RECOVERY_COUNT)
		return LK_E_FORMAT;
	*out = kept;
	return LK_OK;
}

enum lk_err
enrol_kept_open(const struct crypto_ring *ring, struct lk_str person_id, struct lk_str sealed,
		struct lk_arena *arena, struct enrol_kept *out)
{
	struct lk_str context = context_of(person_id, arena);
	struct lk_secret *plain;
	enum lk_err err;

	if (context.ptr == NULL)
		return LK_E_MEMORY;
	err = crypto_open(ring, context, sealed, arena, &plain);
	return err == LK_OK ? enrol_kept_read(lk_secret_bytes(plain), arena, out) : err;
}
