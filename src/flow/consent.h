/* SPDX-License-Identifier: MIT */
/*
 * What a person has allowed an application to know of them: one value a person and application,
 * kept in the directory with what they prove themselves by (lkAllowed), so that it outlives every
 * session and token and does not come back once it was taken back. Only where the application's
 * policy asks people; an application that is registered otherwise, or under another client id, is
 * asked about anew.
 */
#ifndef LK_FLOW_CONSENT_H
#define LK_FLOW_CONSENT_H

#include "flow/asker.h"
#include "flow/consent_text.h"

/*
 * Has this person allowed the application all of scope?
 *
 * Returns: LK_OK · LK_E_OAUTH_CONSENT they must be asked · LK_E_DIRECTORY_DOWN
 */
enum lk_err
consent_check(const struct asker *asker, const struct subject *subject, struct lk_str client_id,
	      struct lk_str scope) LK_MUST_CHECK;
/*
 * They said yes to scope just now, whatever they allowed before. Should this get lost, they are
 * asked again: the log says so.
 */
void
consent_remember(const struct asker *asker, const struct subject *subject,
		 struct lk_str client_id, struct lk_str scope);
/*
 * They take back all they allowed this application, and what it holds of them ends: codes and
 * devices it has not made use of as well. No code is given meanwhile that would outlive it, if
 * whoever gives one without asking looks again (consent_check) once it is there.
 *
 * Returns: LK_OK, also when there was nothing · LK_E_DIRECTORY_* · LK_E_STORE_DOWN
 */
enum lk_err
consent_end(const struct asker *asker, const struct subject *subject,
	    struct lk_str client_id) LK_MUST_CHECK;

#endif
