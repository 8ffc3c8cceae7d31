/* SPDX-License-Identifier: MIT */
#include "directory/dir_keys.h"

#include "directory/dir_entry.h"
#include "directory/dir_time.h"

#define CONTAINER "keys"

static const char *
container_dn(struct dir *dir)
{
	return lk_arena_printf(dir->call->arena, "ou=" CONTAINER ",%s", dir->settings->factors_base)
	    .ptr;
}

/* NULL without memory or for what is no name. */
static const char *
key_dn(struct dir *dir, struct lk_str name)
{
	LK_AUTO_BUF dn;

	lk_buf_init(&dn, 4096);
	lk_buf_add_c(&dn, "lkKeyName=");
	dir_escape_dn(&dn, name);
	lk_buf_printf(&dn, ",ou=" CONTAINER ",%s", dir->settings->factors_base);
	return lk_buf_is_ok(&dn) ? lk_arena_c(dir->call->arena, lk_buf_str(&dn)) : NULL;
}

static struct lk_str
text_read(struct dir_entry *entry, const char *attribute, size_t max_bytes)
{
	struct lk_str text = dir_entry_text(entry, attribute);

	return text.len <= max_bytes ? text : (struct lk_str){NULL, 0};
}

static void
key_read(struct dir_entry *entry, struct dir_key *out)
{
	*out = (struct dir_key){
	    .name = text_read(entry, "lkKeyName", DIR_KEY_NAME_MAX_BYTES),
	    .kid = text_read(entry, "lkKeyId", DIR_KEY_KID_MAX_BYTES),
	    .sealed = text_read(entry, "lkKeySealed", DIR_KEY_SEALED_MAX_BYTES),
	    .made_at_s = dir_entry_time(entry, "lkKeyMadeAt"),
	    .signs_at_s = dir_entry_time(entry, "lkKeySignsAt"),
	};
}

static void
secret_read(struct dir_entry *entry, struct dir_secret *out)
{
	*out = (struct dir_secret){
	    .name = text_read(entry, "lkKeyName", DIR_KEY_NAME_MAX_BYTES),
	    .sealed = text_read(entry, "lkKeySealed", DIR_KEY_SEALED_MAX_BYTES),
	    .made_at_s = dir_entry_time(entry, "lkKeyMadeAt"),
	};
}

/* Whatever is asked for of ou=keys, where its rows go, and what they are called. */
struct rows {
	const char *filter, *words;
	struct dir_key *keys; /* or */
	struct dir_secret *secrets;
	size_t max;
};

static enum lk_err
rows_read(struct dir *dir, const struct dir_answer *answer, const struct rows *rows,
	  size_t *out_count)
{
	struct dir_entry entry = dir_entry_first(dir, answer);
	size_t count = 0;

	while (entry.message != NULL) {
		if (rows->keys != NULL)
			key_read(&entry, &rows->keys[count++]);
		else
			secret_read(&entry, &rows->secrets[count++]);
		if (entry.is_short)
			return LK_E_MEMORY;
		entry = dir_entry_next(&entry);
	}
	*out_count = count;
	return LK_OK;
}

static enum lk_err
rows_find(struct dir *dir, const struct rows *rows, size_t *out_count)
{
	static const char *const attributes[] = {"lkKeyName",	"lkKeyId",	"lkKeySealed",
						 "lkKeyMadeAt", "lkKeySignsAt", NULL};
	struct dir_ask ask = {.kind = DIR_ASK_SEARCH,
			      .dn = container_dn(dir),
			      .scope = LDAP_SCOPE_ONELEVEL,
			      .filter = rows->filter,
			      .attributes = attributes,
			      .size_limit = (int)rows->max + 1};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	enum lk_err err = ask.dn == NULL ? LK_E_MEMORY : dir_ask(dir, &ask, &answer);

	if (err == LK_OK)
		err = dir_answer_search_err(dir, &answer);
	if (err != LK_OK)
		return err;
	if (answer.code == LDAP_NO_SUCH_OBJECT) {
		*out_count = 0;
		return LK_OK;
	}
	if (dir_entry_count(&answer) > rows->max) {
		lk_why_add(dir->call->why, "more than %zu %s", rows->max, rows->words);
		return LK_E_BROKEN;
	}
	return rows_read(dir, &answer, rows, out_count);
}

enum lk_err
dir_keys_find(struct dir *dir, struct dir_key *out, size_t max, size_t *out_count)
{
	const struct rows rows = {.filter = "(objectClass=lkSigningKey)",
				  .words = "signing keys",
				  .keys = out,
				  .max = max};

	return rows_find(dir, &rows, out_count);
}

enum lk_err
dir_secrets_find(struct dir *dir, struct dir_secret *out, size_t max, size_t *out_count)
{
	const struct rows rows = {.filter = "(objectClass=lkSharedSecret)",
				  .words = "shared secrets",
				  .secrets = out,
				  .max = max};

	return rows_find(dir, &rows, out_count);
}

/* An attribute with one value, in the caller's storage. */
struct value {
	LDAPMod mod;
	struct berval bytes;
	struct berval *list[2];
};

static LDAPMod *
value_init(struct value *value, const char *attribute, struct lk_str text)
{
	value->bytes = (struct berval){.bv_len = text.len, .bv_val = (char *)text.ptr};
	value->list[0] = &value->bytes;
	value->list[1] = NULL;
	value->mod = (LDAPMod){.mod_op = LDAP_MOD_BVALUES, .mod_type = (char *)attribute};
	value->mod.mod_bvalues = value->list;
	return &value->mod;
}

static enum lk_err
entry_add(struct dir *dir, const char *dn, LDAPMod **mods, int *out_code)
{
	struct dir_ask ask = {.kind = DIR_ASK_ADD, .dn = dn, .mods = mods};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	enum lk_err err = dn == NULL ? LK_E_MEMORY : dir_ask(dir, &ask, &answer);

	if (err != LK_OK)
		return err;
	*out_code = answer.code;
	if (answer.code == LDAP_NO_SUCH_OBJECT || answer.code == LDAP_ALREADY_EXISTS)
		return LK_OK;
	return dir_answer_err(dir, &answer);
}

/* Directories set up before there were keys do not have it. */
static enum lk_err
container_add(struct dir *dir)
{
	struct value class, name;
	LDAPMod *mods[] = {value_init(&class, "objectClass", LK_STR("organizationalUnit")),
			   value_init(&name, "ou", LK_STR(CONTAINER)), NULL};
	int code = LDAP_SUCCESS;
	enum lk_err err = entry_add(dir, container_dn(dir), mods, &code);

	if (err == LK_OK && code == LDAP_NO_SUCH_OBJECT) {
		lk_why_add(dir->call->why, "factors_base is not there");
		return LK_E_BROKEN;
	}
	return err;
}

/* Of that name, below ou=keys, which is made where it is missing. */
static enum lk_err
row_add(struct dir *dir, struct lk_str name, LDAPMod **mods)
{
	const char *dn = key_dn(dir, name);
	int code = LDAP_SUCCESS;
	enum lk_err err = entry_add(dir, dn, mods, &code);

	if (err == LK_OK && code == LDAP_NO_SUCH_OBJECT) {
		err = container_add(dir);
		if (err == LK_OK)
			err = entry_add(dir, dn, mods, &code);
	}
	if (err == LK_OK && code == LDAP_ALREADY_EXISTS)
		return LK_E_USED;
	return err != LK_OK || code == LDAP_SUCCESS ? err : LK_E_BROKEN;
}

enum lk_err
dir_key_add(struct dir *dir, const struct dir_key *key)
{
	char made_at[DIR_TIME_BYTES], signs_at[DIR_TIME_BYTES];
	struct value class, name, kid, sealed, made, signs;
	LDAPMod *mods[] = {value_init(&class, "objectClass", LK_STR("lkSigningKey")),
			   value_init(&name, "lkKeyName", key->name),
			   value_init(&kid, "lkKeyId", key->kid),
			   value_init(&sealed, "lkKeySealed", key->sealed),
			   NULL,
			   NULL,
			   NULL};

	dir_time_write(key->made_at_s, made_at);
	dir_time_write(key->signs_at_s, signs_at);
	mods[4] = value_init(&made, "lkKeyMadeAt", lk_str_c(made_at));
	mods[5] = value_init(&signs, "lkKeySignsAt", lk_str_c(signs_at));
	return row_add(dir, key->name, mods);
}

enum lk_err
dir_secret_add(struct dir *dir, const struct dir_secret *secret)
{
	char made_at[DIR_TIME_BYTES];
	struct value class, name, sealed, made;
	LDAPMod *mods[] = {value_init(&class, "objectClass", LK_STR("lkSharedSecret")),
			   value_init(&name, "lkKeyName", secret->name),
			   value_init(&sealed, "lkKeySealed", secret->sealed), NULL, NULL};

	dir_time_write(secret->made_at_s, made_at);
	mods[3] = value_init(&made, "lkKeyMadeAt", lk_str_c(made_at));
	return row_add(dir, secret->name, mods);
}

enum lk_err
dir_key_remove(struct dir *dir, struct lk_str name)
{
	struct dir_ask ask = {.kind = DIR_ASK_DELETE, .dn = key_dn(dir, name)};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	enum lk_err err = ask.dn == NULL ? LK_E_MEMORY : dir_ask(dir, &ask, &answer);

	if (err != LK_OK || answer.code == LDAP_NO_SUCH_OBJECT)
		return err;
	return dir_answer_err(dir, &answer);
}
