/* SPDX-License-Identifier: MIT */
/* Mails as RFC 5322 has them: subject by RFC 2047 s4.2, text by RFC 2045 s6.7. */
#include "base/utf8.h"
#include "page/page.h"
#include "page/page_inside.h"
#include "page/page_run.h"

#define MAIL_TEXT_MAX_BYTES 16384u
#define SUBJECT_MAX_BYTES   998u
#define LINE_MAX	    76u
#define WORD_MAX	    54u /* of an encoded word without its frame; "Subject: " fits too */
#define WORD_OPEN	    "=?UTF-8?Q?"

static bool
is_printable(char byte)
{
	return byte > ' ' && byte < 0x7F;
}

static bool
is_plain(struct lk_str subject)
{
	size_t i;

	for (i = 0; i < subject.len; i++)
		if (!is_printable(subject.ptr[i]) && subject.ptr[i] != ' ')
			return false;
	return subject.len <= LINE_MAX - sizeof "Subject: " && !lk_str_starts(subject, "=?");
}

static bool
is_letter_or_digit(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9');
}

/* One character as the body of an encoded word. */
static void
encode_character(struct lk_buf *out, struct lk_str character)
{
	size_t i;

	if (character.len == 1 && is_letter_or_digit(character.ptr[0]))
		lk_buf_add_str(out, character);
	else if (lk_str_is(character, " "))
		lk_buf_add_byte(out, '_');
	else
		for (i = 0; i < character.len; i++)
			lk_buf_printf(out, "=%02X", (unsigned char)character.ptr[i]);
}

/* In words that end with a whole character; further ones stand on lines of their own. */
static void
add_words(struct lk_buf *out, struct lk_str subject)
{
	size_t word = 0; /* bytes of the one at hand */
	uint32_t point;

	while (subject.len > 0) {
		size_t len = lk_utf8_next(subject, &point), before = out->len;
		struct lk_str character = lk_str_n(subject.ptr, len > 0 ? len : 1);

		if (word == 0 || word + 3 * character.len > WORD_MAX) {
			lk_buf_printf(out, "%s%s", word == 0 ? "" : "?=\n ", WORD_OPEN);
			before = out->len;
			word = 0;
		}
		encode_character(out, character);
		word += out->len - before;
		subject = lk_str_from(subject, character.len);
	}
	lk_buf_add_c(out, "?=");
}

static void
add_subject(struct lk_buf *out, enum text_id text, enum lang lang, const struct page_values *values)
{
	LK_AUTO_BUF subject;

	lk_buf_init(&subject, SUBJECT_MAX_BYTES);
	page_sentence(&subject, text, lang, values);
	lk_buf_add_c(out, "Subject: ");
	if (is_plain(lk_buf_str(&subject)))
		lk_buf_add_str(out, lk_buf_str(&subject));
	else
		add_words(out, lk_buf_str(&subject));
	lk_buf_add_c(out, "\n");
}

/* One byte of a line; is_last: a blank there must be encoded. */
static size_t
encode_byte(char encoded[4], char byte, bool is_last)
{
	static const char hex[] = "0123456789ABCDEF";

	if ((is_printable(byte) && byte != '=') || ((byte == ' ' || byte == '\t') && !is_last)) {
		encoded[0] = byte;
		return 1;
	}
	encoded[0] = '=';
	encoded[1] = hex[(unsigned char)byte >> 4];
	encoded[2] = hex[(unsigned char)byte & 15];
	return 3;
}

static void
add_line(struct lk_buf *out, struct lk_str line)
{
	size_t i, column = 0;
	char encoded[4];

	for (i = 0; i < line.len; i++) {
		size_t len = encode_byte(encoded, line.ptr[i], i + 1 == line.len);

		if (column + len > LINE_MAX - 1) {
			lk_buf_add_c(out, "=\n");
			column = 0;
		}
		lk_buf_add(out, encoded, len);
		column += len;
	}
	lk_buf_add_byte(out, '\n');
}

void
page_mail(struct lk_buf *out, enum mail_id mail, enum lang lang, const struct page_values *values)
{
	struct lk_str rest, line;
	LK_AUTO_BUF text;

	lk_buf_init(&text, MAIL_TEXT_MAX_BYTES);
	page_run_plain(&text, page_mail_starts[lang][mail], lang, values);
	add_subject(out, (enum text_id)page_subject_texts[mail], lang, values);
	lk_buf_printf(out,
		      "MIME-Version: 1.0\n"
		      "Content-Type: text/plain; charset=utf-8\n"
		      "Content-Transfer-Encoding: quoted-printable\n"
		      "Content-Language: %s\n"
		      "Auto-Submitted: auto-generated\n"
		      "\n",
		      lang == LANG_CY ? "cy" : "en");
	rest = lk_buf_str(&text);
	while (lk_str_split(&rest, '\n', &line))
		add_line(out, line);
}
