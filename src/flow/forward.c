/* SPDX-License-Identifier: MIT */
#include "flow/forward.h"

#define LETTERS 43u

/* --- what is wanted --------------------------------------------------------------------------- */

/* As the web server says it; else as it came to us. What stood twice is empty: no address. */
static struct lk_str
address_of(const struct fast *fast, const struct req *req)
{
	struct lk_str host = req->header[HEADER_x_forwarded_host];
	struct lk_str scheme = req->header[HEADER_x_forwarded_proto];

	if (req->header[HEADER_x_original_url].ptr != NULL)
		return req->header[HEADER_x_original_url];
	if (host.ptr == NULL)
		host = req->header[HEADER_host];
	if (scheme.ptr == NULL)
		scheme = fast->is_https ? LK_STR("https") : LK_STR("http");
	return lk_arena_printf(req->arena, "%.*s://%.*s%.*s", LK_STR_ARGS(scheme),
			       LK_STR_ARGS(host), LK_STR_ARGS(req->header[HEADER_x_forwarded_uri]));
}

/*
 * A web server sets one of these and passes on the other as it came: from whoever would be let in
 * at one application by what they are at another.
 */
static bool
is_one_host(const struct req *req, struct lk_str host)
{
	struct lk_str forwarded = req->header[HEADER_x_forwarded_host];

	return forwarded.ptr == NULL || lk_str_is_equal_nocase(forwarded, host);
}

enum lk_err
forward_read(const struct fast *fast, const struct req *req, struct forward *out)
{
	struct lk_str text = address_of(fast, req);

	*out = (struct forward){.application = NULL};
	if (text.ptr == NULL)
		return LK_E_MEMORY;
	/* A cookie of ours does not travel over plain http where we have https. */
	if (!forward_url_read(text, &out->url) || !is_one_host(req, out->url.host) ||
	    lk_str_is(out->url.scheme, "https") != fast->is_https)
		return LK_E_APP_UNKNOWN;
	out->application = policy_application_find_host(fast->policy, out->url.host);
	if (out->application == NULL)
		return LK_E_APP_UNKNOWN;
	out->redirect_uri =
	    lk_arena_printf(req->arena, "%.*s" FORWARD_CALLBACK, LK_STR_ARGS(out->url.origin));
	if (out->redirect_uri.ptr == NULL)
		return LK_E_MEMORY;
	return policy_application_redirect_check(out->application, out->redirect_uri)
		   ? LK_OK
		   : LK_E_APP_REDIRECT;
}

bool
flow_host_check(const struct fast *fast, struct lk_str path, struct lk_str host)
{
	return (lk_str_is(path, FORWARD_START) || lk_str_is(path, FORWARD_CALLBACK)) &&
	       policy_application_find_host(fast->policy, host) != NULL;
}

/* --- there and back --------------------------------------------------------------------------- */

static struct lk_str
proof_make(const struct crypto_ring *ring, const struct lk_str *pieces, size_t count,
	   struct lk_arena *arena)
{
	struct crypto_digest digest;

	crypto_digest_make(ring, CRYPTO_FORWARD, pieces, count, &digest);
	return crypto_base64url_make(lk_str_n((const char *)digest.bytes, sizeof digest.bytes),
				     arena);
}

struct lk_str
forward_state_make(const struct crypto_ring *ring, struct lk_str cookie, const struct forward *to,
		   struct lk_arena *arena)
{
	struct lk_str pieces[] = {cookie, to->url.origin, to->url.path};
	struct lk_str proof = proof_make(ring, pieces, 3, arena);

	if (proof.ptr == NULL)
		return proof;
	return lk_arena_printf(arena, "%.*s.%.*s", LK_STR_ARGS(proof), LK_STR_ARGS(to->url.path));
}

struct lk_str
forward_state_path(struct lk_str state)
{
	struct lk_str path = lk_str_from(state, LETTERS + 1);

	if (state.len < LETTERS + 2 || state.ptr[LETTERS] != '.' || !forward_path_check(path))
		return lk_str_n(NULL, 0);
	return path;
}

struct lk_str
forward_state_read(const struct crypto_ring *ring, struct lk_str cookie, const struct forward *at,
		   struct lk_str state)
{
	struct lk_str path = forward_state_path(state);
	struct lk_str pieces[] = {cookie, at->url.origin, path};
	struct crypto_digest want, got;

	if (cookie.len == 0 || path.ptr == NULL)
		return lk_str_n(NULL, 0);
	crypto_digest_make(ring, CRYPTO_FORWARD, pieces, 3, &want);
	if (crypto_base64url_into(lk_str_n(state.ptr, LETTERS), got.bytes, sizeof got.bytes) !=
		sizeof got.bytes ||
	    !crypto_digest_is_equal(&want, &got))
		return lk_str_n(NULL, 0);
	return path;
}

struct lk_str
forward_verifier(const struct crypto_ring *ring, struct lk_str cookie, struct lk_arena *arena)
{
	struct lk_str pieces[] = {cookie};

	return proof_make(ring, pieces, 1, arena);
}
