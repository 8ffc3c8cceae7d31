/* SPDX-License-Identifier: MIT */
/* What goes over the wire: whatever the name and the mail hold, every line ends with CR LF, our
 * headers stand first and nothing makes another, and the name can be read back. */
/* Folders: base conf crypto spool mailer */
/* Libraries: libsodium liboath jansson libcurl */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "mailer/message.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

static void
must_end_lines_with_crlf(struct lk_str text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		must(text.ptr[i] != '\r' || (i + 1 < text.len && text.ptr[i + 1] == '\n'));
		must(text.ptr[i] != '\n' || (i > 0 && text.ptr[i - 1] == '\r'));
	}
	must(lk_str_ends(text, "\r\n"));
}

static void
must_take(struct lk_str *rest, const char *text)
{
	must(lk_str_starts(*rest, text));
	*rest = lk_str_from(*rest, strlen(text));
}

static char
hex(char c)
{
	must((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'));
	return (char)(c <= '9' ? c - '0' : c - 'A' + 10);
}

/* One encoded word off *rest: RFC 2047. */
static void
word_take(struct lk_str *rest, struct lk_buf *out)
{
	size_t before = rest->len, letters_before = out->len;

	must_take(rest, "=?UTF-8?Q?");
	while (!lk_str_starts(*rest, "?=")) {
		must(rest->len > 3);
		if (rest->ptr[0] == '=')
			lk_buf_add_byte(out, (char)(hex(rest->ptr[1]) << 4 | hex(rest->ptr[2])));
		else
			lk_buf_add_byte(out, rest->ptr[0] == '_' ? ' ' : rest->ptr[0]);
		*rest = lk_str_from(*rest, rest->ptr[0] == '=' ? 3 : 1);
	}
	*rest = lk_str_from(*rest, 2);
	must(before - rest->len <= 75 && out->len > letters_before);
}

static void
name_take(struct lk_str *rest, struct lk_buf *out)
{
	size_t end;

	if (lk_str_starts(*rest, "\"")) {
		*rest = lk_str_from(*rest, 1);
		end = lk_str_find(*rest, '"');
		lk_buf_add(out, rest->ptr, end);
		*rest = lk_str_from(*rest, end + 1);
		return;
	}
	word_take(rest, out);
	while (lk_str_starts(*rest, "\r\n ")) {
		*rest = lk_str_from(*rest, 3);
		word_take(rest, out);
	}
}

static void
must_hold(struct lk_str message, struct lk_str name)
{
	LK_AUTO_BUF again;

	lk_buf_init(&again, 65536);
	must_end_lines_with_crlf(message);
	must_take(&message, "From: ");
	name_take(&message, &again);
	must(lk_str_is_equal(lk_buf_str(&again), name));
	must_take(&message, " <no-reply@signin.example>\r\nTo: <asha@example.org>\r\n"
			    "Date: Fri, 27 Nov 2026 17:05:16 +0000\r\n"
			    "Message-ID: <1795799116.ABC@signin.example>\r\n");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_str text = lk_str_n((const char *)bytes, len);
	size_t name_len = strnlen((const char *)bytes, len > 300 ? 300 : len);
	char name[301];
	struct message_from from = {"no-reply@signin.example", name};
	const struct spool_mail mail = {.name = "1795799116.ABC",
					.at_s = 1795799116,
					.to = LK_STR("asha@example.org"),
					.mail = text};
	LK_AUTO_BUF out;

	memcpy(name, bytes, name_len);
	name[name_len] = '\0';
	lk_buf_init(&out, MESSAGE_MAX_BYTES);
	message_make(&out, &from, &mail);
	if (lk_buf_is_ok(&out))
		must_hold(lk_buf_str(&out), lk_str_n(name, name_len));
	else
		must(len > SPOOL_MAIL_MAX_BYTES);
	return 0;
}
