/* SPDX-License-Identifier: MIT */
#include "daemon/check.h"

#include "conf/conf.h"
#include "conf/secret_file.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "page/page.h"
#include "policy/policy.h"
#include "store/store_epoch.h"

#define STORE_WAIT_MS 3000

struct check {
	struct conf *conf;
	struct conf_faults *faults;
};

/* At the line that names the file; at the head of the file when a default does. */
static void
fault(const struct check *check, enum conf_key key, const char *words)
{
	struct conf_shown shown;
	LK_AUTO_BUF value = {0};

	lk_buf_init(&value, CONF_VALUE_MAX_BYTES);
	conf_show_one(check->conf, key, &shown, &value);
	conf_fault_add(check->faults, shown.origin, "%s: %s", shown.key, words);
}

static void
secret_check(const struct check *check, enum conf_key key, const char *path)
{
	struct lk_secret *secret = NULL;
	struct lk_why why = {.len = 0};

	if (path == NULL)
		return;
	if (conf_secret_file_read(path, &why, &secret) != LK_OK)
		fault(check, key, why.text);
	lk_secret_free(secret);
}

static void
keys_check(const struct check *check)
{
	struct crypto_ring *ring = NULL;
	struct lk_why why = {.len = 0};

	if (crypto_ring_load(check->conf->key_file, &why, &ring) != LK_OK)
		fault(check, CONF_KEY_key_file, why.text);
	crypto_ring_free(ring);
}

static void
certificate_check(const struct check *check)
{
	struct certificate *certificate = NULL;
	struct lk_why why = {.len = 0};

	if (http_certificate_read(check->conf, &why, &certificate) != LK_OK)
		fault(check, CONF_KEY_tls_certificate_file, why.text);
	http_certificate_free(certificate);
}

static enum lk_err
policy_check(const struct check *check)
{
	struct policy_from from = {check->conf->policies_dir, check->conf->common_passwords_file,
				   check->conf->service_name, lk_clock_wall_s(lk_clock_system())};
	struct policy *policy = NULL;
	enum lk_err err = policy_load(&from, check->faults, &policy);

	policy_free(policy);
	return err == LK_E_MEMORY ? err : LK_OK;
}

enum lk_err
check_config(const char *conf_path, struct conf_faults *faults)
{
	struct check check = {NULL, faults};
	enum lk_err err = conf_load(conf_path, faults, &check.conf);

	if (err != LK_OK)
		return err;
	err = policy_check(&check);
	keys_check(&check);
	secret_check(&check, CONF_KEY_directory_bind_password_file,
		     check.conf->directory_bind_password_file);
	secret_check(&check, CONF_KEY_store_password_file, check.conf->store_password_file);
	certificate_check(&check);
	if (page_zone_set(check.conf->time_zone) != LK_OK)
		fault(&check, CONF_KEY_time_zone, "not known to this machine");
	conf_free(check.conf);
	if (err == LK_OK && conf_faults_count(faults) > 0)
		err = LK_E_FORMAT;
	return err;
}

static enum lk_err
epoch_init(struct store_shared *shared, const struct lk_call *call)
{
	struct store *store = shared == NULL ? NULL : store_new(shared);
	enum lk_err err;

	if (store == NULL)
		return LK_E_MEMORY;
	store_begin(store, call);
	err = store_epoch_init(store);
	store_free(store);
	return err;
}

static enum lk_err
store_init(const struct conf *conf, const struct lk_secret *password, struct lk_why *why)
{
	const struct lk_clock *clock = lk_clock_system();
	struct store_settings settings = {
	    .url = conf->store_url, .password = password, .timeout_ms = conf->store_timeout_ms};
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct lk_call call = {clock, arena, why, lk_clock_mono_ms(clock) + STORE_WAIT_MS};
	struct store_shared *shared = arena == NULL ? NULL : store_shared_new(&settings, clock);
	enum lk_err err = epoch_init(shared, &call);

	store_shared_free(shared);
	lk_arena_free(arena);
	return err;
}

enum lk_err
check_store_init(const char *conf_path, struct conf_faults *faults, struct lk_why *why)
{
	struct conf *conf = NULL;
	struct lk_secret *password = NULL;
	enum lk_err err = conf_load(conf_path, faults, &conf);

	if (err == LK_OK && conf->store_password_file != NULL)
		err = conf_secret_file_read(conf->store_password_file, why, &password);
	if (err == LK_OK)
		err = store_init(conf, password, why);
	lk_secret_free(password);
	conf_free(conf);
	return err;
}
