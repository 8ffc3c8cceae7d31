/* SPDX-License-Identifier: MIT */
#include "conf/conf.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/rules.h"
#include "conf/table.h"

#define ARENA_FIRST_BYTES 32768u
#define ARENA_MAX_BYTES	  (4u * CONF_INI_FILE_MAX_BYTES)

static const struct conf_row rows[] = {
#define LK_CONF(type, field, section, key, preset, min, max, unit, help)                           \
	{CONF_##type, section, key, preset, min, max, unit, help, offsetof(struct conf, field),    \
	 NULL},
#include "tables/config.def"
};

const struct conf_table conf_table = {rows, sizeof rows / sizeof rows[0]};

static bool
file_read(const struct conf_reading *reading, const char *file)
{
	struct lk_str text;

	if (!conf_text_read(file, reading->arena, reading->faults, &text))
		return false;
	conf_table_read(reading, file, text);
	return true;
}

/* "/etc/latchkey/latchkey.conf" → "/etc/latchkey/conf.d" */
static const char *
folder_beside(struct lk_arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	int len = slash == NULL ? 0 : (int)(slash - path) + 1;

	return lk_arena_printf(arena, "%.*sconf.d", len, path).ptr;
}

static int
is_ours(const struct dirent *entry)
{
	struct lk_str name = lk_str_c(entry->d_name);

	return name.ptr[0] != '.' && lk_str_ends(name, ".conf");
}

/* By bytes, whatever the locale says. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void
folder_read(const struct conf_reading *reading, const char *folder)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, is_ours, by_name), i;
	const char *file;

	if (count < 0 && errno != ENOENT)
		conf_fault_add(reading->faults, (struct conf_place){.file = folder},
			       "this folder cannot be read: %s", strerrordesc_np(errno));
	for (i = 0; i < count; i++) {
		file = lk_arena_printf(reading->arena, "%s/%s", folder, entries[i]->d_name).ptr;
		if (file != NULL)
			file_read(reading, file);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static enum lk_err
all_read(const char *path, enum conf_reader reader, struct conf_faults *faults, struct conf *conf)
{
	struct conf_reading reading = {&conf_table, conf->arena, faults, conf, conf->places};
	const char *file = lk_arena_c(conf->arena, lk_str_c(path));
	const char *folder = folder_beside(conf->arena, path);
	size_t before = conf_faults_count(faults);
	bool has_main;

	if (file == NULL || folder == NULL || !conf_table_preset(&reading))
		return LK_E_MEMORY;
	has_main = file_read(&reading, file);
	folder_read(&reading, folder);
	/* Without the main file there would only be a long list of keys that are missing. */
	if (has_main)
		conf_table_need(&reading, (struct conf_place){file, 1, 1});
	conf->is_https = lk_str_starts(lk_str_c(conf->base_url), "https://");
	if (conf_faults_count(faults) == before)
		conf_rules_check(conf, reader, file, faults);
	return conf_faults_count(faults) == before ? LK_OK : LK_E_FORMAT;
}

static struct conf *
conf_new(void)
{
	struct conf *conf = calloc(1, sizeof *conf);

	if (conf == NULL)
		return NULL;
	conf->arena = lk_arena_new(ARENA_FIRST_BYTES, ARENA_MAX_BYTES);
	conf->places = calloc(CONF_KEY_COUNT, sizeof conf->places[0]);
	if (conf->arena != NULL && conf->places != NULL)
		return conf;
	conf_free(conf);
	return NULL;
}

static enum lk_err
load(const char *path, enum conf_reader reader, struct conf_faults *faults, struct conf **out)
{
	struct conf *conf = conf_new();
	enum lk_err err;

	if (conf == NULL)
		return LK_E_MEMORY;
	err = all_read(path, reader, faults, conf);
	conf_faults_sort(faults);
	if (err != LK_OK) {
		conf_free(conf);
		return err;
	}
	*out = conf;
	return LK_OK;
}

enum lk_err
conf_load(const char *path, struct conf_faults *faults, struct conf **out)
{
	return load(path, CONF_READER_DAEMON, faults, out);
}

enum lk_err
conf_load_mailer(const char *path, struct conf_faults *faults, struct conf **out)
{
	return load(path, CONF_READER_MAILER, faults, out);
}

void
conf_free(struct conf *conf)
{
	if (conf == NULL)
		return;
	lk_arena_free(conf->arena);
	free(conf->places);
	free(conf);
}
