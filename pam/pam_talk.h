/* SPDX-License-Identifier: MIT */
/*
 * The conversation with the person: what is said, what is asked, what is remembered between two
 * entry points of one PAM handle. Everything typed is wiped here or by talk_done.
 */
#ifndef LK_PAM_TALK_H
#define LK_PAM_TALK_H

#include <security/pam_modules.h>
#include <stdbool.h>

#include "client/latchkey.h"
#include "pam_args.h"

#define TALK_SECRET_BYTES 1025u

/* Kept in the PAM handle from authenticate to chauthtok; wiped when the handle ends. */
struct talk_kept {
	char username[257];
	char handle[65];
	char password[TALK_SECRET_BYTES];
};

struct talk {
	pam_handle_t *pamh;
	struct pam_args args;
	bool is_silent;	     /* PAM_SILENT */
	bool has_used_first; /* the earlier line's password was tried */
	struct latchkey latchkey;
	struct latchkey_request request; /* points into the fields below */
	struct latchkey_answer answer;
	char handle[65];
	char password[TALK_SECRET_BYTES];
	char code[65];
	char new_password[TALK_SECRET_BYTES];
};

/*
 * Read the stack line and the PAM items. Returns PAM_SUCCESS or the code to give back; talk_done is
 * always needed.
 */
int
talk_begin(struct talk *talk, pam_handle_t *pamh, int flags, int argc, const char **argv);
void
talk_done(struct talk *talk);

/* Ask the daemon; tells what it has to say. The answer stands in talk->answer. */
void
talk_ask(struct talk *talk);

/* One line or more, each its own message. */
void
talk_say(struct talk *talk, int style, const char *lines);
/*
 * Ask the person; what was typed goes to out (room bytes). PAM_SUCCESS · PAM_CONV_ERR nobody can be
 * asked · PAM_AUTH_ERR nothing was typed, or more than fits.
 */
int
talk_prompt(struct talk *talk, bool is_echo, const char *text, char *out, size_t room);

/* What an earlier line of the stack asked for; false: nothing. */
bool
talk_item_find(struct talk *talk, int item, char *out, size_t room);
/* For later lines of the stack. */
void
talk_item_set(struct talk *talk, int item, const char *secret);

void
talk_keep(struct talk *talk);
/* NULL: nothing kept for this person. Borrowed. */
const struct talk_kept *
talk_kept(struct talk *talk);
void
talk_kept_forget(struct talk *talk);

#endif
