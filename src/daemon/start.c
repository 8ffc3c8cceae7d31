/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "conf/secret_file.h"
#include "daemon/daemon.h"
#include "daemon/notify.h"
#include "page/page.h"
#include "spool/spool.h"

#define ARENA_FIRST_BYTES 16384u
#define ARENA_MAX_BYTES	  4194304u
#define AUDIT_WAIT_MS	  3000
/* Longer than any request may take, so that nobody's answer is lost. */
#define DRAIN_MS 6000
#define LEAVE_MS 1000
/* What they do takes milliseconds. */
#define QUICK_LANES 2

/* One part: said in the line that tells why the daemon does not start. */
struct part {
	const char *name;
	enum lk_err (*start)(struct daemon *daemon);
};

/* A file too long, or a reader gone, is told by errno; secrets must not reach a core file. */
static enum lk_err
process_start(struct daemon *daemon)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct rlimit none = {0, 0};

	(void)daemon;
	if (sigaction(SIGPIPE, &ignore, NULL) != 0 || sigaction(SIGXFSZ, &ignore, NULL) != 0 ||
	    setrlimit(RLIMIT_CORE, &none) != 0)
		return LK_E_BROKEN;
	return crypto_init();
}

static enum lk_err
arena_start(struct daemon *daemon)
{
	daemon->arena = lk_arena_new(ARENA_FIRST_BYTES, ARENA_MAX_BYTES);
	return daemon->arena == NULL ? LK_E_MEMORY : LK_OK;
}

static enum lk_err
zone_start(struct daemon *daemon)
{
	enum lk_err err = page_zone_set(daemon->conf->time_zone);

	if (err != LK_OK)
		lk_why_add(&daemon->why, "time_zone %s is not known to this machine",
			   daemon->conf->time_zone);
	return err;
}

static enum lk_err
keys_start(struct daemon *daemon)
{
	enum lk_err err = crypto_ring_load(daemon->conf->key_file, &daemon->why, &daemon->ring);

	if (err == LK_OK && !crypto_ring_is_locked(daemon->ring))
		lk_log(&daemon->log, LK_LOG_WARNING, "off", LK_STR(""),
		       "keys may be swapped to disk: raise LimitMEMLOCK");
	return err;
}

static enum lk_err
audit_start(struct daemon *daemon)
{
	return audit_open(daemon->conf->audit_file, daemon->ring, daemon->clock, &daemon->why,
			  &daemon->audit);
}

static enum lk_err
metrics_start(struct daemon *daemon)
{
	daemon->metrics = metrics_new(PACKAGE_VERSION);
	return daemon->metrics == NULL ? LK_E_MEMORY : LK_OK;
}

static enum lk_err
store_start(struct daemon *daemon)
{
	const struct conf *conf = daemon->conf;
	struct store_settings settings = {.url = conf->store_url,
					  .timeout_ms = conf->store_timeout_ms,
					  .wait_replica_count = conf->store_replica_count,
					  .metrics = daemon->metrics};
	enum lk_err err = LK_OK;

	if (conf->store_password_file != NULL)
		err = conf_secret_file_read(conf->store_password_file, &daemon->why,
					    &daemon->store_password);
	if (err != LK_OK)
		return err;
	settings.password = daemon->store_password;
	daemon->store_shared = store_shared_new(&settings, daemon->clock);
	if (daemon->store_shared != NULL)
		daemon->store = store_new(daemon->store_shared);
	return daemon->store == NULL ? LK_E_MEMORY : LK_OK;
}

static enum lk_err
directory_start(struct daemon *daemon)
{
	const struct conf *conf = daemon->conf;
	struct dir_settings settings = {
	    .uris = conf->directory_uris.items,
	    .wants_starttls = conf->directory_starttls,
	    .ca_file = conf->directory_ca_file,
	    .bind_dn = conf->directory_bind_dn,
	    .people_base = conf->directory_people_base,
	    .groups_base = conf->directory_groups_base,
	    .factors_base = conf->directory_factors_base,
	    .decoy_dn = conf->directory_decoy_dn,
	    .name_attribute = conf->directory_name_attribute,
	    .mail_attribute = conf->directory_mail_attribute,
	    .operation_timeout_ms = conf->directory_timeout_ms,
	    .metrics = daemon->metrics,
	    .clock = daemon->clock,
	};
	enum lk_err err = conf_secret_file_read(conf->directory_bind_password_file, &daemon->why,
						&daemon->directory_password);

	if (err != LK_OK)
		return err;
	settings.bind_password = daemon->directory_password;
	daemon->dir_servers = dir_servers_new(&settings, &daemon->why);
	if (daemon->dir_servers != NULL)
		daemon->dir = dir_new(daemon->dir_servers);
	return daemon->dir == NULL ? LK_E_FORMAT : LK_OK;
}

static enum lk_err
spool_start(struct daemon *daemon)
{
	return spool_init(daemon->conf->spool_dir, &daemon->why);
}

static enum lk_err
signing_start(struct daemon *daemon)
{
	daemon->signing = signing_new();
	daemon->pairwise = pairwise_new();
	daemon->fetched = fetched_new();
	daemon->guesses = guesses_new();
	if (daemon->signing != NULL)
		daemon->signing_life = signing_life_new(daemon->signing);
	if (daemon->pairwise != NULL)
		daemon->pairwise_life = pairwise_life_new(daemon->pairwise);
	if (daemon->signing_life == NULL || daemon->pairwise_life == NULL ||
	    daemon->fetched == NULL || daemon->guesses == NULL)
		return LK_E_MEMORY;
	return LK_OK;
}

static enum lk_err
setting_start(struct daemon *daemon)
{
	struct conf_faults faults = {0};
	enum lk_err err = daemon_setting_make(daemon, daemon->conf, &faults, &daemon->setting);

	daemon_faults_log(daemon, &faults);
	conf_faults_done(&faults);
	if (err != LK_OK)
		return err;
	daemon->live = live_new(&daemon->setting->fast, daemon_setting_free, daemon);
	if (daemon->live == NULL) {
		daemon_setting_free(&daemon->setting->fast, daemon);
		return LK_E_MEMORY;
	}
	return LK_OK;
}

/* Once before anybody may ask, so that the first answer is a true one. */
static enum lk_err
first_look(struct daemon *daemon)
{
	(void)daemon_watch(daemon);
	lk_why_clear(&daemon->why);
	if (daemon->store_health == STORE_HEALTH_EVICTS) {
		lk_why_add(&daemon->why, "Redis may evict what must be kept: set its "
					 "maxmemory-policy to noeviction");
		return LK_E_STORE_DOWN;
	}
	return LK_OK;
}

static enum lk_err
lanes_start(struct daemon *daemon)
{
	const struct conf *conf = daemon->conf;
	struct lane_settings settings = {.lane_count = conf->lane_count,
					 .queue_count = conf->lane_queue_count,
					 .fast = &daemon->setting->fast};

	daemon->lanes = lane_pool_new(&settings);
	settings.lane_count = QUICK_LANES;
	settings.has_no_directory = true;
	daemon->quick = lane_pool_new(&settings);
	return daemon->lanes == NULL || daemon->quick == NULL ? LK_E_MEMORY : LK_OK;
}

static enum lk_err
http_start(struct daemon *daemon)
{
	struct http_setup setup = {daemon->live, daemon->lanes, daemon->quick, daemon->conf};

	enum lk_err err = http_new(&setup, &daemon->why, &daemon->http);

	/* Browsers will say no, but hosts and operators still need the daemon. */
	if (err == LK_OK &&
	    http_time_check(daemon->http, lk_clock_wall_s(daemon->clock), &daemon->why) != LK_OK)
		lk_log(&daemon->log, LK_LOG_ERROR, "listen", LK_STR(""), "%s",
		       daemon->why.text);
	return err;
}

static enum lk_err
follow_begin(struct daemon *daemon)
{
	struct follow_setup setup = {daemon->live, daemon->store_shared, daemon->dir_servers,
				     daemon->clock, &daemon->log};

	return follow_start(&setup, &daemon->follow);
}

static enum lk_err
local_begin(struct daemon *daemon)
{
	struct local_settings settings = {
	    .pam_path = daemon->conf->pam_socket,
	    .admin_path = daemon->conf->admin_socket,
	    .live = daemon->live,
	    .lanes = daemon->lanes,
	    .clock = daemon->clock,
	    .log = &daemon->log,
	    .pam_answer = flow_pam_answer,
	    .admin_answer = flow_admin_answer,
	};

	return local_start(&settings, &daemon->why, &daemon->local);
}

/* Before anybody can use them. */
static enum lk_err
applications_start(struct daemon *daemon)
{
	daemon_applications_begin(daemon);
	return LK_OK;
}

/* In this order; the sockets come last. */
static const struct part parts[] = {
    {"process", process_start},
    {"memory", arena_start},
    {"time zone", zone_start},
    {"keys", keys_start},
    {"audit", audit_start},
    {"metrics", metrics_start},
    {"store", store_start},
    {"directory", directory_start},
    {"spool", spool_start},
    {"signing", signing_start},
    {"policies", setting_start},
    {"servers", first_look},
    {"applications", applications_start},
    {"lanes", lanes_start},
    {"local", local_begin},
    {"http", http_start},
    {"follow", follow_begin},
};

static void
off_log(const struct daemon *daemon, bool is_on, const char *words)
{
	if (!is_on)
		lk_log(&daemon->log, LK_LOG_INFO, "off", LK_STR(""), "%s", words);
}

/* What it listens on, what it trusts, and what is off. */
static void
started_log(const struct daemon *daemon)
{
	const struct conf *conf = daemon->conf;
	size_t i;

	lk_log(&daemon->log, LK_LOG_INFO, "listen", LK_STR(""), "%s as %s, %s", conf->listen.text,
	       conf->base_url, conf->tls_certificate_file == NULL ? "plain HTTP" : "TLS");
	if (conf->metrics_listen.host != NULL)
		lk_log(&daemon->log, LK_LOG_INFO, "listen", LK_STR(""), "%s for metrics",
		       conf->metrics_listen.text);
	if (conf->pam_socket != NULL)
		lk_log(&daemon->log, LK_LOG_INFO, "listen", LK_STR(""), "%s for PAM",
		       conf->pam_socket);
	if (conf->admin_socket != NULL)
		lk_log(&daemon->log, LK_LOG_INFO, "listen", LK_STR(""), "%s for latchkeyctl",
		       conf->admin_socket);
	for (i = 0; i < conf->trusted_proxies.count; i++)
		lk_log(&daemon->log, LK_LOG_INFO, "trust", LK_STR(""), "X-Forwarded-For of %s",
		       conf->trusted_proxies.items[i]);
	off_log(daemon, conf->is_https, "HTTPS: cookies are not Secure");
	off_log(daemon, conf->metrics_listen.host != NULL, "metrics_listen");
	off_log(daemon, conf->pam_socket != NULL, "PAM on this machine");
	off_log(daemon, conf->directory_groups_base[0] != '\0', "groups");
}

static enum lk_err
conf_start(struct daemon *daemon)
{
	struct conf_faults faults = {0};
	enum lk_err err = conf_load(daemon->conf_path, &faults, &daemon->conf);

	daemon_faults_log(daemon, &faults);
	conf_faults_done(&faults);
	if (err == LK_OK)
		(void)lk_log_level_find(lk_str_c(daemon->conf->log_level), &daemon->log.least);
	return err;
}

static enum lk_err
part_start(struct daemon *daemon, const struct part *part)
{
	enum lk_err err;

	lk_why_clear(&daemon->why);
	err = part->start(daemon);
	if (err != LK_OK)
		lk_log(&daemon->log, LK_LOG_ERROR, "start", LK_STR(""), "%s: %s%s%s", part->name,
		       lk_err_row(err)->name, daemon->why.len > 0 ? ": " : "", daemon->why.text);
	return err;
}

enum lk_err
daemon_start(struct daemon *daemon)
{
	size_t i;
	enum lk_err err;

	daemon->clock = lk_clock_system();
	daemon->log = (struct lk_log){daemon->clock, LK_LOG_INFO, 2};
	err = conf_start(daemon);
	for (i = 0; err == LK_OK && i < sizeof parts / sizeof *parts; i++)
		err = part_start(daemon, &parts[i]);
	if (err != LK_OK)
		return err;
	(void)daemon_audit(daemon, AUDIT_STARTED, LK_OK, PACKAGE_VERSION);
	started_log(daemon);
	notify_ready();
	return LK_OK;
}

bool
daemon_audit(struct daemon *daemon, enum audit_event event, enum lk_err result, const char *detail)
{
	struct audit_line line = {.event = event, .result = result, .detail = lk_str_c(detail)};
	int64_t deadline_mono_ms = lk_clock_mono_ms(daemon->clock) + AUDIT_WAIT_MS;

	if (audit_append(daemon->audit, &line, deadline_mono_ms) == LK_OK)
		return true;
	lk_log(&daemon->log, LK_LOG_ERROR, "audit", LK_STR(""), "%s could not be written",
	       audit_event_name(event));
	return false;
}

static void
doors_close(struct daemon *daemon)
{
	int64_t deadline_mono_ms = lk_clock_mono_ms(daemon->clock) + DRAIN_MS;

	if (daemon->http != NULL)
		http_drain(daemon->http, deadline_mono_ms);
	if (daemon->local != NULL)
		local_quiesce(daemon->local);
	if (daemon->lanes != NULL)
		lane_pool_stop(daemon->lanes, deadline_mono_ms);
	if (daemon->quick != NULL)
		lane_pool_stop(daemon->quick, deadline_mono_ms);
	follow_stop(daemon->follow);
	local_stop(daemon->local, lk_clock_mono_ms(daemon->clock) + LEAVE_MS);
	http_free(daemon->http);
	lane_pool_free(daemon->lanes);
	lane_pool_free(daemon->quick);
}

void
daemon_stop(struct daemon *daemon)
{
	bool has_served = daemon->http != NULL;

	notify_stopping();
	doors_close(daemon);
	live_free(daemon->live);
	pairwise_life_free(daemon->pairwise_life);
	pairwise_free(daemon->pairwise);
	signing_life_free(daemon->signing_life);
	signing_free(daemon->signing);
	fetched_free(daemon->fetched);
	guesses_free(daemon->guesses);
	dir_free(daemon->dir);
	store_free(daemon->store);
	dir_servers_free(daemon->dir_servers);
	store_shared_free(daemon->store_shared);
	if (has_served)
		(void)daemon_audit(daemon, AUDIT_STOPPED, LK_OK, "");
	audit_close(daemon->audit);
	metrics_free(daemon->metrics);
	crypto_ring_free(daemon->ring);
	lk_secret_free(daemon->directory_password);
	lk_secret_free(daemon->store_password);
	lk_buf_done(&daemon->applications);
	lk_arena_free(daemon->arena);
	conf_free(daemon->conf);
	if (has_served)
		lk_log(&daemon->log, LK_LOG_INFO, "stop", LK_STR(""), "stopped");
}
