/* SPDX-License-Identifier: MIT */
/* Inside src/policy only: how what was read is kept. */
#ifndef LK_POLICY_POLICY_INSIDE_H
#define LK_POLICY_POLICY_INSIDE_H

#include "base/arena.h"
#include "conf/table.h"
#include "policy/application.h"
#include "policy/claims.h"
#include "policy/draft.h"
#include "policy/policy.h"
#include "policy/wordlist.h"

/* One section of one file. The first of each file is [default], written or not. */
struct policy_section {
	const char *group;	 /* NULL: [default] */
	struct conf_place place; /* of its line; line 0: it is not there */
	void *values; /* struct policy_password …: what the section set, else the preset */
	struct conf_place *places; /* where each rule was set; line 0: not in this section */
	struct policy_section *next;
};

/* Of a robot: a year, and the leap day that may be in it. */
#define POLICY_LIFE_MAX_S (366 * 86400)

struct policy {
	struct lk_arena *arena; /* owns all but the list */
	struct policy_section *sections[POLICY_FILE_COUNT];
	const char *paths[POLICY_FILE_COUNT];
	struct policy_application *applications;
	size_t application_count;
	const struct policy_application **by_id; /* all of them, by client_id's bytes */
	struct policy_claim *claims; /* claim_count, those that come from anywhere */
	size_t claim_count;
	struct conf_list scopes;
	struct wordlist *common;
	struct lk_str service_name;
	const struct policy_drafts *drafts; /* while it is read; NULL later */
	int64_t now_s; /* when it was read; 0: not known */
};

struct policy_table {
	const char *file; /* "password.policy" */
	struct conf_table table;
	const bool *is_for_all; /* of each row: only [default] may set it */
	size_t bytes;		/* of its struct */
};
/* The rows of application.def and claims.def. */
extern const struct conf_table policy_application_table, policy_claims_table;
extern const struct policy_table policy_tables[POLICY_FILE_COUNT];

/* What holds for somebody of these groups; out is the file's struct. places, when not NULL, says
 * where each came from. */
void
policy_values_ask(const struct policy *policy, enum policy_file file, const struct policy_who *who,
		  void *out, const struct policy_section **out_from);

/* One file's text, already named in policy->paths. Pure but for memory. */
bool
policy_text_read(struct policy *policy, enum policy_file file, struct lk_str text,
		 struct conf_faults *faults);
/* claims.policy's text; empty: what claims.def says. Sets claims and scopes. */
bool
policy_claims_text_read(struct policy *policy, const char *file, struct lk_str text,
			struct conf_faults *faults);
/* Where an application's file comes from, and what it is read with; borrowed. */
struct policy_application_from {
	struct lk_arena *arena;
	const char *file; /* must outlive what is read */
	const struct conf_list *people_scopes;
	int64_t now_s; /* 0: not known, so that an expiry may be any day */
};
/* One application file's text. Pure but for memory: jwks_file is not opened. */
bool
policy_application_text_read(const struct policy_application_from *from, struct lk_str text,
			     struct conf_faults *faults, struct policy_application *out);
/* One of its secret_digests: "KEYNUMBER:43 letters", then ":2026-12-31T10:00Z" if it ends. */
struct policy_secret {
	struct crypto_digest digest;
	uint32_t key_id;
	int64_t until_s; /* 0: no end */
};
bool
policy_secret_read(struct lk_str text, struct policy_secret *out);
/* The steps of policy_load; each adds faults. False without memory. */
bool
policy_file_read(struct policy *policy, enum policy_file file, struct conf_faults *faults);
bool
policy_claims_read(struct policy *policy, const char *file, struct conf_faults *faults);
bool
policy_applications_read(struct policy *policy, const char *folder, struct conf_faults *faults);
/* What the arena does not own. */
void
policy_applications_done(struct policy *policy);
/* Rules across rows, section by section; only when each row by itself is fine. */
void
policy_rules_check(const struct policy *policy, struct conf_faults *faults);

#endif
