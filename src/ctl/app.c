/* SPDX-License-Identifier: MIT */
/* The registered applications, read from their files. */
#include "base/json.h"
#include "ctl/need.h"
#include "ctl/verbs.h"
#include "policy/draft.h"

#define TEXT_MAX_BYTES 1048576u

static const char *
kind_name(int kind)
{
	static const char *const names[] = {
	    [POLICY_WEB] = "web",
	    [POLICY_SPA] = "spa",
	    [POLICY_ROBOT] = "robot",
	    [POLICY_RESOURCE_SERVER] = "resource_server",
	    [POLICY_PASSWORD_ONLY] = "password_only",
	};

	return names[kind];
}

static void
member_text(struct lk_buf *json, const char *name, const char *value)
{
	lk_buf_printf(json, ",\"%s\":", name);
	lk_json_quote(json, lk_str_c(value));
}

static void
member_list(struct lk_buf *json, const char *name, const struct conf_list *list)
{
	lk_buf_printf(json, ",\"%s\":[", name);
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			lk_buf_add_byte(json, ',');
		lk_json_quote(json, lk_str_c(list->items[i]));
	}
	lk_buf_add_byte(json, ']');
}

/* Every key of its file, and what holds where the file says nothing. */
static void
settings_json(struct lk_buf *json, const struct policy_application *application)
{
	const char *key;
	size_t at = 0, count = 0;
	LK_AUTO_BUF value;

	lk_buf_init(&value, TEXT_MAX_BYTES);
	lk_buf_add_c(json, ",\"settings\":{");
	for (; policy_application_next(application, &at, &key, &value); count++) {
		lk_buf_printf(json, "%s\"%s\":", count == 0 ? "" : ",", key);
		lk_json_quote(json, lk_buf_str(&value));
	}
	lk_buf_add_byte(json, '}');
}

static void
application_json(struct lk_buf *json, const struct policy_application *application)
{
	LK_AUTO_BUF proofs;

	lk_buf_init(&proofs, 256);
	policy_proofs_write(&application->proofs, &proofs);
	lk_buf_add_c(json, "{\"client_id\":");
	lk_json_quote(json, lk_str_c(application->client_id));
	member_text(json, "name", application->name_en);
	member_text(json, "name_cy", application->name_cy);
	member_text(json, "description", application->description_en);
	member_text(json, "kind", kind_name(application->kind));
	member_list(json, "groups", &application->groups);
	member_text(json, "start_url", application->start_url);
	member_list(json, "redirect_uris", &application->redirect_uris);
	member_list(json, "signed_out_uris", &application->signed_out_uris);
	lk_buf_printf(json, ",\"secret_count\":%zu", application->secret_digests.count);
	lk_buf_add_c(json, ",\"proofs\":");
	lk_json_quote(json, lk_buf_str(&proofs));
	member_text(json, "file", application->file);
	settings_json(json, application);
	lk_buf_add_byte(json, '}');
}

static void
list_json(struct ctl *ctl, const struct policy *policy)
{
	const struct policy_application *application;
	LK_AUTO_BUF json;

	lk_buf_init(&json, TEXT_MAX_BYTES);
	lk_buf_add_c(&json, "{\"ok\":true,\"applications\":[");
	for (size_t i = 0; (application = policy_application_at(policy, i)) != NULL; i++) {
		if (i > 0)
			lk_buf_add_byte(&json, ',');
		application_json(&json, application);
	}
	fprintf(ctl->out, "%.*s]}\n", LK_STR_ARGS(lk_buf_str(&json)));
}

static void
list_text(struct ctl *ctl, const struct policy *policy)
{
	const struct policy_application *application;

	for (size_t i = 0; (application = policy_application_at(policy, i)) != NULL; i++) {
		LK_AUTO_BUF line;

		lk_buf_init(&line, 4096);
		lk_buf_printf(&line, "%-20s %-16s %s", application->client_id,
			      kind_name(application->kind), application->name_en);
		ctl_put(ctl, lk_buf_str(&line));
	}
}

enum ctl_exit
ctl_app_list_run(struct ctl *ctl)
{
	struct policy *policy = ctl_policy_need(ctl);

	if (policy == NULL)
		return CTL_REFUSED;
	if (ctl->is_set[CTL_OPTION_JSON])
		list_json(ctl, policy);
	else
		list_text(ctl, policy);
	policy_free(policy);
	return CTL_DONE;
}

static void
application_put(struct ctl *ctl, const struct policy_application *application)
{
	const char *key;
	size_t at = 0;
	LK_AUTO_BUF value;
	LK_AUTO_BUF line;

	lk_buf_init(&value, TEXT_MAX_BYTES);
	lk_buf_init(&line, TEXT_MAX_BYTES);
	while (policy_application_next(application, &at, &key, &value)) {
		lk_buf_clear(&line);
		lk_buf_printf(&line, "%-23s %.*s", key, LK_STR_ARGS(lk_buf_str(&value)));
		ctl_put(ctl, lk_buf_str(&line));
	}
	lk_buf_clear(&line);
	lk_buf_printf(&line, "%-23s %s", "file", application->file);
	ctl_put(ctl, lk_buf_str(&line));
}

enum ctl_exit
ctl_app_show_run(struct ctl *ctl)
{
	struct policy *policy = ctl_policy_need(ctl);
	const struct policy_application *application;
	LK_AUTO_BUF json;

	lk_buf_init(&json, TEXT_MAX_BYTES);
	if (policy == NULL)
		return CTL_REFUSED;
	application = policy_application_find(policy, lk_str_c(ctl->args[0]));
	if (application == NULL) {
		ctl_complain(ctl, "no application is called %s", ctl->args[0]);
	} else if (ctl->is_set[CTL_OPTION_JSON]) {
		application_json(&json, application);
		fprintf(ctl->out, "{\"ok\":true,\"application\":%.*s}\n",
			LK_STR_ARGS(lk_buf_str(&json)));
	} else {
		application_put(ctl, application);
	}
	policy_free(policy);
	return application == NULL ? CTL_REFUSED : CTL_DONE;
}
