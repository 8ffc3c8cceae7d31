/* SPDX-License-Identifier: MIT */
/* The registered applications, a file each in policies/applications/. */
#ifndef LK_POLICY_APPLICATION_H
#define LK_POLICY_APPLICATION_H

#include "policy/policy.h"

enum policy_kind {
	POLICY_WEB = 1,
	POLICY_SPA,
	POLICY_ROBOT,
	POLICY_RESOURCE_SERVER,
	POLICY_PASSWORD_ONLY
};

#define POLICY_APPLICATION_TEXT	  const char *
#define POLICY_APPLICATION_URL	  const char *
#define POLICY_APPLICATION_WORD	  int
#define POLICY_APPLICATION_LIST	  struct conf_list
#define POLICY_APPLICATION_NAMES  struct conf_list
#define POLICY_APPLICATION_PROOFS struct policy_proofs

/* One member a row of application.def; kind is an enum policy_kind. Texts left out are "";
 * Welsh ones left out are the English ones. */
struct policy_application {
#define LK_APPLICATION(type, field, key, preset, min, max, unit, help)                             \
	POLICY_APPLICATION_##type field;
#include "tables/application.def"
	bool is_for_everyone; /* groups = everyone */
	const char *file;
};

/* NULL: no such application. */
const struct policy_application *
policy_application_find(const struct policy *policy, struct lk_str client_id);
/* By place, in the order of their files' names; NULL past the end. */
const struct policy_application *
policy_application_at(const struct policy *policy, size_t index);
/* May somebody in these groups use it? Group names are alike in either case. */
bool
policy_application_may_use(const struct policy_application *application,
			   const struct policy_who *who);
/* Does it belong on the services page? */
bool
policy_application_is_listed(const struct policy_application *application);

#endif
