/* SPDX-License-Identifier: MIT */
#include "audit/head.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* "NUMBER OFFSET KEY MAC " and the digest of that, fixed in length so that writing is in place. */
#define SIGNED_LEN (20u + 1 + 20 + 1 + 10 + 1 + AUDIT_MAC_LEN + 1)
#define TEXT_LEN   (SIGNED_LEN + AUDIT_MAC_LEN + 1)

static bool
sign(const struct crypto_ring *ring, uint32_t key_id, const char *text, struct crypto_digest *out)
{
	/* The first piece of a line's digest is 32 bytes long: the two never meet. */
	struct lk_str pieces[2] = {LK_STR("head"), lk_str_n(text, SIGNED_LEN)};

	return crypto_digest_under(ring, (struct crypto_digest_key){CRYPTO_AUDIT, key_id}, pieces,
				   2, out) == LK_OK;
}

bool
audit_head_write(int fd, const struct crypto_ring *ring, const struct audit_head *head)
{
	uint32_t key_id = crypto_ring_newest_id(ring);
	char text[TEXT_LEN + 1], mac[AUDIT_MAC_LEN + 1];
	struct crypto_digest signature;

	audit_mac_show(&head->chain.mac, mac);
	snprintf(text, sizeof text, "%020" PRIu64 " %020" PRIu64 " %010" PRIu32 " %s ",
		 head->chain.number, head->offset, key_id, mac);
	if (!sign(ring, key_id, text, &signature))
		return false;
	audit_mac_show(&signature, text + SIGNED_LEN);
	text[TEXT_LEN - 1] = '\n';
	return pwrite(fd, text, TEXT_LEN, 0) == (ssize_t)TEXT_LEN;
}

/* The next len bytes of *s and the separator behind them. */
static bool
take(struct lk_str *s, size_t len, char separator, struct lk_str *out)
{
	if (s->len <= len || s->ptr[len] != separator)
		return false;
	*out = lk_str_n(s->ptr, len);
	*s = lk_str_from(*s, len + 1);
	return true;
}

static bool
take_number(struct lk_str *s, size_t len, uint64_t *out)
{
	struct lk_str digits;

	return take(s, len, ' ', &digits) && lk_str_to_u64(digits, out);
}

static bool
text_read(struct lk_str text, const struct crypto_ring *ring, struct audit_head *out)
{
	struct lk_str rest = text, mac, signature;
	struct crypto_digest right, given;
	uint64_t key_id;

	return take_number(&rest, 20, &out->chain.number) && take_number(&rest, 20, &out->offset) &&
	       take_number(&rest, 10, &key_id) && key_id > 0 && key_id <= UINT32_MAX &&
	       take(&rest, AUDIT_MAC_LEN, ' ', &mac) && audit_mac_read(mac, &out->chain.mac) &&
	       take(&rest, AUDIT_MAC_LEN, '\n', &signature) && rest.len == 0 &&
	       audit_mac_read(signature, &given) &&
	       sign(ring, (uint32_t)key_id, text.ptr, &right) &&
	       crypto_digest_is_equal(&right, &given);
}

enum audit_head_state
audit_head_read(int fd, const struct crypto_ring *ring, struct audit_head *out)
{
	char text[TEXT_LEN + 1];
	ssize_t len = pread(fd, text, sizeof text, 0);
	struct audit_head head;

	if (len == 0)
		return AUDIT_HEAD_NONE;
	if (len != (ssize_t)TEXT_LEN || !text_read(lk_str_n(text, TEXT_LEN), ring, &head))
		return AUDIT_HEAD_BAD;
	*out = head;
	return AUDIT_HEAD_GOOD;
}

bool
audit_head_path(const char *path, char *out, size_t room)
{
	int len = snprintf(out, room, "%s.head", path);

	return len > 0 && (size_t)len < room;
}
