/* SPDX-License-Identifier: MIT */
#include "ctl/register.h"

#include <string.h>

#define ID_LETTERS	 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-"
#define SECRET_MIN_BYTES 16u
#define SECRET_MAX_BYTES 256u

static struct lk_str
member(const struct lk_json *metadata, const char *name)
{
	struct lk_str text = {NULL, 0};

	(void)lk_json_to_str(lk_json_find(metadata, name), &text);
	return text;
}

static bool
list_has(const struct lk_json *list, const char *word)
{
	for (size_t i = 0; i < lk_json_count(list); i++) {
		struct lk_str text;

		if (lk_json_to_str(lk_json_at(list, i), &text) && lk_str_is(text, word))
			return true;
	}
	return false;
}

/* RFC 7591 s2: no grant_types means authorization_code. */
static const char *
kind_of(const struct lk_json *metadata)
{
	const struct lk_json *grants = lk_json_find(metadata, "grant_types");

	if (lk_str_is(member(metadata, "token_endpoint_auth_method"), "none"))
		return "spa";
	if (grants == NULL || list_has(grants, "authorization_code"))
		return "web";
	return list_has(grants, "client_credentials") ? "robot" : "resource_server";
}

/* "Room booking" → "room-booking" */
static void
id_from_name(struct lk_str name, char out[REGISTER_ID_BYTES])
{
	size_t len = 0;

	for (size_t i = 0; i < name.len && len < REGISTER_ID_BYTES - 1; i++) {
		char c = name.ptr[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			out[len++] = c;
		else if (len > 0 && out[len - 1] != '-')
			out[len++] = '-';
	}
	while (len > 0 && out[len - 1] == '-')
		len--;
	out[len] = '\0';
}

/* It becomes a file's name: nothing that leads elsewhere or hides. */
static enum lk_err
id_find(const struct lk_json *metadata, struct registered *out, struct lk_why *why)
{
	struct lk_str id = member(metadata, "client_id");

	if (id.len == 0)
		id_from_name(member(metadata, "client_name"), out->client_id);
	else if (id.len < REGISTER_ID_BYTES)
		memcpy(out->client_id, id.ptr, id.len);
	if (out->client_id[0] != '\0' && out->client_id[0] != '.' &&
	    strspn(out->client_id, ID_LETTERS) == strlen(out->client_id))
		return LK_OK;
	lk_why_add(why, "client_id must be 1 to 100 letters, digits and ._~-, without a dot first");
	return LK_E_FORMAT;
}

/* One line of a file: what holds a control character could become two. */
static enum lk_err
value_put(struct lk_buf *out, const char *key, struct lk_str value, struct lk_why *why)
{
	if (value.len == 0)
		return LK_OK;
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.ptr[i] < 0x20 || value.ptr[i] == 0x7f) {
			lk_why_add(why, "%s must be one line", key);
			return LK_E_FORMAT;
		}
	lk_buf_printf(out, "%s = %.*s\n", key, LK_STR_ARGS(value));
	return LK_OK;
}

static enum lk_err
uris_put(struct lk_buf *out, const char *key, const struct lk_json *list, struct lk_why *why)
{
	LK_AUTO_BUF joined;

	lk_buf_init(&joined, 8192);
	for (size_t i = 0; i < lk_json_count(list); i++) {
		struct lk_str uri;

		if (!lk_json_to_str(lk_json_at(list, i), &uri) || uri.len == 0 ||
		    lk_str_find(uri, ' ') != uri.len || lk_str_find(uri, ',') != uri.len) {
			lk_why_add(why, "%s must be addresses without blanks and commas", key);
			return LK_E_FORMAT;
		}
		lk_buf_add_c(&joined, i == 0 ? "" : " ");
		lk_buf_add_str(&joined, uri);
	}
	if (!lk_buf_is_ok(&joined)) {
		lk_why_add(why, "%s are too many", key);
		return LK_E_FORMAT;
	}
	return value_put(out, key, lk_buf_str(&joined), why);
}

/* Given, or made here; none for who could not keep one. */
static enum lk_err
secret_find(const struct register_with *with, const struct lk_json *metadata,
	    struct registered *out)
{
	struct lk_str given = member(metadata, "client_secret");

	if (strcmp(out->kind, "spa") == 0)
		return LK_OK;
	if (given.len > 0 && (given.len < SECRET_MIN_BYTES || given.len > SECRET_MAX_BYTES)) {
		lk_why_add(with->why, "client_secret must have %u to %u characters",
			   SECRET_MIN_BYTES, SECRET_MAX_BYTES);
		return LK_E_FORMAT;
	}
	out->is_secret_new = given.len == 0;
	out->secret = out->is_secret_new ? crypto_token_make("lk_cs_", with->arena)
					 : lk_arena_dup(with->arena, given);
	return out->secret.ptr == NULL ? LK_E_MEMORY : LK_OK;
}

static enum lk_err
digest_put(const struct register_with *with, const struct registered *registered,
	   struct lk_buf *out)
{
	const struct lk_str pieces[] = {lk_str_c(registered->client_id), registered->secret};
	const struct crypto_digest_key key = {CRYPTO_APPLICATION,
					      crypto_ring_newest_id(with->ring)};
	struct crypto_digest digest;
	struct lk_str letters;
	enum lk_err err;

	if (registered->secret.len == 0)
		return LK_OK;
	err = crypto_digest_under(with->ring, key, pieces, 2, &digest);
	if (err != LK_OK)
		return err;
	letters = crypto_base64url_make(lk_str_n((const char *)digest.bytes, sizeof(digest.bytes)),
					with->arena);
	lk_buf_printf(out, "secret_digests = %u:%.*s\n", (unsigned)key.key_id,
		      LK_STR_ARGS(letters));
	return letters.ptr == NULL ? LK_E_MEMORY : LK_OK;
}

static enum lk_err
values_put(const struct lk_json *metadata, const struct registered *registered, struct lk_buf *out,
	   struct lk_why *why)
{
	struct lk_str name = member(metadata, "client_name");
	enum lk_err err;

	if (name.len == 0)
		name = lk_str_c(registered->client_id);
	lk_buf_printf(out, "# SPDX-License-Identifier: MIT\n[application]\nclient_id = %s\n",
		      registered->client_id);
	err = value_put(out, "name", name, why);
	lk_buf_printf(out, "kind = %s\ngroups = everyone\n", registered->kind);
	if (err == LK_OK)
		err = value_put(out, "description", member(metadata, "description"), why);
	if (err == LK_OK)
		err = value_put(out, "start_url", member(metadata, "client_uri"), why);
	if (err == LK_OK)
		err = uris_put(out, "redirect_uris", lk_json_find(metadata, "redirect_uris"), why);
	if (err == LK_OK)
		err = uris_put(out, "signed_out_uris",
			       lk_json_find(metadata, "post_logout_redirect_uris"), why);
	return err;
}

enum lk_err
register_make(const struct register_with *with, const struct lk_json *metadata,
	      struct registered *out, struct lk_buf *out_text)
{
	enum lk_err err;

	memset(out, 0, sizeof(*out));
	if (!lk_json_is_object(metadata)) {
		lk_why_add(with->why, "not an object");
		return LK_E_FORMAT;
	}
	out->kind = kind_of(metadata);
	err = id_find(metadata, out, with->why);
	if (err == LK_OK)
		err = secret_find(with, metadata, out);
	if (err == LK_OK)
		err = values_put(metadata, out, out_text, with->why);
	if (err == LK_OK)
		err = digest_put(with, out, out_text);
	if (err != LK_OK || lk_buf_is_ok(out_text))
		return err;
	lk_why_add(with->why, "too long");
	return LK_E_FORMAT;
}
