/* SPDX-License-Identifier: MIT */
/* What the daemon says of itself: its parts, its routes. */
#include "client/wire.h"
#include "ctl/ask.h"
#include "ctl/verbs.h"

static void
part_put(struct ctl *ctl, const struct lk_json *part)
{
	struct lk_str name = ctl_member(part, "name"), words = ctl_member(part, "words");
	bool is_up = ctl_member_flag(part, "is_up");
	LK_AUTO_BUF line;

	lk_buf_init(&line, WIRE_FRAME_MAX_BYTES);
	lk_buf_printf(&line, "%-12.*s %-5s %.*s", LK_STR_ARGS(name), is_up ? "up" : "DOWN",
		      LK_STR_ARGS(words));
	if (ctl->has_colour)
		fputs(is_up ? "\033[32m" : "\033[1;31m", ctl->out);
	ctl_put(ctl, lk_buf_str(&line));
	if (ctl->has_colour)
		fputs("\033[0m", ctl->out);
}

enum ctl_exit
ctl_status_run(struct ctl *ctl)
{
	struct lk_buf question;
	struct lk_json *answer;
	enum ctl_exit end;

	ctl_question_init(&question, "status");
	end = ctl_ask(ctl, &question, &answer);
	if (answer == NULL)
		return end;
	if (!ctl->is_set[CTL_OPTION_JSON]) {
		const struct lk_json *parts = lk_json_find(answer, "parts");

		ctl_put_sentences(ctl, lk_json_find(answer, "text"));
		for (size_t i = 0; i < lk_json_count(parts); i++)
			part_put(ctl, lk_json_at(parts, i));
	}
	if (!ctl_member_flag(answer, "is_ready"))
		end = CTL_REFUSED;
	lk_json_free(answer);
	return end;
}

static void
route_put(struct ctl *ctl, const struct lk_json *route)
{
	struct lk_str method = ctl_member(route, "method"), path = ctl_member(route, "path");
	struct lk_str guard = ctl_member(route, "guard"), where = ctl_member(route, "where");
	struct lk_str name = ctl_member(route, "name");
	LK_AUTO_BUF line;

	lk_buf_init(&line, WIRE_FRAME_MAX_BYTES);
	lk_buf_printf(&line, "%-5.*s %-30.*s %-5.*s %-9.*s %.*s", LK_STR_ARGS(method),
		      LK_STR_ARGS(path), LK_STR_ARGS(where), LK_STR_ARGS(guard), LK_STR_ARGS(name));
	ctl_put(ctl, lk_buf_str(&line));
}

enum ctl_exit
ctl_routes_run(struct ctl *ctl)
{
	LK_AUTO_BUF question;

	ctl_question_init(&question, "routes");
	return ctl_ask_list(ctl, &question, "routes", route_put);
}
