/* SPDX-License-Identifier: MIT */
#include "flow/client_memory.h"

#include <stdlib.h>

#define ROWS 64u /* a power of two */

struct row {
	struct client_memory_key key;
	const struct policy_application *application; /* NULL: nobody's yet */
};

struct client_memory {
	struct crypto_fingerprint_key key;
	struct row rows[ROWS];
};

struct client_memory *
client_memory_new(void)
{
	struct client_memory *memory = calloc(1, sizeof *memory);

	if (memory != NULL)
		crypto_fingerprint_key_make(&memory->key);
	return memory;
}

void
client_memory_free(struct client_memory *memory)
{
	free(memory);
}

/* An assertion counts once, and a name alone is quickly found. */
static bool
is_secret(const struct req *req)
{
	return req->param[PARAM_client_assertion].len == 0 &&
	       (req->header[HEADER_authorization].len > 0 ||
		req->param[PARAM_client_secret].len > 0);
}

/* All that decides who it is and whether that is believed, but for the state. */
static bool
key_make(const struct fast *fast, const struct req *req, struct client_memory_key *out)
{
	const struct lk_str pieces[] = {req->header[HEADER_authorization],
					req->param[PARAM_client_id],
					req->param[PARAM_client_secret], req->address};

	if (req->clients == NULL || !is_secret(req))
		return false;
	flow_state(fast, &out->state);
	return crypto_fingerprint_list(&req->clients->key, pieces, sizeof pieces / sizeof *pieces,
				       &out->shown);
}

static struct row *
row_of(const struct req *req, const struct client_memory_key *key)
{
	return &req->clients->rows[key->shown.half[0] & (ROWS - 1)];
}

const struct policy_application *
client_memory_find(const struct fast *fast, const struct req *req, struct client_memory_key *out)
{
	const struct row *row;

	out->is_made = key_make(fast, req, out);
	if (!out->is_made)
		return NULL;
	row = row_of(req, out);
	return crypto_fingerprint_is_equal(&row->key.shown, &out->shown) &&
		       flow_state_is_same(&row->key.state, &out->state)
		   ? row->application
		   : NULL;
}

void
client_memory_keep(const struct req *req, const struct client_memory_key *key,
		   const struct policy_application *application)
{
	if (key->is_made)
		*row_of(req, key) = (struct row){*key, application};
}
