/* SPDX-License-Identifier: MIT */
/* Events of the audit log in an answer of the admin door. */
#ifndef LK_FLOW_ADMIN_STORY_H
#define LK_FLOW_ADMIN_STORY_H

#include "flow/admin_tell.h"
#include "flow/desk_find.h"

/* "events": the lines of one reference. LK_E_NOT_FOUND: there is none. */
enum lk_err
admin_reference_tell(struct admin *admin, struct lk_str reference) LK_MUST_CHECK;
/* "events": the last of somebody. */
enum lk_err
admin_last_events_put(struct admin *admin, const struct desk_view *view) LK_MUST_CHECK;
/* "last_signin_at_s" and its sentence. */
enum lk_err
admin_last_signin_say(struct admin *admin, const struct desk_view *view) LK_MUST_CHECK;

#endif
