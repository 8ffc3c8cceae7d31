/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ctl/verbs.h"
#include "ctl/written.h"

enum ctl_exit
ctl_help_run(struct ctl *ctl)
{
	if (ctl->arg_count == 0) {
		ctl_usage(ctl->out);
		return CTL_DONE;
	}
	if (ctl_noun_help(ctl->out, ctl->args[0], NULL))
		return CTL_DONE;
	ctl_complain(ctl, "there is no '%s'; see latchkeyctl help", ctl->args[0]);
	return CTL_USAGE;
}

enum ctl_exit
ctl_completion_run(struct ctl *ctl)
{
	if (strcmp(ctl->args[0], "bash") != 0) {
		ctl_complain(ctl, "there is a completion for bash only");
		return CTL_USAGE;
	}
	ctl_completion_write(ctl->out);
	return CTL_DONE;
}
