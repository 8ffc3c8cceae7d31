/* SPDX-License-Identifier: MIT */
/*
 * What somebody allowed an application to know, as one value of a directory, and back. Pure,
 * fuzzed.
 */
#ifndef LK_FLOW_CONSENT_TEXT_H
#define LK_FLOW_CONSENT_TEXT_H

#include "base/arena.h"
#include "base/str.h"
#include "directory/dir_person.h"

#define CONSENT_TEXT_MAX_BYTES 2048u

/* "CLIENT_ID AT SCOPE SCOPE …". Everything borrowed. */
struct consent {
	struct lk_str client_id;
	int64_t at_s;
	struct lk_str scope; /* blank separated; a single claim counts as its scope */
	struct lk_str text;  /* as it stands in the directory */
};

/* False: that is none of ours. */
bool
consent_read(struct lk_str text, struct consent *out);
/* In the arena. Nothing: too long, or no memory. */
struct lk_str
consent_write(const struct consent *consent, struct lk_arena *arena) LK_MUST_CHECK;
/* The one for this application. False: there is none. */
bool
consent_find(const struct dir_factors *factors, struct lk_str client_id, struct consent *out);

#endif
