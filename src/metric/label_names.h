/* SPDX-License-Identifier: MIT */
/* Inside src/metric only: each list of labels with its word and the names of its values. */
#ifndef LK_METRIC_LABEL_NAMES_H
#define LK_METRIC_LABEL_NAMES_H

#include "metric/labels.h"

enum metric_list {
	METRIC_LIST_NONE = 0,
	METRIC_LIST_ROUTE,
	METRIC_LIST_STATUS,
	METRIC_LIST_RESULT,
	METRIC_LIST_METHOD,
	METRIC_LIST_DOOR,
	METRIC_LIST_CAUSE,
	METRIC_LIST_ACT,
	METRIC_LIST_JOURNEY,
	METRIC_LIST_DIR_OP,
	METRIC_LIST_STORE_OP,
	METRIC_LIST_SIDE,
	METRIC_LIST_GRANT,
	METRIC_LIST_PART,
	METRIC_LIST_COUNT
};

struct metric_label {
	const char *word;		     /* NULL: not written */
	unsigned count;			     /* of values */
	const char *(*name)(unsigned value); /* of one below count; written in lower case */
};
extern const struct metric_label metric_labels[METRIC_LIST_COUNT];

#endif
