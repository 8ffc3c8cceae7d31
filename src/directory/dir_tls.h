/* SPDX-License-Identifier: MIT */
/* Inside src/directory only: TLS always with certificate and name verified, 1.2 or later. */
#ifndef LK_DIRECTORY_DIR_TLS_H
#define LK_DIRECTORY_DIR_TLS_H

#include <ldap.h>
#include <stdbool.h>

#include "directory/dir_servers.h"

/* Is everything to this server encrypted? */
bool
dir_tls_is_used(const struct dir_settings *settings, const char *uri);
/* By StartTLS? */
bool
dir_tls_is_asked(const struct dir_settings *settings, const char *uri);
/* False when the CA's file cannot be read. */
bool
dir_tls_set(LDAP *ld, const struct dir_settings *settings);
/*
 * The same without a server; also settles what libldap sets up at its first TLS, which must not
 * happen in two threads.
 */
bool
dir_tls_check(const struct dir_settings *settings);

#endif
