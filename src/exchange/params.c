/* SPDX-License-Identifier: MIT */
#include "exchange/params.h"

#include <string.h>

#include "exchange/form.h"

enum many { MANY_ONE = 1, MANY_MANY };
enum from { FROM_ANY = 1, FROM_BODY };

struct row {
	struct lk_str name;
	size_t max_bytes;
	enum many many;
	enum from from;
};

static const struct row rows[PARAM_COUNT] = {
#define LK_PARAM(name, max_bytes, many, from)                                                      \
	[PARAM_##name] = {{#name, sizeof #name - 1}, max_bytes, MANY_##many, FROM_##from},
#include "tables/params.def"
};
#define NAME_MAX_BYTES 64u

struct reading {
	struct req *req;
	enum from from;
	uint64_t seen; /* bit by bit, sent empty too */
};
_Static_assert(PARAM_COUNT <= 64, "a bit of seen each");

static enum param
param_find(struct lk_str name)
{
	int param;

	for (param = PARAM_NONE + 1; param < PARAM_COUNT; param++) {
		if (lk_str_is_equal(name, rows[param].name))
			return (enum param)param;
	}
	return PARAM_NONE;
}

/* However it is spelt: two names that decode alike are one. */
static enum param
param_of(struct lk_arena *arena, struct lk_str name)
{
	if (lk_str_find(name, '%') == name.len)
		return param_find(name);
	return name.len > 3 * NAME_MAX_BYTES ? PARAM_NONE : param_find(form_decode(arena, name));
}

static void
bad(struct req *req, enum param param)
{
	if (!req->is_param_bad)
		req->param_bad = param;
	req->is_param_bad = true;
}

static enum lk_err
joined_keep(struct req *req, enum param param, struct lk_str value)
{
	struct lk_str *kept = &req->param[param];
	struct lk_str joined = value;

	if (kept->len + 1 + value.len > rows[param].max_bytes) {
		bad(req, param);
		return LK_OK;
	}
	if (kept->len > 0)
		joined = lk_arena_printf(req->arena, "%.*s %.*s", LK_STR_ARGS(*kept),
					 LK_STR_ARGS(value));
	*kept = joined;
	return joined.ptr == NULL ? LK_E_MEMORY : LK_OK;
}

static enum lk_err
value_keep(struct req *req, enum param param, struct lk_str text)
{
	struct lk_str value;

	if (text.len > 3 * rows[param].max_bytes) {
		bad(req, param);
		return LK_OK;
	}
	value = form_decode(req->arena, text);
	if (value.ptr == NULL || value.len > rows[param].max_bytes)
		bad(req, param);
	else if (rows[param].many == MANY_MANY && value.len > 0)
		return joined_keep(req, param, value);
	else if (value.len > 0)
		req->param[param] = value;
	return LK_OK;
}

static enum lk_err
pair_read(struct reading *reading, struct lk_str pair)
{
	size_t equals = lk_str_find(pair, '=');
	enum param param = param_of(reading->req->arena, lk_str_n(pair.ptr, equals));

	if (param == PARAM_NONE || (rows[param].from == FROM_BODY && reading->from != FROM_BODY))
		return LK_OK;
	if ((reading->seen & 1ull << param) != 0 && rows[param].many == MANY_ONE) {
		bad(reading->req, param);
		return LK_OK;
	}
	reading->seen |= 1ull << param;
	return value_keep(reading->req, param, lk_str_from(pair, equals + 1));
}

static enum lk_err
pairs_read(struct reading *reading, struct lk_str text)
{
	struct lk_str rest = text.len > 0 ? text : lk_str_n(NULL, 0), pair;
	enum lk_err err = LK_OK;

	while (err == LK_OK && lk_str_split(&rest, '&', &pair))
		err = pair_read(reading, pair);
	return err;
}

enum lk_err
params_read(struct req *req, struct lk_str query, struct lk_str body)
{
	struct reading reading = {.req = req, .from = FROM_ANY};
	enum lk_err err = pairs_read(&reading, query);

	reading.from = FROM_BODY;
	return err == LK_OK ? pairs_read(&reading, body) : err;
}
