/* SPDX-License-Identifier: MIT */
/* What metrics may be split by, as types: a label of another list does not compile. Lists:
 * tables/labels.def. */
#ifndef LK_METRIC_LABELS_H
#define LK_METRIC_LABELS_H

#include "base/err.h"

enum metric_none { METRIC_NONE = 0, METRIC_NONE_COUNT };

/* The row's index in flow_routes plus one is its value here. */
enum metric_route {
	METRIC_ROUTE_none = 0, /* no such path, or refused before it was read */
#define LK_ROUTE(where, method, path, guard, job, fields, body, deadline, handler, source)         \
	METRIC_ROUTE_##handler,
#include "tables/routes.def"
	METRIC_ROUTE_COUNT
};

enum metric_status {
	METRIC_STATUS_other = 0,
#define LK_STATUS(number) METRIC_STATUS_##number,
#include "tables/labels.def"
	METRIC_STATUS_COUNT
};
/* 200 → METRIC_STATUS_200; one that is not listed → other. */
enum metric_status
metric_status(int http_status);

enum metric_method {
	METRIC_METHOD_none = 0,
#define LK_METHOD(name) METRIC_METHOD_##name,
#include "tables/labels.def"
	METRIC_METHOD_COUNT
};
enum metric_door {
	METRIC_DOOR_none = 0,
#define LK_DOOR(name) METRIC_DOOR_##name,
#include "tables/labels.def"
	METRIC_DOOR_COUNT
};
enum metric_cause {
	METRIC_CAUSE_none = 0,
#define LK_CAUSE(name) METRIC_CAUSE_##name,
#include "tables/labels.def"
	METRIC_CAUSE_COUNT
};
enum metric_act {
	METRIC_ACT_none = 0,
#define LK_ACT(name) METRIC_ACT_##name,
#include "tables/labels.def"
	METRIC_ACT_COUNT
};
enum metric_journey {
	METRIC_JOURNEY_none = 0,
#define LK_JOURNEY(name) METRIC_JOURNEY_##name,
#include "tables/labels.def"
	METRIC_JOURNEY_COUNT
};
enum metric_dir_op {
	METRIC_DIR_OP_none = 0,
#define LK_DIR_OP(name) METRIC_DIR_OP_##name,
#include "tables/labels.def"
	METRIC_DIR_OP_COUNT
};
enum metric_store_op {
	METRIC_STORE_OP_none = 0,
#define LK_STORE_OP(name) METRIC_STORE_OP_##name,
#include "tables/labels.def"
	METRIC_STORE_OP_COUNT
};
enum metric_side {
	METRIC_SIDE_none = 0,
#define LK_SIDE(name) METRIC_SIDE_##name,
#include "tables/labels.def"
	METRIC_SIDE_COUNT
};
enum metric_grant {
	METRIC_GRANT_none = 0,
#define LK_GRANT(name) METRIC_GRANT_##name,
#include "tables/labels.def"
	METRIC_GRANT_COUNT
};
enum metric_part {
	METRIC_PART_none = 0,
#define LK_PART(name) METRIC_PART_##name,
#include "tables/labels.def"
	METRIC_PART_COUNT
};

/* The type of a label in metrics.def. RESULT is any row of errors.def. */
#define METRIC_LABEL_NONE     enum metric_none
#define METRIC_LABEL_ROUTE    enum metric_route
#define METRIC_LABEL_STATUS   enum metric_status
#define METRIC_LABEL_RESULT   enum lk_err
#define METRIC_LABEL_METHOD   enum metric_method
#define METRIC_LABEL_DOOR     enum metric_door
#define METRIC_LABEL_CAUSE    enum metric_cause
#define METRIC_LABEL_ACT      enum metric_act
#define METRIC_LABEL_JOURNEY  enum metric_journey
#define METRIC_LABEL_DIR_OP   enum metric_dir_op
#define METRIC_LABEL_STORE_OP enum metric_store_op
#define METRIC_LABEL_SIDE     enum metric_side
#define METRIC_LABEL_GRANT    enum metric_grant
#define METRIC_LABEL_PART     enum metric_part

#endif
