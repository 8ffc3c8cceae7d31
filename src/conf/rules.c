/* SPDX-License-Identifier: MIT */
#include "conf/rules.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/address.h"
#include "conf/secret_file.h"

struct check {
	const struct conf *conf;
	const char *main_file;
	struct conf_faults *faults;
};

/* Where a key stands; a key nobody gave is mended at the top of the main file. */
static struct conf_place
place_of(const struct check *check, enum conf_key key)
{
	struct conf_place place = check->conf->places[key];

	if (place.line == 0)
		place = (struct conf_place){check->main_file, 1, 1};
	return place;
}

static void
fault(const struct check *check, enum conf_key key, const char *words)
{
	conf_fault_add(check->faults, place_of(check, key), "%s %s", conf_table.rows[key].key,
		       words);
}

static bool
is_one_of(struct lk_str word, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (lk_str_is(word, *words))
			return true;
	}
	return false;
}

/* An origin (RFC 6454): scheme, host, maybe port, and nothing behind it. */
static void
base_url_check(const struct check *check)
{
	static const char *const schemes[] = {"http", "https", NULL};
	struct conf_url url;

	if (!conf_url_split(lk_str_c(check->conf->base_url), &url) ||
	    !is_one_of(url.scheme, schemes) || url.host.len == 0)
		fault(check, CONF_KEY_base_url, "must be https://HOST or https://HOST:PORT");
	else if (url.rest.len > 0)
		fault(check, CONF_KEY_base_url,
		      "must end after the host or port, without '/' or a path");
}

static void
tls_check(const struct check *check)
{
	const struct conf *conf = check->conf;
	bool has_tls = conf->tls_certificate_file != NULL;

	if (has_tls && conf->tls_key_file == NULL)
		fault(check, CONF_KEY_tls_certificate_file, "needs tls_key_file beside it");
	if (!has_tls && conf->tls_key_file != NULL)
		fault(check, CONF_KEY_tls_key_file, "needs tls_certificate_file beside it");
	if (has_tls && !conf->is_https)
		fault(check, CONF_KEY_base_url,
		      "must begin with https:// when tls_certificate_file is given");
}

/* Passwords must not cross a network in the clear. */
static void
listen_check(const struct check *check)
{
	const struct conf *conf = check->conf;

	if (conf->listen.host == NULL)
		fault(check, CONF_KEY_listen, "must not be empty");
	else if (!conf->listen.is_loopback && conf->tls_certificate_file == NULL &&
		 (conf->trusted_proxies.count == 0 || !conf->is_https))
		fault(check, CONF_KEY_listen,
		      "must be a loopback address such as 127.0.0.1, unless tls_certificate_file "
		      "is given, or trusted_proxies is and base_url begins with https://");
	if (conf->metrics_listen.host != NULL && !conf->metrics_listen.is_loopback)
		fault(check, CONF_KEY_metrics_listen,
		      "must be a loopback address such as 127.0.0.1");
}

static void
networks_check(const struct check *check, enum conf_key key, const struct conf_list *list)
{
	struct conf_network network;
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (conf_network_read(lk_str_c(list->items[i]), &network))
			continue;
		conf_fault_add(check->faults, place_of(check, key),
			       "%s must hold addresses or networks like 10.0.0.0/8; '%.60s' is "
			       "none",
			       conf_table.rows[key].key, list->items[i]);
	}
}

static bool
is_directory_uri(struct lk_str text)
{
	static const char *const net[] = {"ldap", "ldaps", NULL};
	struct conf_url url;

	if (lk_str_starts(text, "ldapi://"))
		return true;
	return conf_url_split(text, &url) && is_one_of(url.scheme, net) && url.host.len > 0 &&
	       !url.has_user && (url.rest.len == 0 || lk_str_is(url.rest, "/"));
}

static void
directory_check(const struct check *check)
{
	const struct conf *conf = check->conf;
	size_t i;

	if (conf->directory_uris.count == 0)
		fault(check, CONF_KEY_directory_uris, "must not be empty");
	for (i = 0; i < conf->directory_uris.count; i++) {
		struct lk_str uri = lk_str_c(conf->directory_uris.items[i]);

		if (!is_directory_uri(uri))
			conf_fault_add(
			    check->faults, place_of(check, CONF_KEY_directory_uris),
			    "uris must hold ldap://HOST, ldaps://HOST or ldapi://PATH; '%.80s' is "
			    "none",
			    uri.ptr);
		else if (conf->directory_starttls && !lk_str_starts(uri, "ldap://"))
			conf_fault_add(check->faults, place_of(check, CONF_KEY_directory_starttls),
				       "starttls must be no with '%.80s': only ldap:// takes it",
				       uri.ptr);
	}
}

static void
store_url_check(const struct check *check)
{
	struct conf_url url;
	uint64_t number;

	if (!conf_url_split(lk_str_c(check->conf->store_url), &url))
		return; /* told before */
	if (lk_str_is(url.scheme, "unix") && url.host.len == 0 && lk_str_starts(url.rest, "/"))
		return;
	if (lk_str_is(url.scheme, "redis") && url.host.len > 0 &&
	    (url.rest.len <= 1 || lk_str_to_u64(lk_str_from(url.rest, 1), &number)))
		return;
	fault(check, CONF_KEY_store_url, "must be redis://HOST:PORT/DB or unix:///PATH?db=N");
}

static void
smtp_url_check(const struct check *check)
{
	static const char *const schemes[] = {"smtp", "smtps", NULL};
	struct conf_url url;

	if (!conf_url_split(lk_str_c(check->conf->smtp_url), &url) ||
	    !is_one_of(url.scheme, schemes) || url.host.len == 0)
		fault(check, CONF_KEY_smtp_url, "must be smtp://HOST:PORT or smtps://HOST:PORT");
	else if (check->conf->smtp_starttls && lk_str_is(url.scheme, "smtps"))
		fault(check, CONF_KEY_smtp_starttls, "must be no with smtps://");
}

static void
words_check(const struct check *check)
{
	const struct conf *conf = check->conf;
	enum lk_log_level level;
	size_t at = lk_str_find(lk_str_c(conf->mail_from), '@');

	if (!lk_log_level_find(lk_str_c(conf->log_level), &level))
		fault(check, CONF_KEY_log_level, "must be debug, info, warning or error");
	if (at == 0 || at + 1 >= strlen(conf->mail_from) || strpbrk(conf->mail_from, "<> ") != NULL)
		fault(check, CONF_KEY_mail_from,
		      "must be an address like signin@example.org, without a name");
	if (conf->time_zone[0] == '/' || strstr(conf->time_zone, "..") != NULL)
		fault(check, CONF_KEY_time_zone, "must be a name like Europe/London");
}

static void
secret_check(const struct check *check, enum conf_key key, const char *path)
{
	const char *words = path == NULL ? NULL : conf_secret_file_fault(path);

	if (words != NULL)
		conf_fault_add(check->faults, place_of(check, key), "%s: %s %s",
			       conf_table.rows[key].key, path, words);
}

static void
readable_check(const struct check *check, enum conf_key key, const char *path)
{
	if (path != NULL && access(path, R_OK) != 0)
		conf_fault_add(check->faults, place_of(check, key), "%s: %s cannot be read: %s",
			       conf_table.rows[key].key, path, strerrordesc_np(errno));
}

static void
files_check(const struct check *check)
{
	const struct conf *conf = check->conf;

	secret_check(check, CONF_KEY_tls_key_file, conf->tls_key_file);
	secret_check(check, CONF_KEY_directory_bind_password_file,
		     conf->directory_bind_password_file);
	secret_check(check, CONF_KEY_store_password_file, conf->store_password_file);
	secret_check(check, CONF_KEY_key_file, conf->key_file);
	readable_check(check, CONF_KEY_tls_certificate_file, conf->tls_certificate_file);
	readable_check(check, CONF_KEY_directory_ca_file, conf->directory_ca_file);
}

void
conf_rules_check(const struct conf *conf, enum conf_reader reader, const char *main_file,
		 struct conf_faults *faults)
{
	struct check check = {conf, main_file, faults};

	base_url_check(&check);
	tls_check(&check);
	listen_check(&check);
	networks_check(&check, CONF_KEY_trusted_proxies, &conf->trusted_proxies);
	networks_check(&check, CONF_KEY_call_allow, &conf->call_allow);
	directory_check(&check);
	store_url_check(&check);
	smtp_url_check(&check);
	words_check(&check);
	readable_check(&check, CONF_KEY_smtp_ca_file, conf->smtp_ca_file);
	readable_check(&check, CONF_KEY_call_ca_file, conf->call_ca_file);
	if (reader == CONF_READER_DAEMON)
		files_check(&check);
}
