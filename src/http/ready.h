/* SPDX-License-Identifier: MIT */
/*
 * Inside src/http only: responses of one worker that were made once and are sent again, to
 * everybody who is answered the same: what is published for all (res.is_for_all), a few documents.
 * One is the same when its head and its body are, byte for byte; so nothing can be out of date.
 */
#ifndef LK_HTTP_READY_H
#define LK_HTTP_READY_H

#include "http/visit.h"

/* Stays ours. NULL: none is the same. */
struct MHD_Response *
ready_find(const struct visit *visit);
/* Takes the response over, in place of what this route was answered before. False: it does not. */
bool
ready_keep(struct visit *visit, struct MHD_Response *response);
void
ready_free(struct worker *worker);

#endif
