/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "daemon/daemon.h"
#include "flow/help.h"

void
daemon_faults_log(const struct daemon *daemon, const struct conf_faults *faults)
{
	size_t i;

	for (i = 0; i < faults->count; i++) {
		const struct conf_fault *fault = &faults->rows[i];

		lk_log(&daemon->log, LK_LOG_ERROR, "config", LK_STR(""), "%s:%u:%u: %s",
		       fault->place.file, fault->place.line, fault->place.column, fault->words);
	}
}

static enum lk_err
policy_read(const struct conf *conf, struct conf_faults *faults, struct policy **out)
{
	struct policy_from from = {conf->policies_dir, conf->common_passwords_file,
				   conf->service_name, lk_clock_wall_s(lk_clock_system())};

	return policy_load(&from, faults, out);
}

enum lk_err
daemon_setting_make(const struct daemon *daemon, struct conf *conf, struct conf_faults *faults,
		    struct setting **out)
{
	struct setting *setting = calloc(1, sizeof *setting);
	enum lk_err err;

	if (setting == NULL)
		return LK_E_MEMORY;
	err = policy_read(conf, faults, &setting->policy);
	if (err == LK_OK) {
		setting->help = help_new(conf->help_phone, conf->help_hours);
		err = setting->help == NULL ? LK_E_MEMORY : LK_OK;
	}
	if (err != LK_OK) {
		policy_free(setting->policy);
		free(setting);
		return err;
	}
	setting->conf = conf;
	setting->log = daemon->log;
	(void)lk_log_level_find(lk_str_c(conf->log_level), &setting->log.least);
	setting->fast = (struct fast){
	    .conf = conf,
	    .policy = setting->policy,
	    .ring = daemon->ring,
	    .clock = daemon->clock,
	    .log = &setting->log,
	    .audit = daemon->audit,
	    .metrics = daemon->metrics,
	    .store_shared = daemon->store_shared,
	    .dir_servers = daemon->dir_servers,
	    .help = setting->help,
	    .is_https = conf->is_https,
	};
	*out = setting;
	return LK_OK;
}

void
daemon_setting_free(struct fast *fast, void *context)
{
	const struct daemon *daemon = context;
	struct setting *setting = (struct setting *)fast;

	policy_free(setting->policy);
	help_free(setting->help);
	if (setting->conf != daemon->conf)
		conf_free(setting->conf);
	free(setting);
}
