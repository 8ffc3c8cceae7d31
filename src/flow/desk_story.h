/* SPDX-License-Identifier: MIT */
/* What the audit log tells of a person or a reference, as sentences. */
#ifndef LK_FLOW_DESK_STORY_H
#define LK_FLOW_DESK_STORY_H

#include "audit/read.h"
#include "flow/desk.h"

/*
 * The sentence of one line, in the asker's language; in the arena, nothing without memory.
 */
struct lk_str
desk_sentence(const struct asker *asker, const struct audit_record *record);
/* Oldest first; stops when visit says false or the deadline has passed. As audit_read. */
enum lk_err
desk_story(const struct asker *asker, const struct audit_query *query, audit_visit *visit,
	   void *context) LK_MUST_CHECK;

#endif
