/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "directory/dir_conn.h"
#include "directory/dir_health.h"

struct dir *
dir_new(struct dir_servers *servers)
{
	struct dir *dir = calloc(1, sizeof *dir);

	if (dir == NULL)
		return NULL;
	dir->servers = servers;
	dir->settings = &servers->settings;
	return dir;
}

void
dir_free(struct dir *dir)
{
	if (dir == NULL)
		return;
	dir_conn_drop(&dir->conn[DIR_AS_SERVICE]);
	dir_conn_drop(&dir->conn[DIR_AS_PERSON]);
	free(dir);
}

void
dir_begin(struct dir *dir, const struct lk_call *call)
{
	dir->call = call;
}

enum lk_err
dir_ping(struct dir *dir)
{
	static const char *const attributes[] = {LDAP_NO_ATTRS, NULL};
	struct dir_ask ask = {.kind = DIR_ASK_SEARCH,
			      .dn = "",
			      .scope = LDAP_SCOPE_BASE,
			      .filter = "(objectClass=*)",
			      .attributes = attributes};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	enum lk_err err;
	size_t i;

	for (i = 0; i < dir->servers->count; i++) {
		if (!dir_health_is_up(dir->servers, i) && dir_health_has_other(dir->servers, i) &&
		    dir_health_may_try(dir->servers, i))
			dir_conn_try(dir, i);
	}
	err = dir_ask(dir, &ask, &answer);
	return err != LK_OK ? err : dir_answer_search_err(dir, &answer);
}
