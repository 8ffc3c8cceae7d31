/* SPDX-License-Identifier: MIT */
/* What main looks at each second, and what it does about it. */
#include <stdlib.h>

#include "audit/read.h"
#include "daemon/daemon.h"
#include "flow/token_text.h"
#include "spool/spool.h"

#define LOOK_MS	      1000
#define LOOK_AGAIN_MS 250 /* while something is down */
#define WAIT_MS	      1000
#define KEYS_WAIT_MS  5000 /* an RSA key is made in it */
#define REPLAY_S      3600
#define FINDINGS_MAX  16
#define CLOCK_JUMP_S  5
#define CALLS_EVERY   5 /* looks */
#define FRESH_S	      10

void
daemon_call_begin(struct daemon *daemon, int timeout_ms)
{
	lk_arena_reset(daemon->arena);
	lk_why_clear(&daemon->why);
	daemon->call = (struct lk_call){daemon->clock, daemon->arena, &daemon->why,
					lk_clock_mono_ms(daemon->clock) + timeout_ms};
	store_begin(daemon->store, &daemon->call);
	dir_begin(daemon->dir, &daemon->call);
}

/* --- the store ------------------------------------------------------------------------------- */

/* Nobody's token is named by itself (flow/revoke.c). */
static bool
token_of(const struct audit_record *record, struct crypto_digest *out_key)
{
	struct lk_str rest = record->line.detail, word, key;

	return record->line.person_id.len == 0 && lk_str_split(&rest, ' ', &word) &&
	       lk_str_split(&rest, ' ', &key) && token_key_read(key, out_key);
}

/* Each trip has its own time: reading a long log takes none of it. */
static void
trip_begin(struct daemon *daemon)
{
	daemon->call.deadline_mono_ms = lk_clock_mono_ms(daemon->clock) + WAIT_MS;
}

/* "refresh_token KEY REVISION; scope: …" (flow/token_give.c). */
static bool
renewed_of(const struct audit_record *record, struct store_renewed *out)
{
	struct lk_str rest = record->line.detail, word, key, number;
	uint64_t revision;

	if (!lk_str_split(&rest, ' ', &word) || !lk_str_split(&rest, ' ', &key) ||
	    !lk_str_split(&rest, ';', &number) || !lk_str_to_u64(number, &revision) ||
	    revision > UINT32_MAX || !token_key_read(key, &out->key))
		return false;
	out->revision = (uint32_t)revision;
	return true;
}

/* The grant that ended is not named: all of the person's end, and applications ask again. */
enum replayed { ENDS_SESSIONS = 1, ENDS_GRANTS, ENDS_TOKEN, RENEWS };
/* What is told again, of a log that is mostly of other things. */
static const struct audit_kind replayed[] = {
    {AUDIT_SIGNED_OUT, NULL, ENDS_SESSIONS},
    {AUDIT_SESSIONS_ENDED, NULL, ENDS_SESSIONS},
    {AUDIT_PASSWORD_CHANGED, NULL, ENDS_SESSIONS},
    {AUDIT_DESK_SIGNED_OUT, NULL, ENDS_SESSIONS},
    {AUDIT_TOKEN_REVOKED, "access_token ", ENDS_TOKEN},
    {AUDIT_TOKEN_REVOKED, NULL, ENDS_GRANTS},
    {AUDIT_CODE_REUSED, NULL, ENDS_GRANTS},
    {AUDIT_REFRESH_REUSED, NULL, ENDS_GRANTS},
    {AUDIT_GRANTS_ENDED, NULL, ENDS_GRANTS},
    {AUDIT_TOKEN_ISSUED, "refresh_token ", RENEWS},
};

struct replay {
	struct daemon *daemon;
	unsigned count;
	enum lk_err err;
	/* Far more than revocations: told many at once. */
	struct store_renewed renewed[STORE_RENEWED_MAX];
	size_t renewed_count;
};

static enum lk_err
renewed_flush(struct replay *replay)
{
	size_t count = replay->renewed_count;

	replay->renewed_count = 0;
	trip_begin(replay->daemon);
	return store_epoch_replay_renewed(replay->daemon->store, replay->renewed, count);
}

static bool
renewed_replay(struct replay *replay)
{
	if (++replay->renewed_count == STORE_RENEWED_MAX)
		replay->err = renewed_flush(replay);
	return replay->err == LK_OK;
}

static bool
replay_one(const struct audit_record *record, void *context)
{
	struct replay *replay = context;
	struct store *store = replay->daemon->store;
	struct lk_str person_id = record->line.person_id;
	struct crypto_digest key;

	trip_begin(replay->daemon);
	if (record->kind->meaning == RENEWS)
		return !renewed_of(record, &replay->renewed[replay->renewed_count]) ||
		       renewed_replay(replay);
	if (record->kind->meaning == ENDS_TOKEN && token_of(record, &key))
		replay->err = store_epoch_replay_token(store, &key);
	else if (person_id.len == 0)
		return true;
	else if (record->kind->meaning == ENDS_SESSIONS)
		replay->err = store_epoch_replay(store, person_id, record->at_s);
	else
		replay->err = store_epoch_replay_grants(store, person_id, record->at_s);
	replay->count++;
	return replay->err == LK_OK;
}

static enum lk_err
file_replay(struct replay *replay, const char *path)
{
	struct audit_query query = {
	    .since_s = lk_clock_wall_s(replay->daemon->clock) - REPLAY_S,
	    .kinds = replayed,
	    .kind_count = sizeof replayed / sizeof *replayed,
	};
	enum lk_err err = audit_read(path, &query, replay_one, replay);

	if (err == LK_E_NOT_FOUND)
		return LK_OK;
	if (err == LK_OK)
		err = replay->err;
	return err == LK_OK ? renewed_flush(replay) : err;
}

/*
 * What was ended in the last hour may stand open again in what the server remembers, and a refresh
 * token that was used then may look unused: what came of it ends (RFC 9700 s4.14.2). Part of the
 * hour may be in the file that was moved away last, PATH.1 as logrotate names it.
 */
static enum lk_err
revocations_replay(struct daemon *daemon, unsigned *out_count)
{
	struct replay replay = {.daemon = daemon, .err = LK_OK};
	struct lk_str moved = lk_arena_printf(daemon->arena, "%s.1", daemon->conf->audit_file);
	enum lk_err err;

	if (moved.ptr == NULL)
		return LK_E_MEMORY;
	err = file_replay(&replay, moved.ptr);
	if (err == LK_OK)
		err = file_replay(&replay, daemon->conf->audit_file);
	*out_count = replay.count;
	return err;
}

static void
epoch_begin(struct daemon *daemon)
{
	uint64_t epoch = 0;
	int64_t began_at_s = 0;
	unsigned count = 0;
	struct lk_str detail;
	enum lk_err err = store_epoch_make(daemon->store, &epoch, &began_at_s);

	if (err == LK_OK)
		err = revocations_replay(daemon, &count);
	trip_begin(daemon);
	if (err == LK_OK)
		err = store_epoch_take(daemon->store, epoch);
	if (err != LK_OK) {
		lk_log(&daemon->log, LK_LOG_WARNING, "store", LK_STR(""),
		       "a new epoch could not be begun: %s %s", lk_err_row(err)->name,
		       daemon->why.text);
		return;
	}
	daemon->store_health = STORE_HEALTH_OK;
	/* An older one is only new to us: whoever began it said so. */
	if (began_at_s < lk_clock_wall_s(daemon->clock) - FRESH_S)
		return;
	detail = lk_arena_printf(daemon->arena, "epoch %llu, %u revocations told again",
				 (unsigned long long)epoch, count);
	lk_log(&daemon->log, LK_LOG_WARNING, "store", LK_STR(""), "%.*s", LK_STR_ARGS(detail));
	(void)daemon_audit(daemon, AUDIT_EPOCH_BEGAN, LK_OK, detail.ptr == NULL ? "" : detail.ptr);
}

static const char *
health_words(enum store_health health)
{
	switch (health) {
	case STORE_HEALTH_OK:
		return "the store answers";
	case STORE_HEALTH_EVICTS:
		return "the store is refused: it may evict; set maxmemory-policy noeviction";
	case STORE_HEALTH_NOT_MASTER:
		return "the store is refused: it is not the master";
	case STORE_HEALTH_NEW_EPOCH:
		return "the store has begun a new life";
	case STORE_HEALTH_DOWN:
		break;
	}
	return "the store does not answer";
}

/* Too few, and no sign-in is answered; what only reads goes on. */
static void
replicas_watch(struct daemon *daemon)
{
	struct store_replicas replicas;

	store_shared_replicas(daemon->store_shared, &replicas);
	if (replicas.is_enough == daemon->lacks_replicas)
		lk_log(&daemon->log, replicas.is_enough ? LK_LOG_INFO : LK_LOG_WARNING, "store",
		       LK_STR(""), "%d replicas follow the store, and wait_replicas is %d: %s",
		       replicas.there, replicas.wanted,
		       replicas.is_enough ? "people can sign in" : "nobody can sign in");
	daemon->lacks_replicas = !replicas.is_enough;
	metric_set_store_replicas(daemon->metrics, METRIC_NONE, METRIC_NONE, replicas.there);
	metric_set_part_up(daemon->metrics, METRIC_PART_replicas, METRIC_NONE, replicas.is_enough);
}

static void
store_watch(struct daemon *daemon)
{
	enum store_health health;

	daemon_call_begin(daemon, WAIT_MS);
	health = store_look(daemon->store);
	if (health != daemon->store_health)
		lk_log(&daemon->log, health == STORE_HEALTH_OK ? LK_LOG_INFO : LK_LOG_WARNING,
		       "store", LK_STR(""), "%s%s%s", health_words(health),
		       daemon->why.len > 0 ? ": " : "", daemon->why.text);
	daemon->store_health = health;
	if (health == STORE_HEALTH_NEW_EPOCH)
		epoch_begin(daemon);
	metric_set_part_up(daemon->metrics, METRIC_PART_store, METRIC_NONE,
			   daemon->store_health == STORE_HEALTH_OK);
	replicas_watch(daemon);
}

/* --- the directory --------------------------------------------------------------------------- */

/* The most wrong passwords of one person that reach the directory before we lock ourselves. */
static int
own_limit(const struct daemon *daemon)
{
	struct policy_lockout lockout;

	policy_lockout_ask(daemon->setting->policy, &lockout);
	return lockout.wrong_passwords + lockout.device_wrong_passwords;
}

static void
directory_check(struct daemon *daemon)
{
	struct dir_finding findings[FINDINGS_MAX];
	size_t i, count = 0;

	daemon_call_begin(daemon, WAIT_MS * 3);
	if (dir_check(daemon->dir, own_limit(daemon), findings, FINDINGS_MAX, &count) != LK_OK)
		return;
	daemon->was_directory_checked = true;
	for (i = 0; i < count; i++) {
		lk_log(&daemon->log, findings[i].is_fatal ? LK_LOG_ERROR : LK_LOG_WARNING,
		       "directory", LK_STR(""), "%.*s", LK_STR_ARGS(findings[i].words));
		daemon->is_unfit = daemon->is_unfit || findings[i].is_fatal;
	}
	daemon->must_stop = daemon->must_stop || daemon->is_unfit;
}

static void
directory_watch(struct daemon *daemon)
{
	bool is_up;

	daemon_call_begin(daemon, WAIT_MS);
	is_up = dir_ping(daemon->dir) == LK_OK;
	if (is_up != daemon->is_directory_up || !daemon->was_directory_asked)
		lk_log(&daemon->log, is_up ? LK_LOG_INFO : LK_LOG_WARNING, "directory", LK_STR(""),
		       "the directory %s%s%s", is_up ? "answers" : "does not answer",
		       daemon->why.len > 0 ? ": " : "", daemon->why.text);
	daemon->is_directory_up = is_up;
	daemon->was_directory_asked = true;
	metric_set_part_up(daemon->metrics, METRIC_PART_directory, METRIC_NONE, is_up);
	/* The traps are looked for once the doors are open: the binds it tries take their time. */
	if (is_up && !daemon->was_directory_checked && daemon->http != NULL)
		directory_check(daemon);
}

/* --- the audit and the clock ----------------------------------------------------------------- */

static void
audit_watch(struct daemon *daemon)
{
	bool is_up = audit_check(daemon->audit) == LK_OK;

	lk_why_clear(&daemon->why);
	if (!is_up)
		is_up = audit_heal(daemon->audit, &daemon->why) == LK_OK;
	if (is_up != daemon->is_audit_up)
		lk_log(&daemon->log, is_up ? LK_LOG_INFO : LK_LOG_ERROR, "audit", LK_STR(""),
		       "the audit log %s%s%s", is_up ? "can be written" : "cannot be written",
		       daemon->why.len > 0 ? ": " : "", daemon->why.text);
	daemon->is_audit_up = is_up;
	if (is_up && daemon->owes_applications)
		daemon_applications_tell(daemon);
	metric_set_part_up(daemon->metrics, METRIC_PART_audit, METRIC_NONE, is_up);
}

static void
clock_watch(struct daemon *daemon)
{
	int64_t offset_s = lk_clock_wall_s(daemon->clock) - lk_clock_mono_ms(daemon->clock) / 1000;
	int64_t jump_s = daemon->clock_offset_s == 0 ? 0 : offset_s - daemon->clock_offset_s;
	bool is_steady = llabs(jump_s) < CLOCK_JUMP_S;

	if (!is_steady)
		lk_log(&daemon->log, LK_LOG_WARNING, "clock", LK_STR(""),
		       "the machine's clock was set by %lld s", (long long)jump_s);
	daemon->clock_offset_s = offset_s;
	metric_set_part_up(daemon->metrics, METRIC_PART_clock, METRIC_NONE, is_steady);
}

/* --- the keys of tokens ---------------------------------------------------------------------- */

void
daemon_keys_look(struct daemon *daemon, const struct fast *fast, bool is_asked)
{
	struct signing_tools tools = {fast, NULL, &daemon->call};
	const struct signing_keys *keys;

	daemon_call_begin(daemon, KEYS_WAIT_MS);
	if (daemon->is_directory_up)
		tools.dir = daemon->dir;
	signing_life_look(daemon->signing_life, &tools, is_asked);
	pairwise_life_look(daemon->pairwise_life, &tools, is_asked);
	keys = signing_hold(daemon->signing);
	metric_set_part_up(daemon->metrics, METRIC_PART_keys, METRIC_NONE,
			keys->is_ready && pairwise_is_ready(fast));
	signing_drop(daemon->signing, keys);
}

/* --- the spool ------------------------------------------------------------------------------- */

/* What applications were not told, now and then: the folder is read for it. */
static void
spool_watch(struct daemon *daemon)
{
	struct spool_counts counts;

	if (daemon->look_count++ % CALLS_EVERY != 0 ||
	    spool_calls_count(daemon->conf->spool_dir, &counts) != LK_OK)
		return;
	metric_set_calls_waiting(daemon->metrics, METRIC_NONE, METRIC_NONE,
				 (int64_t)counts.waiting);
	metric_set_calls_given_up(daemon->metrics, METRIC_NONE, METRIC_NONE, (int64_t)counts.bad);
}

int
daemon_watch(struct daemon *daemon)
{
	store_watch(daemon);
	directory_watch(daemon);
	audit_watch(daemon);
	daemon_keys_look(daemon, &daemon->setting->fast, daemon->wants_keys);
	daemon->wants_keys = false;
	clock_watch(daemon);
	spool_watch(daemon);
	if (daemon->store_health == STORE_HEALTH_OK && daemon->is_directory_up &&
	    daemon->is_audit_up)
		return LOOK_MS;
	return LOOK_AGAIN_MS;
}
