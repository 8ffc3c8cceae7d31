/* SPDX-License-Identifier: MIT */
/*
 * Writes what people would see into a folder, to be looked at and compared: every page, every
 * refusal, every mail, in each language, filled with the examples of places.def.
 *
 *   page_samples FOLDER
 *
 * NAME.LANG.html, NAME.KEY.LANG.html for the refusal KEY, NAME.LANG.mail, and the assets.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "support/page_help.h"

static const char *const codes[LANG_COUNT] = {NULL, "en", "cy"};
static const char *const field_pages[][2] = {{"username", "signin"},
					     {"password", "signin"},
					     {"code", "code"},
					     {"recovery", "recovery"},
					     {"user_code", "device"},
					     {"new_password", "new_password"}};

static void
write_file(const char *folder, const char *name, struct lk_str text)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "wb");
	if (file == NULL || fwrite(text.ptr, 1, text.len, file) != text.len || fclose(file) != 0) {
		perror(path);
		exit(1);
	}
}

static void
write_page(const char *folder, const char *name, enum page_id page, enum lang lang,
	   const struct page_values *values)
{
	char file[128];
	LK_AUTO_BUF out;

	lk_buf_init(&out, PAGE_MAX_BYTES);
	page_render(&out, page, lang, values);
	if (!lk_buf_is_ok(&out))
		exit(1);
	snprintf(file, sizeof file, "%s.%s.html", name, codes[lang]);
	write_file(folder, file, lk_buf_str(&out));
}

static void
write_mail(const char *folder, enum mail_id mail, enum lang lang)
{
	char file[128];
	struct page_values values;
	LK_AUTO_BUF out;
	LK_AUTO_BUF qr;

	help_values(&values, PAGE_NONE, &qr);
	lk_buf_init(&out, PAGE_MAX_BYTES);
	page_mail(&out, mail, lang, &values);
	snprintf(file, sizeof file, "%s.%s.mail", help_mail_names[mail], codes[lang]);
	write_file(folder, file, lk_buf_str(&out));
}

/* The page a refusal at a field is seen on. */
static enum page_id
page_of_field(const struct lk_err_row *row)
{
	size_t i;

	if (strncmp(row->text_key, "reset", 5) == 0)
		return PAGE_reset;
	if (strcmp(row->text_key, "recovery_wrong") == 0)
		return PAGE_recovery;
	if (strcmp(row->text_key, "code_enrol_wrong") == 0)
		return PAGE_enrol;
	for (i = 0; i < sizeof field_pages / sizeof field_pages[0]; i++)
		if (strcmp(field_pages[i][0], row->shown) == 0)
			return page_find(field_pages[i][1]);
	return PAGE_NONE;
}

/* Heading and words of a refusal with a page of its own. */
static void
set_refusal(struct page_values *values, const char *key, enum lang lang, struct lk_buf bufs[2])
{
	char title[128];

	snprintf(title, sizeof title, "%s_title", key);
	lk_buf_init(&bufs[0], 1024);
	lk_buf_init(&bufs[1], 1024);
	page_sentence(&bufs[0], page_text_find(title), lang, values);
	page_sentence(&bufs[1], page_text_find(key), lang, values);
	if (bufs[0].len > 0)
		page_set(values, PLACE_heading, lk_buf_str(&bufs[0]));
	page_set(values, PLACE_words, lk_buf_str(&bufs[1]));
	page_set(values, PLACE_lead, lk_buf_str(&bufs[1]));
	if (strcmp(key, "code_locked") == 0)
		page_set_c(values, PLACE_count, "");
}

static void
write_refusal(const char *folder, const struct lk_err_row *row, enum lang lang)
{
	bool has_page = strncmp(row->shown, "page_", 5) == 0;
	enum page_id page = has_page ? page_find(row->shown) : page_of_field(row);
	struct page_values values;
	struct lk_buf bufs[2];
	char name[128];
	LK_AUTO_BUF qr;

	help_values(&values, page, &qr);
	lk_buf_init(&bufs[0], 0);
	lk_buf_init(&bufs[1], 0);
	if (has_page) {
		set_refusal(&values, row->text_key, lang, bufs);
	} else {
		values.error = page_text_find(row->text_key);
		values.error_field = row->shown;
	}
	snprintf(name, sizeof name, "%s.%s", help_page_names[page], row->text_key);
	write_page(folder, name, page, lang, &values);
	lk_buf_done(&bufs[0]);
	lk_buf_done(&bufs[1]);
}

static void
write_language(const char *folder, enum lang lang)
{
	int i;

	for (i = 1; i < PAGE_COUNT; i++) {
		struct page_values values;
		LK_AUTO_BUF qr;

		help_values(&values, (enum page_id)i, &qr);
		write_page(folder, help_page_names[i], (enum page_id)i, lang, &values);
	}
	for (i = 1; i < LK_ERR_COUNT; i++)
		if (lk_err_row((enum lk_err)i)->audience == LK_AUDIENCE_PERSON)
			write_refusal(folder, lk_err_row((enum lk_err)i), lang);
	for (i = 1; i < MAIL_COUNT; i++)
		write_mail(folder, (enum mail_id)i, lang);
}

/* Names of the assets stand in the pages; they are found by asking for what a page names. */
static void
write_assets(const char *folder)
{
	static const char *const ends[] = {".css\"", ".js\"", ".svg\""};
	char sub[512];
	LK_AUTO_BUF page;
	size_t i;

	snprintf(sub, sizeof sub, "%s/assets", folder);
	mkdir(sub, 0755);
	lk_buf_init(&page, PAGE_MAX_BYTES);
	page_render(&page, PAGE_signed_out, LANG_EN, NULL);
	for (i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		const char *end = strstr(page.bytes, ends[i]), *begin = end;
		const struct page_asset *asset;

		while (begin > page.bytes && begin[-1] != '"')
			begin--;
		asset =
		    page_asset_find(lk_str_n(begin, (size_t)(end - begin) + strlen(ends[i]) - 1));
		if (asset == NULL)
			exit(1);
		write_file(folder, asset->path + 1, asset->plain);
	}
}

int
main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: page_samples FOLDER\n", stderr);
		return 1;
	}
	mkdir(argv[1], 0755);
	write_language(argv[1], LANG_EN);
	write_language(argv[1], LANG_CY);
	write_assets(argv[1]);
	return 0;
}
