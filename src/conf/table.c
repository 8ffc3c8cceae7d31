/* SPDX-License-Identifier: MIT */
#include "conf/table.h"

#include <limits.h>
#include <string.h>

/* Room for the words about one value. */
#define WORDS_MAX_BYTES 400u

/* "" stands for any section. */
static bool
is_section(const struct conf_row *row, struct lk_str section)
{
	return row->section[0] == '\0' || lk_str_is(section, row->section);
}

static const struct conf_row *
row_find(const struct conf_table *table, struct lk_str section, struct lk_str key)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		if (is_section(&table->rows[i], section) && lk_str_is(key, table->rows[i].key))
			return &table->rows[i];
	}
	return NULL;
}

static bool
has_section(const struct conf_table *table, struct lk_str section)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		if (is_section(&table->rows[i], section))
			return true;
	}
	return false;
}

/* The row whose key is nearest; one of the same section before others. */
static const struct conf_row *
near_key_find(const struct conf_table *table, struct lk_str section, struct lk_str key)
{
	const struct conf_row *best = NULL;
	unsigned best_rank = UINT_MAX, rank;
	size_t i;

	for (i = 0; i < table->count; i++) {
		const struct conf_row *row = &table->rows[i];

		if (!conf_is_near(key, lk_str_c(row->key), &rank))
			continue;
		rank = rank * 2 + (is_section(row, section) ? 0 : 1);
		if (rank < best_rank) {
			best_rank = rank;
			best = row;
		}
	}
	return best;
}

static const struct conf_row *
near_section_find(const struct conf_table *table, struct lk_str section)
{
	const struct conf_row *best = NULL;
	unsigned best_rank = UINT_MAX, rank;
	size_t i;

	for (i = 0; i < table->count; i++) {
		if (!conf_is_near(section, lk_str_c(table->rows[i].section), &rank) ||
		    rank >= best_rank)
			continue;
		best_rank = rank;
		best = &table->rows[i];
	}
	return best;
}

static void
unknown_key(const struct conf_reading *reading, struct conf_place place, struct lk_str section,
	    struct lk_str key)
{
	const struct conf_row *near = near_key_find(reading->table, section, key);

	if (near == NULL)
		conf_fault_add(reading->faults, place, "there is no key %.*s in [%.*s]",
			       LK_STR_ARGS(key), LK_STR_ARGS(section));
	else if (is_section(near, section))
		conf_fault_add(reading->faults, place,
			       "there is no key %.*s in [%.*s]: did you mean %s?", LK_STR_ARGS(key),
			       LK_STR_ARGS(section), near->key);
	else
		conf_fault_add(reading->faults, place,
			       "there is no key %.*s in [%.*s]: did you mean %s in [%s]?",
			       LK_STR_ARGS(key), LK_STR_ARGS(section), near->key, near->section);
}

static void
unknown_section(const struct conf_reading *reading, struct conf_place place, struct lk_str section)
{
	const struct conf_row *near = near_section_find(reading->table, section);

	if (near == NULL)
		conf_fault_add(reading->faults, place, "there is no section [%.*s]",
			       LK_STR_ARGS(section));
	else
		conf_fault_add(reading->faults, place,
			       "there is no section [%.*s]: did you mean [%s]?",
			       LK_STR_ARGS(section), near->section);
}

static void
value_set(const struct conf_reading *reading, const struct conf_row *row, struct conf_place place,
	  struct lk_str value)
{
	LK_AUTO_BUF words;

	lk_buf_init(&words, WORDS_MAX_BYTES);
	if (!conf_value_read(reading->arena, row, value, reading->base, &words))
		conf_fault_add(reading->faults, place, "%s %s", row->key,
			       words.bytes == NULL ? "is wrong" : words.bytes);
}

void
conf_table_pair(const struct conf_reading *reading, const char *file, struct lk_str section,
		const struct conf_ini_item *item)
{
	const struct conf_row *row = row_find(reading->table, section, item->name);
	struct conf_place key = {file, item->line, item->column};
	struct conf_place value = {file, item->line, item->value_column};
	struct conf_place *set;

	if (row == NULL) {
		unknown_key(reading, key, section, item->name);
		return;
	}
	set = &reading->places[row - reading->table->rows];
	if (set->line > 0 && set->file == file) {
		conf_fault_add(reading->faults, key, "%s was given before, in line %u", row->key,
			       set->line);
		return;
	}
	*set = value;
	value_set(reading, row, value, item->value);
}

void
conf_table_read(const struct conf_reading *reading, const char *file, struct lk_str text)
{
	struct lk_str section = {NULL, 0};
	bool is_known = false, is_first = true;
	struct conf_ini_item item;
	struct conf_ini ini;

	conf_ini_init(&ini, text);
	while (conf_ini_next(&ini, &item)) {
		struct conf_place place = {file, item.line, item.column};

		if (item.kind == CONF_INI_FAULT) {
			conf_fault_add(reading->faults, place, "%s", item.words);
			is_known = is_known && !item.was_section;
			is_first = is_first && !item.was_section;
		} else if (item.kind == CONF_INI_SECTION) {
			section = item.name;
			is_first = false;
			is_known = has_section(reading->table, section);
			if (!is_known)
				unknown_section(reading, place, section);
		} else if (is_known) {
			conf_table_pair(reading, file, section, &item);
		} else if (is_first) {
			conf_fault_add(reading->faults, place,
				       "a [section] line must stand before the first key");
			is_first = false;
		}
	}
}

bool
conf_table_preset(const struct conf_reading *reading)
{
	LK_AUTO_BUF words;
	size_t i;

	lk_buf_init(&words, WORDS_MAX_BYTES);
	for (i = 0; i < reading->table->count; i++) {
		const struct conf_row *row = &reading->table->rows[i];

		if (row->preset != NULL &&
		    !conf_value_read(reading->arena, row, lk_str_c(row->preset), reading->base,
				     &words))
			return false;
	}
	return true;
}

void
conf_table_need(const struct conf_reading *reading, struct conf_place place)
{
	size_t i;

	for (i = 0; i < reading->table->count; i++) {
		const struct conf_row *row = &reading->table->rows[i];

		if (row->preset == NULL && reading->places[i].line == 0)
			conf_fault_add(reading->faults, place, "%s in [%s] must be given: %s",
				       row->key, row->section, row->help);
	}
}
