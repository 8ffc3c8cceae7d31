/* SPDX-License-Identifier: MIT */
/* What an application asked for, as text that can wait, and back. Pure, fuzzed. */
#ifndef LK_FLOW_AUTHORIZE_NOTE_H
#define LK_FLOW_AUTHORIZE_NOTE_H

#include "exchange/req.h"

/* The parameters of /authorize; in the request's arena. Nothing: too long, or no memory. */
struct lk_str
authorize_note_make(const struct req *req) LK_MUST_CHECK;
/* As params_read gave them. Returns: LK_OK · LK_E_BROKEN not what we wrote · LK_E_MEMORY */
enum lk_err
authorize_note_read(struct lk_str note, struct lk_arena *arena,
		    struct lk_str out_param[PARAM_COUNT]) LK_MUST_CHECK;

#endif
