/* SPDX-License-Identifier: MIT */
#include "crypto/token.h"
#include "directory/dir_entry.h"
#include "directory/dir_time.h"

/* The findings so far. */
struct findings {
	struct dir *dir;
	struct dir_finding *each;
	size_t max, count;
	enum lk_err err; /* the first that stopped us */
};

static void
found(struct findings *findings, bool is_fatal, const char *who, const char *what)
{
	struct lk_str words;

	if (findings->count == findings->max)
		return;
	words = lk_arena_printf(findings->dir->call->arena, "%s%s", who, what);
	if (words.ptr == NULL)
		findings->err = LK_E_MEMORY;
	else
		findings->each[findings->count++] = (struct dir_finding){is_fatal, words};
}

/* Asks, unless something stopped us before; the code, or -1 when there is no answer. */
static int
ask(struct findings *findings, const struct dir_ask *what, struct dir_answer *out)
{
	if (findings->err == LK_OK)
		findings->err = dir_ask(findings->dir, what, out);
	return findings->err == LK_OK ? out->code : -1;
}

static void
base_check(struct findings *findings, const char *base, const char *setting)
{
	static const char *const none[] = {LDAP_NO_ATTRS, NULL};
	struct dir_ask what = {.kind = DIR_ASK_SEARCH,
			       .dn = base,
			       .scope = LDAP_SCOPE_BASE,
			       .filter = "(objectClass=*)",
			       .attributes = none};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	int code = ask(findings, &what, &answer);

	if (code == LDAP_SUCCESS && dir_entry_count(&answer) == 1)
		return;
	if (code >= 0)
		found(findings, true, setting,
		      " does not exist in the directory, or the service account may not read it; "
		      "make it as in contrib/directory/base.ldif, with the rights of acl.conf");
}

/* A bind as the decoy: slapd sends the policy's control for entries that exist, for no other. */
static void
decoy_check(struct findings *findings)
{
	struct dir *dir = findings->dir;
	struct lk_str text = crypto_token_make("", dir->call->arena);
	struct lk_secret *password = lk_secret_make(dir->call->arena, text);
	struct dir_ask what = {.kind = DIR_ASK_BIND,
			       .who = DIR_AS_PERSON,
			       .dn = dir->settings->decoy_dn,
			       .password = password};
	DIR_AUTO_ANSWER answer = {.ld = NULL};

	if (password == NULL)
		findings->err = LK_E_MEMORY;
	if (ask(findings, &what, &answer) >= 0 && !answer.ppolicy.is_there)
		found(findings, true, "directory.decoy_dn",
		      " is not there or has no password policy, so that people who do not exist "
		      "are answered faster; add it as in contrib/directory/base.ldif and load the"
		      " ppolicy overlay");
}

static void
failures_check(struct findings *findings, int own_limit)
{
	struct dir *dir = findings->dir;
	const struct dir_policy *none = dir_policy_find(dir, (struct lk_str){NULL, 0});
	size_t i;

	if (none == NULL)
		found(findings, true, "the policy cn=default",
		      " is not there or cannot be read; make it ppolicy_default, as in "
		      "contrib/directory/base.ldif");
	for (i = 0; i < dir->policies.count; i++) {
		const struct dir_policy *policy = &dir->policies.each[i];

		if (!policy->has_lockout || policy->max_failure == 0 ||
		    policy->max_failure > own_limit)
			continue;
		found(findings, policy->is_default, policy->dn,
		      ": pwdMaxFailure is not above what Latchkey lets through, so that strangers"
		      " can lock people out of everything; raise it, or lower the limits in "
		      "policies/lockout.policy");
	}
}

/* dn of some person under the default policy; NULL when there is none. */
static const char *
somebody(struct findings *findings)
{
	static const char *const none[] = {LDAP_NO_ATTRS, NULL};
	struct dir *dir = findings->dir;
	struct lk_arena *arena = dir->call->arena;
	struct lk_str filter = lk_arena_printf(arena, "(&(%s=*)(!(pwdPolicySubentry=*)))",
					       dir->settings->name_attribute);
	struct dir_ask what = {.kind = DIR_ASK_SEARCH,
			       .dn = dir->settings->people_base,
			       .scope = LDAP_SCOPE_SUBTREE,
			       .filter = filter.ptr,
			       .attributes = none,
			       .size_limit = 1};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	struct dir_entry entry;

	if (filter.ptr == NULL || ask(findings, &what, &answer) < 0)
		return NULL;
	entry = dir_entry_first(dir, &answer);
	return entry.message == NULL ? NULL : dir_entry_dn(&entry).ptr;
}

/* Asks to take a value away that is not there: refused with 16 by who has the right, else with 50.
 */
static bool
may_remove(struct findings *findings, const char *dn, const char *attribute, const char *value)
{
	char *values[] = {(char *)value, NULL};
	LDAPMod mod = {.mod_op = LDAP_MOD_DELETE, .mod_type = (char *)attribute};
	LDAPMod *mods[] = {&mod, NULL};
	struct dir_ask what = {.kind = DIR_ASK_MODIFY, .dn = dn, .mods = mods};
	DIR_AUTO_ANSWER answer = {.ld = NULL};

	mod.mod_values = values;
	return ask(findings, &what, &answer) != LDAP_INSUFFICIENT_ACCESS;
}

/*
 * Finds dn as somebody who did not fail on a day of long ago: who may not look at an attribute
 * finds nobody by it, and nobody without it either (RFC 4511 s4.5.1.7: Undefined).
 */
static bool
may_see(struct findings *findings, const char *dn, const char *attribute)
{
	static const char *const none[] = {LDAP_NO_ATTRS, NULL};
	struct lk_str filter = lk_arena_printf(findings->dir->call->arena,
					       "(!(%s=19700101000000Z))", attribute);
	struct dir_ask what = {.kind = DIR_ASK_SEARCH,
			       .dn = dn,
			       .scope = LDAP_SCOPE_BASE,
			       .filter = filter.ptr,
			       .attributes = none};
	DIR_AUTO_ANSWER answer = {.ld = NULL};

	if (filter.ptr == NULL || ask(findings, &what, &answer) != LDAP_SUCCESS)
		return true;
	return dir_entry_count(&answer) == 1;
}

/*
 * A password of one letter, under an assertion that is false: the policy refuses it first, unless
 * the account has manage, for which no policy holds.
 */
static bool
is_above_rules(struct findings *findings, const char *dn)
{
	const struct dir_policy *policy = dir_policy_find(findings->dir, (struct lk_str){NULL, 0});
	char letter[] = "x", *values[] = {letter, NULL};
	LDAPMod mod = {.mod_op = LDAP_MOD_REPLACE, .mod_type = "userPassword"};
	LDAPMod *mods[] = {&mod, NULL};
	struct dir_ask what = {
	    .kind = DIR_ASK_MODIFY, .dn = dn, .mods = mods, .assertion = DIR_ASSERT_NEVER};
	DIR_AUTO_ANSWER answer = {.ld = NULL};

	if (policy == NULL || policy->min_length < 2 || policy->quality == 0)
		return false;
	mod.mod_values = values;
	return ask(findings, &what, &answer) == LDAP_ASSERTION_FAILED;
}

static void
rights_check(struct findings *findings)
{
	const char *dn = somebody(findings);
	struct lk_str nobodys = crypto_token_make("", findings->dir->call->arena);

	if (dn == NULL || nobodys.ptr == NULL)
		return;
	if (is_above_rules(findings, dn))
		found(findings, true, "the service account",
		      " has the right \"manage\" on userPassword, so that the directory's rules "
		      "do not hold for resets; give it \"=w\", as in contrib/directory/acl.conf");
	if (!may_remove(findings, dn, "userPassword", nobodys.ptr))
		found(findings, false, "the service account",
		      " may not set passwords, so that nobody can reset theirs; give it \"=w\" on"
		      " userPassword, as in contrib/directory/acl.conf");
	if (!may_remove(findings, dn, "pwdAccountLockedTime", "19700101000000Z"))
		found(findings, false, "the service account",
		      " may not end locks, so that nobody can unlock themselves; give it "
		      "\"=rscz\" on pwdAccountLockedTime, as in contrib/directory/acl.conf");
	if (!may_see(findings, dn, "pwdFailureTime"))
		found(findings, false, "the service account",
		      " may not see wrong passwords, so that every lock looks like an "
		      "administrator's and signs people out; give it \"=rscz\" on pwdFailureTime, "
		      "as in contrib/directory/acl.conf");
}

/* Makes the entry the policy is tried on, with a password and a lock; false when it is not there.
 */
static bool
trial_make(struct findings *findings, const char *dn, const char *id, const char *password)
{
	char now[DIR_TIME_BYTES];
	char *classes[] = {"lkFactors", "simpleSecurityObject", NULL};
	char *ids[] = {(char *)id, NULL}, *passwords[] = {(char *)password, NULL};
	char *locks[] = {now, NULL};
	LDAPMod class = {.mod_type = "objectClass", .mod_values = classes};
	LDAPMod name = {.mod_type = "lkPersonId", .mod_values = ids};
	LDAPMod secret = {.mod_type = "userPassword", .mod_values = passwords};
	LDAPMod lock = {.mod_type = "pwdAccountLockedTime", .mod_values = locks};
	LDAPMod *mods[] = {&class, &name, &secret, NULL}, *locking[] = {&lock, NULL};
	struct dir_ask make = {.kind = DIR_ASK_ADD, .dn = dn, .mods = mods};
	struct dir_ask close = {.kind = DIR_ASK_MODIFY, .dn = dn, .mods = locking};
	DIR_AUTO_ANSWER made = {.ld = NULL};
	DIR_AUTO_ANSWER closed = {.ld = NULL};
	int code = ask(findings, &make, &made);

	dir_time_write(lk_clock_wall_s(findings->dir->settings->clock), now);
	if (code == LDAP_SUCCESS)
		(void)ask(findings, &close, &closed);
	else if (code >= 0 && dir_answer_is_read_only(&made))
		found(findings, false, "the directory server",
		      " takes no changes, so that nobody can change a password or set up an "
		      "authenticator; put one that does first in directory.uris");
	else if (code >= 0)
		found(findings, true, "the service account",
		      " may not write below directory.factors_base; give it the rights of "
		      "contrib/directory/acl.conf and the schema latchkey.schema");
	return code == LDAP_SUCCESS;
}

/* Is the password of that entry kept so that it can be read? */
static void
hash_check(struct findings *findings, const char *dn)
{
	static const char *const attributes[] = {"userPassword", NULL};
	struct dir_ask what = {.kind = DIR_ASK_SEARCH,
			       .dn = dn,
			       .scope = LDAP_SCOPE_BASE,
			       .filter = "(objectClass=*)",
			       .attributes = attributes};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	struct dir_entry entry;
	struct lk_str kept;

	if (ask(findings, &what, &answer) != LDAP_SUCCESS)
		return;
	entry = dir_entry_first(findings->dir, &answer);
	kept = entry.message == NULL ? LK_STR("") : dir_entry_text(&entry, "userPassword");
	if (kept.len > 0 && kept.ptr[0] != '{')
		found(findings, false, "the directory",
		      " keeps passwords readable when an administrator writes them; add "
		      "ppolicy_hash_cleartext to its overlay");
}

static void
lockout_check(struct findings *findings, const char *dn, struct lk_str password)
{
	struct lk_secret *secret = lk_secret_make(findings->dir->call->arena, password);
	struct dir_ask what = {
	    .kind = DIR_ASK_BIND, .who = DIR_AS_PERSON, .dn = dn, .password = secret};
	const struct dir_policy *policy = dir_policy_find(findings->dir, (struct lk_str){NULL, 0});
	DIR_AUTO_ANSWER answer = {.ld = NULL};

	if (policy == NULL || !policy->has_lockout || secret == NULL)
		return;
	if (ask(findings, &what, &answer) >= 0 && answer.ppolicy.error != DIR_PPOLICY_LOCKED)
		found(findings, false, "the directory",
		      " does not say when an account is locked, so that people read \"wrong "
		      "password\" then; add ppolicy_use_lockout to its overlay");
}

/* Tries the policy on an entry made for it. */
static void
trial_check(struct findings *findings)
{
	struct lk_arena *arena = findings->dir->call->arena;
	struct lk_str id = crypto_token_make("check-", arena);
	struct lk_str password = crypto_token_make("Lk0-", arena);
	struct lk_str dn = lk_arena_printf(arena, "lkPersonId=%.*s,%s", LK_STR_ARGS(id),
					   findings->dir->settings->factors_base);
	struct dir_ask gone = {.kind = DIR_ASK_DELETE, .dn = dn.ptr};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	enum lk_err err;

	if (id.ptr == NULL || password.ptr == NULL || dn.ptr == NULL) {
		findings->err = LK_E_MEMORY;
		return;
	}
	if (!trial_make(findings, dn.ptr, id.ptr, password.ptr))
		return;
	hash_check(findings, dn.ptr);
	lockout_check(findings, dn.ptr, password);
	/* Whatever happened in between. */
	err = dir_ask(findings->dir, &gone, &answer);
	if (findings->err == LK_OK)
		findings->err = err;
}

enum lk_err
dir_check(struct dir *dir, int own_limit, struct dir_finding *out, size_t max, size_t *out_count)
{
	struct findings findings = {.dir = dir, .each = out, .max = max};

	findings.err = dir_policy_need(dir);
	base_check(&findings, dir->settings->people_base, "directory.people_base");
	base_check(&findings, dir->settings->factors_base, "directory.factors_base");
	decoy_check(&findings);
	if (findings.err == LK_OK)
		failures_check(&findings, own_limit);
	rights_check(&findings);
	trial_check(&findings);
	if (findings.err == LK_OK)
		*out_count = findings.count;
	return findings.err;
}
