/* SPDX-License-Identifier: MIT */
/* mkpage, which runs at build time only: reads texts, templates and assets, writes C. */
#ifndef LK_PAGE_MKPAGE_H
#define LK_PAGE_MKPAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"
#include "page/page_inside.h"

#define MK_TEXTS_MAX  1000u
#define MK_PIECES_MAX 60000u
#define MK_BLOCKS_MAX 12

/* Part of a file, and where it stands, for faults. */
struct mk_words {
	struct lk_str text;
	const char *path;
	int line;
};

struct mk_text {
	struct lk_str key;
	struct mk_words words[LANG_COUNT][FORM_COUNT]; /* FORM_OTHER is always there */
};

struct mk_asset {
	const char *name; /* latchkey.css */
	const char *content_type;
	struct lk_str plain, gzipped;
	char path[64];
};

struct mk {
	const char *source_dir; /* …/src */
	const char *made_dir;	/* where squeezed assets are */
	struct mk_text texts[MK_TEXTS_MAX];
	size_t text_count;
	struct mk_asset *assets;
	size_t asset_count;
	struct lk_buf pool;
	struct lk_str pool_text; /* the same, kept */
	struct page_piece pieces[MK_PIECES_MAX];
	uint32_t piece_count;
	uint32_t text_starts[MK_TEXTS_MAX][LANG_COUNT];
	uint32_t frame_starts[LANG_COUNT];
	uint32_t body_starts[LANG_COUNT][PAGE_COUNT];
	uint32_t mail_starts[LANG_COUNT][MAIL_COUNT];
	struct page_input inputs[PAGE_COUNT][PAGE_INPUTS_MAX];
	int fault_count;
};

/* mkpage.c */
/* Says "FILE:LINE: words" and counts. */
void
mk_fault(struct mk *mk, const struct mk_words *where, const char *format, ...) LK_PRINTF(3, 4);
/* The bytes of text, which is done, for as long as the program runs; a byte 0 stands behind. */
struct lk_str
mk_keep(struct lk_buf *text);
/* The whole file; ends the program when it cannot be read. */
struct lk_str
mk_read(const char *dir, const char *name);
/* "dir/name" */
const char *
mk_path(const char *dir, const char *name);

/* mkpage_texts.c */
void
mk_texts_read(struct mk *mk);
const struct mk_text *
mk_text_find(const struct mk *mk, struct lk_str key);

/* mkpage_compile.c */
/* A program for each text, page and mail in each language. */
void
mk_compile(struct mk *mk);

/* mkpage_template.c */
/* One template being turned into one program. */
struct mk_block {
	bool is_each;
	uint32_t start; /* OP_IF_… or OP_EACH */
	uint32_t jump;	/* OP_JUMP of its {else}; 0: none yet */
	uint16_t place; /* of {if PLACE}, before its {else} */
};
struct mk_job {
	struct mk *mk;
	enum lang lang;
	bool is_html;
	const char *uses; /* places it may name, blanks between; NULL: every one */
	enum page_id page;
	struct lk_buf literal; /* not yet a piece */
	struct mk_block blocks[MK_BLOCKS_MAX];
	int depth;
};
/* Returns where the program begins. */
uint32_t
mk_template(struct mk_job *job, const struct mk_words *source);
void
mk_run_source(struct mk_job *job, const struct mk_words *source);

/* mkpage_emit.c */
uint32_t
mk_emit(struct mk_job *job, enum page_op op, uint16_t what);
void
mk_literal(struct mk_job *job, struct lk_str text);
void
mk_flush(struct mk_job *job);
/* A text, with the places it names, here. */
void
mk_emit_text(struct mk_job *job, const struct mk_text *text);
/* PLACE_NONE and a fault when there is none of that name or the template may not name it. */
enum place
mk_place(struct mk_job *job, const struct mk_words *where, struct lk_str name);
void
mk_emit_place(struct mk_job *job, const struct mk_words *where, struct lk_str name);

/* mkpage_write.c */
void
mk_write_ids(const struct mk *mk);
void
mk_write_pages(const struct mk *mk);

/* mkpage_asset.c */
void
mk_assets_read(struct mk *mk);
const struct mk_asset *
mk_asset_find(const struct mk *mk, struct lk_str name);
void
mk_write_assets(const struct mk *mk);
/* Without comments and the blanks that mean nothing. */
void
mk_squeeze(struct lk_str text, bool is_css);

#endif
