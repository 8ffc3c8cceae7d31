/* SPDX-License-Identifier: MIT */
#include "flow/device_grant.h"

#include "flow/throttle.h"

#define QUERY "?user_code="

int32_t
device_life_s(const struct store_device *device, int64_t now_s)
{
	int64_t left_s = device->ends_at_s - now_s;

	return left_s < 1 ? 1 : (int32_t)left_s;
}

bool
device_is_over(const struct store_device *device, int64_t now_s)
{
	return now_s < device->asked_at_s || now_s - device->asked_at_s >= DEVICE_LIFE_S;
}

struct lk_str
device_path(const char code[TOKEN_USER_CODE_LETTERS], struct lk_arena *arena)
{
	return lk_arena_printf(arena, DEVICE_PATH QUERY "%.*s", (int)TOKEN_USER_CODE_LETTERS, code);
}

const char *
device_path_find(struct lk_str typed, struct lk_arena *arena)
{
	char code[TOKEN_USER_CODE_LETTERS];
	struct lk_str path;

	if (!token_user_code_read(typed, code))
		return DEVICE_PATH;
	path = device_path(code, arena);
	return path.ptr == NULL ? DEVICE_PATH : path.ptr;
}

bool
device_path_check(struct lk_str path)
{
	struct lk_str typed = lk_str_from(path, strlen(DEVICE_PATH QUERY));
	char code[TOKEN_USER_CODE_LETTERS];

	return lk_str_starts(path, DEVICE_PATH QUERY) && token_user_code_read(typed, code) &&
	       lk_str_is_equal(typed, lk_str_n(code, sizeof code));
}

bool
device_is_answered_by(const struct store_device *device, struct lk_str person_id)
{
	return device->state != STORE_DEVICE_PENDING && person_id.len > 0 &&
	       lk_str_is_equal(device->grant.person_id, person_id);
}

/* --- found by what was typed ---------------------------------------------------------------- */

/* Wrong tries of everybody at this address. */
static enum lk_err
address_check(const struct asker *asker)
{
	struct store_ask ask = {.address = &asker->address_key};
	struct store_answer stored = {0};
	enum lk_err err = store_fetch(asker->flow->store, &ask, &stored);

	return err == LK_OK ? throttle_address_check(asker, &stored) : err;
}

static bool
is_theirs(const struct asker *asker, const struct store_session *session,
	  const struct device_found *found)
{
	const struct store_device *device = &found->device;

	if (found->application == NULL || device_is_over(device, asker->now_s))
		return false;
	return device->state == STORE_DEVICE_PENDING ||
	       device_is_answered_by(device, session->person_id);
}

static enum lk_err
look(const struct asker *asker, const struct store_session *session, struct device_found *found)
{
	struct crypto_digest user_code;
	enum lk_err err;

	token_user_code_key(asker->flow->fast->ring, found->code, &user_code);
	err =
	    store_device_by_user_code(asker->flow->store, &user_code, &found->key, &found->device);
	if (err == LK_E_NOT_FOUND)
		return LK_E_DEVICE_WRONG;
	if (err != LK_OK)
		return err;
	found->application =
	    policy_application_find(asker->flow->fast->policy, found->device.client_id);
	return is_theirs(asker, session, found) ? LK_OK : LK_E_DEVICE_WRONG;
}

static enum lk_err
look_charged(const struct asker *asker, const struct store_session *session,
	     struct device_found *found)
{
	struct subject subject = {.is_known = true, .key = session->person_id};
	struct attempt_what what = {
	    .kind = ATTEMPT_USER_CODE,
	    .secret = lk_secret_make(asker->arena, lk_str_n(found->code, sizeof found->code)),
	};
	enum store_try_outcome outcome = STORE_TRY_RIGHT;
	struct attempt attempt;
	enum lk_err err, end_err;

	if (what.secret == NULL)
		return LK_E_MEMORY;
	subject.person.id = session->person_id;
	subject.person.username = session->username;
	err = throttle_begin(asker, &subject, &what, &attempt);
	if (err != LK_OK)
		return err;
	err = look(asker, session, found);
	if (err != LK_OK)
		outcome = err == LK_E_DEVICE_WRONG ? STORE_TRY_WRONG : STORE_TRY_UNDECIDED;
	end_err = throttle_end(asker, &subject, &attempt, outcome);
	return end_err == LK_OK ? err : end_err;
}

enum lk_err
device_find(const struct asker *asker, const struct store_session *session, struct lk_str typed,
	    struct device_found *out)
{
	struct device_found *found = lk_arena_alloc(asker->arena, sizeof *found);
	enum lk_err err;

	if (found == NULL)
		return LK_E_MEMORY;
	if (!token_user_code_read(typed, found->code))
		return LK_E_DEVICE_WRONG;
	err = address_check(asker);
	if (err == LK_OK)
		err = look_charged(asker, session, found);
	if (err == LK_OK)
		*out = *found;
	return err;
}
