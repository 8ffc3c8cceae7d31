/* SPDX-License-Identifier: MIT */
/*
 * What else a person's entry says: attributes by name, for what applications may be told. The rules
 * of dir.h hold. Refuses to know anything about passwords, whatever a name in a file asks for.
 */
#ifndef LK_DIRECTORY_DIR_ATTRIBUTES_H
#define LK_DIRECTORY_DIR_ATTRIBUTES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "directory/dir_person.h"

struct dir;

#define DIR_ATTRIBUTES_MAX	  48u	/* names in one question */
#define DIR_ATTRIBUTE_VALUES_MAX  64u	/* of one attribute */
#define DIR_ATTRIBUTE_VALUE_BYTES 1024u /* of one value */

/* As the directory keeps them, whatever bytes they hold, in its order; in the call's arena. */
struct dir_attribute {
	const struct lk_str *values;
	size_t count; /* 0: none, or none that may be told */
	bool is_cut;  /* there are more, or longer ones, than are taken */
};

/*
 * Can name be asked for? An attribute's name (RFC 4512 s2.5), without options, of nothing that has
 * to do with passwords and proofs. Pure.
 */
bool
dir_attribute_is_askable(struct lk_str name);

/*
 * The values of some attributes of one person, read anew.
 *
 *   names  count of them, ≤ DIR_ATTRIBUTES_MAX; one that is not askable has no values
 *   out    room for count; out[i] belongs to names[i]
 *
 * Time:    1 round trip; none when nothing can be asked for.
 * Returns: LK_OK
 *          LK_E_PERSON_NOT_FOUND gone, moved, or another person under this DN: find them anew
 *          LK_E_DIRECTORY_DOWN · LK_E_MEMORY
 *          LK_E_BROKEN too many names
 */
enum lk_err
dir_attributes_get(struct dir *dir, const struct dir_person *person, const char *const names[],
		   size_t count, struct dir_attribute *out) LK_MUST_CHECK;

#endif
