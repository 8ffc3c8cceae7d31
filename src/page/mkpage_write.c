/* SPDX-License-Identifier: MIT */
/* Writes what was read and compiled as C. */
#include <stdio.h>

#include "page/mkpage.h"

static const char LICENCE[] = "/* SPDX-License-Identifier: MIT */\n/* Made by mkpage. */\n";

void
mk_write_ids(const struct mk *mk)
{
	size_t i;

	printf("%s#ifndef LK_PAGE_TEXT_IDS_H\n#define LK_PAGE_TEXT_IDS_H\n\n", LICENCE);
	printf("enum text_id {\n\tTEXT_NONE = 0,\n");
	for (i = 0; i < mk->text_count; i++)
		printf("\tTEXT_%.*s,\n", LK_STR_ARGS(mk->texts[i].key));
	printf("\tTEXT_COUNT\n};\n\n#endif\n");
}

static void
write_numbers(const uint32_t *numbers, size_t count)
{
	size_t i;

	printf("{");
	for (i = 0; i < count; i++)
		printf("%u,%s", numbers[i], i % 20 == 19 ? "\n" : "");
	printf("}");
}

static void
write_pool(struct lk_str pool)
{
	size_t i;

	printf("const unsigned char page_pool[] = {\n");
	for (i = 0; i < pool.len; i++)
		printf("%u,%s", (unsigned char)pool.ptr[i], i % 32 == 31 ? "\n" : "");
	printf("0};\n");
}

static void
write_programs(const struct mk *mk)
{
	uint32_t i;

	printf("const struct page_piece page_pieces[] = {\n");
	for (i = 0; i < mk->piece_count; i++)
		printf("{%u,%u,%u,%u},\n", mk->pieces[i].op, mk->pieces[i].what, mk->pieces[i].at,
		       mk->pieces[i].len);
	printf("};\n");
}

static void
write_texts(const struct mk *mk)
{
	size_t i;

	printf("const char *const page_text_keys[] = {\"\",\n");
	for (i = 0; i < mk->text_count; i++)
		printf("\"%.*s\",\n", LK_STR_ARGS(mk->texts[i].key));
	printf("};\nconst uint32_t page_text_starts[] = {0,0,0,\n");
	for (i = 0; i < mk->text_count; i++)
		printf("0,%u,%u,\n", mk->text_starts[i][LANG_EN], mk->text_starts[i][LANG_CY]);
	printf("};\n");
}

static void
write_inputs(const struct mk *mk)
{
	int page, i;

	printf("const struct page_input page_inputs[PAGE_COUNT][PAGE_INPUTS_MAX] = {\n");
	for (page = 0; page < PAGE_COUNT; page++) {
		printf("{");
		for (i = 0; i < PAGE_INPUTS_MAX; i++)
			printf("{%u,%u},", mk->inputs[page][i].field, mk->inputs[page][i].place);
		printf("},\n");
	}
	printf("};\n");
}

static void
write_starts(const struct mk *mk)
{
	int lang;

	printf("const uint32_t page_frame_starts[LANG_COUNT] = ");
	write_numbers(mk->frame_starts, LANG_COUNT);
	printf(";\nconst uint32_t page_body_starts[LANG_COUNT][PAGE_COUNT] = {\n");
	for (lang = 0; lang < LANG_COUNT; lang++) {
		write_numbers(mk->body_starts[lang], PAGE_COUNT);
		printf(",\n");
	}
	printf("};\nconst uint32_t page_mail_starts[LANG_COUNT][MAIL_COUNT] = {\n");
	for (lang = 0; lang < LANG_COUNT; lang++) {
		write_numbers(mk->mail_starts[lang], MAIL_COUNT);
		printf(",\n");
	}
	printf("};\n");
}

/* The compiler finds the numbers of these by itself. */
static void
write_headings(void)
{
	printf("#define TEXT_GIVEN TEXT_NONE\n"
	       "const uint16_t page_heading_texts[PAGE_COUNT] = {TEXT_NONE,\n"
	       "#define LK_PAGE(name, heading, uses) TEXT_##heading,\n"
	       "#include \"tables/pages.def\"\n};\n"
	       "const uint16_t page_subject_texts[MAIL_COUNT] = {TEXT_NONE,\n"
	       "#define LK_MAIL(name, subject, uses) TEXT_##subject,\n"
	       "#include \"tables/mails.def\"\n};\n");
}

void
mk_write_pages(const struct mk *mk)
{
	printf("%s#include \"page/page_inside.h\"\n#include \"page/text_ids.h\"\n\n", LICENCE);
	write_pool(mk->pool_text);
	write_programs(mk);
	write_texts(mk);
	write_inputs(mk);
	write_starts(mk);
	write_headings();
}
