/* SPDX-License-Identifier: MIT */
/* latchkey.conf: whatever stands there, each fault has a place in the text and nothing is read past
 * its end. */
/* Folders: base conf */
/* Libraries: libsodium jansson */
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/rules.h"
#include "conf/table.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

static void
faults_check(const struct conf_faults *faults, struct lk_str text)
{
	unsigned lines = 1;
	size_t i;

	for (i = 0; i < text.len; i++)
		lines += text.ptr[i] == '\n';
	for (i = 0; i < faults->count; i++) {
		must(faults->rows[i].place.line <= lines);
		must(faults->rows[i].place.column >= 1);
		must(faults->rows[i].words[0] != '\0');
		must(strchr(faults->rows[i].words, '\n') == NULL);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_str text = lk_str_n((const char *)bytes, len);
	struct conf conf = {.arena = lk_arena_new(65536, 1u << 24)};
	struct conf_place places[CONF_KEY_COUNT] = {{.line = 0}};
	struct conf_faults faults = {.count = 0};
	struct conf_reading reading = {&conf_table, conf.arena, &faults, &conf, places};
	LK_AUTO_BUF out;

	lk_buf_init(&out, 1u << 20);
	conf.places = places;
	must(conf_table_preset(&reading));
	conf_table_read(&reading, "fuzz", text);
	if (conf_faults_count(&faults) == 0) {
		conf_show(&conf, &out);
		must(lk_buf_is_ok(&out));
	}
	conf_table_need(&reading, (struct conf_place){"fuzz", 1, 1});
	if (conf_faults_count(&faults) == 0)
		conf_rules_check(&conf, CONF_READER_DAEMON, "fuzz", &faults);
	faults_check(&faults, text);
	conf_faults_sort(&faults);
	conf_faults_write(&faults, &out);
	conf_faults_done(&faults);
	lk_arena_free(conf.arena);
	return 0;
}
