/* SPDX-License-Identifier: MIT */
/* What stands behind pam_latchkey.so on a stack line. Strict: a word that is not known lets nobody
 * in. */
#ifndef LK_PAM_ARGS_H
#define LK_PAM_ARGS_H

#include <stdbool.h>
#include <sys/types.h>

struct pam_args {
	const char *socket_path; /* socket=PATH */
	uid_t daemon_uid;	 /* uid=NUMBER|NAME: who runs latchkeyd; root always may */
	bool is_try_first; /* try_first_pass: an earlier line's password is tried before asking */
	bool is_use_first; /* use_first_pass: and nobody is asked for one */
	bool is_quiet;	   /* quiet: no information messages; refusals are still told */
};

/*
 * Defaults, then each word. Returns NULL, or the word that is wrong (borrowed from argv).
 */
const char *
pam_args_read(int argc, const char **argv, struct pam_args *out);

#endif
