/* SPDX-License-Identifier: MIT */
#include "policy/claims.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "policy/policy_inside.h"

/* One member a row: the attribute's name. */
struct sources {
#define LK_CLAIM(id, name, scope, type, attribute, help) const char *id;
#include "tables/claims.def"
};

static const struct conf_row rows[] = {
#define LK_CLAIM(id, name, scope, type, attribute, help)                                           \
	{CONF_TEXT, "claims", name, attribute, 1, 100, "", help, offsetof(struct sources, id),     \
	 NULL},
#include "tables/claims.def"
};
#define ROWS (sizeof rows / sizeof rows[0])
const struct conf_table policy_claims_table = {rows, ROWS};

static const struct policy_claim shapes[] = {
#define LK_CLAIM(id, name, scope, type, attribute, help) {name, scope, POLICY_CLAIM_##type, NULL},
#include "tables/claims.def"
};

const struct policy_claim *
policy_claims(const struct policy *policy, size_t *out_count)
{
	*out_count = policy->claim_count;
	return policy->claims;
}

const struct conf_list *
policy_scopes(const struct policy *policy)
{
	return &policy->scopes;
}

/* RFC 4512 s2.5, without numbers: 2.5.4.35 would be userPassword by another name. */
static bool
is_attribute(const char *text)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	static const char more[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				   "0123456789-";

	return text[0] != '\0' && strchr(letters, text[0]) != NULL &&
	       text[strspn(text, more)] == '\0';
}

/* What nobody may be told, whatever a file says. */
static bool
is_secret(struct lk_str attribute)
{
	static const char *const names[] = {
	    "userPassword",
	    "authPassword",
	    "pwdHistory",
	    "unicodePwd",
	    "dBCSPwd",
	    "ntPwdHistory",
	    "lmPwdHistory",
	    "sambaNTPassword",
	    "sambaLMPassword",
	    "krbPrincipalKey",
	    "supplementalCredentials",
	    "sambaPasswordHistory",
	    "userPKCS12",
	};
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (lk_str_is_equal_nocase(attribute, lk_str_c(names[i])))
			return true;
	}
	return false;
}

/* What is wrong with it; NULL: nothing. */
static const char *
source_fault(const struct policy_claim *shape, const char *attribute)
{
	if (strcmp(attribute, "none") == 0)
		return NULL;
	if (shape->type == POLICY_CLAIM_GROUPS)
		return strcmp(attribute, "groups") == 0 ? NULL : "must be groups or none";
	if (!is_attribute(attribute))
		return "must be the name of an attribute, or none";
	return is_secret(lk_str_c(attribute)) ? "must not be an attribute that holds secrets"
					      : NULL;
}

/* Each scope once, where its first claim stands. */
static bool
scopes_settle(struct policy *policy)
{
	const char **items =
	    lk_arena_alloc(policy->arena, (policy->claim_count + 3) * sizeof items[0]);
	size_t i, j, count = 0;

	if (items == NULL)
		return false;
	items[count++] = "openid";
	for (i = 0; i < policy->claim_count; i++) {
		for (j = 0; j < count && strcmp(items[j], policy->claims[i].scope) != 0;)
			j++;
		if (j == count)
			items[count++] = policy->claims[i].scope;
	}
	items[count++] = "offline_access";
	policy->scopes = (struct conf_list){items, count};
	return true;
}

static bool
claims_settle(struct policy *policy, const struct sources *sources)
{
	size_t i;

	policy->claims = lk_arena_alloc(policy->arena, ROWS * sizeof policy->claims[0]);
	if (policy->claims == NULL)
		return false;
	policy->claim_count = 0;
	for (i = 0; i < ROWS; i++) {
		const char *attribute =
		    *(const char *const *)((const char *)sources + rows[i].offset);
		struct policy_claim *claim = &policy->claims[policy->claim_count];

		if (strcmp(attribute, "none") == 0)
			continue;
		*claim = shapes[i];
		claim->attribute = attribute;
		policy->claim_count++;
	}
	return scopes_settle(policy);
}

bool
policy_claims_text_read(struct policy *policy, const char *file, struct lk_str text,
			struct conf_faults *faults)
{
	struct conf_place places[ROWS] = {{.file = NULL}};
	struct sources sources = {.name = NULL};
	struct conf_reading values = {&policy_claims_table, policy->arena, faults, &sources,
				      places};
	size_t i;

	if (!conf_table_preset(&values))
		return false;
	conf_table_read(&values, file, text);
	for (i = 0; i < ROWS; i++) {
		const char *attribute =
		    *(const char *const *)((const char *)&sources + rows[i].offset);
		const char *words = source_fault(&shapes[i], attribute);

		if (words != NULL)
			conf_fault_add(faults, places[i], "%s %s", rows[i].key, words);
	}
	return claims_settle(policy, &sources);
}

bool
policy_claims_read(struct policy *policy, const char *file, struct conf_faults *faults)
{
	struct lk_str text = {NULL, 0};

	/* One that is not there says nothing else than claims.def. */
	if (access(file, F_OK) != 0 && errno == ENOENT)
		return policy_claims_text_read(policy, file, text, faults);
	if (!conf_text_read(file, policy->arena, faults, &text))
		text = (struct lk_str){NULL, 0};
	return policy_claims_text_read(policy, file, text, faults);
}
