/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>

#include "flow/admin_door.h"
#include "flow/signing.h"
#include "support/pairwise_help.h"
#include "page/page.h"
#include "spool/spool.h"
#include "support/audit_help.h"
#include "support/files_help.h"
#include "support/policy_help.h"
#include "support/desk_help.h"

struct desk_world world;
bool is_disk_full;
char desk_folder[HELP_PATH_BYTES];

static struct help_log audit_log;
static struct conf conf;
static struct fast fast;
static struct policy *policy;
static struct signing *signing;
static struct pairwise *pairwise;
static char log_bytes[1048576];

/* --- the directory and the store -------------------------------------------------------------- */

enum lk_err
dir_person_find(struct dir *dir, struct lk_str name, struct dir_person *out)
{
	(void)dir;
	if (!world.is_there || !lk_str_is_equal_nocase(name, world.person.username))
		return LK_E_PERSON_NOT_FOUND;
	*out = world.person;
	return LK_OK;
}

enum lk_err
dir_person_get(struct dir *dir, struct lk_str id, struct dir_person *out)
{
	(void)dir;
	(void)id;
	*out = world.person;
	return LK_OK;
}

enum lk_err
dir_people_find(struct dir *dir, struct lk_str text, size_t max, struct dir_person **out,
		size_t *out_count)
{
	static struct dir_person people[50];

	(void)dir;
	(void)text;
	assert_true(world.people_count <= max);
	for (size_t i = 0; i < world.people_count; i++)
		people[i] = world.person;
	*out = people;
	*out_count = world.people_count;
	return LK_OK;
}

enum lk_err
dir_factors_get(struct dir *dir, const struct dir_person *person, struct dir_factors *out)
{
	(void)dir;
	(void)person;
	*out = world.factors;
	return LK_OK;
}

enum lk_err
dir_lock_clear(struct dir *dir, const struct dir_person *person)
{
	(void)dir;
	(void)person;
	world.clear_count++;
	return world.clear_err;
}

enum lk_err
dir_check(struct dir *dir, int own_limit, struct dir_finding *out, size_t max, size_t *out_count)
{
	(void)dir;
	assert_int_equal(own_limit, 20);
	assert_true(world.finding_count <= max);
	for (size_t i = 0; i < world.finding_count; i++)
		out[i] = (struct dir_finding){i == 0, LK_STR("pwdMaxFailure is 5; set it to 30.")};
	*out_count = world.finding_count;
	return LK_OK;
}

const char *
dir_servers_uri(const struct dir_servers *servers, size_t index, bool *out_is_up)
{
	(void)servers;
	*out_is_up = index == 1;
	return index == 0 ? "ldap://one" : index == 1 ? "ldap://two" : NULL;
}

enum store_health
store_shared_health(const struct store_shared *shared)
{
	(void)shared;
	return world.is_store_down ? STORE_HEALTH_DOWN : STORE_HEALTH_OK;
}

void
store_shared_replicas(const struct store_shared *shared, struct store_replicas *out)
{
	(void)shared;
	*out = (struct store_replicas){.is_enough = true};
}

enum lk_err
store_try_get(struct store *store, struct lk_str person_id, struct store_try_state *out)
{
	(void)store;
	(void)person_id;
	if (world.is_store_down)
		return LK_E_STORE_DOWN;
	memcpy(out, world.tries, sizeof(world.tries));
	return LK_OK;
}

enum lk_err
store_sessions_find(struct store *store, struct lk_str person_id, size_t max,
		    struct store_session_row **out, size_t *out_count)
{
	(void)store;
	(void)person_id;
	assert_true(world.session_count <= max);
	*out = world.sessions;
	*out_count = world.session_count;
	return LK_OK;
}

enum lk_err
store_commit(struct store *store, const struct store_change *changes, size_t count,
	     struct store_result *out)
{
	(void)store;
	assert_true(count > 0);
	if (world.is_store_down || world.is_commit_down)
		return LK_E_STORE_DOWN;
	world.unlock_count += changes[0].kind == STORE_UNLOCK;
	world.end_count += changes[0].kind == STORE_SESSIONS_END_ALL;
	out->ended_count = (uint32_t)world.session_count;
	return LK_OK;
}

const struct route flow_routes[] = {
    {.where = ROUTE_LOOP,
     .method = METHOD_GET,
     .path = "/",
     .guard = GUARD_SESSION,
     .name = "services"},
    {.where = ROUTE_LANE,
     .method = METHOD_POST,
     .path = "/signin",
     .guard = GUARD_MAYBE,
     .name = "signin"},
};
const size_t flow_route_count = 2;

/* --- time and disk ---------------------------------------------------------------------------- */

static int64_t
wall_s(const struct lk_clock *clock)
{
	(void)clock;
	return DESK_NOW_S;
}

static int64_t
mono_ms(const struct lk_clock *clock)
{
	(void)clock;
	return lk_clock_mono_ms(lk_clock_system());
}

static const struct lk_clock clock_now = {wall_s, mono_ms};
static const struct lk_log quiet = {&clock_now, LK_LOG_ERROR, 2};

static ssize_t
disk_write(int fd, const void *bytes, size_t len)
{
	if (is_disk_full) {
		errno = ENOSPC;
		return -1;
	}
	return audit_io_system()->write(fd, bytes, len);
}

static int
disk_sync(int fd)
{
	return audit_io_system()->sync(fd);
}

static const struct audit_io disk = {disk_write, disk_sync};

/* --- setting up ------------------------------------------------------------------------------- */

static void
person_make(void)
{
	world = (struct desk_world){
	    .is_there = true,
	    .person =
		{
		    .id = LK_STR("0b2d1f9c-0000-4000-8000-000000000001"),
		    .username = LK_STR("sm10001"),
		    .display_name = LK_STR("Siân Morgan"),
		    .mail = LK_STR("sian@example.test"),
		    .language = LK_STR("en"),
		    .state = DIR_OPEN,
		    .password_changed_at_s = DESK_NOW_S - 86400 * 30,
		},
	    .factors =
		{
		    .has_entry = true,
		    .totp_sealed = LK_STR("sealed"),
		    .totp_name = LK_STR("Phone"),
		    .totp_added_at_s = DESK_NOW_S - 86400 * 60,
		    .recovery_count = 8,
		},
	    .people_count = 1,
	};
}

/* One key of ES256, which is all this service needs. */
static void
signing_make(void)
{
	struct signing_entry entry = {
	    .name = "ES256-1", .kid = "one", .alg = CRYPTO_ES256, .generation = 1, .is_open = true};
	const struct signing_plan plan = {&entry, 1, SIGNING_ALG(CRYPTO_ES256), 1, 1, 1, 1};
	struct crypto_jwk *key = NULL;
	const struct signing_make make = {&plan, &key};

	signing = signing_new();
	assert_non_null(signing);
	assert_int_equal(crypto_jwk_make(CRYPTO_ES256, 0, &key), LK_OK);
	assert_int_equal(signing_put(signing, &make), LK_OK);
}

void
desk_pairwise_lose(void)
{
	const struct pairwise_seen seen = {
	    .count = 1,
	    .each = {{.name = "pairwise-1", .generation = 1, .key_id = 1}},
	    .fault = "pairwise-1 does not open with this node's key file",
	};

	assert_int_equal(pairwise_put(pairwise, NULL, &seen), LK_OK);
}

int
desk_set_up(void **state)
{
	static char spool[HELP_PATH_BYTES];

	(void)state;
	is_disk_full = false;
	help_folder(desk_folder);
	help_log_init(&audit_log);
	assert_int_equal(help_log_open_io(&audit_log, &disk, NULL), LK_OK);
	help_policy_folder(desk_folder);
	policy = help_policy(desk_folder);
	person_make();
	assert_int_equal(page_zone_set("Europe/London"), LK_OK);
	help_path(spool, desk_folder, "spool");
	assert_int_equal(spool_init(spool, NULL), LK_OK);
	conf = (struct conf){.service_name = "Staff sign-in",
			     .base_url = "https://signin.example",
			     .help_phone = "029 2018 0123",
			     .help_hours = "Mon-Fri 07:00-19:00",
			     .audit_file = audit_log.path,
			     .spool_dir = spool};
	signing_make();
	pairwise = help_pairwise();
	fast = (struct fast){.conf = &conf,
			     .policy = policy,
			     .ring = audit_log.ring,
			     .clock = &clock_now,
			     .log = &quiet,
			     .audit = audit_log.audit,
			     .signing = signing,
			     .pairwise = pairwise};
	return 0;
}

int
desk_tear_down(void **state)
{
	(void)state;
	is_disk_full = false;
	pairwise_free(pairwise);
	signing_free(signing);
	policy_free(policy);
	help_log_done(&audit_log);
	help_folder_remove(desk_folder);
	return 0;
}

/* --- asking ----------------------------------------------------------------------------------- */

struct lk_json *
desk_ask(const char *asked)
{
	struct lk_arena *arena = lk_arena_new(65536, 1048576);
	struct lk_why reasons = {0};
	struct lk_call call = {&clock_now, arena, &reasons, mono_ms(NULL) + 5000};
	struct flow flow = {.fast = &fast, .call = &call};
	struct lk_json *question = NULL, *answer = NULL;
	struct admin_question admin = {.peer_user = LK_STR("root"),
				       .reference = LK_STR("7Q4M-2XPD")};
	char text[1024];
	LK_AUTO_BUF out;

	lk_buf_init(&out, ADMIN_ANSWER_MAX_BYTES);
	snprintf(text, sizeof(text), "%s", asked);
	for (char *at = text; *at != '\0'; at++)
		if (*at == '\'')
			*at = '"';
	assert_int_equal(lk_json_read(lk_str_c(text), sizeof(text), &question), LK_OK);
	admin.asked = question;
	flow_admin_answer(&flow, &admin, &out);
	assert_int_equal(lk_json_read(lk_buf_str(&out), ADMIN_ANSWER_MAX_BYTES, &answer), LK_OK);
	lk_json_free(question);
	lk_arena_free(arena);
	return answer;
}

const char *
desk_text(const struct lk_json *answer, const char *name)
{
	static char text[16384];
	const struct lk_json *value = lk_json_find(answer, name);
	struct lk_str one = {NULL, 0};
	size_t len = 0;

	text[0] = '\0';
	if (lk_json_to_str(value, &one))
		snprintf(text, sizeof(text), "%.*s", LK_STR_ARGS(one));
	for (size_t i = 0; i < lk_json_count(value); i++)
		if (lk_json_to_str(lk_json_at(value, i), &one))
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%.*s ",
						LK_STR_ARGS(one));
	return text;
}

bool
desk_flag(const struct lk_json *answer, const char *name)
{
	bool flag = false;

	(void)lk_json_to_bool(lk_json_find(answer, name), &flag);
	return flag;
}

long long
desk_number(const struct lk_json *answer, const char *name)
{
	int64_t number = -1;

	(void)lk_json_to_i64(lk_json_find(answer, name), &number);
	return number;
}

const char *
desk_log(void)
{
	(void)help_read_file(audit_log.path, log_bytes, sizeof(log_bytes));
	return log_bytes;
}

const char *
desk_mail(void)
{
	static char mail[SPOOL_MAIL_MAX_BYTES];
	DIR *dir = opendir(conf.spool_dir);
	char path[HELP_PATH_BYTES + 300];

	assert_non_null(dir);
	mail[0] = '\0';
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		if (entry->d_type != DT_REG || entry->d_name[0] == '.')
			continue;
		assert_int_equal(mail[0], '\0');
		snprintf(path, sizeof(path), "%s/%s", conf.spool_dir, entry->d_name);
		(void)help_read_file(path, mail, sizeof(mail));
	}
	closedir(dir);
	return mail;
}

void
desk_log_fill(int count)
{
	for (int i = 0; i < count; i++) {
		const struct audit_line line = {
		    .event = i == 0 ? AUDIT_SIGNIN_DONE : AUDIT_PASSWORD_SHOWN,
		    .ref = i == 0 ? LK_STR("ABCD-EFGH") : LK_STR("AAAA-AAAA"),
		    .person_id = world.person.id,
		    .username = world.person.username,
		    .session = LK_STR("AbCdEfGh"),
		};

		assert_int_equal(audit_append(audit_log.audit, &line, mono_ms(NULL) + 5000), LK_OK);
	}
}
