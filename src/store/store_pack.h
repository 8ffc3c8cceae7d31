/* SPDX-License-Identifier: MIT */
/* Inside src/store only: numbers most significant byte first, texts with their length before. */
#ifndef LK_STORE_STORE_PACK_H
#define LK_STORE_STORE_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

void
store_pack_number(struct lk_buf *out, uint64_t value, unsigned bytes);
/* Cut at STORE_RECORD_MAX_BYTES: then the record as a whole is too long and is refused. */
void
store_pack_text(struct lk_buf *out, struct lk_str text);

/* Reading: past the end everything is 0 and has_failed says so. */
struct store_unpack {
	struct lk_str rest;
	bool has_failed;
};
uint64_t
store_unpack_number(struct store_unpack *from, unsigned bytes);
/* Borrowed from what is read. */
struct lk_str
store_unpack_bytes(struct store_unpack *from, size_t len);
struct lk_str
store_unpack_text(struct store_unpack *from);
/* Was everything there, and nothing more? */
bool
store_unpack_is_whole(const struct store_unpack *from);

#endif
