/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "policy/policy_inside.h"

#define POLICY_TYPE_INT	   CONF_INT
#define POLICY_TYPE_BOOL   CONF_BOOL
#define POLICY_TYPE_NAMES  CONF_NAMES
#define POLICY_TYPE_WORD   CONF_WORD
#define POLICY_TYPE_PROOFS CONF_OWN
#define POLICY_OWN_INT	   NULL
#define POLICY_OWN_BOOL	   NULL
#define POLICY_OWN_NAMES   NULL
#define POLICY_OWN_WORD	   NULL
#define POLICY_OWN_PROOFS  &policy_proofs_own
#define SCOPE_ALL	   true
#define SCOPE_GROUP	   false

/* Rows of one file: IN_<file>(…) keeps or drops. The comma inside a row must not end the macro's
 * argument, hence ROW. */
#define ROW(owner, type, field, key, preset, min, max, unit, help)                                 \
	{POLICY_TYPE_##type, "", key, preset, min, max, unit, help, offsetof(owner, field),        \
	 POLICY_OWN_##type},
#define DROP(...)
#define KEEP(...) __VA_ARGS__

#define IN_PASSWORD KEEP
#define IN_LOCKOUT  DROP
#define IN_RESET    DROP
#define IN_SIGNIN   DROP
static const struct conf_row password_rows[] = {
#define LK_RULE(file, scope, type, field, key, preset, min, max, unit, check, sentence, help)      \
	IN_##file(ROW(struct policy_password, type, field, key, preset, min, max, unit, help))
#include "tables/rules.def"
};
static const bool password_scopes[] = {
#define LK_RULE(file, scope, ...) IN_##file(SCOPE_##scope, )
#include "tables/rules.def"
};
#undef IN_PASSWORD
#undef IN_LOCKOUT
#define IN_PASSWORD DROP
#define IN_LOCKOUT  KEEP
static const struct conf_row lockout_rows[] = {
#define LK_RULE(file, scope, type, field, key, preset, min, max, unit, check, sentence, help)      \
	IN_##file(ROW(struct policy_lockout, type, field, key, preset, min, max, unit, help))
#include "tables/rules.def"
};
static const bool lockout_scopes[] = {
#define LK_RULE(file, scope, ...) IN_##file(SCOPE_##scope, )
#include "tables/rules.def"
};
#undef IN_LOCKOUT
#undef IN_RESET
#define IN_LOCKOUT DROP
#define IN_RESET   KEEP
static const struct conf_row reset_rows[] = {
#define LK_RULE(file, scope, type, field, key, preset, min, max, unit, check, sentence, help)      \
	IN_##file(ROW(struct policy_reset, type, field, key, preset, min, max, unit, help))
#include "tables/rules.def"
};
static const bool reset_scopes[] = {
#define LK_RULE(file, scope, ...) IN_##file(SCOPE_##scope, )
#include "tables/rules.def"
};
#undef IN_RESET
#undef IN_SIGNIN
#define IN_RESET  DROP
#define IN_SIGNIN KEEP
static const struct conf_row signin_rows[] = {
#define LK_RULE(file, scope, type, field, key, preset, min, max, unit, check, sentence, help)      \
	IN_##file(ROW(struct policy_signin, type, field, key, preset, min, max, unit, help))
#include "tables/rules.def"
};
static const bool signin_scopes[] = {
#define LK_RULE(file, scope, ...) IN_##file(SCOPE_##scope, )
#include "tables/rules.def"
};

#define TABLE(name)                                                                                \
	{                                                                                          \
#name ".policy", {name##_rows, sizeof name##_rows / sizeof name##_rows[0] },       \
						   name##_scopes, sizeof(struct policy_##name)     \
	}
const struct policy_table policy_tables[POLICY_FILE_COUNT] = {
    [POLICY_FILE_PASSWORD] = TABLE(password),
    [POLICY_FILE_LOCKOUT] = TABLE(lockout),
    [POLICY_FILE_RESET] = TABLE(reset),
    [POLICY_FILE_SIGNIN] = TABLE(signin),
};

/* One file on its way in. */
struct reading {
	struct policy *policy;
	enum policy_file file;
	struct conf_faults *faults;
	struct policy_section *section; /* NULL: an unknown one, what it sets is passed over */
	struct lk_str name;		/* of the section, as written */
	struct policy_section **end;	/* where the next one is hung in */
	bool has_memory;
	bool has_section; /* a section line was there */
};

static struct conf_reading
values_of(const struct reading *reading, const struct policy_section *section)
{
	return (struct conf_reading){&policy_tables[reading->file].table, reading->policy->arena,
				     reading->faults, section->values, section->places};
}

static struct policy_section *
section_new(struct reading *reading, const char *group)
{
	const struct policy_table *table = &policy_tables[reading->file];
	struct lk_arena *arena = reading->policy->arena;
	struct policy_section *section = lk_arena_alloc(arena, sizeof *section);
	struct conf_reading values;

	reading->has_memory = false;
	if (section == NULL)
		return NULL;
	section->group = group;
	section->values = lk_arena_alloc(arena, table->bytes);
	section->places = lk_arena_alloc(arena, table->table.count * sizeof section->places[0]);
	if (section->values == NULL || section->places == NULL)
		return NULL;
	values = values_of(reading, section);
	if (!conf_table_preset(&values))
		return NULL;
	reading->has_memory = true;
	*reading->end = section;
	reading->end = &section->next;
	return section;
}

static struct policy_section *
section_find(const struct reading *reading, struct lk_str group)
{
	struct policy_section *section = reading->policy->sections[reading->file];

	if (group.ptr == NULL)
		return section;
	for (section = section->next; section != NULL; section = section->next) {
		if (lk_str_is_equal_nocase(group, lk_str_c(section->group)))
			return section;
	}
	return NULL;
}

static struct policy_section *
group_begin(struct reading *reading, struct lk_str group)
{
	const char *name = lk_arena_c(reading->policy->arena, group);
	struct policy_section *section = section_find(reading, group);

	if (section != NULL)
		return section;
	if (name == NULL) {
		reading->has_memory = false;
		return NULL;
	}
	return section_new(reading, name);
}

/* "default" or "group NAME"; NULL with a fault for anything else. */
static struct policy_section *
section_named(struct reading *reading, struct conf_place place, struct lk_str name)
{
	struct lk_str group = {NULL, 0};

	if (lk_str_starts(name, "group "))
		group = lk_str_trim(lk_str_from(name, 6));
	if (lk_str_is(name, "default"))
		return section_find(reading, group);
	if (group.len > 0)
		return group_begin(reading, group);
	conf_fault_add(reading->faults, place,
		       "there is no section [%.*s]: it must be [default] or [group NAME]",
		       LK_STR_ARGS(name));
	return NULL;
}

static void
section_begin(struct reading *reading, const struct conf_ini_item *item)
{
	struct conf_place place = {reading->policy->paths[reading->file], item->line, item->column};
	struct policy_section *section = section_named(reading, place, item->name);

	reading->has_section = true;
	reading->section = section;
	reading->name = item->name;
	if (section == NULL)
		return;
	if (section->place.line > 0) {
		conf_fault_add(reading->faults, place,
			       "[%.*s] was there before, in line %u: put them together",
			       LK_STR_ARGS(item->name), section->place.line);
		reading->section = NULL;
		return;
	}
	section->place = place;
}

/* Met before anybody knows who is asking: another value for some would tell strangers who they are.
 */
static bool
is_misplaced(const struct reading *reading, const struct conf_ini_item *item)
{
	const struct policy_table *table = &policy_tables[reading->file];
	size_t i;

	if (reading->section->group == NULL)
		return false;
	for (i = 0; i < table->table.count; i++) {
		if (lk_str_is(item->name, table->table.rows[i].key))
			return table->is_for_all[i];
	}
	return false;
}

static void
pair_read(struct reading *reading, const struct conf_ini_item *item)
{
	const char *path = reading->policy->paths[reading->file];
	struct conf_place place = {path, item->line, item->column};
	struct conf_reading values;

	if (reading->section == NULL) {
		if (!reading->has_section)
			conf_fault_add(reading->faults, place,
				       "a [default] line must stand before the first key");
		reading->has_section = true;
		return;
	}
	if (is_misplaced(reading, item)) {
		conf_fault_add(reading->faults, place,
			       "%.*s can only stand in [default]: it is the same for everybody",
			       LK_STR_ARGS(item->name));
		return;
	}
	values = values_of(reading, reading->section);
	conf_table_pair(&values, path, reading->name, item);
}

static void
text_read(struct reading *reading, struct lk_str text)
{
	struct conf_ini_item item;
	struct conf_ini ini;

	conf_ini_init(&ini, text);
	while (reading->has_memory && conf_ini_next(&ini, &item)) {
		if (item.kind == CONF_INI_FAULT) {
			conf_fault_add(reading->faults,
				       (struct conf_place){reading->policy->paths[reading->file],
							   item.line, item.column},
				       "%s", item.words);
			if (item.was_section) {
				reading->section = NULL;
				reading->has_section = true;
			}
		} else if (item.kind == CONF_INI_SECTION) {
			section_begin(reading, &item);
		} else {
			pair_read(reading, &item);
		}
	}
}

bool
policy_text_read(struct policy *policy, enum policy_file file, struct lk_str text,
		 struct conf_faults *faults)
{
	struct reading reading = {.policy = policy, .file = file, .faults = faults};

	reading.end = &policy->sections[file];
	if (section_new(&reading, NULL) == NULL)
		return false;
	text_read(&reading, text);
	return reading.has_memory;
}

bool
policy_file_read(struct policy *policy, enum policy_file file, struct conf_faults *faults)
{
	struct lk_str text = {NULL, 0};

	/* A file that cannot be read is a fault already; its rules stay at their defaults. */
	if (!conf_text_read(policy->paths[file], policy->arena, faults, &text))
		text = (struct lk_str){NULL, 0};
	return policy_text_read(policy, file, text, faults);
}
