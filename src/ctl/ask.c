/* SPDX-License-Identifier: MIT */
#include "ctl/ask.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/latchkey.h"
#include "client/wire.h"
#include "conf/conf.h"

#define ASK_BUDGET_MS 7000
#define PIECES_MAX    10000

void
ctl_question_init(struct lk_buf *question, const char *verb)
{
	lk_buf_init(question, WIRE_FRAME_MAX_BYTES);
	lk_buf_printf(question, "{\"verb\":\"%s\"", verb);
}

void
ctl_question_put(struct lk_buf *question, const char *name, const char *value)
{
	if (value == NULL)
		return;
	lk_buf_printf(question, ",\"%s\":", name);
	lk_json_quote(question, lk_str_c(value));
}

void
ctl_question_put_flag(struct lk_buf *question, const char *name, bool value)
{
	lk_buf_printf(question, ",\"%s\":%s", name, value ? "true" : "false");
}

void
ctl_question_put_number(struct lk_buf *question, const char *name, int64_t value)
{
	lk_buf_printf(question, ",\"%s\":%lld", name, (long long)value);
}

/* Given, or where the configuration says, or where it usually is. */
static const char *
socket_path(struct ctl *ctl)
{
	const struct conf *conf;

	if (ctl->value[CTL_OPTION_SOCKET] != NULL)
		return ctl->value[CTL_OPTION_SOCKET];
	if (ctl->value[CTL_OPTION_CONFIG] == NULL && access(CTL_CONFIG, R_OK) != 0)
		return LATCHKEY_ADMIN_SOCKET;
	conf = ctl_conf_need(ctl);
	return conf == NULL ? NULL : conf->admin_socket;
}

static enum ctl_exit
bytes_ask(struct ctl *ctl, const char *question, char *answer, size_t room)
{
	const char *path = socket_path(ctl);
	struct stat file;
	long len;

	if (path == NULL)
		return CTL_REFUSED;
	if (stat(path, &file) != 0) {
		ctl_complain(ctl, "%s: the daemon is not there", path);
		return CTL_UNREACHABLE;
	}
	len = latchkey_admin_ask(&(struct latchkey){path, file.st_uid, ASK_BUDGET_MS}, question,
				 answer, room);
	if (len >= 0)
		return CTL_DONE;
	if (len == -3)
		ctl_complain(ctl, "the question is too long");
	else if (len == -2)
		ctl_complain(
		    ctl,
		    "%s: the daemon does not answer this user; see admin_users in latchkey.conf",
		    path);
	else
		ctl_complain(ctl, "%s: the daemon does not answer", path);
	return len == -3 ? CTL_USAGE : len == -2 ? CTL_NOT_ALLOWED : CTL_UNREACHABLE;
}

/* What a row of errors.def means for whoever called us. */
static enum ctl_exit
exit_of(struct lk_str error)
{
	for (int i = 1; i < LK_ERR_COUNT; i++) {
		const struct lk_err_row *row = lk_err_row((enum lk_err)i);

		if (!lk_str_is(error, row->name))
			continue;
		if (i == LK_E_NOT_ALLOWED)
			return CTL_NOT_ALLOWED;
		if (i == LK_E_DIRECTORY_UNSURE)
			return CTL_PARTLY;
		return row->http_status == 503 ? CTL_UNREACHABLE : CTL_REFUSED;
	}
	return CTL_REFUSED;
}

static enum ctl_exit
answer_judge(struct ctl *ctl, const struct lk_json *answer)
{
	struct lk_str text = ctl_member(answer, "text"), ref = ctl_member(answer, "ref");

	if (ctl_member_flag(answer, "ok"))
		return ctl_member_flag(answer, "is_partly") ? CTL_PARTLY : CTL_DONE;
	ctl_complain(ctl, "%.*s (reference %.*s)", LK_STR_ARGS(text), LK_STR_ARGS(ref));
	return exit_of(ctl_member(answer, "error"));
}

enum ctl_exit
ctl_ask(struct ctl *ctl, struct lk_buf *question, struct lk_json **out)
{
	char bytes[WIRE_FRAME_MAX_BYTES];
	enum ctl_exit end = CTL_USAGE;

	*out = NULL;
	lk_buf_add_byte(question, '}');
	if (!lk_buf_is_ok(question))
		ctl_complain(ctl, "the question is too long");
	else
		end = bytes_ask(ctl, question->bytes, bytes, sizeof(bytes));
	lk_buf_done(question);
	if (end != CTL_DONE)
		return end;
	if (lk_json_read(lk_str_c(bytes), sizeof(bytes), out) != LK_OK) {
		ctl_complain(ctl, "the daemon's answer cannot be read");
		return CTL_UNREACHABLE;
	}
	if (ctl->is_set[CTL_OPTION_JSON])
		fprintf(ctl->out, "%s\n", bytes);
	end = answer_judge(ctl, *out);
	if (end != CTL_DONE && end != CTL_PARTLY) {
		lk_json_free(*out);
		*out = NULL;
	}
	return end;
}

struct lk_str
ctl_member(const struct lk_json *object, const char *name)
{
	struct lk_str text = {NULL, 0};

	(void)lk_json_to_str(lk_json_find(object, name), &text);
	return text;
}

int64_t
ctl_member_number(const struct lk_json *object, const char *name)
{
	int64_t number = 0;

	(void)lk_json_to_i64(lk_json_find(object, name), &number);
	return number;
}

bool
ctl_member_flag(const struct lk_json *object, const char *name)
{
	bool flag = false;

	(void)lk_json_to_bool(lk_json_find(object, name), &flag);
	return flag;
}

void
ctl_put_sentences(struct ctl *ctl, const struct lk_json *sentences)
{
	for (size_t i = 0; i < lk_json_count(sentences); i++) {
		struct lk_str text;

		if (lk_json_to_str(lk_json_at(sentences, i), &text))
			ctl_put(ctl, text);
	}
}

enum ctl_exit
ctl_ask_and_put(struct ctl *ctl, struct lk_buf *question)
{
	struct lk_json *answer;
	enum ctl_exit end = ctl_ask(ctl, question, &answer);

	if (answer != NULL && !ctl->is_set[CTL_OPTION_JSON])
		ctl_put_sentences(ctl, lk_json_find(answer, "text"));
	lk_json_free(answer);
	return end;
}

enum ctl_exit
ctl_ask_list(struct ctl *ctl, const struct lk_buf *question, const char *name, ctl_put_element *put)
{
	int64_t from = 0;

	for (int piece = 0; piece < PIECES_MAX; piece++) {
		struct lk_json *answer;
		const struct lk_json *list;
		struct lk_buf one;
		enum ctl_exit end;
		int64_t next;

		lk_buf_init(&one, WIRE_FRAME_MAX_BYTES);
		lk_buf_add_str(&one, lk_buf_str(question));
		ctl_question_put_number(&one, "from", from);
		end = ctl_ask(ctl, &one, &answer);
		if (answer == NULL)
			return end;
		list = lk_json_find(answer, name);
		for (size_t i = 0; !ctl->is_set[CTL_OPTION_JSON] && i < lk_json_count(list); i++)
			put(ctl, lk_json_at(list, i));
		next = ctl_member_number(answer, "next");
		lk_json_free(answer);
		if (next <= from)
			return end;
		from = next;
	}
	return CTL_PARTLY;
}
