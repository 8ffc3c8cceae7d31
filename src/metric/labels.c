/* SPDX-License-Identifier: MIT */
#include "metric/label_names.h"

#include <stddef.h>

static const char *
none_name(unsigned value)
{
	(void)value;
	return "";
}

static const char *
route_name(unsigned value)
{
	static const char *const names[] = {
	    "none",
#define LK_ROUTE(where, method, path, guard, job, fields, body, deadline, handler, source) #handler,
#include "tables/routes.def"
	};

	return names[value];
}

static const char *
status_name(unsigned value)
{
	static const char *const names[] = {
	    "other",
#define LK_STATUS(number) #number,
#include "tables/labels.def"
	};

	return names[value];
}

enum metric_status
metric_status(int http_status)
{
	switch (http_status) {
#define LK_STATUS(number)                                                                          \
	case number:                                                                               \
		return METRIC_STATUS_##number;
#include "tables/labels.def"
	default:
		return METRIC_STATUS_other;
	}
}

static const char *
result_name(unsigned value)
{
	return lk_err_row((enum lk_err)value)->name;
}

static const char *
method_name(unsigned value)
{
	static const char *const names[] = {
	    "none",
#define LK_METHOD(name) #name,
#include "tables/labels.def"
	};

	return names[value];
}

static const char *
door_name(unsigned value)
{
	static const char *const names[] = {
	    "none",
#define LK_DOOR(name) #name,
#include "tables/labels.def"
	};

	return names[value];
}

static const char *
cause_name(unsigned value)
{
	static const char *const names[] = {
	    "none",
#define LK_CAUSE(name) #name,
#include "tables/labels.def"
	};

	return names[value];
}

static const char *
act_name(unsigned value)
{
	static const char *const names[] = {
	    "none",
#define LK_ACT(name) #name,
#include "tables/labels.def"
	};

	return names[value];
}

static const char *
journey_name(unsigned value)
{
	static const char *const names[] = {
	    "none",
#define LK_JOURNEY(name) #name,
#include "tables/labels.def"
	};

	return names[value];
}

static const char *
dir_op_name(unsigned value)
{
	static const char *const names[] = {
	    "none",
#define LK_DIR_OP(name) #name,
#include "tables/labels.def"
	};

	return names[value];
}

static const char *
store_op_name(unsigned value)
{
	static const char *const names[] = {
	    "none",
#define LK_STORE_OP(name) #name,
#include "tables/labels.def"
	};

	return names[value];
}

static const char *
side_name(unsigned value)
{
	static const char *const names[] = {
	    "none",
#define LK_SIDE(name) #name,
#include "tables/labels.def"
	};

	return names[value];
}

static const char *
grant_name(unsigned value)
{
	static const char *const names[] = {
	    "none",
#define LK_GRANT(name) #name,
#include "tables/labels.def"
	};

	return names[value];
}

static const char *
part_name(unsigned value)
{
	static const char *const names[] = {
	    "none",
#define LK_PART(name) #name,
#include "tables/labels.def"
	};

	return names[value];
}

const struct metric_label metric_labels[METRIC_LIST_COUNT] = {
    [METRIC_LIST_NONE] = {NULL, METRIC_NONE_COUNT, none_name},
    [METRIC_LIST_ROUTE] = {"route", METRIC_ROUTE_COUNT, route_name},
    [METRIC_LIST_STATUS] = {"status", METRIC_STATUS_COUNT, status_name},
    [METRIC_LIST_RESULT] = {"result", LK_ERR_COUNT, result_name},
    [METRIC_LIST_METHOD] = {"method", METRIC_METHOD_COUNT, method_name},
    [METRIC_LIST_DOOR] = {"door", METRIC_DOOR_COUNT, door_name},
    [METRIC_LIST_CAUSE] = {"cause", METRIC_CAUSE_COUNT, cause_name},
    [METRIC_LIST_ACT] = {"action", METRIC_ACT_COUNT, act_name},
    [METRIC_LIST_JOURNEY] = {"journey", METRIC_JOURNEY_COUNT, journey_name},
    [METRIC_LIST_DIR_OP] = {"op", METRIC_DIR_OP_COUNT, dir_op_name},
    [METRIC_LIST_STORE_OP] = {"op", METRIC_STORE_OP_COUNT, store_op_name},
    [METRIC_LIST_SIDE] = {"side", METRIC_SIDE_COUNT, side_name},
    [METRIC_LIST_GRANT] = {"grant", METRIC_GRANT_COUNT, grant_name},
    [METRIC_LIST_PART] = {"part", METRIC_PART_COUNT, part_name},
};
