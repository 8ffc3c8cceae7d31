/* SPDX-License-Identifier: MIT */
/*
 * What the organisation wants: rules for passwords, locks, resets and sign-ins (tables/rules.def),
 * and which applications there are. Asked with who it is about; answers with values, and says which
 * line decided. Read once, const from then on; a reload makes another. Knows nothing of the
 * directory, the store or pages.
 */
#ifndef LK_POLICY_POLICY_H
#define LK_POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "conf/fault.h"
#include "conf/value.h"
#include "policy/proofs.h"

enum policy_without { POLICY_ENROL = 1, POLICY_REFUSE, POLICY_ALLOW };

#define POLICY_FIELD_INT    int
#define POLICY_FIELD_BOOL   bool
#define POLICY_FIELD_NAMES  struct conf_list
#define POLICY_FIELD_WORD   int
#define POLICY_FIELD_PROOFS struct policy_proofs

/* One member a row of rules.def: struct policy_password { int min_length_count; … }. */
#define LK_RULE(file, scope, type, field, ...) POLICY_##file(POLICY_FIELD_##type field;)
#define POLICY_LOCKOUT(member)
#define POLICY_RESET(member)
#define POLICY_SIGNIN(member)
#define POLICY_PASSWORD(member) member
struct policy_password {
#include "tables/rules.def"
};
#define LK_RULE(file, scope, type, field, ...) POLICY_##file(POLICY_FIELD_##type field;)
#undef POLICY_PASSWORD
#undef POLICY_LOCKOUT
#define POLICY_PASSWORD(member)
#define POLICY_LOCKOUT(member) member
struct policy_lockout {
#include "tables/rules.def"
};
#define LK_RULE(file, scope, type, field, ...) POLICY_##file(POLICY_FIELD_##type field;)
#undef POLICY_LOCKOUT
#undef POLICY_RESET
#define POLICY_LOCKOUT(member)
#define POLICY_RESET(member) member
struct policy_reset {
#include "tables/rules.def"
};
#define LK_RULE(file, scope, type, field, ...) POLICY_##file(POLICY_FIELD_##type field;)
#undef POLICY_RESET
#undef POLICY_SIGNIN
#define POLICY_RESET(member)
#define POLICY_SIGNIN(member) member
struct policy_signin { /* without_second_step is an enum policy_without */
#include "tables/rules.def"
};
#undef POLICY_PASSWORD
#undef POLICY_LOCKOUT
#undef POLICY_RESET
#undef POLICY_SIGNIN

enum policy_file {
	POLICY_FILE_PASSWORD = 0,
	POLICY_FILE_LOCKOUT,
	POLICY_FILE_RESET,
	POLICY_FILE_SIGNIN,
	POLICY_FILE_COUNT
};

struct policy;
struct policy_application; /* policy/application.h */

/* Where policies come from; borrowed for the call. */
struct policy_from {
	const char *dir;		   /* conf's policies_dir */
	const char *common_passwords_file; /* made by latchkey-wordlist */
	const char *service_name;	   /* nobody's password may hold its words; NULL: none */
	int64_t now_s; /* a robot's expiry may be a year ahead of it; 0: is not looked at */
};
/*
 * Read everything, or nothing.
 *
 *   faults  yours; gets everything that is wrong, sorted
 *   out     yours: policy_free
 *
 * Returns: LK_OK · LK_E_FORMAT faults say why · LK_E_MEMORY
 */
enum lk_err
policy_load(const struct policy_from *from, struct conf_faults *faults,
	    struct policy **out) LK_MUST_CHECK;
/* NULL is fine. */
void
policy_free(struct policy *policy);

/* Who a question is about. Everything borrowed; all zero: anybody, who is in no group. */
struct policy_who {
	const struct lk_str *groups; /* names, as struct dir_person has them */
	size_t group_count;
	const struct policy_application *application; /* NULL: none, or ours */
};

/*
 * The rules for somebody. Each rule comes from the first [group …] section, from the top of its
 * file, that names a group of theirs and sets it; else from [default]; else it is the default of
 * rules.def. Lists in out are borrowed from policy.
 */
void
policy_password_ask(const struct policy *policy, const struct policy_who *who,
		    struct policy_password *out);
/* The same for everybody: these are met before anybody knows whose request it is. */
void
policy_lockout_ask(const struct policy *policy, struct policy_lockout *out);
void
policy_reset_ask(const struct policy *policy, const struct policy_who *who,
		 struct policy_reset *out);
/* With an application, its own proofs are asked for too; one of kind password_only asks for its own
 * alone. */
void
policy_signin_ask(const struct policy *policy, const struct policy_who *who,
		  struct policy_signin *out);

/* Every rule with its value and what decided: "min_length = 12  # [default],
 * /etc/…/password.policy:14"; a line each. */
void
policy_explain(const struct policy *policy, enum policy_file file, const struct policy_who *who,
	       struct lk_buf *out);

/* Every rule with default, range and help, at most 79 columns wide; for --help. */
void
policy_help(struct lk_buf *out);
/* The same as the body of the manual page latchkey-policy(5), in man macros. */
void
policy_manual(struct lk_buf *out);

#endif
