/* SPDX-License-Identifier: MIT */
#include "ctl/written.h"

#include <string.h>

#include "ctl/ctl.h"

/* --- bash ------------------------------------------------------------------------------------ */

static bool
is_first_of_noun(size_t i)
{
	return i == 0 || strcmp(ctl_verbs[i - 1].noun, ctl_verbs[i].noun) != 0;
}

static void
options_put(FILE *out, bool is_for_all, uint32_t options)
{
	for (int i = 0; i < CTL_OPTION_COUNT; i++)
		if (is_for_all ? ctl_options[i].is_for_all : (options & 1u << i) != 0)
			fprintf(out, " --%s", ctl_options[i].word);
}

static void
nouns_put(FILE *out)
{
	for (size_t i = 0; i < ctl_verb_count; i++)
		if (is_first_of_noun(i))
			fprintf(out, "%s%s", i == 0 ? "" : " ", ctl_verbs[i].noun);
}

static void
verbs_put(FILE *out)
{
	for (size_t i = 0; i < ctl_verb_count; i++) {
		if (ctl_verbs[i].verb[0] == '\0')
			continue;
		if (is_first_of_noun(i))
			fprintf(out, "\t%s) words='", ctl_verbs[i].noun);
		fprintf(out, "%s%s", is_first_of_noun(i) ? "" : " ", ctl_verbs[i].verb);
		if (i + 1 == ctl_verb_count || is_first_of_noun(i + 1))
			fputs("' ;;\n", out);
	}
}

static void
own_options_put(FILE *out)
{
	for (size_t i = 0; i < ctl_verb_count; i++) {
		if (ctl_verbs[i].options == 0)
			continue;
		fprintf(out, "\t'%s %s') options+='", ctl_verbs[i].noun, ctl_verbs[i].verb);
		options_put(out, false, ctl_verbs[i].options);
		fputs("' ;;\n", out);
	}
}

/* Alternatives of a case: options with this value; NULL: with any. */
static void
value_options_put(FILE *out, const char *value)
{
	bool is_first = true;

	for (int i = 0; i < CTL_OPTION_COUNT; i++)
		if (ctl_options[i].value[0] != '\0' &&
		    (value == NULL || strcmp(ctl_options[i].value, value) == 0)) {
			fprintf(out, "%s--%s", is_first ? "" : "|", ctl_options[i].word);
			is_first = false;
		}
}

void
ctl_completion_write(FILE *out)
{
	fputs("# SPDX-License-Identifier: MIT\n"
	      "# Completion for latchkeyctl, made from its own table: latchkeyctl completion bash\n"
	      "_latchkeyctl()\n{\n"
	      "\tlocal current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "\tlocal noun= verb= words= options word i\n"
	      "\toptions='",
	      out);
	options_put(out, true, 0);
	fputs("'\n\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\tword=${COMP_WORDS[i]}\n"
	      "\t\t[[ $word == -* ]] && continue\n"
	      "\t\tcase ${COMP_WORDS[i-1]} in ",
	      out);
	value_options_put(out, NULL);
	fputs(") continue ;; esac\n"
	      "\t\tif [[ -z $noun ]]; then noun=$word; elif [[ -z $verb ]]; then verb=$word; fi\n"
	      "\tdone\n"
	      "\tcase $before in\n\t",
	      out);
	value_options_put(out, "PATH");
	fputs(") mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); return ;;\n\tesac\n"
	      "\tcase \"$noun $verb\" in\n",
	      out);
	own_options_put(out);
	fputs("\tesac\n"
	      "\tif [[ $current == -* ]]; then\n\t\twords=$options\n"
	      "\telif [[ -z $noun || ($noun == help && -z $verb) ]]; then\n\t\twords='",
	      out);
	nouns_put(out);
	fputs("'\n\telif [[ -z $verb ]]; then\n\tcase $noun in\n", out);
	verbs_put(out);
	fputs("\tcompletion) words=bash ;;\n\tesac\n\tfi\n"
	      "\tif [[ \"$noun $verb\" == 'app import' ]]; then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
	      "\telse\n\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n\tfi\n"
	      "}\ncomplete -F _latchkeyctl latchkeyctl\n",
	      out);
}

/* --- manual ---------------------------------------------------------------------------------- */

void
ctl_man_put(FILE *out, const char *text)
{
	if (text[0] == '.' || text[0] == '\'')
		fputs("\\&", out);
	for (; *text != '\0'; text++) {
		if (*text == '-')
			fputs("\\-", out);
		else if (*text == '\\')
			fputs("\\e", out);
		else
			fputc(*text, out);
	}
}

static void
man_option(FILE *out, const struct ctl_option_row *row)
{
	fputs(".TP\n.B ", out);
	ctl_man_put(out, "--");
	ctl_man_put(out, row->word);
	if (row->value[0] != '\0')
		fprintf(out, " \\fI%s\\fP", row->value);
	fputc('\n', out);
	ctl_man_put(out, row->help);
	fputc('\n', out);
}

static void
man_verb(FILE *out, const struct ctl_verb *row)
{
	fprintf(out, ".TP\n.B %s%s%s\n", row->noun, row->verb[0] == '\0' ? "" : " ", row->verb);
	if (row->arguments[0] != '\0') {
		fputs("\\fI", out);
		ctl_man_put(out, row->arguments);
		fputs("\\fP\n.br\n", out);
	}
	ctl_man_put(out, row->help);
	fputc('\n', out);
	for (int i = 0; i < CTL_OPTION_COUNT; i++)
		if ((row->options & 1u << i) != 0) {
			fputs("Takes\n.BR ", out);
			ctl_man_put(out, "--");
			ctl_man_put(out, ctl_options[i].word);
			fputs(" .\n", out);
		}
	fputs(".br\nExample:\n.B ", out);
	ctl_man_put(out, row->example);
	fputc('\n', out);
}

void
ctl_manual_write(FILE *out)
{
	fputs(
	    ".TH LATCHKEYCTL 1 \"\" \"latchkey " PACKAGE_VERSION "\"\n"
	    ".SH NAME\nlatchkeyctl \\- look after people, the daemon and its files\n"
	    ".SH SYNOPSIS\n.B latchkeyctl\n[\\fIOPTION\\fP...] \\fINOUN\\fP [\\fIVERB\\fP] "
	    "[\\fIARGUMENT\\fP...]\n"
	    ".SH DESCRIPTION\n"
	    "Results go to standard output, everything else to standard error. Verbs that change\n"
	    "somebody's account ask first unless\n.B \\-\\-yes\nis given, need a\n"
	    ".BR \\-\\-reason ,\nand are done by the daemon: by the desk's rules, audited, and "
	    "told\n"
	    "to the person by mail. The daemon answers the users that\n.B admin_users\nin\n"
	    ".BR latchkey.conf (5)\nnames. Verbs of\n"
	    ".BR audit ,\n.BR config ,\n.BR policy ,\n.B key\nand\n.B app\n"
	    "read files and need no daemon.\n"
	    ".SH COMMANDS\n",
	    out);
	for (size_t i = 0; i < ctl_verb_count; i++)
		man_verb(out, &ctl_verbs[i]);
	fputs(".SH OPTIONS\nThey may stand anywhere.\n", out);
	for (int i = 0; i < CTL_OPTION_COUNT; i++)
		man_option(out, &ctl_options[i]);
	fputs(
	    ".SH JSON\n"
	    "With\n.B \\-\\-json\nresults are one document:\n.B ok\nis true or false, with false\n"
	    "stand\n.BR error ,\n.B number\nand\n.B text\nof\n.BR latchkey\\-errors (7)\nand\n.BR "
	    "ref ,\n"
	    "the reference to look for in the audit. Members that end in\n.B _at_s\n"
	    "are seconds since 1970, 0: never. Members are added, never changed. A list the "
	    "daemon\n"
	    "gives in pieces is a document a piece, one a line;\n.B audit show\nand\n"
	    ".B audit export\nare the log's own lines.\n"
	    ".SH EXIT STATUS\n"
	    ".TP\n.B 0\nDone.\n.TP\n.B 1\nRefused, not found, or something is not right.\n"
	    ".TP\n.B 2\nThe command cannot be understood, or was not confirmed.\n"
	    ".TP\n.B 3\nThe daemon, or a part of it, does not answer.\n"
	    ".TP\n.B 4\nThis user may not.\n"
	    ".TP\n.B 5\nPartly done, or it is not known whether it was done.\n"
	    ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nNo colours, when it is not empty.\n"
	    ".SH SEE ALSO\n.BR latchkeyd (8),\n.BR latchkey.conf (5),\n"
	    ".BR latchkey\\-policy (5),\n.BR latchkey\\-errors (7)\n",
	    out);
}
