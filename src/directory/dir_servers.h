/* SPDX-License-Identifier: MIT */
/*
 * Where the directory is and which of its servers answer. One for the process, shared by all
 * threads: what one thread learns of a server, all know.
 *
 * A server that refused or was silent is left alone for a while (100 ms, doubled up to 1 s), then
 * one thread tries it while the others go elsewhere or are told at once that nothing answers. The
 * first in the list that answers is used: all return to the preferred one when it is well again.
 */
#ifndef LK_DIRECTORY_DIR_SERVERS_H
#define LK_DIRECTORY_DIR_SERVERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/secret.h"
#include "metric/metric.h"

#define DIR_SERVERS_MAX 16u

struct dir_servers;

/* Where and how. Strings are borrowed and must outlive the servers. */
struct dir_settings {
	const char *const *uris; /* ldap:// ldaps:// ldapi://, best first, NULL at the end */
	bool wants_starttls;	 /* on ldap:// only; without it nothing is sent */
	const char *ca_file;	 /* NULL or "": the system's */
	const char *bind_dn;	 /* the service account */
	const struct lk_secret *bind_password;
	const char *people_base;
	const char *groups_base;      /* NULL or "": no groups */
	const char *factors_base;     /* Latchkey's own subtree */
	const char *decoy_dn;	      /* an entry nobody is, for binds of people who do not exist */
	const char *name_attribute;   /* "uid" */
	const char *mail_attribute;   /* "mail" */
	int operation_timeout_ms;     /* of one directory operation; connecting is one of its own */
	struct metrics *metrics;      /* NULL: nothing is counted */
	const struct lk_clock *clock; /* NULL: the machine's */
};

/*
 * Takes settings (borrowed; the struct itself is copied). Talks to nobody yet. NULL without memory
 * or with a URI or CA file that cannot be read (why says). Call once, in main, before any thread:
 * it settles libldap's own first calls, and that libldap reads no ldap.conf, no ldaprc and no LDAP…
 * variables. From then on the process ignores SIGPIPE (libldap writes to sockets that may be
 * closed).
 */
struct dir_servers *
dir_servers_new(const struct dir_settings *settings, struct lk_why *why) LK_MUST_CHECK;
/* After every dir of it. NULL is fine. */
void
dir_servers_free(struct dir_servers *servers);

/*
 * For status pages: "ldap://127.0.0.1:3389" and whether it answered last (true before anybody
 * asked), in settings' order; an index past the end gives NULL. From any thread.
 */
const char *
dir_servers_uri(const struct dir_servers *servers, size_t index, bool *out_is_up);

#endif
