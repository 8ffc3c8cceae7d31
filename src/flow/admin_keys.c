/* SPDX-License-Identifier: MIT */
/* The keys that sign tokens, as latchkeyctl lists and changes them. */
#include <stdio.h>

#include "flow/admin_tell.h"
#include "flow/desk_help.h"
#include "flow/pairwise.h"
#include "flow/signing.h"
#include "flow/signing_order.h"
#include "flow/trail.h"

/* --- list ------------------------------------------------------------------------------------ */

static const char *
state_name(enum signing_state state)
{
	static const char *const names[SIGNING_STATE_COUNT] = {
	    [SIGNING_AHEAD] = "ahead",
	    [SIGNING_SIGNS] = "signs",
	    [SIGNING_VERIFIES] = "verifies",
	};

	return names[state];
}

static void
entry_put(struct admin *admin, const struct signing_plan *plan, const struct signing_entry *entry)
{
	struct lk_buf *out = admin->out;

	admin_put_c(out, "name", entry->name);
	admin_put_c(out, "alg", crypto_alg_name(entry->alg));
	admin_put_c(out, "kid", entry->kid);
	admin_put_c(out, "state", state_name(signing_plan_state(plan, entry)));
	admin_put_flag(out, "is_open", entry->is_open);
	admin_put_number(out, "made_at_s", entry->made_at_s);
	admin_put_number(out, "signs_at_s", entry->signs_at_s);
	admin_put_number(out, "ends_at_s", signing_plan_ends_at(plan, entry));
}

/* No alg and no kid: it is no signing key, and is shown beside them as what it is. */
static void
seal_put(struct admin *admin, const struct pairwise_seal *seal, bool is_newest)
{
	struct lk_buf *out = admin->out;

	admin_put_c(out, "name", seal->name);
	admin_put_c(out, "state", is_newest ? PAIRWISE_NAME : "before");
	admin_put_flag(out, "is_open", seal->is_open);
	admin_put_number(out, "made_at_s", seal->made_at_s);
	admin_put_number(out, "key_id", seal->key_id);
}

static void
seals_put(struct admin *admin, const struct pairwise_seen *seen, struct admin_list *list)
{
	for (size_t i = 0; i < seen->count; i++) {
		if (!admin_list_wants(list))
			continue;
		seal_put(admin, &seen->each[i], i == 0);
		(void)admin_list_fits(list);
	}
}

static void
keys_put(struct admin *admin, const struct signing_keys *keys, const struct pairwise_seen *seen)
{
	const struct fast *fast = admin->desk.asker.flow->fast;
	const struct signing_plan plan = {
	    .entries = keys->each,
	    .count = keys->count,
	    .keep_s = fast->conf->key_keep_s,
	    .now_s = keys->at_s,
	};
	struct admin_list list;

	admin_list_begin(&list, admin, "keys");
	for (size_t i = 0; i < keys->count; i++) {
		if (!admin_list_wants(&list))
			continue;
		entry_put(admin, &plan, &keys->each[i]);
		(void)admin_list_fits(&list);
	}
	seals_put(admin, seen, &list);
	admin_list_end(&list);
}

enum lk_err
admin_key_list_run(struct admin *admin)
{
	const struct fast *fast = admin->desk.asker.flow->fast;
	struct signing *signing = fast->signing;
	const struct signing_keys *keys;
	struct pairwise_seen seen;

	if (signing == NULL)
		return LK_E_KEYS_DOWN;
	pairwise_look(fast->pairwise, &seen);
	keys = signing_hold(signing);
	admin_put_flag(admin->out, "is_ready", keys->is_ready);
	admin_put_c(admin->out, "fault", keys->fault);
	admin_put_flag(admin->out, "has_pairwise", seen.is_here);
	admin_put_c(admin->out, "pairwise_fault", seen.fault);
	keys_put(admin, keys, &seen);
	signing_drop(signing, keys);
	return LK_OK;
}

/* --- change ---------------------------------------------------------------------------------- */

/* "RS256-8, ES256-5" */
static struct lk_str
names_of(struct lk_arena *arena, const struct signing_order *order)
{
	struct lk_str names = LK_STR("");

	for (size_t i = 0; i < order->count; i++)
		names = lk_arena_printf(arena, "%.*s%s%s", LK_STR_ARGS(names), i == 0 ? "" : ", ",
					order->done[i].name);
	return names;
}

static enum lk_err
order_audit(const struct admin *admin, const struct signing_order *order, enum lk_err result)
{
	const struct asker *asker = &admin->desk.asker;
	enum audit_event event =
	    order->kind == SIGNING_ORDER_ROTATE ? AUDIT_KEY_ROTATED : AUDIT_KEY_RETIRED;
	struct trail trail = {
	    .event = result == LK_OK || order->count > 0 ? event : AUDIT_KEY_REFUSED,
	    .result = result,
	    .actor = admin->desk.actor,
	    .reason = admin_asked(admin, "reason"),
	    .detail = names_of(asker->arena, order),
	};

	if (trail.detail.len == 0)
		trail.detail = lk_str_c(order->which);
	return trail_write(asker, NULL, &trail);
}

static void
refusal_set(struct admin *admin, const struct signing_order *order, enum lk_err err)
{
	if (err == LK_E_NOT_FOUND)
		admin->refusal = TEXT_ctl_key_none;
	else if (err == LK_E_USED && order->kind == SIGNING_ORDER_RETIRE)
		admin->refusal = TEXT_ctl_key_in_use;
	else if (err == LK_E_USED)
		admin->refusal = TEXT_ctl_key_other_node;
	else if (err == LK_E_BUSY)
		admin->refusal = TEXT_ctl_keys_full;
	else if (err == LK_E_DIRECTORY_UNSURE)
		admin->refusal = TEXT_ctl_key_unsure;
}

static enum lk_err
order_run(struct admin *admin, struct signing_order *order)
{
	struct flow *flow = admin->desk.asker.flow;
	const struct desk_help help = {admin_asked(admin, "reason"), false};
	enum lk_err err = desk_help_check(&admin->desk, &help), audit_err;

	if (err == LK_E_FORMAT)
		admin->refusal = TEXT_ctl_reason_missing;
	if (err == LK_OK && flow->fast->signing == NULL)
		err = LK_E_KEYS_DOWN;
	if (err != LK_OK)
		return err;
	err = signing_order_run(signing_orders(flow->fast->signing), flow->call, order);
	if (err == LK_OK)
		err = order->err;
	if (err != LK_OK)
		lk_why_add(flow->call->why, "%s", order->why.text);
	audit_err = order_audit(admin, order, err);
	page_set(&admin->values, PLACE_key, names_of(admin->desk.asker.arena, order));
	if (err != LK_OK) {
		refusal_set(admin, order, err);
		return err;
	}
	return audit_err;
}

/* "pairwise", or one of its seals by name. */
static bool
is_pairwise(struct lk_str name)
{
	return lk_str_is(lk_str_n(name.ptr, lk_str_find(name, '-')), PAIRWISE_NAME);
}

enum lk_err
admin_key_rotate_run(struct admin *admin)
{
	struct lk_str name = admin_asked(admin, "alg");
	struct signing_order order = {.kind = SIGNING_ORDER_ROTATE};
	enum crypto_alg alg;
	enum lk_err err;

	if (is_pairwise(name)) {
		admin->refusal = TEXT_ctl_key_pairwise;
		return LK_E_USED;
	}
	if (name.len > 0 && !crypto_alg_find(name, &alg)) {
		admin->refusal = TEXT_ctl_key_alg_none;
		return LK_E_NOT_FOUND;
	}
	if (name.len > 0)
		order.algs = SIGNING_ALG(alg);
	err = order_run(admin, &order);
	if (err != LK_OK)
		return err;
	admin_put(admin->out, "keys", names_of(admin->desk.asker.arena, &order));
	admin_say(admin, TEXT_ctl_key_rotated);
	return LK_OK;
}

enum lk_err
admin_key_retire_run(struct admin *admin)
{
	struct lk_str which = admin_asked(admin, "key");
	struct signing_order order = {.kind = SIGNING_ORDER_RETIRE};
	enum lk_err err;

	if (is_pairwise(which)) {
		admin->refusal = TEXT_ctl_key_pairwise;
		return LK_E_USED;
	}
	if (which.len == 0 || which.len >= sizeof order.which) {
		admin->refusal = TEXT_ctl_key_none;
		return LK_E_NOT_FOUND;
	}
	(void)snprintf(order.which, sizeof order.which, "%.*s", LK_STR_ARGS(which));
	err = order_run(admin, &order);
	if (err != LK_OK)
		return err;
	admin_put(admin->out, "keys", names_of(admin->desk.asker.arena, &order));
	admin_say(admin, TEXT_ctl_key_retired);
	return LK_OK;
}
