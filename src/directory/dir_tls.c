/* SPDX-License-Identifier: MIT */
#include "directory/dir_inside.h"
#include "directory/dir_tls.h"

/* Debian's, Ubuntu's; libldap is told to read no file that names another. */
#define SYSTEM_CA_FILE "/etc/ssl/certs/ca-certificates.crt"

bool
dir_tls_is_used(const struct dir_settings *settings, const char *uri)
{
	struct lk_str text = lk_str_c(uri);

	return lk_str_starts(text, "ldaps://") || dir_tls_is_asked(settings, uri);
}

bool
dir_tls_is_asked(const struct dir_settings *settings, const char *uri)
{
	return settings->wants_starttls && lk_str_starts(lk_str_c(uri), "ldap://");
}

bool
dir_tls_set(LDAP *ld, const struct dir_settings *settings)
{
	const char *ca_file = settings->ca_file;
	int hard = LDAP_OPT_X_TLS_HARD, least = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2, is_server = 0;

	if (ca_file == NULL || ca_file[0] == '\0')
		ca_file = SYSTEM_CA_FILE;
	return ldap_set_option(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &hard) == LDAP_OPT_SUCCESS &&
	       ldap_set_option(ld, LDAP_OPT_X_TLS_CACERTFILE, ca_file) == LDAP_OPT_SUCCESS &&
	       ldap_set_option(ld, LDAP_OPT_X_TLS_PROTOCOL_MIN, &least) == LDAP_OPT_SUCCESS &&
	       ldap_set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &is_server) == LDAP_OPT_SUCCESS;
}

bool
dir_tls_check(const struct dir_settings *settings)
{
	LDAP *ld = NULL;
	bool is_good =
	    ldap_initialize(&ld, "ldaps://127.0.0.1") == LDAP_SUCCESS && dir_tls_set(ld, settings);

	if (ld != NULL)
		(void)ldap_unbind_ext(ld, NULL, NULL);
	return is_good;
}
