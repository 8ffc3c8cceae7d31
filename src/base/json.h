/* SPDX-License-Identifier: MIT */
/*
 * JSON from strangers, with bounds; and text on its way into JSON. The only home of jansson: values
 * are read through here. Writing needs no library: lk_json_quote, and a printf for the rest.
 */
#ifndef LK_BASE_JSON_H
#define LK_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* A document, or a value inside one. */
struct lk_json;

#define LK_JSON_DEPTH_MAX 16

/*
 * Read one document, an object or an array.
 *
 *   text       borrowed; refused when longer than max_bytes
 *   out        yours: lk_json_free
 *
 * Returns: LK_OK
 *          LK_E_FORMAT  too long, nested deeper than LK_JSON_DEPTH_MAX, a name twice in one object,
 *                       a byte 0 (also as \u0000), not UTF-8, anything behind the document, or no
 *                       JSON at all
 *          LK_E_MEMORY
 * Source:  RFC 8259.
 */
enum lk_err lk_json_read(struct lk_str text, size_t max_bytes, struct lk_json **out) LK_MUST_CHECK;
/* The document alone, never a value in it. NULL is fine. */
void lk_json_free(struct lk_json *document);

/* The rest is borrowed from the document; a value of another kind, or NULL, gives nothing. */

bool lk_json_is_object(const struct lk_json *value);
bool lk_json_is_array(const struct lk_json *value);
/* The value of that name in an object, or NULL. */
const struct lk_json *lk_json_find(const struct lk_json *object, const char *name);
/* Of an array. */
size_t lk_json_count(const struct lk_json *array);
const struct lk_json *lk_json_at(const struct lk_json *array, size_t index);

bool lk_json_to_str(const struct lk_json *value, struct lk_str *out);
/* Whole numbers only. */
bool lk_json_to_i64(const struct lk_json *value, int64_t *out);
bool lk_json_to_bool(const struct lk_json *value, bool *out);

/*
 * s as a JSON string with its quotes. Control characters, U+007F to U+009F, U+2028 and U+2029 are
 * escaped, so that it is one line whoever reads it; byte 0, and bytes that are not UTF-8, become
 * U+FFFD.
 */
void lk_json_quote(struct lk_buf *out, struct lk_str s);
/* A value as it was read, without blanks between; nothing for NULL. */
void lk_json_write(const struct lk_json *value, struct lk_buf *out);
/*
 * The inside of such a string, without memory: as many whole characters of s as fit in room.
 * Returns the bytes written (no NUL); *out_used is how much of s they are.
 */
size_t lk_json_escape(struct lk_str s, char *out, size_t room, size_t *out_used);

#endif
