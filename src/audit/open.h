/* SPDX-License-Identifier: MIT */
/* audit_open on another disk than the system's: for tests. */
#ifndef LK_AUDIT_OPEN_H
#define LK_AUDIT_OPEN_H

#include "audit/file.h"

enum lk_err audit_open_setup(
    const struct audit_setup *setup, struct lk_why *why, struct audit **out) LK_MUST_CHECK;

#endif
