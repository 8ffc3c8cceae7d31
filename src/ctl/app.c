/* SPDX-License-Identifier: MIT */
/* The registered applications, read from their files. */
#include "base/json.h"
#include "ctl/need.h"
#include "ctl/verbs.h"
#include "policy/application.h"

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
row_put(struct ctl *ctl, const char *name, const char *value)
{
	LK_AUTO_BUF line;

	lk_buf_init(&line, 8192);
	if (value[0] == '\0')
		return;
	lk_buf_printf(&line, "%-16s %s", name, value);
	ctl_put(ctl, lk_buf_str(&line));
}

static void
list_put(struct ctl *ctl, const char *name, const struct conf_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		row_put(ctl, name, list->items[i]);
}

static void
application_put(struct ctl *ctl, const struct policy_application *application)
{
	LK_AUTO_BUF proofs;

	lk_buf_init(&proofs, 256);
	policy_proofs_write(&application->proofs, &proofs);
	lk_buf_add_byte(&proofs, '\0');
	row_put(ctl, "client_id", application->client_id);
	row_put(ctl, "name", application->name_en);
	row_put(ctl, "name_cy", application->name_cy);
	row_put(ctl, "description", application->description_en);
	row_put(ctl, "kind", kind_name(application->kind));
	list_put(ctl, "group", &application->groups);
	row_put(ctl, "start_url", application->start_url);
	list_put(ctl, "redirect_uri", &application->redirect_uris);
	list_put(ctl, "signed_out_uri", &application->signed_out_uris);
	row_put(ctl, "proofs", proofs.bytes);
	row_put(ctl, "file", application->file);
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
