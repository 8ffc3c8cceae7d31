/* SPDX-License-Identifier: MIT */
/*
 * Inside src/http only: a peer is one connection, a visit one request on it. Touched by the thread
 * of their worker only, but for req and res while a lane has them.
 */
#ifndef LK_HTTP_VISIT_H
#define LK_HTTP_VISIT_H

#include <netinet/in.h>

#include "crypto/fingerprint.h"
#include "http/framing.h"
#include "http/worker.h"

struct peer {
	struct certificate *certificate; /* held; NULL: plain HTTP */
	struct worker *worker;
	struct MHD_Connection *connection;
	char address[INET6_ADDRSTRLEN]; /* as text */
	struct timer deadline;		/* past it the connection is shut */
	struct visit *visit;		/* NULL between requests */
};

enum visit_stage {
	VISIT_TARGET = 1, /* the request line was read */
	VISIT_READS,	  /* the head was taken; its body comes */
	VISIT_WAITS,	  /* for the store, a lane or the time an answer may leave */
	VISIT_READY,	  /* res is filled */
	VISIT_SENDS,
};

/* What an answer follows from (again.h). */
struct again_question {
	struct crypto_fingerprint print;
	struct flow_state flow;
	uint64_t store; /* of store_async_state */
};

/* One that may be given again. */
struct again_answer {
	struct MHD_Response *response;
	const char *content_type;
	struct flow_state flow;	  /* that it follows from */
	unsigned holder_count;	  /* the memory, and visits that wait to send it */
	struct store_known known; /* and this; its texts stand behind it in memory */
};

/* A response whose head is written, and whose body lies with the visit. */
struct visit_sheet {
	struct MHD_Response *response; /* NULL: none was needed yet */
	struct lk_str body;	       /* where it reads */
	const char *content_type, *cache_control;
	bool is_https;
};

struct visit {
	struct visit *next; /* in idle or finished */
	struct visit *next_to_suspend; /* in the worker's to_suspend */
	struct peer *peer;
	enum visit_stage stage;
	const struct fast *fast; /* held */
	const struct route *route;
	struct lk_arena *arena;
	struct lk_str target;	/* a copy */
	const char *target_end; /* where it ended in the library's memory */
	struct framing_facts facts;
	struct lk_str content_type, accept_encoding;
	char *body;
	size_t body_len, body_room;
	bool is_body_too_large;
	bool is_preflight; /* OPTIONS: nothing is done, only told who may */
	struct req req;
	struct res res;
	struct again_question question;
	bool has_question;   /* question is filled */
	bool is_from_memory; /* nobody else was asked for res */
	bool is_told;	     /* the store was: told is filled */
	struct store_known told;    /* in arena */
	struct again_answer *again; /* held: as it was made before; NULL: it was not */
	enum lk_err refused;	    /* what http itself refused it for */
	int64_t answered_mono_ms;
	struct lk_call call;
	struct store_ask ask; /* what the store was asked for, in arena */
	struct lane_job job;
	const struct flow_prepared *prepared; /* NULL: it was not */
	struct audit_note note;		      /* of what was prepared */
	int64_t noted_mono_ms;
	struct timer hold; /* until res may leave, or nobody waits for the note any more */
	/* From here on: kept for the next request. */
	struct visit_sheet sheet;
	struct lk_why why; /* cleared by itself */
};

/* peer.c: connections and their deadlines. */
void
peer_notify(void *context, struct MHD_Connection *connection, void **socket_context,
	    enum MHD_ConnectionNotificationCode code);
struct peer *
peer_of(struct MHD_Connection *connection);
void
peer_expect(struct peer *peer, int timeout_ms);
/* Nothing is expected of it: the next move is ours. */
void
peer_rest(struct peer *peer);

/* visit.c: memory of requests. NULL without memory. */
struct visit *
visit_new(struct peer *peer) LK_MUST_CHECK;
/* Wiped, and put by for the next. */
void
visit_end(struct visit *visit);
void
visits_free(struct worker *worker);

/* server.c: what the library calls. */
void *
server_target(void *context, const char *target, struct MHD_Connection *connection);
enum MHD_Result
server_request(void *context, struct MHD_Connection *connection, const char *url,
	       const char *method, const char *version, const char *upload, size_t *upload_len,
	       void **slot);
void
server_completed(void *context, struct MHD_Connection *connection, void **slot,
		 enum MHD_RequestTerminationCode code);
/* What its body says, once it is whole; the body is wiped. */
enum lk_err
server_body_read(struct visit *visit) LK_MUST_CHECK;
void
server_body_wipe(struct visit *visit);

/* answer.c: the whole request is there. Fills res at once, or suspends and resumes. */
void
answer_begin(struct visit *visit);
void
answer_refuse(struct visit *visit, enum lk_err err);
/* A lane has done its part, or what was noted is on disk or not. */
void
answer_finished(struct visit *visit);
/* The library has run: it lets those rest that began to wait in it. */
void
answers_suspend(struct worker *worker);
/* Answers that were to wait leave now. */
void
answers_hurry(struct worker *worker);

/* send.c: res becomes the library's response. MHD_NO: the connection cannot be used. */
enum MHD_Result
send_answer(struct visit *visit);

#endif
