/* SPDX-License-Identifier: MIT */
/*
 * The registered applications, a file each in policies/applications/, and what each may do. All of
 * it is pure and in memory: fit for a loop. Whoever is not known is allowed nothing.
 */
#ifndef LK_POLICY_APPLICATION_H
#define LK_POLICY_APPLICATION_H

#include "crypto/crypto.h"
#include "policy/policy.h"
#include "policy/when.h"

enum policy_kind {
	POLICY_WEB = 1,
	POLICY_SPA,
	POLICY_ROBOT,
	POLICY_RESOURCE_SERVER,
	POLICY_PASSWORD_ONLY
};
/* Words of application.def, from 1 in their order there. */
enum policy_auth { POLICY_AUTH_BASIC = 1, POLICY_AUTH_POST, POLICY_AUTH_KEY, POLICY_AUTH_NONE };
enum policy_token { POLICY_TOKEN_OPAQUE = 1, POLICY_TOKEN_JWT };
enum policy_pkce { POLICY_PKCE_REQUIRED = 1, POLICY_PKCE_OPTIONAL };
enum policy_subject { POLICY_SUBJECT_PUBLIC = 1, POLICY_SUBJECT_PAIRWISE };
enum policy_consent { POLICY_CONSENT_NONE = 1, POLICY_CONSENT_ASK };
enum policy_audience { POLICY_AUDIENCE_ISSUER = 1, POLICY_AUDIENCE_ANY };

#define POLICY_APPLICATION_TEXT	  const char *
#define POLICY_APPLICATION_URL	  const char *
#define POLICY_APPLICATION_PATH	  const char *
#define POLICY_APPLICATION_WORD	  int
#define POLICY_APPLICATION_INT	  int
#define POLICY_APPLICATION_BOOL	  bool
#define POLICY_APPLICATION_LIST	  struct conf_list
#define POLICY_APPLICATION_NAMES  struct conf_list
#define POLICY_APPLICATION_PROOFS struct policy_proofs
#define POLICY_APPLICATION_MOMENT int64_t
#define POLICY_APPLICATION_HOURS  struct policy_hours

/* One member a row of application.def. Texts left out are "", paths NULL, Welsh ones the English
 * ones; id_token_alg is an enum crypto_alg, the other words are the enums above. */
struct policy_application {
#define LK_APPLICATION(type, field, key, preset, min, max, unit, help)                             \
	POLICY_APPLICATION_##type field;
#include "tables/application.def"
	bool is_for_everyone;		       /* groups = everyone */
	bool is_public;			       /* auth_method = none */
	bool takes_everyone;		       /* takes = everyone */
	const struct policy_secret *secrets;   /* secret_digests.count of them */
	const struct conf_network *ranges;     /* networks.count of them */
	const struct conf_list *people_scopes; /* policy_scopes; NULL: none */
	const struct crypto_jwks *keys;	       /* of jwks_file; NULL: none */
	const char *file;
};

/* NULL: no such application. */
const struct policy_application *
policy_application_find(const struct policy *policy, struct lk_str client_id);
/* The one whose hosts hold "HOST" or "HOST:PORT", in either case; NULL: none. */
const struct policy_application *
policy_application_find_host(const struct policy *policy, struct lk_str host);
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

/*
 * Is secret one of the application's, now? In constant time; an empty one never is, nor any when
 * its auth_method is not one with a secret.
 *
 *   ring  holds the keys its digests were made with
 */
bool
policy_application_secret_check(const struct policy_application *application,
				const struct crypto_ring *ring, struct lk_str secret,
				int64_t now_s);
/*
 * May people be sent back to uri? Letter by letter one of redirect_uris; only a public application
 * that registered http:// on 127.0.0.1 or [::1] may use any port there.
 *
 * Source: RFC 9700 s2.1, s4.1.3; RFC 8252 s7.1, s7.3.
 */
bool
policy_application_redirect_check(const struct policy_application *application, struct lk_str uri);
/* Is this one of its redirect_uris one of those that may have any port? */
bool
policy_application_any_port_check(const struct policy_application *application, struct lk_str uri);
/* The same after signing out: letter by letter. */
bool
policy_application_signed_out_check(const struct policy_application *application,
				    struct lk_str uri);
/* Is "HOST" or "HOST:PORT" its own, in either case? */
bool
policy_application_host_check(const struct policy_application *application, struct lk_str host);
/* May it be used from this IP address, as text? What is no address is nowhere. */
bool
policy_application_network_check(const struct policy_application *application,
				 struct lk_str address);
/* Is this one of its hours, in the zone of the process? */
bool
policy_application_hours_check(const struct policy_application *application, int64_t now_s);
/* Has it not expired? A robot without an end, or with one more than a year ahead, has. */
bool
policy_application_life_check(const struct policy_application *application, int64_t now_s);
/* May it ask for this one scope? */
bool
policy_application_scope_check(const struct policy_application *application, struct lk_str scope);
/*
 * What it gets of what it asked for: each scope it may have, once, in the order asked, blank
 * separated. A robot that asks for nothing gets all it may have.
 *
 *   asked  blank separated, as sent
 *   out    in arena; {"", 0}: nothing
 *
 * Returns: LK_OK · LK_E_FORMAT letters no scope can have, or more than POLICY_SCOPES_MAX
 *          LK_E_MEMORY
 * Source:  RFC 6749 s3.3; OpenID Connect Core s3.1.2.1: unknown ones are passed over.
 */
#define POLICY_SCOPES_MAX 64u
enum lk_err
policy_application_scopes_narrow(const struct policy_application *application, struct lk_str asked,
				 struct lk_arena *arena, struct lk_str *out) LK_MUST_CHECK;
/*
 * May asker be told what a token is worth? One of its own always; one made for resources only when
 * it answers for one of them; another only of whom it takes.
 *
 *   client_id  whose token it is
 *   audience   resources it was made for, blank separated; empty: none named
 *
 * Source: RFC 7662 s2.1, s4.
 */
bool
policy_application_may_introspect(const struct policy_application *asker, struct lk_str client_id,
				  struct lk_str audience);
/* Does any application answer for this resource? */
bool
policy_resource_check(const struct policy *policy, struct lk_str resource);

#endif
