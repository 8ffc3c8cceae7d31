/* SPDX-License-Identifier: MIT */
#include "flow/consent.h"

#include "flow/scope.h"
#include "store/store_grant.h"

#define TRIES_MAX  3 /* somebody else writes at this moment: the same person, in another tab */
#define GRANTS_MAX 500u

/* --- asked ---------------------------------------------------------------------------------- */

enum lk_err
consent_check(const struct asker *asker, const struct subject *subject, struct lk_str client_id,
	      struct lk_str scope)
{
	struct dir_factors factors;
	struct consent consent;
	enum lk_err err = dir_factors_get(asker->flow->dir, &subject->person, &factors);

	if (err != LK_OK)
		return err;
	if (!consent_find(&factors, client_id, &consent) || !scope_is_within(scope, consent.scope))
		return LK_E_OAUTH_CONSENT;
	return LK_OK;
}

/* --- allowed -------------------------------------------------------------------------------- */

/* What was allowed before stays so. */
static struct lk_str
scope_joined(struct lk_str before, struct lk_str scope, struct lk_arena *arena)
{
	struct lk_str rest = scope, word;

	while (scope_next(&rest, &word)) {
		before = scope_with(before, word, arena);
		if (before.ptr == NULL)
			return before;
	}
	return before;
}

static enum lk_err
put(const struct asker *asker, const struct subject *subject, const struct consent *wanted)
{
	struct consent was = {.at_s = 0}, is = *wanted;
	struct dir_factors factors;
	struct lk_str text;
	enum lk_err err = dir_factors_get(asker->flow->dir, &subject->person, &factors);

	if (err != LK_OK)
		return err;
	if (consent_find(&factors, wanted->client_id, &was) &&
	    scope_is_within(wanted->scope, was.scope))
		return LK_OK;
	is.scope = scope_joined(was.scope, wanted->scope, asker->arena);
	text = consent_write(&is, asker->arena);
	if (text.ptr == NULL)
		return LK_E_MEMORY;
	return dir_allowed_put(asker->flow->dir, &subject->person, was.text, text);
}

void
consent_remember(const struct asker *asker, const struct subject *subject,
		 struct lk_str client_id, struct lk_str scope)
{
	struct consent wanted = {.client_id = client_id, .at_s = asker->now_s, .scope = scope};
	enum lk_err err = put(asker, subject, &wanted);

	for (int i = 1; err == LK_E_USED && i < TRIES_MAX; i++)
		err = put(asker, subject, &wanted);
	if (err != LK_OK)
		lk_log(asker->flow->fast->log, LK_LOG_WARNING, "consent", asker->reference,
		       "%s: what was allowed %.*s is not remembered: %s", lk_err_row(err)->name,
		       LK_STR_ARGS(client_id), asker->flow->call->why->text);
}

/* --- taken back ----------------------------------------------------------------------------- */

static enum lk_err
remove_all(const struct asker *asker, const struct subject *subject, struct lk_str client_id)
{
	struct lk_str nothing = {NULL, 0};
	struct dir_factors factors;
	struct consent consent;
	enum lk_err err = LK_OK;

	for (int i = 0; i < TRIES_MAX && err == LK_OK; i++) {
		err = dir_factors_get(asker->flow->dir, &subject->person, &factors);
		if (err != LK_OK || !consent_find(&factors, client_id, &consent))
			return err;
		err = dir_allowed_put(asker->flow->dir, &subject->person, consent.text, nothing);
		if (err == LK_E_USED)
			err = LK_OK;
	}
	return err == LK_OK ? LK_E_BUSY : err;
}

/* What is not fetched yet goes first: what is fetched until then is there to be ended. */
static enum lk_err
given_end(const struct asker *asker, struct lk_str person_id, struct lk_str client_id)
{
	struct store_change end = {
	    .kind = STORE_GIVEN_END, .person_id = person_id, .client_id = client_id};

	return store_commit(asker->flow->store, &end, 1, NULL);
}

/* Fills changes with the end of grants of that application, from *at on; how many. */
static size_t
ends_make(const struct store_grant_row *rows, size_t count, size_t *at, struct lk_str client_id,
	  struct store_change changes[STORE_CHANGES_MAX])
{
	size_t ends = 0;

	for (; *at < count && ends < STORE_CHANGES_MAX; (*at)++) {
		if (lk_str_is_equal(rows[*at].client_id, client_id))
			changes[ends++] = (struct store_change){.kind = STORE_GRANT_END,
								.key = &rows[*at].key};
	}
	return ends;
}

static enum lk_err
grants_end(const struct asker *asker, struct lk_str person_id, struct lk_str client_id)
{
	struct store_grants_of whose = {.person_id = person_id};
	struct store_change changes[STORE_CHANGES_MAX];
	struct store_grant_row *rows;
	size_t count, ends, at = 0;
	enum lk_err err =
	    store_grants_find(asker->flow->store, &whose, GRANTS_MAX, &rows, &count);

	while (err == LK_OK && (ends = ends_make(rows, count, &at, client_id, changes)) > 0)
		err = store_commit(asker->flow->store, changes, ends, NULL);
	return err;
}

enum lk_err
consent_end(const struct asker *asker, const struct subject *subject, struct lk_str client_id)
{
	enum lk_err err = remove_all(asker, subject, client_id);

	if (err == LK_OK)
		err = given_end(asker, subject->person.id, client_id);
	if (err == LK_OK)
		err = grants_end(asker, subject->person.id, client_id);
	return err == LK_E_DIRECTORY_UNSURE ? LK_E_DIRECTORY_DOWN : err;
}
