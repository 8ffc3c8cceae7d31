/* SPDX-License-Identifier: MIT */
/* Build time only: prints latchkeyctl(1), latchkey-errors(7) or the bash completion from the
 * tables, so that none goes stale. */
#include <string.h>

#include "ctl/errors_manual.h"
#include "ctl/written.h"

int
main(int argc, char **argv)
{
	const char *which = argc == 2 ? argv[1] : "";

	if (strcmp(which, "latchkeyctl.1") == 0)
		ctl_manual_write(stdout);
	else if (strcmp(which, "latchkey-errors.7") == 0)
		ctl_errors_manual_write(stdout);
	else if (strcmp(which, "latchkeyctl.bash") == 0)
		ctl_completion_write(stdout);
	else
		return 1;
	return fflush(stdout) == 0 ? 0 : 1;
}
