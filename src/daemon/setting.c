/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "daemon/daemon.h"
#include "flow/discovery.h"
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

/* What pages and programs are told, written once. */
static enum lk_err
told_make(const struct conf *conf, struct setting *setting)
{
	setting->help = help_new(conf->help_phone, conf->help_hours);
	setting->discovery = discovery_new(conf, setting->policy);
	return setting->help == NULL || setting->discovery == NULL ? LK_E_MEMORY : LK_OK;
}

/* All but the configuration. */
static void
setting_free(struct setting *setting)
{
	policy_free(setting->policy);
	help_free(setting->help);
	discovery_free(setting->discovery);
	free(setting);
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
	if (err == LK_OK)
		err = told_make(conf, setting);
	if (err != LK_OK) {
		setting_free(setting);
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
	    .signing = daemon->signing,
	    .pairwise = daemon->pairwise,
	    .help = setting->help,
	    .fetched = daemon->fetched,
	    .guesses = daemon->guesses,
	    .discovery = setting->discovery,
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

	if (setting->conf != daemon->conf)
		conf_free(setting->conf);
	setting_free(setting);
}
