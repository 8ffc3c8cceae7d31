/* SPDX-License-Identifier: MIT */
/*
 * mkpage: texts, templates and assets become C. Runs at build time only.
 *
 *   mkpage ids SOURCE_DIR          text_ids.h: one enum text_id a text key
 *   mkpage pages SOURCE_DIR DIR    every text, page and mail, in each language, as programs
 *   mkpage assets SOURCE_DIR DIR   the files in DIR/page with their gzipped forms
 *   mkpage squeeze FILE            a style sheet or script without comments and idle blanks
 *
 * The template language; a "{" always opens one of these:
 *   {place}              a value of places.def, escaped as its kind says
 *   {text.KEY}           a text of text.en or text.cy, with its places
 *   {if place} {if place is WORD} {if item.N} {if each N} {if error} {if error_field}
 *   {if error_at FIELD}  … {else} … {end}
 *   {each N} {each errors} … {item.N} {item.N.url} {error} … {end}
 *   {field NAME}         a row of inputs.def
 *   {part NAME}          templates/NAME of the same kind, here
 *   {asset NAME}         address of a file in assets/
 *   {heading} {body} {error_field}   in the frame
 *   {# words #}          nothing
 * In HTML a place NAME inside a text is written as templates/place_NAME.html has it, if there is
 * such a file. Tabs at the beginning of a line are left out.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "page/mkpage.h"

void
mk_fault(struct mk *mk, const struct mk_words *where, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "%s:%d: ", where->path, where->line);
	vfprintf(stderr, format, args);
	fputs("\n", stderr);
	va_end(args);
	mk->fault_count++;
}

struct lk_str
mk_keep(struct lk_buf *text)
{
	static struct lk_arena *arena;
	struct lk_str kept;

	if (arena == NULL)
		arena = lk_arena_new(1u << 20, 1u << 26);
	if (!lk_buf_is_ok(text) || arena == NULL) {
		fputs("mkpage: something is too large\n", stderr);
		exit(1);
	}
	lk_buf_add_byte(text, '\0');
	kept = lk_arena_dup(arena, lk_buf_str(text));
	lk_buf_done(text);
	return lk_str_n(kept.ptr, kept.len - 1);
}

const char *
mk_path(const char *dir, const char *name)
{
	struct lk_buf path;

	lk_buf_init(&path, 4096);
	lk_buf_printf(&path, "%s/%s", dir, name);
	return mk_keep(&path).ptr;
}

static struct lk_str
read_path(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct lk_buf text;
	char piece[4096];
	size_t len;

	if (file == NULL) {
		perror(path);
		exit(1);
	}
	lk_buf_init(&text, 1u << 20);
	while ((len = fread(piece, 1, sizeof piece, file)) > 0)
		lk_buf_add(&text, piece, len);
	fclose(file);
	return mk_keep(&text);
}

struct lk_str
mk_read(const char *dir, const char *name)
{
	return read_path(mk_path(dir, name));
}

static int
write_pages(struct mk *mk)
{
	mk_assets_read(mk);
	mk_compile(mk);
	if (mk->fault_count == 0)
		mk_write_pages(mk);
	return mk->fault_count;
}

static int
run(int argc, char **argv)
{
	static struct mk mk;

	if (argc == 3 && strcmp(argv[1], "squeeze") == 0) {
		mk_squeeze(read_path(argv[2]), lk_str_ends(lk_str_c(argv[2]), ".css"));
		return 0;
	}
	if (argc < 3) {
		fprintf(stderr, "usage: mkpage ids|pages|assets SOURCE_DIR [DIR], squeeze FILE\n");
		return 1;
	}
	mk.source_dir = argv[2];
	mk.made_dir = argc > 3 ? argv[3] : ".";
	mk_texts_read(&mk);
	if (strcmp(argv[1], "pages") == 0)
		return write_pages(&mk);
	if (strcmp(argv[1], "assets") == 0) {
		mk_assets_read(&mk);
		mk_write_assets(&mk);
	} else if (mk.fault_count == 0) {
		mk_write_ids(&mk);
	}
	return mk.fault_count;
}

int
main(int argc, char **argv)
{
	return run(argc, argv) == 0 && fflush(stdout) == 0 ? 0 : 1;
}
