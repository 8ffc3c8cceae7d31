/* SPDX-License-Identifier: MIT */
/* Inside src/store only: the shared part, one thread's connection, and trips to the server. */
#ifndef LK_STORE_STORE_INSIDE_H
#define LK_STORE_STORE_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "metric/metric.h"
#include "store/store.h"
#include "store/store_epoch.h"
#include "store/store_replicas.h"
#include "store/store_script.h"
#include "store/store_server.h"
#include "store/store_wire.h"

struct store_shared {
	struct store_settings settings; /* password and metrics borrowed */
	struct store_place place;
	const struct lk_clock *clock;
	atomic_int health;    /* enum store_health */
	int trouble_fd;	      /* eventfd: it was OK until now */
	atomic_int replica_count;
	atomic_bool has_replicas;		    /* for some time, as many as settings wants */
	struct store_replicas_watch replicas_watch; /* of who looks, alone */
	pthread_mutex_t lock; /* over epoch */
	struct store_epoch epoch;
	atomic_uint_fast64_t epoch_number; /* the same number, for who asks often */
};

/* The epoch in force, or DOWN with the reason while nothing may be asked. */
enum lk_err
store_shared_need(struct store_shared *shared, struct lk_why *why,
		  struct store_epoch *out) LK_MUST_CHECK;
/* The epoch last taken over, in force or not; its number is 0 when there is none. */
struct store_epoch
store_shared_epoch(struct store_shared *shared);
uint64_t
store_shared_epoch_number(const struct store_shared *shared);
void
store_shared_take(struct store_shared *shared, const struct store_epoch *epoch);
/* So many replicas follow, as a look saw it. */
void
store_shared_replicas_see(struct store_shared *shared, int count);
void
store_shared_mark(struct store_shared *shared, enum store_health health);
/* Is this the value of the epoch key, whole, of the epoch in force? Marks the others. */
bool
store_shared_check(struct store_shared *shared, const struct store_epoch *epoch,
		   struct lk_str value, struct lk_why *why) LK_MUST_CHECK;
void
store_shared_other_epoch(struct store_shared *shared, const struct store_epoch *epoch,
			 struct lk_why *why);
/* An error the server answered: says it, and marks those that concern everybody. */
void
store_shared_refused(struct store_shared *shared, const redisReply *reply, struct lk_why *why);

struct store {
	struct store_shared *shared;
	const struct lk_call *call;
	redisContext *redis; /* NULL: not connected */
	struct store_bounds bounds;
	struct store_server server;
	struct store_epoch epoch; /* in force when this verb began */
	int64_t until_mono_ms;	  /* of this trip */
	bool is_full;		  /* until is all of the timeout, not just what the deadline left */
	char script_sha[STORE_SCRIPT_COUNT][41];
	bool is_fresh;	    /* nothing was asked on this connection before this trip */
	bool has_timed_out; /* the last exchange waited all of the timeout */
	bool has_time_again; /* this trip: we stood still when its time ended */
};

/* --- one connection: store_conn.c */
/* The timeout from now on for this trip, and never past the call's deadline. */
void
store_conn_time_set(struct store *store);
/* A live one, or DOWN with the reason. */
enum lk_err
store_conn_open(struct store *store) LK_MUST_CHECK;
void
store_conn_close(struct store *store);
/*
 * Sends request and takes count replies, each to be freed. DOWN: the connection is closed;
 * *out_was_sent says whether the server may have seen any of it.
 */
struct store_replies {
	redisReply *reply[24];
	size_t count;
};
enum lk_err
store_conn_exchange(struct store *store, struct lk_str request, struct store_replies *replies,
		    bool *out_was_sent) LK_MUST_CHECK;
void
store_replies_done(struct store_replies *replies);

/* --- one trip: store_trip.c */
struct store_trip {
	struct lk_buf request;
	struct store_replies replies; /* count is set by who writes the request */
	enum metric_store_op op;
	bool is_read;	     /* may be asked again after a connection died */
	bool is_of_no_epoch; /* allowed before the epoch is taken over */
};
void
store_trip_done(struct store_trip *trip);
#define STORE_AUTO_TRIP __attribute__((cleanup(store_trip_done))) struct store_trip
void
store_trip_init(struct store_trip *trip, enum metric_store_op op);
/* The gate, before anything is written: sets store->epoch. */
enum lk_err
store_trip_begin(struct store *store, struct store_trip *trip) LK_MUST_CHECK;
/* Sends and waits. DOWN with the reason; an error reply is for who asked. */
enum lk_err
store_trip_run(struct store *store, struct store_trip *trip) LK_MUST_CHECK;
/*
 * Runs script with keys and arguments already written as wire pieces; its reply is
 * trip->replies.reply[0]. When is_security it has reached the replicas that must have it.
 */
struct store_script_call {
	enum store_script script;
	struct lk_buf keys, arguments; /* as wire pieces */
	size_t key_count, argument_count;
	bool is_security;
};
enum lk_err
store_script_run(struct store *store, struct store_trip *trip,
		 const struct store_script_call *call) LK_MUST_CHECK;
/* Begins with the epoch key and the value it must have; epoch NULL: any. */
void
store_script_init(struct store_script_call *call, enum store_script script,
		  const struct store_epoch *epoch);
void
store_script_done(struct store_script_call *call);
#define STORE_AUTO_SCRIPT __attribute__((cleanup(store_script_done))) struct store_script_call
void
store_script_key(struct store_script_call *call, struct lk_str key);
void
store_script_str(struct store_script_call *call, struct lk_str argument);
void
store_script_number(struct store_script_call *call, int64_t argument);
/* The whole command; by its name sha, or with the text when sha is NULL. */
void
store_script_write(struct lk_buf *out, const struct store_script_call *call, const char *sha);

/* A commit on a trip that has begun: store_commit.c. */
enum lk_err
store_commit_trip(struct store *store, struct store_trip *trip, const struct store_change *changes,
		  size_t count, struct store_result *out) LK_MUST_CHECK;

#endif
