/* SPDX-License-Identifier: MIT */
/* Whatever a server answers with, a form found in it leads to a path of the same server, and what
 * would be sent is encoded. */
/* Folders: ctl/web_form.c base */
/* Libraries: libsodium jansson */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/web_form.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

static void
encoding_look(struct lk_str text)
{
	LK_AUTO_BUF encoded;
	LK_AUTO_BUF again;

	lk_buf_init(&encoded, 1u << 20);
	lk_buf_init(&again, 1u << 20);
	lk_buf_add_percent(&encoded, text, "");
	web_form_decode(&again, lk_buf_str(&encoded));
	must(lk_str_is_equal(lk_buf_str(&again), text));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_str page = lk_str_n((const char *)bytes, len), title = web_form_title(page), sent;
	struct web_form form;

	must(title.len <= page.len);
	encoding_look(page);
	if (web_form_find_signout(page, &form)) {
		must(form.has_signout && form.action.ptr[0] == '/');
		web_form_done(&form);
	}
	if (!web_form_find(page, &form))
		return 0;
	must(form.action.len > 0 && form.action.ptr[0] == '/');
	must(form.has_username || form.has_password || form.has_code || form.has_allow);
	sent = lk_buf_str(&form.sent);
	for (size_t i = 0; i < sent.len; i++)
		must(sent.ptr[i] > ' ' && sent.ptr[i] <= '~' &&
		     strchr("\"'<>#", sent.ptr[i]) == NULL);
	web_form_done(&form);
	return 0;
}
