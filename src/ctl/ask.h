/* SPDX-License-Identifier: MIT */
/* A question to the daemon over its admin socket (flow/admin_door.h says what may be asked). */
#ifndef LK_CTL_ASK_H
#define LK_CTL_ASK_H

#include "base/buf.h"
#include "base/json.h"
#include "ctl/ctl.h"

/* {"verb": verb; then members, then ctl_ask. */
void
ctl_question_init(struct lk_buf *question, const char *verb);
void
ctl_question_put(struct lk_buf *question, const char *name, const char *value);
void
ctl_question_put_flag(struct lk_buf *question, const char *name, bool value);
void
ctl_question_put_number(struct lk_buf *question, const char *name, int64_t value);

/*
 * Ask, and say on err what went wrong. With --json the answer goes to out as it came.
 *
 *   question  consumed
 *   out       yours: lk_json_free; NULL unless the daemon said yes
 */
enum ctl_exit
ctl_ask(struct ctl *ctl, struct lk_buf *question, struct lk_json **out);
/* Ask, and show the answer's "text", a sentence a line. */
enum ctl_exit
ctl_ask_and_put(struct ctl *ctl, struct lk_buf *question);
/* A text member; nothing when it is not there. */
struct lk_str
ctl_member(const struct lk_json *object, const char *name);
int64_t
ctl_member_number(const struct lk_json *object, const char *name);
bool
ctl_member_flag(const struct lk_json *object, const char *name);
/* Every sentence of an array. */
void
ctl_put_sentences(struct ctl *ctl, const struct lk_json *sentences);
/*
 * A list that comes in pieces: put is called with each element, from the first to the last. --json:
 * a document a piece, put is not called. question is the beginning of each question; its owner
 * stays the caller.
 */
typedef void
ctl_put_element(struct ctl *ctl, const struct lk_json *element);
enum ctl_exit
ctl_ask_list(struct ctl *ctl, const struct lk_buf *question, const char *name,
	     ctl_put_element *put);

#endif
