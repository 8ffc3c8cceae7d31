/* SPDX-License-Identifier: MIT */
#include "flow/signing_plan.h"

#include <stdio.h>

void
signing_name_write(enum crypto_alg alg, uint32_t generation, char out[SIGNING_NAME_BYTES])
{
	snprintf(out, SIGNING_NAME_BYTES, "%s-%u", crypto_alg_name(alg), (unsigned)generation);
}

bool
signing_name_read(struct lk_str name, enum crypto_alg *out_alg, uint32_t *out_generation)
{
	char again[SIGNING_NAME_BYTES];
	size_t dash = lk_str_find(name, '-');
	enum crypto_alg alg;
	uint64_t generation;

	if (!crypto_alg_find(lk_str_n(name.ptr, dash), &alg) ||
	    !lk_str_to_u64(lk_str_from(name, dash + 1), &generation) || generation == 0 ||
	    generation > INT32_MAX)
		return false;
	/* One spelling only: no zeros in front. */
	signing_name_write(alg, (uint32_t)generation, again);
	if (!lk_str_is(name, again))
		return false;
	*out_alg = alg;
	*out_generation = (uint32_t)generation;
	return true;
}

/* The newest of an algorithm whose time has come by at_s. */
static const struct signing_entry *
newest_by(const struct signing_plan *plan, enum crypto_alg alg, int64_t at_s)
{
	const struct signing_entry *found = NULL;

	for (size_t i = 0; i < plan->count; i++) {
		const struct signing_entry *entry = &plan->entries[i];

		if (entry->alg == alg && entry->signs_at_s <= at_s &&
		    (found == NULL || entry->generation > found->generation))
			found = entry;
	}
	return found;
}

static const struct signing_entry *
oldest(const struct signing_plan *plan, enum crypto_alg alg)
{
	const struct signing_entry *found = NULL;

	for (size_t i = 0; i < plan->count; i++) {
		const struct signing_entry *entry = &plan->entries[i];

		if (entry->alg == alg && (found == NULL || entry->generation < found->generation))
			found = entry;
	}
	return found;
}

const struct signing_entry *
signing_plan_signer(const struct signing_plan *plan, enum crypto_alg alg)
{
	const struct signing_entry *found = newest_by(plan, alg, plan->now_s);

	return found != NULL ? found : oldest(plan, alg);
}

const struct signing_entry *
signing_plan_newest(const struct signing_plan *plan, enum crypto_alg alg)
{
	return newest_by(plan, alg, INT64_MAX);
}

enum signing_state
signing_plan_state(const struct signing_plan *plan, const struct signing_entry *entry)
{
	const struct signing_entry *signer = signing_plan_signer(plan, entry->alg);

	if (entry == signer)
		return SIGNING_SIGNS;
	return entry->generation > signer->generation ? SIGNING_AHEAD : SIGNING_VERIFIES;
}

/* The first instant at which a newer one signs; 0: there is no newer one. */
static int64_t
succeeded_at(const struct signing_plan *plan, const struct signing_entry *entry)
{
	int64_t at_s = 0;

	for (size_t i = 0; i < plan->count; i++) {
		const struct signing_entry *other = &plan->entries[i];

		if (other->alg == entry->alg && other->generation > entry->generation &&
		    (at_s == 0 || other->signs_at_s < at_s))
			at_s = other->signs_at_s;
	}
	return at_s;
}

int64_t
signing_plan_ends_at(const struct signing_plan *plan, const struct signing_entry *entry)
{
	int64_t at_s = succeeded_at(plan, entry);

	return at_s == 0 ? 0 : at_s + plan->keep_s;
}

bool
signing_plan_is_needed(const struct signing_plan *plan, const struct signing_entry *entry)
{
	return (plan->needed & SIGNING_ALG(entry->alg)) != 0 &&
	       entry == signing_plan_signer(plan, entry->alg);
}

static bool
make_is_due(const struct signing_plan *plan, enum crypto_alg alg, struct signing_step *out)
{
	const struct signing_entry *newest = signing_plan_newest(plan, alg);
	int64_t turn_at_s = newest == NULL ? plan->now_s : newest->signs_at_s + plan->rotate_s;

	*out = (struct signing_step){.kind = SIGNING_MAKE, .alg = alg, .generation = 1};
	out->signs_at_s = plan->now_s;
	if (newest == NULL)
		return true;
	if (!newest->is_open || newest->signs_at_s > plan->now_s ||
	    turn_at_s - plan->ahead_s > plan->now_s || newest->generation == INT32_MAX)
		return false;
	out->generation = newest->generation + 1;
	out->signs_at_s = plan->now_s + plan->ahead_s;
	if (turn_at_s > out->signs_at_s)
		out->signs_at_s = turn_at_s;
	return true;
}

struct signing_step
signing_plan_next(const struct signing_plan *plan)
{
	struct signing_step step = {.kind = SIGNING_REST};

	for (size_t i = 0; i < plan->count; i++) {
		const struct signing_entry *entry = &plan->entries[i];
		int64_t ends_at_s = signing_plan_ends_at(plan, entry);

		if (ends_at_s != 0 && ends_at_s <= plan->now_s)
			return (struct signing_step){.kind = SIGNING_REMOVE, .entry = entry};
	}
	for (int alg = CRYPTO_RS256; plan->count < SIGNING_KEYS_MAX && alg < CRYPTO_ALG_COUNT;
	     alg++) {
		if ((plan->needed & SIGNING_ALG(alg)) != 0 &&
		    make_is_due(plan, (enum crypto_alg)alg, &step))
			return step;
	}
	return (struct signing_step){.kind = SIGNING_REST};
}
