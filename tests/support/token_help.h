/* SPDX-License-Identifier: MIT */
/*
 * Applications that hold tokens on people, for tests of what is told of these. Include after
 * cmocka.h.
 */
#ifndef LK_TESTS_TOKEN_HELP_H
#define LK_TESTS_TOKEN_HELP_H

#include "flow/token_text.h"
#include "support/flow_help.h"

#define SECRET "a secret of the application"
#define CLAIMS                                                                                     \
	"{\"name\":\"Asha Rao\",\"email\":\"asha@example.org\",\"email_verified\":true,"           \
	"\"groups\":[\"staff\",\"payroll\"],\"department\":\"Finance\"}"

static inline void
application_put(struct world *world, const char *client_id, const char *more)
{
	struct lk_str pieces[] = {lk_str_c(client_id), LK_STR(SECRET)};
	char file[64], text[1024], letters[64];
	struct crypto_digest digest;

	crypto_digest_make(world->ring, CRYPTO_APPLICATION, pieces, 2, &digest);
	crypto_base64url_write(digest.bytes, sizeof digest.bytes, letters);
	snprintf(file, sizeof file, "applications/%s.conf", client_id);
	snprintf(text, sizeof text,
		 "[application]\nclient_id = %s\nname = Some\ngroups = everyone\n"
		 "secret_digests = 1:%s\n%s",
		 client_id, letters, more);
	world_policy(world, file, text);
}

static inline void
token_applications(struct world *world)
{
	application_put(world, "intranet", "kind = web\nredirect_uris = https://a.example/cb\n");
	application_put(world, "other", "kind = web\nredirect_uris = https://b.example/cb\n");
	application_put(world, "documents",
			"kind = resource_server\nresources = https://documents.example\n");
	application_put(world, "robot",
			"kind = robot\nowner = Payroll\npurpose = Nightly run\nexpires = "
			"2027-06-01\nscopes = read\nhours = Mon-Fri 07:00-19:00\n");
}

static inline int
token_begin(void **state)
{
	world_begin(state);
	token_applications(*state);
	return 0;
}

struct given {
	const char *prefix; /* NULL: of an access token */
	char token[64];
	struct token_selector selector;
	struct crypto_digest key, grant_key;
	struct store_grant grant;
	struct store_token kept;
};

static inline struct given
given_new(const struct world *world)
{
	int64_t now_s = world->clock.wall_s;

	return (struct given){
	    .grant = {.epoch = 7,
		      .auth_at_s = now_s - 60,
		      .began_at_s = now_s - 60,
		      .ends_at_s = now_s + 3600,
		      .proofs = STORE_PROOF_PASSWORD | STORE_PROOF_TOTP,
		      .person_id = LK_STR("person-a"),
		      .sid = LK_STR("AAAAAAAAAAAAAAAAAAAAAA"),
		      .client_id = LK_STR("intranet"),
		      .sub = LK_STR("sub-of-asha"),
		      .username = LK_STR("asha"),
		      .scope = LK_STR("openid email groups"),
		      .claims = LK_STR(CLAIMS),
		      .acr = LK_STR("two_step")},
	    .kept = {.made_at_s = now_s, .ends_at_s = now_s + 300, .has_grant = true},
	};
}

static inline void
give(struct world *world, struct given *given)
{
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	const char *prefix = given->prefix == NULL ? TOKEN_ACCESS_PREFIX : given->prefix;
	struct lk_why why = {.len = 0};
	struct lk_call call = {&world->clock.clock, arena, &why,
			       lk_clock_mono_ms(&world->clock.clock) + 1000};
	struct store_change changes[] = {
	    {.kind = STORE_TOKEN_PUT, .key = &given->key, .token = &given->kept},
	    {.kind = STORE_GRANT_PUT,
	     .key = &given->grant_key,
	     .grant = &given->grant,
	     .person_id = given->grant.person_id,
	     .sid = given->grant.sid,
	     .life_s = 3600},
	};

	token_selector_make(&given->selector);
	snprintf(given->token, sizeof given->token, "%.*s",
		 LK_STR_ARGS(token_make(prefix, &given->selector, arena)));
	token_key(world->ring, lk_str_c(given->token), &given->key);
	token_grant_key(world->ring, &given->selector, &given->grant_key);
	store_begin(&world->store, &call);
	assert_int_equal(store_commit(&world->store, changes, given->kept.has_grant ? 2 : 1, NULL),
			 LK_OK);
	lk_arena_free(arena);
}

static inline void
robot_give(struct world *world, struct given *given)
{
	*given = given_new(world);
	given->kept.has_grant = false;
	given->kept.client_id = LK_STR("robot");
	given->kept.scope = LK_STR("read");
	give(world, given);
}

static inline const char *
basic(const char *client_id, const char *secret)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static char header[256];
	char pair[128];
	size_t len, at = (size_t)snprintf(header, sizeof header, "Basic ");

	len = (size_t)snprintf(pair, sizeof pair, "%s:%s", client_id, secret);
	for (size_t i = 0; i < len; i += 3) {
		unsigned bits = (unsigned)pair[i] << 16 | (unsigned)pair[i + 1] << 8;

		bits |= i + 2 < len ? (unsigned)pair[i + 2] : 0;
		header[at++] = digits[bits >> 18 & 63];
		header[at++] = digits[bits >> 12 & 63];
		header[at++] = i + 1 < len ? digits[bits >> 6 & 63] : '=';
		header[at++] = i + 2 < len ? digits[bits & 63] : '=';
	}
	header[at] = '\0';
	return header;
}

#define assert_challenge(reply, words) assert_non_null(strstr((reply)->headers, words))

#endif
