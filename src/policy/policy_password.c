/* SPDX-License-Identifier: MIT */
#include "policy/password.h"

#include <string.h>
#include <zxcvbn.h>

#include "base/secret_bytes.h"
#include "base/utf8.h"
#include "base/utf8_form.h"
#include "policy/fold.h"
#include "policy/policy_inside.h"

/* zxcvbn's time grows with the cube of the length; past this nothing gets weaker. */
#define STRENGTH_MAX_BYTES 100u
#define WORDS_MAX	   64u
/* "ty mawr" must not refuse every "ty". */
#define REFUSED_LEAST 3u
/* The service's name is on every page: its short words (sign, staff) are in too many others. */
#define SERVICE_WORD_LEAST 6u

/* One password as the checks see it. */
struct view {
	const struct policy *policy;
	const struct policy_password *rules;
	struct lk_arena *arena;
	struct lk_str text;
	struct lk_str unmasked;		  /* folded, look-alikes undone */
	const char *words[WORDS_MAX + 1]; /* folded, NULL-terminated */
	size_t word_count;
	bool has_memory;
};

static void
word_add(struct view *view, struct lk_str word, size_t least)
{
	const char *copy;

	if (view->word_count == WORDS_MAX || lk_utf8_count(word) < least)
		return;
	copy = lk_arena_c(view->arena, word);
	if (copy == NULL)
		view->has_memory = false;
	else
		view->words[view->word_count++] = copy;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_of_word(char c)
{
	return (c >= 'a' && c <= 'z') || is_digit(c) || (unsigned char)c >= 0x80;
}

/* "jsmith42" → "jsmith42" and "jsmith" */
static void
run_add(struct view *view, struct lk_str run, size_t least)
{
	struct lk_str core = run;

	while (core.len > 0 && is_digit(core.ptr[0]))
		core = lk_str_from(core, 1);
	while (core.len > 0 && is_digit(core.ptr[core.len - 1]))
		core.len--;
	word_add(view, run, least);
	if (core.len < run.len)
		word_add(view, core, least);
}

/* A name may be many words: "Siân Lloyd-Morgan" is three. */
static void
name_add(struct view *view, struct lk_str name, size_t least)
{
	struct lk_str rest = lk_utf8_fold(view->arena, name);
	size_t len;

	while (rest.len > 0) {
		for (len = 0; len < rest.len && is_of_word(rest.ptr[len]);)
			len++;
		run_add(view, lk_str_n(rest.ptr, len), least);
		rest = lk_str_from(rest, len + 1);
	}
}

static void
names_add(struct view *view, const struct policy_words *personal)
{
	size_t least = (size_t)view->rules->personal_word_count, i;

	for (i = 0; i < personal->count; i++)
		name_add(view, personal->words[i], least);
	for (i = 0; i < view->rules->refused_words.count; i++)
		name_add(view, lk_str_c(view->rules->refused_words.items[i]), REFUSED_LEAST);
	name_add(view, view->policy->service_name,
		 least > SERVICE_WORD_LEAST ? least : SERVICE_WORD_LEAST);
}

/* One function a check of rules.def: is the rule kept? */

static bool
check_NONE(struct view *view)
{
	(void)view;
	return true;
}

static bool
check_short(struct view *view)
{
	return lk_utf8_count(view->text) >= (size_t)view->rules->min_length_count;
}

static bool
check_long(struct view *view)
{
	return lk_utf8_count(view->text) <= (size_t)view->rules->max_length_count;
}

static bool
check_common(struct view *view)
{
	struct lk_str forms[POLICY_FORMS_MAX];
	size_t count, i;

	if (!view->rules->refuse_common)
		return true;
	count = policy_forms(view->arena, view->text, forms);
	for (i = 0; i < count; i++) {
		if (wordlist_has(view->policy->common, forms[i]))
			return false;
	}
	return true;
}

static bool
check_personal(struct view *view)
{
	struct lk_str word;
	size_t i;

	for (i = 0; view->rules->refuse_personal && i < view->word_count; i++) {
		word = policy_unmask(view->arena, lk_str_c(view->words[i]));
		if (word.ptr == NULL)
			view->has_memory = false;
		else if (word.len > 0 &&
			 memmem(view->unmasked.ptr, view->unmasked.len, word.ptr, word.len) != NULL)
			return false;
	}
	return true;
}

static bool
check_strength(struct view *view)
{
	const char *start;
	double bits;

	if (view->rules->strength_bits == 0)
		return true;
	start = lk_arena_c(view->arena, lk_utf8_cut(view->text, STRENGTH_MAX_BYTES));
	if (start == NULL) {
		view->has_memory = false;
		return true;
	}
	bits = ZxcvbnMatch(start, view->words, NULL);
	return bits >= (double)view->rules->strength_bits;
}

/* Rows that are no check give LK_OK, which stands for "none". */
#define LK_E_NONE LK_OK
#define RULE_LOCKOUT(...)
#define RULE_RESET(...)
#define RULE_SIGNIN(...)
#define RULE_PASSWORD(check, sentence) {check_##check, LK_E_##sentence},
static const struct {
	bool (*is_kept)(struct view *view);
	enum lk_err sentence;
} checks[] = {
#define LK_RULE(file, scope, type, field, key, preset, min, max, unit, check, sentence, help)      \
	RULE_##file(check, sentence)
#include "tables/rules.def"
};
#define CHECKS (sizeof checks / sizeof checks[0])

static void
failure_add(struct policy_failures *failures, enum lk_err err)
{
	size_t i;

	for (i = 0; i < failures->count; i++) {
		if (failures->errs[i] == err)
			return;
	}
	if (failures->count < POLICY_FAILURES_MAX)
		failures->errs[failures->count++] = err;
}

static bool
view_fill(struct view *view, const struct policy_password_try *attempt)
{
	struct lk_str folded;

	view->rules = attempt->rules;
	view->text = lk_secret_bytes(attempt->password);
	folded = lk_utf8_fold(view->arena, view->text);
	view->unmasked = policy_unmask(view->arena, folded);
	names_add(view, &attempt->personal);
	return view->unmasked.ptr != NULL;
}

enum lk_err
policy_password_check(const struct policy *policy, struct lk_arena *arena,
		      const struct policy_password_try *attempt, struct policy_failures *out)
{
	struct view view = {.policy = policy, .arena = arena, .has_memory = true};
	struct policy_failures failures = {.count = 0};
	size_t i;

	if (lk_secret_len(attempt->password) == 0)
		return LK_E_PASSWORD_EMPTY;
	if (!view_fill(&view, attempt))
		return LK_E_MEMORY;
	for (i = 0; i < CHECKS; i++) {
		if (!checks[i].is_kept(&view))
			failure_add(&failures, checks[i].sentence);
	}
	if (!view.has_memory)
		return LK_E_MEMORY;
	if (failures.count == 0)
		return LK_OK;
	*out = failures;
	return failures.errs[0];
}

/* A rule that is "no" or 0 is not in force. Rows of the table and checks stand in the same order.
 */
static bool
is_in_force(const struct policy_password *rules, size_t index)
{
	const struct conf_row *row = &policy_tables[POLICY_FILE_PASSWORD].table.rows[index];
	const char *value = (const char *)rules + row->offset;

	return row->type == CONF_BOOL ? *(const bool *)value : *(const int *)value != 0;
}

void
policy_password_sentences(const struct policy_password *rules, struct policy_failures *out)
{
	size_t i;

	out->count = 0;
	for (i = 0; i < CHECKS; i++) {
		if (checks[i].sentence != LK_OK && is_in_force(rules, i))
			failure_add(out, checks[i].sentence);
	}
}
