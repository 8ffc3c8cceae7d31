/* SPDX-License-Identifier: MIT */
/* A line of the audit log: read or refused; one that fits the chain is one we wrote. */
/* Folders: base crypto audit */
/* Libraries: libsodium liboath jansson */
#include <stdlib.h>
#include <string.h>

#include "audit/line.h"
#include "crypto/crypto.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

/* The corpus holds true first lines of this key; nothing else can fit. */
static void
check(struct lk_str line)
{
	struct audit_chain chain = {0};
	struct crypto_ring *ring = NULL;
	struct audit_link link;

	must(crypto_ring_read(LK_STR("1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\n"), NULL,
			      &ring) == LK_OK);
	if (audit_link_read(line, &link)) {
		must(link.number > 0 && link.key_id > 0 && link.body.len < line.len);
		if (audit_link_check(ring, &chain, &link) == AUDIT_FIT_YES)
			must(chain.number == 1 && line.ptr[0] == '{');
	}
	crypto_ring_free(ring);
}

/* The same bytes as every slot of a new line: one line, that reads back. */
static void
write_and_read_back(struct lk_str s)
{
	const struct audit_line line = {AUDIT_STARTED, LK_OK, s, s, s, s, s, s, s, s, s};
	char fragment[AUDIT_FRAGMENT_MAX_BYTES], whole[AUDIT_FRAGMENT_MAX_BYTES + 16] = "{\"n\":1,";
	struct audit_record record;
	struct lk_json *document;
	bool is_missing;
	size_t len = audit_line_write(&line, 1700000000, fragment, &is_missing);

	memcpy(whole + 7, fragment, len);
	whole[7 + len] = '}';
	must(memchr(whole, '\n', len + 8) == NULL);
	must(audit_line_read(lk_str_n(whole, len + 8), &document, &record) == LK_OK);
	must(record.line.event == AUDIT_STARTED);
	lk_json_free(document);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct lk_str text = lk_str_n((const char *)bytes, len);
	struct audit_record record;
	struct lk_json *document;

	must(crypto_init() == LK_OK);
	check(text);
	if (audit_line_read(text, &document, &record) == LK_OK)
		lk_json_free(document);
	write_and_read_back(text);
	return 0;
}
