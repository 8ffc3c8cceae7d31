/* SPDX-License-Identifier: MIT */
#include "flow/health.h"

#include <stdio.h>
#include <string.h>

#include "flow/handlers.h"
#include "flow/pairwise.h"
#include "flow/signing.h"
#include "store/store_epoch.h"

/* Before this the clock was never set: codes and certificates would be nonsense. */
#define CLOCK_LEAST_S INT64_C(1760000000)

static bool
directory_is_up(const struct fast *fast)
{
	bool is_up = false;

	for (size_t i = 0; !is_up && dir_servers_uri(fast->dir_servers, i, &is_up) != NULL; i++)
		;
	return is_up;
}

static void
pairwise_health_look(const struct fast *fast, struct health *out)
{
	struct pairwise_seen seen;

	pairwise_look(fast->pairwise, &seen);
	out->pairwise = seen.is_here || !pairwise_is_needed(fast->policy);
	memcpy(out->pairwise_fault, seen.fault, sizeof out->pairwise_fault);
}

/* The ring alone opens nothing; what signs must be here too. */
static bool
keys_look(const struct fast *fast, struct health *out)
{
	const struct signing_keys *keys;
	bool is_ready;

	if (fast->signing == NULL)
		return false;
	keys = signing_hold(fast->signing);
	is_ready = keys->is_ready;
	memcpy(out->keys_fault, keys->fault, sizeof out->keys_fault);
	signing_drop(fast->signing, keys);
	return is_ready && crypto_ring_newest_id(fast->ring) != 0;
}

static const char *
store_words(enum store_health health)
{
	switch (health) {
	case STORE_HEALTH_OK:
		return "answers";
	case STORE_HEALTH_EVICTS:
		return "refused, it may evict; set maxmemory-policy noeviction";
	case STORE_HEALTH_NOT_MASTER:
		return "refused, it is not the master";
	case STORE_HEALTH_NEW_EPOCH:
		return "a new life of it is being taken over";
	case STORE_HEALTH_DOWN:
	default:
		return "does not answer";
	}
}

/* Without its replicas a new life cannot be taken over either. */
static void
store_health_look(const struct fast *fast, struct health *out)
{
	enum store_health health = store_shared_health(fast->store_shared);
	struct store_replicas replicas;

	store_shared_replicas(fast->store_shared, &replicas);
	out->store = health == STORE_HEALTH_OK;
	out->replicas = replicas.is_enough;
	if (!replicas.is_enough && (out->store || health == STORE_HEALTH_NEW_EPOCH))
		snprintf(out->store_words, sizeof out->store_words,
			 "%d of its replicas follow, and wait_replicas = %d: nobody can sign in",
			 replicas.there, replicas.wanted);
	else
		snprintf(out->store_words, sizeof out->store_words, "%s", store_words(health));
}

void
health_look(const struct fast *fast, struct health *out)
{
	*out = (struct health){
	    .directory = directory_is_up(fast),
	    .audit = audit_check(fast->audit) == LK_OK,
	    .clock = lk_clock_wall_s(fast->clock) > CLOCK_LEAST_S,
	};
	store_health_look(fast, out);
	out->keys = keys_look(fast, out);
	pairwise_health_look(fast, out);
	out->is_ready = out->directory && out->store && out->replicas && out->audit && out->keys &&
			out->pairwise && out->clock;
}

void
health_write(const struct fast *fast, struct lk_buf *out)
{
	struct health health;
	const char *uri;
	bool is_up;

	health_look(fast, &health);
	for (size_t i = 0; (uri = dir_servers_uri(fast->dir_servers, i, &is_up)) != NULL; i++)
		lk_buf_printf(out, "directory: %s %s\n", uri,
			      is_up ? "answers" : "does not answer");
	lk_buf_printf(out, "store: %s\n", health.store_words);
	lk_buf_printf(out, "audit: %s\n", health.audit ? "can be written" : "cannot be written");
	lk_buf_printf(
	    out, "keys: newest is %u, %s%s\n", crypto_ring_newest_id(fast->ring),
	    health.keys ? "tokens can be signed" : "signing keys are missing: ", health.keys_fault);
	lk_buf_printf(out, "pairwise: %s\n",
		      health.pairwise_fault[0] == '\0' ? "names can be made"
						       : health.pairwise_fault);
	lk_buf_printf(out, "clock: %s\n", health.clock ? "is set" : "was never set");
}

static enum lk_err
told(struct res *res, int status, const char *words)
{
	lk_buf_add_c(&res->body, words);
	res->status = status;
	res->content_type = "text/plain; charset=utf-8";
	return lk_buf_is_ok(&res->body) ? LK_OK : LK_E_MEMORY;
}

enum lk_err
healthz_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
	       struct res *res)
{
	(void)fast;
	(void)req;
	(void)stored;
	return told(res, 200, "ok\n");
}

enum lk_err
readyz_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
	      struct res *res)
{
	struct health health;

	(void)req;
	(void)stored;
	health_look(fast, &health);
	if (health.is_ready)
		return told(res, 200, "ready\n");
	res->retry_after_s = 5;
	return told(res, 503, "not ready\n");
}
