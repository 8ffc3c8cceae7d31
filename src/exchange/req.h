/* SPDX-License-Identifier: MIT */
/*
 * One request, read and checked, as a flow sees it: const from here on. Plain data; knows nothing
 * of sockets. Everything lives in the request's arena.
 */
#ifndef LK_EXCHANGE_REQ_H
#define LK_EXCHANGE_REQ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/secret.h"
#include "base/str.h"
#include "crypto/crypto.h"
#include "page/page_ids.h"

enum field {
	FIELD_NONE = 0,
#define LK_FIELD(name, sent, kind, max_bytes, normaliser) FIELD_##name,
#include "tables/fields.def"
	FIELD_COUNT
};
/* As bits, for the sets in routes.def. */
enum field_bit {
#define LK_FIELD(name, sent, kind, max_bytes, normaliser) F_##name = 1 << FIELD_##name,
#include "tables/fields.def"
	F_ALL = -1
};

/* What programs send. */
enum param {
	PARAM_NONE = 0,
#define LK_PARAM(name, max_bytes, many, from) PARAM_##name,
#include "tables/params.def"
	PARAM_COUNT
};
enum header {
	HEADER_NONE = 0,
#define LK_HEADER(name, wire, twice, max_bytes) HEADER_##name,
#include "tables/headers.def"
	HEADER_COUNT
};

enum method { METHOD_GET = 1, METHOD_POST, METHOD_OTHER };

enum cookie {
	COOKIE_SESSION = 0, /* "lk_session": who is signed in */
	COOKIE_BROWSER,	    /* "lk_browser": ties journeys and form keys to this browser */
	COOKIE_DEVICE,	    /* "lk_device": on which people have signed in here before */
	COOKIE_STEP,	    /* "lk_step": who showed the proofs of a journey half done */
	COOKIE_LANGUAGE,    /* "lk_language": en or cy */
	/* On the hosts of applications behind a web server that asks us (flow/forward.h): */
	COOKIE_FORWARD,	    /* "lk_forward": who is signed in there, and on which session */
	COOKIE_FORWARD_WAY, /* "lk_forward_way": ties the way to sign in and back */
	COOKIE_COUNT
};

struct req {
	struct lk_arena *arena;
	enum method method;
	struct lk_str path;  /* decoded, begins with '/', no byte 0 */
	struct lk_str query; /* as sent, without '?' */
	char reference[CRYPTO_REFERENCE_LEN + 1];
	/* Of the client, as text; from a listed proxy's header when there is one. */
	struct lk_str address;
	/* CRYPTO_ADDRESS of it, IPv6 by /64; zeros in the loop, which never asks. */
	struct crypto_digest address_key;
	enum lang lang;
	struct lk_str agent;		    /* User-Agent, cut at 256 bytes */
	struct lk_str cookie[COOKIE_COUNT]; /* empty: none or not well formed */
	bool is_same_origin; /* Sec-Fetch-Site or Origin say so; see exchange/origin.h */
	bool is_form_bad;    /* fields could not be read: unknown, twice, too long, bad encoding */
	struct lk_str field[FIELD_COUNT];	     /* PLAIN ones; {NULL, 0}: not sent */
	const struct lk_secret *secret[FIELD_COUNT]; /* SECRET ones; NULL: not sent */
	bool is_program; /* guard API or TOKEN: its answers are JSON, even refusals */
	/* Of guards API, TOKEN and AUTHORIZE (exchange/params.h); {NULL, 0}: not sent, or empty. */
	struct lk_str param[PARAM_COUNT];
	bool is_param_bad;    /* one stood twice, or was too long or malformed: */
	enum param param_bad; /* the first of these; PARAM_NONE: none, or no form at all */
	/* Of the same guards; {NULL, 0}: not sent; empty: twice, too long, or indeed so. */
	struct lk_str header[HEADER_COUNT];
	/* Whose secrets were right lately (flow/client_memory.h); NULL on a lane. */
	struct client_memory *clients;
	int64_t began_mono_ms;
	int64_t deadline_mono_ms;
};

#endif
