/* SPDX-License-Identifier: MIT */
/*
 * Source: OpenID Connect Discovery s3, s4; RFC 8414 s2, s3; RFC 9207 s3; RFC 9701 s7; OpenID
 * Connect RP-Initiated, Back-Channel and Front-Channel Logout.
 */
#include "flow/discovery.h"

#include <stdlib.h>

#include "base/json.h"
#include "flow/flow.h"
#include "flow/handlers.h"
#include "flow/openapi.h"
#include "flow/signing_life.h"
#include "policy/claims.h"

#define BODY_MAX_BYTES 16384u
/* It changes with a new version of ours, or of the policies. */
#define KEEP "public, max-age=300"

struct discovery {
	struct lk_buf openid, oauth, openapi;
};

struct endpoint {
	const char *path, *member;
};
static const struct endpoint endpoints[] = {
    {"/authorize", "authorization_endpoint"},
    {"/token", "token_endpoint"},
    {"/userinfo", "userinfo_endpoint"},
    {"/jwks.json", "jwks_uri"},
    {"/introspect", "introspection_endpoint"},
    {"/revoke", "revocation_endpoint"},
    {"/logout", "end_session_endpoint"},
    {"/device_authorization", "device_authorization_endpoint"},
};

/* What applications may sign with; and what is told of a token is signed with. */
#define SIGN_ALGS    "RS256 PS256 ES256 EdDSA"
#define TOLD_ALGS    (SIGNING_ALG(CRYPTO_ES256) | SIGNING_ALG(CRYPTO_EDDSA))
#define AUTH_METHODS "client_secret_basic client_secret_post private_key_jwt"

/* Member, words, and the path without which it means nothing; NULL: always there. */
struct words {
	const char *member, *words, *path;
};
static const struct words lists[] = {
    {"response_types_supported", "code", "/authorize"},
    {"response_modes_supported", "query form_post", "/authorize"},
    {"acr_values_supported", "password two_step", "/authorize"},
    {"subject_types_supported", "public pairwise", NULL},
    {"code_challenge_methods_supported", "S256", "/authorize"},
    {"token_endpoint_auth_methods_supported", AUTH_METHODS " none", "/token"},
    {"token_endpoint_auth_signing_alg_values_supported", SIGN_ALGS, "/token"},
    {"introspection_endpoint_auth_methods_supported", AUTH_METHODS, "/introspect"},
    {"introspection_endpoint_auth_signing_alg_values_supported", SIGN_ALGS, "/introspect"},
    {"revocation_endpoint_auth_methods_supported", AUTH_METHODS " none", "/revoke"},
    {"revocation_endpoint_auth_signing_alg_values_supported", SIGN_ALGS, "/revoke"},
    /* None is taken, as the flag says; left out, this would mean that unsigned ones may be. */
    {"request_object_signing_alg_values_supported", "RS256", "/authorize"},
    {"ui_locales_supported", "en-GB cy", "/authorize"},
    {"claim_types_supported", "normal", "/userinfo"},
};
struct flag {
	const char *member;
	bool value;
	const char *path;
};
static const struct flag flags[] = {
    {"claims_parameter_supported", true, "/authorize"},
    {"request_parameter_supported", false, NULL},
    {"request_uri_parameter_supported", false, NULL}, /* left out would mean true */
    {"authorization_response_iss_parameter_supported", true, "/authorize"},
    {"backchannel_logout_supported", true, "/logout"},
    {"backchannel_logout_session_supported", true, "/logout"},
    {"frontchannel_logout_supported", true, "/logout"},
    {"frontchannel_logout_session_supported", true, "/logout"},
};
#define GRANT_TYPES "authorization_code refresh_token client_credentials"
#define DEVICE	    "urn:ietf:params:oauth:grant-type:device_code"

static bool
is_there(const char *path)
{
	for (size_t i = 0; path != NULL && i < flow_route_count; i++) {
		if (lk_str_is(lk_str_c(flow_routes[i].path), path))
			return true;
	}
	return path == NULL;
}

/* Of a blank separated list, an array even of one. */
static void
list_open(struct lk_buf *out, const char *member)
{
	lk_buf_printf(out, ",\"%s\":[", member);
}

static void
word_add(struct lk_buf *out, struct lk_str word)
{
	if (out->len > 0 && out->bytes[out->len - 1] != '[')
		lk_buf_add_byte(out, ',');
	lk_json_quote(out, word);
}

static void
words_add(struct lk_buf *out, const char *words)
{
	struct lk_str rest = lk_str_c(words), word;

	while (lk_str_split(&rest, ' ', &word))
		word_add(out, word);
}

static void
endpoints_add(struct lk_buf *out, const struct conf *conf)
{
	for (size_t i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++) {
		if (is_there(endpoints[i].path))
			lk_buf_printf(out, ",\"%s\":\"%s%s\"", endpoints[i].member, conf->base_url,
				      endpoints[i].path);
	}
}

static void
lists_add(struct lk_buf *out)
{
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		if (!is_there(lists[i].path))
			continue;
		list_open(out, lists[i].member);
		words_add(out, lists[i].words);
		lk_buf_add_byte(out, ']');
	}
	if (!is_there("/token"))
		return;
	list_open(out, "grant_types_supported");
	words_add(out, GRANT_TYPES);
	if (is_there("/device_authorization"))
		words_add(out, DEVICE);
	lk_buf_add_byte(out, ']');
}

static void
flags_add(struct lk_buf *out)
{
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		if (is_there(flags[i].path))
			lk_buf_printf(out, ",\"%s\":%s", flags[i].member,
				      flags[i].value ? "true" : "false");
	}
}

/* Those there are keys of, not all that could be asked for. */
static void
algs_add(struct lk_buf *out, const char *member, unsigned algs)
{
	list_open(out, member);
	for (int alg = CRYPTO_RS256; alg < CRYPTO_ALG_COUNT; alg++) {
		if ((algs & SIGNING_ALG(alg)) != 0)
			word_add(out, lk_str_c(crypto_alg_name((enum crypto_alg)alg)));
	}
	lk_buf_add_byte(out, ']');
}

static void
scopes_add(struct lk_buf *out, const struct policy *policy)
{
	const struct conf_list *scopes = policy_scopes(policy);

	list_open(out, "scopes_supported");
	for (size_t i = 0; i < scopes->count; i++)
		word_add(out, lk_str_c(scopes->items[i]));
	lk_buf_add_byte(out, ']');
}

/* Members of an object ("address.locality") stand next to each other and are told as one. */
static void
claims_add(struct lk_buf *out, const struct policy *policy)
{
	size_t count;
	const struct policy_claim *claims = policy_claims(policy, &count);
	struct lk_str name, last = {NULL, 0};

	list_open(out, "claims_supported");
	words_add(out, "sub iss aud exp iat auth_time acr amr sid nonce at_hash");
	for (size_t i = 0; i < count; i++, last = name) {
		name = lk_str_c(claims[i].name);
		name.len = lk_str_find(name, '.');
		if (!lk_str_is_equal(name, last))
			word_add(out, name);
	}
	lk_buf_add_byte(out, ']');
}

static void
common_add(struct lk_buf *out, const struct conf *conf, const struct policy *policy)
{
	lk_buf_printf(out, "{\"issuer\":\"%s\"", conf->base_url);
	endpoints_add(out, conf);
	lists_add(out);
	algs_add(out, "id_token_signing_alg_values_supported", signing_needed(policy));
	flags_add(out);
	scopes_add(out, policy);
	claims_add(out, policy);
	lk_buf_printf(out, ",\"op_policy_uri\":\"%s/privacy\"", conf->base_url);
}

struct discovery *
discovery_new(const struct conf *conf, const struct policy *policy)
{
	struct discovery *discovery = calloc(1, sizeof *discovery);

	if (discovery == NULL)
		return NULL;
	lk_buf_init(&discovery->openid, BODY_MAX_BYTES);
	lk_buf_init(&discovery->oauth, BODY_MAX_BYTES);
	lk_buf_init(&discovery->openapi, OPENAPI_MAX_BYTES);
	openapi_write(conf, &discovery->openapi);
	common_add(&discovery->openid, conf, policy);
	lk_buf_add_str(&discovery->oauth, lk_buf_str(&discovery->openid));
	/* Not among the members OpenID Connect knows. */
	if (is_there("/introspect"))
		algs_add(&discovery->oauth, "introspection_signing_alg_values_supported",
			 signing_needed(policy) & TOLD_ALGS);
	lk_buf_add_byte(&discovery->openid, '}');
	lk_buf_add_byte(&discovery->oauth, '}');
	if (lk_buf_is_ok(&discovery->openid) && lk_buf_is_ok(&discovery->oauth) &&
	    lk_buf_is_ok(&discovery->openapi))
		return discovery;
	discovery_free(discovery);
	return NULL;
}

void
discovery_free(struct discovery *discovery)
{
	if (discovery == NULL)
		return;
	lk_buf_done(&discovery->openid);
	lk_buf_done(&discovery->oauth);
	lk_buf_done(&discovery->openapi);
	free(discovery);
}

static enum lk_err
tell(const struct lk_buf *body, struct res *res)
{
	lk_buf_add_str(&res->body, lk_buf_str(body));
	res->is_repeatable = true;
	res->status = 200;
	res->content_type = "application/json";
	res->cache_control = KEEP;
	res->cors_origin = LK_STR("*");
	return LK_OK;
}

enum lk_err
openid_configuration_answer(const struct fast *fast, const struct req *req,
			    const struct store_answer *stored, struct res *res)
{
	(void)req;
	(void)stored;
	return tell(&fast->discovery->openid, res);
}

enum lk_err
oauth_configuration_answer(const struct fast *fast, const struct req *req,
			   const struct store_answer *stored, struct res *res)
{
	(void)req;
	(void)stored;
	return tell(&fast->discovery->oauth, res);
}

enum lk_err
openapi_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
	       struct res *res)
{
	(void)req;
	(void)stored;
	return tell(&fast->discovery->openapi, res);
}
