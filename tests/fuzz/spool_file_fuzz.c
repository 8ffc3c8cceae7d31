/* SPDX-License-Identifier: MIT */
/* A mail that waits: what reads well is shown to the same bytes' meaning again, and its address can
 * make no line and no second address. */
/* Folders: base conf crypto spool */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>
#include <string.h>

#include "spool/spool_file.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

static void
must_read_again(const struct spool_mail *mail)
{
	struct spool_mail again = {.name = NULL};
	LK_AUTO_BUF text;

	lk_buf_init(&text, SPOOL_FILE_MAX_BYTES);
	spool_file_show(mail, &text);
	must(lk_buf_is_ok(&text) && spool_file_read(lk_buf_str(&text), &again));
	must(lk_str_is_equal(again.to, mail->to) && lk_str_is_equal(again.mail, mail->mail));
	must(again.is_call == mail->is_call && again.is_fetch == mail->is_fetch);
	must(!mail->is_fetch || spool_client_check(mail->mail));
	must(again.tries == mail->tries && again.next_at_s == mail->next_at_s);
}

static void
must_be_plain(struct lk_str to)
{
	size_t i;

	must(to.len >= 3 && to.len <= SPOOL_ADDRESS_MAX_LEN);
	for (i = 0; i < to.len; i++)
		must(to.ptr[i] != '\0' && strchr("\r\n\t <>,;\"", to.ptr[i]) == NULL);
}

static void
must_be_url(struct lk_str url)
{
	size_t i;

	must(lk_str_starts(url, "https://") || lk_str_starts(url, "http://127.0.0.1") ||
	     lk_str_starts(url, "http://[::1]") || lk_str_starts(url, "http://localhost"));
	must(url.len <= SPOOL_URL_MAX_BYTES);
	for (i = 0; i < url.len; i++)
		must(url.ptr[i] > ' ' && url.ptr[i] < 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_str text = lk_str_n((const char *)bytes, len);
	struct spool_mail mail = {.name = NULL};
	int64_t at_s = -1;

	if (spool_file_read(text, &mail)) {
		if (mail.is_call)
			must_be_url(mail.to);
		else
			must_be_plain(mail.to);
		must_read_again(&mail);
	} else {
		must(mail.to.ptr == NULL && mail.mail.ptr == NULL);
	}
	if (spool_address_check(text))
		must_be_plain(text);
	if (spool_url_check(text))
		must_be_url(text);
	if (spool_name_read(text, &at_s))
		must(at_s >= 0 && lk_str_find(text, '/') == len);
	return 0;
}
