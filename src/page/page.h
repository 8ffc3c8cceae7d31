/* SPDX-License-Identifier: MIT */
/*
 * What people read: pages, mails and sentences, from templates and texts compiled in. Knows words and places; nothing of who asked or why.
 * Templates (page/templates/NAME.html, NAME.mail) and texts (tables/text.en, tables/text.cy) are turned into C by mkpage at build time, so that
 * filling a page is copying pieces; every place is escaped for HTML unless its template says what else it is.
 * A template or text that names a place or key that does not exist, or a text missing in one language, stops the build.
 */
#ifndef LK_PAGE_PAGE_H
#define LK_PAGE_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "page/text_ids.h" /* made by mkpage: enum text_id TEXT_NONE, TEXT_signin_wrong … */

enum lang { LANG_EN = 1, LANG_CY };

enum page_id {
	PAGE_NONE = 0,
#define LK_PAGE(name, heading, uses) PAGE_##name,
#include "tables/pages.def"
	PAGE_COUNT
};
enum mail_id {
	MAIL_NONE = 0,
#define LK_MAIL(name, subject, uses) MAIL_##name,
#include "tables/mails.def"
	MAIL_COUNT
};

/* Places that templates and sentences may name; one row each in tables/places.def. */
enum place {
	PLACE_NONE = 0,
#define LK_PLACE(name, kind, example) PLACE_##name,
#include "tables/places.def"
	PLACE_COUNT
};

/* One card, line or row of a list on a page: up to six texts, named in the template as {item.0} … {item.5}. */
struct page_item {
	struct lk_str text[6];
};

/* The values of one page. Everything borrowed until page_render returns. An unset place is empty and, in {if …}, false. */
struct page_values {
	struct lk_str place[PLACE_COUNT];
	const struct page_item *items[4]; /* {each 0} … {each 3} */
	size_t item_count[4];
	enum text_id error;     /* TEXT_NONE, or the sentence of the error box and of the field below */
	const char *error_field; /* name of the field the error stands at; NULL: none */
	const enum text_id *errors; /* more than one sentence for the same field (password rules); NULL: just error */
	size_t error_count;
};

void page_values_init(struct page_values *values);
void page_set(struct page_values *values, enum place place, struct lk_str value);
void page_set_c(struct page_values *values, enum place place, const char *value);

/* The page whole, with frame (head, languages, menu when PLACE_menu is set, help). */
void page_render(struct lk_buf *out, enum page_id page, enum lang lang, const struct page_values *values);
/* One sentence with its places filled, as plain text (PAM, ctl, JSON). */
void page_sentence(struct lk_buf *out, enum text_id text, enum lang lang, const struct page_values *values);
/* A mail: "Subject: …" line (RFC 2047 where needed), then the rest of headers mkpage knows, blank line, plain text in UTF-8. */
void page_mail(struct lk_buf *out, enum mail_id mail, enum lang lang, const struct page_values *values);
/* PAGE_NONE when there is no page of that name ("locked"). */
enum page_id page_find(const char *name);
/* TEXT_NONE when there is no such key ("signin_wrong"). */
enum text_id page_text_find(const char *key);

/* Ready-made files: style sheet, script, icon. Names carry a hash of the content and never change meaning. */
struct page_asset {
	const char *path;         /* "/assets/latchkey-3f9c1a20.css" */
	const char *content_type;
	struct lk_str plain;
	struct lk_str gzipped;
};
/* NULL: no such path. */
const struct page_asset *page_asset_find(struct lk_str path);

/* --- times and numbers as people say them ------------------------------------------------------------------------ */

/* Once in main: "Europe/London". LK_E_FORMAT when the machine does not know the zone. */
enum lk_err page_zone_set(const char *zone) LK_MUST_CHECK;
/* "10:11am", "10:11am today", "tomorrow at 9:40am", "Monday 1 December", in the language. */
void page_time(struct lk_buf *out, enum lang lang, int64_t at_s, int64_t now_s);
void page_time_of_day(struct lk_buf *out, enum lang lang, int64_t at_s);
void page_date(struct lk_buf *out, enum lang lang, int64_t at_s, int64_t now_s);
/* "30 minutes", "1 minute", "2 hours", "3 days"; rounded up; Welsh with its six plural forms. */
void page_duration(struct lk_buf *out, enum lang lang, int64_t duration_s);
/*
 * When the service desk answers: "Open now, until 7pm." or "Closed, opens Monday at 7am.", from conf's help_hours ("Mon-Fri 07:00-19:00, Sat
 * 08:00-13:00"); and the hours as people say them. LK_E_FORMAT: hours cannot be read.
 */
enum lk_err page_help_open(struct lk_buf *out, enum lang lang, const char *hours, int64_t now_s) LK_MUST_CHECK;
enum lk_err page_help_hours(struct lk_buf *out, enum lang lang, const char *hours) LK_MUST_CHECK;
/* Text as inline SVG: a QR code with a 4-module quiet zone; label is its text name (escaped here). LK_E_FORMAT: too long. */
enum lk_err page_qr(struct lk_buf *out, struct lk_str text, struct lk_str label) LK_MUST_CHECK;

/* Pure, fuzzed. & < > " ' and nothing else; bytes that are not UTF-8 become U+FFFD. */
void page_escape_html(struct lk_buf *out, struct lk_str value);

#endif
