/* SPDX-License-Identifier: MIT */
/* Every check there is, each with its fix: the files first, then what the daemon sees. */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/read.h"
#include "client/wire.h"
#include "conf/conf.h"
#include "crypto/crypto.h"
#include "ctl/ask.h"
#include "ctl/need.h"
#include "ctl/verbs.h"
#include "policy/application.h"

#define WORDS_BYTES  640
#define ROBOT_SOON_S (14 * 86400)

/* The visit so far. */
struct doctor {
	struct ctl *ctl;
	struct lk_buf json;
	size_t wrong_count;
};

/* fix NULL: all is well. */
static void
check_put(struct doctor *doctor, const char *name, const char *words, const char *fix)
{
	LK_AUTO_BUF line;

	lk_buf_init(&line, 4096);
	doctor->wrong_count += fix != NULL;
	if (doctor->ctl->is_set[CTL_OPTION_JSON]) {
		lk_buf_printf(&doctor->json, "%s{\"name\":\"%s\",\"is_ok\":%s,\"words\":",
			      doctor->json.len == 0 ? "" : ",", name,
			      fix == NULL ? "true" : "false");
		lk_json_quote(&doctor->json, lk_str_c(words));
		lk_buf_add_c(&doctor->json, ",\"fix\":");
		lk_json_quote(&doctor->json, lk_str_c(fix == NULL ? "" : fix));
		lk_buf_add_byte(&doctor->json, '}');
		return;
	}
	lk_buf_printf(&line, "%-5s %-14s %s", fix == NULL ? "ok" : "WRONG", name, words);
	if (fix != NULL)
		lk_buf_printf(&line, "\n      fix: %s", fix);
	ctl_put(doctor->ctl, lk_buf_str(&line));
}

/* The first fault is words enough; the fix shows the rest. */
static void
faults_put(struct doctor *doctor, const char *name, const struct conf_faults *faults,
	   const char *fix)
{
	char words[WORDS_BYTES];

	if (faults->count == 0)
		(void)snprintf(words, sizeof(words), "cannot be read");
	else
		(void)snprintf(words, sizeof(words), "%.250s:%u: %s (%zu in all)",
			       faults->rows[0].place.file, faults->rows[0].place.line,
			       faults->rows[0].words, conf_faults_count(faults));
	check_put(doctor, name, words, fix);
}

static bool
config_check(struct doctor *doctor)
{
	struct conf_faults faults;

	conf_faults_init(&faults);
	if (conf_load(ctl_conf_path(doctor->ctl), &faults, &doctor->ctl->conf) == LK_OK) {
		check_put(doctor, "configuration", ctl_conf_path(doctor->ctl), NULL);
	} else {
		doctor->ctl->conf = NULL;
		faults_put(doctor, "configuration", &faults, "latchkeyctl config check");
	}
	conf_faults_done(&faults);
	return doctor->ctl->conf != NULL;
}

/* Robots that stop soon, so that nobody learns it from what no longer happens. */
static void
robots_look(struct doctor *doctor, const struct policy *policy)
{
	const struct policy_application *application;
	int64_t now_s = lk_clock_wall_s(doctor->ctl->clock);
	char words[WORDS_BYTES], fix[WORDS_BYTES];
	size_t count = 0;

	for (size_t i = 0; (application = policy_application_at(policy, i)) != NULL; i++) {
		if (application->kind != POLICY_ROBOT)
			continue;
		count++;
		if (policy_application_life_check(application, now_s) &&
		    policy_application_life_check(application, now_s + ROBOT_SOON_S))
			continue;
		(void)snprintf(words, sizeof(words), "%s has expired, or will within two weeks",
			       application->client_id);
		(void)snprintf(fix, sizeof(fix),
			       "ask %s; latchkeyctl app edit %s expires=DAY, a year ahead at most",
			       application->owner, application->client_id);
		check_put(doctor, "robots", words, fix);
		return;
	}
	(void)snprintf(words, sizeof(words), "%zu, and none expires within two weeks", count);
	check_put(doctor, "robots", words, NULL);
}

static void
policy_look(struct doctor *doctor)
{
	const struct conf *conf = doctor->ctl->conf;
	struct conf_faults faults;
	struct policy *policy = NULL;

	conf_faults_init(&faults);
	if (ctl_policy_load(conf, NULL, &faults, &policy) == LK_OK) {
		check_put(doctor, "policies", conf->policies_dir, NULL);
		robots_look(doctor, policy);
		policy_free(policy);
	} else {
		faults_put(doctor, "policies", &faults, "latchkeyctl policy check");
	}
	conf_faults_done(&faults);
}

static void
audit_look(struct doctor *doctor, const struct crypto_ring *ring)
{
	const char *path = doctor->ctl->conf->audit_file;
	struct audit_fault fault = {0};
	enum lk_err err = audit_verify(path, ring, &fault);
	char words[WORDS_BYTES];

	(void)snprintf(words, sizeof(words), "%llu lines, the chain is whole",
		       (unsigned long long)fault.count);
	if (err == LK_OK)
		check_put(doctor, "audit", words, NULL);
	else if (err == LK_E_FORMAT)
		check_put(doctor, "audit", fault.words,
			  "keep the file as it is and find out who wrote to it: latchkeyctl audit "
			  "verify");
	else if (err == LK_E_NOT_FOUND)
		check_put(doctor, "audit", "no log yet", NULL);
	else
		check_put(doctor, "audit", "the log cannot be read",
			  "run this as the daemon's user");
}

static void
keys_look(struct doctor *doctor)
{
	const struct conf *conf = doctor->ctl->conf;
	struct crypto_ring *ring = NULL;
	struct lk_why why = {0};

	if (crypto_ring_load(conf->key_file, &why, &ring) != LK_OK) {
		check_put(doctor, "keys", why.text,
			  "(umask 077; latchkeyctl key new >>KEYFILE), owned by the daemon's user");
		return;
	}
	check_put(doctor, "keys", conf->key_file, NULL);
	audit_look(doctor, ring);
	crypto_ring_free(ring);
}

static size_t
files_count(const char *folder)
{
	DIR *dir = opendir(folder);
	size_t count = 0;

	if (dir == NULL)
		return 0;
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
		count += entry->d_name[0] != '.';
	(void)closedir(dir);
	return count;
}

static void
spool_look(struct doctor *doctor)
{
	const char *folder = doctor->ctl->conf->spool_dir;
	char bad[WORDS_BYTES], words[WORDS_BYTES];
	struct stat found;
	size_t count;

	if (stat(folder, &found) != 0 || !S_ISDIR(found.st_mode)) {
		check_put(doctor, "mail", "the spool folder is not there",
			  "start the daemon once, which makes it, or see [mail] spool_dir");
		return;
	}
	if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		check_put(doctor, "mail", "others may write the spool folder", "chmod 0700 on it");
		return;
	}
	(void)snprintf(bad, sizeof(bad), "%.500s/bad", folder);
	count = files_count(bad);
	(void)snprintf(words, sizeof(words), "%zu mails could not be delivered", count);
	check_put(doctor, "mail", count == 0 ? folder : words,
		  count == 0
		      ? NULL
		      : "read them in the spool's folder bad, mend the addresses, remove them");
}

/* What the daemon says of itself, its directory and its store. */
static void
daemon_look(struct doctor *doctor)
{
	bool is_json = doctor->ctl->is_set[CTL_OPTION_JSON];
	const struct lk_json *checks;
	struct lk_buf question;
	struct lk_json *answer;

	ctl_question_init(&question, "doctor");
	doctor->ctl->is_set[CTL_OPTION_JSON] = false; /* its answer is a part of ours */
	(void)ctl_ask(doctor->ctl, &question, &answer);
	doctor->ctl->is_set[CTL_OPTION_JSON] = is_json;
	if (answer == NULL) {
		check_put(doctor, "daemon", "does not answer",
			  "systemctl status latchkeyd; who may ask: [local] admin_users");
		return;
	}
	check_put(doctor, "daemon", "answers", NULL);
	checks = lk_json_find(answer, "checks");
	for (size_t i = 0; i < lk_json_count(checks); i++) {
		const struct lk_json *check = lk_json_at(checks, i);
		struct lk_str name = ctl_member(check, "name"), words = ctl_member(check, "words");
		struct lk_str fix = ctl_member(check, "fix");
		char parts[3][WORDS_BYTES];

		(void)snprintf(parts[0], 32, "%.*s", LK_STR_ARGS(name));
		(void)snprintf(parts[1], WORDS_BYTES, "%.*s", LK_STR_ARGS(words));
		(void)snprintf(parts[2], WORDS_BYTES, "%.*s", LK_STR_ARGS(fix));
		check_put(doctor, parts[0], parts[1],
			  ctl_member_flag(check, "is_ok") ? NULL : parts[2]);
	}
	lk_json_free(answer);
}

enum ctl_exit
ctl_doctor_run(struct ctl *ctl)
{
	struct doctor doctor = {.ctl = ctl};

	lk_buf_init(&doctor.json, 1048576);
	if (config_check(&doctor)) {
		policy_look(&doctor);
		keys_look(&doctor);
		spool_look(&doctor);
		daemon_look(&doctor);
	}
	if (ctl->is_set[CTL_OPTION_JSON])
		fprintf(ctl->out, "{\"ok\":%s,\"checks\":[%.*s]}\n",
			doctor.wrong_count == 0 ? "true" : "false",
			LK_STR_ARGS(lk_buf_str(&doctor.json)));
	lk_buf_done(&doctor.json);
	return doctor.wrong_count == 0 ? CTL_DONE : CTL_REFUSED;
}
