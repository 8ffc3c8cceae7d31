/* SPDX-License-Identifier: MIT */
/* main: read the configuration, start, wait for a signal, drain, stop. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "daemon/check.h"
#include "daemon/daemon.h"

#define CONF_PATH "/etc/latchkey/latchkey.conf"

static const char usage[] =
    "usage: latchkeyd [--config FILE] [--foreground]\n"
    "       latchkeyd [--config FILE] --check-config | --init-store\n"
    "       latchkeyd --help-config | --version | --help\n"
    "\n"
    "  --config FILE    settings; default " CONF_PATH "\n"
    "  --foreground     stay in the foreground; it always does\n"
    "  --check-config   say everything that is wrong with settings, policies, keys and\n"
    "                   certificates, and end: 0 nothing, 1 something\n"
    "  --init-store     tell a new, empty store that no code was ever used, and end\n"
    "  --help-config    every setting and every policy rule\n";

enum act { ACT_SERVE = 1, ACT_CHECK, ACT_INIT, ACT_HELP_CONFIG, ACT_VERSION, ACT_HELP, ACT_NONE };

static const struct option options[] = {
    {"config", required_argument, NULL, 'c'},
    {"foreground", no_argument, NULL, ACT_SERVE},
    {"check-config", no_argument, NULL, ACT_CHECK},
    {"init-store", no_argument, NULL, ACT_INIT},
    {"help-config", no_argument, NULL, ACT_HELP_CONFIG},
    {"version", no_argument, NULL, ACT_VERSION},
    {"help", no_argument, NULL, ACT_HELP},
    {NULL, 0, NULL, 0},
};

/* Every signal that can wait does: main reads them from a descriptor. */
static void
signals_block(void)
{
	static const int ours[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
	sigset_t all;
	size_t i;

	sigfillset(&all);
	for (i = 0; i < sizeof ours / sizeof *ours; i++)
		sigdelset(&all, ours[i]);
	sigprocmask(SIG_SETMASK, &all, NULL);
}

static int
serve(const char *conf_path)
{
	static struct daemon daemon;
	enum lk_err err;

	signals_block();
	umask(S_IRWXG | S_IRWXO);
	daemon.conf_path = conf_path;
	err = daemon_start(&daemon);
	if (err == LK_OK)
		daemon_run(&daemon);
	daemon_stop(&daemon);
	return err == LK_OK && !daemon.is_unfit ? 0 : 1;
}

static void
faults_print(struct conf_faults *faults)
{
	LK_AUTO_BUF text = {0};

	lk_buf_init(&text, 262144);
	conf_faults_sort(faults);
	conf_faults_write(faults, &text);
	if (text.len > 0)
		fputs(text.bytes, stderr);
	conf_faults_done(faults);
}

static int
check(const char *conf_path)
{
	struct conf_faults faults = {0};
	enum lk_err err = check_config(conf_path, &faults);

	faults_print(&faults);
	if (err == LK_OK)
		printf("%s: nothing is wrong\n", conf_path);
	return err == LK_OK ? 0 : 1;
}

static int
store_init(const char *conf_path)
{
	struct conf_faults faults = {0};
	struct lk_why why = {.len = 0};
	enum lk_err err = check_store_init(conf_path, &faults, &why);

	faults_print(&faults);
	if (err == LK_OK)
		puts("The store is new: codes are taken from this minute on.");
	else if (err == LK_E_USED)
		puts("The store has been used before: nothing was changed.");
	else if (why.len > 0 || err != LK_E_FORMAT) /* the faults tell */
		fprintf(stderr, "latchkeyd: %s: %s\n", lk_err_row(err)->name, why.text);
	return err == LK_OK || err == LK_E_USED ? 0 : 1;
}

static int
help_config(void)
{
	LK_AUTO_BUF text = {0};

	lk_buf_init(&text, 262144);
	conf_help(&text);
	policy_help(&text);
	if (!lk_buf_is_ok(&text))
		return 1;
	fputs(text.bytes, stdout);
	return 0;
}

static int
run(enum act act, const char *conf_path)
{
	if (act != ACT_HELP_CONFIG && act != ACT_VERSION && act != ACT_HELP &&
	    crypto_init() != LK_OK)
		return 1;
	switch (act) {
	case ACT_SERVE:
		return serve(conf_path);
	case ACT_CHECK:
		return check(conf_path);
	case ACT_INIT:
		return store_init(conf_path);
	case ACT_HELP_CONFIG:
		return help_config();
	case ACT_VERSION:
		puts("latchkeyd " PACKAGE_VERSION);
		return 0;
	case ACT_HELP:
		fputs(usage, stdout);
		return 0;
	case ACT_NONE:
		break;
	}
	fputs(usage, stderr);
	return 2;
}

int
main(int argc, char **argv)
{
	const char *conf_path = CONF_PATH;
	enum act act = ACT_SERVE;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'c')
			conf_path = optarg;
		else if (option == '?')
			act = ACT_NONE;
		else
			act = (enum act)option;
	}
	return run(optind == argc ? act : ACT_NONE, conf_path);
}
