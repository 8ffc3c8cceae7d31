/* SPDX-License-Identifier: MIT */
#include "policy/proofs.h"

static const struct {
	const char *word;
	enum policy_proof proof;
} names[] = {
    {"password", POLICY_PROOF_PASSWORD},
    {"totp", POLICY_PROOF_TOTP},
    {"recovery", POLICY_PROOF_RECOVERY},
};
#define NAMES (sizeof names / sizeof names[0])

bool
policy_proofs_are_met(const struct policy_proofs *proofs, unsigned shown)
{
	return policy_proofs_can_meet(proofs, shown);
}

bool
policy_proofs_can_meet(const struct policy_proofs *proofs, unsigned has)
{
	uint8_t i;

	for (i = 0; i < proofs->count; i++) {
		if ((proofs->choice[i] & ~has) == 0 && proofs->choice[i] != 0)
			return true;
	}
	return false;
}

unsigned
policy_proofs_missing(const struct policy_proofs *proofs, unsigned shown, unsigned has)
{
	uint8_t i;

	if (proofs->count == 0 || policy_proofs_are_met(proofs, shown))
		return 0;
	for (i = 0; i < proofs->count; i++) {
		if ((proofs->choice[i] & ~(has | shown)) == 0)
			return proofs->choice[i] & ~shown;
	}
	return proofs->choice[0] & ~shown;
}

bool
policy_proofs_name(const struct policy_proofs *proofs, enum policy_proof proof)
{
	uint8_t i;

	for (i = 0; i < proofs->count; i++) {
		if ((proofs->choice[i] & proof) != 0)
			return true;
	}
	return false;
}

/* 0: no proof of that name. */
static unsigned
proof_find(struct lk_str word)
{
	size_t i;

	for (i = 0; i < NAMES; i++) {
		if (lk_str_is(word, names[i].word))
			return names[i].proof;
	}
	return 0;
}

static bool
word_take(struct lk_str *rest, struct lk_str *out)
{
	while (lk_str_split(rest, ' ', out)) {
		*out = lk_str_trim(*out);
		if (out->len > 0)
			return true;
	}
	*out = (struct lk_str){NULL, 0};
	return false;
}

static bool
refuse(struct lk_str word, struct lk_buf *words)
{
	lk_buf_printf(words, "must be %s", policy_proofs_own.range);
	if (word.len > 0)
		lk_buf_printf(words, ", not '%.*s'", LK_STR_ARGS(word));
	return false;
}

/* A proof, then "and" or "or", then a proof … */
static bool
proofs_read(struct lk_str text, void *out, struct lk_buf *words)
{
	struct policy_proofs proofs = {.count = 1};
	struct lk_str rest = text, word;
	unsigned proof;

	while (word_take(&rest, &word)) {
		proof = proof_find(word);
		if (proof == 0)
			return refuse(word, words);
		proofs.choice[proofs.count - 1] |= (uint8_t)proof;
		if (!word_take(&rest, &word)) {
			*(struct policy_proofs *)out = proofs;
			return true;
		}
		if (lk_str_is(word, "or") && proofs.count < POLICY_CHOICES_MAX)
			proofs.count++;
		else if (!lk_str_is(word, "and"))
			return refuse(word, words);
	}
	return refuse(word, words);
}

static void
choice_write(unsigned choice, struct lk_buf *out)
{
	const char *between = "";
	size_t i;

	for (i = 0; i < NAMES; i++) {
		if ((choice & names[i].proof) == 0)
			continue;
		lk_buf_printf(out, "%s%s", between, names[i].word);
		between = " and ";
	}
}

void
policy_proofs_write(const void *proofs, struct lk_buf *out)
{
	const struct policy_proofs *p = proofs;
	uint8_t i;

	for (i = 0; i < p->count; i++) {
		if (i > 0)
			lk_buf_add_c(out, " or ");
		choice_write(p->choice[i], out);
	}
}

const struct conf_own policy_proofs_own = {
    proofs_read, policy_proofs_write,
    "password, totp or recovery, joined by 'and' and 'or' (8 choices at most)"};
