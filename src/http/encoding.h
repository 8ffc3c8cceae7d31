/* SPDX-License-Identifier: MIT */
/* Inside src/http only: which encodings a browser takes. Pure. */
#ifndef LK_HTTP_ENCODING_H
#define LK_HTTP_ENCODING_H

#include <stdbool.h>

#include "base/str.h"

/* Does an Accept-Encoding header take gzip? RFC 9110 s12.5.3; "gzip;q=0" does not. */
bool
encoding_takes_gzip(struct lk_str accept_encoding);

#endif
