/* SPDX-License-Identifier: MIT */
/* An address as a web server in front of an application tells it. Pure, fuzzed. */
#ifndef LK_FLOW_FORWARD_URL_H
#define LK_FLOW_FORWARD_URL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

/* Pieces, borrowed from it. */
struct forward_url {
	struct lk_str scheme; /* "https" or "http" */
	struct lk_str origin; /* "https://wiki.example:8443" */
	struct lk_str host;   /* "wiki.example:8443", as Host has it */
	struct lk_str path;   /* with its query; from '/' on, "/" when there was none */
};
/* False: no http or https address, with somebody's name in it, or its path is none. */
bool
forward_url_read(struct lk_str text, struct forward_url *out);
/* A path with its query, as a browser sends it: from '/' on, no '#', and what a header can hold. */
bool
forward_path_check(struct lk_str path);

#endif
