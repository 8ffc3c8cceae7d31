/* SPDX-License-Identifier: MIT */
#include "directory/dir_entry.h"
#include "directory/dir_shape.h"
#include "directory/dir_time.h"

#define RECOVERY_MAX 64u
#define DECOY_ID     "nobody"

/* Where the factors of that id are; NULL without memory or for what is no id. */
static const char *
factors_dn(struct dir *dir, struct lk_str id)
{
	LK_AUTO_BUF dn;

	lk_buf_init(&dn, 4096);
	lk_buf_add_c(&dn, "lkPersonId=");
	dir_escape_dn(&dn, id);
	lk_buf_printf(&dn, ",%s", dir->settings->factors_base);
	return lk_buf_is_ok(&dn) ? lk_arena_c(dir->call->arena, lk_buf_str(&dn)) : NULL;
}

static enum lk_err
factors_read(struct dir *dir, const struct dir_answer *answer, struct dir_factors *out)
{
	struct dir_entry entry = dir_entry_first(dir, answer);
	struct dir_factors factors = {.has_entry = entry.message != NULL};

	if (factors.has_entry) {
		factors.totp_sealed = dir_entry_text(&entry, "lkTotp");
		factors.totp_name = dir_entry_text(&entry, "lkTotpName");
		factors.totp_added_at_s = dir_entry_time(&entry, "lkTotpAddedAt");
		factors.recovery =
		    dir_entry_texts(&entry, "lkRecoveryCode", &factors.recovery_count);
		factors.allowed = dir_entry_texts(&entry, "lkAllowed", &factors.allowed_count);
	}
	if (entry.is_short)
		return LK_E_MEMORY;
	*out = factors;
	return LK_OK;
}

enum lk_err
dir_factors_get(struct dir *dir, const struct dir_person *person, struct dir_factors *out)
{
	static const char *const attributes[] = {"lkTotp",	   "lkTotpName", "lkTotpAddedAt",
						 "lkRecoveryCode", "lkAllowed",	 NULL};
	struct dir_ask ask = {.kind = DIR_ASK_SEARCH,
			      .dn = factors_dn(dir, person == NULL ? LK_STR(DECOY_ID) : person->id),
			      .scope = LDAP_SCOPE_BASE,
			      .filter = "(objectClass=lkFactors)",
			      .attributes = attributes};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	enum lk_err err = ask.dn == NULL ? LK_E_MEMORY : dir_ask(dir, &ask, &answer);

	if (err == LK_OK)
		err = dir_answer_search_err(dir, &answer);
	if (err == LK_OK)
		err = factors_read(dir, &answer, out);
	if (err == LK_OK && person == NULL)
		*out = (struct dir_factors){.has_entry = false};
	return err;
}

/* A modification of one attribute with its values, in the caller's storage. */
struct change {
	LDAPMod mod;
	struct berval values[RECOVERY_MAX];
	struct berval *list[RECOVERY_MAX + 1];
};

static void
change_init(struct change *change, int op, const char *attribute)
{
	change->mod = (LDAPMod){.mod_op = op | LDAP_MOD_BVALUES, .mod_type = (char *)attribute};
	change->mod.mod_bvalues = change->list;
	change->list[0] = NULL;
}

static void
change_add(struct change *change, struct lk_str value)
{
	size_t count = 0;

	while (change->list[count] != NULL)
		count++;
	change->values[count] = (struct berval){.bv_len = value.len, .bv_val = (char *)value.ptr};
	change->list[count] = &change->values[count];
	change->list[count + 1] = NULL;
}

static enum lk_err
entry_change(struct dir *dir, enum dir_ask_kind kind, const char *dn, LDAPMod **mods, int *out_code)
{
	struct dir_ask ask = {.kind = kind, .dn = dn, .mods = mods};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	enum lk_err err = dir_ask(dir, &ask, &answer);

	if (err != LK_OK)
		return err;
	*out_code = answer.code;
	if (answer.code == LDAP_NO_SUCH_OBJECT || answer.code == LDAP_NO_SUCH_ATTRIBUTE ||
	    answer.code == LDAP_ALREADY_EXISTS || answer.code == LDAP_TYPE_OR_VALUE_EXISTS)
		return LK_OK;
	return dir_answer_err(dir, &answer);
}

/* The entry with what the replacements hold; mods that hold nothing are left out. */
static enum lk_err
entry_make(struct dir *dir, struct lk_str id, const char *dn, LDAPMod **replace, int *out_code)
{
	struct change class, name;
	LDAPMod *mods[6] = {&class.mod, &name.mod};
	size_t count = 2;

	change_init(&class, 0, "objectClass");
	change_add(&class, LK_STR("lkFactors"));
	change_init(&name, 0, "lkPersonId");
	change_add(&name, id);
	for (; *replace != NULL; replace++) {
		if ((*replace)->mod_bvalues[0] != NULL)
			mods[count++] = *replace;
	}
	mods[count] = NULL;
	return entry_change(dir, DIR_ASK_ADD, dn, mods, out_code);
}

/* Replaces attributes (at most three) of a person's factors, making the entry when missing. */
static enum lk_err
factors_put(struct dir *dir, const struct dir_person *person, LDAPMod **replace)
{
	const char *dn = factors_dn(dir, person->id);
	int code = LDAP_SUCCESS;
	enum lk_err err =
	    dn == NULL ? LK_E_MEMORY : entry_change(dir, DIR_ASK_MODIFY, dn, replace, &code);

	if (err != LK_OK || code != LDAP_NO_SUCH_OBJECT)
		return err;
	err = entry_make(dir, person->id, dn, replace, &code);
	if (err != LK_OK || code != LDAP_ALREADY_EXISTS)
		return err != LK_OK || code == LDAP_SUCCESS ? err : LK_E_BROKEN;
	/* Somebody else made it in between. */
	err = entry_change(dir, DIR_ASK_MODIFY, dn, replace, &code);
	return err != LK_OK || code == LDAP_SUCCESS ? err : LK_E_BROKEN;
}

enum lk_err
dir_totp_put(struct dir *dir, const struct dir_person *person, struct lk_str sealed,
	     struct lk_str name)
{
	char now[DIR_TIME_BYTES];
	struct change seed, label, added;
	LDAPMod *mods[] = {&seed.mod, &label.mod, &added.mod, NULL};

	dir_time_write(lk_clock_wall_s(dir->settings->clock), now);
	change_init(&seed, LDAP_MOD_REPLACE, "lkTotp");
	change_add(&seed, sealed);
	change_init(&label, LDAP_MOD_REPLACE, "lkTotpName");
	if (name.len > 0)
		change_add(&label, name);
	change_init(&added, LDAP_MOD_REPLACE, "lkTotpAddedAt");
	change_add(&added, lk_str_c(now));
	return factors_put(dir, person, mods);
}

/* LK_E_USED: a value that was to go is not there, and nothing is changed. */
static enum lk_err
values_swap(struct dir *dir, const struct dir_person *person, LDAPMod **mods)
{
	const char *dn = factors_dn(dir, person->id);
	int code = LDAP_SUCCESS;
	enum lk_err err =
	    dn == NULL ? LK_E_MEMORY : entry_change(dir, DIR_ASK_MODIFY, dn, mods, &code);

	return err != LK_OK || code == LDAP_SUCCESS ? err : LK_E_USED;
}

enum lk_err
dir_totp_reseal(struct dir *dir, const struct dir_person *person, struct lk_str was,
		struct lk_str becomes)
{
	struct change old, new;
	LDAPMod *mods[] = {&old.mod, &new.mod, NULL};

	change_init(&old, LDAP_MOD_DELETE, "lkTotp");
	change_add(&old, was);
	change_init(&new, LDAP_MOD_ADD, "lkTotp");
	change_add(&new, becomes);
	return values_swap(dir, person, mods);
}

enum lk_err
dir_totp_remove(struct dir *dir, const struct dir_person *person)
{
	struct change seed, label, added;
	LDAPMod *mods[] = {&seed.mod, &label.mod, &added.mod, NULL};
	const char *dn = factors_dn(dir, person->id);
	int code = LDAP_SUCCESS;

	change_init(&seed, LDAP_MOD_REPLACE, "lkTotp");
	change_init(&label, LDAP_MOD_REPLACE, "lkTotpName");
	change_init(&added, LDAP_MOD_REPLACE, "lkTotpAddedAt");
	return dn == NULL ? LK_E_MEMORY : entry_change(dir, DIR_ASK_MODIFY, dn, mods, &code);
}

enum lk_err
dir_recovery_put(struct dir *dir, const struct dir_person *person, const struct lk_str *hashes,
		 size_t count)
{
	struct change codes;
	LDAPMod *mods[] = {&codes.mod, NULL};
	const char *dn;
	int code = LDAP_SUCCESS;
	size_t i;

	if (count > RECOVERY_MAX) {
		lk_why_add(dir->call->why, "more than %u recovery codes", RECOVERY_MAX);
		return LK_E_BROKEN;
	}
	change_init(&codes, LDAP_MOD_REPLACE, "lkRecoveryCode");
	for (i = 0; i < count; i++)
		change_add(&codes, hashes[i]);
	if (count > 0)
		return factors_put(dir, person, mods);
	dn = factors_dn(dir, person->id);
	return dn == NULL ? LK_E_MEMORY : entry_change(dir, DIR_ASK_MODIFY, dn, mods, &code);
}

enum lk_err
dir_recovery_take(struct dir *dir, const struct dir_person *person, struct lk_str hash)
{
	struct change codes;
	LDAPMod *mods[] = {&codes.mod, NULL};

	change_init(&codes, LDAP_MOD_DELETE, "lkRecoveryCode");
	change_add(&codes, hash);
	return values_swap(dir, person, mods);
}

enum lk_err
dir_allowed_put(struct dir *dir, const struct dir_person *person, struct lk_str was,
		struct lk_str becomes)
{
	struct change old, new;
	LDAPMod *mods[3] = {NULL, NULL, NULL};
	size_t count = 0;

	change_init(&old, LDAP_MOD_DELETE, "lkAllowed");
	change_init(&new, LDAP_MOD_ADD, "lkAllowed");
	change_add(&old, was);
	change_add(&new, becomes);
	if (was.len > 0)
		mods[count++] = &old.mod;
	if (becomes.len > 0)
		mods[count++] = &new.mod;
	if (was.len == 0)
		return count == 0 ? LK_OK : factors_put(dir, person, mods);
	return values_swap(dir, person, mods);
}
