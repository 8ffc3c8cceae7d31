/* SPDX-License-Identifier: MIT */
/*
 * The shape of every file people write for us: "[section]" lines, "key = value" lines, comment
 * lines that begin with '#' or ';'. No continuation lines, no quotes, no comment behind a value:
 * what stands there is the value. Pure; knows no keys. Fuzzed.
 */
#ifndef LK_CONF_INI_H
#define LK_CONF_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Of one line, without its end. */
#define CONF_INI_LINE_MAX_BYTES 4096u
/* Of one file. */
#define CONF_INI_FILE_MAX_BYTES 1048576u

enum conf_ini_kind { CONF_INI_SECTION = 1, CONF_INI_PAIR, CONF_INI_FAULT };

/* Everything borrowed from the text. Columns count characters, from 1. */
struct conf_ini_item {
	enum conf_ini_kind kind;
	unsigned line;
	unsigned column;       /* of the section's name, the key, or what is wrong */
	unsigned value_column; /* PAIR */
	struct lk_str name;    /* SECTION: between the brackets; PAIR: the key */
	struct lk_str value;   /* PAIR; may be empty */
	const char *words;     /* FAULT: static */
	bool was_section;      /* FAULT: in a section line, so what follows belongs nowhere */
};

struct conf_ini {
	struct lk_str rest; /* private */
	unsigned line;
};

/* text: the file's; a byte order mark at its start is skipped. */
void
conf_ini_init(struct conf_ini *ini, struct lk_str text);
/* The next section, pair or fault; false at the end. */
bool
conf_ini_next(struct conf_ini *ini, struct conf_ini_item *out);

#endif
