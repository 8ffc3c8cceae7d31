/* SPDX-License-Identifier: MIT */
#include "ctl/app_trial.h"

#include <stdarg.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024

void
trial_put(struct trial *trial, const char *name, const char *words, const char *fix)
{
	LK_AUTO_BUF line;

	lk_buf_init(&line, 8192);
	trial->wrong_count += fix != NULL;
	if (trial->ctl->is_set[CTL_OPTION_JSON]) {
		lk_buf_printf(&trial->json, "%s{\"name\":\"%s\",\"is_ok\":%s,\"words\":",
			      trial->json.len == 0 ? "" : ",", name,
			      fix == NULL ? "true" : "false");
		lk_json_quote(&trial->json, lk_str_c(words));
		lk_buf_add_c(&trial->json, ",\"fix\":");
		lk_json_quote(&trial->json, lk_str_c(fix == NULL ? "" : fix));
		lk_buf_add_byte(&trial->json, '}');
		return;
	}
	lk_buf_printf(&line, "%-5s %-14s %s", fix == NULL ? "ok" : "WRONG", name, words);
	if (fix != NULL)
		lk_buf_printf(&line, "\n      fix: %s", fix);
	ctl_put(trial->ctl, lk_buf_str(&line));
}

void
trial_putf(struct trial *trial, const char *name, const char *fix, const char *format, ...)
{
	char words[TRIAL_WORDS_BYTES];
	va_list values;

	va_start(values, format);
	(void)vsnprintf(words, sizeof(words), format, values);
	va_end(values);
	trial_put(trial, name, words, fix);
}

const char *
trial_endpoint(const struct trial *trial, const char *name)
{
	struct lk_str text = {NULL, 0};
	const char *copy = NULL;

	if (lk_json_to_str(lk_json_find(trial->metadata, name), &text))
		copy = lk_arena_c(trial->arena, text);
	return copy == NULL ? "" : copy;
}

/* fgets without showing what is typed. */
static bool
hidden_read(FILE *in, char *line, int room)
{
	struct termios shown, hidden;
	bool is_read;

	if (tcgetattr(fileno(in), &shown) != 0)
		return false;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(fileno(in), TCSAFLUSH, &hidden);
	is_read = fgets(line, room, in) != NULL;
	(void)tcsetattr(fileno(in), TCSAFLUSH, &shown);
	return is_read;
}

struct lk_str
trial_line_ask(struct trial *trial, const char *what)
{
	const struct ctl *ctl = trial->ctl;
	struct lk_str kept = {NULL, 0};
	char line[LINE_MAX_BYTES];
	bool is_there;

	if (isatty(fileno(ctl->in)) != 0) {
		fprintf(ctl->err, "%s (empty: leave this out): ", what);
		(void)fflush(ctl->err);
		is_there = hidden_read(ctl->in, line, sizeof(line));
		fputs("\n", ctl->err);
	} else {
		is_there = fgets(line, sizeof(line), ctl->in) != NULL;
	}
	if (is_there)
		kept = lk_arena_dup(trial->arena, lk_str_trim(lk_str_c(line)));
	explicit_bzero(line, sizeof(line));
	return kept.ptr == NULL ? (struct lk_str){NULL, 0} : kept;
}

bool
trial_ask(struct trial *trial, const char *name, const struct web_question *question,
	  struct web_answer *out)
{
	const char *words;

	if (question->url == NULL || question->url[0] == '\0') {
		memset(out, 0, sizeof(*out));
		trial_put(trial, name, "the service names no address for it",
			  "is it the version of this latchkeyctl?");
		return false;
	}
	if (web_ask(trial->web, question, out, &words))
		return true;
	trial_putf(trial, name,
		   "does the daemon run, does this machine find the address, and is its "
		   "certificate trusted (--ca-file)?",
		   "%.*s does not answer: %s", (int)strcspn(question->url, "?"), question->url,
		   words);
	return false;
}

void
trial_sign(const struct trial *trial, struct web_question *question, struct lk_buf *form)
{
	const struct policy_application *application = trial->application;
	LK_AUTO_BUF both;

	lk_buf_init(&both, 8192);
	if (application->auth_method != POLICY_AUTH_BASIC)
		web_form_put(form, "client_id", lk_str_c(application->client_id));
	if (application->auth_method == POLICY_AUTH_POST)
		web_form_put(form, "client_secret", trial->secret);
	if (application->auth_method == POLICY_AUTH_BASIC) {
		/* RFC 6749 s2.3.1: each encoded before they are joined. */
		lk_buf_add_percent(&both, lk_str_c(application->client_id), "");
		lk_buf_add_byte(&both, ':');
		lk_buf_add_percent(&both, trial->secret, "");
		question->basic = lk_arena_c(trial->arena, lk_buf_str(&both));
	}
	question->form = lk_buf_str(form);
}

struct lk_str
trial_member(const struct trial *trial, const struct web_answer *answer, const char *name)
{
	struct lk_json *document = NULL;
	struct lk_str text = {NULL, 0};

	if (lk_json_read(lk_buf_str(&answer->body), answer->body.len, &document) != LK_OK)
		return text;
	if (lk_json_to_str(lk_json_find(document, name), &text))
		text = lk_arena_dup(trial->arena, text);
	lk_json_free(document);
	return text;
}
