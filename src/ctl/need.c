/* SPDX-License-Identifier: MIT */
#include "conf/conf.h"
#include "ctl/ctl.h"
#include "ctl/need.h"

void
ctl_faults_put(FILE *out, const struct conf_faults *faults)
{
	LK_AUTO_BUF words;
	struct lk_str text, line;

	lk_buf_init(&words, CTL_FAULTS_MAX_BYTES);
	conf_faults_write(faults, &words);
	text = lk_buf_str(&words);
	if (text.len > 0)
		text.len--;
	while (lk_str_split(&text, '\n', &line)) {
		LK_AUTO_BUF plain;

		lk_buf_init(&plain, CTL_FAULTS_MAX_BYTES);
		ctl_plain(&plain, line);
		fprintf(out, "%.*s\n", LK_STR_ARGS(lk_buf_str(&plain)));
	}
}

const char *
ctl_conf_path(const struct ctl *ctl)
{
	const char *given = ctl->value[CTL_OPTION_CONFIG];

	return given == NULL ? CTL_CONFIG : given;
}

const struct conf *
ctl_conf_need(struct ctl *ctl)
{
	struct conf_faults faults;

	if (ctl->conf != NULL)
		return ctl->conf;
	conf_faults_init(&faults);
	if (conf_load(ctl_conf_path(ctl), &faults, &ctl->conf) != LK_OK) {
		ctl->conf = NULL;
		ctl_faults_put(ctl->err, &faults);
	}
	conf_faults_done(&faults);
	return ctl->conf;
}

enum lk_err
ctl_policy_load(const struct conf *conf, const struct policy_drafts *drafts,
		struct conf_faults *faults, struct policy **out)
{
	const struct policy_from from = {
	    .dir = conf->policies_dir,
	    .common_passwords_file = conf->common_passwords_file,
	    .service_name = conf->service_name,
	    .now_s = lk_clock_wall_s(lk_clock_system()),
	};

	return policy_load_with(&from, drafts, faults, out);
}

struct policy *
ctl_policy_need(struct ctl *ctl)
{
	return ctl_policy_need_with(ctl, NULL);
}

struct policy *
ctl_policy_need_with(struct ctl *ctl, const struct policy_drafts *drafts)
{
	const struct conf *conf = ctl_conf_need(ctl);
	struct policy *policy = NULL;
	struct conf_faults faults;

	if (conf == NULL)
		return NULL;
	conf_faults_init(&faults);
	if (ctl_policy_load(conf, drafts, &faults, &policy) != LK_OK) {
		policy = NULL;
		ctl_faults_put(ctl->err, &faults);
	}
	conf_faults_done(&faults);
	return policy;
}
