/* SPDX-License-Identifier: MIT */
#include "mailer/run.h"

#include <inttypes.h>
#include <string.h>

#include "crypto/token.h"
#include "mailer/backoff.h"
#include "mailer/message.h"
#include "mailer/smtp.h"

#define NAMES_MAX_BYTES (32u << 20)
#define MAIL_MAX_BYTES	(256u << 10)
#define LOOK_EVERY_MS	60000
#define NAME_BYTES	64

/* Of one mail, in seconds; of the server, in milliseconds. */
static const struct backoff mail_backoff = {15, 3600};
static const struct backoff server_backoff = {1000, 60000};

/* What stands in the way of the next mail. */
enum way { WAY_CLEAR = 1, WAY_BLOCKED };

struct run {
	const struct run_setup *setup;
	struct smtp_stop stop;
	struct lk_arena *names, *mail;
	struct lk_buf message;
	struct smtp *smtp;	/* NULL: not needed yet in this round */
	char stuck[NAME_BYTES]; /* sent, but cannot be removed: nothing is sent before it is */
	uint32_t blocked_count; /* rounds that ended so, in a row */
	int64_t next_at_s;	/* the first mail not yet due; INT64_MAX: none */
};

static const struct lk_str no_ref = {NULL, 0};

static int64_t
now_s(void)
{
	return lk_clock_wall_s(lk_clock_system());
}

static uint32_t
any_number(void)
{
	return crypto_random_below(UINT32_MAX);
}

static bool
should_stop(void *context)
{
	return watch_is_stopped(context);
}

/* --- how a try ends ------------------------------------------------------------------------- */

static enum way
disk_says_no(const struct run *run, const char *name, const char *what)
{
	lk_log(run->setup->log, LK_LOG_ERROR, "mail_disk", no_ref,
	       "%s cannot be %s; nothing is sent until it can", name, what);
	return WAY_BLOCKED;
}

static enum way
on_sent(struct run *run, const struct spool_mail *mail)
{
	lk_log(run->setup->log, LK_LOG_INFO, "mail_sent", no_ref, "%s after %" PRIu32 " tries",
	       mail->name, mail->tries + 1);
	if (spool_remove(run->setup->spool, mail->name) == LK_OK)
		return WAY_CLEAR;
	lk_buf_clear(&run->message);
	memcpy(run->stuck, mail->name, strlen(mail->name) + 1);
	return disk_says_no(run, mail->name, "removed");
}

static enum way
set_aside(struct run *run, const char *name, const char *why)
{
	lk_log(run->setup->log, LK_LOG_WARNING, "mail_set_aside", no_ref, "%s: %s", name, why);
	if (spool_set_aside(run->setup->spool, name) == LK_OK)
		return WAY_CLEAR;
	return disk_says_no(run, name, "set aside");
}

static enum way
put_off(struct run *run, const struct spool_mail *mail)
{
	struct spool_mail again = *mail;

	if (now_s() - mail->at_s > SPOOL_LIFE_S)
		return set_aside(run, mail->name, "not taken for five days");
	again.tries = mail->tries == UINT32_MAX ? mail->tries : mail->tries + 1;
	again.next_at_s = now_s() + backoff_make(&mail_backoff, again.tries, any_number());
	if (spool_put_back(run->setup->spool, &again) != LK_OK)
		return disk_says_no(run, mail->name, "put back");
	if (again.next_at_s < run->next_at_s)
		run->next_at_s = again.next_at_s;
	return WAY_CLEAR;
}

static void
say(const struct run *run, const struct spool_mail *mail, const char *event,
    const struct smtp_said *said)
{
	lk_log(run->setup->log, LK_LOG_WARNING, event, no_ref, "%s: server said %ld; %s",
	       mail->name, said->code, said->words);
}

static enum way
on_end(struct run *run, const struct spool_mail *mail, enum smtp_end end,
       const struct smtp_said *said)
{
	switch (end) {
	case SMTP_SENT:
		return on_sent(run, mail);
	case SMTP_NEVER:
		say(run, mail, "mail_refused", said);
		return set_aside(run, mail->name, "refused for good");
	case SMTP_LATER:
		say(run, mail, "mail_put_off", said);
		return put_off(run, mail);
	case SMTP_DOWN:
	case SMTP_UNSURE:
		say(run, mail, end == SMTP_DOWN ? "mail_server" : "mail_unsure", said);
		(void)put_off(run, mail);
		return WAY_BLOCKED;
	case SMTP_STOPPED:
		break;
	}
	return WAY_BLOCKED;
}

/* --- one mail ------------------------------------------------------------------------------- */

static enum way
send_one(struct run *run, const struct spool_mail *mail)
{
	const struct conf *conf = run->setup->conf;
	const struct message_from from = {conf->mail_from, conf->service_name};
	struct smtp_letter letter = {conf->mail_from, lk_arena_c(run->mail, mail->to), {NULL, 0}};
	struct smtp_said said;
	enum smtp_end end;

	lk_buf_clear(&run->message);
	message_make(&run->message, &from, mail);
	letter.message = lk_buf_str(&run->message);
	if (run->smtp == NULL)
		run->smtp = smtp_new(conf, &run->stop);
	if (run->smtp == NULL || letter.to == NULL || !lk_buf_is_ok(&run->message)) {
		lk_log(run->setup->log, LK_LOG_ERROR, "mail_memory", no_ref, "no memory");
		return WAY_BLOCKED;
	}
	end = smtp_send(run->smtp, &letter, &said);
	return on_end(run, mail, end, &said);
}

/* A time further away than we ever set comes from a clock that was wrong. */
static bool
is_due(const struct spool_mail *mail)
{
	int64_t left_s = mail->next_at_s - now_s();

	return left_s <= 0 || left_s > backoff_longest(&mail_backoff);
}

static enum way
try_one(struct run *run, const char *name)
{
	struct spool_mail mail;
	enum lk_err err;

	lk_arena_reset(run->mail);
	err = spool_get(run->setup->spool, run->mail, name, &mail);
	if (err == LK_E_NOT_FOUND)
		return WAY_CLEAR;
	if (err == LK_E_FORMAT || (err == LK_OK && mail.is_call))
		return set_aside(run, name, "is no mail");
	if (err != LK_OK)
		return disk_says_no(run, name, "read");
	if (is_due(&mail))
		return send_one(run, &mail);
	if (mail.next_at_s < run->next_at_s)
		run->next_at_s = mail.next_at_s;
	return WAY_CLEAR;
}

/* --- one round ------------------------------------------------------------------------------ */

static enum way
stuck_remove(struct run *run)
{
	if (run->stuck[0] == '\0')
		return WAY_CLEAR;
	if (spool_remove(run->setup->spool, run->stuck) != LK_OK)
		return disk_says_no(run, run->stuck, "removed");
	run->stuck[0] = '\0';
	return WAY_CLEAR;
}

static enum way
try_all(struct run *run)
{
	const char *const *names;
	enum way way = stuck_remove(run);
	size_t count, i;

	if (way != WAY_CLEAR)
		return way;
	lk_arena_reset(run->names);
	if (spool_list(run->setup->spool, run->names, &names, &count) != LK_OK)
		return disk_says_no(run, "spool", "listed");
	for (i = 0; i < count && way == WAY_CLEAR; i++) {
		if (watch_is_stopped(run->setup->watch))
			break;
		way = try_one(run, names[i]);
	}
	return way;
}

static enum way
round_run(struct run *run)
{
	enum way way;

	run->next_at_s = INT64_MAX;
	way = try_all(run);
	smtp_free(run->smtp);
	run->smtp = NULL;
	run->blocked_count = way == WAY_BLOCKED ? run->blocked_count + 1 : 0;
	return way;
}

static void
rest(struct run *run, enum way way)
{
	int64_t least_ms = 0, most_ms = LOOK_EVERY_MS, left_s = run->next_at_s - now_s();

	if (way == WAY_BLOCKED)
		least_ms = most_ms =
		    backoff_make(&server_backoff, run->blocked_count, any_number());
	else if (left_s < LOOK_EVERY_MS / 1000)
		most_ms = left_s > 0 ? left_s * 1000 : 0;
	watch_wait(run->setup->watch, least_ms, most_ms);
}

enum lk_err
run_mailer(const struct run_setup *setup, bool is_once)
{
	struct run run = {.setup = setup, .stop = {should_stop, setup->watch}};
	enum way way = WAY_BLOCKED;

	run.names = lk_arena_new(4096, NAMES_MAX_BYTES);
	run.mail = lk_arena_new(MAIL_MAX_BYTES, MAIL_MAX_BYTES);
	lk_buf_init(&run.message, MESSAGE_MAX_BYTES);
	while (run.names != NULL && run.mail != NULL && !watch_is_stopped(setup->watch)) {
		way = round_run(&run);
		if (is_once)
			break;
		rest(&run, way);
	}
	lk_buf_done(&run.message);
	lk_arena_free(run.mail);
	lk_arena_free(run.names);
	if (run.names == NULL || run.mail == NULL)
		return LK_E_MEMORY;
	return is_once && way == WAY_BLOCKED ? LK_E_BUSY : LK_OK;
}
