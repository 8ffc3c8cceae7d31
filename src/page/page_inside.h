/* SPDX-License-Identifier: MIT */
/* What mkpage writes and page.c runs: programs of pieces. For this folder only. */
#ifndef LK_PAGE_PAGE_INSIDE_H
#define LK_PAGE_PAGE_INSIDE_H

#include <stdint.h>

#include "page/page_ids.h"

enum page_op {
	OP_END = 0,
	OP_BYTES,	   /* at, len: of page_pool, as they are */
	OP_PLACE,	   /* what: enum place */
	OP_ITEM,	   /* what: text of the item at hand */
	OP_ITEM_URL,	   /* the same, left out unless it may stand in href */
	OP_HEADING,	   /* of the page at hand */
	OP_BODY,	   /* the page's own program, inside the frame's */
	OP_ERROR,	   /* sentence of the error at hand */
	OP_ERROR_FIELD,	   /* name of the field the error stands at */
	OP_IF_PLACE,	   /* what; each OP_IF_… goes on, or to at */
	OP_IF_IS,	   /* what: place; is its value the bytes of the next piece? */
	OP_IF_ITEM,	   /* what */
	OP_IF_LIST,	   /* what: has it items? */
	OP_IF_ERROR,	   /* is there one? */
	OP_IF_ERROR_FIELD, /* does it stand at a field? */
	OP_IF_ERROR_AT,	   /* what: enum page_field */
	OP_IF_FORM,	   /* what: place with a number; len: enum page_form */
	OP_JUMP,	   /* at */
	OP_EACH,	   /* what: list, PAGE_LIST_ERRORS too; at: behind its end */
	OP_NEXT		   /* what: list; at: its OP_EACH */
};

#define PAGE_LIST_ERRORS 4
#define PAGE_INPUTS_MAX	 4

struct page_piece {
	uint16_t op;
	uint16_t what;
	uint32_t at;
	uint32_t len;
};

/* Plural forms; English has one and other. Source: Unicode CLDR, plural rules. */
enum page_form { FORM_ZERO = 0, FORM_ONE, FORM_TWO, FORM_FEW, FORM_MANY, FORM_OTHER, FORM_COUNT };

enum page_field {
	PAGE_FIELD_NONE = 0,
#define LK_FIELD(name, sent, kind, max_bytes, normaliser) PAGE_FIELD_##name,
#include "tables/fields.def"
	PAGE_FIELD_COUNT
};

/* A field a page shows, and the place that must be set for it; PLACE_NONE: always. */
struct page_input {
	uint16_t field;
	uint16_t place;
};

/* Where programs begin in page_pieces. */
extern const unsigned char page_pool[];
extern const struct page_piece page_pieces[];
extern const uint32_t page_frame_starts[LANG_COUNT];
extern const uint32_t page_body_starts[LANG_COUNT][PAGE_COUNT];
extern const uint32_t page_mail_starts[LANG_COUNT][MAIL_COUNT];
extern const uint32_t page_text_starts[];	      /* text * LANG_COUNT + lang */
extern const char *const page_text_keys[];	      /* by text; sorted */
extern const uint16_t page_heading_texts[PAGE_COUNT]; /* TEXT_NONE: PLACE_heading */
extern const uint16_t page_subject_texts[MAIL_COUNT];
extern const struct page_input page_inputs[PAGE_COUNT][PAGE_INPUTS_MAX];

#endif
