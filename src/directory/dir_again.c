/* SPDX-License-Identifier: MIT */
#include "directory/dir_again.h"
#include "directory/dir_shape.h"

static enum lk_err
state_err(enum dir_state state)
{
	switch (state) {
	case DIR_OPEN:
	case DIR_LOCKED:
		return LK_OK;
	case DIR_BLOCKED:
		return LK_E_ACCOUNT_BLOCKED;
	case DIR_LEFT:
		return LK_E_ACCOUNT_LEFT;
	case DIR_NOT_STARTED:
		return LK_E_ACCOUNT_NOT_STARTED;
	}
	return LK_E_ACCOUNT_BLOCKED;
}

enum lk_err
dir_again_check(struct dir *dir, const struct dir_person *person)
{
	const char *attributes[DIR_SHAPE_ATTRIBUTES_MAX];
	struct dir_ask ask = {.kind = DIR_ASK_SEARCH,
			      .dn = person->dn.ptr,
			      .scope = LDAP_SCOPE_BASE,
			      .filter = "(objectClass=*)",
			      .attributes = attributes};
	DIR_AUTO_ANSWER answer = {.ld = NULL};
	struct dir_person now;
	struct dir_entry entry;
	enum lk_err err = dir_policy_need(dir);

	if (err != LK_OK)
		return err;
	dir_shape_attributes(dir->settings, attributes);
	err = dir_ask(dir, &ask, &answer);
	if (err == LK_OK)
		err = dir_answer_search_err(dir, &answer);
	if (err != LK_OK)
		return err;
	entry = dir_entry_first(dir, &answer);
	if (entry.message == NULL)
		return LK_E_PERSON_NOT_FOUND;
	err = dir_shape_read(dir, &entry, &now);
	if (err != LK_OK)
		return err;
	return lk_str_is_equal(now.id, person->id) ? state_err(now.state) : LK_E_PERSON_NOT_FOUND;
}
