/* SPDX-License-Identifier: MIT */
#include "flow/signing.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/flow.h"
#include "flow/signing_order.h"

/* Pictures there may be at once: the one that holds, and those of before still held somewhere. */
#define SLOTS	   8
#define JWKS_BYTES 16384u
/* Of the word of struct signing: which slot holds, and how often it was taken since it does. */
#define SLOT_SHIFT 48
#define TAKEN_MASK ((UINT64_C(1) << SLOT_SHIFT) - 1)

/*
 * Taking adds one to a word that also names the slot, so that no picture can go between being found
 * and being held; giving back adds one to the slot's own count. A picture that no longer holds is
 * freed once both counts agree. Nobody ever waits.
 */
struct slot {
	struct signing_keys *keys;
	_Atomic uint64_t given_back;
	uint64_t taken; /* in all, once is_old */
	bool is_old;
};

struct signing {
	_Atomic uint64_t now;
	_Atomic uint64_t count; /* of those that held before */
	struct slot slots[SLOTS];
	struct signing_orders *orders;
};

/* --- one picture ----------------------------------------------------------------------------- */

static void
keys_free(struct signing_keys *keys)
{
	if (keys == NULL)
		return;
	for (size_t i = 0; i < keys->count; i++)
		crypto_jwk_free(keys->owned[i]);
	lk_buf_done(&keys->body);
	free(keys);
}

static struct signing_keys *
keys_new(void)
{
	struct signing_keys *keys = calloc(1, sizeof *keys);

	if (keys != NULL)
		lk_buf_init(&keys->body, JWKS_BYTES);
	return keys;
}

static void
key_take(struct signing_keys *keys, const struct signing_make *make, size_t index)
{
	const struct signing_entry *entry = &make->plan->entries[index];
	bool is_signer = entry == signing_plan_signer(make->plan, entry->alg);
	size_t at = keys->count++;

	keys->each[at] = *entry;
	keys->owned[at] = make->owned_keys[index];
	keys->jwk[at] = keys->owned[at];
	keys->each[at].is_open = keys->jwk[at] != NULL;
	if (!is_signer)
		return;
	keys->signer[entry->alg] = &keys->each[at];
	keys->signs[entry->alg] = keys->jwk[at];
}

/* Those that sign come first: some look no further. */
static void
keys_take(struct signing_keys *keys, const struct signing_make *make)
{
	const struct signing_plan *plan = make->plan;

	for (int wanted = 1; wanted >= 0; wanted--) {
		for (size_t i = 0; i < plan->count; i++) {
			const struct signing_entry *entry = &plan->entries[i];

			if ((entry == signing_plan_signer(plan, entry->alg)) == (wanted == 1))
				key_take(keys, make, i);
		}
	}
}

static void
fault_set(struct signing_keys *keys, enum crypto_alg alg)
{
	const struct signing_entry *signer = keys->signer[alg];

	if (keys->fault[0] != '\0')
		return;
	if (signer == NULL)
		snprintf(keys->fault, sizeof keys->fault, "there is no %s key yet",
			 crypto_alg_name(alg));
	else
		snprintf(keys->fault, sizeof keys->fault,
			 "%s does not open with this node's key file", signer->name);
}

/*
 * May the set be shown? One without the key that others sign with would be a lie; one that lacks a
 * key nobody has yet is not.
 */
static bool
ready_find(struct signing_keys *keys)
{
	bool is_whole = keys->count > 0;

	keys->is_ready = true;
	for (int alg = CRYPTO_RS256; alg < CRYPTO_ALG_COUNT; alg++) {
		if ((keys->needed & SIGNING_ALG(alg)) == 0 || keys->signs[alg] != NULL)
			continue;
		fault_set(keys, (enum crypto_alg)alg);
		keys->is_ready = false;
		is_whole = is_whole && keys->signer[alg] == NULL;
	}
	return is_whole;
}

static void
jwks_write(struct signing_keys *keys)
{
	bool is_first = true;

	lk_buf_add_c(&keys->body, "{\"keys\":[");
	for (size_t i = 0; i < keys->count; i++) {
		if (keys->jwk[i] == NULL)
			continue;
		if (!is_first)
			lk_buf_add_byte(&keys->body, ',');
		crypto_jwk_write(keys->jwk[i], &keys->body);
		is_first = false;
	}
	lk_buf_add_c(&keys->body, "]}");
}

static struct signing_keys *
keys_make(const struct signing_make *make)
{
	struct signing_keys *keys = keys_new();

	if (keys == NULL) {
		for (size_t i = 0; i < make->plan->count; i++)
			crypto_jwk_free(make->owned_keys[i]);
		return NULL;
	}
	keys->needed = make->plan->needed;
	keys->at_s = make->plan->now_s;
	keys_take(keys, make);
	if (!ready_find(keys))
		return keys;
	jwks_write(keys);
	if (!lk_buf_is_ok(&keys->body)) {
		keys_free(keys);
		return NULL;
	}
	keys->jwks = lk_buf_str(&keys->body);
	return keys;
}

/* --- which one holds ------------------------------------------------------------------------- */

struct signing *
signing_new(void)
{
	struct signing *signing = calloc(1, sizeof *signing);

	if (signing == NULL)
		return NULL;
	signing->orders = signing_orders_new();
	signing->slots[0].keys = keys_new();
	if (signing->orders == NULL || signing->slots[0].keys == NULL) {
		signing_free(signing);
		return NULL;
	}
	snprintf(signing->slots[0].keys->fault, sizeof signing->slots[0].keys->fault,
		 "the directory has not told them yet");
	return signing;
}

void
signing_free(struct signing *signing)
{
	if (signing == NULL)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		keys_free(signing->slots[i].keys);
	signing_orders_free(signing->orders);
	free(signing);
}

struct signing_orders *
signing_orders(struct signing *signing)
{
	return signing->orders;
}

const struct signing_keys *
signing_hold(struct signing *signing)
{
	uint64_t now = atomic_fetch_add_explicit(&signing->now, 1, memory_order_acquire);

	return signing->slots[now >> SLOT_SHIFT].keys;
}

void
signing_drop(struct signing *signing, const struct signing_keys *keys)
{
	(void)atomic_fetch_add_explicit(&signing->slots[keys->slot].given_back, 1,
					memory_order_release);
}

uint64_t
signing_count(const struct signing *signing)
{
	return atomic_load_explicit(&signing->count, memory_order_acquire);
}

static void
old_free(struct signing *signing)
{
	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &signing->slots[i];

		if (!slot->is_old ||
		    atomic_load_explicit(&slot->given_back, memory_order_acquire) != slot->taken)
			continue;
		keys_free(slot->keys);
		slot->keys = NULL;
		slot->is_old = false;
	}
}

static size_t
slot_find(const struct signing *signing)
{
	size_t at = 0;

	while (at < SLOTS && signing->slots[at].keys != NULL)
		at++;
	return at;
}

enum lk_err
signing_put(struct signing *signing, const struct signing_make *make)
{
	struct signing_keys *keys = keys_make(make);
	struct slot *old;
	uint64_t before;

	if (keys == NULL)
		return LK_E_MEMORY;
	old_free(signing);
	keys->slot = slot_find(signing);
	if (keys->slot == SLOTS) {
		keys_free(keys);
		return LK_E_BUSY;
	}
	signing->slots[keys->slot].keys = keys;
	atomic_store_explicit(&signing->slots[keys->slot].given_back, 0, memory_order_relaxed);
	before = atomic_exchange_explicit(&signing->now, (uint64_t)keys->slot << SLOT_SHIFT,
					  memory_order_acq_rel);
	old = &signing->slots[before >> SLOT_SHIFT];
	old->taken = before & TAKEN_MASK;
	old->is_old = true;
	atomic_fetch_add_explicit(&signing->count, 1, memory_order_release);
	old_free(signing);
	return LK_OK;
}

/* --- what they are for ----------------------------------------------------------------------- */

const struct crypto_jwk *
signing_key(const struct signing_keys *keys, enum crypto_alg alg)
{
	return alg >= CRYPTO_RS256 && alg < CRYPTO_ALG_COUNT ? keys->signs[alg] : NULL;
}

enum lk_err
signing_sign(const struct fast *fast, const struct signing_what *what, struct lk_arena *arena,
	     struct lk_str *out)
{
	const struct signing_keys *keys;
	const struct crypto_jwk *key;
	enum lk_err err = LK_E_KEYS_DOWN;

	if (fast->signing == NULL)
		return err;
	keys = signing_hold(fast->signing);
	key = signing_key(keys, what->alg);
	if (key != NULL)
		err = crypto_jws_sign(key, what->typ, what->payload, arena, out);
	signing_drop(fast->signing, keys);
	return err;
}

static enum lk_err
verify(const struct signing_keys *keys, const char *typ, struct lk_str token,
       struct lk_arena *arena, struct lk_str *out_payload)
{
	struct crypto_jws_allow allow[SIGNING_KEYS_MAX];
	struct crypto_jws_rule rule = {.allow = allow, .typ = typ};
	struct crypto_jws jws;
	enum lk_err err;

	for (size_t i = 0; i < keys->count; i++) {
		if (keys->jwk[i] != NULL)
			allow[rule.allow_count++] =
			    (struct crypto_jws_allow){keys->each[i].alg, keys->jwk[i]};
	}
	if (rule.allow_count == 0)
		return LK_E_KEYS_DOWN;
	err = crypto_jws_verify(&rule, token, arena, NULL, &jws);
	if (err == LK_OK)
		*out_payload = jws.payload;
	return err;
}

enum lk_err
signing_verify(const struct fast *fast, const char *typ, struct lk_str token,
	       struct lk_arena *arena, struct lk_str *out_payload)
{
	const struct signing_keys *keys;
	enum lk_err err;

	if (fast->signing == NULL)
		return LK_E_KEYS_DOWN;
	keys = signing_hold(fast->signing);
	err = verify(keys, typ, token, arena, out_payload);
	signing_drop(fast->signing, keys);
	return err;
}
