/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <liboath/oath.h>

#include "audit/open.h"
#include "audit/read.h"
#include "base/secret_bytes.h"
#include "exchange/form.h"
#include "exchange/origin.h"
#include "exchange/params.h"
#include "flow/client_memory.h"
#include "flow/discovery.h"
#include "flow/guesses.h"
#include "flow/help.h"
#include "spool/spool.h"
#include "support/crypto_help.h"
#include "support/flow_help.h"
#include "support/policy_help.h"

/* --- a disk for the audit ------------------------------------------------------------------- */

static bool is_disk_full;

static ssize_t
disk_write(int fd, const void *bytes, size_t len)
{
	if (!is_disk_full)
		return write(fd, bytes, len);
	errno = ENOSPC;
	return -1;
}

/* Not waited for: these tests lose no power. */
static int
disk_sync(int fd)
{
	(void)fd;
	return 0;
}

static const struct audit_io disk = {disk_write, disk_sync};

void
world_disk_full(bool is_full)
{
	is_disk_full = is_full;
}

void
world_audit_breaks(struct world *world, bool is_broken)
{
	is_disk_full = is_broken;
	if (!is_broken)
		assert_int_equal(audit_heal(world->audit, NULL), LK_OK);
}

/* --- the world ------------------------------------------------------------------------------ */

static int64_t
wall_s(const struct lk_clock *clock)
{
	return ((const struct help_clock *)clock)->wall_s;
}

/* Goes on by itself: what waits for the audit waits for real. */
static int64_t
mono_ms(const struct lk_clock *clock)
{
	return ((const struct help_clock *)clock)->mono_ms + lk_clock_mono_ms(lk_clock_system());
}

void
world_pass(struct world *world, int64_t seconds)
{
	world->clock.wall_s += seconds;
	world->clock.mono_ms += seconds * 1000;
}

static void
policy_read(struct world *world)
{
	policy_free(world->policy);
	world->policy = help_policy(world->folder);
	world->fast.policy = world->policy;
	world->fast.number++;
	discovery_free(world->fast.discovery);
	world->fast.discovery = discovery_new(&world->conf, world->policy);
	assert_non_null(world->fast.discovery);
}

void
world_policy(struct world *world, const char *file, const char *text)
{
	char old[HELP_PATH_BYTES];

	unlink(help_path(old, world->folder, file));
	help_write(world->folder, file, 0644, text);
	policy_read(world);
}

static void
conf_fill(struct world *world)
{
	world->conf = (struct conf){
	    .service_name = "Staff sign-in",
	    .base_url = "https://signin.example",
	    .help_phone = "0300 123 4567",
	    .help_hours = "Mon-Fri 07:00-19:00",
	    .spool_dir = world->spool,
	    .is_https = true,
	};
}

static void
fast_fill(struct world *world)
{
	world->logger =
	    (struct lk_log){.clock = &world->clock.clock, .least = LK_LOG_ERROR, .fd = 2};
	world->fast = (struct fast){
	    .conf = &world->conf,
	    .ring = world->ring,
	    .clock = &world->clock.clock,
	    .log = &world->logger,
	    .audit = world->audit,
	    .metrics = world->metrics,
	    .help = help_new(world->conf.help_phone, world->conf.help_hours),
	    .guesses = guesses_new(),
	    .is_https = true,
	};
}

static void
folders_make(struct world *world)
{
	help_folder(world->folder);
	help_policy_folder(world->folder);
	snprintf(world->spool, sizeof world->spool, "%.400s/spool", world->folder);
	snprintf(world->log, sizeof world->log, "%.400s/audit.log", world->folder);
	help_subfolder(world->folder, "spool");
	assert_int_equal(spool_init(world->spool, NULL), LK_OK);
}

int
world_begin(void **state)
{
	struct world *world = calloc(1, sizeof *world);

	assert_non_null(world);
	assert_int_equal(crypto_init(), LK_OK);
	assert_int_equal(page_zone_set("Europe/London"), LK_OK);
	world->clock = (struct help_clock){{wall_s, mono_ms}, HELP_START_S, 0};
	folders_make(world);
	conf_fill(world);
	world->ring = help_ring("1 " KEY_A "\n");
	world->metrics = metrics_new("test");
	is_disk_full = false;
	assert_int_equal(audit_open_setup(&(struct audit_setup){world->log, world->ring,
								&world->clock.clock, &disk},
					  NULL, &world->audit),
			 LK_OK);
	fast_fill(world);
	world->clients = client_memory_new();
	policy_read(world);
	world->store.epoch = 7;
	world->store.clock = &world->clock.clock;
	world->asha = fake_dir_add(&world->dir, ASHA, OLD_PASSWORD);
	phone_give(world, world->asha);
	codes_give(world, world->asha, world->recovery);
	*state = world;
	return 0;
}

int
world_end(void **state)
{
	struct world *world = *state;

	audit_close(world->audit);
	metrics_free(world->metrics);
	client_memory_free(world->clients);
	policy_free(world->policy);
	help_free(world->fast.help);
	guesses_free(world->fast.guesses);
	discovery_free(world->fast.discovery);
	crypto_ring_free(world->ring);
	help_folder_remove(world->folder);
	free(world);
	return 0;
}

/* --- requests ------------------------------------------------------------------------------- */

static const char agent[] =
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

static void
cookies_keep(struct browser *browser, const struct res *res)
{
	for (int i = 0; i < COOKIE_COUNT; i++)
		if (res->cookie[i].is_set && !(browser->is_stranger && i == COOKIE_DEVICE))
			snprintf(browser->cookie[i], sizeof browser->cookie[i], "%.*s",
				 LK_STR_ARGS(res->cookie[i].value));
}

static void
reply_fill(const struct req *req, const struct res *res, struct reply *out)
{
	*out = (struct reply){
	    .status = res->status,
	    .is_even = res->not_before_mono_ms > req->began_mono_ms,
	    .retry_after_s = res->retry_after_s,
	};
	snprintf(out->location, sizeof out->location, "%.*s", LK_STR_ARGS(res->location));
	snprintf(out->type, sizeof out->type, "%s",
		 res->content_type == NULL ? "" : res->content_type);
	assert_false(res->is_spoilt);
	for (size_t i = 0, at = 0; i < res->header_count; i++) {
		at += (size_t)snprintf(out->headers + at, sizeof out->headers - at, "%s: %.*s\n",
				       res->header[i].name, LK_STR_ARGS(res->header[i].value));
		assert_true(at < sizeof out->headers);
	}
	if (res->status == 200 || res->status >= 400)
		snprintf(out->body, sizeof out->body, "%.*s", LK_STR_ARGS(lk_buf_str(&res->body)));
}

/* What http does with what needs no lane, one after the other. False: a lane must do it. */
static bool
light(struct world *world, struct flow *flow, const struct route *route, const struct req *req,
      struct res *res)
{
	const struct flow_prepared *prepared =
	    flow_prepare(flow->fast, route, req, flow->call, res);
	struct store_result result;
	enum lk_err err;

	if (prepared == NULL)
		return false;
	world->light_count++;
	err = audit_check(flow->fast->audit);
	if (err == LK_OK)
		err = store_commit(flow->store, &prepared->change, 1, &result);
	if (err == LK_OK)
		err = audit_append(flow->fast->audit, &prepared->line, req->deadline_mono_ms);
	flow_answer_prepared(flow->fast, req, prepared, err, res);
	return true;
}

static void
answer(struct world *world, struct req *req, struct res *res)
{
	struct lk_why why = {.len = 0};
	struct lk_call call = {&world->clock.clock, req->arena, &why, req->deadline_mono_ms};
	struct flow flow = {
	    .fast = &world->fast, .call = &call, .store = &world->store, .dir = &world->dir};
	struct store_answer fetched = {0};
	struct flow_stored stored = {LK_OK, NULL};
	struct store_ask ask = {0};
	const struct route *route;
	enum route_where where;
	enum lk_err err = flow_route_find(req->method, req->path, &route);

	store_begin(&world->store, &call);
	dir_begin(&world->dir, &call);
	if (err != LK_OK) {
		flow_refuse(&world->fast, req, err, res);
		return;
	}
	where = flow_route_where(route, req);
	if (where == ROUTE_QUICK)
		flow.dir = NULL;
	if (light(world, &flow, route, req, res))
		return;
	if (where != ROUTE_LOOP) {
		req->clients = NULL;
		flow_answer_lane(&flow, route, req, res);
		return;
	}
	if (flow_ask(&world->fast, route, req, &ask)) {
		stored.err = store_fetch(&world->store, &ask, &fetched);
		stored.answer = &fetched;
	}
	flow_answer_loop(&world->fast, route, req, &stored, res);
}

static void
req_fill(struct world *world, struct browser *browser, const char *path, struct req *out)
{
	const char *query = strchr(path, '?');
	int64_t now_ms = mono_ms(&world->clock.clock);

	out->path = lk_str_n(path, query == NULL ? strlen(path) : (size_t)(query - path));
	out->query = query == NULL ? (struct lk_str){NULL, 0} : lk_str_c(query + 1);
	crypto_reference_make(out->reference);
	out->address = LK_STR("192.0.2.7");
	origin_address_key(world->ring, out->address, &out->address_key);
	out->lang = browser->is_welsh ? LANG_CY : LANG_EN;
	out->agent = lk_str_c(agent);
	out->is_same_origin = true;
	out->clients = world->clients;
	out->began_mono_ms = now_ms;
	out->deadline_mono_ms = now_ms + 5000;
	for (int i = 0; i < COOKIE_COUNT; i++)
		out->cookie[i] = lk_arena_dup(out->arena, lk_str_c(browser->cookie[i]));
}

static void
form_fill(struct world *world, struct req *req, const char *fields)
{
	const struct route *route;
	struct lk_str key, body;
	enum cookie cookie;

	assert_int_equal(flow_route_find(METHOD_POST, req->path, &route), LK_OK);
	cookie = route->job == JOB_NONE ? COOKIE_SESSION : COOKIE_BROWSER;
	key = steps_form_key(world->ring, req->cookie[cookie], (enum job)route->job, req->arena);
	body = lk_arena_printf(req->arena, "form_key=%.*s%s%s", LK_STR_ARGS(key),
			       fields[0] == '\0' ? "" : "&", fields);
	req->is_form_bad = form_read(req, route->fields, body) != LK_OK;
}

/* What one request takes; a request inside another one, from a hook: the outer one goes on. */
struct going {
	struct req req;
	struct res *res;
	const struct lk_call *store_call, *dir_call;
};

static void
going_begin(struct world *world, struct going *going)
{
	*going = (struct going){
	    .req = {.arena = lk_arena_new(65536, 8u << 20)},
	    .res = calloc(1, sizeof *going->res),
	    .store_call = world->store.call,
	    .dir_call = world->dir.call,
	};
	assert_non_null(going->req.arena);
	assert_non_null(going->res);
	world->arena = going->req.arena;
	world->res = going->res;
	lk_buf_init(&going->res->body, RES_BODY_MAX_BYTES);
}

static void
going_end(struct world *world, struct going *going, struct browser *browser, struct reply *out)
{
	cookies_keep(browser, going->res);
	reply_fill(&going->req, going->res, out);
	lk_buf_done(&going->res->body);
	free(going->res);
	lk_arena_free(going->req.arena);
	world->store.call = going->store_call;
	world->dir.call = going->dir_call;
}

static void
request(struct world *world, struct browser *browser, const char *path, const char *fields,
	struct reply *out)
{
	struct going going;

	going_begin(world, &going);
	going.req.method = fields == NULL ? METHOD_GET : METHOD_POST;
	req_fill(world, browser, path, &going.req);
	if (fields != NULL)
		form_fill(world, &going.req, fields);
	answer(world, &going.req, going.res);
	going_end(world, &going, browser, out);
}

void
program(struct world *world, struct browser *browser, const struct program *sent, struct reply *out)
{
	struct browser nobody = {.is_stranger = true};
	const struct route *route;
	struct going going;
	struct req *req = &going.req;

	if (browser == NULL)
		browser = &nobody;
	going_begin(world, &going);
	req->method = sent->body == NULL ? METHOD_GET : METHOD_POST;
	req_fill(world, browser, sent->path, req);
	if (sent->address != NULL)
		req->address = lk_str_c(sent->address);
	assert_int_equal(flow_route_find(req->method, req->path, &route), LK_OK);
	assert_true(flow_route_has_params(route));
	req->is_program = flow_route_is_program(route);
	req->header[HEADER_authorization] = lk_str_c(sent->authorization);
	req->header[HEADER_x_forwarded_host] = lk_str_c(browser->forwarded_host);
	req->header[HEADER_x_original_url] = lk_str_c(browser->original_url);
	req->header[HEADER_accept] = lk_str_c(browser->accept);
	assert_int_equal(params_read(req, req->query, lk_str_c(sent->body)), LK_OK);
	answer(world, req, going.res);
	going_end(world, &going, browser, out);
}

void
get(struct world *world, struct browser *browser, const char *path, struct reply *out)
{
	request(world, browser, path, NULL, out);
}

void
post(struct world *world, struct browser *browser, const char *path, const char *fields,
     struct reply *out)
{
	if (browser->cookie[COOKIE_BROWSER][0] == '\0')
		get(world, browser, "/signin", out);
	request(world, browser, path, fields, out);
}

void
world_died(struct world *world)
{
	lk_buf_done(&world->res->body);
	free(world->res);
	lk_arena_free(world->arena);
	world->store.hook = world->dir.hook = NULL;
}

void
field(char out[1024], const char *name, const char *value)
{
	size_t len = strlen(out);

	len += (size_t)snprintf(out + len, 1024 - len, "%s%s=", len == 0 ? "" : "&", name);
	for (; *value != '\0' && len < 1000; value++) {
		if (*value == ' ')
			out[len++] = '+';
		else if (strchr("&=%+", *value) == NULL)
			out[len++] = *value;
		else
			len += (size_t)snprintf(out + len, 1024 - len, "%%%02X", *value);
	}
	out[len] = '\0';
}

/* --- proofs --------------------------------------------------------------------------------- */

const char *
code_of(const struct world *world, const struct fake_person *fake, int steps)
{
	static char codes[4][8];
	static int next;
	char *code = codes[next++ % 4];
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct lk_secret *seed;
	struct lk_str bytes;

	snprintf(code, 8, "000000");
	if (fake->totp_len > 0) {
		assert_int_equal(crypto_open(world->ring, fake->person.id,
					     lk_str_n((const char *)fake->totp, fake->totp_len),
					     arena, &seed),
				 LK_OK);
		bytes = lk_secret_bytes(seed);
		assert_int_equal(oath_totp_generate(bytes.ptr, bytes.len,
						    world->clock.wall_s + steps * 30, 30, 0, 6,
						    code),
				 OATH_OK);
	}
	lk_arena_free(arena);
	return code;
}

const char *
code_shown(const struct world *world, const struct reply *page)
{
	static char code[8];
	const char *at = strstr(page->body, "secret=");
	char *seed;
	size_t len;

	assert_non_null(at);
	assert_int_equal(oath_base32_decode(at + strlen("secret="), 32, &seed, &len), OATH_OK);
	assert_int_equal(oath_totp_generate(seed, len, world->clock.wall_s, 30, 0, 6, code),
			 OATH_OK);
	free(seed);
	return code;
}

void
phone_give(struct world *world, struct fake_person *fake)
{
	struct lk_arena *arena = lk_arena_new(4096, 65536);
	struct lk_secret *seed;
	struct lk_str sealed;

	assert_int_equal(crypto_totp_seed_make(arena, &seed), LK_OK);
	assert_int_equal(crypto_seal_secret(world->ring, fake->person.id, seed, arena, &sealed),
			 LK_OK);
	memcpy(fake->totp, sealed.ptr, sealed.len);
	fake->totp_len = sealed.len;
	snprintf(fake->totp_name, sizeof fake->totp_name, "Old phone");
	lk_arena_free(arena);
}

/* Made once: they are slow to make. */
void
codes_give(struct world *world, struct fake_person *fake, char out[2][16])
{
	static char codes[CRYPTO_RECOVERY_COUNT][16], hashes[CRYPTO_RECOVERY_COUNT][FAKE_TEXT];
	struct lk_str made_codes[CRYPTO_RECOVERY_COUNT], made_hashes[CRYPTO_RECOVERY_COUNT];
	struct lk_arena *arena = lk_arena_new(4096, 1u << 20);

	(void)world;
	if (codes[0][0] == '\0') {
		assert_int_equal(crypto_recovery_make(arena, made_codes, made_hashes), LK_OK);
		for (size_t i = 0; i < CRYPTO_RECOVERY_COUNT; i++) {
			snprintf(codes[i], 16, "%.*s", LK_STR_ARGS(made_codes[i]));
			snprintf(hashes[i], FAKE_TEXT, "%.*s", LK_STR_ARGS(made_hashes[i]));
		}
	}
	memcpy(fake->recovery, hashes, sizeof hashes);
	fake->recovery_count = CRYPTO_RECOVERY_COUNT;
	memcpy(out[0], codes[0], 16);
	memcpy(out[1], codes[1], 16);
	lk_arena_free(arena);
}

void
sign_in(struct world *world, struct browser *browser, const char *name, const char *password)
{
	char fields[1024] = "";
	struct reply *reply = malloc(sizeof *reply);

	field(fields, "username", name);
	field(fields, "password", password);
	post(world, browser, "/signin", fields, reply);
	assert_way(reply, "/signin/code");
	fields[0] = '\0';
	field(fields, "code", code_of(world, fake_dir_find(&world->dir, name), 0));
	post(world, browser, "/signin/code", fields, reply);
	assert_way(reply, "/");
	free(reply);
	world_pass(world, 30); /* the next code is another one */
}

/* --- what was written ----------------------------------------------------------------------- */

struct looked_for {
	const char *event, *result;
	int count;
};

static bool
audit_look(const struct audit_record *record, void *context)
{
	struct looked_for *looked = context;

	if (strcmp(audit_event_name(record->line.event), looked->event) == 0 &&
	    (looked->result == NULL ||
	     strcmp(lk_err_row(record->line.result)->name, looked->result) == 0))
		looked->count++;
	return true;
}

int
audited(const struct world *world, const char *event, const char *result)
{
	struct audit_query query = {.since_s = 0};
	struct looked_for looked = {event, result, 0};

	assert_int_equal(audit_read(world->log, &query, audit_look, &looked), LK_OK);
	return looked.count;
}

static bool
mail_holds(const char *folder, const char *name, const char *words)
{
	char path[HELP_PATH_BYTES], *text = help_read(help_path(path, folder, name));
	bool does_hold = strstr(text, words) != NULL;

	free(text);
	return does_hold;
}

int
mailed(const struct world *world, const char *words)
{
	DIR *folder = opendir(world->spool);
	struct dirent *entry;
	int count = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL)
		if (entry->d_type == DT_REG)
			count += mail_holds(world->spool, entry->d_name, words);
	closedir(folder);
	return count;
}
