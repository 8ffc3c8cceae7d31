/* SPDX-License-Identifier: MIT */
/* The only file of this folder that sees passwords: they go from here into libldap's requests. */
#include "base/secret_bytes.h"
#include "directory/dir_wire.h"

static struct berval
value_of(struct lk_str s)
{
	/* libldap reads it only. */
	return (struct berval){.bv_len = s.len, .bv_val = (char *)s.ptr};
}

static LDAPControl *
ppolicy_control(LDAPControl *storage)
{
	*storage = (LDAPControl){.ldctl_oid = (char *)LDAP_CONTROL_PASSWORDPOLICYREQUEST};
	return storage;
}

static int
send_bind(LDAP *ld, const struct dir_ask *ask, int *out_id)
{
	LDAPControl ppolicy, *controls[] = {ppolicy_control(&ppolicy), NULL};
	struct berval password =
	    value_of(ask->password == NULL ? LK_STR("") : lk_secret_bytes(ask->password));

	return ldap_sasl_bind(ld, ask->dn, LDAP_SASL_SIMPLE, &password, controls, NULL, out_id);
}

static int
send_search(LDAP *ld, const struct dir_ask *ask, int *out_id)
{
	return ldap_search_ext(ld, ask->dn, ask->scope, ask->filter, (char **)ask->attributes, 0,
			       NULL, NULL, NULL, ask->size_limit, out_id);
}

static int
send_modify(LDAP *ld, const struct dir_ask *ask, int *out_id)
{
	LDAPControl ppolicy, *controls[] = {ppolicy_control(&ppolicy), NULL, NULL};
	int code;

	if (ask->assertion == NULL)
		return ldap_modify_ext(ld, ask->dn, ask->mods, controls, NULL, out_id);
	code = ldap_create_assertion_control(ld, (char *)ask->assertion, 1, &controls[1]);
	if (code != LDAP_SUCCESS)
		return code;
	code = ldap_modify_ext(ld, ask->dn, ask->mods, controls, NULL, out_id);
	ldap_control_free(controls[1]);
	return code;
}

static int
send_password(LDAP *ld, const struct dir_ask *ask, int *out_id)
{
	LDAPControl ppolicy, *controls[] = {ppolicy_control(&ppolicy), NULL};
	struct berval user = value_of(lk_str_c(ask->dn));
	struct berval next = value_of(lk_secret_bytes(ask->new_password)), now;

	if (ask->password == NULL)
		return ldap_passwd(ld, &user, NULL, &next, controls, NULL, out_id);
	now = value_of(lk_secret_bytes(ask->password));
	return ldap_passwd(ld, &user, &now, &next, controls, NULL, out_id);
}

static int
send_try_password(LDAP *ld, const struct dir_ask *ask, int *out_id)
{
	struct berval now = value_of(lk_secret_bytes(ask->password));
	struct berval next = value_of(lk_str_c(ask->new_text));
	struct berval *nows[] = {&now, NULL}, *nexts[] = {&next, NULL};
	LDAPMod take = {.mod_op = LDAP_MOD_DELETE | LDAP_MOD_BVALUES, .mod_type = "userPassword"};
	LDAPMod give = {.mod_op = LDAP_MOD_ADD | LDAP_MOD_BVALUES, .mod_type = "userPassword"};
	LDAPMod *mods[] = {&take, &give, NULL};
	struct dir_ask modify = *ask;

	take.mod_bvalues = nows;
	give.mod_bvalues = nexts;
	modify.mods = mods;
	modify.assertion = DIR_ASSERT_NEVER;
	return send_modify(ld, &modify, out_id);
}

int
dir_send(LDAP *ld, const struct dir_ask *ask, int *out_id)
{
	switch (ask->kind) {
	case DIR_ASK_BIND:
		return send_bind(ld, ask, out_id);
	case DIR_ASK_SEARCH:
		return send_search(ld, ask, out_id);
	case DIR_ASK_MODIFY:
		return send_modify(ld, ask, out_id);
	case DIR_ASK_ADD:
		return ldap_add_ext(ld, ask->dn, ask->mods, NULL, NULL, out_id);
	case DIR_ASK_DELETE:
		return ldap_delete_ext(ld, ask->dn, NULL, NULL, out_id);
	case DIR_ASK_PASSWORD:
		return send_password(ld, ask, out_id);
	case DIR_ASK_TRY_PASSWORD:
		return send_try_password(ld, ask, out_id);
	}
	return LDAP_PARAM_ERROR;
}
