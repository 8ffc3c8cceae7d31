/* SPDX-License-Identifier: MIT */
/*
 * The parts of latchkeyd put together in their order, looked after, and taken apart again. Prints
 * nothing but log lines; decides nothing about people.
 */
#ifndef LK_DAEMON_DAEMON_H
#define LK_DAEMON_DAEMON_H

#include "daemon/follow.h"
#include "flow/live.h"
#include "flow/fetched.h"
#include "flow/guesses.h"
#include "flow/pairwise_life.h"
#include "flow/signing_life.h"
#include "http/http.h"
#include "lane/lane.h"
#include "local/local.h"
#include "store/store_epoch.h"

/* What a reload makes anew: the struct fast of live, and what is its own. */
struct setting {
	struct fast fast; /* first: live knows a setting by it */
	struct lk_log log;
	struct conf *conf;
	struct policy *policy;
	struct help *help;
	struct discovery *discovery;
};

struct daemon {
	const char *conf_path;
	const struct lk_clock *clock;
	struct lk_log log; /* main's own */
	struct conf *conf; /* of the start; what needs a restart is read from it, and lives on */
	struct crypto_ring *ring;
	struct audit *audit;
	struct metrics *metrics;
	struct lk_secret *directory_password, *store_password; /* store's may be NULL */
	struct store_shared *store_shared;
	struct dir_servers *dir_servers;
	struct signing *signing;
	struct signing_life *signing_life;
	struct pairwise *pairwise;
	struct pairwise_life *pairwise_life;
	struct fetched *fetched;
	struct guesses *guesses;
	struct setting *setting; /* in force; live's */
	struct live *live;
	struct lane_pool *lanes, *quick;
	struct http *http;
	struct local *local;
	struct follow *follow;
	/* main's own handles and the call they spend from */
	struct lk_arena *arena;
	struct lk_why why;
	struct lk_call call;
	struct store *store;
	struct dir *dir;
	/* what main saw last */
	enum store_health store_health;
	bool lacks_replicas;	  /* of the store */
	bool was_directory_asked; /* whether it answers has been told once */
	bool is_directory_up, was_directory_checked, is_audit_up, must_stop;
	struct lk_buf applications; /* as the audit was told of them */
	bool owes_applications;	    /* some of it is not written down yet */
	bool wants_keys; /* the signing keys are to be read at once */
	bool is_unfit; /* the directory is set in a way nobody may be let in by: stop with 1 */
	int64_t clock_offset_s;
	unsigned look_count;
};

/*
 * Everything up, in order, sockets last. Faults of configuration and policies are logged, a line
 * each; any other reason in one line. daemon: all zero but for conf_path. On an error call
 * daemon_stop all the same.
 *
 * Returns: LK_OK (answering) · LK_E_FORMAT · whatever stood in the way
 */
enum lk_err
daemon_start(struct daemon *daemon) LK_MUST_CHECK;
/* Until a signal says stop: signals, reloads, and a look at every part each second. */
void
daemon_run(struct daemon *daemon);
/* Quiesce, drain, resume, stop; fine with what was never started. */
void
daemon_stop(struct daemon *daemon);

/* All or nothing: what is wrong is logged and audited, and the old setting goes on. */
void
daemon_reload(struct daemon *daemon);
/* A new setting of conf; consumed when LK_OK. Faults of policies go into faults. */
enum lk_err
daemon_setting_make(const struct daemon *daemon, struct conf *conf, struct conf_faults *faults,
		    struct setting **out) LK_MUST_CHECK;
/* live_release; context is the daemon. */
void
daemon_setting_free(struct fast *fast, void *context);
void
daemon_faults_log(const struct daemon *daemon, const struct conf_faults *faults);

/* main's handles may wait for so long from now. */
void
daemon_call_begin(struct daemon *daemon, int timeout_ms);
/* One look at store, directory, audit and clock. Ms until the next. */
int
daemon_watch(struct daemon *daemon);
/* The signing keys as the applications of fast need them. is_asked: read the directory at once. */
void
daemon_keys_look(struct daemon *daemon, const struct fast *fast, bool is_asked);
/*
 * Into the audit: which registered applications are others than at the last look. What cannot be
 * written is owed, and tried again.
 */
void
daemon_applications_tell(struct daemon *daemon);
/* The same at the start: than when the daemon ran last. */
void
daemon_applications_begin(struct daemon *daemon);
/* One line; what cannot be written is logged: false. Person and reason stay empty. */
bool
daemon_audit(struct daemon *daemon, enum audit_event event, enum lk_err result, const char *detail);

#endif
