/* SPDX-License-Identifier: MIT */
#include "policy/known.h"

#include <string.h>

#include "base/json.h"
#include "crypto/base64url.h"
#include "crypto/hash.h"
#include "policy/application.h"
#include "policy/draft.h"

#define VALUE_MAX_BYTES 65536u
#define SHOWN_MAX_BYTES 300u
/* Told without their values. */
#define SECRETS "secrets"
#define KEYS	"keys"

/* --- one application as pairs ---------------------------------------------------------------- */

static void
pair_add(struct lk_buf *out, const char *key, struct lk_str value)
{
	lk_buf_printf(out, "%s[\"%s\",", out->bytes[out->len - 1] == '[' ? "" : ",", key);
	lk_json_quote(out, value);
	lk_buf_add_byte(out, ']');
}

static void
print_add(struct lk_buf *out, const char *key, struct lk_str text)
{
	uint8_t hash[CRYPTO_SHA256_BYTES];
	char shown[CRYPTO_SHA256_BYTES * 2];

	if (text.len == 0)
		return;
	crypto_sha256(text, hash);
	pair_add(out, key, lk_str_n(shown, crypto_base64url_write(hash, sizeof hash, shown)));
}

static void
prints_add(struct lk_buf *out, const struct policy_application *application)
{
	LK_AUTO_BUF text;

	lk_buf_init(&text, VALUE_MAX_BYTES);
	for (size_t i = 0; i < application->secret_digests.count; i++)
		lk_buf_printf(&text, "%s\n", application->secret_digests.items[i]);
	print_add(out, SECRETS, lk_buf_str(&text));
	lk_buf_clear(&text);
	for (size_t i = 0; application->keys != NULL && i < application->keys->count; i++)
		crypto_jwk_write(application->keys->keys[i], &text);
	print_add(out, KEYS, lk_buf_str(&text));
}

/* [["client_id","grafana"],["name","Grafana"],…] */
static void
application_write(const struct policy_application *application, struct lk_buf *out)
{
	const char *key;
	size_t at = 0;
	LK_AUTO_BUF value;

	lk_buf_init(&value, VALUE_MAX_BYTES);
	lk_buf_add_byte(out, '[');
	while (policy_application_next(application, &at, &key, &value))
		pair_add(out, key, lk_buf_str(&value));
	prints_add(out, application);
	lk_buf_add_byte(out, ']');
}

void
policy_known_write(const struct policy *policy, struct lk_buf *out)
{
	const struct policy_application *application;

	lk_buf_add_c(out, "{\"applications\":[");
	for (size_t i = 0; (application = policy_application_at(policy, i)) != NULL; i++) {
		lk_buf_add_c(out, i == 0 ? "\n" : ",\n");
		application_write(application, out);
	}
	lk_buf_add_c(out, "\n]}\n");
}

/* --- read again ------------------------------------------------------------------------------ */

static struct lk_str
text_at(const struct lk_json *pair, size_t index)
{
	struct lk_str text = {NULL, 0};

	return lk_json_to_str(lk_json_at(pair, index), &text) ? text : LK_STR("");
}

/* Nothing when it has none. */
static struct lk_str
value_of(const struct lk_json *pairs, struct lk_str key)
{
	for (size_t i = 0; i < lk_json_count(pairs); i++) {
		const struct lk_json *pair = lk_json_at(pairs, i);

		if (lk_str_is_equal(text_at(pair, 0), key))
			return text_at(pair, 1);
	}
	return LK_STR("");
}

static const struct lk_json *
application_of(const struct lk_json *applications, struct lk_str client_id)
{
	for (size_t i = 0; i < lk_json_count(applications); i++) {
		const struct lk_json *pairs = lk_json_at(applications, i);

		if (lk_str_is_equal(value_of(pairs, LK_STR("client_id")), client_id))
			return pairs;
	}
	return NULL;
}

/* --- told ------------------------------------------------------------------------------------ */

static void
value_tell(struct lk_buf *words, struct lk_str value)
{
	bool is_cut = value.len > SHOWN_MAX_BYTES;

	if (value.len == 0)
		lk_buf_add_c(words, "nothing");
	lk_buf_add_str(words, lk_str_n(value.ptr, is_cut ? SHOWN_MAX_BYTES : value.len));
	if (is_cut)
		lk_buf_add_c(words, "…");
}

static void
change_tell(struct lk_buf *words, struct lk_str key, struct lk_str was, struct lk_str is)
{
	if (lk_str_is_equal(was, is))
		return;
	lk_buf_printf(words, "%s%.*s", words->len == 0 ? "" : "; ", LK_STR_ARGS(key));
	if (lk_str_is(key, SECRETS) || lk_str_is(key, KEYS))
		return;
	lk_buf_add_c(words, ": ");
	value_tell(words, was);
	lk_buf_add_c(words, " → ");
	value_tell(words, is);
}

/* Each key either has. */
static void
changes_tell(struct lk_buf *words, const struct lk_json *was, const struct lk_json *is)
{
	for (size_t i = 0; i < lk_json_count(is); i++) {
		const struct lk_json *pair = lk_json_at(is, i);
		struct lk_str key = text_at(pair, 0);

		change_tell(words, key, value_of(was, key), text_at(pair, 1));
	}
	for (size_t i = 0; i < lk_json_count(was); i++) {
		const struct lk_json *pair = lk_json_at(was, i);
		struct lk_str key = text_at(pair, 0);

		if (value_of(is, key).len == 0)
			change_tell(words, key, text_at(pair, 1), LK_STR(""));
	}
}

struct comparing {
	const struct policy_known_ask *ask;
	const struct lk_json *was, *is;
	enum lk_err err;
};

/* False: enough, or no memory. */
static bool
tell(struct comparing *comparing, enum policy_known_kind kind, struct lk_str client_id,
     struct lk_str changes)
{
	const struct policy_known_ask *ask = comparing->ask;
	struct policy_known_difference difference = {
	    kind, lk_arena_printf(ask->arena, "%.*s%s%.*s", LK_STR_ARGS(client_id),
				  changes.len == 0 ? "" : ": ", LK_STR_ARGS(changes))};

	if (difference.words.ptr == NULL)
		comparing->err = LK_E_MEMORY;
	return comparing->err == LK_OK && ask->tell(&difference, ask->context);
}

static bool
one_compare(struct comparing *comparing, const struct lk_json *is)
{
	struct lk_str client_id = value_of(is, LK_STR("client_id"));
	const struct lk_json *was = application_of(comparing->was, client_id);
	LK_AUTO_BUF words;

	lk_buf_init(&words, VALUE_MAX_BYTES);
	if (was == NULL)
		return tell(comparing, POLICY_KNOWN_ADDED, client_id, LK_STR(""));
	changes_tell(&words, was, is);
	return words.len == 0 ||
	       tell(comparing, POLICY_KNOWN_CHANGED, client_id, lk_buf_str(&words));
}

static void
each_compare(struct comparing *comparing)
{
	for (size_t i = 0; i < lk_json_count(comparing->is); i++) {
		if (!one_compare(comparing, lk_json_at(comparing->is, i)))
			return;
	}
	for (size_t i = 0; i < lk_json_count(comparing->was); i++) {
		struct lk_str client_id =
		    value_of(lk_json_at(comparing->was, i), LK_STR("client_id"));

		if (application_of(comparing->is, client_id) == NULL &&
		    !tell(comparing, POLICY_KNOWN_REMOVED, client_id, LK_STR("")))
			return;
	}
}

enum lk_err
policy_known_compare(const struct policy_known_ask *ask)
{
	struct comparing comparing = {.ask = ask};
	struct lk_json *before = NULL, *now = NULL;
	enum lk_err err = LK_OK;
	LK_AUTO_BUF text;

	lk_buf_init(&text, POLICY_KNOWN_MAX_BYTES);
	policy_known_write(ask->now, &text);
	if (ask->before.len > 0)
		err = lk_json_read(ask->before, POLICY_KNOWN_MAX_BYTES, &before);
	if (err == LK_OK)
		err = lk_buf_is_ok(&text) ? lk_json_read(lk_buf_str(&text), text.len, &now)
					  : LK_E_MEMORY;
	if (err == LK_OK) {
		comparing.was = lk_json_find(before, "applications");
		comparing.is = lk_json_find(now, "applications");
		each_compare(&comparing);
		err = comparing.err;
	}
	lk_json_free(before);
	lk_json_free(now);
	return err;
}
