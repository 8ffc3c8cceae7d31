/* SPDX-License-Identifier: MIT */
/*
 * latchkeyctl: one row of tables/ctl.def a verb, one function each. Results go to out, everything
 * else to err. Whatever stands in a result is shown without control characters: a name in the
 * directory must not steer the operator's terminal.
 */
#ifndef LK_CTL_CTL_H
#define LK_CTL_CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

enum ctl_exit {
	CTL_DONE = 0,
	CTL_REFUSED = 1, /* or not found */
	CTL_USAGE = 2,
	CTL_UNREACHABLE = 3,
	CTL_NOT_ALLOWED = 4,
	CTL_PARTLY = 5,
};

enum ctl_option {
#define LK_CTL_OPTION(name, word, value, is_for_all, help) CTL_OPTION_##name,
#include "tables/ctl.def"
	CTL_OPTION_COUNT
};

struct ctl;
typedef enum ctl_exit
ctl_run(struct ctl *ctl);

struct ctl_verb {
	const char *noun, *verb;
	ctl_run *run;
	const char *arguments;
	size_t min, max;
	uint32_t options; /* bits by enum ctl_option, besides those for all */
	const char *help, *example;
};

#define CTL_CONFIG "/etc/latchkey/latchkey.conf"

struct conf;

/* One call of the program. Texts are borrowed from argv. */
struct ctl {
	bool is_set[CTL_OPTION_COUNT];
	const char *value[CTL_OPTION_COUNT]; /* NULL: not given */
	const char *words[64];		     /* what is no option */
	size_t word_count;
	const struct ctl_verb *verb;
	const char *const *args; /* behind noun and verb */
	size_t arg_count;
	bool has_colour;
	FILE *in, *out, *err;
	const struct lk_clock *clock;
	struct conf *conf; /* ctl_conf_need */
};

/* --- the table: table.c ---------------------------------------------------------------------- */

extern const struct ctl_verb ctl_verbs[];
extern const size_t ctl_verb_count;
struct ctl_option_row {
	const char *word, *value;
	bool is_for_all;
	const char *help;
};
extern const struct ctl_option_row ctl_options[CTL_OPTION_COUNT];

/* The whole program but for process matters; argv as main has it. */
enum ctl_exit
ctl_main(struct ctl *ctl, int argc, char **argv);
/* Says on err what cannot be read. */
bool
ctl_options_read(struct ctl *ctl, int argc, char **argv);
/* The row of ctl->words; NULL, and said on err, when there is none. Sets args. */
const struct ctl_verb *
ctl_verb_find(struct ctl *ctl);
void
ctl_usage(FILE *out);
/* Every row of a noun, with example; verb NULL: all. False: no such noun. */
bool
ctl_noun_help(FILE *out, const char *noun, const char *verb);

/* --- what verbs use: say.c, need.c ----------------------------------------------------------- */

/* The text on out, one line each, without control characters. */
void
ctl_put(struct ctl *ctl, struct lk_str text);
/* "latchkeyctl: …" on err. */
void
ctl_complain(const struct ctl *ctl, const char *format, ...) LK_PRINTF(2, 3);
/* Good to know, on err; nothing with --quiet. */
void
ctl_note(const struct ctl *ctl, const char *format, ...) LK_PRINTF(2, 3);
/* text without control characters and marks that turn the direction of writing; in UTF-8. */
struct lk_buf;
void
ctl_plain(struct lk_buf *out, struct lk_str text);
/* "2026-11-27 17:05:16" of this machine's zone; "never" for 0. */
void
ctl_time(struct lk_buf *out, int64_t at_s);
/* 30m, 12h, 7d before now, or a day; false for anything else. */
bool
ctl_since(struct lk_str text, int64_t now_s, int64_t *out_at_s);
/* Asks the operator, on a terminal; with --yes true at once. False: no, and said so. */
bool
ctl_confirm(const struct ctl *ctl, const char *question);

/* The configuration; NULL, and every fault said on err, when it cannot be read. */
const struct conf *
ctl_conf_need(struct ctl *ctl);

#endif
