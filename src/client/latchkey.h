/* SPDX-License-Identifier: MIT */
/*
 * Ask the Latchkey daemon of this machine who somebody is. For PAM modules and programs that cannot
 * speak HTTP. Lives in other people's processes: no threads, signals, globals, memory of its own or
 * output; descriptors are close-on-exec; what was sent and read is wiped. A person is never let in
 * by silence: whatever goes wrong is LATCHKEY_UNAVAILABLE or LATCHKEY_REFUSED.
 */
#ifndef LATCHKEY_H
#define LATCHKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LATCHKEY_SOCKET	      "/run/latchkey/pam.sock"
#define LATCHKEY_ADMIN_SOCKET "/run/latchkey/admin.sock"
/* All waiting for the daemon in one attempt to sign in; the typing of people does not count. */
#define LATCHKEY_BUDGET_MS 4500

struct latchkey {
	const char *socket_path;
	uid_t daemon_uid; /* who must listen there; root always may */
	int budget_ms;	  /* what is left of LATCHKEY_BUDGET_MS; each question takes its time off */
};

enum latchkey_verb { LATCHKEY_AUTH = 1, LATCHKEY_ACCOUNT, LATCHKEY_CHANGE };

/* Strings are borrowed; NULL: not known, or not asked yet. */
struct latchkey_request {
	enum latchkey_verb verb;
	const char *service, *username, *rhost, *tty, *ruser, *language;
	const char *handle; /* from the answer before */
	const char *password, *code, *current_password, *new_password;
	bool is_root;	/* CHANGE: root asks, for someone else */
	bool is_prelim; /* CHANGE: find out first whether it can be done */
	bool is_forced; /* CHANGE: because the password must be changed */
};

/* Far apart on purpose. Compare with ==; whatever is not LATCHKEY_DONE is no yes. */
enum latchkey_verdict {
	LATCHKEY_UNAVAILABLE =
	    0x4f555421, /* nobody is known to be wrong; other ways may be tried */
	LATCHKEY_DONE = 0x444f4e45,
	LATCHKEY_ASK = 0x41534b3f,
	LATCHKEY_REFUSED = 0x4e4f5421,
	LATCHKEY_NEW_PASSWORD = 0x4e455750,
};
enum latchkey_prompt {
	LATCHKEY_PROMPT_NONE = 0,
	LATCHKEY_PROMPT_PASSWORD,
	LATCHKEY_PROMPT_CODE,
	LATCHKEY_PROMPT_CURRENT_PASSWORD,
	LATCHKEY_PROMPT_NEW_PASSWORD,
};
enum latchkey_reason {
	LATCHKEY_REASON_NONE = 0,
	LATCHKEY_WRONG,
	LATCHKEY_TOO_FAST,
	LATCHKEY_LOCKED,
	LATCHKEY_LEFT,
	LATCHKEY_NOT_STARTED,
	LATCHKEY_BLOCKED,
	LATCHKEY_UNKNOWN,
	LATCHKEY_PASSWORD_RULE,
	LATCHKEY_UNSURE,
	LATCHKEY_NOT_HERE,
	LATCHKEY_NOT_ALLOWED,
};

/* Texts end with NUL; empty: none. Lines are parted by newlines; no other control character is ever
 * in them. */
struct latchkey_answer {
	enum latchkey_verdict verdict;
	enum latchkey_reason reason; /* with REFUSED */
	enum latchkey_prompt prompt; /* with ASK */
	bool is_echo;
	char handle[65];
	char text[257], again[257], mismatch[257]; /* with ASK; the last two for a new password */
	char sentence[2049];			   /* why not */
	char info[2049];			   /* good to know */
};

/*
 * One question, one answer. out is always filled; UNAVAILABLE when the daemon is missing, silent,
 * not the right user or says what cannot be read. Time: at most latchkey->budget_ms, which becomes
 * less by what it took.
 */
void
latchkey_ask(struct latchkey *latchkey, const struct latchkey_request *request,
	     struct latchkey_answer *out);

/*
 * A question of latchkeyctl: JSON there and back. Returns the length written to out (room bytes,
 * ended with NUL), or -1: nobody answered, -2: the daemon does not talk to this user, -3: the
 * question is too large.
 */
long
latchkey_admin_ask(struct latchkey *latchkey, const char *json, char *out, size_t room);

/* For buffers that held a secret; not removed by the compiler. */
void
latchkey_wipe(void *bytes, size_t len);

#endif
