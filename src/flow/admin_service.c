/* SPDX-License-Identifier: MIT */
/* What operators ask of the service itself. */
#include "flow/admin_tell.h"
#include "flow/health.h"
#include "store/store_epoch.h"

#define FINDINGS_MAX 16

static const char *
store_fix(const struct fast *fast, const struct health *health)
{
	enum store_health store = store_shared_health(fast->store_shared);

	if (store == STORE_HEALTH_EVICTS)
		return "CONFIG SET maxmemory-policy noeviction, and in redis.conf";
	if (store == STORE_HEALTH_NOT_MASTER)
		return "let [store] url name the master";
	if (!health->replicas)
		return "see that the replicas of Redis run and keep up (INFO replication there), "
		       "or lower [store] wait_replicas and restart";
	return "see that Redis runs and [store] url names it";
}

/* --- status ---------------------------------------------------------------------------------- */

static void
part_put(struct admin_list *list, const char *name, bool is_up, const char *words)
{
	struct lk_buf *out = list->admin->out;

	if (!admin_list_wants(list))
		return;
	admin_put_c(out, "name", name);
	admin_put_flag(out, "is_up", is_up);
	admin_put_c(out, "words", words);
	(void)admin_list_fits(list);
}

static const char *
keys_words(const struct fast *fast, const struct health *health)
{
	if (!health->keys)
		return health->keys_fault;
	if (!health->pairwise)
		return health->pairwise_fault;
	return crypto_ring_is_locked(fast->ring) ? "kept out of swap" : "may be swapped out";
}

static void
parts_put(struct admin *admin, const struct health *health)
{
	const struct fast *fast = admin->desk.asker.flow->fast;
	struct admin_list list;
	const char *uri;
	bool is_up;

	admin_list_begin(&list, admin, "parts");
	for (size_t i = 0; (uri = dir_servers_uri(fast->dir_servers, i, &is_up)) != NULL; i++)
		part_put(&list, "directory", is_up, uri);
	part_put(&list, "store", health->store && health->replicas, health->store_words);
	part_put(&list, "audit", health->audit, fast->conf->audit_file);
	part_put(&list, "keys", health->keys && health->pairwise, keys_words(fast, health));
	part_put(&list, "clock", health->clock, health->clock ? "is set" : "was never set");
	admin_list_end(&list);
}

enum lk_err
admin_status_run(struct admin *admin)
{
	const struct fast *fast = admin->desk.asker.flow->fast;
	struct lk_arena *arena = admin->desk.asker.arena;
	struct health health;

	health_look(fast, &health);
	admin_put_c(admin->out, "version", PACKAGE_VERSION);
	admin_put_flag(admin->out, "is_ready", health.is_ready);
	admin_put_c(admin->out, "base_url", fast->conf->base_url);
	parts_put(admin, &health);
	admin_say_str(admin, lk_arena_printf(arena, "latchkeyd %s, %s: %s", PACKAGE_VERSION,
					     fast->conf->base_url,
					     health.is_ready ? "ready" : "not ready"));
	return LK_OK;
}

/* --- doctor ---------------------------------------------------------------------------------- */

struct check {
	const char *name;
	bool is_ok;
	struct lk_str words, fix;
};

static void
check_put(struct admin_list *list, const struct check *check)
{
	struct lk_buf *out = list->admin->out;

	if (!admin_list_wants(list))
		return;
	admin_put_c(out, "name", check->name);
	admin_put_flag(out, "is_ok", check->is_ok);
	admin_put(out, "words", check->words);
	admin_put(out, "fix", check->is_ok ? LK_STR("") : check->fix);
	(void)admin_list_fits(list);
}

/* The most wrong passwords one entry can receive from us in one window: both scopes full. */
static int
own_limit(const struct fast *fast)
{
	struct policy_lockout lockout;

	policy_lockout_ask(fast->policy, &lockout);
	return lockout.wrong_passwords + lockout.device_wrong_passwords;
}

/* Each finding is a sentence with its fix in it. */
static void
directory_checks(struct admin_list *list)
{
	struct flow *flow = list->admin->desk.asker.flow;
	struct dir_finding findings[FINDINGS_MAX];
	size_t count = 0;
	enum lk_err err =
	    dir_check(flow->dir, own_limit(flow->fast), findings, FINDINGS_MAX, &count);

	if (err != LK_OK)
		check_put(list, &(struct check){
				    "directory", false, LK_STR("does not answer"),
				    LK_STR("see [directory] uris, bind_dn, bind_password_file")});
	else if (count == 0)
		check_put(list, &(struct check){"directory", true, LK_STR("is set as it must be"),
						LK_STR("")});
	for (size_t i = 0; err == LK_OK && i < count; i++)
		check_put(list, &(struct check){
				    "directory", false, findings[i].words,
				    findings[i].is_fatal
					? LK_STR("as it says; the daemon does not start without it")
					: LK_STR("as it says")});
}

static void
own_checks(struct admin_list *list, const struct health *health)
{
	const struct fast *fast = list->admin->desk.asker.flow->fast;
	bool is_audit_up = audit_check(fast->audit) == LK_OK;
	bool is_whole = audit_missing_count(fast->audit) == 0;
	bool is_locked = crypto_ring_is_locked(fast->ring);
	const struct check checks[] = {
	    {"store", health->store && health->replicas, lk_str_c(health->store_words),
	     lk_str_c(store_fix(fast, health))},
	    {"audit disk", is_audit_up,
	     is_audit_up ? LK_STR("takes lines") : LK_STR("takes no lines"),
	     LK_STR("make room on its disk; the daemon goes on by itself")},
	    {"audit lines", is_whole,
	     is_whole ? LK_STR("none lacked what it needs") : LK_STR("some lack what they need"),
	     LK_STR("a fault of ours: report it, with latchkeyctl audit export")},
	    {"memory", is_locked,
	     is_locked ? LK_STR("keys are kept out of swap") : LK_STR("keys may be swapped out"),
	     LK_STR("raise LimitMEMLOCK (ulimit -l) of the daemon")},
	};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		check_put(list, &checks[i]);
}

static void
signing_check(struct admin_list *list, const struct health *health)
{
	struct check check = {"signing keys", true, LK_STR("tokens can be signed"), LK_STR("")};

	if (!health->keys)
		check = (struct check){
		    "signing keys", false, lk_str_c(health->keys_fault),
		    LK_STR("give each node the same key file, and the directory latchkey.schema "
			   "and acl.conf; or see latchkeyctl key list")};
	check_put(list, &check);
}

static void
pairwise_check(struct admin_list *list, const struct health *health)
{
	bool is_ok = health->pairwise_fault[0] == '\0';
	const struct check check = {
	    "pairwise", is_ok,
	    is_ok ? LK_STR("names for pairwise applications can be made")
		  : lk_str_c(health->pairwise_fault),
	    LK_STR("never remove it: give each node the same key file, with the key that sealed "
		   "it; see latchkeyctl key list, and contrib/directory/README.md")};

	check_put(list, &check);
}

enum lk_err
admin_doctor_run(struct admin *admin)
{
	struct admin_list list;
	struct health health;

	health_look(admin->desk.asker.flow->fast, &health);
	admin_list_begin(&list, admin, "checks");
	own_checks(&list, &health);
	signing_check(&list, &health);
	pairwise_check(&list, &health);
	directory_checks(&list);
	admin_list_end(&list);
	return LK_OK;
}

/* --- routes, settings ------------------------------------------------------------------------ */

/* A row without a name here does not compile. */
static const char *
where_name(enum route_where where)
{
	switch (where) {
	case ROUTE_LOOP:
		return "LOOP";
	case ROUTE_LANE:
		return "LANE";
	case ROUTE_QUICK:
		return "QUICK";
	case ROUTE_BOTH:
		return "BOTH";
	case ROUTE_LIGHT:
		return "LIGHT";
	}
	return "";
}

static const char *
guard_name(enum route_guard guard)
{
	switch (guard) {
	case GUARD_OPEN:
		return "OPEN";
	case GUARD_BROWSER:
		return "BROWSER";
	case GUARD_SESSION:
		return "SESSION";
	case GUARD_MAYBE:
		return "MAYBE";
	case GUARD_API:
		return "API";
	case GUARD_TOKEN:
		return "TOKEN";
	case GUARD_AUTHORIZE:
		return "AUTHORIZE";
	case GUARD_FORWARD:
		return "FORWARD";
	}
	return "";
}

enum lk_err
admin_routes_run(struct admin *admin)
{
	struct admin_list list;

	admin_list_begin(&list, admin, "routes");
	for (size_t i = 0; i < flow_route_count; i++) {
		const struct route *route = &flow_routes[i];

		if (!admin_list_wants(&list))
			continue;
		admin_put_c(admin->out, "method", route->method == METHOD_POST ? "POST" : "GET");
		admin_put_c(admin->out, "path", route->path);
		admin_put_c(admin->out, "where", where_name(route->where));
		admin_put_c(admin->out, "guard", guard_name(route->guard));
		admin_put_number(admin->out, "body_max_bytes", (int64_t)route->body_max_bytes);
		admin_put_number(admin->out, "deadline_ms", route->deadline_ms);
		admin_put_c(admin->out, "name", route->name);
		admin_put_c(admin->out, "source", route->source);
		(void)admin_list_fits(&list);
	}
	admin_list_end(&list);
	return LK_OK;
}

static void
setting_put(struct admin *admin, enum conf_key key)
{
	struct conf_shown shown;
	LK_AUTO_BUF value;

	lk_buf_init(&value, CONF_VALUE_MAX_BYTES);
	conf_show_one(admin->desk.asker.flow->fast->conf, key, &shown, &value);
	admin_put_c(admin->out, "section", shown.section);
	admin_put_c(admin->out, "key", shown.key);
	admin_put(admin->out, "value", lk_buf_str(&value));
	if (shown.origin.line == 0)
		return;
	admin_put_c(admin->out, "file", shown.origin.file);
	admin_put_number(admin->out, "line", shown.origin.line);
}

enum lk_err
admin_config_show_run(struct admin *admin)
{
	struct admin_list list;

	admin_list_begin(&list, admin, "settings");
	for (int i = 0; i < CONF_KEY_COUNT; i++) {
		if (!admin_list_wants(&list))
			continue;
		setting_put(admin, (enum conf_key)i);
		(void)admin_list_fits(&list);
	}
	admin_list_end(&list);
	return LK_OK;
}
