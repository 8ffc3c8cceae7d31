/* SPDX-License-Identifier: MIT */
/* Pieces of programs: bytes, places, texts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "page/mkpage.h"
#include "page/page_escape.h"

static const char *const place_names[PLACE_COUNT] = {
    NULL,
#define LK_PLACE(name, kind, example) #name,
#include "tables/places.def"
};
/* The frame and the mails' ends name these; so may every template. */
static const char FRAME[] = "service_name here menu sign_out_key help_phone help_tel help_open "
			    "help_hours reference";

static uint32_t
emit(struct mk_job *job, struct page_piece piece)
{
	struct mk *mk = job->mk;

	if (mk->piece_count == MK_PIECES_MAX) {
		fputs("mkpage: MK_PIECES_MAX is too low\n", stderr);
		exit(1);
	}
	mk->pieces[mk->piece_count] = piece;
	return mk->piece_count++;
}

void
mk_flush(struct mk_job *job)
{
	struct mk *mk = job->mk;
	struct lk_str text = lk_buf_str(&job->literal);

	if (text.len == 0)
		return;
	emit(job, (struct page_piece){OP_BYTES, 0, (uint32_t)mk->pool.len, (uint32_t)text.len});
	lk_buf_add_str(&mk->pool, text);
	lk_buf_clear(&job->literal);
}

uint32_t
mk_emit(struct mk_job *job, enum page_op op, uint16_t what)
{
	mk_flush(job);
	return emit(job, (struct page_piece){(uint16_t)op, what, 0, 0});
}

void
mk_literal(struct mk_job *job, struct lk_str text)
{
	lk_buf_add_str(&job->literal, text);
}

static bool
list_has(const char *list, struct lk_str name)
{
	struct lk_str rest = lk_str_c(list), word;

	while (lk_str_split(&rest, ' ', &word))
		if (lk_str_is_equal(word, name))
			return true;
	return false;
}

enum place
mk_place(struct mk_job *job, const struct mk_words *where, struct lk_str name)
{
	int i;

	for (i = 1; i < PLACE_COUNT; i++)
		if (lk_str_is(name, place_names[i]))
			break;
	if (i == PLACE_COUNT) {
		mk_fault(job->mk, where, "{%.*s}: there is no such place", LK_STR_ARGS(name));
		return PLACE_NONE;
	}
	if (job->uses != NULL && !list_has(job->uses, name) && !list_has(FRAME, name)) {
		mk_fault(job->mk, where, "{%.*s} is not in its row of pages.def or mails.def",
			 LK_STR_ARGS(name));
		return PLACE_NONE;
	}
	return (enum place)i;
}

void
mk_emit_place(struct mk_job *job, const struct mk_words *where, struct lk_str name)
{
	enum place place = mk_place(job, where, name);

	if (place != PLACE_NONE)
		mk_emit(job, OP_PLACE, (uint16_t)place);
}

static bool
has_part(const struct mk_job *job, const char *name)
{
	FILE *file = fopen(mk_path(job->mk->source_dir, name), "rb");

	if (file != NULL)
		fclose(file);
	return file != NULL;
}

/* A place inside a text: as templates/place_NAME.html has it, if there is one. */
static void
emit_place_in_text(struct mk_job *job, const struct mk_words *where, struct lk_str name)
{
	char part[128];
	struct mk_words source = {.line = 1};

	snprintf(part, sizeof part, "page/templates/place_%.*s.html", LK_STR_ARGS(name));
	if (!job->is_html || !has_part(job, part)) {
		mk_emit_place(job, where, name);
		return;
	}
	source.path = mk_path(job->mk->source_dir, part);
	source.text = mk_read(job->mk->source_dir, part);
	mk_run_source(job, &source);
}

static void
emit_words(struct mk_job *job, const struct mk_words *words)
{
	struct lk_str rest = words->text;

	while (rest.len > 0) {
		size_t at = lk_str_find(rest, '{');
		struct lk_str name = lk_str_from(rest, at + 1);

		if (job->is_html)
			page_escape_html(&job->literal, lk_str_n(rest.ptr, at));
		else
			mk_literal(job, lk_str_n(rest.ptr, at));
		if (at == rest.len)
			return;
		name.len = lk_str_find(name, '}');
		emit_place_in_text(job, words, name);
		rest = lk_str_from(rest, at + name.len + 2);
	}
}

/* The place whose number decides: the first one named in [other] that ends in "count". */
static enum place
number_of(struct mk_job *job, const struct mk_words *other)
{
	struct lk_str rest = other->text;

	while (lk_str_find(rest, '{') < rest.len) {
		struct lk_str name = lk_str_from(rest, lk_str_find(rest, '{') + 1);

		name.len = lk_str_find(name, '}');
		if (lk_str_ends(name, "count"))
			return mk_place(job, other, name);
		rest = lk_str_from(rest, lk_str_find(rest, '}') + 1);
	}
	mk_fault(job->mk, other, "names no place that ends in count");
	return PLACE_NONE;
}

void
mk_emit_text(struct mk_job *job, const struct mk_text *text)
{
	const struct mk_words *words = text->words[job->lang];
	uint32_t jumps[FORM_COUNT];
	int form, count = 0;

	for (form = 0; form < FORM_OTHER; form++) {
		uint32_t start;

		if (words[form].path == NULL)
			continue;
		start = mk_emit(job, OP_IF_FORM, (uint16_t)number_of(job, &words[FORM_OTHER]));
		job->mk->pieces[start].len = (uint32_t)form;
		emit_words(job, &words[form]);
		jumps[count++] = mk_emit(job, OP_JUMP, 0);
		job->mk->pieces[start].at = job->mk->piece_count;
	}
	emit_words(job, &words[FORM_OTHER]);
	if (count > 0)
		mk_flush(job);
	while (count > 0)
		job->mk->pieces[jumps[--count]].at = job->mk->piece_count;
}
