/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/json.h"
#include "exchange/form.h"
#include "flow/signing.h"
#include "support/pairwise_help.h"
#include "flow/token_text.h"
#include "store/store_grant.h"
#include "support/oauth_help.h"

#define ROOMS	   16
#define ROOM_BYTES 4096

/* Texts that live until sixteen more were made. */
static char *
room_next(void)
{
	static char rooms[ROOMS][ROOM_BYTES];
	static int next;

	return rooms[next++ % ROOMS];
}

/* --- applications --------------------------------------------------------------------------- */

struct kind {
	const char *name, *lines;
	bool has_secret;
};
#define EVERYONE "groups = everyone\n"
#define BACK	 "redirect_uris = " CALLBACK "\n"
static const struct kind kinds[] = {
    {"payroll", "kind = web\nname = Payroll\n" EVERYONE BACK "id_token_alg = ES256\n", true},
    {"shop", "kind = web\nname = Shop\n" EVERYONE BACK "subject = pairwise\n", true},
    {"page", "kind = spa\nname = Page\n" EVERYONE BACK, false},
    {"phone", "kind = spa\nname = Phone\n" EVERYONE "redirect_uris = " OWN_SCHEME "\n", false},
    {"mail", "kind = password_only\nname = Mail\n" EVERYONE BACK "proofs = password\n", true},
    {"posts", "kind = web\nname = Posts\n" EVERYONE BACK "auth_method = post\n", true},
    {"keyed", "kind = web\nname = Keyed\n" EVERYONE BACK "auth_method = private_key_jwt\n", false},
    {"outside", "kind = web\nname = Outside\n" EVERYONE BACK "consent = ask\n", true},
    {"secret", "kind = web\nname = Secret\ngroups = nobody\n" BACK, true},
    {"robot",
     "kind = robot\nname = Robot\n" EVERYONE "owner = Payroll\npurpose = Payslips\n"
     "expires = 2027-01-01\nscopes = payslips:read payslips:write\n",
     true},
    {"files",
     "kind = resource_server\nname = Files\n" EVERYONE "resources = https://files.example\n", true},
};
#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

static struct crypto_jwk *own_key; /* of keyed */

static void
digest_write(const struct world *world, const char *client_id, char out[64])
{
	struct lk_str pieces[] = {lk_str_c(client_id), LK_STR(SECRET)};
	struct crypto_digest_key key = {CRYPTO_APPLICATION, 1};
	struct crypto_digest digest;

	assert_int_equal(crypto_digest_under(world->ring, key, pieces, 2, &digest), LK_OK);
	crypto_base64url_write(digest.bytes, sizeof digest.bytes, out);
}

static void
keys_write(struct world *world, char path[HELP_PATH_BYTES])
{
	LK_AUTO_BUF set;

	lk_buf_init(&set, 4096);
	lk_buf_add_c(&set, "{\"keys\":[");
	crypto_jwk_write(own_key, &set);
	lk_buf_add_c(&set, "]}");
	help_write(world->folder, "keyed.jwks", 0644, set.bytes);
	help_path(path, world->folder, "keyed.jwks");
}

static void
text_make(struct world *world, const struct kind *kind, const char *more, char out[4096])
{
	char digest[64] = "", path[HELP_PATH_BYTES] = "";

	digest_write(world, kind->name, digest);
	if (strcmp(kind->name, "keyed") == 0)
		keys_write(world, path);
	snprintf(out, 4096, "[application]\nclient_id = %s\n%s%s%s%s%s%s\n%s", kind->name,
		 kind->lines, kind->has_secret ? "secret_digests = 1:" : "",
		 kind->has_secret ? digest : "", kind->has_secret ? "\n" : "",
		 path[0] == '\0' ? "" : "jwks_file = ", path, more);
}

void
oauth_application(struct world *world, const char *name, const char *more)
{
	char text[4096], file[128];

	for (size_t i = 0; i < KIND_COUNT; i++) {
		if (strcmp(kinds[i].name, name) != 0)
			continue;
		text_make(world, &kinds[i], more, text);
		snprintf(file, sizeof file, "applications/%s.conf", name);
		world_policy(world, file, text);
	}
}

/* --- the world ------------------------------------------------------------------------------ */

static void
entry_fill(struct signing_entry *out, enum crypto_alg alg, const struct crypto_jwk *key)
{
	*out = (struct signing_entry){.alg = alg,
				      .generation = 1,
				      .made_at_s = HELP_START_S - 100,
				      .signs_at_s = HELP_START_S - 100,
				      .is_open = true};
	signing_name_write(alg, 1, out->name);
	snprintf(out->kid, sizeof out->kid, "%.*s", LK_STR_ARGS(crypto_jwk_kid(key)));
}

static struct crypto_jwk *
key_make(enum crypto_alg alg)
{
	struct crypto_jwk *key = NULL;

	assert_int_equal(crypto_jwk_make(alg, alg == CRYPTO_RS256 ? CRYPTO_RSA_MIN_BITS : 0, &key),
			 LK_OK);
	return key;
}

/* Made once: it costs. */
static struct crypto_jwk *
rsa_open(struct world *world)
{
	static char blob[4096], kid[CRYPTO_KID_MAX_BYTES + 1];
	static size_t len;
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct crypto_jwk *key;
	struct lk_str sealed;

	if (len == 0) {
		key = key_make(CRYPTO_RS256);
		assert_int_equal(crypto_jwk_seal(key, world->ring, arena, &sealed), LK_OK);
		assert_true(sealed.len <= sizeof blob);
		memcpy(blob, sealed.ptr, len = sealed.len);
		snprintf(kid, sizeof kid, "%.*s", LK_STR_ARGS(crypto_jwk_kid(key)));
		crypto_jwk_free(key);
	}
	assert_int_equal(
	    crypto_jwk_open(world->ring, lk_str_c(kid), lk_str_n(blob, len), arena, &key), LK_OK);
	lk_arena_free(arena);
	return key;
}

static void
signing_give(struct world *world)
{
	struct crypto_jwk *keys[] = {key_make(CRYPTO_ES256), rsa_open(world)};
	struct signing_entry entries[2];
	struct signing_plan plan = {.entries = entries,
				    .count = 2,
				    .needed = SIGNING_ALG(CRYPTO_RS256),
				    .rotate_s = 90 * 86400,
				    .ahead_s = 86400,
				    .keep_s = 2 * 86400,
				    .now_s = HELP_START_S};
	struct signing_make make = {&plan, keys};

	entry_fill(&entries[0], CRYPTO_ES256, keys[0]);
	entry_fill(&entries[1], CRYPTO_RS256, keys[1]);
	world->fast.signing = signing_new();
	assert_non_null(world->fast.signing);
	assert_int_equal(signing_put(world->fast.signing, &make), LK_OK);
}

int
oauth_begin(void **state)
{
	struct world *world;

	if (world_begin(state) != 0)
		return -1;
	world = *state;
	own_key = key_make(CRYPTO_ES256);
	for (size_t i = 0; i < KIND_COUNT; i++)
		oauth_application(world, kinds[i].name, "");
	signing_give(world);
	world->fast.pairwise = help_pairwise();
	return 0;
}

int
oauth_end(void **state)
{
	struct world *world = *state;

	pairwise_free(world->fast.pairwise);
	signing_free(world->fast.signing);
	crypto_jwk_free(own_key);
	return world_end(state);
}

/* --- what is sent --------------------------------------------------------------------------- */

static void
percent_add(char *out, size_t room, const char *text)
{
	size_t len = strlen(out);

	for (; *text != '\0' && len + 4 < room; text++) {
		bool is_plain = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
				(*text >= '0' && *text <= '9') || strchr("-._~", *text) != NULL;

		len += (size_t)snprintf(out + len, room - len, is_plain ? "%c" : "%%%02X",
					(unsigned char)*text);
	}
}

const char *
authorize_path(const char *client_id, const char *more)
{
	char *out = room_next();

	snprintf(out, ROOM_BYTES, "/authorize?client_id=%s&redirect_uri=", client_id);
	percent_add(out, ROOM_BYTES, CALLBACK);
	snprintf(out + strlen(out), ROOM_BYTES - strlen(out),
		 "&response_type=code&scope=openid&state=st%s", more);
	return out;
}

void
authorize(struct world *world, struct browser *browser, const char *client_id, const char *more,
	  struct reply *out)
{
	struct program sent = {.path = authorize_path(client_id, more)};

	program(world, browser, &sent, out);
}

const char *
basic_of(const char *client_id, const char *secret)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *out = room_next(), plain[512] = "";
	size_t len, i, at;

	percent_add(plain, sizeof plain, client_id);
	strcat(plain, ":");
	percent_add(plain, sizeof plain, secret);
	len = strlen(plain);
	at = (size_t)snprintf(out, ROOM_BYTES, "Basic ");
	for (i = 0; i < len; i += 3) {
		uint32_t bits = (uint32_t)(unsigned char)plain[i] << 16;

		if (i + 1 < len)
			bits |= (uint32_t)(unsigned char)plain[i + 1] << 8;
		if (i + 2 < len)
			bits |= (uint32_t)(unsigned char)plain[i + 2];
		out[at++] = letters[bits >> 18];
		out[at++] = letters[bits >> 12 & 63];
		out[at++] = i + 1 < len ? letters[bits >> 6 & 63] : '=';
		out[at++] = i + 2 < len ? letters[bits & 63] : '=';
	}
	out[at] = '\0';
	return out;
}

static bool
has_basic(const char *client_id)
{
	for (size_t i = 0; i < KIND_COUNT; i++) {
		if (strcmp(kinds[i].name, client_id) == 0)
			return kinds[i].has_secret && strstr(kinds[i].lines, "= post") == NULL;
	}
	return false;
}

void
token_post(struct world *world, const char *client_id, const char *body, struct reply *out)
{
	char *all = room_next();
	struct program sent = {.path = "/token", .body = all};

	if (has_basic(client_id)) {
		sent.authorization = basic_of(client_id, SECRET);
		sent.body = body;
	} else
		snprintf(all, ROOM_BYTES, "client_id=%s&%s", client_id, body);
	program(world, NULL, &sent, out);
}

void
code_post(struct world *world, const char *client_id, const char *code, const char *more,
	  struct reply *out)
{
	char body[2048] = "grant_type=authorization_code&redirect_uri=";

	percent_add(body, sizeof body, CALLBACK);
	snprintf(body + strlen(body), sizeof body - strlen(body), "&code=%s%s", code, more);
	token_post(world, client_id, body, out);
}

void
refresh_post(struct world *world, const char *client_id, const char *refresh_token,
	     const char *more, struct reply *out)
{
	char body[2048];

	snprintf(body, sizeof body, "grant_type=refresh_token&refresh_token=%s%s", refresh_token,
		 more);
	token_post(world, client_id, body, out);
}

/* --- what comes back ------------------------------------------------------------------------- */

const char *
answered(const struct reply *reply, const char *name)
{
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	const char *query = strchr(reply->location, '?');
	char *out = room_next();
	struct lk_str value = {NULL, 0};

	out[0] = '\0';
	if (query != NULL && form_query_find(arena, lk_str_c(query + 1), name, &value))
		snprintf(out, ROOM_BYTES, "%.*s", LK_STR_ARGS(value));
	lk_arena_free(arena);
	return out;
}

void
sign_in_on_the_way(struct world *world, struct browser *browser, const char *name,
		   struct reply *inout)
{
	char fields[1024] = "";

	if (strncmp(inout->location, "/signin?", 8) == 0) {
		field(fields, "username", name);
		field(fields, "password", OLD_PASSWORD);
		field(fields, "application", answered(inout, "application"));
		field(fields, "next", answered(inout, "next"));
		post(world, browser, "/signin", fields, inout);
	}
	if (strcmp(inout->location, "/signin/code") == 0) {
		fields[0] = '\0';
		field(fields, "code", code_of(world, fake_dir_find(&world->dir, name), 0));
		post(world, browser, "/signin/code", fields, inout);
		world_pass(world, 30);
	}
	assert_int_equal(strncmp(inout->location, "/authorize/", 11), 0);
	get(world, browser, inout->location, inout);
}

const char *
code_get(struct world *world, struct browser *browser, const char *client_id, const char *more)
{
	struct reply *reply = malloc(sizeof *reply);
	const char *code;

	authorize(world, browser, client_id, more, reply);
	code = answered(reply, "code");
	if (code[0] == '\0')
		fail_msg("no code: %d %s %.500s", reply->status, reply->location, reply->body);
	free(reply);
	return code;
}

const char *
told(const struct reply *reply, const char *name)
{
	struct lk_json *document = NULL;
	char *out = room_next();
	struct lk_str value = {NULL, 0};

	out[0] = '\0';
	if (lk_json_read(lk_str_c(reply->body), 65536, &document) != LK_OK)
		return out;
	if (lk_json_to_str(lk_json_find(document, name), &value))
		snprintf(out, ROOM_BYTES, "%.*s", LK_STR_ARGS(value));
	lk_json_free(document);
	return out;
}

const char *
payload_of(const char *token)
{
	char *out = room_next();
	const char *from = strchr(token, '.'), *to = from == NULL ? NULL : strchr(from + 1, '.');
	size_t len;

	assert_non_null(to);
	len =
	    crypto_base64url_into(lk_str_n(from + 1, (size_t)(to - from - 1)), out, ROOM_BYTES - 1);
	assert_true(len > 0);
	out[len] = '\0';
	return out;
}

void
sid_of(const char *token, char out[64])
{
	const char *at = strstr(payload_of(token), "\"sid\":\"");

	assert_non_null(at);
	assert_int_equal(sscanf(at, "\"sid\":\"%63[^\"]", out), 1);
}

bool
is_alive(struct world *world, const char *access_token)
{
	struct lk_arena *arena = lk_arena_new(16384, 1u << 20);
	struct lk_why why = {.len = 0};
	struct lk_call call = {&world->clock.clock, arena, &why,
			       lk_clock_mono_ms(&world->clock.clock) + 5000};
	struct crypto_digest token, grant;
	struct store_ask ask = {.token = &token, .grant = &grant};
	struct token_selector selector;
	struct store_answer answer;
	bool is_there;

	store_begin(&world->store, &call);
	assert_true(token_access_read(lk_str_c(access_token), arena, &selector));
	token_key(world->ring, lk_str_c(access_token), &token);
	token_grant_key(world->ring, &selector, &grant);
	assert_int_equal(store_fetch(&world->store, &ask, &answer), LK_OK);
	is_there = answer.has_token;
	world->store.call = NULL;
	lk_arena_free(arena);
	return is_there;
}

const char *
assertion_of(const char *claims, int64_t exp_at_s)
{
	struct lk_arena *arena = lk_arena_new(16384, 1u << 20);
	const char *exp = strstr(claims, "EXP");
	char *out = room_next(), payload[1024];
	struct lk_str token = {NULL, 0};

	if (exp == NULL)
		snprintf(payload, sizeof payload, "%s", claims);
	else
		snprintf(payload, sizeof payload, "%.*s%lld%s", (int)(exp - claims), claims,
			 (long long)exp_at_s, exp + 3);
	for (char *at = payload; *at != '\0'; at++) {
		if (*at == '\'')
			*at = '"';
	}
	assert_int_equal(crypto_jws_sign(own_key, "JWT", lk_str_c(payload), arena, &token), LK_OK);
	snprintf(out, ROOM_BYTES, "%.*s", LK_STR_ARGS(token));
	lk_arena_free(arena);
	return out;
}
