/* SPDX-License-Identifier: MIT */
/*
 * Is this one request, and only one, whoever reads it? The library below is lenient; what is not
 * plain enough to be read in one way only is refused here, before anything acts on it. Pure,
 * fuzzed. Source: RFC 9110 s5, RFC 9112 s3 and s6; SECURITY section 6.
 */
#ifndef LK_HTTP_FRAMING_H
#define LK_HTTP_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "exchange/req.h"

#define FRAMING_HEADERS_MAX    64u
#define FRAMING_BODY_MAX_BYTES 65536u

struct framing_header {
	struct lk_str name, value;
};
/* A request's head, as it was read. */
struct framing_head {
	struct lk_str method, target, version;
	const struct framing_header *headers;
	size_t count;
};
enum framing_method { FRAMING_GET = 1, FRAMING_HEAD, FRAMING_POST, FRAMING_OPTIONS };
/* What it says, once it is known to say it in one way. */
struct framing_facts {
	enum framing_method method;
	struct lk_str host; /* empty only in HTTP/1.0 */
	bool is_chunked;
	uint64_t body_bytes; /* Content-Length; 0: none or chunked */
	/* By its row in headers.def; {NULL, 0}: not sent, {"", 0}: twice where none counts then. */
	struct lk_str header[HEADER_COUNT];
};

/*
 *   out  its headers are told whatever comes out
 *
 * Returns: LK_OK
 *          LK_E_REQUEST_BAD        ambiguous or malformed: answer and close
 *          LK_E_REQUEST_TOO_LARGE  announces more than FRAMING_BODY_MAX_BYTES, or has more than
 *                                  FRAMING_HEADERS_MAX headers
 *          LK_E_METHOD_NONE        a method nobody here answers
 */
enum lk_err
framing_check(const struct framing_head *head, struct framing_facts *out) LK_MUST_CHECK;

/*
 * A target "/path?query" cut in two; path decoded into the arena. Refused: not beginning with '/',
 * blanks, control bytes, '#', bad escapes, escapes of control bytes (%00 first of all) and of '/'.
 *
 * Returns: LK_OK · LK_E_REQUEST_BAD · LK_E_MEMORY
 */
enum lk_err
framing_target_read(struct lk_arena *arena, struct lk_str target, struct lk_str *out_path,
		    struct lk_str *out_query) LK_MUST_CHECK;

#endif
