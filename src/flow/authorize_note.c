/* SPDX-License-Identifier: MIT */
#include "flow/authorize_note.h"

#include "exchange/params.h"

#define NOTE_MAX_BYTES 12288u

/* Parameters that say what is asked for; the others belong to other endpoints. */
static const enum param kept[] = {
    PARAM_response_type, PARAM_client_id,  PARAM_redirect_uri,	 PARAM_scope,
    PARAM_state,	 PARAM_nonce,	   PARAM_code_challenge, PARAM_code_challenge_method,
    PARAM_response_mode, PARAM_prompt,	   PARAM_max_age,	 PARAM_acr_values,
    PARAM_id_token_hint, PARAM_login_hint, PARAM_ui_locales,	 PARAM_claims,
    PARAM_resource,
};
static const char *const names[PARAM_COUNT] = {
#define LK_PARAM(name, max_bytes, many, from) [PARAM_##name] = #name,
#include "tables/params.def"
};

struct lk_str
authorize_note_make(const struct req *req)
{
	struct lk_str text = {NULL, 0};
	LK_AUTO_BUF note;

	lk_buf_init(&note, NOTE_MAX_BYTES);
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
		struct lk_str value = req->param[kept[i]];

		if (value.len == 0)
			continue;
		lk_buf_printf(&note, "%s%s=", note.len > 0 ? "&" : "", names[kept[i]]);
		lk_buf_add_percent(&note, value, ":/");
	}
	if (lk_buf_is_ok(&note))
		text = lk_arena_dup(req->arena, lk_buf_str(&note));
	return text;
}

enum lk_err
authorize_note_read(struct lk_str note, struct lk_arena *arena,
		    struct lk_str out_param[PARAM_COUNT])
{
	struct req *read = lk_arena_alloc(arena, sizeof *read);
	enum lk_err err;

	if (read == NULL)
		return LK_E_MEMORY;
	read->arena = arena;
	err = params_read(read, note, lk_str_n(NULL, 0));
	if (err != LK_OK || read->is_param_bad)
		return err == LK_OK ? LK_E_BROKEN : err;
	memcpy(out_param, read->param, sizeof read->param);
	return LK_OK;
}
