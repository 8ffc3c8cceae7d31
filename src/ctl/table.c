/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/verbs.h"

#define O_REASON   (1u << CTL_OPTION_REASON)
#define O_DRY_RUN  (1u << CTL_OPTION_DRY_RUN)
#define O_SINCE	   (1u << CTL_OPTION_SINCE)
#define O_FILE	   (1u << CTL_OPTION_FILE)
#define O_REF	   (1u << CTL_OPTION_REF)
#define O_RUNNING  (1u << CTL_OPTION_RUNNING)
#define O_NAME	   (1u << CTL_OPTION_NAME)
#define O_KIND	   (1u << CTL_OPTION_KIND)
#define O_REDIRECT (1u << CTL_OPTION_REDIRECT)
#define O_USER	   (1u << CTL_OPTION_USER)
#define O_CA_FILE  (1u << CTL_OPTION_CA_FILE)
#define O_KEEP	   (1u << CTL_OPTION_KEEP)

#define COMMAND_COLUMNS 30

const struct ctl_verb ctl_verbs[] = {
#define LK_CTL(noun, verb, run, arguments, min, max, options, help, example)                       \
	{noun, verb, ctl_##run##_run, arguments, min, max, options, help, example},
#include "tables/ctl.def"
};
const size_t ctl_verb_count = sizeof(ctl_verbs) / sizeof(ctl_verbs[0]);

const struct ctl_option_row ctl_options[CTL_OPTION_COUNT] = {
#define LK_CTL_OPTION(name, word, value, is_for_all, help) {word, value, is_for_all, help},
#include "tables/ctl.def"
};

static bool
noun_is_known(const char *noun)
{
	for (size_t i = 0; i < ctl_verb_count; i++)
		if (strcmp(ctl_verbs[i].noun, noun) == 0)
			return true;
	return false;
}

static const struct ctl_verb *
row_find(const char *noun, const char *verb)
{
	for (size_t i = 0; i < ctl_verb_count; i++)
		if (strcmp(ctl_verbs[i].noun, noun) == 0 &&
		    (ctl_verbs[i].verb[0] == '\0' || strcmp(ctl_verbs[i].verb, verb) == 0))
			return &ctl_verbs[i];
	return NULL;
}

/* Arguments and options fit the row. */
static bool
row_check(const struct ctl *ctl, const struct ctl_verb *row)
{
	for (int i = 0; i < CTL_OPTION_COUNT; i++)
		if (ctl->is_set[i] && !ctl_options[i].is_for_all && (row->options & 1u << i) == 0) {
			ctl_complain(ctl, "%s %s has no option --%s", row->noun, row->verb,
				     ctl_options[i].word);
			return false;
		}
	if (ctl->arg_count < row->min || ctl->arg_count > row->max) {
		ctl_complain(ctl, "usage: latchkeyctl %s%s%s %s", row->noun,
			     row->verb[0] == '\0' ? "" : " ", row->verb, row->arguments);
		return false;
	}
	return true;
}

const struct ctl_verb *
ctl_verb_find(struct ctl *ctl)
{
	const char *noun = ctl->words[0];
	const char *verb = ctl->word_count > 1 ? ctl->words[1] : "";
	const struct ctl_verb *row = row_find(noun, verb);
	size_t named;

	if (row == NULL && noun_is_known(noun))
		ctl_complain(ctl, "%s cannot '%s'; see latchkeyctl help %s", noun, verb, noun);
	else if (row == NULL)
		ctl_complain(ctl, "there is no '%s'; see latchkeyctl help", noun);
	if (row == NULL)
		return NULL;
	named = row->verb[0] == '\0' ? 1 : 2;
	ctl->args = ctl->words + named;
	ctl->arg_count = ctl->word_count - named;
	return ctl->is_set[CTL_OPTION_HELP] || row_check(ctl, row) ? row : NULL;
}

/* --- help ------------------------------------------------------------------------------------ */

static int
command_write(FILE *out, const struct ctl_verb *row)
{
	return fprintf(out, "%s%s%s%s%s", row->noun, row->verb[0] == '\0' ? "" : " ", row->verb,
		       row->arguments[0] == '\0' ? "" : " ", row->arguments);
}

static void
options_write(FILE *out, bool is_for_all, uint32_t options)
{
	for (int i = 0; i < CTL_OPTION_COUNT; i++) {
		const struct ctl_option_row *row = &ctl_options[i];

		if (is_for_all ? row->is_for_all : (options & 1u << i) != 0)
			fprintf(out, "  --%s%s%-*s  %s\n", row->word,
				row->value[0] == '\0' ? "" : " ",
				14 - (int)strlen(row->word) - (row->value[0] == '\0' ? 0 : 1),
				row->value, row->help);
	}
}

void
ctl_usage(FILE *out)
{
	fputs("latchkeyctl [OPTION...] NOUN [VERB] [ARGUMENT...]\n\n", out);
	for (size_t i = 0; i < ctl_verb_count; i++) {
		int room;

		fputs("  ", out);
		room = COMMAND_COLUMNS - command_write(out, &ctl_verbs[i]);
		fprintf(out, "%*s  %s\n", room < 0 ? 0 : room, "", ctl_verbs[i].help);
	}
	fputs("\nOptions, anywhere:\n", out);
	options_write(out, true, 0);
	fputs("\nExit code: 0 done, 1 refused or not found, 2 usage, 3 cannot reach the daemon,\n"
	      "4 not allowed, 5 partly done.\n",
	      out);
}

bool
ctl_noun_help(FILE *out, const char *noun, const char *verb)
{
	bool is_found = false;

	for (size_t i = 0; i < ctl_verb_count; i++) {
		const struct ctl_verb *row = &ctl_verbs[i];

		if (strcmp(row->noun, noun) != 0 || (verb != NULL && strcmp(row->verb, verb) != 0))
			continue;
		fputs(is_found ? "\nlatchkeyctl " : "latchkeyctl ", out);
		(void)command_write(out, row);
		fprintf(out, "\n  %s\n", row->help);
		options_write(out, false, row->options);
		fprintf(out, "  Example: %s\n", row->example);
		is_found = true;
	}
	return is_found;
}
