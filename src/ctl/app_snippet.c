/* SPDX-License-Identifier: MIT */
/* The samples of contrib/apps, filled in for one application. */
#include <string.h>

#include "base/json.h"
#include "conf/address.h"
#include "conf/conf.h"
#include "ctl/need.h"
#include "ctl/verbs.h"
#include "policy/application.h"

#define TEXT_MAX_BYTES 1048576u

struct snippet {
	const char *name, *text;
};
#include "ctl/snippets_made.h"
#define SNIPPETS (sizeof(snippets) / sizeof(snippets[0]))

static const struct snippet *
snippet_find(const char *name)
{
	for (size_t i = 0; i < SNIPPETS; i++)
		if (strcmp(snippets[i].name, name) == 0)
			return &snippets[i];
	return NULL;
}

/* The sample's first sentence: "Grafana: people sign in with their staff ID." */
static struct lk_str
title_of(const struct snippet *snippet)
{
	struct lk_str rest = lk_str_c(snippet->text), line;

	while (lk_str_split(&rest, '\n', &line)) {
		if (!lk_str_ends(line, "."))
			continue;
		while (line.len > 0 && strchr("#/ ", line.ptr[0]) != NULL)
			line = lk_str_from(line, 1);
		return line;
	}
	return LK_STR("");
}

static enum ctl_exit
all_list(struct ctl *ctl)
{
	LK_AUTO_BUF out;

	lk_buf_init(&out, TEXT_MAX_BYTES);
	for (size_t i = 0; i < SNIPPETS; i++) {
		struct lk_str title = title_of(&snippets[i]);

		if (!ctl->is_set[CTL_OPTION_JSON]) {
			lk_buf_printf(&out, "%-16s %.*s\n", snippets[i].name, LK_STR_ARGS(title));
			continue;
		}
		lk_buf_add_c(&out, i == 0 ? "{\"ok\":true,\"snippets\":[" : ",");
		lk_buf_printf(&out, "{\"name\":\"%s\",\"title\":", snippets[i].name);
		lk_json_quote(&out, title);
		lk_buf_add_byte(&out, '}');
	}
	if (ctl->is_set[CTL_OPTION_JSON])
		fprintf(ctl->out, "%.*s]}\n", LK_STR_ARGS(lk_buf_str(&out)));
	else
		ctl_put(ctl, lk_buf_str(&out));
	return CTL_DONE;
}

/* Its address to come back to; a sample's own words when it has none. */
static const char *
redirect_of(const struct policy_application *application)
{
	return application->redirect_uris.count > 0 ? application->redirect_uris.items[0]
						    : "https://SITE/REDIRECT-ADDRESS";
}

/* What a web server needs of an address: its host and port, in the forms there are. */
static void
host_add(const char *text, struct lk_str form, struct lk_buf *out)
{
	bool is_name = lk_str_ends(form, "_NAME"), is_server = lk_str_ends(form, "_SERVER");
	struct conf_url url;

	if (!conf_url_split(lk_str_c(text), &url) || url.host.len == 0 ||
	    !lk_str_starts(url.scheme, "http")) {
		lk_buf_add_c(out, "SITE");
		return;
	}
	if (lk_str_find(url.host, ':') < url.host.len)
		lk_buf_printf(out, "[%.*s]", LK_STR_ARGS(url.host));
	else
		lk_buf_add_str(out, url.host);
	if (!is_name && url.port != 0)
		lk_buf_printf(out, ":%u", (unsigned)url.port);
	else if (is_server)
		lk_buf_add_c(out, lk_str_is(url.scheme, "https") ? ":443" : ":80");
}

/* What stands for @WORD@; false: it stands for itself. */
static bool
place_add(const struct ctl *ctl, const struct policy_application *application, struct lk_str word,
	  struct lk_buf *out)
{
	if (lk_str_is(word, "ISSUER"))
		lk_buf_add_c(out, ctl->conf->base_url);
	else if (lk_str_is(word, "ISSUER_HOST") || lk_str_is(word, "ISSUER_NAME") ||
		 lk_str_is(word, "ISSUER_SERVER"))
		host_add(ctl->conf->base_url, word, out);
	else if (lk_str_is(word, "NAME"))
		lk_buf_add_c(out, ctl->conf->service_name);
	else if (lk_str_is(word, "CLIENT_ID"))
		lk_buf_add_c(out, application->client_id);
	else if (lk_str_is(word, "REDIRECT"))
		lk_buf_add_c(out, redirect_of(application));
	else if (lk_str_is(word, "SITE") || lk_str_is(word, "SITE_NAME"))
		host_add(redirect_of(application), word, out);
	else if (lk_str_is(word, "SECRET"))
		/* Only its digest is known, and that is as it should be. */
		lk_buf_add_c(out, "PUT-ITS-SECRET-HERE");
	else
		return false;
	return true;
}

static void
fill(const struct ctl *ctl, const struct policy_application *application, struct lk_str text,
     struct lk_buf *out)
{
	while (text.len > 0) {
		size_t at = lk_str_find(text, '@');
		struct lk_str rest = lk_str_from(text, at + 1), word;

		lk_buf_add(out, text.ptr, at);
		word = lk_str_n(rest.ptr, lk_str_find(rest, '@'));
		if (at < text.len && word.len < rest.len &&
		    place_add(ctl, application, word, out)) {
			text = lk_str_from(rest, word.len + 1);
			continue;
		}
		if (at < text.len)
			lk_buf_add_byte(out, '@');
		text = rest;
	}
}

static void
filled_put(struct ctl *ctl, const struct policy_application *application,
	   const struct snippet *snippet)
{
	LK_AUTO_BUF text;
	LK_AUTO_BUF json;

	lk_buf_init(&text, TEXT_MAX_BYTES);
	lk_buf_init(&json, TEXT_MAX_BYTES);
	fill(ctl, application, lk_str_c(snippet->text), &text);
	if (!ctl->is_set[CTL_OPTION_JSON]) {
		/* Not ctl_put: tabs are part of it. Nothing in it came from strangers. */
		fprintf(ctl->out, "%.*s", LK_STR_ARGS(lk_buf_str(&text)));
		return;
	}
	lk_buf_printf(&json, "{\"ok\":true,\"name\":\"%s\",\"text\":", snippet->name);
	lk_json_quote(&json, lk_buf_str(&text));
	fprintf(ctl->out, "%.*s}\n", LK_STR_ARGS(lk_buf_str(&json)));
}

enum ctl_exit
ctl_app_snippet_run(struct ctl *ctl)
{
	const struct policy_application *application;
	const struct snippet *snippet;
	struct policy *policy;

	if (ctl->arg_count == 0)
		return all_list(ctl);
	if (ctl->arg_count == 1) {
		ctl_complain(ctl, "usage: latchkeyctl app snippet NAME ID");
		return CTL_USAGE;
	}
	snippet = snippet_find(ctl->args[0]);
	policy = ctl_policy_need(ctl);
	if (policy == NULL)
		return CTL_REFUSED;
	application = policy_application_find(policy, lk_str_c(ctl->args[1]));
	if (snippet == NULL)
		ctl_complain(ctl, "there is no sample for %s; see latchkeyctl app snippet",
			     ctl->args[0]);
	else if (application == NULL)
		ctl_complain(ctl, "no application is called %s", ctl->args[1]);
	else
		filled_put(ctl, application, snippet);
	policy_free(policy);
	return snippet == NULL || application == NULL ? CTL_REFUSED : CTL_DONE;
}
