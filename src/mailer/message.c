/* SPDX-License-Identifier: MIT */
#include "mailer/message.h"

#include <string.h>
#include <time.h>

#include "base/utf8.h"

#define CRLF		  "\r\n"
#define WORD_BEGIN	  "=?UTF-8?Q?"
#define WORD_END	  "?="
#define WORD_TEXT_MAX_LEN 63u /* with its frame 75: RFC 2047 s2 */

/* --- the sender's name ---------------------------------------------------------------------- */

/* Letters character takes in an encoded word. RFC 2047 s5(3): in a name, few stand for themselves.
 */
static size_t
cost_of(struct lk_str character)
{
	char c = character.ptr[0];
	bool is_itself =
	    c == ' ' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

	return is_itself ? 1 : 3 * character.len;
}

static void
character_encode(struct lk_buf *out, struct lk_str character)
{
	size_t i;

	if (cost_of(character) == 1) {
		lk_buf_add_byte(out, character.ptr[0] == ' ' ? '_' : character.ptr[0]);
		return;
	}
	for (i = 0; i < character.len; i++)
		lk_buf_printf(out, "=%02X", (unsigned char)character.ptr[i]);
}

/* The character name begins with, or the byte that belongs to none. */
static struct lk_str
character_of(struct lk_str name)
{
	uint32_t point;
	size_t len = lk_utf8_next(name, &point);

	return lk_str_n(name.ptr, len > 0 ? len : 1);
}

/* Words that each hold whole characters. */
static void
name_encode(struct lk_buf *out, struct lk_str name)
{
	size_t left = WORD_TEXT_MAX_LEN;
	struct lk_str character;

	lk_buf_add_c(out, WORD_BEGIN);
	for (; name.len > 0; name = lk_str_from(name, character.len)) {
		character = character_of(name);
		if (cost_of(character) > left) {
			lk_buf_add_c(out, WORD_END CRLF " " WORD_BEGIN);
			left = WORD_TEXT_MAX_LEN;
		}
		left -= cost_of(character);
		character_encode(out, character);
	}
	lk_buf_add_c(out, WORD_END);
}

static void
from_add(struct lk_buf *out, const struct message_from *from)
{
	struct lk_str name = lk_str_c(from->name);

	lk_buf_add_c(out, "From: ");
	if (lk_str_is_plain(name))
		lk_buf_printf(out, "\"%s\"", from->name);
	else
		name_encode(out, name);
	lk_buf_printf(out, " <%s>" CRLF, from->address);
}

/* --- the rest ------------------------------------------------------------------------------- */

static void
date_add(struct lk_buf *out, int64_t at_s)
{
	time_t at = (time_t)at_s;
	char text[64];
	struct tm utc;

	if (gmtime_r(&at, &utc) == NULL)
		return;
	if (strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", &utc) > 0)
		lk_buf_printf(out, "Date: %s" CRLF, text);
}

/* A line end is one however it is written; a CR by itself is none and goes. */
static void
lines_add(struct lk_buf *out, struct lk_str text)
{
	struct lk_str line, piece;

	while (text.len > 0 && lk_str_split(&text, '\n', &line)) {
		while (line.len > 0 && lk_str_split(&line, '\r', &piece))
			lk_buf_add_str(out, piece);
		lk_buf_add_c(out, CRLF);
	}
}

void
message_make(struct lk_buf *out, const struct message_from *from, const struct spool_mail *mail)
{
	const char *at = strrchr(from->address, '@');

	from_add(out, from);
	lk_buf_printf(out, "To: <%.*s>" CRLF, LK_STR_ARGS(mail->to));
	date_add(out, mail->at_s);
	lk_buf_printf(out, "Message-ID: <%s@%s>" CRLF, mail->name,
		      at == NULL ? "localhost" : at + 1);
	lines_add(out, mail->mail);
}
