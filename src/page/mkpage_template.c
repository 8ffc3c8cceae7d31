/* SPDX-License-Identifier: MIT */
/* Templates become programs; the language is described in mkpage.c. */
#include <stdio.h>
#include <string.h>

#include "page/mkpage.h"

struct input {
	const char *name, *field, *part, *label, *autocomplete, *more;
	enum page_field id;
};
static const struct input inputs[] = {
#define LK_INPUT(name, field, part, label, autocomplete, more)                                     \
	{#name, #field, #part, #label, autocomplete, more, PAGE_FIELD_##field},
#include "tables/inputs.def"
};
static const char *const field_names[PAGE_FIELD_COUNT] = {
    NULL,
#define LK_FIELD(name, sent, kind, max_bytes, normaliser) #name,
#include "tables/fields.def"
};
static const char *const field_sent[PAGE_FIELD_COUNT] = {
    NULL,
#define LK_FIELD(name, sent, kind, max_bytes, normaliser) sent,
#include "tables/fields.def"
};

/* A tag: its first word, and what follows. */
struct tag {
	struct mk_job *job;
	const struct mk_words *where;
	struct lk_str word, rest;
};

static void
fault(const struct tag *tag, const char *words)
{
	mk_fault(tag->job->mk, tag->where, "{%.*s%s%.*s}: %s", LK_STR_ARGS(tag->word),
		 tag->rest.len > 0 ? " " : "", LK_STR_ARGS(tag->rest), words);
}

/* One digit below max; -1 and a fault otherwise. */
static int
digit(const struct tag *tag, struct lk_str text, int max)
{
	if (text.len == 1 && text.ptr[0] >= '0' && text.ptr[0] < '0' + max)
		return text.ptr[0] - '0';
	fault(tag, "wants a smaller number");
	return -1;
}

static void
open_block(const struct tag *tag, struct mk_block block)
{
	if (tag->job->depth == MK_BLOCKS_MAX)
		fault(tag, "is too deep");
	else
		tag->job->blocks[tag->job->depth++] = block;
}

static enum page_field
field_find(const struct tag *tag, struct lk_str name)
{
	int i;

	for (i = 1; i < PAGE_FIELD_COUNT; i++)
		if (lk_str_is(name, field_names[i]))
			return (enum page_field)i;
	fault(tag, "there is no such field");
	return PAGE_FIELD_NONE;
}

/* {if place is WORD}: the word stands in a piece of its own. */
static uint32_t
emit_is(const struct tag *tag, enum place place, struct lk_str word)
{
	uint32_t start = mk_emit(tag->job, OP_IF_IS, (uint16_t)place);

	mk_literal(tag->job, word);
	mk_flush(tag->job);
	return start;
}

static uint32_t
emit_if(const struct tag *tag, struct mk_block *block)
{
	struct lk_str second = tag->rest, first;
	int number;

	(void)lk_str_split(&second, ' ', &first);
	if (lk_str_is(tag->rest, "error"))
		return mk_emit(tag->job, OP_IF_ERROR, 0);
	if (lk_str_is(tag->rest, "error_field"))
		return mk_emit(tag->job, OP_IF_ERROR_FIELD, 0);
	if (lk_str_is(first, "error_at"))
		return mk_emit(tag->job, OP_IF_ERROR_AT, (uint16_t)field_find(tag, second));
	if (lk_str_starts(first, "item.")) {
		number = digit(tag, lk_str_from(first, 5), 6);
		return mk_emit(tag->job, OP_IF_ITEM, (uint16_t)number);
	}
	if (lk_str_is(first, "each"))
		return mk_emit(tag->job, OP_IF_LIST, (uint16_t)digit(tag, second, 4));
	block->place = (uint16_t)mk_place(tag->job, tag->where, first);
	if (lk_str_starts(second, "is "))
		return emit_is(tag, block->place, lk_str_from(second, 3));
	return mk_emit(tag->job, OP_IF_PLACE, block->place);
}

static void
on_if(const struct tag *tag)
{
	struct mk_block block = {.is_each = false};

	block.start = emit_if(tag, &block);
	open_block(tag, block);
}

static void
on_else(const struct tag *tag)
{
	struct mk_job *job = tag->job;
	struct mk_block *block = job->depth > 0 ? &job->blocks[job->depth - 1] : NULL;

	if (block == NULL || block->is_each || block->jump != 0) {
		fault(tag, "has no {if}");
		return;
	}
	block->jump = mk_emit(job, OP_JUMP, 0);
	block->place = PLACE_NONE;
	job->mk->pieces[block->start].at = job->mk->piece_count;
}

static void
on_end(const struct tag *tag)
{
	struct mk_job *job = tag->job;
	struct mk_block *block;

	if (job->depth == 0) {
		fault(tag, "has no {if} or {each}");
		return;
	}
	block = &job->blocks[--job->depth];
	mk_flush(job);
	if (block->is_each) {
		uint32_t next = mk_emit(job, OP_NEXT, job->mk->pieces[block->start].what);

		job->mk->pieces[next].at = block->start;
	}
	job->mk->pieces[block->jump != 0 ? block->jump : block->start].at = job->mk->piece_count;
}

static void
on_each(const struct tag *tag)
{
	int list = lk_str_is(tag->rest, "errors") ? PAGE_LIST_ERRORS : digit(tag, tag->rest, 4);
	struct mk_block block = {.is_each = true};

	block.start = mk_emit(tag->job, OP_EACH, (uint16_t)list);
	open_block(tag, block);
}

static void
on_text(const struct tag *tag)
{
	const struct mk_text *text = mk_text_find(tag->job->mk, lk_str_from(tag->word, 5));

	if (text == NULL)
		fault(tag, "there is no such text");
	else
		mk_emit_text(tag->job, text);
}

static void
on_item(const struct tag *tag)
{
	struct lk_str number = lk_str_from(tag->word, 5);
	bool is_url = lk_str_ends(number, ".url");

	if (is_url)
		number.len -= 4;
	mk_emit(tag->job, is_url ? OP_ITEM_URL : OP_ITEM, (uint16_t)digit(tag, number, 6));
}

static void
on_part(const struct tag *tag)
{
	char name[128];
	struct mk_words source = {.line = 1};

	snprintf(name, sizeof name, "page/templates/%.*s.%s", LK_STR_ARGS(tag->rest),
		 tag->job->is_html ? "html" : "mail");
	source.path = mk_path(tag->job->mk->source_dir, name);
	source.text = mk_read(tag->job->mk->source_dir, name);
	mk_run_source(tag->job, &source);
}

static void
on_asset(const struct tag *tag)
{
	const struct mk_asset *asset = mk_asset_find(tag->job->mk, tag->rest);

	if (asset == NULL)
		fault(tag, "there is no such asset");
	else
		mk_literal(tag->job, lk_str_c(asset->path));
}

/* The page shows this field, if the place of the innermost {if place} around it is set. */
static void
input_note(const struct tag *tag, const struct input *input)
{
	struct mk_job *job = tag->job;
	struct page_input *notes = job->mk->inputs[job->page];
	uint16_t place = job->depth > 0 ? job->blocks[job->depth - 1].place : PLACE_NONE;
	int i;

	for (i = 0; i < PAGE_INPUTS_MAX; i++) {
		if (notes[i].field == input->id) {
			if (notes[i].place != place) /* in {if …} and in its {else} */
				notes[i].place = PLACE_NONE;
			return;
		}
		if (notes[i].field == PAGE_FIELD_NONE) {
			notes[i] = (struct page_input){(uint16_t)input->id, place};
			return;
		}
	}
	fault(tag, "is one field too many");
}

/* What @name@ of a field's part stands for. */
static const char *
input_column(const struct input *input, struct lk_str name)
{
	if (lk_str_is(name, "field"))
		return input->field;
	if (lk_str_is(name, "sent"))
		return field_sent[input->id];
	if (lk_str_is(name, "label"))
		return input->label;
	if (lk_str_is(name, "autocomplete"))
		return input->autocomplete;
	return lk_str_is(name, "more") ? input->more : NULL;
}

static struct lk_str
input_source(const struct tag *tag, const struct input *input, struct lk_str part)
{
	struct lk_buf out;
	struct lk_str piece;

	lk_buf_init(&out, 1u << 16);
	while (lk_str_split(&part, '@', &piece)) {
		const char *column;

		lk_buf_add_str(&out, piece);
		if (!lk_str_split(&part, '@', &piece))
			break;
		column = input_column(input, piece);
		if (column == NULL)
			fault(tag, "its part names an unknown column");
		else
			lk_buf_add_c(&out, column);
	}
	return mk_keep(&out);
}

static void
on_field(const struct tag *tag)
{
	char name[128];
	struct mk_words source = {.line = 1};
	size_t i;

	for (i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
		if (lk_str_is(tag->rest, inputs[i].name))
			break;
	if (i == sizeof inputs / sizeof inputs[0]) {
		fault(tag, "is no row of inputs.def");
		return;
	}
	snprintf(name, sizeof name, "page/templates/field_%s.html", inputs[i].part);
	source.path = mk_path(tag->job->mk->source_dir, name);
	source.text = input_source(tag, &inputs[i], mk_read(tag->job->mk->source_dir, name));
	input_note(tag, &inputs[i]);
	mk_run_source(tag->job, &source);
}

static void
on_op(const struct tag *tag)
{
	mk_emit(tag->job,
		lk_str_is(tag->word, "heading")	      ? OP_HEADING
		: lk_str_is(tag->word, "body")	      ? OP_BODY
		: lk_str_is(tag->word, "error_field") ? OP_ERROR_FIELD
						      : OP_ERROR,
		0);
}

static void
on_tag(const struct tag *tag)
{
	static const struct {
		const char *word;
		void (*run)(const struct tag *tag);
	} rows[] = {{"if", on_if},	 {"else", on_else},	{"end", on_end},
		    {"each", on_each},	 {"field", on_field},	{"part", on_part},
		    {"asset", on_asset}, {"heading", on_op},	{"body", on_op},
		    {"error", on_op},	 {"error_field", on_op}};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (lk_str_is(tag->word, rows[i].word)) {
			rows[i].run(tag);
			return;
		}
	if (lk_str_starts(tag->word, "text."))
		on_text(tag);
	else if (lk_str_starts(tag->word, "item."))
		on_item(tag);
	else
		mk_emit_place(tag->job, tag->where, tag->word);
}

/* Tabs at the beginnings of lines are for whoever reads the template. */
static void
literal(struct mk_job *job, struct lk_str text, bool is_line_start)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (job->is_html && is_line_start && text.ptr[i] == '\t')
			continue;
		is_line_start = text.ptr[i] == '\n';
		mk_literal(job, lk_str_n(text.ptr + i, 1));
	}
}

static int
lines_in(struct lk_str text)
{
	int count = 0;
	size_t i;

	for (i = 0; i < text.len; i++)
		count += text.ptr[i] == '\n';
	return count;
}

/* From behind "{" on; returns the bytes of the tag, its "}" among them. */
static size_t
run_tag(struct mk_job *job, const struct mk_words *where, struct lk_str text)
{
	struct tag tag = {.job = job, .where = where};
	size_t len = lk_str_find(text, '}');

	if (lk_str_starts(text, "#")) {
		while (len < text.len && text.ptr[len - 1] != '#')
			len += 1 + lk_str_find(lk_str_from(text, len + 1), '}');
		return len + 1 + (len + 1 < text.len && text.ptr[len + 1] == '\n');
	}
	if (len == text.len) {
		mk_fault(job->mk, where, "a \"{\" is not closed");
		return len;
	}
	tag.rest = lk_str_n(text.ptr, len);
	(void)lk_str_split(&tag.rest, ' ', &tag.word);
	on_tag(&tag);
	return len + 1;
}

void
mk_run_source(struct mk_job *job, const struct mk_words *source)
{
	struct mk_words where = *source;
	struct lk_str rest = source->text;
	bool is_line_start = true;

	if (lk_str_ends(rest, "\n"))
		rest.len--;
	while (rest.len > 0) {
		size_t at = lk_str_find(rest, '{'), len = 0;

		literal(job, lk_str_n(rest.ptr, at), is_line_start);
		where.line += lines_in(lk_str_n(rest.ptr, at));
		if (at < rest.len) {
			len = 1 + run_tag(job, &where, lk_str_from(rest, at + 1));
			if (len > rest.len - at)
				len = rest.len - at;
			where.line += lines_in(lk_str_n(rest.ptr + at, len));
		}
		is_line_start = len > 0 && rest.ptr[at + len - 1] == '\n';
		rest = lk_str_from(rest, at + len);
	}
}

uint32_t
mk_template(struct mk_job *job, const struct mk_words *source)
{
	uint32_t start = job->mk->piece_count;

	mk_run_source(job, source);
	if (job->depth > 0)
		mk_fault(job->mk, source, "an {if} or {each} has no {end}");
	job->depth = 0;
	mk_emit(job, OP_END, 0);
	return start;
}
