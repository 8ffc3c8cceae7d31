/* SPDX-License-Identifier: MIT */
/* Runs the programs mkpage made, with a page's values. */
#include <stdlib.h>
#include <string.h>

#include "page/page.h"
#include "page/page_inside.h"
#include "page/page_run.h"

enum place_kind { PLACE_IS_TEXT = 1, PLACE_IS_HTML, PLACE_IS_URL };

static const uint8_t place_kinds[PLACE_COUNT] = {
    0,
#define LK_PLACE(name, kind, example) PLACE_IS_##kind,
#include "tables/places.def"
};
static const char *const page_names[PAGE_COUNT] = {
    NULL,
#define LK_PAGE(name, heading, uses) #name,
#include "tables/pages.def"
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
static const struct page_values no_values;

/* One program on its way. */
struct run {
	struct lk_buf *out;
	const struct page_values *values;
	enum lang lang;
	enum page_id page;
	bool escapes_places; /* HTML */
	bool escapes_bytes;  /* a plain sentence inside HTML */
	enum page_field error_at;
	uint16_t list; /* at hand */
	size_t index[PAGE_LISTS + 1];
};

static void
run_program(struct run *run, uint32_t at);

void
page_values_init(struct page_values *values)
{
	*values = no_values;
}

void
page_set(struct page_values *values, enum place place, struct lk_str value)
{
	values->place[place] = value;
}

void
page_set_c(struct page_values *values, enum place place, const char *value)
{
	values->place[place] = lk_str_c(value);
}

static void
add_value(const struct run *run, struct lk_str value)
{
	if (run->escapes_places)
		page_escape_html(run->out, value);
	else
		lk_buf_add_str(run->out, value);
}

static void
add_place(const struct run *run, enum place place)
{
	struct lk_str value = run->values->place[place];

	if (place_kinds[place] == PLACE_IS_HTML && run->escapes_places)
		lk_buf_add_str(run->out, value);
	else if (place_kinds[place] != PLACE_IS_URL || page_url_check(value))
		add_value(run, value);
}

static void
add_bytes(const struct run *run, const struct page_piece *piece)
{
	struct lk_str bytes = lk_str_n((const char *)page_pool + piece->at, piece->len);

	if (run->escapes_bytes)
		page_escape_html(run->out, bytes);
	else
		lk_buf_add_str(run->out, bytes);
}

/* A sentence inside a page. */
static void
add_text(const struct run *run, enum text_id text)
{
	struct run inner = *run;

	inner.escapes_bytes = run->escapes_places;
	run_program(&inner, page_text_starts[(size_t)text * LANG_COUNT + (size_t)run->lang]);
}

static void
add_heading(const struct run *run)
{
	enum text_id text = (enum text_id)page_heading_texts[run->page];

	if (text == TEXT_NONE)
		add_place(run, PLACE_heading);
	else
		add_text(run, text);
}

static size_t
list_count(const struct run *run, uint16_t list)
{
	const struct page_values *values = run->values;

	if (list < PAGE_LISTS)
		return values->item_count[list];
	if (values->error == TEXT_NONE)
		return 0;
	return values->errors != NULL && values->error_count > 0 ? values->error_count : 1;
}

static void
add_error(const struct run *run)
{
	const struct page_values *values = run->values;
	size_t index = run->index[PAGE_LIST_ERRORS];

	if (values->errors != NULL && index < values->error_count)
		add_text(run, values->errors[index]);
	else
		add_text(run, values->error);
}

static struct lk_str
item_text(const struct run *run, uint16_t what)
{
	return run->values->items[run->list][run->index[run->list]].text[what];
}

static enum page_form
form_of(enum lang lang, struct lk_str number)
{
	static const enum page_form welsh[] = {FORM_ZERO,  FORM_ONE,   FORM_TWO, FORM_FEW,
					       FORM_OTHER, FORM_OTHER, FORM_MANY};
	uint64_t n;

	if (!lk_str_to_u64(number, &n))
		return FORM_OTHER;
	if (lang == LANG_EN)
		return n == 1 ? FORM_ONE : FORM_OTHER;
	return n < sizeof welsh / sizeof welsh[0] ? welsh[n] : FORM_OTHER;
}

static bool
place_is(const struct run *run, const struct page_piece *piece)
{
	struct lk_str word = lk_str_n((const char *)page_pool + piece[1].at, piece[1].len);

	return lk_str_is_equal(run->values->place[piece->what], word);
}

static bool
is_true(const struct run *run, const struct page_piece *piece)
{
	switch (piece->op) {
	case OP_IF_PLACE:
		return run->values->place[piece->what].len > 0;
	case OP_IF_IS:
		return place_is(run, piece);
	case OP_IF_ITEM:
		return item_text(run, piece->what).len > 0;
	case OP_IF_LIST:
		return list_count(run, piece->what) > 0;
	case OP_IF_ERROR:
		return run->values->error != TEXT_NONE;
	case OP_IF_ERROR_FIELD:
		return run->error_at != PAGE_FIELD_NONE;
	case OP_IF_ERROR_AT:
		return run->error_at == piece->what;
	default:
		return form_of(run->lang, run->values->place[piece->what]) == piece->len;
	}
}

static void
add_piece(struct run *run, const struct page_piece *piece)
{
	struct lk_str item;

	switch (piece->op) {
	case OP_BYTES:
		add_bytes(run, piece);
		return;
	case OP_PLACE:
		add_place(run, (enum place)piece->what);
		return;
	case OP_ITEM:
		add_value(run, item_text(run, piece->what));
		return;
	case OP_ITEM_URL:
		item = item_text(run, piece->what);
		if (page_url_check(item))
			add_value(run, item);
		return;
	case OP_HEADING:
		add_heading(run);
		return;
	case OP_BODY:
		run_program(run, page_body_starts[run->lang][run->page]);
		return;
	case OP_ERROR:
		add_error(run);
		return;
	default:
		add_value(run, lk_str_c(field_sent[run->error_at]));
		return;
	}
}

/* Where to go on after a piece that says where. */
static uint32_t
step(struct run *run, uint32_t at)
{
	const struct page_piece *piece = &page_pieces[at];

	switch (piece->op) {
	case OP_JUMP:
		return piece->at;
	case OP_NEXT:
		run->index[piece->what]++;
		return piece->at;
	case OP_EACH:
		run->list = piece->what;
		if (run->index[piece->what] < list_count(run, piece->what))
			return at + 1;
		run->index[piece->what] = 0;
		return piece->at;
	default:
		if (!is_true(run, piece))
			return piece->at;
		return piece->op == OP_IF_IS ? at + 2 : at + 1;
	}
}

static void
run_program(struct run *run, uint32_t at)
{
	while (page_pieces[at].op != OP_END) {
		if (page_pieces[at].op < OP_IF_PLACE)
			add_piece(run, &page_pieces[at++]);
		else
			at = step(run, at);
	}
}

/* The field of that name if the page shows it, else the last one it shows. */
static enum page_field
error_at(enum page_id page, const struct page_values *values)
{
	enum page_field last = PAGE_FIELD_NONE;
	int i;

	if (values->error == TEXT_NONE || values->error_field == NULL)
		return PAGE_FIELD_NONE;
	for (i = 0; i < PAGE_INPUTS_MAX && page_inputs[page][i].field != PAGE_FIELD_NONE; i++) {
		const struct page_input *input = &page_inputs[page][i];

		if (input->place != PLACE_NONE && values->place[input->place].len == 0)
			continue;
		last = (enum page_field)input->field;
		if (strcmp(field_names[last], values->error_field) == 0)
			return last;
	}
	return last;
}

void
page_render(struct lk_buf *out, enum page_id page, enum lang lang, const struct page_values *values)
{
	struct run run = {.out = out,
			  .values = values == NULL ? &no_values : values,
			  .lang = lang,
			  .page = page,
			  .escapes_places = true};

	run.error_at = error_at(page, run.values);
	run_program(&run, page_frame_starts[lang]);
}

void
page_run_plain(struct lk_buf *out, uint32_t start, enum lang lang, const struct page_values *values)
{
	struct run run = {.out = out, .values = values == NULL ? &no_values : values, .lang = lang};

	run_program(&run, start);
}

void
page_sentence(struct lk_buf *out, enum text_id text, enum lang lang,
	      const struct page_values *values)
{
	if (text != TEXT_NONE)
		page_run_plain(out, page_text_starts[(size_t)text * LANG_COUNT + (size_t)lang],
			       lang, values);
}

enum page_id
page_find(const char *name)
{
	int i;

	if (strncmp(name, "page_", 5) == 0)
		name += 5;
	for (i = 1; i < PAGE_COUNT; i++)
		if (strcmp(page_names[i], name) == 0)
			return (enum page_id)i;
	return PAGE_NONE;
}

static int
compare_key(const void *key, const void *entry)
{
	return strcmp(key, *(const char *const *)entry);
}

enum text_id
page_text_find(const char *key)
{
	const char *const *found =
	    bsearch(key, page_text_keys + 1, TEXT_COUNT - 1, sizeof page_text_keys[0], compare_key);

	return found == NULL ? TEXT_NONE : (enum text_id)(found - page_text_keys);
}
