/* SPDX-License-Identifier: MIT */
#include "crypto/jose_jws.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "crypto/base64url.h"
#include "crypto/jose_inside.h"

/*
 * A key or an address in the header would let the token say who may vouch for it; crit and b64
 * would change what was signed (RFC 8725 s2.8, s3.10; RFC 7797).
 */
static const char *const refused_members[] = {"jwk", "jku", "x5u", "x5c", "crit", "b64"};

struct parts {
	struct lk_str head;
	struct lk_str payload;
	struct lk_str signature;
	struct lk_str signed_text; /* head, dot, payload */
};

/* What the header says. Borrowed from its document. */
struct head {
	enum crypto_alg alg;
	struct lk_str kid; /* nothing: it has none */
};

static enum lk_err
wrong(struct lk_why *why, const char *what)
{
	lk_why_add(why, "%s", what);
	return LK_E_FORMAT;
}

/* Printable and needing no escape: kids of our own are base64url, a typ is our own word. */
static bool
is_plain(const char *text)
{
	return text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789+-_")] == '\0';
}

/* HEADER.PAYLOAD in arena; nothing without memory. */
static struct lk_str
join(struct lk_str head, struct lk_str payload, struct lk_arena *arena)
{
	head = crypto_base64url_make(head, arena);
	payload = crypto_base64url_make(payload, arena);
	if (head.ptr == NULL || payload.ptr == NULL)
		return lk_str_n(NULL, 0);
	return lk_arena_printf(arena, "%s.%s", head.ptr, payload.ptr);
}

enum lk_err
crypto_jws_sign(const struct crypto_jwk *key, const char *typ, struct lk_str payload,
		struct lk_arena *arena, struct lk_str *out)
{
	unsigned char bytes[JOSE_SIGNATURE_MAX_BYTES];
	struct lk_str head, text, signature, token;
	enum lk_err err;

	if (!key->is_private || payload.len == 0 || payload.len > CRYPTO_JWS_MAX_BYTES)
		return LK_E_FORMAT;
	assert(is_plain(typ) && is_plain(key->kid));
	head = lk_arena_printf(arena, "{\"alg\":\"%s\",\"typ\":\"%s\",\"kid\":\"%s\"}",
			       crypto_alg_name(key->alg), typ, key->kid);
	if (head.ptr == NULL)
		return LK_E_MEMORY;
	text = join(head, payload, arena);
	if (text.ptr == NULL)
		return LK_E_MEMORY;
	err = jose_sign_bytes(key, key->alg, text, bytes);
	if (err != LK_OK)
		return err;
	signature = lk_str_n((const char *)bytes, jose_signature_bytes(key));
	signature = crypto_base64url_make(signature, arena);
	if (signature.ptr == NULL)
		return LK_E_MEMORY;
	token = lk_arena_printf(arena, "%s.%s", text.ptr, signature.ptr);
	if (token.ptr == NULL)
		return LK_E_MEMORY;
	if (token.len > CRYPTO_JWS_MAX_BYTES)
		return LK_E_FORMAT;
	*out = token;
	return LK_OK;
}

/* Three parts, none empty; a fourth would stand in the signature, where no dot can. */
static bool
split(struct lk_str token, struct parts *out)
{
	struct lk_str rest = token;
	size_t head_len = lk_str_find(rest, '.'), payload_len;

	rest = lk_str_from(rest, head_len + 1);
	payload_len = lk_str_find(rest, '.');
	out->head = lk_str_n(token.ptr, head_len);
	out->payload = lk_str_n(rest.ptr, payload_len);
	out->signature = lk_str_from(rest, payload_len + 1);
	out->signed_text = lk_str_n(token.ptr, head_len + 1 + payload_len);
	return head_len > 0 && head_len <= CRYPTO_JWS_HEAD_MAX_BYTES && payload_len > 0 &&
	       out->signature.len > 0;
}

/* RFC 7515 s4.1.9: a media type, whose "application/" may be left out. */
static bool
is_typ(struct lk_str typ, const char *wanted)
{
	static const struct lk_str prefix = {"application/", 12};

	if (typ.len > prefix.len && lk_str_is_equal_nocase(lk_str_n(typ.ptr, prefix.len), prefix))
		typ = lk_str_from(typ, prefix.len);
	return lk_str_is_equal_nocase(typ, lk_str_c(wanted));
}

static enum lk_err
check_typ(const struct lk_json *json, const struct crypto_jws_rule *rule, struct lk_why *why)
{
	const struct lk_json *value = lk_json_find(json, "typ");
	struct lk_str typ;

	if (value == NULL)
		return rule->typ_may_lack ? LK_OK : wrong(why, "typ is missing");
	if (!lk_json_to_str(value, &typ) || !is_typ(typ, rule->typ))
		return wrong(why, "another typ");
	return LK_OK;
}

static enum lk_err
check_members(const struct lk_json *json, struct lk_why *why)
{
	size_t i;

	for (i = 0; i < sizeof refused_members / sizeof refused_members[0]; i++) {
		if (lk_json_find(json, refused_members[i]) == NULL)
			continue;
		lk_why_add(why, "%s in the header", refused_members[i]);
		return LK_E_FORMAT;
	}
	return LK_OK;
}

static enum lk_err
read_names(const struct lk_json *json, struct lk_why *why, struct head *out)
{
	const struct lk_json *kid = lk_json_find(json, "kid");
	struct lk_str alg;

	if (!lk_json_to_str(lk_json_find(json, "alg"), &alg) || !crypto_alg_find(alg, &out->alg))
		return wrong(why, "alg is none that is ever allowed");
	out->kid = lk_str_n(NULL, 0);
	if (kid != NULL && (!lk_json_to_str(kid, &out->kid) || out->kid.len == 0))
		return wrong(why, "kid is empty or no text");
	return LK_OK;
}

static enum lk_err
read_head(const struct lk_json *json, const struct crypto_jws_rule *rule, struct lk_why *why,
	  struct head *out)
{
	enum lk_err err;

	if (!lk_json_is_object(json))
		return wrong(why, "the header is no object");
	err = check_members(json, why);
	if (err == LK_OK)
		err = check_typ(json, rule, why);
	return err == LK_OK ? read_names(json, why, out) : err;
}

static bool
is_meant(const struct crypto_jws_allow *allow, const struct head *head)
{
	if (allow->alg != head->alg || !crypto_jwk_fits(allow->key, allow->alg))
		return false;
	return head->kid.ptr == NULL || lk_str_is_equal(head->kid, crypto_jwk_kid(allow->key));
}

/* The one allowed key that head means; NULL when there is none, or more than one. */
static const struct crypto_jwk *
find_key(const struct crypto_jws_rule *rule, const struct head *head)
{
	const struct crypto_jwk *found = NULL;
	size_t i;

	for (i = 0; i < rule->allow_count && i < CRYPTO_JWS_ALLOW_MAX; i++) {
		if (!is_meant(&rule->allow[i], head))
			continue;
		if (found != NULL)
			return NULL;
		found = rule->allow[i].key;
	}
	return found;
}

/* Which key and algorithm this token is to be judged by. */
static enum lk_err
choose(const struct crypto_jws_rule *rule, struct lk_str head_text, struct lk_why *why,
       struct crypto_jws *out)
{
	struct lk_json *json = NULL;
	struct head head = {.alg = 0};
	enum lk_err err = lk_json_read(head_text, CRYPTO_JWS_HEAD_MAX_BYTES, &json);

	if (err != LK_OK)
		return err == LK_E_FORMAT ? wrong(why, "the header is no JSON") : err;
	err = read_head(json, rule, why, &head);
	if (err == LK_OK) {
		out->alg = head.alg;
		out->key = find_key(rule, &head);
	}
	lk_json_free(json);
	if (err == LK_OK && out->key == NULL) {
		lk_why_add(why, "no key is allowed that it could mean, or more than one");
		return LK_E_NOT_FOUND;
	}
	return err;
}

/* The header and the key it means; the signature is not looked at yet. */
static enum lk_err
open_head(const struct crypto_jws_rule *rule, const struct parts *parts, struct lk_arena *arena,
	  struct lk_why *why, struct crypto_jws *out)
{
	struct lk_str head;
	enum lk_err err = crypto_base64url_read(parts->head, arena, &head);

	if (err != LK_OK)
		return err == LK_E_FORMAT ? wrong(why, "the header is no base64url") : err;
	return choose(rule, head, why, out);
}

static enum lk_err
check_signature(const struct parts *parts, struct lk_why *why, const struct crypto_jws *jws)
{
	unsigned char bytes[JOSE_SIGNATURE_MAX_BYTES];
	size_t len = crypto_base64url_into(parts->signature, bytes, sizeof bytes);

	if (!jose_verify_bytes(jws->key, jws->alg, parts->signed_text,
			       lk_str_n((const char *)bytes, len)))
		return wrong(why, "the signature is wrong");
	return LK_OK;
}

enum lk_err
crypto_jws_verify(const struct crypto_jws_rule *rule, struct lk_str token, struct lk_arena *arena,
		  struct lk_why *why, struct crypto_jws *out)
{
	struct crypto_jws jws = {.key = NULL};
	struct parts parts;
	enum lk_err err;

	if (token.len > CRYPTO_JWS_MAX_BYTES || !split(token, &parts))
		return wrong(why, "not three parts, or too long");
	err = open_head(rule, &parts, arena, why, &jws);
	if (err == LK_OK)
		err = check_signature(&parts, why, &jws);
	if (err != LK_OK)
		return err;
	err = crypto_base64url_read(parts.payload, arena, &jws.payload);
	if (err != LK_OK)
		return err == LK_E_FORMAT ? wrong(why, "the payload is no base64url") : err;
	*out = jws;
	return LK_OK;
}
