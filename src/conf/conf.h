/* SPDX-License-Identifier: MIT */
/*
 * Every setting of latchkey.conf, read, checked and ready; rows in tables/config.def. Knows files
 * and their mistakes; nothing of what the settings do. Secrets are never in here: only the names of
 * the files that hold them (conf/secret_file.h).
 */
#ifndef LK_CONF_CONF_H
#define LK_CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "conf/fault.h"
#include "conf/value.h"

/* Of one value, as written. */
#define CONF_VALUE_MAX_BYTES 8192u

#define CONF_FIELD_TEXT	   const char *
#define CONF_FIELD_LIST	   struct conf_list
#define CONF_FIELD_PATH	   const char *
#define CONF_FIELD_INT	   int
#define CONF_FIELD_BOOL	   bool
#define CONF_FIELD_ADDRESS struct conf_address
#define CONF_FIELD_URL	   const char *
#define CONF_FIELD_NAMES   struct conf_list
#define CONF_FIELD_WORD	   int

/*
 * One member a row. TEXT and URL are never NULL ("" when left out); PATH is NULL and ADDRESS has
 * host NULL when left out; lists end with NULL. Const once loaded; tests may fill one by hand (the
 * last members may stay zero).
 */
struct conf {
#define LK_CONF(type, field, section, key, preset, min, max, unit, help) CONF_FIELD_##type field;
#include "tables/config.def"
	bool is_https;		   /* base_url is https */
	struct lk_arena *arena;	   /* owns every text; private */
	struct conf_place *places; /* where each was set; private */
};

/* Rows of tables/config.def, in their order. */
enum conf_key {
#define LK_CONF(type, field, section, key, preset, min, max, unit, help) CONF_KEY_##field,
#include "tables/config.def"
	CONF_KEY_COUNT
};

/*
 * Read path, then conf.d/NAME.conf beside it in the order of their names; what stands later wins
 * over earlier files.
 *
 *   path    borrowed
 *   faults  yours; gets everything that is wrong, sorted
 *   out     yours: conf_free
 *
 * Rules between keys are looked at only when each key by itself is fine.
 *
 * Time:    reads files; asks no server.
 * Returns: LK_OK
 *          LK_E_FORMAT  faults say why
 *          LK_E_MEMORY
 */
enum lk_err
conf_load(const char *path, struct conf_faults *faults, struct conf **out) LK_MUST_CHECK;
/* The same for latchkey-mailer, which may see none of the daemon's own files: they are not looked
 * at. */
enum lk_err
conf_load_mailer(const char *path, struct conf_faults *faults, struct conf **out) LK_MUST_CHECK;
/* NULL is fine. */
void
conf_free(struct conf *conf);

/* Every key with type, default, range, unit and help, at most 79 columns wide. For --help-config.
 */
void
conf_help(struct lk_buf *out);
/* A whole latchkey.conf: each key commented out with its default; keys that must be given stand
 * open, to be filled in. */
void
conf_sample(struct lk_buf *out);
/* The same as the body of the manual page latchkey.conf(5), in man macros. */
void
conf_manual(struct lk_buf *out);
/* "[http] workers = 4  # /etc/latchkey/latchkey.conf:12" or "# default"; a line each. */
void
conf_show(const struct conf *conf, struct lk_buf *out);
/* One of them: its section and name, its value as one would write it, and where it was set (line 0:
 * default). */
struct conf_shown {
	const char *section, *key;
	struct conf_place origin;
};
void
conf_show_one(const struct conf *conf, enum conf_key key, struct conf_shown *out,
	      struct lk_buf *out_value);

#endif
