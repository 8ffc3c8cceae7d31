/* SPDX-License-Identifier: MIT */
/* SIGHUP: a whole new setting, or none. */
#include <string.h>

#include "daemon/daemon.h"

/* Keys whose new value is taken without a restart; smtp and calls are the mailer's. */
static const enum conf_key taken[] = {
    CONF_KEY_service_name, CONF_KEY_service_name_cy,	   CONF_KEY_help_phone,
    CONF_KEY_help_hours,   CONF_KEY_trusted_proxies,	   CONF_KEY_mail_from,
    CONF_KEY_smtp_url,	   CONF_KEY_smtp_starttls,	   CONF_KEY_smtp_ca_file,
    CONF_KEY_policies_dir, CONF_KEY_common_passwords_file, CONF_KEY_admin_users,
    CONF_KEY_log_level,	   CONF_KEY_key_rotate_s,	   CONF_KEY_key_ahead_s,
    CONF_KEY_key_keep_s,
    CONF_KEY_call_allow,   CONF_KEY_call_ca_file,	   CONF_KEY_call_timeout_s,
};

static bool
is_taken(enum conf_key key)
{
	size_t i;

	for (i = 0; i < sizeof taken / sizeof *taken; i++) {
		if (taken[i] == key)
			return true;
	}
	return false;
}

static bool
is_same(const struct conf *a, const struct conf *b, enum conf_key key, struct conf_shown *out)
{
	LK_AUTO_BUF old = {0}, new = {0};

	lk_buf_init(&old, CONF_VALUE_MAX_BYTES);
	lk_buf_init(&new, CONF_VALUE_MAX_BYTES);
	conf_show_one(a, key, out, &old);
	conf_show_one(b, key, out, &new);
	return lk_str_is_equal(lk_buf_str(&old), lk_buf_str(&new));
}

/* Every key that has changed and cannot be taken is named. */
static enum lk_err
restart_check(const struct daemon *daemon, const struct conf *conf, struct conf_faults *faults)
{
	struct conf_shown shown;
	int key;

	for (key = 0; key < CONF_KEY_COUNT; key++) {
		if (is_taken((enum conf_key)key) ||
		    is_same(daemon->conf, conf, (enum conf_key)key, &shown))
			continue;
		conf_fault_add(faults, shown.origin, "%s has changed: restart to use it",
			       shown.key);
	}
	return conf_faults_count(faults) == 0 ? LK_OK : LK_E_FORMAT;
}

static enum lk_err
setting_load(const struct daemon *daemon, struct conf_faults *faults, struct setting **out)
{
	struct conf *conf = NULL;
	enum lk_err err = conf_load(daemon->conf_path, faults, &conf);

	if (err == LK_OK)
		err = restart_check(daemon, conf, faults);
	if (err == LK_OK)
		err = daemon_setting_make(daemon, conf, faults, out);
	if (err != LK_OK)
		conf_free(conf);
	return err;
}

/* At its line in the configuration, whichever of the two files is wrong. */
static enum lk_err
certificate_load(const struct daemon *daemon, const struct conf *conf, struct conf_faults *faults,
		 struct certificate **out)
{
	struct conf_shown shown;
	struct lk_why why = {.len = 0};
	enum lk_err err = http_certificate_read(conf, &why, out);
	LK_AUTO_BUF value = {0};

	if (err == LK_OK)
		err = http_certificate_time_check(*out, lk_clock_wall_s(daemon->clock), &why);
	if (err == LK_OK)
		return LK_OK;
	lk_buf_init(&value, CONF_VALUE_MAX_BYTES);
	conf_show_one(conf, CONF_KEY_tls_certificate_file, &shown, &value);
	conf_fault_add(faults, shown.origin, "%s: %s", shown.key, why.text);
	return err;
}

static void
certificate_put(struct daemon *daemon, struct certificate *owned)
{
	if (http_certificate_put(daemon->http, owned))
		lk_log(&daemon->log, LK_LOG_INFO, "reload", LK_STR(""),
		       "new connections are shown the renewed certificate");
}

static enum lk_err
setting_put(struct daemon *daemon, struct setting *setting)
{
	enum lk_err err = live_put(daemon->live, &setting->fast);

	if (err != LK_OK) {
		daemon_setting_free(&setting->fast, daemon);
		return err;
	}
	daemon->setting = setting;
	daemon->log.least = setting->log.least;
	return LK_OK;
}

static void
outcome_tell(struct daemon *daemon, enum lk_err err, const struct conf_faults *faults)
{
	char detail[400] = "";

	metric_count_reloads_total(daemon->metrics, err, METRIC_NONE);
	daemon_faults_log(daemon, faults);
	if (err == LK_OK) {
		lk_log(&daemon->log, LK_LOG_INFO, "reload", LK_STR(""), "the new setting holds");
		/* First, so that who waits for the other line finds all of it. */
		daemon_applications_tell(daemon);
		(void)daemon_audit(daemon, AUDIT_CONFIG_LOADED, LK_OK, daemon->conf_path);
		return;
	}
	if (faults->count > 0)
		memcpy(detail, faults->rows[0].words, sizeof faults->rows[0].words);
	lk_log(&daemon->log, LK_LOG_ERROR, "reload", LK_STR(""),
	       "refused, %zu faults: the old setting goes on", conf_faults_count(faults));
	(void)daemon_audit(daemon, AUDIT_CONFIG_REFUSED, err, detail);
}

void
daemon_reload(struct daemon *daemon)
{
	struct conf_faults faults = {0};
	struct setting *setting = NULL;
	struct certificate *certificate = NULL;
	enum lk_err err = setting_load(daemon, &faults, &setting);

	if (err == LK_OK) {
		err = certificate_load(daemon, setting->conf, &faults, &certificate);
		if (err != LK_OK)
			daemon_setting_free(&setting->fast, daemon);
	}
	if (err == LK_OK) {
		/* What an application signs with is there before anybody is sent to it. */
		daemon_keys_look(daemon, &setting->fast, true);
		err = setting_put(daemon, setting);
	}
	if (err == LK_OK)
		certificate_put(daemon, certificate);
	else
		http_certificate_free(certificate);
	outcome_tell(daemon, err, &faults);
	conf_faults_done(&faults);
}
