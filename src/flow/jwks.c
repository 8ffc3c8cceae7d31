/* SPDX-License-Identifier: MIT */
/* The public halves of the keys that sign tokens, for whoever verifies. */
#include "exchange/reply.h"
#include "flow/handlers.h"
#include "flow/signing.h"

/* A key is published days ahead of use; one that is retired must be forgotten soon. */
#define CACHE "public, max-age=300"

enum lk_err
jwks_answer(const struct fast *fast, const struct req *req, const struct store_answer *stored,
	    struct res *res)
{
	const struct signing_keys *keys =
	    fast->signing == NULL ? NULL : signing_hold(fast->signing);

	(void)req;
	(void)stored;
	res->cors_origin = LK_STR("*");
	if (keys != NULL && keys->jwks.len > 0) {
		res->cache_control = CACHE;
		res->is_repeatable = true;
		reply_json(res, 200);
		lk_buf_add_str(&res->body, keys->jwks);
	} else {
		/* Whoever has the keys of before goes on with them: an empty set would end that. */
		reply_oauth(res, LK_E_KEYS_DOWN, LK_STR("The keys are not here."));
	}
	if (keys != NULL)
		signing_drop(fast->signing, keys);
	return lk_buf_is_ok(&res->body) ? LK_OK : LK_E_MEMORY;
}
