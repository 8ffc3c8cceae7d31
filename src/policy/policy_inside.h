/* SPDX-License-Identifier: MIT */
/* Inside src/policy only: how what was read is kept. */
#ifndef LK_POLICY_POLICY_INSIDE_H
#define LK_POLICY_POLICY_INSIDE_H

#include "base/arena.h"
#include "conf/table.h"
#include "policy/application.h"
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

struct policy {
	struct lk_arena *arena; /* owns all but the list */
	struct policy_section *sections[POLICY_FILE_COUNT];
	const char *paths[POLICY_FILE_COUNT];
	struct policy_application *applications;
	size_t application_count;
	struct wordlist *common;
	struct lk_str service_name;
};

struct policy_table {
	const char *file; /* "password.policy" */
	struct conf_table table;
	const bool *is_for_all; /* of each row: only [default] may set it */
	size_t bytes;		/* of its struct */
};
/* The rows of application.def. */
extern const struct conf_table policy_application_table;
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
/* One application file's text; file must outlive out. */
bool
policy_application_text_read(struct lk_arena *arena, const char *file, struct lk_str text,
			     struct conf_faults *faults, struct policy_application *out);
/* The steps of policy_load; each adds faults. False without memory. */
bool
policy_file_read(struct policy *policy, enum policy_file file, struct conf_faults *faults);
bool
policy_applications_read(struct policy *policy, const char *folder, struct conf_faults *faults);
/* Rules across rows, section by section; only when each row by itself is fine. */
void
policy_rules_check(const struct policy *policy, struct conf_faults *faults);

#endif
