/* SPDX-License-Identifier: MIT */
/* Inside src/metric only: what the system says of this process, under the names Prometheus' clients
 * use. */
#ifndef LK_METRIC_PROCESS_H
#define LK_METRIC_PROCESS_H

#include "base/buf.h"

/* What cannot be read is left out. */
void
metric_process_write(struct lk_buf *out);

#endif
