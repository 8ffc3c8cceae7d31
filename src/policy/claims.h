/* SPDX-License-Identifier: MIT */
/*
 * What applications can be told of people, and from which attribute it comes: tables/claims.def and
 * policies/claims.policy. Knows no directory.
 */
#ifndef LK_POLICY_CLAIMS_H
#define LK_POLICY_CLAIMS_H

#include "policy/policy.h"

enum policy_claim_type {
	POLICY_CLAIM_TEXT = 1,
	POLICY_CLAIM_LINES,
	POLICY_CLAIM_LIST,
	POLICY_CLAIM_PRESENT,
	POLICY_CLAIM_TIME,
	POLICY_CLAIM_GROUPS /* of struct dir_person, not of an attribute */
};

struct policy_claim {
	const char *name; /* "address.locality": member of the object address */
	const char *scope;
	enum policy_claim_type type;
	const char *attribute; /* LDAP name; "groups" for GROUPS */
};

/* Those that come from anywhere, in the order of claims.def. */
const struct policy_claim *
policy_claims(const struct policy *policy, size_t *out_count);
/* openid, each scope with a claim, offline_access. */
const struct conf_list *
policy_scopes(const struct policy *policy);

#endif
