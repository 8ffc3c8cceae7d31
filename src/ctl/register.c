/* SPDX-License-Identifier: MIT */
#include "ctl/register.h"

#include <string.h>

#include "policy/when.h"

#define ID_LETTERS	 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-"
#define YEAR_S		 (365 * 86400)
#define SECRET_MIN_BYTES 16u
#define SECRET_MAX_BYTES 256u
#define GRANTS_MAX_BYTES 1000u
#define DEVICE_GRANT	 "urn:ietf:params:oauth:grant-type:device_code"

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
kind_of_grants(const struct lk_json *metadata)
{
	const struct lk_json *grants = lk_json_find(metadata, "grant_types");

	if (lk_str_is(member(metadata, "token_endpoint_auth_method"), "none"))
		return "spa";
	if (list_has(grants, "authorization_code") || list_has(grants, DEVICE_GRANT))
		return "web";
	if (list_has(grants, "client_credentials"))
		return "robot";
	return lk_json_is_array(grants) && lk_json_count(grants) == 0 ? "resource_server" : "web";
}

static bool
is_offered(const char *kind, struct lk_str grant)
{
	if (strcmp(kind, "robot") == 0)
		return lk_str_is(grant, "client_credentials");
	return strcmp(kind, "resource_server") != 0 &&
	       (lk_str_is(grant, "authorization_code") || lk_str_is(grant, "refresh_token") ||
		lk_str_is(grant, DEVICE_GRANT));
}

/* All of them in one line, and those its kind does not have; *out_begins: does one of the others
 * begin anything? False: no list of texts. */
static bool
grants_sort(const struct lk_json *grants, const char *kind, struct lk_buf *all,
	    struct lk_buf *dropped, bool *out_begins)
{
	*out_begins = false;
	for (size_t i = 0; i < lk_json_count(grants); i++) {
		struct lk_str grant;

		if (!lk_json_to_str(lk_json_at(grants, i), &grant))
			return false;
		lk_buf_printf(all, "%s%.*s", i == 0 ? "" : " ", LK_STR_ARGS(grant));
		if (!is_offered(kind, grant))
			lk_buf_printf(dropped, "%s%.*s", dropped->len == 0 ? "" : " ",
				      LK_STR_ARGS(grant));
		else if (!lk_str_is(grant, "refresh_token"))
			*out_begins = true;
	}
	return lk_json_is_array(grants) && lk_buf_is_ok(all) && lk_buf_is_ok(dropped);
}

/* RFC 7591 s2: a server may replace or refuse what it does not offer; never in silence. */
static enum lk_err
grants_check(const struct register_with *with, const struct lk_json *metadata,
	     struct registered *out)
{
	const struct lk_json *grants = lk_json_find(metadata, "grant_types");
	bool begins = false;
	LK_AUTO_BUF all;
	LK_AUTO_BUF dropped;

	lk_buf_init(&all, GRANTS_MAX_BYTES);
	lk_buf_init(&dropped, GRANTS_MAX_BYTES);
	if (grants == NULL)
		return LK_OK;
	if (!grants_sort(grants, out->kind, &all, &dropped, &begins)) {
		lk_why_add(with->why, "grant_types must be a list of texts");
		return LK_E_FORMAT;
	}
	if (lk_json_count(grants) > 0 && !begins) {
		lk_why_add(with->why,
			   "grant_types: %.*s gives it nothing to begin with as %s; there are "
			   "authorization_code, client_credentials and " DEVICE_GRANT,
			   LK_STR_ARGS(lk_buf_str(&all)), out->kind);
		return LK_E_FORMAT;
	}
	out->dropped = lk_arena_dup(with->arena, lk_buf_str(&dropped));
	return LK_OK;
}

/* What it says it is, or what its grants say. */
static enum lk_err
kind_find(const struct lk_json *metadata, struct registered *out, struct lk_why *why)
{
	static const char *const kinds[] = {"web", "spa", "robot", "resource_server",
					    "password_only"};
	struct lk_str said = member(metadata, "kind");

	out->kind = kind_of_grants(metadata);
	if (said.len == 0)
		return LK_OK;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!lk_str_is(said, kinds[i]))
			continue;
		out->kind = kinds[i];
		return LK_OK;
	}
	lk_why_add(why, "kind must be web, spa, robot, resource_server or password_only");
	return LK_E_FORMAT;
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

/* It becomes a file's name, and a word given to latchkeyctl: nothing that leads elsewhere, hides or
 * looks like an option. */
static enum lk_err
id_find(const struct lk_json *metadata, struct registered *out, struct lk_why *why)
{
	struct lk_str id = member(metadata, "client_id");

	if (id.len == 0)
		id_from_name(member(metadata, "client_name"), out->client_id);
	else if (id.len < REGISTER_ID_BYTES)
		memcpy(out->client_id, id.ptr, id.len);
	if (out->client_id[0] != '\0' && strchr(".-", out->client_id[0]) == NULL &&
	    strspn(out->client_id, ID_LETTERS) == strlen(out->client_id))
		return LK_OK;
	lk_why_add(why, "client_id must be 1 to 100 letters, digits and ._~-, without a dot or "
			"dash first");
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

/* A list, a text or a number as one line; lists joined by blanks, or by commas where the items may
 * hold blanks. */
static enum lk_err
any_put(struct lk_buf *out, const char *key, const struct lk_json *value, struct lk_why *why)
{
	const char *between = strcmp(key, "groups") == 0 ? ", " : " ";
	struct lk_str text = {NULL, 0};
	int64_t number;
	LK_AUTO_BUF line;

	lk_buf_init(&line, 4000);
	if (lk_json_to_str(value, &text))
		return value_put(out, key, text, why);
	if (lk_json_to_i64(value, &number))
		lk_buf_printf(&line, "%lld", (long long)number);
	for (size_t i = 0; i < lk_json_count(value); i++) {
		if (!lk_json_to_str(lk_json_at(value, i), &text) || text.len == 0 ||
		    lk_str_find(text, ',') != text.len ||
		    (between[0] == ' ' && lk_str_find(text, ' ') != text.len)) {
			lk_why_add(why, "%s must be texts without blanks and commas", key);
			return LK_E_FORMAT;
		}
		lk_buf_printf(&line, "%s%.*s", i == 0 ? "" : between, LK_STR_ARGS(text));
	}
	if (!lk_buf_is_ok(&line)) {
		lk_why_add(why, "%s is too long", key);
		return LK_E_FORMAT;
	}
	return value_put(out, key, lk_buf_str(&line), why);
}

/* A word of theirs → one of ours. */
struct word {
	const char *name, *theirs, *key, *ours;
};
static const struct word words[] = {
    {"token_endpoint_auth_method", "client_secret_basic", "auth_method", "basic"},
    {"token_endpoint_auth_method", "client_secret_post", "auth_method", "post"},
    {"token_endpoint_auth_method", "private_key_jwt", "auth_method", "private_key_jwt"},
    {"token_endpoint_auth_method", "none", "auth_method", "none"},
    {"id_token_signed_response_alg", "RS256", "id_token_alg", "RS256"},
    {"id_token_signed_response_alg", "PS256", "id_token_alg", "PS256"},
    {"id_token_signed_response_alg", "ES256", "id_token_alg", "ES256"},
    {"id_token_signed_response_alg", "EdDSA", "id_token_alg", "EdDSA"},
    {"subject_type", "public", "subject", "public"},
    {"subject_type", "pairwise", "subject", "pairwise"},
};
#define WORDS (sizeof(words) / sizeof(words[0]))

static enum lk_err
word_put(struct lk_buf *out, const struct lk_json *metadata, const char *name, struct lk_why *why)
{
	struct lk_str said = member(metadata, name);

	if (said.len == 0)
		return LK_OK;
	for (size_t i = 0; i < WORDS; i++) {
		if (strcmp(words[i].name, name) != 0 || !lk_str_is(said, words[i].theirs))
			continue;
		lk_buf_printf(out, "%s = %s\n", words[i].key, words[i].ours);
		return LK_OK;
	}
	lk_why_add(why, "%s: '%.*s' is not offered", name, LK_STR_ARGS(said));
	return LK_E_FORMAT;
}

static enum lk_err
words_put(struct lk_buf *out, const struct lk_json *metadata, struct lk_why *why)
{
	const struct lk_json *types = lk_json_find(metadata, "response_types");
	enum lk_err err = LK_OK;

	for (size_t i = 0; i < WORDS && err == LK_OK; i++) {
		if (i == 0 || strcmp(words[i].name, words[i - 1].name) != 0)
			err = word_put(out, metadata, words[i].name, why);
	}
	if (err == LK_OK && lk_json_count(types) > 0 && !list_has(types, "code")) {
		lk_why_add(why, "response_types: only code is offered");
		return LK_E_FORMAT;
	}
	return err;
}

/* RFC 8628 s4: an application that wants it says so among its grants. */
static void
device_put(struct lk_buf *out, const struct lk_json *metadata)
{
	if (list_has(lk_json_find(metadata, "grant_types"), DEVICE_GRANT))
		lk_buf_add_c(out, "device = yes\n");
}

/* Their name → our key, the value as it is. The second half has one name here and there. */
static const struct {
	const char *name, *key;
} passed[] = {
    {"client_uri", "start_url"},
    {"redirect_uris", "redirect_uris"},
    {"post_logout_redirect_uris", "signed_out_uris"},
    {"backchannel_logout_uri", "backchannel_logout_uri"},
    {"frontchannel_logout_uri", "frontchannel_logout_uri"},
    {"jwks_uri", "jwks_uri"},
    {"scope", "scopes"},
    {"description", "description"},
    {"description_cy", "description_cy"},
    {"name_cy", "name_cy"},
    {"access_token", "access_token"},
    {"access_token_life", "access_token_life"},
    {"refresh_life", "refresh_life"},
    {"pkce", "pkce"},
    {"consent", "consent"},
    {"resources", "resources"},
    {"takes", "takes"},
    {"assertion_audience", "assertion_audience"},
    {"hosts", "hosts"},
    {"session_max", "session_max"},
    {"networks", "networks"},
    {"hours", "hours"},
    {"proofs", "proofs"},
};

static enum lk_err
passed_put(struct lk_buf *out, const struct lk_json *metadata, struct lk_why *why)
{
	enum lk_err err = LK_OK;

	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]) && err == LK_OK; i++)
		err = any_put(out, passed[i].key, lk_json_find(metadata, passed[i].name), why);
	return err;
}

/* The first text there is. */
static struct lk_str
first_of(struct lk_str a, struct lk_str b, struct lk_str c)
{
	return a.len > 0 ? a : b.len > 0 ? b : c;
}

/* A robot must say who answers for it, what for and how long; RFC 7591 knows contacts at most. */
static enum lk_err
life_put(const struct register_with *with, const struct lk_json *metadata,
	 struct registered *registered, struct lk_buf *out)
{
	bool is_robot = strcmp(registered->kind, "robot") == 0;
	struct lk_str owner = member(metadata, "owner"), purpose = member(metadata, "purpose");
	struct lk_str contact = {NULL, 0}, expires = member(metadata, "expires");
	enum lk_err err;
	LK_AUTO_BUF moment;

	lk_buf_init(&moment, 100);
	if (is_robot) {
		(void)lk_json_to_str(lk_json_at(lk_json_find(metadata, "contacts"), 0), &contact);
		registered->is_owner_wanted = owner.len == 0 && contact.len == 0;
		owner = first_of(owner, contact, LK_STR("nobody yet"));
		purpose = first_of(purpose, member(metadata, "description"),
				   first_of(member(metadata, "client_name"),
					    lk_str_c(registered->client_id), LK_STR("")));
		policy_moment_write(with->now_s + YEAR_S, &moment);
		expires = first_of(expires, lk_buf_str(&moment), LK_STR(""));
	}
	err = value_put(out, "owner", owner, with->why);
	if (err == LK_OK)
		err = value_put(out, "purpose", purpose, with->why);
	return err == LK_OK ? value_put(out, "expires", expires, with->why) : err;
}

/* Keys that stand in the metadata go to a file beside the application's. */
static enum lk_err
keys_put(const struct register_with *with, const struct lk_json *metadata,
	 struct registered *registered, struct lk_buf *out)
{
	const struct lk_json *keys = lk_json_find(metadata, "jwks");
	LK_AUTO_BUF text;

	lk_buf_init(&text, CRYPTO_JWKS_MAX_BYTES);
	if (keys == NULL)
		return LK_OK;
	lk_json_write(keys, &text);
	lk_buf_add_byte(&text, '\n');
	if (!lk_json_is_object(keys) || !lk_buf_is_ok(&text)) {
		lk_why_add(with->why, "jwks must be a JWK Set of at most %u bytes",
			   CRYPTO_JWKS_MAX_BYTES);
		return LK_E_FORMAT;
	}
	registered->keys = lk_arena_dup(with->arena, lk_buf_str(&text));
	lk_buf_printf(out, "jwks_file = %s/%s.jwks\n", with->folder, registered->client_id);
	return registered->keys.ptr == NULL ? LK_E_MEMORY : LK_OK;
}

/* Given, or made here; none for who could not keep one. */
static enum lk_err
secret_find(const struct register_with *with, const struct lk_json *metadata,
	    struct registered *out)
{
	struct lk_str given = member(metadata, "client_secret");
	struct lk_str method = member(metadata, "token_endpoint_auth_method");

	if (strcmp(out->kind, "spa") == 0 || lk_str_is(method, "private_key_jwt") ||
	    lk_str_is(method, "none"))
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

enum lk_err
register_digest_make(const struct crypto_ring *ring, const char *client_id, struct lk_str secret,
		     struct lk_buf *out)
{
	const struct lk_str pieces[] = {lk_str_c(client_id), secret};
	const struct crypto_digest_key key = {CRYPTO_APPLICATION, crypto_ring_newest_id(ring)};
	struct crypto_digest digest;
	char letters[2 * CRYPTO_DIGEST_BYTES];
	enum lk_err err = crypto_digest_under(ring, key, pieces, 2, &digest);
	size_t len;

	if (err != LK_OK)
		return err;
	len = crypto_base64url_write(digest.bytes, sizeof(digest.bytes), letters);
	lk_buf_printf(out, "%u:%.*s", (unsigned)key.key_id, (int)len, letters);
	return LK_OK;
}

static enum lk_err
digest_put(const struct register_with *with, const struct registered *registered,
	   struct lk_buf *out)
{
	enum lk_err err;

	if (registered->secret.len == 0)
		return LK_OK;
	lk_buf_add_c(out, "secret_digests = ");
	err = register_digest_make(with->ring, registered->client_id, registered->secret, out);
	lk_buf_add_byte(out, '\n');
	return err;
}

static enum lk_err
values_put(const struct register_with *with, const struct lk_json *metadata,
	   struct registered *registered, struct lk_buf *out)
{
	struct lk_str name =
	    first_of(member(metadata, "client_name"), lk_str_c(registered->client_id), LK_STR(""));
	const struct lk_json *groups = lk_json_find(metadata, "groups");
	enum lk_err err;

	lk_buf_printf(out, "# SPDX-License-Identifier: MIT\n[application]\nclient_id = %s\n",
		      registered->client_id);
	err = value_put(out, "name", name, with->why);
	lk_buf_printf(out, "kind = %s\n", registered->kind);
	if (groups == NULL)
		lk_buf_add_c(out, "groups = everyone\n");
	else if (err == LK_OK)
		err = any_put(out, "groups", groups, with->why);
	if (strcmp(registered->kind, "password_only") == 0 &&
	    lk_json_find(metadata, "proofs") == NULL)
		lk_buf_add_c(out, "proofs = password\n");
	if (err == LK_OK)
		err = words_put(out, metadata, with->why);
	if (err == LK_OK)
		device_put(out, metadata);
	if (err == LK_OK)
		err = passed_put(out, metadata, with->why);
	if (err == LK_OK)
		err = life_put(with, metadata, registered, out);
	return err == LK_OK ? keys_put(with, metadata, registered, out) : err;
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
	err = kind_find(metadata, out, with->why);
	if (err == LK_OK)
		err = id_find(metadata, out, with->why);
	if (err == LK_OK)
		err = grants_check(with, metadata, out);
	if (err == LK_OK)
		err = secret_find(with, metadata, out);
	if (err == LK_OK)
		err = values_put(with, metadata, out, out_text);
	if (err == LK_OK)
		err = digest_put(with, out, out_text);
	if (err != LK_OK || lk_buf_is_ok(out_text))
		return err;
	lk_why_add(with->why, "too long");
	return LK_E_FORMAT;
}
