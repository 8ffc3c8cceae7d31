/* SPDX-License-Identifier: MIT */
#include "flow/signing_life.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/signing_order.h"
#include "policy/application.h"

#define READ_EVERY_MS 2000
/* A key that was made and could not be kept cost a second of work: not again at once. */
#define STEPS_AGAIN_MS 10000
#define RSA_BITS       2048u
/* Steps of one look: a new service makes its keys at once. */
#define STEPS_MAX     8
#define AUDIT_WAIT_MS 3000
/* RS256: OpenID Connect Discovery s3. ES256: what is told of a token, signed. */
#define ALWAYS	 (SIGNING_ALG(CRYPTO_RS256) | SIGNING_ALG(CRYPTO_ES256))
#define ROWS_MAX (SIGNING_KEYS_MAX + 8u)

struct sealed {
	size_t len;
	char bytes[DIR_KEY_SEALED_MAX_BYTES];
};

struct signing_life {
	struct signing *signing;
	size_t count;
	struct signing_entry entries[SIGNING_KEYS_MAX]; /* as the directory had them last */
	struct sealed sealed[SIGNING_KEYS_MAX];
	bool has_read;	 /* at least once */
	bool must_build; /* entries changed since the picture was made */
	int64_t read_mono_ms;
	enum lk_err
	    steps_err; /* why the last steps could not be done, and when they may be again */
	int64_t steps_mono_ms;
	enum lk_err told;     /* what of the directory the log knows */
	char told_fault[160]; /* and of the keys */
};

struct signing_life *
signing_life_new(struct signing *signing)
{
	struct signing_life *life = calloc(1, sizeof *life);

	if (life != NULL)
		life->signing = signing;
	return life;
}

void
signing_life_free(struct signing_life *life)
{
	free(life);
}

/* --- what there is to do --------------------------------------------------------------------- */

unsigned
signing_needed(const struct policy *policy)
{
	const struct policy_application *application;
	unsigned needed = ALWAYS;

	for (size_t i = 0; (application = policy_application_at(policy, i)) != NULL; i++)
		needed |= SIGNING_ALG(application->id_token_alg);
	return needed;
}

static struct signing_plan
plan_of(const struct signing_life *life, const struct fast *fast)
{
	return (struct signing_plan){
	    .entries = life->entries,
	    .count = life->count,
	    .needed = signing_needed(fast->policy),
	    .rotate_s = fast->conf->key_rotate_s,
	    .ahead_s = fast->conf->key_ahead_s,
	    .keep_s = fast->conf->key_keep_s,
	    .now_s = lk_clock_wall_s(fast->clock),
	};
}

static struct lk_str
sealed_of(const struct signing_life *life, size_t index)
{
	return lk_str_n(life->sealed[index].bytes, life->sealed[index].len);
}

static void
say(const struct signing_tools *tools, enum lk_log_level level, const char *words,
    struct lk_str name)
{
	lk_log(tools->fast->log, level, "keys", LK_STR(""), "%.*s %s", LK_STR_ARGS(name), words);
}

static void
audit(const struct signing_tools *tools, enum audit_event event, const struct signing_entry *entry)
{
	const struct fast *fast = tools->fast;
	struct lk_str detail =
	    lk_arena_printf(tools->call->arena, "%s %s", entry->name, entry->kid);
	struct audit_line line = {.event = event, .detail = detail};
	int64_t deadline_mono_ms = lk_clock_mono_ms(fast->clock) + AUDIT_WAIT_MS;

	if (audit_append(fast->audit, &line, deadline_mono_ms) != LK_OK)
		say(tools, LK_LOG_ERROR, "changed, and the audit does not know",
		    lk_str_c(entry->name));
}

/* --- reading --------------------------------------------------------------------------------- */

/* False: nothing we could use; a newer daemon's, or somebody's mistake. */
static bool
row_read(const struct dir_key *row, struct signing_entry *out)
{
	struct signing_entry entry = {.made_at_s = row->made_at_s, .signs_at_s = row->signs_at_s};

	if (!signing_name_read(row->name, &entry.alg, &entry.generation) || row->kid.len == 0 ||
	    row->kid.len > CRYPTO_KID_MAX_BYTES || row->sealed.len == 0 || row->signs_at_s == 0 ||
	    memchr(row->kid.ptr, '\0', row->kid.len) != NULL)
		return false;
	signing_name_write(entry.alg, entry.generation, entry.name);
	memcpy(entry.kid, row->kid.ptr, row->kid.len);
	*out = entry;
	return true;
}

static bool
is_held(const struct signing_life *life, const struct signing_entry *entry, struct lk_str sealed)
{
	for (size_t i = 0; i < life->count; i++) {
		const struct signing_entry *held = &life->entries[i];

		if (held->alg == entry->alg && held->generation == entry->generation)
			return strcmp(held->kid, entry->kid) == 0 &&
			       held->made_at_s == entry->made_at_s &&
			       held->signs_at_s == entry->signs_at_s &&
			       lk_str_is_equal(sealed_of(life, i), sealed);
	}
	return false;
}

struct read {
	struct dir_key rows[ROWS_MAX];
	struct signing_entry entries[SIGNING_KEYS_MAX];
	struct lk_str sealed[SIGNING_KEYS_MAX];
	size_t row_count, count;
};

static enum lk_err
rows_find(const struct signing_tools *tools, struct read *read)
{
	enum lk_err err = dir_keys_find(tools->dir, read->rows, ROWS_MAX, &read->row_count);

	for (size_t i = 0; err == LK_OK && i < read->row_count; i++) {
		struct signing_entry entry;

		if (!row_read(&read->rows[i], &entry))
			continue;
		if (read->count == SIGNING_KEYS_MAX) {
			lk_why_add(tools->call->why, "more than %u signing keys", SIGNING_KEYS_MAX);
			return LK_E_BROKEN;
		}
		read->entries[read->count] = entry;
		read->sealed[read->count++] = read->rows[i].sealed;
	}
	return err;
}

static bool
has_changed(const struct signing_life *life, const struct read *read)
{
	if (life->count != read->count)
		return true;
	for (size_t i = 0; i < read->count; i++) {
		if (!is_held(life, &read->entries[i], read->sealed[i]))
			return true;
	}
	return false;
}

static void
read_take(struct signing_life *life, const struct read *read)
{
	life->count = read->count;
	for (size_t i = 0; i < read->count; i++) {
		life->entries[i] = read->entries[i];
		life->sealed[i].len = read->sealed[i].len;
		memcpy(life->sealed[i].bytes, read->sealed[i].ptr, read->sealed[i].len);
	}
	life->must_build = true;
}

/* What the log hears of it, once. */
static void
read_tell(struct signing_life *life, const struct signing_tools *tools, enum lk_err err)
{
	if (err == life->told)
		return;
	life->told = err;
	if (err != LK_OK)
		lk_log(tools->fast->log, LK_LOG_ERROR, "keys", LK_STR(""),
		       "the signing keys could not be read, kept or made: %s %s",
		       lk_err_row(err)->name, tools->call->why->text);
	else
		lk_log(tools->fast->log, LK_LOG_INFO, "keys", LK_STR(""),
		       "the signing keys are read again");
}

static enum lk_err
entries_read(struct signing_life *life, const struct signing_tools *tools)
{
	struct read *read = lk_arena_alloc(tools->call->arena, sizeof *read);
	enum lk_err err = read == NULL ? LK_E_MEMORY : rows_find(tools, read);

	if (err != LK_OK)
		return err;
	if (read->count == 0 && life->count > 0) {
		lk_why_add(tools->call->why,
			   "the directory holds no signing key any more; those of before are kept "
			   "until latchkeyctl key rotate makes new ones");
		return LK_E_BROKEN;
	}
	if (has_changed(life, read))
		read_take(life, read);
	life->has_read = true;
	return LK_OK;
}

/* --- showing --------------------------------------------------------------------------------- */

static bool
is_twice(const struct signing_life *life, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (strcmp(life->entries[i].kid, life->entries[index].kid) == 0)
			return true;
	}
	return false;
}

/* NULL: not with the keys of this node, not of the algorithm it is named by, or there already. */
static struct crypto_jwk *
key_open(const struct signing_life *life, const struct signing_tools *tools, size_t index)
{
	const struct signing_entry *entry = &life->entries[index];
	struct crypto_jwk *key = NULL;

	if (is_twice(life, index) ||
	    crypto_jwk_open(tools->fast->ring, lk_str_c(entry->kid), sealed_of(life, index),
			    tools->call->arena, &key) != LK_OK)
		return NULL;
	if (crypto_jwk_fits(key, entry->alg))
		return key;
	crypto_jwk_free(key);
	return NULL;
}

static enum lk_err
build(struct signing_life *life, const struct signing_tools *tools)
{
	struct signing_plan plan = plan_of(life, tools->fast);
	struct crypto_jwk *keys[SIGNING_KEYS_MAX];
	struct signing_make make = {&plan, keys};
	enum lk_err err;

	for (size_t i = 0; i < life->count; i++) {
		keys[i] = key_open(life, tools, i);
		life->entries[i].is_open = keys[i] != NULL;
		if (keys[i] == NULL)
			say(tools, LK_LOG_WARNING, "does not open with this node's key file",
			    lk_str_c(life->entries[i].name));
	}
	err = signing_put(life->signing, &make);
	if (err == LK_OK)
		life->must_build = false;
	return err;
}

/* Does what is shown still say who signs? */
static bool
is_shown(const struct signing_plan *plan, const struct signing_keys *keys)
{
	for (int alg = CRYPTO_RS256; alg < CRYPTO_ALG_COUNT; alg++) {
		const struct signing_entry *wanted =
		    signing_plan_signer(plan, (enum crypto_alg)alg);
		const struct signing_entry *shown = keys->signer[alg];

		if ((wanted == NULL) != (shown == NULL) ||
		    (wanted != NULL && wanted->generation != shown->generation))
			return false;
	}
	return true;
}

static void
fault_tell(struct signing_life *life, const struct signing_tools *tools)
{
	const struct signing_keys *keys = signing_hold(life->signing);

	if (strcmp(life->told_fault, keys->fault) != 0) {
		memcpy(life->told_fault, keys->fault, sizeof life->told_fault);
		lk_log(tools->fast->log, keys->is_ready ? LK_LOG_INFO : LK_LOG_ERROR, "keys",
		       LK_STR(""), "%s",
		       keys->is_ready ? "tokens can be signed" : life->told_fault);
	}
	signing_drop(life->signing, keys);
}

static void
show(struct signing_life *life, const struct signing_tools *tools)
{
	struct signing_plan plan = plan_of(life, tools->fast);
	const struct signing_keys *keys = signing_hold(life->signing);
	bool is_right = !life->must_build && is_shown(&plan, keys);

	signing_drop(life->signing, keys);
	if (life->has_read && !is_right)
		(void)!build(life, tools);
}

/* The same at the end of a look: what is needed by now could be made by now. */
static void
show_last(struct signing_life *life, const struct signing_tools *tools)
{
	const struct signing_keys *keys = signing_hold(life->signing);

	if (keys->needed != plan_of(life, tools->fast).needed)
		life->must_build = true;
	signing_drop(life->signing, keys);
	show(life, tools);
	fault_tell(life, tools);
}

/* --- doing ----------------------------------------------------------------------------------- */

static enum lk_err
key_make(const struct signing_tools *tools, const struct signing_step *step,
	 struct signing_entry *out, struct lk_str *out_sealed)
{
	bool is_rsa = step->alg == CRYPTO_RS256 || step->alg == CRYPTO_PS256;
	struct signing_entry entry = {
	    .alg = step->alg,
	    .generation = step->generation,
	    .made_at_s = lk_clock_wall_s(tools->fast->clock),
	    .signs_at_s = step->signs_at_s,
	};
	struct crypto_jwk *key = NULL;
	enum lk_err err = crypto_jwk_make(step->alg, is_rsa ? RSA_BITS : 0, &key);
	struct lk_str kid;

	if (err != LK_OK)
		return err;
	kid = crypto_jwk_kid(key);
	memcpy(entry.kid, kid.ptr, kid.len);
	signing_name_write(entry.alg, entry.generation, entry.name);
	err = crypto_jwk_seal(key, tools->fast->ring, tools->call->arena, out_sealed);
	crypto_jwk_free(key);
	if (err == LK_OK)
		*out = entry;
	return err;
}

/* LK_E_USED: another node was first; its key is as good. */
static enum lk_err
step_make(const struct signing_tools *tools, const struct signing_step *step,
	  struct signing_entry *out)
{
	struct signing_entry entry;
	struct lk_str sealed = {NULL, 0};
	enum lk_err err = audit_check(tools->fast->audit);
	struct dir_key row;

	if (err == LK_OK)
		err = key_make(tools, step, &entry, &sealed);
	if (err != LK_OK)
		return err;
	row = (struct dir_key){lk_str_c(entry.name), lk_str_c(entry.kid), sealed, entry.made_at_s,
			       entry.signs_at_s};
	err = dir_key_add(tools->dir, &row);
	if (err != LK_OK)
		return err;
	say(tools, LK_LOG_INFO, "was made", row.name);
	audit(tools, AUDIT_KEY_MADE, &entry);
	*out = entry;
	return LK_OK;
}

static enum lk_err
step_remove(const struct signing_tools *tools, const struct signing_entry *entry)
{
	enum lk_err err = audit_check(tools->fast->audit);

	if (err == LK_OK)
		err = dir_key_remove(tools->dir, lk_str_c(entry->name));
	if (err != LK_OK)
		return err;
	say(tools, LK_LOG_INFO, "was removed", lk_str_c(entry->name));
	audit(tools, AUDIT_KEY_REMOVED, entry);
	return LK_OK;
}

/* Until there is nothing to do; each step is decided by what the directory holds after the last. */
static enum lk_err
steps_do(struct signing_life *life, const struct signing_tools *tools)
{
	enum lk_err err = LK_OK;

	for (int i = 0; err == LK_OK && i < STEPS_MAX; i++) {
		struct signing_plan plan = plan_of(life, tools->fast);
		struct signing_step step = signing_plan_next(&plan);
		struct signing_entry made;

		if (step.kind == SIGNING_REST)
			return LK_OK;
		err = step.kind == SIGNING_REMOVE ? step_remove(tools, step.entry)
						  : step_make(tools, &step, &made);
		if (err == LK_OK || err == LK_E_USED)
			err = entries_read(life, tools);
		show(life, tools);
	}
	return err;
}

/* --- orders ---------------------------------------------------------------------------------- */

static enum lk_err
rotate_one(struct signing_life *life, const struct signing_tools *tools, enum crypto_alg alg,
	   struct signing_order *order)
{
	struct signing_plan plan = plan_of(life, tools->fast);
	const struct signing_entry *newest = signing_plan_newest(&plan, alg);
	struct signing_step step = {.kind = SIGNING_MAKE, .alg = alg};

	step.generation = newest == NULL ? 1 : newest->generation + 1;
	step.signs_at_s = plan.now_s + (newest == NULL ? 0 : SIGNING_LEAD_S);
	return step_make(tools, &step, &order->done[order->count]);
}

static enum lk_err
rotate(struct signing_life *life, const struct signing_tools *tools, struct signing_order *order)
{
	unsigned algs = order->algs == 0 ? plan_of(life, tools->fast).needed : order->algs;
	enum lk_err err = LK_OK;

	for (int alg = CRYPTO_RS256; err == LK_OK && alg < CRYPTO_ALG_COUNT; alg++) {
		if ((algs & SIGNING_ALG(alg)) == 0)
			continue;
		if (life->count + order->count >= SIGNING_KEYS_MAX - 1)
			return LK_E_BUSY;
		err = rotate_one(life, tools, (enum crypto_alg)alg, order);
		if (err == LK_OK)
			order->count++;
	}
	return err;
}

static const struct signing_entry *
entry_find(const struct signing_life *life, const char *which)
{
	for (size_t i = 0; i < life->count; i++) {
		if (strcmp(life->entries[i].name, which) == 0 ||
		    strcmp(life->entries[i].kid, which) == 0)
			return &life->entries[i];
	}
	return NULL;
}

static enum lk_err
retire(struct signing_life *life, const struct signing_tools *tools, struct signing_order *order)
{
	struct signing_plan plan = plan_of(life, tools->fast);
	const struct signing_entry *entry = entry_find(life, order->which);
	enum lk_err err;

	if (entry == NULL)
		return LK_E_NOT_FOUND;
	if (signing_plan_is_needed(&plan, entry))
		return LK_E_USED;
	err = step_remove(tools, entry);
	if (err == LK_OK)
		order->done[order->count++] = *entry;
	return err;
}

/* By what the directory holds now. One it does not hold at all does not stand in the way. */
static enum lk_err
order_do(struct signing_life *life, const struct signing_tools *tools, struct signing_order *order)
{
	enum lk_err err;

	if (tools->dir == NULL)
		return LK_E_DIRECTORY_DOWN;
	err = entries_read(life, tools);
	if (err != LK_OK && (err != LK_E_BROKEN || order->kind != SIGNING_ORDER_ROTATE))
		return err;
	err = order->kind == SIGNING_ORDER_ROTATE ? rotate(life, tools, order)
						  : retire(life, tools, order);
	if (order->count > 0 && entries_read(life, tools) == LK_OK)
		show(life, tools);
	return err;
}

static bool
orders_do(struct signing_life *life, const struct signing_tools *tools)
{
	struct signing_orders *orders = signing_orders(life->signing);
	struct signing_order order;

	if (!signing_order_take(orders, &order))
		return false;
	order.err = order_do(life, tools, &order);
	order.why = *tools->call->why;
	signing_order_give(orders, &order);
	return true;
}

/* --- one look -------------------------------------------------------------------------------- */

static enum lk_err
steps_try(struct signing_life *life, const struct signing_tools *tools, bool is_asked)
{
	int64_t now_mono_ms = lk_clock_mono_ms(tools->fast->clock);

	if (!is_asked && life->steps_err != LK_OK && now_mono_ms < life->steps_mono_ms)
		return life->steps_err;
	life->steps_err = steps_do(life, tools);
	life->steps_mono_ms = now_mono_ms + STEPS_AGAIN_MS;
	return life->steps_err;
}

void
signing_life_look(struct signing_life *life, const struct signing_tools *tools, bool is_asked)
{
	int64_t now_mono_ms = lk_clock_mono_ms(tools->fast->clock);
	bool is_due = is_asked || !life->has_read || life->told != LK_OK ||
		      now_mono_ms - life->read_mono_ms >= READ_EVERY_MS;
	enum lk_err err;

	if (orders_do(life, tools))
		is_due = true;
	if (is_due && tools->dir != NULL) {
		err = entries_read(life, tools);
		life->read_mono_ms = now_mono_ms;
		show(life, tools);
		if (err == LK_OK)
			err = steps_try(life, tools, is_asked);
		read_tell(life, tools, err);
	}
	show_last(life, tools);
}
