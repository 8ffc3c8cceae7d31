/* SPDX-License-Identifier: MIT */
#include "conf/conf.h"
#include "ctl/ctl.h"

static enum ctl_exit
verb_run(struct ctl *ctl)
{
	if (ctl->is_set[CTL_OPTION_VERSION]) {
		fprintf(ctl->out, "latchkeyctl " PACKAGE_VERSION "\n");
		return CTL_DONE;
	}
	if (ctl->word_count == 0) {
		ctl_usage(ctl->is_set[CTL_OPTION_HELP] ? ctl->out : ctl->err);
		return ctl->is_set[CTL_OPTION_HELP] ? CTL_DONE : CTL_USAGE;
	}
	if (ctl->is_set[CTL_OPTION_HELP] && ctl->word_count == 1)
		return ctl_noun_help(ctl->out, ctl->words[0], NULL) ? CTL_DONE : CTL_USAGE;
	ctl->verb = ctl_verb_find(ctl);
	if (ctl->verb == NULL)
		return CTL_USAGE;
	if (ctl->is_set[CTL_OPTION_HELP])
		return ctl_noun_help(ctl->out, ctl->verb->noun, ctl->verb->verb) ? CTL_DONE
										 : CTL_USAGE;
	return ctl->verb->run(ctl);
}

enum ctl_exit
ctl_main(struct ctl *ctl, int argc, char **argv)
{
	enum ctl_exit end = CTL_USAGE;

	if (ctl_options_read(ctl, argc, argv))
		end = verb_run(ctl);
	conf_free(ctl->conf);
	ctl->conf = NULL;
	if (fflush(ctl->out) != 0 && end == CTL_DONE)
		end = CTL_PARTLY; /* what was found did not reach its reader */
	return end;
}
