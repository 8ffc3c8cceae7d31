/* SPDX-License-Identifier: MIT */
/* What a registered application may do. */
#include <string.h>
#include <time.h>

#include "conf/address.h"
#include "policy/policy_inside.h"

const struct policy_application *
policy_application_at(const struct policy *policy, size_t index)
{
	return index < policy->application_count ? &policy->applications[index] : NULL;
}

/* As strcmp, of bytes that may hold a 0. */
static int
order_of(struct lk_str a, const char *b)
{
	size_t len = strlen(b), least = a.len < len ? a.len : len;
	int order = least == 0 ? 0 : memcmp(a.ptr, b, least);

	if (order != 0 || a.len == len)
		return order;
	return a.len < len ? -1 : 1;
}

const struct policy_application *
policy_application_find(const struct policy *policy, struct lk_str client_id)
{
	size_t from = 0, to = policy->application_count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = order_of(client_id, policy->by_id[middle]->client_id);

		if (order == 0)
			return policy->by_id[middle];
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}

const struct policy_application *
policy_application_find_host(const struct policy *policy, struct lk_str host)
{
	size_t i;

	for (i = 0; i < policy->application_count; i++) {
		if (policy_application_host_check(&policy->applications[i], host))
			return &policy->applications[i];
	}
	return NULL;
}

bool
policy_application_may_use(const struct policy_application *application,
			   const struct policy_who *who)
{
	size_t i, j;

	if (application->is_for_everyone)
		return true;
	for (i = 0; i < application->groups.count; i++) {
		for (j = 0; j < who->group_count; j++) {
			if (lk_str_is_equal_nocase(who->groups[j],
						   lk_str_c(application->groups.items[i])))
				return true;
		}
	}
	return false;
}

bool
policy_application_is_listed(const struct policy_application *application)
{
	return application->start_url[0] != '\0';
}

static bool
has(const struct conf_list *list, struct lk_str text)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (lk_str_is(text, list->items[i]))
			return true;
	}
	return false;
}

/* "http://127.0.0.1" or "http://[::1]" at the start of text; 0: something else. */
static size_t
loopback_len(struct lk_str text)
{
	static const char *const starts[] = {"http://127.0.0.1", "http://[::1]"};
	size_t i;

	for (i = 0; i < sizeof starts / sizeof starts[0]; i++) {
		if (lk_str_starts(text, starts[i]))
			return strlen(starts[i]);
	}
	return 0;
}

/* What stands behind an optional port; false when that is none. */
static bool
port_skip(struct lk_str *rest)
{
	struct lk_str port;
	uint64_t number;
	size_t len = 1;

	if (!lk_str_starts(*rest, ":"))
		return rest->len == 0 || rest->ptr[0] == '/' || rest->ptr[0] == '?';
	while (len < rest->len && rest->ptr[len] >= '0' && rest->ptr[len] <= '9')
		len++;
	port = lk_str_n(rest->ptr + 1, len - 1);
	*rest = lk_str_from(*rest, len);
	return lk_str_to_u64(port, &number) && number > 0 && number <= UINT16_MAX &&
	       port.ptr[0] != '0' && (rest->len == 0 || rest->ptr[0] == '/' || rest->ptr[0] == '?');
}

/* RFC 8252 s7.3: an application on the person's machine cannot know its port beforehand. */
static bool
is_same_but_port(struct lk_str registered, struct lk_str uri)
{
	size_t len = loopback_len(registered);

	if (len != loopback_len(uri) || memcmp(registered.ptr, uri.ptr, len) != 0)
		return false;
	registered = lk_str_from(registered, len);
	uri = lk_str_from(uri, len);
	return port_skip(&registered) && port_skip(&uri) && lk_str_is_equal(registered, uri);
}

bool
policy_application_any_port_check(const struct policy_application *application, struct lk_str uri)
{
	size_t len = loopback_len(uri);

	uri = lk_str_from(uri, len);
	return application->is_public && len > 0 && port_skip(&uri);
}

bool
policy_application_redirect_check(const struct policy_application *application, struct lk_str uri)
{
	size_t i;

	if (has(&application->redirect_uris, uri))
		return true;
	for (i = 0; i < application->redirect_uris.count; i++) {
		struct lk_str registered = lk_str_c(application->redirect_uris.items[i]);

		if (policy_application_any_port_check(application, registered) &&
		    is_same_but_port(registered, uri))
			return true;
	}
	return false;
}

bool
policy_application_signed_out_check(const struct policy_application *application, struct lk_str uri)
{
	return has(&application->signed_out_uris, uri);
}

bool
policy_application_host_check(const struct policy_application *application, struct lk_str host)
{
	size_t i;

	for (i = 0; i < application->hosts.count; i++) {
		if (lk_str_is_equal_nocase(host, lk_str_c(application->hosts.items[i])))
			return true;
	}
	return false;
}

bool
policy_application_network_check(const struct policy_application *application,
				 struct lk_str address)
{
	struct conf_ip ip;
	size_t i;

	if (application->networks.count == 0)
		return true;
	if (!conf_ip_read(address, &ip))
		return false;
	for (i = 0; i < application->networks.count; i++) {
		if (conf_network_has(&application->ranges[i], &ip))
			return true;
	}
	return false;
}

bool
policy_application_hours_check(const struct policy_application *application, int64_t now_s)
{
	time_t now = (time_t)now_s;
	struct tm parts;

	if (application->hours.count == 0)
		return true;
	return localtime_r(&now, &parts) != NULL &&
	       policy_hours_have(&application->hours, (unsigned)parts.tm_wday,
				 (unsigned)(parts.tm_hour * 60 + parts.tm_min));
}

bool
policy_application_life_check(const struct policy_application *application, int64_t now_s)
{
	int64_t end_s = application->expires_at_s;

	if (end_s == 0)
		return application->kind != POLICY_ROBOT;
	return now_s < end_s &&
	       (application->kind != POLICY_ROBOT || end_s - now_s <= POLICY_LIFE_MAX_S);
}

bool
policy_application_scope_check(const struct policy_application *application, struct lk_str scope)
{
	if (application->scopes.count > 0 || application->kind == POLICY_ROBOT)
		return has(&application->scopes, scope);
	return application->people_scopes != NULL && has(application->people_scopes, scope);
}

static bool
is_scope_text(struct lk_str text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (text.ptr[i] < 0x20 || text.ptr[i] > 0x7e || text.ptr[i] == '"' ||
		    text.ptr[i] == '\\')
			return false;
	}
	return true;
}

/* The next of a blank separated list. */
static bool
word_take(struct lk_str *rest, struct lk_str *out)
{
	while (lk_str_split(rest, ' ', out)) {
		if (out->len > 0)
			return true;
	}
	return false;
}

static bool
words_have(struct lk_str words, struct lk_str word)
{
	struct lk_str one;

	while (word_take(&words, &one)) {
		if (lk_str_is_equal(one, word))
			return true;
	}
	return false;
}

static enum lk_err
all_scopes(const struct conf_list *list, struct lk_arena *arena, struct lk_str *out)
{
	LK_AUTO_BUF joined;
	size_t i;

	lk_buf_init(&joined, CONF_INI_LINE_MAX_BYTES);
	for (i = 0; i < list->count; i++) {
		if (i > 0)
			lk_buf_add_byte(&joined, ' ');
		lk_buf_add_c(&joined, list->items[i]);
	}
	if (!lk_buf_is_ok(&joined))
		return LK_E_MEMORY;
	*out = lk_arena_dup(arena, lk_buf_str(&joined));
	return out->ptr == NULL ? LK_E_MEMORY : LK_OK;
}

enum lk_err
policy_application_scopes_narrow(const struct policy_application *application, struct lk_str asked,
				 struct lk_arena *arena, struct lk_str *out)
{
	struct lk_str rest = asked, word, kept;
	size_t count = 0, len = 0;
	char *room;

	if (!is_scope_text(asked))
		return LK_E_FORMAT;
	if (!word_take(&rest, &word) && application->kind == POLICY_ROBOT)
		return all_scopes(&application->scopes, arena, out);
	room = lk_arena_alloc(arena, asked.len + 1);
	if (room == NULL)
		return LK_E_MEMORY;
	for (rest = asked; word_take(&rest, &word); count++) {
		if (count == POLICY_SCOPES_MAX)
			return LK_E_FORMAT;
		kept = lk_str_n(room, len);
		if (!policy_application_scope_check(application, word) || words_have(kept, word))
			continue;
		if (len > 0)
			room[len++] = ' ';
		memcpy(room + len, word.ptr, word.len);
		len += word.len;
	}
	*out = lk_str_n(room, len);
	return LK_OK;
}

bool
policy_application_may_introspect(const struct policy_application *asker, struct lk_str client_id,
				  struct lk_str audience)
{
	struct lk_str rest = audience, word;
	bool has_audience = false;

	if (client_id.len == 0)
		return false;
	if (lk_str_is(client_id, asker->client_id))
		return true;
	for (; word_take(&rest, &word); has_audience = true) {
		if (has(&asker->resources, word))
			return true;
	}
	return !has_audience && (asker->takes_everyone || has(&asker->takes, client_id));
}

bool
policy_resource_check(const struct policy *policy, struct lk_str resource)
{
	size_t i;

	for (i = 0; i < policy->application_count; i++) {
		if (has(&policy->applications[i].resources, resource))
			return true;
	}
	return false;
}
