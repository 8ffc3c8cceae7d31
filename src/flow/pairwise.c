/* SPDX-License-Identifier: MIT */
#include "flow/pairwise.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "flow/flow.h"
#include "policy/application.h"

#define SUB_BYTES 24u

struct pairwise {
	struct lk_secret *owned;		  /* set once, the watcher's */
	_Atomic(const struct lk_secret *) shown; /* the same, or NULL while it is not certain */
	pthread_mutex_t lock;			  /* of seen */
	struct pairwise_seen seen;
};

struct pairwise *
pairwise_new(void)
{
	struct pairwise *pairwise = calloc(1, sizeof *pairwise);

	if (pairwise == NULL)
		return NULL;
	if (pthread_mutex_init(&pairwise->lock, NULL) != 0) {
		free(pairwise);
		return NULL;
	}
	snprintf(pairwise->seen.fault, sizeof pairwise->seen.fault,
		 "the directory has not told the pairwise secret yet");
	return pairwise;
}

void
pairwise_free(struct pairwise *pairwise)
{
	if (pairwise == NULL)
		return;
	pthread_mutex_destroy(&pairwise->lock);
	lk_secret_free(pairwise->owned);
	free(pairwise);
}

enum lk_err
pairwise_sub(const struct pairwise *pairwise, struct lk_str client_id, struct lk_str person_id,
	     struct lk_arena *arena, struct lk_str *out)
{
	const struct lk_secret *secret =
	    pairwise == NULL ? NULL : atomic_load_explicit(&pairwise->shown, memory_order_acquire);
	struct lk_str pieces[] = {client_id, person_id}, sub;
	struct crypto_digest digest;

	if (secret == NULL)
		return LK_E_KEYS_DOWN;
	crypto_digest_keyed(secret, CRYPTO_PAIRWISE, pieces, 2, &digest);
	sub = crypto_base64url_make(lk_str_n((const char *)digest.bytes, SUB_BYTES), arena);
	if (sub.ptr == NULL)
		return LK_E_MEMORY;
	*out = sub;
	return LK_OK;
}

bool
pairwise_is_needed(const struct policy *policy)
{
	const struct policy_application *application;

	for (size_t i = 0; (application = policy_application_at(policy, i)) != NULL; i++) {
		if (application->subject == POLICY_SUBJECT_PAIRWISE)
			return true;
	}
	return false;
}

bool
pairwise_is_ready(const struct fast *fast)
{
	struct pairwise_seen seen;

	pairwise_look(fast->pairwise, &seen);
	return seen.is_here || !pairwise_is_needed(fast->policy);
}

bool
pairwise_newest_is_known(const struct fast *fast)
{
	struct pairwise_seen seen;

	pairwise_look(fast->pairwise, &seen);
	return seen.count == 1 && seen.each[0].key_id == crypto_ring_newest_id(fast->ring);
}

void
pairwise_look(struct pairwise *pairwise, struct pairwise_seen *out)
{
	*out = (struct pairwise_seen){.count = 0};
	if (pairwise == NULL) {
		snprintf(out->fault, sizeof out->fault, "there is no pairwise secret here");
		return;
	}
	(void)pthread_mutex_lock(&pairwise->lock);
	*out = pairwise->seen;
	(void)pthread_mutex_unlock(&pairwise->lock);
}

const struct lk_secret *
pairwise_held(const struct pairwise *pairwise)
{
	return pairwise->owned;
}

enum lk_err
pairwise_put(struct pairwise *pairwise, const struct lk_secret *secret,
	     const struct pairwise_seen *seen)
{
	if (pairwise->owned == NULL && secret != NULL) {
		pairwise->owned = lk_secret_keep(secret);
		if (pairwise->owned == NULL)
			return LK_E_MEMORY;
	}
	(void)pthread_mutex_lock(&pairwise->lock);
	pairwise->seen = *seen;
	(void)pthread_mutex_unlock(&pairwise->lock);
	atomic_store_explicit(&pairwise->shown, seen->is_here ? pairwise->owned : NULL,
			      memory_order_release);
	return LK_OK;
}
