/* SPDX-License-Identifier: MIT */
#include "policy/policy.h"

#include <string.h>

#include "policy/policy_inside.h"

static size_t
member_bytes(enum conf_type type)
{
	switch (type) {
	case CONF_INT:
	case CONF_WORD:
		return sizeof(int);
	case CONF_BOOL:
		return sizeof(bool);
	case CONF_LIST:
	case CONF_NAMES:
		return sizeof(struct conf_list);
	case CONF_OWN:
		return sizeof(struct policy_proofs);
	case CONF_TEXT:
	case CONF_PATH:
	case CONF_URL:
		return sizeof(const char *);
	case CONF_ADDRESS:
		return sizeof(struct conf_address);
	}
	return 0;
}

static bool
is_in_group(const struct policy_who *who, const char *group)
{
	size_t i;

	for (i = 0; i < who->group_count; i++) {
		if (lk_str_is_equal_nocase(who->groups[i], lk_str_c(group)))
			return true;
	}
	return false;
}

/* The first section that names a group of theirs and sets the rule; else [default]. */
static const struct policy_section *
section_find(const struct policy *policy, enum policy_file file, const struct policy_who *who,
	     size_t rule)
{
	const struct policy_section *section = policy->sections[file]->next;

	for (; section != NULL; section = section->next) {
		if (section->places[rule].line > 0 && is_in_group(who, section->group))
			return section;
	}
	return policy->sections[file];
}

void
policy_values_ask(const struct policy *policy, enum policy_file file, const struct policy_who *who,
		  void *out, const struct policy_section **out_from)
{
	const struct conf_table *table = &policy_tables[file].table;
	const struct policy_section *section;
	size_t i;

	memcpy(out, policy->sections[file]->values, policy_tables[file].bytes);
	for (i = 0; i < table->count; i++) {
		const struct conf_row *row = &table->rows[i];

		section = section_find(policy, file, who, i);
		memcpy((char *)out + row->offset, (const char *)section->values + row->offset,
		       member_bytes(row->type));
		if (out_from != NULL)
			out_from[i] = section;
	}
}

void
policy_password_ask(const struct policy *policy, const struct policy_who *who,
		    struct policy_password *out)
{
	policy_values_ask(policy, POLICY_FILE_PASSWORD, who, out, NULL);
}

void
policy_lockout_ask(const struct policy *policy, struct policy_lockout *out)
{
	const struct policy_who anybody = {.groups = NULL};

	policy_values_ask(policy, POLICY_FILE_LOCKOUT, &anybody, out, NULL);
}

void
policy_reset_ask(const struct policy *policy, const struct policy_who *who,
		 struct policy_reset *out)
{
	policy_values_ask(policy, POLICY_FILE_RESET, who, out, NULL);
}

/* An application may ask for more; only one that can do no better asks for less, and its file says
 * so. */
static void
application_join(const struct policy_application *application, struct policy_proofs *proofs)
{
	uint8_t i;

	if (application == NULL || application->proofs.count == 0)
		return;
	if (application->kind == POLICY_PASSWORD_ONLY) {
		*proofs = application->proofs;
		return;
	}
	for (i = 0; i < proofs->count; i++)
		proofs->choice[i] |= application->proofs.choice[0];
}

void
policy_signin_ask(const struct policy *policy, const struct policy_who *who,
		  struct policy_signin *out)
{
	policy_values_ask(policy, POLICY_FILE_SIGNIN, who, out, NULL);
	application_join(who->application, &out->proofs);
}

static void
origin_write(const struct policy_section *section, size_t rule, struct lk_buf *out)
{
	const struct conf_place *place = &section->places[rule];

	if (place->line == 0)
		lk_buf_add_c(out, "  # built in\n");
	else if (section->group == NULL)
		lk_buf_printf(out, "  # [default], %s:%u\n", place->file, place->line);
	else
		lk_buf_printf(out, "  # [group %s], %s:%u\n", section->group, place->file,
			      place->line);
}

/* The widest of the four structs, aligned for all. */
union values {
	struct policy_password password;
	struct policy_lockout lockout;
	struct policy_reset reset;
	struct policy_signin signin;
};
#define RULES_MAX 64u

static void
application_explain(const struct policy_who *who, const struct policy_proofs *proofs,
		    struct lk_buf *out)
{
	const struct policy_application *application = who->application;

	if (application == NULL || application->proofs.count == 0)
		return;
	lk_buf_printf(out, "for %s: proofs = ", application->client_id);
	policy_proofs_write(proofs, out);
	lk_buf_printf(out, "  # %s\n", application->file);
}

void
policy_explain(const struct policy *policy, enum policy_file file, const struct policy_who *who,
	       struct lk_buf *out)
{
	const struct conf_table *table = &policy_tables[file].table;
	const struct policy_section *from[RULES_MAX];
	union values values;
	size_t i;

	policy_values_ask(policy, file, who, &values, from);
	for (i = 0; i < table->count; i++) {
		const struct conf_row *row = &table->rows[i];

		lk_buf_printf(out, "%s = ", row->key);
		conf_value_write(row, &values, out);
		if (row->type == CONF_INT && row->unit[0] != '\0')
			lk_buf_printf(out, " %s", row->unit);
		origin_write(from[i], i, out);
	}
	if (file != POLICY_FILE_SIGNIN)
		return;
	application_join(who->application, &values.signin.proofs);
	application_explain(who, &values.signin.proofs, out);
}
