/* SPDX-License-Identifier: MIT */
/* Inside src/directory only: one operation on one handle, by a deadline. Codes are libldap's. */
#ifndef LK_DIRECTORY_DIR_WIRE_H
#define LK_DIRECTORY_DIR_WIRE_H

#include "directory/dir_ask.h"

struct dir_until {
	const struct lk_clock *clock;
	int64_t mono_ms;
};
/* 0 when past. */
int
dir_until_left_ms(const struct dir_until *until);

/* Sends; waits only while the handle is not connected yet. LDAP_SUCCESS: it is on its way. */
int
dir_wire_start(LDAP *ld, const struct dir_ask *ask, const struct dir_until *until, int *out_id);
/* Waits for the answer. LDAP_SUCCESS: there is one. */
int
dir_wire_finish(LDAP *ld, int id, const struct dir_until *until, struct dir_answer *out);
/* StartTLS: LDAP_SUCCESS only when everything from here on is encrypted and the name verified. */
int
dir_wire_starttls(LDAP *ld, const struct dir_until *until, struct dir_answer *out);

/* Puts ask on the wire (dir_send.c, which alone sees passwords). May say LDAP_X_CONNECTING. */
int
dir_send(LDAP *ld, const struct dir_ask *ask, int *out_id);

#endif
