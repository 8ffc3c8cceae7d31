/* SPDX-License-Identifier: MIT */
/*
 * Inside src/store only: what store_commit's script is to do, step by step. False is a record or an
 * id that is larger than there is room for.
 */
#ifndef LK_STORE_STORE_PLAN_H
#define LK_STORE_STORE_PLAN_H

#include "store/store_change.h"
#include "store/store_keys.h"
#include "store/store_script.h"

/* Numbers of the script's steps. */
enum step_kind {
	STEP_MOVE = 1,
	STEP_PUT,
	STEP_DELETE,
	STEP_SPEND,
	STEP_LIST,	 /* put, and list under a person */
	STEP_UNLIST,	 /* delete, take off the list, and all that hangs on it, but for value */
	STEP_END_ALL,	 /* all of a list, but for key */
	STEP_FORGET_ALL, /* the same, not counted */
	STEP_MOVE_GRANT, /* of whatever epoch; there must be one, even for revision 0 */
	STEP_MOVE_DEVICE,
	STEP_ENLIST,	  /* list under a person or session what another step puts */
	STEP_END_GRANT,	  /* and take it off both its lists */
	STEP_END_SESSION, /* all of a session's list that are not offline, and the list */
	/* all of a person's list, but for those of the session in value, or of key */
	STEP_END_GRANTS,
	STEP_HOLD,   /* somebody holds something of that person; value: and where they are signed in
		      */
	STEP_ABSENT, /* key must not be there */
	STEP_COUNT,  /* value more, and not more than extra then */
	STEP_PRESENT, /* key must be there */
	STEP_NOTE,    /* list what another step puts, and nothing more */
	STEP_END_OLD_GRANT /* END_GRANT, when its revision is below extra */
};

struct step {
	enum step_kind kind;
	struct lk_str key, list, value;
	int32_t life_s;
	/* MOVE: revision that must stand; LIST, ENLIST, NOTE: when it ends; END_ALL, END_GRANTS:
	 * before
	 */
	int64_t extra;
};

struct plan {
	struct store_script_call *call;
	const struct store_change *changes;
	size_t count;
	size_t change; /* the one being written */
	int64_t now_s;
};

void
store_plan_step(const struct plan *plan, const struct step *step);
/* One step on the key that kind and the change make; true. */
bool
store_plan_on_key(const struct plan *plan, const struct store_change *change,
		  enum store_key_kind kind, const struct step *step) LK_MUST_CHECK;
/* That the session of this name ended: kind says what is to be so. Of no name nothing is said. */
bool
store_plan_ended(const struct plan *plan, enum step_kind kind, struct lk_str sid) LK_MUST_CHECK;
/* What applications hold: put or moved, and ended. */
bool
store_plan_grant(const struct plan *plan, const struct store_change *change) LK_MUST_CHECK;
bool
store_plan_token(const struct plan *plan, const struct store_change *change) LK_MUST_CHECK;
bool
store_plan_code(const struct plan *plan, const struct store_change *change) LK_MUST_CHECK;
bool
store_plan_device(const struct plan *plan, const struct store_change *change) LK_MUST_CHECK;
bool
store_plan_device_end(const struct plan *plan, const struct store_change *change) LK_MUST_CHECK;
/* Codes of a person's and devices they allowed that one application has made nothing of yet. */
bool
store_plan_given_end(const struct plan *plan, const struct store_change *change) LK_MUST_CHECK;

#endif
