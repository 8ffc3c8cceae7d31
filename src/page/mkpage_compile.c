/* SPDX-License-Identifier: MIT */
/* Every text, page and mail in each language. */
#include <stdio.h>

#include "page/mkpage.h"

struct row {
	const char *name, *text, *uses;
};
static const struct row pages[PAGE_COUNT] = {
    {"frame", "GIVEN", ""},
#define LK_PAGE(name, heading, uses) {#name, #heading, uses},
#include "tables/pages.def"
};
static const struct row mails[MAIL_COUNT] = {
    {NULL, NULL, NULL},
#define LK_MAIL(name, subject, uses) {#name, #subject, uses " display_name time url"},
#include "tables/mails.def"
};

static struct mk_words
template_read(struct mk *mk, const char *name, const char *kind)
{
	char path[128];
	struct mk_words source = {.line = 1};

	snprintf(path, sizeof path, "page/templates/%s.%s", name, kind);
	source.path = mk_path(mk->source_dir, path);
	source.text = mk_read(mk->source_dir, path);
	return source;
}

static uint32_t
compile_template(struct mk_job *job, const struct row *row)
{
	struct mk_words source = template_read(job->mk, row->name, job->is_html ? "html" : "mail");

	job->uses = row->uses;
	return mk_template(job, &source);
}

static void
compile_texts(struct mk *mk, struct mk_job *job)
{
	size_t i;

	job->uses = NULL;
	job->is_html = false;
	for (i = 0; i < mk->text_count; i++) {
		mk->text_starts[i][job->lang] = mk->piece_count;
		mk_emit_text(job, &mk->texts[i]);
		mk_emit(job, OP_END, 0);
	}
}

/* A heading or subject is a text, and names only what its row says. */
static void
check_text(struct mk_job *job, const struct row *row, const char *table)
{
	struct mk_words where = {.path = mk_path(job->mk->source_dir, table), .line = 1};
	const struct mk_text *text = mk_text_find(job->mk, lk_str_c(row->text));
	uint32_t count = job->mk->piece_count;

	if (lk_str_is(lk_str_c(row->text), "GIVEN"))
		return;
	job->uses = row->uses;
	if (text == NULL)
		mk_fault(job->mk, &where, "%s: there is no text %s", row->name, row->text);
	else
		mk_emit_text(job, text);
	mk_flush(job);
	job->mk->piece_count = count;
}

static void
compile_language(struct mk *mk, enum lang lang)
{
	struct mk_job job = {.mk = mk, .lang = lang};
	int i;

	lk_buf_init(&job.literal, 1u << 20);
	compile_texts(mk, &job);
	job.is_html = true;
	mk->frame_starts[lang] = compile_template(&job, &pages[0]);
	for (i = 1; i < PAGE_COUNT; i++) {
		job.page = (enum page_id)i;
		check_text(&job, &pages[i], "tables/pages.def");
		mk->body_starts[lang][i] = compile_template(&job, &pages[i]);
	}
	job.is_html = false;
	for (i = 1; i < MAIL_COUNT; i++) {
		check_text(&job, &mails[i], "tables/mails.def");
		mk->mail_starts[lang][i] = compile_template(&job, &mails[i]);
	}
	lk_buf_done(&job.literal);
}

void
mk_compile(struct mk *mk)
{
	lk_buf_init(&mk->pool, 1u << 22);
	compile_language(mk, LANG_EN);
	compile_language(mk, LANG_CY);
	mk->pool_text = mk_keep(&mk->pool);
}
