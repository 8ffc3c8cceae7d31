/* SPDX-License-Identifier: MIT */
#include "flow/pairwise_life.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READ_EVERY_MS	    10000
#define READ_WRONG_EVERY_MS 2000
#define ROWS_MAX	    16u
#define STEPS_MAX	    8 /* of one look */
#define AUDIT_WAIT_MS	    3000
/* What every seal is bound to. */
#define CONTEXT "pairwise secret"

struct pairwise_life {
	struct pairwise *pairwise;
	bool was_read, is_wrong;
	int64_t read_mono_ms;
	enum lk_err told;     /* what of the directory the log knows */
	char told_fault[160]; /* and of the secret */
};

/* What one reading brought. */
struct read {
	struct dir_secret rows[ROWS_MAX];
	struct lk_secret *secrets[PAIRWISE_SEALS_MAX]; /* NULL: it does not open */
	struct pairwise_seen seen;
};

struct pairwise_life *
pairwise_life_new(struct pairwise *pairwise)
{
	struct pairwise_life *life = calloc(1, sizeof *life);

	if (life == NULL)
		return NULL;
	life->pairwise = pairwise;
	return life;
}

void
pairwise_life_free(struct pairwise_life *life)
{
	free(life);
}

/* --- reading --------------------------------------------------------------------------------- */

/* False: nothing of ours; a newer daemon's, or somebody's mistake. */
static bool
row_read(const struct dir_secret *row, struct pairwise_seal *out)
{
	struct lk_str rest = row->name, kind;
	struct pairwise_seal seal = {.made_at_s = row->made_at_s};
	uint64_t number;

	if (!lk_str_split(&rest, '-', &kind) || !lk_str_is(kind, PAIRWISE_NAME) ||
	    !lk_str_to_u64(rest, &number) || number == 0 || number >= UINT32_MAX)
		return false;
	seal.generation = (uint32_t)number;
	seal.key_id = crypto_seal_key_id(row->sealed);
	snprintf(seal.name, sizeof seal.name, PAIRWISE_NAME "-%u", seal.generation);
	if (!lk_str_is(row->name, seal.name))
		return false;
	*out = seal;
	return true;
}

/* NULL: not with the keys of this node, or not what it should be. */
static struct lk_secret *
seal_open(const struct signing_tools *tools, struct lk_str sealed)
{
	struct lk_secret *secret = NULL;

	if (crypto_open(tools->fast->ring, LK_STR(CONTEXT), sealed, tools->call->arena, &secret) !=
		LK_OK ||
	    lk_secret_len(secret) != CRYPTO_KEY_BYTES)
		return NULL;
	return secret;
}

/* Where the newest stand first. */
static void
seal_insert(struct read *read, const struct pairwise_seal *seal, struct lk_secret *secret)
{
	size_t at = read->seen.count++;

	while (at > 0 && read->seen.each[at - 1].generation < seal->generation) {
		read->seen.each[at] = read->seen.each[at - 1];
		read->secrets[at] = read->secrets[at - 1];
		at--;
	}
	read->seen.each[at] = *seal;
	read->seen.each[at].is_open = secret != NULL;
	read->secrets[at] = secret;
}

static enum lk_err
seals_read(const struct signing_tools *tools, struct read *read)
{
	size_t count = 0;
	enum lk_err err;

	*read = (struct read){.seen = {.count = 0}};
	err = dir_secrets_find(tools->dir, read->rows, ROWS_MAX, &count);
	for (size_t i = 0; err == LK_OK && i < count; i++) {
		struct pairwise_seal seal;

		if (!row_read(&read->rows[i], &seal))
			continue;
		if (read->seen.count == PAIRWISE_SEALS_MAX) {
			lk_why_add(tools->call->why, "more than %u seals of the pairwise secret",
				   PAIRWISE_SEALS_MAX);
			return LK_E_BROKEN;
		}
		seal_insert(read, &seal, seal_open(tools, read->rows[i].sealed));
	}
	return err;
}

/* --- what it is worth ------------------------------------------------------------------------ */

#define FAULT(read, ...) snprintf((read)->seen.fault, sizeof(read)->seen.fault, __VA_ARGS__)

/* The newest that opens; read->seen.count: none does. */
static size_t
open_find(const struct read *read)
{
	size_t at = 0;

	while (at < read->seen.count && read->secrets[at] == NULL)
		at++;
	return at;
}

/* Is any of them another secret than this one? */
static bool
other_find(const struct read *read, const struct lk_secret *secret, const char **out_name)
{
	for (size_t i = 0; i < read->seen.count; i++) {
		if (read->secrets[i] == NULL || lk_secret_is_equal(read->secrets[i], secret))
			continue;
		*out_name = read->seen.each[i].name;
		return true;
	}
	return false;
}

/* None opens. */
static void
closed_judge(const struct lk_secret *held, struct read *read)
{
	read->seen.is_here = held != NULL;
	if (read->seen.count == 0 && held != NULL)
		FAULT(read, "the directory holds the pairwise secret no more: it is put back");
	else if (read->seen.count == 0)
		FAULT(read, "there is no pairwise secret yet");
	else
		FAULT(read, "%s does not open with this node's key file%s", read->seen.each[0].name,
		      held == NULL ? "" : "; this node goes on until it is restarted");
}

/* Fills fault and is_here. */
static void
judge(const struct lk_secret *held, struct read *read)
{
	size_t at = open_find(read);
	const char *other;

	if (at == read->seen.count) {
		closed_judge(held, read);
		return;
	}
	if (other_find(read, held == NULL ? read->secrets[at] : held, &other)) {
		FAULT(read, "%s is another secret than %s", other,
		      held == NULL ? read->seen.each[at].name : "the one this node works with");
		return;
	}
	read->seen.is_here = true;
	if (at > 0)
		FAULT(read, "%s does not open with this node's key file, %s still does",
		      read->seen.each[0].name, read->seen.each[at].name);
}

/* --- doing ----------------------------------------------------------------------------------- */

static void
say(const struct signing_tools *tools, enum audit_event event, const struct pairwise_seal *seal,
    const char *words)
{
	const struct fast *fast = tools->fast;
	struct lk_str detail = lk_arena_printf(tools->call->arena, "%s %u", seal->name,
					       seal->key_id);
	struct audit_line line = {.event = event, .detail = detail};

	lk_log(fast->log, LK_LOG_INFO, "keys", LK_STR(""), "%s %s", seal->name, words);
	if (audit_append(fast->audit, &line, lk_clock_mono_ms(fast->clock) + AUDIT_WAIT_MS) !=
	    LK_OK)
		lk_log(fast->log, LK_LOG_ERROR, "keys", LK_STR(""),
		       "%s changed, and the audit does not know", seal->name);
}

static struct lk_secret *
secret_make(struct lk_arena *arena)
{
	char bytes[CRYPTO_KEY_BYTES];
	struct lk_secret *secret;

	crypto_random(bytes, sizeof bytes);
	secret = lk_secret_make(arena, lk_str_n(bytes, sizeof bytes));
	explicit_bzero(bytes, sizeof bytes);
	return secret;
}

/* LK_E_USED: another node was first, and its seal is the one that counts. */
static enum lk_err
seal_add(const struct signing_tools *tools, const struct lk_secret *secret, uint32_t generation)
{
	struct pairwise_seal seal = {.generation = generation,
				     .key_id = crypto_ring_newest_id(tools->fast->ring),
				     .made_at_s = lk_clock_wall_s(tools->fast->clock)};
	struct dir_secret row = {.made_at_s = seal.made_at_s};
	enum lk_err err = audit_check(tools->fast->audit);

	if (err == LK_OK && secret == NULL)
		return LK_E_MEMORY;
	if (err == LK_OK)
		err = crypto_seal_secret(tools->fast->ring, LK_STR(CONTEXT), secret,
					 tools->call->arena, &row.sealed);
	if (err != LK_OK)
		return err;
	snprintf(seal.name, sizeof seal.name, PAIRWISE_NAME "-%u", generation);
	row.name = lk_str_c(seal.name);
	err = dir_secret_add(tools->dir, &row);
	if (err == LK_OK)
		say(tools, AUDIT_PAIRWISE_SEALED, &seal,
		    "was sealed: the secret of which pairwise names are made");
	return err;
}

static enum lk_err
seal_remove(const struct signing_tools *tools, const struct pairwise_seal *seal)
{
	enum lk_err err = audit_check(tools->fast->audit);

	if (err == LK_OK)
		err = dir_key_remove(tools->dir, lk_str_c(seal->name));
	if (err == LK_OK)
		say(tools, AUDIT_PAIRWISE_REMOVED, seal, "was removed: a newer seal stands");
	return err;
}

/* True: something was done or tried, and all of it is to be read again. */
static bool
step_do(struct pairwise_life *life, const struct signing_tools *tools, const struct read *read,
	enum lk_err *out_err)
{
	const struct lk_secret *held = pairwise_held(life->pairwise);
	const struct pairwise_seal *newest = &read->seen.each[0];
	size_t count = read->seen.count;
	bool is_old;

	if (count == 0) {
		if (held == NULL)
			held = secret_make(tools->call->arena);
		*out_err = seal_add(tools, held, 1);
		return true;
	}
	if (!read->seen.is_here || !newest->is_open)
		return false;
	if (newest->key_id != crypto_ring_newest_id(tools->fast->ring) &&
	    count < PAIRWISE_SEALS_MAX) {
		*out_err = seal_add(tools, held, newest->generation + 1);
		return true;
	}
	is_old = lk_clock_wall_s(tools->fast->clock) - newest->made_at_s >=
		 tools->fast->conf->key_keep_s;
	if (count == 1 || !is_old)
		return false;
	*out_err = seal_remove(tools, &read->seen.each[count - 1]);
	return true;
}

/* Until there is nothing to do; each step is decided by what the directory holds after the last. */
static enum lk_err
steps_do(struct pairwise_life *life, const struct signing_tools *tools, struct read *read)
{
	enum lk_err err = LK_OK;

	for (int i = 0; i < STEPS_MAX; i++) {
		size_t at;

		err = seals_read(tools, read);
		if (err != LK_OK)
			return err;
		judge(pairwise_held(life->pairwise), read);
		at = open_find(read);
		err = pairwise_put(life->pairwise,
				   read->seen.is_here && at < read->seen.count ? read->secrets[at]
									       : NULL,
				   &read->seen);
		if (err != LK_OK || !step_do(life, tools, read, &err))
			return err;
		if (err != LK_OK && err != LK_E_USED)
			return err;
	}
	return err;
}

/* --- one look -------------------------------------------------------------------------------- */

/* What the log hears, each thing once. */
static void
tell(struct pairwise_life *life, const struct signing_tools *tools, enum lk_err err)
{
	struct pairwise_seen seen;

	pairwise_look(life->pairwise, &seen);
	life->is_wrong = err != LK_OK || seen.fault[0] != '\0' || !seen.is_here;
	if (err != life->told && err != LK_OK)
		lk_log(tools->fast->log, LK_LOG_ERROR, "keys", LK_STR(""),
		       "the pairwise secret could not be read, kept or made: %s %s",
		       lk_err_row(err)->name, tools->call->why->text);
	life->told = err;
	if (err != LK_OK || strcmp(life->told_fault, seen.fault) == 0)
		return;
	memcpy(life->told_fault, seen.fault, sizeof life->told_fault);
	if (seen.fault[0] == '\0')
		lk_log(tools->fast->log, LK_LOG_INFO, "keys", LK_STR(""),
		       "the pairwise secret is as it must be");
	else
		lk_log(tools->fast->log, seen.is_here ? LK_LOG_WARNING : LK_LOG_ERROR, "keys",
		       LK_STR(""), "%s%s", seen.fault,
		       seen.is_here ? "" : ": pairwise applications get no sign-in");
}

void
pairwise_life_look(struct pairwise_life *life, const struct signing_tools *tools, bool is_asked)
{
	int64_t now_mono_ms = lk_clock_mono_ms(tools->fast->clock);
	int64_t every_ms = life->is_wrong ? READ_WRONG_EVERY_MS : READ_EVERY_MS;
	struct read *read;

	if (tools->dir == NULL ||
	    (!is_asked && life->was_read && now_mono_ms - life->read_mono_ms < every_ms))
		return;
	life->was_read = true;
	life->read_mono_ms = now_mono_ms;
	lk_why_clear(tools->call->why);
	read = lk_arena_alloc(tools->call->arena, sizeof *read);
	tell(life, tools, read == NULL ? LK_E_MEMORY : steps_do(life, tools, read));
}
