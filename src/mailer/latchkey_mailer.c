/* SPDX-License-Identifier: MIT */
/* latchkey-mailer: sends what waits in the spool, mails and calls. Manual: latchkey-mailer(8). */
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/conf.h"
#include "crypto/crypto.h"
#include "mailer/calls.h"
#include "mailer/smtp.h"

#define CONF_DEFAULT	 "/etc/latchkey/latchkey.conf"
#define FAULTS_MAX_BYTES 65536u
#define STATUS_USAGE	 2
#define CALLS_PATH_BYTES 1100 /* a path of the configuration has 1023 at most */

struct options {
	const char *conf;
	bool is_once;
};

static void
usage(FILE *to)
{
	fputs("usage: latchkey-mailer [--config FILE] [--once]\n", to);
}

static struct options
options_read(int argc, char **argv)
{
	static const struct option known[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"once", no_argument, NULL, 'o'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	struct options options = {CONF_DEFAULT, false};
	int letter;

	while ((letter = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (letter == 'c') {
			options.conf = optarg;
		} else if (letter == 'o') {
			options.is_once = true;
		} else {
			usage(letter == 'h' ? stdout : stderr);
			exit(letter == 'h' ? EXIT_SUCCESS : STATUS_USAGE);
		}
	}
	if (optind < argc) {
		usage(stderr);
		exit(STATUS_USAGE);
	}
	return options;
}

/* NULL: what is wrong was told. */
static struct conf *
conf_read(const char *path)
{
	struct conf_faults faults = {.count = 0};
	struct conf *conf = NULL;
	LK_AUTO_BUF words;

	lk_buf_init(&words, FAULTS_MAX_BYTES);
	if (conf_load_mailer(path, &faults, &conf) != LK_OK) {
		conf_faults_write(&faults, &words);
		fputs(words.bytes == NULL ? "no memory\n" : words.bytes, stderr);
	}
	conf_faults_done(&faults);
	return conf;
}

/* A lost connection is an answer of write(), not the end. */
static bool
libraries_init(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	return sigaction(SIGPIPE, &ignore, NULL) == 0 && crypto_init() == LK_OK &&
	       smtp_init() == LK_OK;
}

/* One spool and what empties it, on a thread of its own. */
struct service {
	struct run_setup setup;
	const char *dir;
	enum lk_err (*run)(const struct run_setup *setup, bool is_once);
	bool is_once;
	enum lk_err err;
};

static enum lk_err
service_open(struct service *service)
{
	const struct lk_log *log = service->setup.log;
	struct lk_why why = {.len = 0};
	enum lk_err err;

	err = spool_open(service->dir, lk_clock_wall_s(log->clock), &why, &service->setup.spool);
	if (err == LK_OK)
		err = watch_new(service->dir, &why, &service->setup.watch);
	if (why.len > 0)
		lk_log(log, err == LK_OK ? LK_LOG_WARNING : LK_LOG_ERROR, "mail_start",
		       lk_str_c(NULL), "%s", why.text);
	return err;
}

static void
service_close(struct service *service)
{
	watch_free(service->setup.watch);
	spool_close(service->setup.spool);
}

static void *
service_run(void *context)
{
	struct service *service = context;

	service->err = service->run(&service->setup, service->is_once);
	return NULL;
}

/* Both at once, so that neither waits for the other's servers. */
static enum lk_err
both_run(struct service *mails, struct service *calls)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, service_run, calls) != 0)
		return LK_E_MEMORY;
	service_run(mails);
	pthread_join(thread, NULL);
	return mails->err != LK_OK ? mails->err : calls->err;
}

static enum lk_err
serve(const struct conf *conf, const struct lk_log *log, bool is_once)
{
	char calls_dir[CALLS_PATH_BYTES];
	struct service mails = {{.conf = conf, .log = log}, conf->spool_dir, run_mailer, is_once,
				LK_OK};
	struct service calls = {{.conf = conf, .log = log}, calls_dir, run_calls, is_once, LK_OK};
	enum lk_err err;

	snprintf(calls_dir, sizeof calls_dir, "%s/" SPOOL_CALLS, conf->spool_dir);
	err = service_open(&mails);
	if (err == LK_OK)
		err = service_open(&calls);
	if (err == LK_OK) {
		lk_log(log, LK_LOG_INFO, "mail_start", lk_str_c(NULL), "ready");
		err = both_run(&mails, &calls);
		lk_log(log, LK_LOG_INFO, "mail_stop", lk_str_c(NULL), "stopped");
	}
	service_close(&calls);
	service_close(&mails);
	return err;
}

int
main(int argc, char **argv)
{
	struct options options = options_read(argc, argv);
	struct lk_log log = {.clock = lk_clock_system(), .least = LK_LOG_INFO, .fd = STDERR_FILENO};
	struct conf *conf;
	enum lk_err err;

	umask(077);
	if (!libraries_init()) {
		fputs("latchkey-mailer: a library cannot be made ready\n", stderr);
		return EXIT_FAILURE;
	}
	conf = conf_read(options.conf);
	if (conf == NULL)
		return EXIT_FAILURE;
	(void)lk_log_level_find(lk_str_c(conf->log_level), &log.least);
	err = serve(conf, &log, options.is_once);
	conf_free(conf);
	return err == LK_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
