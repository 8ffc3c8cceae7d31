/* SPDX-License-Identifier: MIT */
/*
 * Signing in on a screen without a browser (RFC 8628): the device asks and shows a code, its person
 * types the code on a page of ours and says yes or no, and the device, asking again and again, is
 * given tokens. What asked, from where and when stands in the store; nothing a browser sends
 * later changes it.
 */
#ifndef LK_FLOW_DEVICE_GRANT_H
#define LK_FLOW_DEVICE_GRANT_H

#include "flow/asker.h"
#include "flow/token_text.h"
#include "policy/application.h"
#include "store/store_grant.h"

#define DEVICE_LIFE_S	      900
#define DEVICE_REMEMBERED_S   300 /* so long after that it is told that it is over */
#define DEVICE_INTERVAL_S     5
#define DEVICE_INTERVAL_MAX_S 300
#define DEVICE_NAME_MAX_BYTES 63u
#define DEVICE_PATH	      "/device"
#define DEVICE_DONE_PATH      "/device/done"

/* Seconds its record still lives, for the change that moves it. */
int32_t
device_life_s(const struct store_device *device, int64_t now_s);
/* Is it too late for it? The record outlives this. */
bool
device_is_over(const struct store_device *device, int64_t now_s);

/*
 * A link may carry a code. One of ours has something behind it that nobody can guess
 * (token_user_link_make), and leads to what asked; of any other the code is written into the form
 * and nothing is looked at: what a link does is no try of whoever's browser opens it.
 */
struct device_link {
	char code[TOKEN_USER_CODE_LETTERS];
	struct lk_str proof; /* as sent, not looked at; nothing: none */
};
/* "WDJB-MJHT.…", or what somebody typed. False: cannot be a code. */
bool
device_link_read(struct lk_str text, struct device_link *out) LK_MUST_CHECK;
/* "/device?user_code=WDJBMJHT.…" of one that waits; in the arena. Nothing without memory. */
struct device_found;
struct lk_str
device_path(const struct asker *asker, const struct device_found *found) LK_MUST_CHECK;
/* The same for what a link carried, as it was; DEVICE_PATH for what cannot be a code. */
const char *
device_path_find(struct lk_str text, struct lk_arena *arena);
/* Is path exactly one of these? Pure. */
bool
device_path_check(struct lk_str path);

/* What somebody typed, and what it names. */
struct device_found {
	char code[TOKEN_USER_CODE_LETTERS];
	struct crypto_digest key; /* for changes */
	struct store_device device;
	const struct policy_application *application;
};
/*
 * The device that waits under what this person typed, or one they have answered already. Wrong
 * codes are counted, for the person and the address; codes that never were, are over or were
 * answered by somebody else are all the same wrong.
 *
 * Time:    of the store one fetch, a try begun and ended, one look-up.
 * Returns: LK_OK · LK_E_DEVICE_WRONG · LK_E_CODE_LOCKED (flow->detail) · LK_E_SIGNIN_TOO_FAST ·
 *          LK_E_STORE_DOWN · LK_E_AUDIT_DOWN · LK_E_MEMORY
 */
enum lk_err
device_find(const struct asker *asker, const struct store_session *session, struct lk_str typed,
	    struct device_found *out) LK_MUST_CHECK;
/*
 * The same for a link of ours, of which nothing is counted.
 *
 * Time:    of the store one look-up; none for what is no link of ours.
 * Returns: LK_OK · LK_E_NOT_FOUND no link of ours: nothing was looked at · LK_E_DEVICE_EXPIRED ·
 *          LK_E_STORE_DOWN · LK_E_MEMORY
 */
enum lk_err
device_see(const struct asker *asker, const struct store_session *session,
	   const struct device_link *link, struct device_found *out) LK_MUST_CHECK;
/* Has this person answered it? */
bool
device_is_answered_by(const struct store_device *device, struct lk_str person_id);

#endif
