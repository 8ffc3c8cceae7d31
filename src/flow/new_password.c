/* SPDX-License-Identifier: MIT */
#include "flow/new_password.h"

#include <stdio.h>

#include "flow/show.h"
#include "flow/trail.h"

#define WORDS_COUNT 6u

/* --- our own rules -------------------------------------------------------------------------- */

static enum lk_err
failed(struct new_password *change, enum lk_err err)
{
	change->failures = (struct policy_failures){.errs = {err}, .count = 1};
	return err;
}

static void
rules_ask(const struct fast *fast, const struct subject *subject, struct policy_password *out)
{
	struct policy_who who;

	subject_who(subject, &who);
	policy_password_ask(fast->policy, &who, out);
}

static struct lk_str
local_part(struct lk_str mail)
{
	return lk_str_n(mail.ptr, lk_str_find(mail, '@'));
}

static enum lk_err
rules_check(const struct asker *asker, struct new_password *change)
{
	const struct dir_person *person = &change->subject->person;
	const struct lk_str words[WORDS_COUNT] = {
	    person->username,	  person->given_name, person->family_name,
	    person->display_name, person->department, local_part(person->mail),
	};
	struct policy_password rules;
	struct policy_password_try attempt = {
	    .rules = &rules,
	    .password = change->normal,
	    .personal = {words, WORDS_COUNT},
	};

	rules_ask(asker->flow->fast, change->subject, &rules);
	return policy_password_check(asker->flow->fast->policy, asker->arena, &attempt,
				     &change->failures);
}

/* One that is no text is nobody's; the directory will say so. */
static enum lk_err
now_normalise(const struct asker *asker, struct new_password *change)
{
	enum lk_err err;

	if (change->now_pw == NULL)
		return LK_OK;
	err = policy_password_normalise(asker->arena, change->now_pw, &change->now_normal);
	if (err == LK_E_PASSWORD_TEXT)
		change->now_normal = change->now_pw;
	return err == LK_E_PASSWORD_TEXT ? LK_OK : err;
}

enum lk_err
new_password_check(const struct asker *asker, struct new_password *change)
{
	enum lk_err err;

	if (change->typed == NULL || lk_secret_len(change->typed) == 0)
		return failed(change, LK_E_PASSWORD_EMPTY);
	err = policy_password_normalise(asker->arena, change->typed, &change->normal);
	if (err == LK_E_PASSWORD_TEXT)
		return failed(change, err);
	if (err == LK_OK)
		err = now_normalise(asker, change);
	if (err == LK_OK)
		err = rules_check(asker, change);
	if (err == LK_OK && change->now_pw != NULL &&
	    lk_secret_is_equal(change->normal, change->now_normal))
		return failed(change, LK_E_PASSWORD_SAME);
	return err;
}

/* --- the directory -------------------------------------------------------------------------- */

static bool
is_allowed(const struct new_password *change)
{
	if (change->now_pw != NULL)
		return true;
	return change->pass != NULL &&
	       (gate_pass_check(change->pass, change->subject, GATE_RESET) ||
		gate_pass_check(change->pass, change->subject, GATE_CHANGE));
}

/* Is the new one theirs already? Asked so that no counter of the directory moves. */
static enum lk_err
theirs_check(const struct asker *asker, const struct new_password *change, bool *out_is_theirs)
{
	return dir_password_check_locked(asker->flow->dir, &change->subject->person, change->normal,
					 out_is_theirs);
}

static enum lk_err
same_check(const struct asker *asker, struct new_password *change)
{
	bool is_same = false;
	enum lk_err err;

	if (change->now_pw != NULL && !change->is_again)
		return LK_OK;
	err = theirs_check(asker, change, &is_same);
	if (err != LK_OK)
		return err;
	return is_same ? failed(change, LK_E_PASSWORD_SAME) : LK_OK;
}

static enum lk_err
read_back(const struct asker *asker, const struct new_password *change)
{
	struct dir_password_answer answer = {0};
	enum lk_err err =
	    dir_password_check(asker->flow->dir, &change->subject->person, change->normal, &answer);

	if (err != LK_OK)
		return LK_E_PASSWORD_UNSURE;
	if (answer.verdict == DIR_PASSWORD_RIGHT || answer.verdict == DIR_PASSWORD_EXPIRED ||
	    answer.verdict == DIR_PASSWORD_MUST_CHANGE)
		return LK_OK;
	return LK_E_PASSWORD_UNSURE;
}

/* It was not theirs a moment ago: if it is now, the same answer, given twice at once, did it. */
static enum lk_err
set_meanwhile(const struct asker *asker, struct new_password *change, enum lk_err why)
{
	bool is_theirs = false;

	if (theirs_check(asker, change, &is_theirs) != LK_OK || !is_theirs)
		return why;
	change->is_again = true;
	return LK_E_PASSWORD_SAME;
}

static enum lk_err
in_directory(const struct asker *asker, struct new_password *change)
{
	struct dir *dir = asker->flow->dir;
	const struct dir_person *person = &change->subject->person;
	enum lk_err err;

	if (change->now_pw != NULL)
		err = dir_password_change(dir, person, change->now_normal, change->normal);
	else
		err = dir_password_reset(dir, person, change->normal);
	if ((err == LK_E_PASSWORD_REUSED || err == LK_E_PASSWORD_TOO_SOON) &&
	    change->now_pw == NULL)
		return set_meanwhile(asker, change, err);
	return err == LK_E_DIRECTORY_UNSURE ? read_back(asker, change) : err;
}

static enum audit_event
event_of(enum lk_err err)
{
	if (err == LK_OK)
		return AUDIT_PASSWORD_CHANGED;
	return err == LK_E_PASSWORD_UNSURE ? AUDIT_PASSWORD_UNSURE : AUDIT_PASSWORD_REFUSED;
}

static void
count(const struct asker *asker, const struct new_password *change, enum lk_err err)
{
	struct metrics *metrics = asker->flow->fast->metrics;

	if (change->pass != NULL && change->pass->purpose == GATE_RESET)
		metric_count_resets_total(metrics, err, METRIC_NONE);
	else
		metric_count_password_changes_total(metrics, err, asker->metric_door);
}

/* What is in force and cannot be told must not be told. */
static enum lk_err
told(const struct asker *asker, struct new_password *change, enum lk_err err)
{
	count(asker, change, err);
	if (trail_event(asker, change->subject, event_of(err), err) != LK_OK)
		return err == LK_OK || err == LK_E_PASSWORD_UNSURE ? LK_E_PASSWORD_UNSURE
								   : LK_E_AUDIT_DOWN;
	if (err != LK_OK && lk_err_row(err)->number / 1000 == 3)
		return failed(change, err);
	return err;
}

enum lk_err
new_password_set(const struct asker *asker, struct new_password *change)
{
	enum lk_err err = LK_OK;

	if (!is_allowed(change))
		return LK_E_BROKEN;
	if (change->normal == NULL)
		err = new_password_check(asker, change);
	if (err == LK_OK)
		err = same_check(asker, change);
	if (err == LK_OK)
		err = trail_event(asker, change->subject, AUDIT_PASSWORD_BEGUN, LK_OK);
	if (err != LK_OK)
		return err;
	err = in_directory(asker, change);
	return err == LK_E_PASSWORD_SAME ? failed(change, err) : told(asker, change, err);
}

enum lk_err
new_password_found(const struct asker *asker, struct new_password *change)
{
	change->failures.count = 0;
	return told(asker, change, LK_OK);
}

/* --- what follows --------------------------------------------------------------------------- */

size_t
new_password_changes(const struct subject *subject, const struct crypto_digest *keep,
		     struct store_change out[3])
{
	struct lk_str id = subject->person.id;

	out[0] = (struct store_change){.kind = STORE_UNLOCK, .person_id = id};
	out[1] =
	    (struct store_change){.kind = STORE_SESSIONS_END_ALL, .person_id = id, .key = keep};
	out[2] = (struct store_change){.kind = STORE_TRUST_END_ALL, .person_id = id};
	return 3;
}

void
new_password_mail(const struct asker *asker, const struct subject *subject)
{
	trail_mail(asker, subject, MAIL_password_changed, NULL);
}

/* --- the page ------------------------------------------------------------------------------- */

static enum text_id
text_of(enum lk_err err)
{
	return page_text_find(lk_err_row(err)->text_key);
}

/* What the rule behind it does not allow: "password_short" → the text "password_short_rule". */
static enum text_id
rule_text_of(enum lk_err err)
{
	char key[80];

	snprintf(key, sizeof(key), "%s_rule", lk_err_row(err)->text_key);
	return page_text_find(key);
}

static enum lk_err
not_allowed_fill(struct show *show, const struct policy_password *rules)
{
	struct policy_failures all = {.count = 0};
	struct page_item *items;

	policy_password_sentences(rules, &all);
	items = lk_arena_alloc(show->req->arena, (all.count + 1) * sizeof(*items));
	if (items == NULL)
		return LK_E_MEMORY;
	for (size_t i = 0; i < all.count; i++)
		items[i].text[0] = show_sentence(show, rule_text_of(all.errs[i]));
	show->values.items[0] = items;
	show->values.item_count[0] = all.count;
	return LK_OK;
}

enum lk_err
new_password_fill(struct show *show, const struct subject *subject)
{
	struct policy_password rules;

	rules_ask(show->fast, subject, &rules);
	page_set(&show->values, PLACE_min_length, show_number(show, rules.min_length_count));
	page_set(&show->values, PLACE_max_length, show_number(show, rules.max_length_count));
	page_set(&show->values, PLACE_username, subject->person.username);
	return not_allowed_fill(show, &rules);
}

enum lk_err
new_password_again(struct show *show, const struct new_password *change, enum lk_err err)
{
	int64_t may_at_s = change->subject->person.password_may_change_at_s;
	size_t count = change->failures.count;
	enum text_id *errors = lk_arena_alloc(show->req->arena, (count + 1) * sizeof(*errors));

	if (errors == NULL)
		return LK_E_MEMORY;
	page_set(&show->values, PLACE_time,
		 may_at_s > 0 ? show_time(show, may_at_s) : show_sentence(show, TEXT_time_later));
	for (size_t i = 0; i < count; i++)
		errors[i] = text_of(change->failures.errs[i]);
	if (count > 0) {
		show->values.errors = errors;
		show->values.error_count = count;
	}
	return show_again(show, PAGE_new_password, err);
}
