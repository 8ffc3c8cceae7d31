/* SPDX-License-Identifier: MIT */
/*
 * Inside src/store only: what a server says of itself when we come, asked in one pipeline, and the
 * epoch key.
 */
#ifndef LK_STORE_STORE_SERVER_H
#define LK_STORE_STORE_SERVER_H

#include "base/err.h"
#include "store/store_epoch.h"
#include "store/store_place.h"
#include "store/store_wire.h"

#define STORE_RUN_ID_LEN 40u
struct store_epoch {
	char run_id[STORE_RUN_ID_LEN + 1];
	uint64_t number;
	int64_t began_at_s;
};
/* Its value in Redis. Unpacking: LK_OK · LK_E_FORMAT. */
#define STORE_EPOCH_BYTES (1 + STORE_RUN_ID_LEN + 8 + 8)
void
store_epoch_pack(uint8_t out[STORE_EPOCH_BYTES], const struct store_epoch *epoch);
enum lk_err
store_epoch_unpack(struct lk_str packed, struct store_epoch *out) LK_MUST_CHECK;

struct store_server {
	char run_id[STORE_RUN_ID_LEN + 1];
	bool is_master, is_evicting;
};

/* AUTH, SELECT, INFO, INFO, ROLE: adds them, gives the number of replies to come. */
size_t
store_hello_write(struct lk_buf *out, const struct store_place *place,
		  const struct lk_secret *password);
/*
 * Takes the reply with this index of count. False with a reason when it is not what a server of
 * ours says.
 */
struct store_hello_at {
	size_t index, count;
};
bool
store_hello_read(struct store_server *server, struct store_hello_at at, const redisReply *reply,
		 struct lk_why *why) LK_MUST_CHECK;
bool
store_role_read(const redisReply *reply, bool *out_is_master) LK_MUST_CHECK;
bool
store_run_id_read(const redisReply *info, char out[STORE_RUN_ID_LEN + 1]) LK_MUST_CHECK;
bool
store_policy_read(const redisReply *info, bool *out_is_evicting) LK_MUST_CHECK;
/* The line "name:value" of an INFO reply; nothing when it is not there. */
struct lk_str
store_info_find(const redisReply *info, const char *name);
/* OK, NOT_MASTER or EVICTS. */
enum store_health
store_server_health(const struct store_server *server, struct lk_why *why);

#endif
