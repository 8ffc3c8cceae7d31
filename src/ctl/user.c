/* SPDX-License-Identifier: MIT */
/* The desk's actions from a terminal: the daemon does them by the desk's own rules. */
#include "client/wire.h"
#include "ctl/ask.h"
#include "ctl/verbs.h"

static void
person_put(struct ctl *ctl, const struct lk_json *person)
{
	struct lk_str username = ctl_member(person, "username"), name = ctl_member(person, "name");
	struct lk_str state = ctl_member(person, "state"), mail = ctl_member(person, "mail");
	LK_AUTO_BUF line;

	lk_buf_init(&line, WIRE_FRAME_MAX_BYTES);
	lk_buf_printf(&line, "%-12.*s %-12.*s %-28.*s %.*s", LK_STR_ARGS(username),
		      LK_STR_ARGS(state), LK_STR_ARGS(name), LK_STR_ARGS(mail));
	ctl_put(ctl, lk_buf_str(&line));
}

enum ctl_exit
ctl_user_find_run(struct ctl *ctl)
{
	LK_AUTO_BUF question;

	ctl_question_init(&question, "user.find");
	ctl_question_put(&question, "text", ctl->args[0]);
	return ctl_ask_list(ctl, &question, "people", person_put);
}

enum ctl_exit
ctl_user_show_run(struct ctl *ctl)
{
	struct lk_buf question;

	ctl_question_init(&question, "user.show");
	ctl_question_put(&question, "user", ctl->args[0]);
	return ctl_ask_and_put(ctl, &question);
}

/* A verb that changes something: with a reason, and asked for twice. */
static enum ctl_exit
change(struct ctl *ctl, const char *verb, const char *asked)
{
	bool is_dry = ctl->is_set[CTL_OPTION_DRY_RUN];
	const char *reason = ctl->value[CTL_OPTION_REASON];
	struct lk_buf question;
	char words[256];

	if (!is_dry && (reason == NULL || reason[0] == '\0')) {
		ctl_complain(ctl,
			     "give a --reason: it stands in the audit and is told to the person");
		return CTL_USAGE;
	}
	(void)snprintf(words, sizeof(words), "%s %.100s?", asked, ctl->args[0]);
	if (!is_dry && !ctl_confirm(ctl, words))
		return CTL_USAGE;
	ctl_question_init(&question, verb);
	ctl_question_put(&question, "user", ctl->args[0]);
	ctl_question_put(&question, "reason", reason);
	ctl_question_put_flag(&question, "dry_run", is_dry);
	return ctl_ask_and_put(ctl, &question);
}

enum ctl_exit
ctl_user_unlock_run(struct ctl *ctl)
{
	return change(ctl, "user.unlock", "Unlock");
}

enum ctl_exit
ctl_user_signout_run(struct ctl *ctl)
{
	return change(ctl, "user.signout", "End every session of");
}

static void
event_put(struct ctl *ctl, const struct lk_json *event)
{
	struct lk_str ref = ctl_member(event, "ref"), text = ctl_member(event, "text");
	LK_AUTO_BUF line;

	lk_buf_init(&line, WIRE_FRAME_MAX_BYTES);
	ctl_time(&line, ctl_member_number(event, "at_s"));
	lk_buf_printf(&line, "  %-9.*s  %.*s", LK_STR_ARGS(ref), LK_STR_ARGS(text));
	ctl_put(ctl, lk_buf_str(&line));
}

enum ctl_exit
ctl_user_history_run(struct ctl *ctl)
{
	const char *since = ctl->value[CTL_OPTION_SINCE];
	int64_t since_s = 0;
	LK_AUTO_BUF question;

	ctl_question_init(&question, "user.history");
	if (since != NULL && !ctl_since(lk_str_c(since), lk_clock_wall_s(ctl->clock), &since_s)) {
		ctl_complain(ctl, "--since: 30m, 12h, 7d, or a day as 2026-11-01");
		return CTL_USAGE;
	}
	ctl_question_put(&question, "user", ctl->args[0]);
	ctl_question_put_number(&question, "since_s", since_s);
	return ctl_ask_list(ctl, &question, "events", event_put);
}

enum ctl_exit
ctl_explain_run(struct ctl *ctl)
{
	struct lk_buf question;
	struct lk_json *answer;
	enum ctl_exit end;

	ctl_question_init(&question, "explain");
	ctl_question_put(&question, "what", ctl->args[0]);
	end = ctl_ask(ctl, &question, &answer);
	if (answer != NULL && !ctl->is_set[CTL_OPTION_JSON]) {
		const struct lk_json *events = lk_json_find(answer, "events");

		ctl_put_sentences(ctl, lk_json_find(answer, "text"));
		for (size_t i = 0; i < lk_json_count(events); i++)
			event_put(ctl, lk_json_at(events, i));
	}
	lk_json_free(answer);
	return end;
}
