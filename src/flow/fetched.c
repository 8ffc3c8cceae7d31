/* SPDX-License-Identifier: MIT */
#include "flow/fetched.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "policy/application.h"
#include "spool/spool.h"

struct fetched_keys {
	struct crypto_jwks jwks;
	unsigned holder_count; /* the row among them */
};

struct row {
	char client_id[SPOOL_CLIENT_MAX_LEN + 1];
	char url[SPOOL_URL_MAX_BYTES + 1]; /* of keys */
	struct fetched_keys *keys;	   /* NULL: none yet */
	int64_t asked_at_s;		   /* 0: never */
	int64_t read_at;		   /* as spool_keys_get has it */
	bool is_wanted;
};

struct fetched {
	pthread_mutex_t lock;
	size_t count;
	struct row row[FETCHED_MAX];
};

struct fetched *
fetched_new(void)
{
	struct fetched *fetched = calloc(1, sizeof *fetched);

	if (fetched != NULL)
		pthread_mutex_init(&fetched->lock, NULL);
	return fetched;
}

/* With the lock, or alone. */
static void
let_go(struct fetched_keys *keys)
{
	if (keys == NULL || --keys->holder_count > 0)
		return;
	crypto_jwks_done(&keys->jwks);
	free(keys);
}

void
fetched_free(struct fetched *fetched)
{
	if (fetched == NULL)
		return;
	for (size_t i = 0; i < fetched->count; i++)
		let_go(fetched->row[i].keys);
	pthread_mutex_destroy(&fetched->lock);
	free(fetched);
}

/* --- what is due, what came ----------------------------------------------------------------- */

static struct row *
row_find(struct fetched *fetched, const char *client_id)
{
	for (size_t i = 0; i < fetched->count; i++) {
		if (strcmp(fetched->row[i].client_id, client_id) == 0)
			return &fetched->row[i];
	}
	return NULL;
}

static void
keys_set(struct fetched *fetched, struct row *row, struct fetched_keys *keys)
{
	pthread_mutex_lock(&fetched->lock);
	let_go(row->keys);
	row->keys = keys;
	pthread_mutex_unlock(&fetched->lock);
}

/* The row of an application; keys of another address are none of its. NULL: no room. */
static struct row *
row_need(struct fetched *fetched, const struct policy_application *application)
{
	struct row *row = row_find(fetched, application->client_id);

	if (strlen(application->client_id) > SPOOL_CLIENT_MAX_LEN ||
	    strlen(application->jwks_uri) > SPOOL_URL_MAX_BYTES)
		return NULL;
	if (row == NULL && fetched->count < FETCHED_MAX) {
		pthread_mutex_lock(&fetched->lock);
		row = &fetched->row[fetched->count++];
		memcpy(row->client_id, application->client_id, strlen(application->client_id) + 1);
		pthread_mutex_unlock(&fetched->lock);
	}
	if (row == NULL || strcmp(row->url, application->jwks_uri) == 0)
		return row;
	keys_set(fetched, row, NULL);
	memcpy(row->url, application->jwks_uri, strlen(application->jwks_uri) + 1);
	row->asked_at_s = 0;
	return row;
}

static bool
is_due(struct fetched *fetched, struct row *row, int64_t now_s)
{
	int64_t ago_s = now_s - row->asked_at_s;
	bool is_wanted;

	pthread_mutex_lock(&fetched->lock);
	is_wanted = row->is_wanted;
	pthread_mutex_unlock(&fetched->lock);
	return row->asked_at_s == 0 || ago_s < 0 || ago_s >= FETCHED_EVERY_S ||
	       (is_wanted && ago_s >= FETCHED_SOON_S);
}

static void
ask(struct fetched *fetched, struct row *row, const struct fast *fast, int64_t now_s)
{
	enum lk_err err = spool_put_fetch(fast->conf->spool_dir, lk_str_c(row->url),
					  lk_str_c(row->client_id), now_s);

	if (err != LK_OK)
		lk_log(fast->log, LK_LOG_WARNING, "jwks_uri", LK_STR(""),
		       "the keys of %s cannot be had read: %s", row->client_id,
		       lk_err_row(err)->name);
	row->asked_at_s = now_s;
	pthread_mutex_lock(&fetched->lock);
	row->is_wanted = false;
	pthread_mutex_unlock(&fetched->lock);
}

static void
take(struct fetched *fetched, struct row *row, const struct fast *fast)
{
	struct fetched_keys *keys;
	struct lk_why why = {.len = 0};
	struct lk_str rest, from;
	LK_AUTO_BUF text;

	lk_buf_init(&text, SPOOL_KEYS_FILE_MAX_BYTES + 4096);
	if (spool_keys_get(fast->conf->spool_dir, lk_str_c(row->client_id), &text,
			   &row->read_at) != LK_OK)
		return;
	rest = lk_buf_str(&text);
	if (!lk_str_split(&rest, '\n', &from) || !lk_str_is(from, row->url))
		return;
	keys = calloc(1, sizeof *keys);
	if (keys == NULL)
		return;
	keys->holder_count = 1;
	if (crypto_jwks_read(rest, &why, &keys->jwks) == LK_OK) {
		keys_set(fetched, row, keys);
		return;
	}
	free(keys);
	lk_log(fast->log, LK_LOG_WARNING, "jwks_uri", LK_STR(""), "the keys of %s are wrong: %s",
	       row->client_id, why.text);
}

void
fetched_look(struct fetched *fetched, const struct fast *fast)
{
	int64_t now_s = lk_clock_wall_s(fast->clock);
	const struct policy_application *application;
	struct row *row;

	for (size_t i = 0; (application = policy_application_at(fast->policy, i)) != NULL; i++) {
		if (application->jwks_uri[0] == '\0')
			continue;
		row = row_need(fetched, application);
		if (row == NULL)
			continue;
		if (is_due(fetched, row, now_s))
			ask(fetched, row, fast, now_s);
		take(fetched, row, fast);
	}
}

/* --- who uses them -------------------------------------------------------------------------- */

const struct fetched_keys *
fetched_hold(struct fetched *fetched, const char *client_id)
{
	struct fetched_keys *keys = NULL;
	struct row *row;

	if (fetched == NULL)
		return NULL;
	pthread_mutex_lock(&fetched->lock);
	row = row_find(fetched, client_id);
	if (row != NULL)
		keys = row->keys;
	if (keys != NULL)
		keys->holder_count++;
	pthread_mutex_unlock(&fetched->lock);
	return keys;
}

void
fetched_drop(struct fetched *fetched, const struct fetched_keys *keys)
{
	if (keys == NULL)
		return;
	pthread_mutex_lock(&fetched->lock);
	let_go((struct fetched_keys *)keys);
	pthread_mutex_unlock(&fetched->lock);
}

const struct crypto_jwks *
fetched_jwks(const struct fetched_keys *keys)
{
	return &keys->jwks;
}

void
fetched_want(struct fetched *fetched, const char *client_id)
{
	struct row *row;

	if (fetched == NULL)
		return;
	pthread_mutex_lock(&fetched->lock);
	row = row_find(fetched, client_id);
	if (row != NULL)
		row->is_wanted = true;
	pthread_mutex_unlock(&fetched->lock);
}
