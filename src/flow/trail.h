/* SPDX-License-Identifier: MIT */
/* What happened, told where it must be: the audit log, and the person by mail. */
#ifndef LK_FLOW_TRAIL_H
#define LK_FLOW_TRAIL_H

#include "flow/asker.h"

/* Beyond who, where and when, which come from asker and subject. Empty: nothing. */
struct trail {
	enum audit_event event;
	enum lk_err result;
	struct lk_str reason, actor, session;
	struct lk_str detail; /* empty: the call's why-list */
};
/*
 * One line, on disk when this returns. subject may be NULL.
 *
 * Returns: LK_OK · LK_E_AUDIT_DOWN: do not acknowledge what it tells
 */
enum lk_err
trail_write(const struct asker *asker, const struct subject *subject,
	    const struct trail *trail) LK_MUST_CHECK;
/* The line alone, for who writes it in another way. Borrows from all three. */
void
trail_line(const struct asker *asker, const struct subject *subject, const struct trail *trail,
	   struct audit_line *out);
/* One line with event and result alone. */
enum lk_err
trail_event(const struct asker *asker, const struct subject *subject, enum audit_event event,
	    enum lk_err result) LK_MUST_CHECK;

/*
 * A mail to the person, into the spool, in their language. Its failing fails nothing: the log says
 * so. values may hold more places than those every mail has; NULL: none.
 */
void
trail_mail(const struct asker *asker, const struct subject *subject, enum mail_id mail,
	   const struct page_values *values);

#endif
