/* SPDX-License-Identifier: MIT */
/* Why somebody cannot get in, and since when: the directory, our own locks, their second step. */
#ifndef LK_FLOW_DESK_FIND_H
#define LK_FLOW_DESK_FIND_H

#include "flow/desk.h"
#include "store/store_try.h"

/* The one thing that stands in the way first. */
enum desk_state {
	DESK_CAN_SIGN_IN = 1,
	DESK_BLOCKED,	   /* by an administrator */
	DESK_LEFT,	   /* until_s: when the account ended */
	DESK_NOT_STARTED,  /* until_s: when it starts */
	DESK_LOCKED,	   /* until_s: 0 until somebody unlocks */
	DESK_CODES_LOCKED, /* until_s */
	DESK_EXPIRED,	   /* until_s: when the password expired */
	DESK_MUST_CHANGE,
	DESK_NO_AUTHENTICATOR,
};

struct desk_view {
	struct subject subject;
	struct dir_factors factors;
	bool has_store; /* false: it does not answer; tries and sessions are not known */
	struct store_try_state tries[STORE_SCOPE_COUNT];
	const struct store_session_row *sessions;
	size_t session_count;
	enum desk_state state;
	int64_t since_s, until_s; /* 0: not known, or none */
	bool is_locked_for_strangers_only;
};

/*
 * Everything about the person of that username or work email; the look is audited.
 *
 * Time:    two directory and two store look-ups.
 * Returns: LK_OK · LK_E_PERSON_NOT_FOUND · LK_E_DIRECTORY_DOWN · LK_E_MEMORY
 */
enum lk_err
desk_look(const struct desk *desk, struct lk_str name, struct desk_view *out) LK_MUST_CHECK;
/* The state of what was read, at a time. Pure. */
void
desk_state_find(const struct asker *asker, struct desk_view *view);
/* "can_sign_in", "locked" … */
const char *
desk_state_name(enum desk_state state);
/* "strangers", "devices", "codes", "device_codes", "second_codes", "screen_codes" */
const char *
desk_scope_name(enum store_scope scope);

#endif
