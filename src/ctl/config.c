/* SPDX-License-Identifier: MIT */
/* The configuration as it stands in files, or as the daemon runs with it. */
#include "base/json.h"
#include "client/wire.h"
#include "conf/conf.h"
#include "ctl/ask.h"
#include "ctl/need.h"
#include "ctl/verbs.h"

#define TEXT_MAX_BYTES 1048576u

/* {"ok": …, "faults": […]} or a line each. */
static enum ctl_exit
faults_end(struct ctl *ctl, const struct conf_faults *faults, const char *good)
{
	LK_AUTO_BUF json;

	lk_buf_init(&json, TEXT_MAX_BYTES);
	if (!ctl->is_set[CTL_OPTION_JSON]) {
		ctl_faults_put(ctl->out, faults);
		if (conf_faults_count(faults) == 0)
			ctl_note(ctl, "%s", good);
		return conf_faults_count(faults) == 0 ? CTL_DONE : CTL_REFUSED;
	}
	lk_buf_printf(&json, "{\"ok\":%s,\"faults\":[",
		      conf_faults_count(faults) == 0 ? "true" : "false");
	for (size_t i = 0; i < faults->count; i++) {
		const struct conf_fault *fault = &faults->rows[i];

		lk_buf_add_c(&json, i == 0 ? "{\"file\":" : ",{\"file\":");
		lk_json_quote(&json, lk_str_c(fault->place.file));
		lk_buf_printf(&json, ",\"line\":%u,\"column\":%u,\"words\":", fault->place.line,
			      fault->place.column);
		lk_json_quote(&json, lk_str_c(fault->words));
		lk_buf_add_byte(&json, '}');
	}
	lk_buf_add_c(&json, "]}");
	fprintf(ctl->out, "%.*s\n", LK_STR_ARGS(lk_buf_str(&json)));
	return conf_faults_count(faults) == 0 ? CTL_DONE : CTL_REFUSED;
}

enum ctl_exit
ctl_config_check_run(struct ctl *ctl)
{
	struct conf_faults faults;
	enum ctl_exit end;

	conf_faults_init(&faults);
	if (conf_load(ctl_conf_path(ctl), &faults, &ctl->conf) != LK_OK)
		ctl->conf = NULL;
	end = faults_end(ctl, &faults, "nothing is wrong with it");
	conf_faults_done(&faults);
	return end;
}

enum ctl_exit
ctl_policy_check_run(struct ctl *ctl)
{
	const struct conf *conf = ctl_conf_need(ctl);
	struct conf_faults faults;
	struct policy *policy = NULL;
	enum ctl_exit end;

	if (conf == NULL)
		return CTL_REFUSED;
	conf_faults_init(&faults);
	if (ctl_policy_load(conf, NULL, &faults, &policy) == LK_OK)
		policy_free(policy);
	end = faults_end(ctl, &faults, "nothing is wrong with them");
	conf_faults_done(&faults);
	return end;
}

static void
setting_write(const struct conf *conf, enum conf_key key, struct lk_buf *json)
{
	struct conf_shown shown;
	LK_AUTO_BUF value;

	lk_buf_init(&value, CONF_VALUE_MAX_BYTES);
	conf_show_one(conf, key, &shown, &value);
	lk_buf_printf(json, "{\"section\":\"%s\",\"key\":\"%s\",\"value\":", shown.section,
		      shown.key);
	lk_json_quote(json, lk_buf_str(&value));
	if (shown.origin.line > 0) {
		lk_buf_add_c(json, ",\"file\":");
		lk_json_quote(json, lk_str_c(shown.origin.file));
		lk_buf_printf(json, ",\"line\":%u", shown.origin.line);
	}
	lk_buf_add_byte(json, '}');
}

static enum ctl_exit
files_show(struct ctl *ctl)
{
	const struct conf *conf = ctl_conf_need(ctl);
	LK_AUTO_BUF text;

	lk_buf_init(&text, TEXT_MAX_BYTES);
	if (conf == NULL)
		return CTL_REFUSED;
	if (!ctl->is_set[CTL_OPTION_JSON]) {
		conf_show(conf, &text);
		ctl_put(ctl, lk_buf_str(&text));
		return CTL_DONE;
	}
	lk_buf_add_c(&text, "{\"ok\":true,\"settings\":[");
	for (int i = 0; i < CONF_KEY_COUNT; i++) {
		if (i > 0)
			lk_buf_add_byte(&text, ',');
		setting_write(conf, (enum conf_key)i, &text);
	}
	lk_buf_add_c(&text, "]}");
	fprintf(ctl->out, "%.*s\n", LK_STR_ARGS(lk_buf_str(&text)));
	return CTL_DONE;
}

static void
setting_put(struct ctl *ctl, const struct lk_json *setting)
{
	struct lk_str section = ctl_member(setting, "section"), key = ctl_member(setting, "key");
	struct lk_str value = ctl_member(setting, "value"), file = ctl_member(setting, "file");
	LK_AUTO_BUF line;

	lk_buf_init(&line, WIRE_FRAME_MAX_BYTES);
	lk_buf_printf(&line, "[%.*s] %.*s = %.*s  # ", LK_STR_ARGS(section), LK_STR_ARGS(key),
		      LK_STR_ARGS(value));
	if (file.len == 0)
		lk_buf_add_c(&line, "default");
	else
		lk_buf_printf(&line, "%.*s:%lld", LK_STR_ARGS(file),
			      (long long)ctl_member_number(setting, "line"));
	ctl_put(ctl, lk_buf_str(&line));
}

enum ctl_exit
ctl_config_show_run(struct ctl *ctl)
{
	LK_AUTO_BUF question;

	ctl_question_init(&question, "config.show");
	if (!ctl->is_set[CTL_OPTION_RUNNING])
		return files_show(ctl);
	return ctl_ask_list(ctl, &question, "settings", setting_put);
}

enum ctl_exit
ctl_config_default_run(struct ctl *ctl)
{
	LK_AUTO_BUF text;

	lk_buf_init(&text, TEXT_MAX_BYTES);
	conf_sample(&text);
	ctl_put(ctl, lk_buf_str(&text));
	return CTL_DONE;
}

static bool
policy_file_find(const char *word, enum policy_file *out)
{
	static const char *const words[POLICY_FILE_COUNT] = {
	    [POLICY_FILE_PASSWORD] = "password",
	    [POLICY_FILE_LOCKOUT] = "lockout",
	    [POLICY_FILE_RESET] = "reset",
	    [POLICY_FILE_SIGNIN] = "signin",
	};

	for (int i = 0; i < POLICY_FILE_COUNT; i++)
		if (lk_str_is(lk_str_c(word), words[i])) {
			*out = (enum policy_file)i;
			return true;
		}
	return false;
}

static void
rules_put(struct ctl *ctl, struct lk_str text)
{
	LK_AUTO_BUF json;
	struct lk_str line;

	lk_buf_init(&json, TEXT_MAX_BYTES);
	if (!ctl->is_set[CTL_OPTION_JSON]) {
		ctl_put(ctl, text);
		return;
	}
	while (lk_str_split(&text, '\n', &line)) {
		lk_buf_add_c(&json, json.len == 0 ? "{\"ok\":true,\"rules\":[" : ",");
		lk_json_quote(&json, line);
	}
	fprintf(ctl->out, "%.*s]}\n", LK_STR_ARGS(lk_buf_str(&json)));
}

enum ctl_exit
ctl_policy_explain_run(struct ctl *ctl)
{
	struct lk_str groups[32];
	struct policy_who who = {.groups = groups, .group_count = ctl->arg_count - 1};
	struct policy *policy;
	enum policy_file file;
	LK_AUTO_BUF text;

	lk_buf_init(&text, TEXT_MAX_BYTES);
	if (!policy_file_find(ctl->args[0], &file)) {
		ctl_complain(ctl, "%s is none of password, lockout, reset, signin", ctl->args[0]);
		return CTL_USAGE;
	}
	for (size_t i = 0; i < who.group_count; i++)
		groups[i] = lk_str_c(ctl->args[i + 1]);
	policy = ctl_policy_need(ctl);
	if (policy == NULL)
		return CTL_REFUSED;
	policy_explain(policy, file, &who, &text);
	rules_put(ctl, lk_buf_str(&text));
	policy_free(policy);
	return CTL_DONE;
}
