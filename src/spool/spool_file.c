/* SPDX-License-Identifier: MIT */
#include "spool/spool_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"

#define NAME_MAX_BYTES 40u
#define MAIL_WORD      "to: "
#define CALL_WORD      "call: "
#define FETCH_WORD     "fetch: "

/* --- text ----------------------------------------------------------------------------------- */

/* Blanks and control characters of every kind, and what parts or wraps addresses: RFC 5322 s3.2.3.
 */
static bool
is_address_point(uint32_t point)
{
	if (point <= ' ' || (point >= 0x7F && point <= 0xA0))
		return false;
	if (point == 0x2028 || point == 0x2029)
		return false;
	return point >= 0x80 || strchr("()<>[]:;,\\\"", (int)point) == NULL;
}

bool
spool_address_check(struct lk_str address)
{
	size_t at = lk_str_find(address, '@'), step, i;
	struct lk_str domain = lk_str_from(address, at + 1);
	uint32_t point;

	if (address.len > SPOOL_ADDRESS_MAX_LEN || at == 0 || domain.len == 0 ||
	    lk_str_find(domain, '@') < domain.len)
		return false;
	for (i = 0; i < address.len; i += step) {
		step = lk_utf8_next(lk_str_from(address, i), &point);
		if (step == 0 || !is_address_point(point))
			return false;
	}
	return true;
}

/* The machine itself by name, in the clear: nobody else listens there. */
static bool
is_loopback(struct lk_str url)
{
	static const char *const begins[] = {"http://127.0.0.1", "http://[::1]",
					     "http://localhost"};
	struct lk_str rest;

	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
		if (!lk_str_starts(url, begins[i]))
			continue;
		rest = lk_str_from(url, strlen(begins[i]));
		return rest.len > 0 && (rest.ptr[0] == ':' || rest.ptr[0] == '/') &&
		       lk_str_find(url, '@') == url.len;
	}
	return false;
}

/* Who reads the log, and libcurl, sees it as it was put: RFC 3986 s2. */
bool
spool_url_check(struct lk_str url)
{
	static const char scheme[] = "https://";
	size_t i;

	if ((!lk_str_starts(url, scheme) || url.len < sizeof scheme) && !is_loopback(url))
		return false;
	if (url.len > SPOOL_URL_MAX_BYTES)
		return false;
	for (i = 0; i < url.len; i++) {
		if (url.ptr[i] <= ' ' || url.ptr[i] > '~' ||
		    memchr("\"<>\\^`{|}#", url.ptr[i], 10) != NULL)
			return false;
	}
	return true;
}

bool
spool_name_read(struct lk_str name, int64_t *out_at_s)
{
	size_t dot = lk_str_find(name, '.'), i;
	struct lk_str tail = lk_str_from(name, dot + 1);
	uint64_t at_s;

	if (name.len > NAME_MAX_BYTES || tail.len == 0 ||
	    !lk_str_to_u64(lk_str_n(name.ptr, dot), &at_s) || at_s > INT64_MAX / 2)
		return false;
	for (i = 0; i < tail.len; i++) {
		if ((tail.ptr[i] < '0' || tail.ptr[i] > '9') &&
		    (tail.ptr[i] < 'A' || tail.ptr[i] > 'Z'))
			return false;
	}
	*out_at_s = (int64_t)at_s;
	return true;
}

/* Cuts "WORD VALUE" up to end off *rest. */
static bool
value_take(struct lk_str *rest, const char *word, char end, struct lk_str *out)
{
	if (!lk_str_starts(*rest, word))
		return false;
	*rest = lk_str_from(*rest, strlen(word));
	return lk_str_find(*rest, end) < rest->len && lk_str_split(rest, end, out);
}

bool
spool_client_check(struct lk_str client_id)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._~-";

	if (client_id.len == 0 || client_id.len > SPOOL_CLIENT_MAX_LEN || client_id.ptr[0] == '.')
		return false;
	for (size_t i = 0; i < client_id.len; i++) {
		if (client_id.ptr[i] == '\0' || strchr(letters, client_id.ptr[i]) == NULL)
			return false;
	}
	return true;
}

static const char *
word_of(const struct spool_mail *mail)
{
	if (mail->is_fetch)
		return FETCH_WORD;
	return mail->is_call ? CALL_WORD : MAIL_WORD;
}

/* The first line: whom to, and of which kind. */
static bool
to_take(struct lk_str *rest, struct spool_mail *mail)
{
	mail->is_fetch = lk_str_starts(*rest, FETCH_WORD);
	mail->is_call = mail->is_fetch || lk_str_starts(*rest, CALL_WORD);
	if (!value_take(rest, word_of(mail), '\n', &mail->to))
		return false;
	return mail->is_call ? spool_url_check(mail->to) : spool_address_check(mail->to);
}

bool
spool_file_read(struct lk_str text, struct spool_mail *mail)
{
	struct lk_str tries_text, next_text, rest = text;
	struct spool_mail first = {.name = NULL};
	uint64_t tries, next_at_s;

	if (!to_take(&rest, &first) || !value_take(&rest, "tries: ", ' ', &tries_text) ||
	    !value_take(&rest, "next: ", '\n', &next_text) || !lk_str_starts(rest, "\n"))
		return false;
	rest = lk_str_from(rest, 1);
	if (!lk_str_to_u64(tries_text, &tries) || tries > UINT32_MAX ||
	    !lk_str_to_u64(next_text, &next_at_s) || next_at_s > INT64_MAX / 2)
		return false;
	if (rest.len == 0 || rest.len > SPOOL_MAIL_MAX_BYTES || lk_str_find(rest, '\0') < rest.len)
		return false;
	if (first.is_fetch && !spool_client_check(rest))
		return false;
	mail->is_call = first.is_call;
	mail->is_fetch = first.is_fetch;
	mail->to = first.to;
	mail->tries = (uint32_t)tries;
	mail->next_at_s = (int64_t)next_at_s;
	mail->mail = rest;
	return true;
}

void
spool_file_show(const struct spool_mail *mail, struct lk_buf *out)
{
	lk_buf_add_c(out, word_of(mail));
	lk_buf_add_str(out, mail->to);
	lk_buf_printf(out, "\ntries: %" PRIu32 " next: %" PRId64 "\n\n", mail->tries,
		      mail->next_at_s);
	lk_buf_add_str(out, mail->mail);
}

/* --- disk ----------------------------------------------------------------------------------- */

static bool
write_all(int fd, struct lk_str text)
{
	ssize_t n;

	while (text.len > 0) {
		n = write(fd, text.ptr, text.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text = lk_str_from(text, (size_t)n);
	}
	return true;
}

static bool
write_aside(int folder, const char *path, struct lk_str text)
{
	int fd = openat(folder, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool is_written;

	if (fd < 0)
		return false;
	is_written = write_all(fd, text) && fsync(fd) == 0;
	return close(fd) == 0 && is_written;
}

enum lk_err
spool_text_write(int folder, const char *aside, const char *path, struct lk_str text)
{
	if (!write_aside(folder, aside, text) || renameat(folder, aside, folder, path) != 0) {
		unlinkat(folder, aside, 0);
		return LK_E_BROKEN;
	}
	return fsync(folder) == 0 ? LK_OK : LK_E_BROKEN;
}

enum lk_err
spool_file_write(int folder, const struct spool_mail *mail)
{
	char aside[sizeof SPOOL_NEW + NAME_MAX_BYTES + 1];
	LK_AUTO_BUF text;

	lk_buf_init(&text, SPOOL_FILE_MAX_BYTES);
	spool_file_show(mail, &text);
	if (!lk_buf_is_ok(&text))
		return LK_E_MEMORY;
	snprintf(aside, sizeof aside, SPOOL_NEW "/%s", mail->name);
	return spool_text_write(folder, aside, mail->name, lk_buf_str(&text));
}
