/* SPDX-License-Identifier: MIT */
#include "store/store_server.h"

#include <string.h>

#include "base/secret_bytes.h"
#include "store/store_pack.h"

#define EPOCH_VERSION 1u

void
store_epoch_pack(uint8_t out[STORE_EPOCH_BYTES], const struct store_epoch *epoch)
{
	uint8_t *numbers = out + 1 + STORE_RUN_ID_LEN;

	out[0] = EPOCH_VERSION;
	memcpy(out + 1, epoch->run_id, STORE_RUN_ID_LEN);
	for (unsigned i = 0; i < 8; i++) {
		numbers[i] = (uint8_t)(epoch->number >> (56 - 8 * i));
		numbers[8 + i] = (uint8_t)((uint64_t)epoch->began_at_s >> (56 - 8 * i));
	}
}

static bool
is_run_id(struct lk_str text)
{
	if (text.len != STORE_RUN_ID_LEN)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '\0' || strchr("0123456789abcdef", text.ptr[i]) == NULL)
			return false;
	return true;
}

enum lk_err
store_epoch_unpack(struct lk_str packed, struct store_epoch *out)
{
	struct store_unpack from = {.rest = packed};
	struct store_epoch epoch = {0};
	struct lk_str run_id;

	if (store_unpack_number(&from, 1) != EPOCH_VERSION)
		return LK_E_FORMAT;
	run_id = store_unpack_bytes(&from, STORE_RUN_ID_LEN);
	epoch.number = store_unpack_number(&from, 8);
	epoch.began_at_s = (int64_t)store_unpack_number(&from, 8);
	if (!store_unpack_is_whole(&from) || !is_run_id(run_id))
		return LK_E_FORMAT;
	memcpy(epoch.run_id, run_id.ptr, run_id.len);
	*out = epoch;
	return LK_OK;
}

size_t
store_hello_write(struct lk_buf *out, const struct store_place *place,
		  const struct lk_secret *password)
{
	static const char *const sections[] = {"server", "memory"};
	size_t count = 4;

	if (password != NULL) {
		store_wire_command(out, 2);
		store_wire_word(out, "AUTH");
		store_wire_str(out, lk_secret_bytes(password));
		count++;
	}
	store_wire_command(out, 2);
	store_wire_word(out, "SELECT");
	store_wire_number(out, place->database);
	for (size_t i = 0; i < 2; i++) {
		store_wire_command(out, 2);
		store_wire_word(out, "INFO");
		store_wire_word(out, sections[i]);
	}
	store_wire_command(out, 1);
	store_wire_word(out, "ROLE");
	return count;
}

struct lk_str
store_info_find(const redisReply *info, const char *name)
{
	struct lk_str rest = store_reply_str(info), line;

	while (lk_str_split(&rest, '\n', &line)) {
		size_t colon = lk_str_find(line, ':');

		if (colon < line.len && lk_str_is(lk_str_n(line.ptr, colon), name))
			return lk_str_trim(lk_str_from(line, colon + 1));
	}
	return lk_str_n(NULL, 0);
}

bool
store_run_id_read(const redisReply *info, char out[STORE_RUN_ID_LEN + 1])
{
	struct lk_str run_id = store_info_find(info, "run_id");

	if (!is_run_id(run_id))
		return false;
	memcpy(out, run_id.ptr, run_id.len);
	out[run_id.len] = '\0';
	return true;
}

bool
store_policy_read(const redisReply *info, bool *out_is_evicting)
{
	struct lk_str policy = store_info_find(info, "maxmemory_policy");

	if (policy.len == 0)
		return false;
	*out_is_evicting = !lk_str_is(policy, "noeviction");
	return true;
}

bool
store_role_read(const redisReply *reply, bool *out_is_master)
{
	struct lk_str role = store_reply_str(store_reply_at(reply, 0));

	if (role.len == 0)
		return false;
	*out_is_master = lk_str_is(role, "master");
	return true;
}

bool
store_hello_read(struct store_server *server, struct store_hello_at at, const redisReply *reply,
		 struct lk_why *why)
{
	size_t from_end = at.count - at.index;
	bool is_fine;

	switch (from_end) {
	case 1:
		is_fine = store_role_read(reply, &server->is_master);
		break;
	case 2:
		is_fine = store_policy_read(reply, &server->is_evicting);
		break;
	case 3:
		is_fine = store_run_id_read(reply, server->run_id);
		break;
	default:
		is_fine = lk_str_is(store_reply_str(reply), "OK");
	}
	if (!is_fine && store_reply_is(reply, REDIS_REPLY_ERROR))
		lk_why_add(why, "store: refused: %.80s", reply->str);
	else if (!is_fine)
		lk_why_add(why, "store: this does not talk like Redis");
	return is_fine;
}

enum store_health
store_server_health(const struct store_server *server, struct lk_why *why)
{
	if (!server->is_master) {
		lk_why_add(why, "store: this Redis is a replica, not the master");
		return STORE_HEALTH_NOT_MASTER;
	}
	if (server->is_evicting) {
		lk_why_add(why, "store: maxmemory-policy must be noeviction");
		return STORE_HEALTH_EVICTS;
	}
	return STORE_HEALTH_OK;
}
