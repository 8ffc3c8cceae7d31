/* SPDX-License-Identifier: MIT */
#include "store/store_track.h"

#include <stdlib.h>
#include <sys/epoll.h>

#include "crypto/token.h"
#include "store/store_cache.h"
#include "store/store_link.h"

#define CHANNEL "__redis__:invalidate"
/*
 * A revocation must be seen within a second. A beat a second that may take a second would leave
 * two; so they come faster, and are trusted for a second less what an answer takes to leave.
 */
#define BEAT_EVERY_MS 250
#define BEAT_TRUST_MS 900
#define BEAT_LIFE_S   10
#define BEATS_MISSED  3 /* then the connection is no good, whatever it says */
#define TICK_MS	      1000
#define COUNT_MAX     65536u
#define BYTES_MAX     33554432u
/* One message names all keys changed in one turn of the server. */
#define CHANGED_MAX 65536u

/* What the connection is for now: the reply that comes next. */
enum stage { STAGE_IDLE = 1, STAGE_HELLO, STAGE_ID, STAGE_TRACKING, STAGE_SUBSCRIBING, STAGE_ON };

struct store_track {
	struct store_link link;
	enum stage stage;
	struct store_cache *cache;
	struct store_epoch epoch; /* of what is remembered */
	uint8_t beat_id[STORE_BEAT_ID_BYTES];
	uint32_t beat;		   /* number of the newest */
	int64_t beat_sent_mono_ms; /* of the one under way; 0: none is */
	int64_t beat_next_mono_ms;
	int64_t proven_mono_ms; /* all changes before this have been told; 0: nothing is known */
	int missed_count;
};

static int64_t
now_ms(const struct store_track *track)
{
	return store_link_now_ms(&track->link);
}

/* --- what may be told */

static void
forget(struct store_track *track)
{
	if (store_cache_count(track->cache) > 0)
		metric_count_token_cache_flushes_total(track->link.shared->settings.metrics,
						       METRIC_NONE, METRIC_NONE);
	store_cache_clear(track->cache);
	track->proven_mono_ms = 0;
}

/* What was remembered in another life of the server is nothing in this one. */
static bool
is_of_this_epoch(struct store_track *track)
{
	struct store_shared *shared = track->link.shared;

	if (store_shared_health(shared) != STORE_HEALTH_OK)
		return false;
	if (track->epoch.number == store_shared_epoch_number(shared))
		return true;
	forget(track);
	track->epoch = store_shared_epoch(shared);
	return false;
}

static bool
is_well(struct store_track *track)
{
	return track->stage == STAGE_ON && is_of_this_epoch(track) && track->proven_mono_ms != 0 &&
	       now_ms(track) - track->proven_mono_ms < BEAT_TRUST_MS;
}

static struct lk_str
recall(struct store_track *track, enum store_key_kind kind, const struct crypto_digest *digest)
{
	struct store_key key;

	store_key_digest(&key, kind, digest);
	return store_cache_find(track->cache, store_key_str(&key));
}

static void
begin(struct store_track *track)
{
	if (track->stage != STAGE_IDLE)
		return;
	track->stage = STAGE_HELLO;
	track->link.retry_at_mono_ms = now_ms(track);
}

bool
store_track_find(struct store_track *track, const struct lk_call *call,
		 const struct crypto_digest *token, struct store_answer *out)
{
	struct crypto_digest grant;
	struct lk_str kept;

	if (!is_well(track))
		return false;
	kept = recall(track, STORE_KEY_TOKEN, token);
	if (kept.len <= sizeof grant.bytes)
		return false;
	memcpy(grant.bytes, kept.ptr, sizeof grant.bytes);
	*out = (struct store_answer){.epoch = track->epoch.number,
				     .epoch_began_at_s = track->epoch.began_at_s};
	if (store_token_read(call, lk_str_from(kept, sizeof grant.bytes),
			     recall(track, STORE_KEY_GRANT, &grant), out) != LK_OK ||
	    !out->has_token)
		return false;
	metric_count_token_cache_hits_total(track->link.shared->settings.metrics, METRIC_NONE,
					    METRIC_NONE);
	return true;
}

uint64_t
store_track_state(struct store_track *track)
{
	return is_well(track) ? store_cache_gone(track->cache) + 1 : 0;
}

/* --- what is remembered */

static uint64_t
expect(struct store_track *track, enum store_key_kind kind, const struct crypto_digest *digest)
{
	struct store_key key;

	if (digest == NULL)
		return 0;
	store_key_digest(&key, kind, digest);
	return store_cache_expect(track->cache, store_key_str(&key));
}

struct store_track_ticket
store_track_expect(struct store_track *track, const struct store_ask *ask)
{
	struct store_track_ticket ticket = {0, 0};

	if (ask->token == NULL)
		return ticket;
	begin(track);
	if (!is_well(track))
		return ticket;
	ticket.token = expect(track, STORE_KEY_TOKEN, ask->token);
	ticket.grant = expect(track, STORE_KEY_GRANT, ask->grant);
	return ticket;
}

static void
keep(struct store_track *track, enum store_key_kind kind, const struct crypto_digest *digest,
     uint64_t ticket, struct lk_str value)
{
	struct store_key key;

	if (digest == NULL || ticket == 0)
		return;
	store_key_digest(&key, kind, digest);
	store_cache_keep(track->cache, store_key_str(&key), ticket, value);
}

/* Behind the digest of its grant, so that who shows the token need not tell us that again. */
static void
token_keep(struct store_track *track, const struct store_ask *ask, uint64_t ticket,
	   struct lk_str value)
{
	LK_AUTO_BUF both;

	lk_buf_init(&both, sizeof ask->grant->bytes + STORE_RECORD_MAX_BYTES);
	if (value.len > 0 && ask->grant != NULL) {
		lk_buf_add(&both, ask->grant->bytes, sizeof ask->grant->bytes);
		lk_buf_add_str(&both, value);
	}
	keep(track, STORE_KEY_TOKEN, ask->token, ticket,
	     lk_buf_is_ok(&both) ? lk_buf_str(&both) : lk_str_n(NULL, 0));
}

void
store_track_keep(struct store_track *track, const struct store_ask *ask,
		 struct store_track_ticket ticket, const struct store_track_values *values)
{
	static const struct store_track_values nothing;

	if (values == NULL)
		values = &nothing;
	token_keep(track, ask, ticket.token, values->token);
	keep(track, STORE_KEY_GRANT, ask->grant, ticket.grant, values->grant);
}

/* --- signs of life */

bool
store_track_wants_beat(struct store_track *track)
{
	int64_t now = now_ms(track);

	if (track->stage != STAGE_ON || track->beat_sent_mono_ms != 0 ||
	    now < track->beat_next_mono_ms)
		return false;
	track->beat_next_mono_ms = now + BEAT_EVERY_MS;
	return true;
}

void
store_track_beat_write(struct store_track *track, struct lk_buf *out)
{
	struct store_key key;

	track->beat++;
	track->beat_sent_mono_ms = now_ms(track);
	store_key_beat(&key, track->beat_id, track->beat);
	store_wire_command(out, 5);
	store_wire_word(out, "SET");
	store_wire_key(out, &key);
	store_wire_word(out, "");
	store_wire_word(out, "EX");
	store_wire_number(out, BEAT_LIFE_S);
}

static bool
is_our_beat(const struct store_track *track, struct lk_str key)
{
	struct store_key ours;

	store_key_beat(&ours, track->beat_id, track->beat);
	return track->beat_sent_mono_ms != 0 && lk_str_is_equal(store_key_str(&ours), key);
}

static void
beat_came(struct store_track *track)
{
	track->proven_mono_ms = track->beat_sent_mono_ms;
	track->beat_sent_mono_ms = 0;
	track->missed_count = 0;
}

void
store_track_doubt(struct store_track *track)
{
	forget(track);
	track->beat_sent_mono_ms = 0;
	track->beat_next_mono_ms = 0;
}

/* --- the connection */

static void
stage_reach(struct store_track *track, enum stage stage)
{
	int by = (stage == STAGE_ON) - (track->stage == STAGE_ON);

	track->stage = stage;
	if (by != 0)
		metric_move_token_news_connections(track->link.shared->settings.metrics,
						   METRIC_NONE, METRIC_NONE, by);
}

static void
lose(struct store_track *track)
{
	bool was_on = track->stage == STAGE_ON;

	store_link_close(&track->link);
	store_track_doubt(track);
	track->missed_count = 0;
	stage_reach(track, STAGE_HELLO);
	if (was_on)
		track->link.retry_at_mono_ms = now_ms(track) + STORE_BACKOFF_FIRST_MS;
	else
		store_link_back_off(&track->link);
}

static void
open_now(struct store_track *track)
{
	track->stage = STAGE_HELLO;
	if (!store_link_open(&track->link))
		return;
	track->link.bounds.piece_max = CHANGED_MAX;
	store_wire_command(&track->link.out, 2);
	store_wire_word(&track->link.out, "CLIENT");
	store_wire_word(&track->link.out, "ID");
	store_link_watch(&track->link);
}

static void
subscribe_write(struct store_track *track, int64_t id)
{
	/* Told in the order of their names: a beat's after what it stands for. */
	static const enum store_key_kind kinds[] = {STORE_KEY_TOKEN, STORE_KEY_GRANT,
						    STORE_KEY_BEAT};
	size_t count = sizeof kinds / sizeof *kinds;
	struct lk_buf *out = &track->link.out;
	struct store_key prefix;

	store_wire_command(out, 6 + 2 * count);
	store_wire_word(out, "CLIENT");
	store_wire_word(out, "TRACKING");
	store_wire_word(out, "ON");
	store_wire_word(out, "REDIRECT");
	store_wire_number(out, id);
	store_wire_word(out, "BCAST");
	for (size_t i = 0; i < count; i++) {
		store_key_plain(&prefix, kinds[i]);
		store_wire_word(out, "PREFIX");
		store_wire_key(out, &prefix);
	}
	store_wire_command(out, 2);
	store_wire_word(out, "SUBSCRIBE");
	store_wire_word(out, CHANNEL);
}

/* --- what comes; false: the connection is of no use */

static void
changed(struct store_track *track, struct lk_str key)
{
	if (is_our_beat(track, key))
		beat_came(track);
	else
		store_cache_drop(track->cache, key);
}

/* A message names the changed keys; without any it is of all there are. */
static bool
take_message(struct store_track *track, const redisReply *reply)
{
	const redisReply *keys = store_reply_at(reply, 2);

	if (!lk_str_is(store_reply_str(store_reply_at(reply, 0)), "message") ||
	    !lk_str_is(store_reply_str(store_reply_at(reply, 1)), CHANNEL))
		return false;
	if (store_reply_is(keys, REDIS_REPLY_NIL)) {
		store_track_doubt(track);
		return true;
	}
	if (!store_reply_is(keys, REDIS_REPLY_ARRAY))
		return false;
	for (size_t i = 0; i < keys->elements; i++)
		changed(track, store_reply_str(keys->element[i]));
	return true;
}

static bool
take_hello(struct store_track *track, const redisReply *reply)
{
	enum store_health health;

	if (!store_link_hello(&track->link, reply, &health) || health != STORE_HEALTH_OK)
		return false;
	if (store_link_is_greeted(&track->link))
		track->stage = STAGE_ID;
	return true;
}

static bool
take_reply(struct store_track *track, const redisReply *reply)
{
	int64_t id;

	switch (track->stage) {
	case STAGE_HELLO:
		return take_hello(track, reply);
	case STAGE_ID:
		if (!store_reply_int(reply, &id))
			return false;
		subscribe_write(track, id);
		track->stage = STAGE_TRACKING;
		return true;
	case STAGE_TRACKING:
		track->stage = STAGE_SUBSCRIBING;
		return lk_str_is(store_reply_str(reply), "OK");
	case STAGE_SUBSCRIBING:
		if (!lk_str_is(store_reply_str(store_reply_at(reply, 0)), "subscribe"))
			return false;
		stage_reach(track, STAGE_ON);
		return true;
	case STAGE_ON:
		return take_message(track, reply);
	case STAGE_IDLE:
	default:
		return false;
	}
}

static bool
take_all(struct store_track *track)
{
	redisReply *reply = NULL;
	bool goes_on;

	if (!store_link_read(&track->link))
		return false;
	do {
		if (!store_link_take(&track->link, &reply))
			return false;
		goes_on = reply == NULL || take_reply(track, reply);
		if (reply != NULL)
			freeReplyObject(reply);
	} while (goes_on && reply != NULL);
	return goes_on;
}

bool
store_track_has(const struct store_track *track, int fd)
{
	return track->link.redis != NULL && track->link.redis->fd == fd;
}

void
store_track_ready(struct store_track *track, uint32_t events)
{
	bool is_fine = (events & EPOLLOUT) == 0 || store_link_send(&track->link);

	if (is_fine && (events & ~(uint32_t)EPOLLOUT) != 0)
		is_fine = take_all(track);
	if (is_fine)
		store_link_watch(&track->link);
	else
		lose(track);
}

/* --- time */

static bool
is_beat_late(const struct store_track *track, int64_t now)
{
	return track->beat_sent_mono_ms != 0 && now - track->beat_sent_mono_ms >= BEAT_TRUST_MS;
}

static int64_t
next_mono_ms(const struct store_track *track)
{
	if (track->stage == STAGE_IDLE)
		return INT64_MAX;
	if (track->link.redis == NULL)
		return track->link.retry_at_mono_ms;
	if (track->stage != STAGE_ON)
		return track->link.hello_until_mono_ms;
	if (track->beat_sent_mono_ms != 0)
		return track->beat_sent_mono_ms + BEAT_TRUST_MS;
	return track->beat_next_mono_ms;
}

int
store_track_tick(struct store_track *track)
{
	int64_t now = now_ms(track), next;

	if (is_beat_late(track, now)) {
		store_track_doubt(track);
		track->missed_count++;
	}
	if (track->link.redis != NULL &&
	    (track->stage == STAGE_ON ? track->missed_count >= BEATS_MISSED
				      : now >= track->link.hello_until_mono_ms))
		lose(track);
	if (track->stage != STAGE_IDLE && track->link.redis == NULL &&
	    now >= track->link.retry_at_mono_ms)
		open_now(track);
	next = next_mono_ms(track);
	if (next - now > TICK_MS)
		return TICK_MS;
	return next <= now ? 1 : (int)(next - now);
}

/* --- beginning and end */

struct store_track *
store_track_new(struct store_shared *shared, const struct store_async_loop *loop)
{
	struct store_cache_limits limits = {COUNT_MAX, BYTES_MAX};
	struct store_track *track = calloc(1, sizeof *track);

	if (track == NULL)
		return NULL;
	track->cache = store_cache_new(&limits);
	if (track->cache == NULL) {
		free(track);
		return NULL;
	}
	track->stage = STAGE_IDLE;
	crypto_random(track->beat_id, sizeof track->beat_id);
	store_link_init(&track->link, shared, loop);
	return track;
}

void
store_track_free(struct store_track *track)
{
	if (track == NULL)
		return;
	stage_reach(track, STAGE_IDLE);
	store_link_done(&track->link);
	store_cache_free(track->cache);
	free(track);
}
