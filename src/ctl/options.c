/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ctl/ctl.h"

#define WORDS_MAX (sizeof(((struct ctl *)0)->words) / sizeof(char *))

/* word: "name" or "name=value". */
static int
option_find(const char *word, size_t len)
{
	for (int i = 0; i < CTL_OPTION_COUNT; i++)
		if (strlen(ctl_options[i].word) == len &&
		    memcmp(ctl_options[i].word, word, len) == 0)
			return i;
	return -1;
}

static bool
no_option(struct ctl *ctl, const char *word)
{
	ctl_complain(ctl,
		     "there is no option %s; see latchkeyctl help. An argument that begins with a "
		     "dash goes last, behind --",
		     word);
	return false;
}

/* Takes the option at argv[*at] and moves *at to its last word. */
static bool
option_take(struct ctl *ctl, int argc, char **argv, int *at)
{
	const char *word = argv[*at] + 2, *equals = strchr(word, '=');
	int option = option_find(word, equals == NULL ? strlen(word) : (size_t)(equals - word));
	bool wants_value;

	if (option < 0)
		return no_option(ctl, argv[*at]);
	wants_value = ctl_options[option].value[0] != '\0';
	if (wants_value != (equals != NULL) && (!wants_value || *at + 1 >= argc)) {
		ctl_complain(ctl, wants_value ? "--%s needs a value" : "--%s takes no value",
			     ctl_options[option].word);
		return false;
	}
	ctl->is_set[option] = true;
	if (wants_value)
		ctl->value[option] = equals != NULL ? equals + 1 : argv[++*at];
	return true;
}

/* --server unix:///PATH is --socket; there is no other kind yet. */
static bool
server_take(struct ctl *ctl)
{
	const char *server = ctl->value[CTL_OPTION_SERVER];

	if (server == NULL)
		return true;
	if (strncmp(server, "unix://", 7) != 0) {
		ctl_complain(ctl, "--server: only unix:///PATH can be asked");
		return false;
	}
	ctl->value[CTL_OPTION_SOCKET] = server + 7;
	return true;
}

bool
ctl_options_read(struct ctl *ctl, int argc, char **argv)
{
	bool are_over = false;

	for (int i = 1; i < argc; i++) {
		if (!are_over && strcmp(argv[i], "--") == 0) {
			are_over = true;
			continue;
		}
		if (!are_over && argv[i][0] == '-' && argv[i][1] == '-') {
			if (!option_take(ctl, argc, argv, &i))
				return false;
			continue;
		}
		if (!are_over && argv[i][0] == '-' && argv[i][1] != '\0')
			return no_option(ctl, argv[i]);
		if (ctl->word_count == WORDS_MAX) {
			ctl_complain(ctl, "too many arguments");
			return false;
		}
		ctl->words[ctl->word_count++] = argv[i];
	}
	return server_take(ctl);
}
