/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <sodium.h>

#include "conf/conf.h"
#include "conf/ini.h"
#include "conf/secret_file.h"
#include "base/secret_bytes.h"
#include "support/files_help.h"

/* What must be given; %s is the folder with the secrets. */
#define NEEDED                                                                                     \
	"[service]\nbase_url = https://signin.example:8443\nhelp_phone = 01632 960000\n"           \
	"[directory]\nuris = ldapi://%%2Frun%%2Fslapd, ldap://127.0.0.1:3389\n"                    \
	"bind_dn = cn=latchkey,dc=example\nbind_password_file = %s/bind\n"                         \
	"people_base = ou=people,dc=example\nfactors_base = ou=factors,dc=example\n"               \
	"decoy_dn = cn=nobody,dc=example\n"                                                        \
	"[keys]\nfile = %s/keys\n[audit]\nfile = %s/audit.log\n"                                   \
	"[mail]\nspool_dir = %s/spool\nfrom = signin@example.org\n"

static int
folder_begin(void **state)
{
	char *folder = calloc(1, HELP_PATH_BYTES);
	char text[8192];

	help_folder(folder);
	snprintf(text, sizeof text, NEEDED, folder, folder, folder, folder);
	help_write(folder, "latchkey.conf", 0644, text);
	help_write(folder, "bind", 0600, "geheim\n");
	help_write(folder, "keys", 0600, "1 x\n");
	*state = folder;
	return 0;
}

static int
folder_end(void **state)
{
	help_folder_remove(*state);
	free(*state);
	return 0;
}

/* The faults of a file, or NULL; yours to free. */
static char *
load(const char *path, struct conf **out)
{
	struct conf_faults faults = {.count = 0};
	enum lk_err err = conf_load(path, &faults, out);
	char *text = NULL;
	LK_AUTO_BUF words;

	lk_buf_init(&words, 65536);
	conf_faults_write(&faults, &words);
	if (err == LK_OK) {
		assert_int_equal(conf_faults_count(&faults), 0);
	} else {
		assert_int_equal(err, LK_E_FORMAT);
		assert_true(conf_faults_count(&faults) > 0);
		text = strdup(words.bytes);
	}
	conf_faults_done(&faults);
	return text;
}

static struct conf *
load_good(const char *folder)
{
	char path[HELP_PATH_BYTES];
	struct conf *conf = NULL;
	char *faults = load(help_path(path, folder, "latchkey.conf"), &conf);

	if (faults != NULL)
		fail_msg("%s", faults);
	return conf;
}

static void
every_golden_file_gives_its_faults_all_at_once(void **state)
{
	char folder[HELP_PATH_BYTES], want_path[HELP_PATH_BYTES];
	struct dirent *entry;
	unsigned count = 0;
	DIR *files;

	(void)state;
	assert_int_equal(chdir(help_source(folder, "tests/golden/conf")), 0);
	files = opendir(".");
	assert_non_null(files);
	while ((entry = readdir(files)) != NULL) {
		struct conf *conf = NULL;
		char *faults, *want;

		if (!lk_str_ends(lk_str_c(entry->d_name), ".conf"))
			continue;
		faults = load(entry->d_name, &conf);
		assert_null(conf);
		snprintf(want_path, sizeof want_path, "%.*s.want", (int)strlen(entry->d_name) - 5,
			 entry->d_name);
		want = help_read(want_path);
		assert_string_equal(faults, want);
		free(want);
		free(faults);
		count++;
	}
	closedir(files);
	assert_true(count >= 7);
}

static void
what_is_given_and_what_is_not(void **state)
{
	struct conf *conf = load_good(*state);

	assert_string_equal(conf->service_name, "Staff sign-in");
	assert_string_equal(conf->base_url, "https://signin.example:8443");
	assert_true(conf->is_https);
	assert_string_equal(conf->listen.host, "127.0.0.1");
	assert_int_equal(conf->listen.port, 8080);
	assert_true(conf->listen.is_loopback);
	assert_null(conf->metrics_listen.host);
	assert_null(conf->tls_key_file);
	assert_string_equal(conf->directory_groups_base, "");
	assert_int_equal(conf->trusted_proxies.count, 0);
	assert_null(conf->trusted_proxies.items[0]);
	assert_int_equal(conf->directory_uris.count, 2);
	assert_string_equal(conf->directory_uris.items[1], "ldap://127.0.0.1:3389");
	assert_null(conf->directory_uris.items[2]);
	assert_int_equal(conf->lane_count, 8);
	assert_int_equal(conf->directory_timeout_ms, 3000);
	assert_false(conf->directory_starttls);
	conf_free(conf);
	conf_free(NULL);
}

static void
conf_d_is_read_by_name_and_the_last_wins(void **state)
{
	struct conf_shown shown;
	struct conf *conf;
	LK_AUTO_BUF value;

	help_subfolder(*state, "conf.d");
	help_write(*state, "conf.d/10-a.conf", 0644, "[http]\nlanes = 3\nhead_timeout = 1 min\n");
	help_write(*state, "conf.d/20-b.conf", 0644, "\xEF\xBB\xBF\n[http]\r\nlanes = 4\r\n");
	help_write(*state, "conf.d/30-c.conf~", 0644, "[http]\nlanes = 5\n");
	help_write(*state, "conf.d/.hidden.conf", 0644, "[http]\nlanes = 6\n");
	conf = load_good(*state);
	assert_int_equal(conf->lane_count, 4);
	assert_int_equal(conf->request_head_timeout_s, 60);
	lk_buf_init(&value, 100);
	conf_show_one(conf, CONF_KEY_lane_count, &shown, &value);
	assert_string_equal(value.bytes, "4");
	assert_string_equal(shown.key, "lanes");
	assert_int_equal(shown.origin.line, 3);
	assert_non_null(strstr(shown.origin.file, "/conf.d/20-b.conf"));
	conf_free(conf);
}

static void
a_key_twice_in_one_file_is_told_with_both_lines(void **state)
{
	struct conf *conf = NULL;
	char path[HELP_PATH_BYTES], *faults;

	help_subfolder(*state, "conf.d");
	help_write(*state, "conf.d/a.conf", 0644, "[http]\nlanes = 3\n\nlanes = 3\n");
	faults = load(help_path(path, *state, "latchkey.conf"), &conf);
	assert_non_null(strstr(faults, "a.conf:4:1: lanes was given before, in line 2\n"));
	free(faults);
}

static void
a_secret_file_others_may_read_is_refused(void **state)
{
	static const mode_t bad[] = {0640, 0604, 0644, 0620, 0602, 0610};
	struct conf *conf = NULL;
	char path[HELP_PATH_BYTES], *faults;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		help_write(*state, "bind", bad[i], "geheim\n");
		faults = load(help_path(path, *state, "latchkey.conf"), &conf);
		assert_null(conf);
		assert_non_null(strstr(faults, "latchkey.conf:7:22: bind_password_file"));
		assert_non_null(strstr(faults, "chmod 600"));
		assert_null(strstr(faults, "geheim"));
		free(faults);
	}
}

static void
a_file_that_is_not_there_is_the_only_fault(void **state)
{
	struct conf *conf = NULL;
	char path[HELP_PATH_BYTES], want[HELP_PATH_BYTES + 100], *faults;

	faults = load(help_path(path, *state, "none.conf"), &conf);
	snprintf(want, sizeof want, "%s: this file cannot be opened: No such file or directory\n",
		 path);
	assert_string_equal(faults, want);
	free(faults);
	faults = load(*state, &conf);
	assert_non_null(strstr(faults, "is not a file"));
	free(faults);
}

static void
shown_values_say_where_they_come_from_and_no_secret(void **state)
{
	struct conf *conf = load_good(*state);
	LK_AUTO_BUF out;

	lk_buf_init(&out, 65536);
	conf_show(conf, &out);
	assert_non_null(strstr(out.bytes, "[http] lanes = 8  # default\n"));
	assert_non_null(strstr(out.bytes, "[directory] uris = ldapi://%2Frun%2Fslapd, "
					  "ldap://127.0.0.1:3389  # "));
	assert_non_null(strstr(out.bytes, "latchkey.conf:5\n"));
	assert_null(strstr(out.bytes, "geheim"));
	conf_free(conf);
}

/* The sample is what --check-config takes once the open keys are filled in. */
static void
the_sample_reads_back_as_the_defaults(void **state)
{
	char path[HELP_PATH_BYTES], *faults, *line;
	struct conf *conf = NULL;
	unsigned open_count = 0;
	LK_AUTO_BUF out;

	lk_buf_init(&out, 65536);
	conf_sample(&out);
	for (line = strstr(out.bytes, " =\n"); line != NULL; line = strstr(line + 1, " =\n"))
		open_count++;
	help_write(*state, "sample.conf", 0644, out.bytes);
	faults = load(help_path(path, *state, "sample.conf"), &conf);
	for (line = faults; *line != '\0'; line = strchr(line, '\n') + 1) {
		assert_non_null(strstr(line, "must not be empty\n"));
		open_count--;
	}
	free(faults);
	/* Left are those that may be left out; they stand behind '#'. */
	for (line = strstr(out.bytes, "\n#"); line != NULL; line = strstr(line + 1, "\n#")) {
		if (line[2] != ' ' && strstr(line, " =\n") == strchr(line + 1, '\n') - 2)
			open_count--;
	}
	assert_int_equal(open_count, 0);
}

static void
help_is_no_wider_than_79_columns_and_names_every_key(void **state)
{
	struct conf_shown shown;
	struct conf conf = {.arena = NULL};
	LK_AUTO_BUF out;
	LK_AUTO_BUF value;
	char *line, *end;
	int key;

	(void)state;
	lk_buf_init(&out, 65536);
	lk_buf_init(&value, 100);
	conf_help(&out);
	for (line = out.bytes; (end = strchr(line, '\n')) != NULL; line = end + 1)
		assert_true(end - line <= 79);
	for (key = 0; key < CONF_KEY_COUNT; key++) {
		if (key == CONF_KEY_directory_uris || key == CONF_KEY_trusted_proxies ||
		    key == CONF_KEY_admin_users || key == CONF_KEY_call_allow)
			continue; /* lists are not there to be shown */
		lk_buf_clear(&value);
		conf_show_one(&conf, (enum conf_key)key, &shown, &value);
		lk_buf_clear(&value);
		lk_buf_printf(&value, "\n  %s\n", shown.key);
		assert_non_null(strstr(out.bytes, value.bytes));
	}
}

static void
a_secret_is_one_line_as_it_stands(void **state)
{
	struct lk_secret *secret = NULL;
	char path[HELP_PATH_BYTES];

	help_path(path, *state, "secret");
	help_write(*state, "secret", 0600, " two words \r\n");
	assert_int_equal(conf_secret_file_read(path, NULL, &secret), LK_OK);
	assert_true(lk_str_is(lk_secret_bytes(secret), " two words "));
	lk_secret_free(secret);
	help_write(*state, "secret", 0400, "x");
	assert_int_equal(conf_secret_file_read(path, NULL, &secret), LK_OK);
	assert_true(lk_str_is(lk_secret_bytes(secret), "x"));
	lk_secret_free(secret);
}

static void
a_secret_that_is_not_one_line_is_refused_and_not_shown(void **state)
{
	static const char *const bad[] = {"", "\n", "\r\n", "geheim\nmore\n", "ge\rheim\n", NULL};
	struct lk_secret *secret = NULL;
	char path[HELP_PATH_BYTES], longest[CONF_SECRET_MAX_BYTES + 2];
	struct lk_why why = {.len = 0};
	size_t i;

	help_path(path, *state, "secret");
	for (i = 0; bad[i] != NULL; i++) {
		help_write(*state, "secret", 0600, bad[i]);
		lk_why_clear(&why);
		assert_int_equal(conf_secret_file_read(path, &why, &secret), LK_E_FORMAT);
		assert_true(why.len > 0);
		assert_null(strstr(why.text, "heim"));
	}
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	help_write(*state, "secret", 0600, longest);
	assert_int_equal(conf_secret_file_read(path, &why, &secret), LK_E_FORMAT);
	longest[sizeof longest - 2] = '\0';
	help_write(*state, "secret", 0600, longest);
	assert_int_equal(conf_secret_file_read(path, &why, &secret), LK_OK);
	assert_int_equal(lk_secret_len(secret), CONF_SECRET_MAX_BYTES);
	lk_secret_free(secret);
	unlink(path);
	assert_int_equal(conf_secret_file_read(path, &why, &secret), LK_E_NOT_FOUND);
	assert_int_equal(conf_secret_file_read(*state, &why, &secret), LK_E_FORMAT);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(conf_secret_file_read(path, &why, &secret), LK_E_FORMAT);
}

static void
the_mailer_reads_it_without_the_daemons_secrets(void **state)
{
	struct conf_faults faults = {.count = 0};
	char path[HELP_PATH_BYTES], file[HELP_PATH_BYTES];
	struct conf *conf = NULL;

	help_path(path, *state, "latchkey.conf");
	assert_int_equal(unlink(help_path(file, *state, "bind")), 0);
	assert_int_equal(unlink(help_path(file, *state, "keys")), 0);
	assert_int_equal(conf_load(path, &faults, &conf), LK_E_FORMAT);
	conf_faults_done(&faults);
	faults = (struct conf_faults){.count = 0};
	assert_int_equal(conf_load_mailer(path, &faults, &conf), LK_OK);
	assert_string_equal(conf->mail_from, "signin@example.org");
	conf_faults_done(&faults);
	conf_free(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_golden_file_gives_its_faults_all_at_once),
	    cmocka_unit_test_setup_teardown(what_is_given_and_what_is_not, folder_begin,
					    folder_end),
	    cmocka_unit_test_setup_teardown(conf_d_is_read_by_name_and_the_last_wins, folder_begin,
					    folder_end),
	    cmocka_unit_test_setup_teardown(a_key_twice_in_one_file_is_told_with_both_lines,
					    folder_begin, folder_end),
	    cmocka_unit_test_setup_teardown(a_secret_file_others_may_read_is_refused, folder_begin,
					    folder_end),
	    cmocka_unit_test_setup_teardown(a_file_that_is_not_there_is_the_only_fault,
					    folder_begin, folder_end),
	    cmocka_unit_test_setup_teardown(shown_values_say_where_they_come_from_and_no_secret,
					    folder_begin, folder_end),
	    cmocka_unit_test_setup_teardown(the_sample_reads_back_as_the_defaults, folder_begin,
					    folder_end),
	    cmocka_unit_test(help_is_no_wider_than_79_columns_and_names_every_key),
	    cmocka_unit_test_setup_teardown(a_secret_is_one_line_as_it_stands, folder_begin,
					    folder_end),
	    cmocka_unit_test_setup_teardown(a_secret_that_is_not_one_line_is_refused_and_not_shown,
					    folder_begin, folder_end),
	    cmocka_unit_test_setup_teardown(the_mailer_reads_it_without_the_daemons_secrets,
					    folder_begin, folder_end),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
