/* SPDX-License-Identifier: MIT */
/* What operators type. Everything it does is a row of tables/ctl.def. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "ctl/ctl.h"

static bool
wants_colour(int argc, char **argv)
{
	const char *no = getenv("NO_COLOR");

	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--no-color") == 0)
			return false;
	return (no == NULL || no[0] == '\0') && isatty(STDOUT_FILENO) != 0;
}

int
main(int argc, char **argv)
{
	const struct sigaction ignored = {.sa_handler = SIG_IGN};
	struct ctl ctl = {
	    .in = stdin,
	    .out = stdout,
	    .err = stderr,
	    .clock = lk_clock_system(),
	    .has_colour = wants_colour(argc, argv),
	};

	(void)sigaction(SIGPIPE, &ignored, NULL);
	if (crypto_init() != LK_OK) {
		ctl_complain(&ctl, "the crypto library does not work");
		return CTL_REFUSED;
	}
	return (int)ctl_main(&ctl, argc, argv);
}
