/* SPDX-License-Identifier: MIT */
#include "ctl/errors_manual.h"

#include <string.h>

#include "ctl/written.h"
#include "page/page.h"

#define WORDS_BYTES 2048u

/* Places as translators see them. */
static const char *const examples[PLACE_COUNT] = {
#define LK_PLACE(name, kind, example) [PLACE_##name] = example,
#include "tables/places.def"
};

static void
text_put(FILE *out, const char *key, const char *ending)
{
	struct page_values values;
	char name[128];
	LK_AUTO_BUF words;

	lk_buf_init(&words, WORDS_BYTES);
	(void)snprintf(name, sizeof(name), "%s%s", key, ending);
	page_values_init(&values);
	for (int i = PLACE_NONE + 1; i < PLACE_COUNT; i++)
		page_set_c(&values, (enum place)i, examples[i]);
	if (page_text_find(name) == TEXT_NONE)
		return;
	page_sentence(&words, page_text_find(name), LANG_EN, &values);
	if (words.len == 0)
		return;
	ctl_man_put(out, words.bytes);
	fputs("\n.br\n", out);
}

static const char *
fault_words(enum lk_fault fault)
{
	if (fault == LK_FAULT_THEIRS)
		return "who asked";
	return fault == LK_FAULT_OURS ? "a part of ours" : "nobody";
}

static const char *
retry_words(enum lk_retry retry)
{
	if (retry == LK_RETRY_NOW)
		return "at once";
	return retry == LK_RETRY_LATER ? "later" : "does not help";
}

static void
row_put(FILE *out, const struct lk_err_row *row)
{
	fprintf(out, ".TP\n.B LK\\-%d %s\n", row->number, row->name);
	text_put(out, row->text_key, "_title");
	text_put(out, row->text_key, "");
	fprintf(out, "HTTP %d, OAuth\n.BR %s ;\nfault: %s; trying again: %s.\n", row->http_status,
		row->oauth, fault_words(row->fault), retry_words(row->retry));
}

void
ctl_errors_manual_write(FILE *out)
{
	fputs(
	    ".TH LATCHKEY\\-ERRORS 7 \"\" \"latchkey " PACKAGE_VERSION "\"\n"
	    ".SH NAME\nlatchkey\\-errors \\- every way a request can end that is not a plain yes\n"
	    ".SH DESCRIPTION\n"
	    "People read a sentence and a reference like\n.BR 7Q4M\\-2XPD ;\n"
	    ".B latchkeyctl explain\n"
	    "tells its story. The audit names the row below, even where the person was told less.\n"
	    "Numbers are never used again. Names, times and counts in the sentences are examples.\n"
	    ".SH ERRORS\n",
	    out);
	for (int i = LK_OK + 1; i < LK_ERR_COUNT; i++)
		row_put(out, lk_err_row((enum lk_err)i));
	fputs(".SH SEE ALSO\n.BR latchkeyctl (1),\n.BR latchkeyd (8)\n", out);
}
