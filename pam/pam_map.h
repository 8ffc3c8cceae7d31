/* SPDX-License-Identifier: MIT */
/* The daemon's answer as a PAM code. Pure. Nothing but LATCHKEY_DONE ever becomes PAM_SUCCESS. */
#ifndef LK_PAM_MAP_H
#define LK_PAM_MAP_H

#include "client/latchkey.h"

int
pam_map_auth(const struct latchkey_answer *answer);
int
pam_map_account(const struct latchkey_answer *answer);
int
pam_map_change(const struct latchkey_answer *answer);

#endif
