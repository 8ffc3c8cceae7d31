/* SPDX-License-Identifier: MIT */
/* Public keys of others, out of JSON. */
#include "crypto/jose_key.h"

#include <string.h>
#include <openssl/err.h>

#include "base/json.h"
#include "crypto/base64url.h"
#include "crypto/jose_inside.h"

/* RFC 7518 s6.2.2, s6.3.2, s6.4.1; RFC 8037 s2: nobody hands these out knowingly. */
static const char *const private_members[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};

static const struct kind_row {
	const char *kty;
	const char *crv; /* NULL: the type has none */
	const char *a;
	const char *b; /* NULL: one number only */
} kinds[JOSE_KIND_COUNT] = {
    [0] = {"", "", "", ""},
    [JOSE_RSA] = {"RSA", NULL, "n", "e"},
    [JOSE_P256] = {"EC", "P-256", "x", "y"},
    [JOSE_ED25519] = {"OKP", "Ed25519", "x", NULL},
};

static enum lk_err
wrong(struct lk_why *why, const char *what)
{
	lk_why_add(why, "%s", what);
	return LK_E_FORMAT;
}

static enum lk_err
not_for_us(struct lk_why *why, const char *what)
{
	lk_why_add(why, "%s", what);
	return LK_E_NOT_FOUND;
}

static enum lk_err
check_public(const struct lk_json *json, struct lk_str kty, struct lk_why *why)
{
	size_t i;

	if (lk_str_is(kty, "oct"))
		return wrong(why, "kty oct is a shared secret");
	for (i = 0; i < sizeof private_members / sizeof private_members[0]; i++) {
		if (lk_json_find(json, private_members[i]) != NULL)
			return wrong(why, "it holds private parts: make a new key");
	}
	return LK_OK;
}

/* The kind kty and crv name. */
static enum lk_err
read_kind(const struct lk_json *json, struct lk_why *why, enum jose_kind *out)
{
	const struct lk_json *crv_value = lk_json_find(json, "crv");
	struct lk_str kty, crv = LK_STR("");
	enum lk_err err;
	int i;

	if (!lk_json_to_str(lk_json_find(json, "kty"), &kty) || kty.len == 0)
		return wrong(why, "kty is missing");
	err = check_public(json, kty, why);
	if (err != LK_OK)
		return err;
	if (crv_value != NULL && !lk_json_to_str(crv_value, &crv))
		return wrong(why, "crv is no text");
	for (i = JOSE_RSA; i < JOSE_KIND_COUNT; i++) {
		if (!lk_str_is(kty, kinds[i].kty))
			continue;
		if (kinds[i].crv != NULL && crv.len == 0)
			return wrong(why, "crv is missing");
		if (kinds[i].crv != NULL && !lk_str_is(crv, kinds[i].crv))
			return not_for_us(why, "another curve");
		*out = (enum jose_kind)i;
		return LK_OK;
	}
	return not_for_us(why, "another kty");
}

/* use and key_ops, where they stand: RFC 7517 s4.2, s4.3. */
static enum lk_err
check_use(const struct lk_json *json, struct lk_why *why)
{
	const struct lk_json *use = lk_json_find(json, "use");
	const struct lk_json *ops = lk_json_find(json, "key_ops");
	struct lk_str text;
	size_t i;

	if (use != NULL && !lk_json_to_str(use, &text))
		return wrong(why, "use is no text");
	if (use != NULL && !lk_str_is(text, "sig"))
		return not_for_us(why, "use is not sig");
	if (ops == NULL)
		return LK_OK;
	for (i = 0; i < lk_json_count(ops); i++) {
		if (lk_json_to_str(lk_json_at(ops, i), &text) && lk_str_is(text, "verify"))
			return LK_OK;
	}
	return lk_json_count(ops) == 0 ? wrong(why, "key_ops is no list of operations")
				       : not_for_us(why, "key_ops has no verify");
}

static enum lk_err
read_alg(const struct lk_json *json, enum jose_kind kind, struct lk_why *why, enum crypto_alg *out)
{
	const struct lk_json *value = lk_json_find(json, "alg");
	enum crypto_alg alg;
	struct lk_str name;

	*out = kind == JOSE_P256 ? CRYPTO_ES256 : kind == JOSE_ED25519 ? CRYPTO_EDDSA : 0;
	if (value == NULL)
		return LK_OK;
	if (!lk_json_to_str(value, &name))
		return wrong(why, "alg is no text");
	if (!crypto_alg_find(name, &alg))
		return not_for_us(why, "another alg");
	if (jose_alg_kind(alg) != kind)
		return wrong(why, "alg and kty disagree");
	*out = alg;
	return LK_OK;
}

/* One spelling of a number: base64url of room bytes at most. Returns 0 when it is none. */
static size_t
read_number(const struct lk_json *json, const char *name, unsigned char *out, size_t room)
{
	struct lk_str text;

	if (!lk_json_to_str(lk_json_find(json, name), &text))
		return 0;
	return crypto_base64url_into(text, out, room);
}

static enum lk_err
read_numbers(const struct lk_json *json, struct crypto_jwk *key, struct lk_why *why)
{
	const struct kind_row *row = &kinds[key->kind];
	struct jose_numbers numbers = {.a_len = 0};
	enum lk_err err;

	numbers.a_len = read_number(json, row->a, numbers.a, sizeof numbers.a);
	if (row->b != NULL)
		numbers.b_len = read_number(json, row->b, numbers.b, sizeof numbers.b);
	err = jose_key_set_public(key, &numbers);
	return err == LK_E_FORMAT ? wrong(why, "its numbers are no key") : err;
}

/* After jose_key_name, which gave it its thumbprint. */
static enum lk_err
read_kid(const struct lk_json *json, struct crypto_jwk *key, struct lk_why *why)
{
	const struct lk_json *value = lk_json_find(json, "kid");
	struct lk_str kid;

	if (value == NULL)
		return LK_OK;
	if (!lk_json_to_str(value, &kid) || kid.len == 0 || kid.len > CRYPTO_KID_MAX_BYTES)
		return wrong(why, "kid is empty, too long or no text");
	memcpy(key->kid, kid.ptr, kid.len);
	key->kid[kid.len] = '\0';
	key->kid_len = kid.len;
	return LK_OK;
}

static enum lk_err
fill(const struct lk_json *json, struct crypto_jwk *key, struct lk_why *why)
{
	enum lk_err err = read_numbers(json, key, why);

	if (err == LK_OK)
		err = jose_key_name(key);
	return err == LK_OK ? read_kid(json, key, why) : err;
}

static enum lk_err
read_key(const struct lk_json *json, struct lk_why *why, struct crypto_jwk **out)
{
	enum crypto_alg alg = 0;
	enum jose_kind kind = 0;
	struct crypto_jwk *key;
	enum lk_err err;

	if (!lk_json_is_object(json))
		return wrong(why, "a key is an object");
	err = read_kind(json, why, &kind);
	if (err == LK_OK)
		err = check_use(json, why);
	if (err == LK_OK)
		err = read_alg(json, kind, why, &alg);
	if (err != LK_OK)
		return err;
	key = jose_key_new(kind);
	if (key == NULL)
		return LK_E_MEMORY;
	key->alg = alg;
	err = fill(json, key, why);
	ERR_clear_error();
	if (err == LK_OK)
		*out = key;
	else
		crypto_jwk_free(key);
	return err;
}

enum lk_err
crypto_jwk_read(struct lk_str text, struct lk_why *why, struct crypto_jwk **out)
{
	struct lk_json *json = NULL;
	enum lk_err err = lk_json_read(text, CRYPTO_JWKS_MAX_BYTES, &json);

	if (err != LK_OK)
		return err == LK_E_FORMAT ? wrong(why, "no JSON, or too much") : err;
	err = read_key(json, why, out);
	lk_json_free(json);
	return err;
}

static bool
holds_kid(const struct crypto_jwks *set, struct lk_str kid)
{
	size_t i;

	for (i = 0; i < set->count; i++) {
		if (lk_str_is_equal(crypto_jwk_kid(set->keys[i]), kid))
			return true;
	}
	return false;
}

static enum lk_err
add_key(struct crypto_jwks *set, const struct lk_json *json, struct lk_why *why)
{
	struct crypto_jwk *key = NULL;
	struct lk_why reason = {.len = 0};
	enum lk_err err = read_key(json, &reason, &key);

	if (err == LK_E_NOT_FOUND) {
		set->skipped_count++;
		return LK_OK;
	}
	if (err != LK_OK) {
		lk_why_add(why, "%.*s", (int)reason.len, reason.text);
		return err;
	}
	if (holds_kid(set, crypto_jwk_kid(key))) {
		crypto_jwk_free(key);
		return wrong(why, "two keys with one kid");
	}
	set->keys[set->count++] = key;
	return LK_OK;
}

static enum lk_err
read_set(const struct lk_json *keys, struct lk_why *why, struct crypto_jwks *set)
{
	size_t count = lk_json_count(keys), i;
	enum lk_err err = LK_OK;

	if (count > CRYPTO_JWKS_KEYS_MAX)
		return wrong(why, "too many keys");
	for (i = 0; i < count && err == LK_OK; i++)
		err = add_key(set, lk_json_at(keys, i), why);
	if (err != LK_OK)
		lk_why_add(why, "key %zu of the set", i);
	return err;
}

enum lk_err
crypto_jwks_read(struct lk_str text, struct lk_why *why, struct crypto_jwks *out)
{
	struct crypto_jwks set = {.count = 0};
	const struct lk_json *keys;
	struct lk_json *json = NULL;
	enum lk_err err = lk_json_read(text, CRYPTO_JWKS_MAX_BYTES, &json);

	if (err != LK_OK)
		return err == LK_E_FORMAT ? wrong(why, "no JSON, or too much") : err;
	keys = lk_json_find(json, "keys");
	err = lk_json_is_array(keys) ? read_set(keys, why, &set) : wrong(why, "keys is no list");
	lk_json_free(json);
	if (err == LK_OK)
		*out = set;
	else
		crypto_jwks_done(&set);
	return err;
}

void
crypto_jwks_done(struct crypto_jwks *set)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		crypto_jwk_free(set->keys[i]);
	memset(set, 0, sizeof *set);
}
