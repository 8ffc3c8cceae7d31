/* SPDX-License-Identifier: MIT */
/* Inside src/directory only: a connection to the best server that answers. */
#ifndef LK_DIRECTORY_DIR_CONN_H
#define LK_DIRECTORY_DIR_CONN_H

#include "directory/dir_inside.h"
#include "directory/dir_wire.h"

/*
 * dir->conn[who] stands: signed in as the service account, or as nobody for DIR_AS_PERSON.
 * Returns: LK_OK · LK_E_DIRECTORY_DOWN (why says for each server)
 */
enum lk_err
dir_conn_need(struct dir *dir, enum dir_who who) LK_MUST_CHECK;
/* Closes without waiting for anybody. */
void
dir_conn_drop(struct dir_conn *conn);
/* Opens and closes a connection, so that the server's health is known. */
void
dir_conn_try(struct dir *dir, size_t server);
/* When an operation on that server must have ended. */
struct dir_until
dir_conn_until(const struct dir *dir, size_t server, bool may_go_elsewhere);
/* Says why of a libldap code; counts a failure. */
void
dir_conn_failed(struct dir *dir, const struct dir_conn *conn, enum metric_dir_op op, int code);

#endif
