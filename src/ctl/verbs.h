/* SPDX-License-Identifier: MIT */
/* One function a row of tables/ctl.def. */
#ifndef LK_CTL_VERBS_H
#define LK_CTL_VERBS_H

#include "ctl/ctl.h"

#define LK_CTL(noun, verb, run, arguments, min, max, options, help, example)                       \
	ctl_run ctl_##run##_run;
#include "tables/ctl.def"

#endif
