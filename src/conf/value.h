/* SPDX-License-Identifier: MIT */
/* The types of value a file of ours may hold, and the row that describes one key. */
#ifndef LK_CONF_VALUE_H
#define LK_CONF_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/* Borrowed from who owns the struct; items[count] is NULL. */
struct conf_list {
	const char *const *items;
	size_t count;
};
/* host NULL: left out. */
struct conf_address {
	const char *text; /* as written */
	const char *host; /* without brackets; an IP address */
	uint16_t port;
	bool is_loopback;
};

/* How a value is written → what the member of the struct is. */
enum conf_type {
	CONF_TEXT = 1, /* const char *; left out: "" */
	CONF_LIST,     /* struct conf_list; comma or blank separated */
	CONF_PATH,     /* const char *; left out: NULL */
	CONF_INT,      /* int; a plain number in the row's unit, or with a unit: "30 min" */
	CONF_BOOL,     /* bool; yes or no */
	CONF_ADDRESS,  /* struct conf_address */
	CONF_URL,      /* const char *; left out: "" */
	CONF_WORD,     /* int: which of the unit's words, "a|b|c", from 1 */
	CONF_NAMES,    /* struct conf_list; comma separated, blanks may stand inside */
	CONF_OWN       /* what the row's own function makes of it */
};
/* A kind of value of somebody else's. */
struct conf_own {
	/* Text into *out; false with what is wrong, beginning "must …", in words. */
	bool (*read)(struct lk_str text, void *out, struct lk_buf *words);
	/* Back into a form that reads the same. */
	void (*write)(const void *value, struct lk_buf *out);
	const char *range; /* "password, totp …" */
};

struct conf_row {
	enum conf_type type;
	const char *section;
	const char *key;
	const char *preset; /* as one would write it; NULL: must be given; "": may be left out */
	int64_t min, max;   /* of INT, or of a text's characters; 0, 0: none */
	const char *unit;
	const char *help;
	size_t offset;		    /* of the member */
	const struct conf_own *own; /* OWN */
};

/* One value. False with what is wrong, beginning "must …", in words. */
bool
conf_value_read(struct lk_arena *arena, const struct conf_row *row, struct lk_str text, void *base,
		struct lk_buf *words);
/* Into a form that reads back the same. */
void
conf_value_write(const struct conf_row *row, const void *base, struct lk_buf *out);
/* "1 to 120 s", "at least 3 characters", "yes or no" …; nothing when there is nothing to say. */
void
conf_range_write(const struct conf_row *row, struct lk_buf *out);

/* Changes of one letter (missing, added, other, swapped) from a to b in either case; at most `most`
 * + 1 is told. Pure. */
unsigned
conf_distance(struct lk_str a, struct lk_str b, unsigned most);
/* Is b what someone may have meant with a? A smaller *out_rank is nearer. */
bool
conf_is_near(struct lk_str a, struct lk_str b, unsigned *out_rank);

#endif
