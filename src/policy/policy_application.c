/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/url.h"
#include "conf/address.h"
#include "policy/policy_inside.h"

#define TYPE_TEXT   CONF_TEXT
#define TYPE_URL    CONF_URL
#define TYPE_PATH   CONF_PATH
#define TYPE_INT    CONF_INT
#define TYPE_BOOL   CONF_BOOL
#define TYPE_WORD   CONF_WORD
#define TYPE_LIST   CONF_LIST
#define TYPE_NAMES  CONF_NAMES
#define TYPE_PROOFS CONF_OWN
#define TYPE_MOMENT CONF_OWN
#define TYPE_HOURS  CONF_OWN
#define OWN_TEXT    NULL
#define OWN_URL	    NULL
#define OWN_PATH    NULL
#define OWN_INT	    NULL
#define OWN_BOOL    NULL
#define OWN_WORD    NULL
#define OWN_LIST    NULL
#define OWN_NAMES   NULL
#define OWN_PROOFS  &policy_proofs_own
#define OWN_MOMENT  &policy_moment_own
#define OWN_HOURS   &policy_hours_own

static const struct conf_row rows[] = {
#define LK_APPLICATION(type, field, key, preset, min, max, unit, help)                             \
	{TYPE_##type, "application", key,                                                          \
	 preset,      min,	     max,                                                          \
	 unit,	      help,	     offsetof(struct policy_application, field),                   \
	 OWN_##type},
#include "tables/application.def"
};
enum key {
#define LK_APPLICATION(type, field, key, preset, min, max, unit, help) KEY_##field,
#include "tables/application.def"
	KEY_COUNT
};
const struct conf_table policy_application_table = {rows, KEY_COUNT};

/* One file on its way in. */
struct reading {
	const struct policy_application_from *from;
	struct policy_application *application;
	struct conf_place places[KEY_COUNT];
	struct conf_faults *faults;
};

static struct conf_place
place_of(const struct reading *reading, enum key key)
{
	if (reading->places[key].line > 0)
		return reading->places[key];
	return (struct conf_place){reading->application->file, 1, 1};
}

static bool
is_id(const char *text)
{
	return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				 "0123456789._-~")] == '\0';
}

static bool
is_loopback_name(struct lk_str host)
{
	struct conf_ip ip;

	return lk_str_is(host, "localhost") ||
	       (conf_ip_read(host, &ip) && conf_ip_is_loopback(&ip));
}

/* RFC 9700 s2.1, RFC 8252 s7.3: https, or http to the person's own machine; no fragment, no
 * pattern. */
static bool
is_web_address(const char *text)
{
	struct conf_url url;

	if (!conf_url_split(lk_str_c(text), &url) || url.host.len == 0 || url.has_user ||
	    strpbrk(text, "#*\\\"<>") != NULL)
		return false;
	return lk_str_is(url.scheme, "https") ||
	       (lk_str_is(url.scheme, "http") && is_loopback_name(url.host));
}

static void
uri_check(const struct reading *reading, enum key key, const char *uri)
{
	if (!is_web_address(uri))
		conf_fault_add(reading->faults, place_of(reading, key),
			       "%s must hold whole https:// addresses (http:// only to loopback), "
			       "without '*' or '#'; '%.100s' is none",
			       rows[key].key, uri);
}

static void
uris_check(const struct reading *reading, enum key key, const struct conf_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		uri_check(reading, key, list->items[i]);
}

/* RFC 8252 s7.1: an application on a person's device may have a scheme of its own. One that keeps a
 * secret has a server, and that has an address. */
static void
redirects_check(const struct reading *reading)
{
	const struct conf_list *list = &reading->application->redirect_uris;
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (!lk_url_is_own(lk_str_c(list->items[i])))
			uri_check(reading, KEY_redirect_uris, list->items[i]);
		else if (!reading->application->is_public)
			conf_fault_add(reading->faults, place_of(reading, KEY_redirect_uris),
				       "redirect_uris may hold an application's own scheme only "
				       "with auth_method = none; '%.100s' is one",
				       list->items[i]);
	}
}

static bool
secrets_read(const struct reading *reading)
{
	struct policy_application *application = reading->application;
	const struct conf_list *list = &application->secret_digests;
	struct policy_secret *secrets =
	    lk_arena_alloc(reading->from->arena, (list->count + 1) * sizeof secrets[0]);
	size_t i;

	if (secrets == NULL)
		return false;
	for (i = 0; i < list->count; i++) {
		/* Not shown: it may be the secret itself, put here by mistake. */
		if (!policy_secret_read(lk_str_c(list->items[i]), &secrets[i]))
			conf_fault_add(reading->faults, place_of(reading, KEY_secret_digests),
				       "secret_digests must hold KEYNUMBER:DIGEST as latchkeyctl "
				       "prints it, never a secret");
	}
	application->secrets = secrets;
	return true;
}

static void
proofs_check(const struct reading *reading)
{
	const struct policy_application *application = reading->application;
	const struct policy_proofs *proofs = &application->proofs;
	struct conf_place place = place_of(reading, KEY_proofs);

	if (application->kind == POLICY_PASSWORD_ONLY) {
		if (proofs->count != 1 || proofs->choice[0] != POLICY_PROOF_PASSWORD)
			conf_fault_add(reading->faults, place,
				       "proofs must be password with kind = password_only");
	} else if (proofs->count > 1) {
		conf_fault_add(reading->faults, place,
			       "proofs must not hold 'or': all of them are asked for besides "
			       "what signin.policy asks");
	}
}

static void
groups_settle(const struct reading *reading)
{
	struct policy_application *application = reading->application;
	size_t i;

	for (i = 0; i < application->groups.count; i++) {
		if (strcmp(application->groups.items[i], "everyone") == 0)
			application->is_for_everyone = true;
	}
	if (application->is_for_everyone && application->groups.count > 1)
		conf_fault_add(reading->faults, place_of(reading, KEY_groups),
			       "groups must be everyone alone, or names of groups");
	if (application->groups.count == 0)
		conf_fault_add(reading->faults, place_of(reading, KEY_groups),
			       "groups must be everyone, or names of groups");
}

/* Somebody who reads Welsh is better served by an English name than by none. */
static void
texts_settle(struct policy_application *application)
{
	if (application->name_cy[0] == '\0')
		application->name_cy = application->name_en;
	if (application->description_cy[0] == '\0')
		application->description_cy = application->description_en;
}

static void
fault(const struct reading *reading, enum key key, const char *words)
{
	conf_fault_add(reading->faults, place_of(reading, key), "%s %s", rows[key].key, words);
}

static bool
is_given(const struct reading *reading, enum key key)
{
	return reading->places[key].line > 0;
}

/* What a kind means where the file says nothing. */
static void
kind_settle(const struct reading *reading)
{
	struct policy_application *application = reading->application;
	enum policy_kind kind = (enum policy_kind)application->kind;

	if (kind == POLICY_SPA && !is_given(reading, KEY_auth_method))
		application->auth_method = POLICY_AUTH_NONE;
	application->is_public = application->auth_method == POLICY_AUTH_NONE;
	if (application->is_public && !is_given(reading, KEY_pkce))
		application->pkce = POLICY_PKCE_REQUIRED;
	if (kind == POLICY_RESOURCE_SERVER && application->takes.count == 0)
		application->takes_everyone = true;
}

/* RFC 6749 s2.3: one method bound to one client. */
static void
auth_check(const struct reading *reading)
{
	const struct policy_application *application = reading->application;
	enum policy_auth method = (enum policy_auth)application->auth_method;
	bool has_secret = method == POLICY_AUTH_BASIC || method == POLICY_AUTH_POST;
	bool has_file = application->jwks_file != NULL, has_uri = application->jwks_uri[0] != '\0';

	if (application->kind == POLICY_SPA && method != POLICY_AUTH_NONE)
		fault(reading, KEY_auth_method,
		      "must be none with kind = spa: a browser keeps no "
		      "secret");
	if (method == POLICY_AUTH_NONE &&
	    (application->kind == POLICY_ROBOT || application->kind == POLICY_RESOURCE_SERVER))
		fault(reading, KEY_auth_method,
		      "must not be none with kind = robot or resource_server");
	if (!has_secret && application->secret_digests.count > 0)
		fault(reading, KEY_secret_digests,
		      "must be left out: its auth_method is one without a secret");
	if (application->is_public && application->pkce != POLICY_PKCE_REQUIRED)
		fault(reading, KEY_pkce, "must be required with auth_method = none");
	if (has_file && has_uri)
		fault(reading, KEY_jwks_uri, "must be left out with jwks_file: one of both");
	if (method == POLICY_AUTH_KEY && !has_file && !has_uri)
		fault(reading, KEY_auth_method,
		      "= private_key_jwt needs jwks_file or jwks_uri, where its keys are");
}

static void
url_check(const struct reading *reading, enum key key, const char *url)
{
	if (url[0] != '\0' && !is_web_address(url))
		fault(reading, key,
		      "must be a whole https:// address (http:// only to loopback), without '*' "
		      "or '#'");
}

/* RFC 6749 s3.3 scope-token. */
static bool
is_scope(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < 0x21 || *text > 0x7e || *text == '"' || *text == '\\')
			return false;
	}
	return true;
}

/* RFC 8707 s2: absolute, without a fragment. */
static bool
is_resource(const char *text)
{
	struct conf_url url;

	return conf_url_split(lk_str_c(text), &url) && url.host.len > 0 && !url.has_user &&
	       strpbrk(text, "#*\\\"<>") == NULL;
}

/* "docs.example", "docs.example:8443": what a Host header says. */
static bool
is_host(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
	size_t len = strspn(text, letters);
	struct lk_str host;
	uint16_t port;

	if (len == 0 || len > 253 || text[0] == '.' || text[0] == '-')
		return false;
	return text[len] == '\0' ||
	       (conf_host_port_split(lk_str_c(text), &host, &port) && host.len == len);
}

static void
items_check(const struct reading *reading, enum key key, bool (*is_good)(const char *text),
	    const char *words)
{
	const struct conf_list *list =
	    (const void *)((const char *)reading->application + rows[key].offset);
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (!is_good(list->items[i]))
			conf_fault_add(reading->faults, place_of(reading, key),
				       "%s must hold %s; '%.100s' is none", rows[key].key, words,
				       list->items[i]);
	}
}

static void
takes_settle(const struct reading *reading)
{
	struct policy_application *application = reading->application;
	size_t i;

	for (i = 0; i < application->takes.count; i++) {
		if (strcmp(application->takes.items[i], "everyone") == 0)
			application->takes_everyone = true;
	}
	if (application->takes_everyone && application->takes.count > 1)
		fault(reading, KEY_takes, "must be everyone alone, or names of applications");
}

static bool
networks_settle(const struct reading *reading)
{
	struct policy_application *application = reading->application;
	const struct conf_list *list = &application->networks;
	struct conf_network *ranges =
	    lk_arena_alloc(reading->from->arena, (list->count + 1) * sizeof ranges[0]);
	size_t i;

	if (ranges == NULL)
		return false;
	for (i = 0; i < list->count; i++) {
		if (!conf_network_read(lk_str_c(list->items[i]), &ranges[i]))
			conf_fault_add(reading->faults, place_of(reading, KEY_networks),
				       "networks must hold addresses or networks like 10.1.0.0/16; "
				       "'%.100s' is none",
				       list->items[i]);
	}
	application->ranges = ranges;
	return true;
}

static void
robot_check(const struct reading *reading)
{
	const struct policy_application *application = reading->application;
	int64_t now_s = reading->from->now_s;
	size_t i;

	if (application->kind != POLICY_ROBOT)
		return;
	if (application->owner[0] == '\0')
		fault(reading, KEY_owner, "must be given with kind = robot: who answers for it");
	if (application->purpose[0] == '\0')
		fault(reading, KEY_purpose, "must be given with kind = robot: what it is for");
	if (application->expires_at_s == 0)
		fault(reading, KEY_expires_at_s,
		      "must be given with kind = robot, at most a year ahead");
	else if (now_s > 0 && application->expires_at_s > now_s + POLICY_LIFE_MAX_S)
		fault(reading, KEY_expires_at_s, "must be at most a year ahead");
	for (i = 0; i < application->scopes.count; i++) {
		if (strcmp(application->scopes.items[i], "openid") == 0 ||
		    strcmp(application->scopes.items[i], "offline_access") == 0)
			fault(reading, KEY_scopes,
			      "must hold neither openid nor offline_access with kind = robot: it "
			      "acts for nobody");
	}
}

static void
device_check(const struct reading *reading)
{
	int kind = reading->application->kind;

	if (reading->application->device &&
	    (kind == POLICY_ROBOT || kind == POLICY_RESOURCE_SERVER))
		fault(reading, KEY_device, "must be no: nobody signs in to this kind");
}

static void
lists_check(const struct reading *reading)
{
	redirects_check(reading);
	uris_check(reading, KEY_signed_out_uris, &reading->application->signed_out_uris);
	items_check(reading, KEY_scopes, is_scope, "scopes of printable letters without quotes");
	items_check(reading, KEY_resources, is_resource,
		    "whole addresses like https://files.example, without '*' or '#'");
	items_check(reading, KEY_takes, is_id, "names of applications, or everyone");
	items_check(reading, KEY_hosts, is_host, "host names in small letters, or HOST:PORT");
}

static void
application_check(const struct reading *reading)
{
	struct policy_application *application = reading->application;

	if (!is_id(application->client_id))
		conf_fault_add(reading->faults, place_of(reading, KEY_client_id),
			       "client_id must be letters, digits, '.', '_', '-' and '~'");
	kind_settle(reading);
	url_check(reading, KEY_start_url, application->start_url);
	lists_check(reading);
	proofs_check(reading);
	groups_settle(reading);
	url_check(reading, KEY_backchannel_logout_uri, application->backchannel_logout_uri);
	url_check(reading, KEY_frontchannel_logout_uri, application->frontchannel_logout_uri);
	url_check(reading, KEY_jwks_uri, application->jwks_uri);
	takes_settle(reading);
	auth_check(reading);
	robot_check(reading);
	device_check(reading);
	texts_settle(application);
}

bool
policy_application_text_read(const struct policy_application_from *from, struct lk_str text,
			     struct conf_faults *faults, struct policy_application *out)
{
	struct reading reading = {.from = from, .application = out, .faults = faults};
	struct conf_reading values = {&policy_application_table, from->arena, faults, out,
				      reading.places};
	size_t before = conf_faults_count(faults);

	memset(out, 0, sizeof *out);
	out->file = from->file;
	out->people_scopes = from->people_scopes;
	if (!conf_table_preset(&values))
		return false;
	conf_table_read(&values, from->file, text);
	conf_table_need(&values, (struct conf_place){from->file, 1, 1});
	if (conf_faults_count(faults) == before)
		application_check(&reading);
	return secrets_read(&reading) && networks_settle(&reading);
}

static void
value_write(const struct policy_application *application, enum key key, struct lk_buf *out)
{
	bool is_number = rows[key].type == CONF_INT;

	if (key == KEY_secret_digests && application->secret_digests.count > 0)
		lk_buf_printf(out, "%zu", application->secret_digests.count);
	else if (key != KEY_secret_digests)
		conf_value_write(&rows[key], application, out);
	if (is_number && out->len == 1 && out->bytes[0] == '0')
		lk_buf_clear(out); /* not limited: as if it were not there */
	else if (is_number)
		lk_buf_printf(out, " %s", rows[key].unit);
}

bool
policy_application_next(const struct policy_application *application, size_t *at,
			const char **out_key, struct lk_buf *out_value)
{
	for (; *at < KEY_COUNT; (*at)++) {
		lk_buf_clear(out_value);
		value_write(application, (enum key) * at, out_value);
		if (out_value->len == 0)
			continue;
		*out_key = rows[(*at)++].key;
		return true;
	}
	return false;
}
