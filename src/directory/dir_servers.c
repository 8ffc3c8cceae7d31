/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdlib.h>

#include "directory/dir_inside.h"
#include "directory/dir_tls.h"

/*
 * libldap's first call sets up what all handles share and must not happen in two threads; without
 * LDAPNOINIT it would read ldap.conf, ldaprc and LDAP… variables there and take its orders from
 * whoever can write them. It also writes to sockets that may be closed, and must not die of it.
 */
static bool
library_init(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	LDAPAPIInfo info = {.ldapai_info_version = LDAP_API_INFO_VERSION};

	if (setenv("LDAPNOINIT", "1", 1) != 0 || sigaction(SIGPIPE, &ignore, NULL) != 0 ||
	    ldap_get_option(NULL, LDAP_OPT_API_INFO, &info) != LDAP_OPT_SUCCESS)
		return false;
	ldap_memfree(info.ldapai_vendor_name);
	ber_memvfree((void **)info.ldapai_extensions);
	return true;
}

static bool
uri_check(const char *uri, struct lk_why *why)
{
	LDAPURLDesc *parts = NULL;
	struct lk_str text = lk_str_c(uri);
	bool is_good = ldap_url_parse(uri, &parts) == LDAP_URL_SUCCESS &&
		       (lk_str_starts(text, "ldap://") || lk_str_starts(text, "ldaps://") ||
			lk_str_starts(text, "ldapi://"));

	/* "ldap://" alone would mean localhost; nobody who writes that means it. */
	if (is_good && !lk_str_starts(text, "ldapi://"))
		is_good = parts->lud_host != NULL && parts->lud_host[0] != '\0';
	ldap_free_urldesc(parts);
	if (!is_good)
		lk_why_add(why, "%s is no address of an LDAP server", uri);
	return is_good;
}

static bool
uris_take(struct dir_servers *servers, const char *const *uris, struct lk_why *why)
{
	for (; *uris != NULL; uris++) {
		if (servers->count == DIR_SERVERS_MAX) {
			lk_why_add(why, "more than %u LDAP servers", DIR_SERVERS_MAX);
			return false;
		}
		if (!uri_check(*uris, why))
			return false;
		if (dir_tls_is_used(&servers->settings, *uris) &&
		    !dir_tls_check(&servers->settings)) {
			lk_why_add(why, "the CA's certificates for %s cannot be read", *uris);
			return false;
		}
		servers->each[servers->count].uri = *uris;
		atomic_init(&servers->each[servers->count].is_up, true);
		servers->count++;
	}
	return true;
}

struct dir_servers *
dir_servers_new(const struct dir_settings *settings, struct lk_why *why)
{
	struct dir_servers *servers;

	if (!library_init())
		return NULL;
	servers = calloc(1, sizeof *servers);
	if (servers == NULL)
		return NULL;
	servers->settings = *settings;
	if (settings->clock == NULL)
		servers->settings.clock = lk_clock_system();
	if (uris_take(servers, settings->uris, why))
		return servers;
	free(servers);
	return NULL;
}

void
dir_servers_free(struct dir_servers *servers)
{
	free(servers);
}

const char *
dir_servers_uri(const struct dir_servers *servers, size_t index, bool *out_is_up)
{
	if (index >= servers->count)
		return NULL;
	*out_is_up = atomic_load(&servers->each[index].is_up);
	return servers->each[index].uri;
}
