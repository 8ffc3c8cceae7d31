/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/secret_bytes.h"
#include "support/fake_dir.h"

/* The verb's hook first; what it says holds, unless the work is to be done all the same. */
#define HOOKED(dir, verb)                                                                          \
	enum lk_err hooked = hook(dir, verb);                                                      \
	if (hooked != LK_OK && !(dir)->is_done_first)                                              \
	return hooked

static enum lk_err
hook(struct dir *dir, const char *verb)
{
	return dir->hook == NULL ? LK_OK : dir->hook(dir->context, verb);
}

struct fake_person *
fake_dir_add(struct dir *dir, const char *username, const char *password)
{
	static char ids[FAKE_PEOPLE_MAX][37];
	int n = dir->count++;
	struct fake_person *fake = &dir->people[n];

	assert_true(n < FAKE_PEOPLE_MAX);
	snprintf(ids[n], sizeof ids[n], "0b2d1f9c-0000-4000-8000-%012d", n + 1);
	snprintf(fake->username, sizeof fake->username, "%s", username);
	snprintf(fake->password, sizeof fake->password, "%s", password);
	fake->grace_left = -1;
	fake->person = (struct dir_person){
	    .id = lk_str_c(ids[n]),
	    .dn = lk_str_c(fake->username),
	    .username = lk_str_c(fake->username),
	    .display_name = LK_STR("Si\xc3\xa2n Morgan"),
	    .given_name = LK_STR("Si\xc3\xa2n"),
	    .family_name = LK_STR("Morgan"),
	    .mail = LK_STR("sian.morgan@staff.example"),
	    .department = LK_STR("Procurement"),
	    .language = LK_STR("en"),
	    .state = DIR_OPEN,
	    .password_changed_at_s = 1,
	};
	return fake;
}

struct fake_person *
fake_dir_find(struct dir *dir, const char *username)
{
	for (int i = 0; i < dir->count; i++)
		if (strcasecmp(dir->people[i].username, username) == 0)
			return &dir->people[i];
	return NULL;
}

static struct fake_person *
by_id(struct dir *dir, struct lk_str id)
{
	for (int i = 0; i < dir->count; i++)
		if (lk_str_is_equal(dir->people[i].person.id, id))
			return &dir->people[i];
	return NULL;
}

static bool
is_password(const struct fake_person *fake, const struct lk_secret *password)
{
	return lk_str_is(lk_secret_bytes(password), fake->password);
}

void
dir_begin(struct dir *dir, const struct lk_call *call)
{
	dir->call = call;
}

enum lk_err
dir_person_find(struct dir *dir, struct lk_str name, struct dir_person *out)
{
	const char *text = lk_arena_c(dir->call->arena, name);
	struct fake_person *fake = text == NULL ? NULL : fake_dir_find(dir, text);

	HOOKED(dir, "person_find");
	if (fake == NULL)
		return LK_E_PERSON_NOT_FOUND;
	*out = fake->person;
	return LK_OK;
}

enum lk_err
dir_person_get(struct dir *dir, struct lk_str id, struct dir_person *out)
{
	struct fake_person *fake = by_id(dir, id);

	HOOKED(dir, "person_get");
	if (fake == NULL)
		return LK_E_PERSON_NOT_FOUND;
	*out = fake->person;
	return LK_OK;
}

static enum dir_verdict
verdict_of(struct fake_person *fake, bool is_right)
{
	/* Whoever may not come in: slapd refuses their binds, right or wrong. */
	if (fake->person.state != DIR_OPEN)
		return DIR_PASSWORD_LOCKED;
	if (!is_right)
		return DIR_PASSWORD_WRONG;
	if (fake->person.must_change)
		return DIR_PASSWORD_MUST_CHANGE;
	if (fake->is_expired && fake->grace_left <= 0)
		return DIR_PASSWORD_EXPIRED;
	return DIR_PASSWORD_RIGHT;
}

enum lk_err
dir_password_check(struct dir *dir, const struct dir_person *person,
		   const struct lk_secret *password, struct dir_password_answer *out)
{
	struct fake_person *fake = person == NULL ? NULL : by_id(dir, person->id);

	HOOKED(dir, "password_check");
	*out = (struct dir_password_answer){DIR_PASSWORD_WRONG, -1, -1};
	if (fake == NULL || lk_secret_len(password) == 0)
		return LK_OK;
	fake->binds++;
	out->verdict = verdict_of(fake, is_password(fake, password));
	if (out->verdict == DIR_PASSWORD_WRONG)
		fake->person.wrong_count++;
	else if (fake->is_expired && fake->grace_left > 0)
		out->grace_left = --fake->grace_left;
	return LK_OK;
}

enum lk_err
dir_password_check_locked(struct dir *dir, const struct dir_person *person,
			  const struct lk_secret *password, bool *out_is_right)
{
	HOOKED(dir, "password_check_locked");
	*out_is_right = is_password(by_id(dir, person->id), password);
	return LK_OK;
}

static bool
is_in_history(const struct fake_person *fake, const struct lk_secret *password)
{
	for (int i = 0; i < fake->history_count; i++)
		if (lk_str_is(lk_secret_bytes(password), fake->history[i]))
			return true;
	return is_password(fake, password);
}

static void
password_set(struct dir *dir, struct fake_person *fake, const struct lk_secret *new_pw)
{
	if (fake->history_count < FAKE_HISTORY)
		snprintf(fake->history[fake->history_count++], FAKE_TEXT, "%s", fake->password);
	snprintf(fake->password, sizeof fake->password, "%.*s",
		 LK_STR_ARGS(lk_secret_bytes(new_pw)));
	fake->person.must_change = false;
	fake->is_expired = false;
	fake->person.password_expires_at_s = 0;
	fake->person.password_changed_at_s = lk_clock_wall_s(dir->call->clock);
	dir->password_writes++;
}

static enum lk_err
state_check(const struct fake_person *fake)
{
	switch (fake->person.state) {
	case DIR_BLOCKED:
		return LK_E_ACCOUNT_BLOCKED;
	case DIR_LEFT:
		return LK_E_ACCOUNT_LEFT;
	case DIR_NOT_STARTED:
		return LK_E_ACCOUNT_NOT_STARTED;
	case DIR_OPEN:
	case DIR_LOCKED:
	default:
		return LK_OK;
	}
}

enum lk_err
dir_password_change(struct dir *dir, const struct dir_person *person,
		    const struct lk_secret *now_pw, const struct lk_secret *new_pw)
{
	struct fake_person *fake = by_id(dir, person->id);

	HOOKED(dir, "password_change");
	if (fake->person.state == DIR_LOCKED)
		return LK_E_ACCOUNT_LOCKED;
	if (!is_password(fake, now_pw))
		return LK_E_SIGNIN_WRONG;
	if (is_in_history(fake, new_pw))
		return LK_E_PASSWORD_REUSED;
	password_set(dir, fake, new_pw);
	return hooked;
}

enum lk_err
dir_password_reset(struct dir *dir, const struct dir_person *person, const struct lk_secret *new_pw)
{
	struct fake_person *fake = by_id(dir, person->id);

	HOOKED(dir, "password_reset");
	if (state_check(fake) != LK_OK)
		return state_check(fake);
	if (is_in_history(fake, new_pw))
		return LK_E_PASSWORD_REUSED;
	password_set(dir, fake, new_pw);
	fake->person.state = DIR_OPEN;
	fake->person.wrong_count = 0;
	return hooked;
}

enum lk_err
dir_lock_clear(struct dir *dir, const struct dir_person *person)
{
	struct fake_person *fake = by_id(dir, person->id);

	HOOKED(dir, "lock_clear");
	if (state_check(fake) != LK_OK)
		return state_check(fake);
	fake->person.state = DIR_OPEN;
	fake->person.wrong_count = 0;
	return hooked;
}

static void
allowed_fill(struct dir *dir, const struct fake_person *fake, struct dir_factors *out)
{
	struct lk_str *allowed =
	    lk_arena_alloc(dir->call->arena, FAKE_ALLOWED_MAX * sizeof *allowed);

	for (size_t i = 0; i < fake->allowed_count; i++)
		allowed[i] = lk_arena_dup(dir->call->arena, lk_str_c(fake->allowed[i]));
	out->allowed = allowed;
	out->allowed_count = fake->allowed_count;
}

enum lk_err
dir_factors_get(struct dir *dir, const struct dir_person *person, struct dir_factors *out)
{
	struct fake_person *fake = person == NULL ? NULL : by_id(dir, person->id);
	struct lk_str *hashes =
	    lk_arena_alloc(dir->call->arena, CRYPTO_RECOVERY_COUNT * sizeof *hashes);

	HOOKED(dir, "factors_get");
	*out = (struct dir_factors){.recovery = hashes};
	if (fake == NULL)
		return LK_OK;
	out->has_entry = true;
	out->totp_sealed =
	    lk_arena_dup(dir->call->arena, lk_str_n((const char *)fake->totp, fake->totp_len));
	out->totp_name = lk_str_c(fake->totp_name);
	for (size_t i = 0; i < fake->recovery_count; i++)
		hashes[i] = lk_arena_dup(dir->call->arena, lk_str_c(fake->recovery[i]));
	out->recovery_count = fake->recovery_count;
	allowed_fill(dir, fake, out);
	return LK_OK;
}

enum lk_err
dir_allowed_put(struct dir *dir, const struct dir_person *person, struct lk_str was,
		struct lk_str becomes)
{
	struct fake_person *fake = by_id(dir, person->id);
	size_t at = 0;

	HOOKED(dir, "allowed_put");
	while (was.len > 0 && at < fake->allowed_count && !lk_str_is(was, fake->allowed[at]))
		at++;
	if (was.len > 0 && at == fake->allowed_count)
		return LK_E_USED;
	if (was.len > 0)
		memmove(fake->allowed[at], fake->allowed[--fake->allowed_count], FAKE_TEXT);
	assert_true(becomes.len < FAKE_TEXT && fake->allowed_count < FAKE_ALLOWED_MAX);
	if (becomes.len > 0)
		snprintf(fake->allowed[fake->allowed_count++], FAKE_TEXT, "%.*s",
			 LK_STR_ARGS(becomes));
	return hooked;
}

enum lk_err
dir_totp_put(struct dir *dir, const struct dir_person *person, struct lk_str sealed,
	     struct lk_str name)
{
	struct fake_person *fake = by_id(dir, person->id);

	HOOKED(dir, "totp_put");
	assert_true(sealed.len <= sizeof fake->totp);
	memcpy(fake->totp, sealed.ptr, sealed.len);
	fake->totp_len = sealed.len;
	snprintf(fake->totp_name, sizeof fake->totp_name, "%.*s", LK_STR_ARGS(name));
	return hooked;
}

enum lk_err
dir_totp_reseal(struct dir *dir, const struct dir_person *person, struct lk_str was,
		struct lk_str becomes)
{
	struct fake_person *fake = by_id(dir, person->id);

	HOOKED(dir, "totp_reseal");
	if (!lk_str_is_equal(was, lk_str_n((const char *)fake->totp, fake->totp_len)))
		return LK_E_USED;
	assert_true(becomes.len <= sizeof fake->totp);
	memcpy(fake->totp, becomes.ptr, becomes.len);
	fake->totp_len = becomes.len;
	return hooked;
}

enum lk_err
dir_recovery_put(struct dir *dir, const struct dir_person *person, const struct lk_str *hashes,
		 size_t count)
{
	struct fake_person *fake = by_id(dir, person->id);

	HOOKED(dir, "recovery_put");
	assert_true(count <= CRYPTO_RECOVERY_COUNT);
	for (size_t i = 0; i < count; i++)
		snprintf(fake->recovery[i], FAKE_TEXT, "%.*s", LK_STR_ARGS(hashes[i]));
	fake->recovery_count = count;
	return hooked;
}

enum lk_err
dir_recovery_take(struct dir *dir, const struct dir_person *person, struct lk_str hash)
{
	struct fake_person *fake = by_id(dir, person->id);

	HOOKED(dir, "recovery_take");
	for (size_t i = 0; i < fake->recovery_count; i++) {
		if (!lk_str_is(hash, fake->recovery[i]))
			continue;
		memmove(fake->recovery[i], fake->recovery[--fake->recovery_count], FAKE_TEXT);
		return hooked;
	}
	return LK_E_USED;
}

void
fake_dir_know(struct fake_person *fake, const char *name, const struct lk_str *values, size_t count)
{
	size_t at = 0;

	while (at < FAKE_ATTRIBUTES && fake->attribute[at].name != NULL)
		at++;
	assert_true(at < FAKE_ATTRIBUTES);
	fake->attribute[at].name = name;
	fake->attribute[at].values = values;
	fake->attribute[at].count = count;
}

static void
attribute_find(const struct fake_person *fake, const char *name, struct dir_attribute *out)
{
	for (size_t i = 0; i < FAKE_ATTRIBUTES && fake->attribute[i].name != NULL; i++) {
		if (strcasecmp(name, fake->attribute[i].name) != 0)
			continue;
		out->values = fake->attribute[i].values;
		out->count = fake->attribute[i].count;
	}
}

enum lk_err
dir_attributes_get(struct dir *dir, const struct dir_person *person, const char *const names[],
		   size_t count, struct dir_attribute *out)
{
	struct fake_person *fake = by_id(dir, person->id);

	HOOKED(dir, "attributes_get");
	if (fake == NULL)
		return LK_E_PERSON_NOT_FOUND;
	for (size_t i = 0; i < count; i++) {
		assert_true(dir_attribute_is_askable(lk_str_c(names[i])));
		out[i] = (struct dir_attribute){.count = 0};
		attribute_find(fake, names[i], &out[i]);
	}
	return LK_OK;
}

enum lk_err
dir_keys_find(struct dir *dir, struct dir_key *out, size_t max, size_t *out_count)
{
	HOOKED(dir, "keys_find");
	if (dir->key_count > max)
		return LK_E_BROKEN;
	for (size_t i = 0; i < dir->key_count; i++) {
		const struct fake_key *fake = &dir->keys[i];

		out[i] = (struct dir_key){
		    lk_arena_dup(dir->call->arena, lk_str_c(fake->name)),
		    lk_arena_dup(dir->call->arena, lk_str_c(fake->kid)),
		    lk_arena_dup(dir->call->arena, lk_str_n(fake->sealed, fake->sealed_len)),
		    fake->made_at_s, fake->signs_at_s};
	}
	*out_count = dir->key_count;
	return hooked;
}

static struct fake_key *
key_by_name(struct dir *dir, struct lk_str name)
{
	for (size_t i = 0; i < dir->key_count; i++)
		if (lk_str_is(name, dir->keys[i].name))
			return &dir->keys[i];
	return NULL;
}

enum lk_err
dir_key_add(struct dir *dir, const struct dir_key *key)
{
	struct fake_key *fake;

	HOOKED(dir, "key_add");
	if (key_by_name(dir, key->name) != NULL)
		return LK_E_USED;
	assert_true(dir->key_count < FAKE_KEYS_MAX && key->sealed.len <= sizeof fake->sealed);
	fake = &dir->keys[dir->key_count++];
	snprintf(fake->name, sizeof fake->name, "%.*s", LK_STR_ARGS(key->name));
	snprintf(fake->kid, sizeof fake->kid, "%.*s", LK_STR_ARGS(key->kid));
	memcpy(fake->sealed, key->sealed.ptr, key->sealed.len);
	fake->sealed_len = key->sealed.len;
	fake->made_at_s = key->made_at_s;
	fake->signs_at_s = key->signs_at_s;
	return hooked;
}

enum lk_err
dir_secrets_find(struct dir *dir, struct dir_secret *out, size_t max, size_t *out_count)
{
	HOOKED(dir, "secrets_find");
	if (dir->secret_count > max)
		return LK_E_BROKEN;
	for (size_t i = 0; i < dir->secret_count; i++) {
		const struct fake_secret *fake = &dir->secrets[i];

		out[i] = (struct dir_secret){
		    lk_arena_dup(dir->call->arena, lk_str_c(fake->name)),
		    lk_arena_dup(dir->call->arena, lk_str_n(fake->sealed, fake->sealed_len)),
		    fake->made_at_s};
	}
	*out_count = dir->secret_count;
	return hooked;
}

static struct fake_secret *
secret_by_name(struct dir *dir, struct lk_str name)
{
	for (size_t i = 0; i < dir->secret_count; i++)
		if (lk_str_is(name, dir->secrets[i].name))
			return &dir->secrets[i];
	return NULL;
}

enum lk_err
dir_secret_add(struct dir *dir, const struct dir_secret *secret)
{
	struct fake_secret *fake;

	HOOKED(dir, "secret_add");
	if (secret_by_name(dir, secret->name) != NULL)
		return LK_E_USED;
	assert_true(dir->secret_count < FAKE_KEYS_MAX &&
		    secret->sealed.len <= sizeof fake->sealed);
	fake = &dir->secrets[dir->secret_count++];
	snprintf(fake->name, sizeof fake->name, "%.*s", LK_STR_ARGS(secret->name));
	memcpy(fake->sealed, secret->sealed.ptr, secret->sealed.len);
	fake->sealed_len = secret->sealed.len;
	fake->made_at_s = secret->made_at_s;
	return hooked;
}

enum lk_err
dir_key_remove(struct dir *dir, struct lk_str name)
{
	struct fake_key *fake = key_by_name(dir, name);
	struct fake_secret *secret = secret_by_name(dir, name);

	HOOKED(dir, "key_remove");
	if (fake != NULL)
		*fake = dir->keys[--dir->key_count];
	if (secret != NULL)
		*secret = dir->secrets[--dir->secret_count];
	return hooked;
}

const char *
dir_servers_uri(const struct dir_servers *servers, size_t index, bool *out_is_up)
{
	(void)servers;
	*out_is_up = true;
	return index == 0 ? "ldap://fake" : NULL;
}
