/* SPDX-License-Identifier: MIT */
#include "mailer/calls.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/token.h"
#include "mailer/backoff.h"
#include "mailer/web.h"

#define NAMES_MAX_BYTES (4u << 20)
#define CALL_MAX_BYTES	(256u << 10)
#define LOOK_EVERY_MS	60000
#define NAME_BYTES	64
#define PLACES_MAX	256u
#define PER_PLACE	4u

/* Of one call, in seconds; of an application, in milliseconds. */
static const struct backoff call_backoff = {3, 300};
static const struct backoff place_backoff = {1000, 60000};

static const struct lk_str no_ref = {NULL, 0};

/* An address that is called. Free for another one when nothing is known against it. */
struct place {
	char url[SPOOL_URL_MAX_BYTES + 1];
	unsigned busy_count;
	uint32_t failure_count; /* in a row */
	int64_t next_mono_ms;	/* not before */
};

/* One call on its way; was_sent: it arrived, but its file cannot be removed yet. */
struct out {
	char name[NAME_BYTES]; /* "": none */
	struct place *place;
	bool was_sent;
};

struct calls {
	const struct run_setup *setup;
	struct lk_arena *names, *call;
	struct web *web;
	struct out out[WEB_AT_ONCE];
	struct place place[PLACES_MAX];
	int64_t next_mono_ms; /* when to look again */
	bool has_failed;      /* something due was not taken */
	bool is_looking;      /* the folder is to be looked at */
};

static int64_t
now_s(void)
{
	return lk_clock_wall_s(lk_clock_system());
}

static int64_t
mono_ms(void)
{
	return lk_clock_mono_ms(lk_clock_system());
}

static int64_t
wait_make(const struct backoff *backoff, uint32_t failures)
{
	return backoff_make(backoff, failures, crypto_random_below(UINT32_MAX));
}

static void
look_by(struct calls *calls, int64_t at_mono_ms)
{
	if (at_mono_ms < calls->next_mono_ms)
		calls->next_mono_ms = at_mono_ms;
}

static void
disk_says_no(struct calls *calls, const char *name, const char *what)
{
	calls->has_failed = true;
	look_by(calls, mono_ms() + wait_make(&place_backoff, 1));
	lk_log(calls->setup->log, LK_LOG_ERROR, "call_disk", no_ref, "%s cannot be %s", name, what);
}

/* --- places --------------------------------------------------------------------------------- */

static bool
is_free(const struct place *place)
{
	return place->busy_count == 0 && place->failure_count == 0;
}

/* NULL: every place is busy or in trouble. */
static struct place *
place_find(struct calls *calls, struct lk_str url)
{
	struct place *unused = NULL;

	for (size_t i = 0; i < PLACES_MAX; i++) {
		struct place *place = &calls->place[i];

		if (lk_str_is(url, place->url))
			return place;
		if (unused == NULL && is_free(place))
			unused = place;
	}
	if (unused == NULL)
		return NULL;
	*unused = (struct place){.busy_count = 0};
	memcpy(unused->url, url.ptr, url.len);
	return unused;
}

/* In trouble: one call at a time finds out whether it is over. */
static bool
takes_one_more(struct calls *calls, const struct place *place)
{
	if (place->failure_count == 0)
		return place->busy_count < PER_PLACE;
	if (place->busy_count > 0)
		return false;
	if (place->next_mono_ms <= mono_ms())
		return true;
	look_by(calls, place->next_mono_ms);
	return false;
}

static void
place_judge(struct calls *calls, struct place *place, bool is_well)
{
	uint32_t count = is_well ? 0 : place->failure_count + 1;

	place->busy_count--;
	place->failure_count = count;
	if (!is_well)
		place->next_mono_ms = mono_ms() + wait_make(&place_backoff, count);
	calls->is_looking = true;
}

/* --- how a call ends ------------------------------------------------------------------------ */

static void
sent_remove(struct calls *calls, struct out *out)
{
	if (spool_remove(calls->setup->spool, out->name) == LK_OK)
		out->name[0] = '\0';
	else
		disk_says_no(calls, out->name, "removed");
}

static void
set_aside(struct calls *calls, const char *name, const char *why)
{
	lk_log(calls->setup->log, LK_LOG_WARNING, "call_set_aside", no_ref, "%s: %s", name, why);
	if (spool_set_aside(calls->setup->spool, name) != LK_OK)
		disk_says_no(calls, name, "set aside");
}

static void
put_off(struct calls *calls, const char *name)
{
	struct spool_mail call;

	calls->has_failed = true;
	lk_arena_reset(calls->call);
	if (spool_get(calls->setup->spool, calls->call, name, &call) != LK_OK)
		return;
	call.tries += call.tries < UINT32_MAX;
	call.next_at_s = now_s() + wait_make(&call_backoff, call.tries);
	if (call.next_at_s - call.at_s > SPOOL_CALL_LIFE_S)
		set_aside(calls, name, "not taken for an hour");
	else if (spool_put_back(calls->setup->spool, &call) != LK_OK)
		disk_says_no(calls, name, "put back");
}

/* A fetch has what it went for: it is kept under whom it is for before the call goes. */
static bool
is_kept(struct calls *calls, const char *name, struct lk_str body)
{
	struct spool_mail call;
	enum lk_err err;

	lk_arena_reset(calls->call);
	err = spool_get(calls->setup->spool, calls->call, name, &call);
	if (err != LK_OK || !call.is_fetch)
		return true;
	err = spool_keys_put(calls->setup->spool, &call, body);
	if (err == LK_E_BROKEN)
		disk_says_no(calls, name, "kept");
	return err != LK_E_BROKEN;
}

static void
say(struct calls *calls, const struct out *out, const char *event, const struct web_said *said)
{
	enum lk_log_level level = said->end == WEB_DONE ? LK_LOG_INFO : LK_LOG_WARNING;

	lk_log(calls->setup->log, level, event, no_ref, "%s to %s: status %ld; %s", out->name,
	       out->place->url, said->status, said->words);
}

static void
on_end(struct calls *calls, const struct web_said *said)
{
	struct out *out = &calls->out[said->slot];

	place_judge(calls, out->place, said->end != WEB_LATER && said->end != WEB_DOWN);
	switch (said->end) {
	case WEB_DONE:
		say(calls, out, "call_sent", said);
		if (!is_kept(calls, out->name, said->body)) {
			put_off(calls, out->name);
			break;
		}
		out->was_sent = true;
		sent_remove(calls, out);
		return;
	case WEB_NEVER:
	case WEB_CLOSED:
		say(calls, out, "call_refused", said);
		set_aside(calls, out->name, "refused for good");
		break;
	case WEB_LATER:
	case WEB_DOWN:
		say(calls, out, "call_put_off", said);
		put_off(calls, out->name);
		break;
	}
	out->name[0] = '\0';
}

/* --- what is due ---------------------------------------------------------------------------- */

static bool
is_out(const struct calls *calls, const char *name)
{
	for (size_t i = 0; i < WEB_AT_ONCE; i++) {
		if (strcmp(calls->out[i].name, name) == 0)
			return true;
	}
	return false;
}

static struct out *
out_free(struct calls *calls)
{
	for (size_t i = 0; i < WEB_AT_ONCE; i++) {
		if (calls->out[i].name[0] == '\0')
			return &calls->out[i];
	}
	return NULL;
}

/* A time further away than we ever set comes from a clock that was wrong. */
static bool
is_due(struct calls *calls, const struct spool_mail *call)
{
	int64_t left_s = call->next_at_s - now_s();

	if (left_s <= 0 || left_s > backoff_longest(&call_backoff))
		return true;
	look_by(calls, mono_ms() + left_s * 1000);
	return false;
}

static void
begin(struct calls *calls, struct out *out, struct place *place, const struct spool_mail *call)
{
	size_t slot = (size_t)(out - calls->out);
	enum lk_err err = call->is_fetch
			      ? web_begin_fetch(calls->web, slot, place->url)
			      : web_begin(calls->web, slot, place->url, call->mail);

	if (err == LK_E_FORMAT) {
		set_aside(calls, call->name, "is no address that can be called");
		return;
	}
	if (err != LK_OK) {
		disk_says_no(calls, call->name, "begun: no memory");
		return;
	}
	*out = (struct out){.place = place};
	memcpy(out->name, call->name, strlen(call->name) + 1);
	place->busy_count++;
}

static void
try_one(struct calls *calls, struct out *out, const char *name)
{
	struct spool_mail call;
	struct place *place;
	enum lk_err err;

	lk_arena_reset(calls->call);
	err = spool_get(calls->setup->spool, calls->call, name, &call);
	if (err == LK_E_NOT_FOUND)
		return;
	if (err == LK_E_FORMAT || (err == LK_OK && !call.is_call)) {
		set_aside(calls, name, "is no call");
		return;
	}
	if (err != LK_OK) {
		disk_says_no(calls, name, "read");
		return;
	}
	if (!is_due(calls, &call))
		return;
	place = place_find(calls, call.to);
	if (place != NULL && takes_one_more(calls, place))
		begin(calls, out, place, &call);
}

/* What does not find room now is looked at again when a call ends. */
static void
look(struct calls *calls)
{
	const char *const *names;
	struct out *out;
	size_t count;

	calls->is_looking = false;
	calls->next_mono_ms = mono_ms() + LOOK_EVERY_MS;
	for (size_t i = 0; i < WEB_AT_ONCE; i++) {
		if (calls->out[i].name[0] != '\0' && calls->out[i].was_sent)
			sent_remove(calls, &calls->out[i]);
	}
	lk_arena_reset(calls->names);
	if (spool_list(calls->setup->spool, calls->names, &names, &count) != LK_OK) {
		disk_says_no(calls, SPOOL_CALLS, "listed");
		return;
	}
	for (size_t i = 0; i < count; i++) {
		out = out_free(calls);
		if (out == NULL)
			return;
		if (!is_out(calls, names[i]))
			try_one(calls, out, names[i]);
	}
}

/* --- running -------------------------------------------------------------------------------- */

static bool
is_idle(const struct calls *calls)
{
	for (size_t i = 0; i < WEB_AT_ONCE; i++) {
		if (calls->out[i].name[0] != '\0' && !calls->out[i].was_sent)
			return false;
	}
	return true;
}

static void
rest(struct calls *calls)
{
	int64_t left_ms = calls->next_mono_ms - mono_ms();
	int fds[2];

	if (calls->is_looking || left_ms <= 0)
		return;
	watch_fds(calls->setup->watch, fds);
	web_wait(calls->web, fds, left_ms > LOOK_EVERY_MS ? LOOK_EVERY_MS : (int)left_ms);
}

static void
step(struct calls *calls)
{
	struct web_said said;

	if (watch_take(calls->setup->watch) || calls->is_looking ||
	    calls->next_mono_ms <= mono_ms())
		look(calls);
	while (web_take(calls->web, &said))
		on_end(calls, &said);
}

static void
serve(struct calls *calls, bool is_once)
{
	calls->is_looking = true;
	while (!watch_is_stopped(calls->setup->watch)) {
		step(calls);
		if (is_once && is_idle(calls) && !calls->is_looking)
			break;
		rest(calls);
	}
}

static enum lk_err
serve_ready(struct calls *calls, bool is_once)
{
	if (calls->names == NULL || calls->call == NULL || calls->web == NULL)
		return LK_E_MEMORY;
	serve(calls, is_once);
	return is_once && calls->has_failed ? LK_E_BUSY : LK_OK;
}

enum lk_err
run_calls(const struct run_setup *setup, bool is_once)
{
	struct calls *calls = calloc(1, sizeof *calls);
	enum lk_err err;

	if (calls == NULL)
		return LK_E_MEMORY;
	calls->setup = setup;
	calls->names = lk_arena_new(4096, NAMES_MAX_BYTES);
	calls->call = lk_arena_new(CALL_MAX_BYTES, CALL_MAX_BYTES);
	calls->web = web_new(setup->conf);
	err = serve_ready(calls, is_once);
	web_free(calls->web);
	lk_arena_free(calls->call);
	lk_arena_free(calls->names);
	free(calls);
	return err;
}
