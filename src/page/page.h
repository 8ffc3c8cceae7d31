/* SPDX-License-Identifier: MIT */
/*
 * What people read: pages, mails and sentences, from templates and texts compiled in. Knows words
 * and places; nothing of who asked or why. Templates (page/templates/NAME.html, NAME.mail) and
 * texts (tables/text.en, tables/text.cy) are turned into C by mkpage at build time, so that filling
 * a page is copying pieces; every place is escaped for HTML unless places.def says what else it is.
 * A template or text that names a place or key that does not exist, or a text missing in one
 * language, stops the build.
 */
#ifndef LK_PAGE_PAGE_H
#define LK_PAGE_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "page/page_asset.h"
#include "page/page_escape.h"
#include "page/page_ids.h"
#include "page/page_time.h"
#include "page/text_ids.h" /* made by mkpage: enum text_id TEXT_NONE, TEXT_signin_wrong … */

#define PAGE_MAX_BYTES 65536u /* enough for every page with reasonable values */
#define PAGE_LISTS     4

/* One card, line or row of a list on a page: up to six texts, {item.0} … {item.5} of the template.
 */
struct page_item {
	struct lk_str text[6];
};

/* The values of one page. Everything borrowed until page_render returns. An unset place is empty
 * and, in {if …}, false. */
struct page_values {
	struct lk_str place[PLACE_COUNT];
	const struct page_item *items[PAGE_LISTS]; /* {each 0} … {each 3} */
	size_t item_count[PAGE_LISTS];
	/* TEXT_NONE, or the sentence of the error box and of the field below. */
	enum text_id error;
	/* Name of the field it stands at (fields.def). NULL: none. One the page does not show gives
	 * way to the last one it does. */
	const char *error_field;
	/* More than one sentence for the same field (password rules); NULL: just error. error must
	 * be set as well. */
	const enum text_id *errors;
	size_t error_count;
};

void
page_values_init(struct page_values *values);
void
page_set(struct page_values *values, enum place place, struct lk_str value);
void
page_set_c(struct page_values *values, enum place place, const char *value);

/* The page whole, with frame (head, languages, menu when PLACE_menu is set, help). */
void
page_render(struct lk_buf *out, enum page_id page, enum lang lang,
	    const struct page_values *values);
/* One sentence with its places filled, as plain text (PAM, ctl, JSON). TEXT_NONE is nothing. */
void
page_sentence(struct lk_buf *out, enum text_id text, enum lang lang,
	      const struct page_values *values);
/*
 * A mail but for the lines its sender adds (From, To, Date, Message-ID): Subject, encoded as RFC
 * 2047 has it where it is not plain ASCII, MIME-Version, Content-Type, Content-Transfer-Encoding
 * (quoted-printable), Content-Language and Auto-Submitted; a blank line; UTF-8 text in lines of at
 * most 76 bytes. Lines end in LF; whoever sends it makes CRLF of them.
 */
void
page_mail(struct lk_buf *out, enum mail_id mail, enum lang lang, const struct page_values *values);

/* PAGE_NONE when there is no page of that name ("locked"; "page_locked" of errors.def is the same).
 */
enum page_id
page_find(const char *name);
/* TEXT_NONE when there is no such key ("signin_wrong"). */
enum text_id
page_text_find(const char *key);

/*
 * Text as inline SVG: a QR code with a quiet zone of 4 modules, black on white.
 *
 *   label  its text name (escaped here)
 *
 * Returns: LK_OK · LK_E_FORMAT empty, holds byte 0, or too long · LK_E_MEMORY
 * Source:  ISO/IEC 18004, level M.
 */
enum lk_err
page_qr(struct lk_buf *out, struct lk_str text, struct lk_str label) LK_MUST_CHECK;

#endif
