/* SPDX-License-Identifier: MIT */
#include "crypto/jose_claims.h"

#include "base/json.h"

/* The end of 9999: far from where adding a skew would overflow. */
#define INSTANT_MAX_S 253402300799

/* A document and where its texts are copied to. */
struct source {
	const struct lk_json *json;
	struct lk_arena *arena;
	struct lk_why *why;
};

static enum lk_err
wrong(struct lk_why *why, const char *claim, const char *what)
{
	lk_why_add(why, "%s %s", claim, what);
	return LK_E_FORMAT;
}

static enum lk_err
copy_text(const struct source *source, const char *name, const struct lk_json *value,
	  struct lk_str *out)
{
	struct lk_str text;

	if (!lk_json_to_str(value, &text) || text.len == 0 || text.len > CRYPTO_CLAIM_MAX_BYTES)
		return wrong(source->why, name, "is empty, too long or no text");
	*out = lk_arena_dup(source->arena, text);
	return out->ptr == NULL ? LK_E_MEMORY : LK_OK;
}

static enum lk_err
read_text(const struct source *source, const char *name, struct lk_str *out)
{
	const struct lk_json *value = lk_json_find(source->json, name);

	return value == NULL ? LK_OK : copy_text(source, name, value, out);
}

static enum lk_err
read_instant(const struct source *source, const char *name, int64_t *out)
{
	const struct lk_json *value = lk_json_find(source->json, name);
	int64_t at_s;

	if (value == NULL)
		return LK_OK;
	if (!lk_json_to_i64(value, &at_s) || at_s <= 0 || at_s > INSTANT_MAX_S)
		return wrong(source->why, name, "is no instant");
	*out = at_s;
	return LK_OK;
}

static enum lk_err
read_aud_list(const struct source *source, const struct lk_json *list, struct crypto_claims *out)
{
	size_t count = lk_json_count(list), i;
	enum lk_err err = LK_OK;

	if (count == 0 || count > CRYPTO_AUD_MAX_COUNT)
		return wrong(source->why, "aud", "is an empty or a long list");
	for (i = 0; i < count && err == LK_OK; i++)
		err = copy_text(source, "aud", lk_json_at(list, i), &out->aud[i]);
	out->aud_count = count;
	out->is_aud_array = true;
	return err;
}

static enum lk_err
read_aud(const struct source *source, struct crypto_claims *out)
{
	const struct lk_json *value = lk_json_find(source->json, "aud");

	if (value == NULL)
		return LK_OK;
	if (lk_json_is_array(value))
		return read_aud_list(source, value, out);
	out->aud_count = 1;
	return copy_text(source, "aud", value, &out->aud[0]);
}

static enum lk_err
read_all(const struct source *source, struct crypto_claims *out)
{
	const struct {
		const char *name;
		struct lk_str *out;
	} texts[] = {
	    {"iss", &out->iss},
	    {"sub", &out->sub},
	    {"jti", &out->jti},
	    {"nonce", &out->nonce},
	};
	const struct {
		const char *name;
		int64_t *out;
	} instants[] = {
	    {"exp", &out->exp_at_s},
	    {"nbf", &out->nbf_at_s},
	    {"iat", &out->iat_at_s},
	};
	enum lk_err err = LK_OK;
	size_t i;

	for (i = 0; i < sizeof texts / sizeof texts[0] && err == LK_OK; i++)
		err = read_text(source, texts[i].name, texts[i].out);
	for (i = 0; i < sizeof instants / sizeof instants[0] && err == LK_OK; i++)
		err = read_instant(source, instants[i].name, instants[i].out);
	return err == LK_OK ? read_aud(source, out) : err;
}

enum lk_err
crypto_claims_read(struct lk_str payload, struct lk_arena *arena, struct lk_why *why,
		   struct crypto_claims *out)
{
	struct crypto_claims claims = {.aud_count = 0};
	struct lk_json *json = NULL;
	enum lk_err err = lk_json_read(payload, CRYPTO_CLAIMS_MAX_BYTES, &json);

	if (err != LK_OK)
		return err == LK_E_FORMAT ? wrong(why, "payload", "is no JSON") : err;
	if (lk_json_is_object(json))
		err = read_all(&(struct source){json, arena, why}, &claims);
	else
		err = wrong(why, "payload", "is no object");
	lk_json_free(json);
	if (err == LK_OK)
		*out = claims;
	return err;
}

static bool
is_for_us(const struct crypto_claims *claims, const struct crypto_claims_rule *rule)
{
	size_t i, j;

	if (rule->is_aud_single && claims->is_aud_array)
		return false;
	for (i = 0; i < claims->aud_count; i++) {
		for (j = 0; j < rule->aud_count; j++) {
			if (lk_str_is_equal(claims->aud[i], rule->aud[j]))
				return true;
		}
	}
	return rule->aud_count == 0;
}

static enum lk_err
check_need(const struct crypto_claims *claims, unsigned need, struct lk_why *why)
{
	const struct {
		unsigned bit;
		bool is_there;
		const char *name;
	} rows[] = {
	    {CRYPTO_NEED_SUB, claims->sub.len > 0, "sub"},
	    {CRYPTO_NEED_JTI, claims->jti.len > 0, "jti"},
	    {CRYPTO_NEED_NONCE, claims->nonce.len > 0, "nonce"},
	    {CRYPTO_NEED_IAT, claims->iat_at_s > 0, "iat"},
	    {CRYPTO_NEED_NBF, claims->nbf_at_s > 0, "nbf"},
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if ((need & rows[i].bit) != 0 && !rows[i].is_there)
			return wrong(why, rows[i].name, "is missing");
	}
	return LK_OK;
}

static enum lk_err
check_times(const struct crypto_claims *claims, const struct crypto_claims_rule *rule,
	    struct lk_why *why)
{
	int64_t latest_s = rule->now_s + rule->skew_s;

	if (claims->exp_at_s == 0)
		return wrong(why, "exp", "is missing");
	if (!rule->may_be_past && claims->exp_at_s + rule->skew_s <= rule->now_s)
		return wrong(why, "exp", "is over");
	if (rule->life_max_s > 0 && claims->exp_at_s > latest_s + rule->life_max_s)
		return wrong(why, "exp", "is too far ahead");
	if (claims->nbf_at_s > latest_s)
		return wrong(why, "nbf", "is ahead of us");
	if (claims->iat_at_s > latest_s)
		return wrong(why, "iat", "is ahead of us");
	return LK_OK;
}

enum lk_err
crypto_claims_check(const struct crypto_claims *claims, const struct crypto_claims_rule *rule,
		    struct lk_why *why)
{
	enum lk_err err;

	if (claims->iss.len == 0 || !lk_str_is_equal(claims->iss, rule->iss))
		return wrong(why, "iss", "is another");
	if (!is_for_us(claims, rule))
		return wrong(why, "aud", "is another");
	err = check_need(claims, rule->need, why);
	return err == LK_OK ? check_times(claims, rule, why) : err;
}
