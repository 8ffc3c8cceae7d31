/* SPDX-License-Identifier: MIT */
/* Shows the bytes of a secret. Who may include this: tests/lint/secret-readers. */
#ifndef LK_BASE_SECRET_BYTES_H
#define LK_BASE_SECRET_BYTES_H

#include "base/secret.h"

/* Borrowed until the secret goes; a NUL stands behind it. */
struct lk_str lk_secret_bytes(const struct lk_secret *secret);

#endif
