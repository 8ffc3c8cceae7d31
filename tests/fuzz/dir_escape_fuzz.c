/* SPDX-License-Identifier: MIT */
/* Whatever people type stays one value, the same bytes, in filters and names. */
/* Folders: base metric crypto directory */
/* Libraries: libsodium liboath jansson ldap */
#include <ldap.h>
#include <stdlib.h>
#include <string.h>

#include "directory/dir_escape.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static int
digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* As a reader of RFC 4515 takes it; anything that could end the value is an abort. */
static void
filter_check(struct lk_str text, struct lk_str want)
{
	size_t at = 0, i;

	for (i = 0; i < want.len; i++, at++) {
		int byte;

		if (at >= text.len || text.ptr[at] == '\0' || strchr("()*", text.ptr[at]) != NULL)
			abort();
		byte = (unsigned char)text.ptr[at];
		if (byte == '\\') {
			if (at + 2 >= text.len || digit(text.ptr[at + 1]) < 0)
				abort();
			byte = digit(text.ptr[at + 1]) << 4 | digit(text.ptr[at + 2]);
			at += 2;
		}
		if (byte != (unsigned char)want.ptr[i])
			abort();
	}
	if (at != text.len)
		abort();
}

/* As libldap takes it: one RDN, one value, these bytes. */
static void
dn_check(const char *text, struct lk_str want)
{
	LDAPDN dn = NULL;

	if (ldap_str2dn(text, &dn, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS)
		abort();
	if (dn[0] == NULL || dn[1] != NULL || dn[0][0] == NULL || dn[0][1] != NULL)
		abort();
	if (!lk_str_is_equal(lk_str_n(dn[0][0]->la_value.bv_val, dn[0][0]->la_value.bv_len), want))
		abort();
	ldap_dnfree(dn);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_str text = lk_str_n((const char *)bytes, len);
	LK_AUTO_BUF filter, dn;

	lk_buf_init(&filter, 1u << 20);
	lk_buf_init(&dn, 1u << 20);
	dir_escape_filter(&filter, text);
	if (!lk_buf_is_ok(&filter))
		abort();
	filter_check(lk_buf_str(&filter), text);
	lk_buf_add_c(&dn, "cn=");
	dir_escape_dn(&dn, text);
	if (len > 0)
		dn_check(dn.bytes, text);
	return 0;
}
