/* SPDX-License-Identifier: MIT */
#include "audit/chain.h"

#include <assert.h>
#include <string.h>

#include "crypto/base64url.h"

#define MAC_BEGIN  ",\"mac\":\""
#define MAC_END	   "\"}"
#define KEY_BEGIN  ",\"key\":"
#define PREV_BEGIN "\"prev\":\""
#define END_MARK   ",\"end\":true"
#define LEN(text)  (sizeof(text) - 1)

void
audit_mac_show(const struct crypto_digest *mac, char out[AUDIT_MAC_LEN + 1])
{
	size_t len = crypto_base64url_write(mac->bytes, sizeof mac->bytes, out);

	assert(len == AUDIT_MAC_LEN);
	(void)len;
}

bool
audit_mac_read(struct lk_str text, struct crypto_digest *out)
{
	return text.len == AUDIT_MAC_LEN &&
	       crypto_base64url_into(text, out->bytes, sizeof out->bytes) == sizeof out->bytes;
}

static bool
mac_make(const struct crypto_ring *ring, uint32_t key_id, const struct crypto_digest *before,
	 struct lk_str body, struct crypto_digest *out)
{
	struct lk_str pieces[2] = {lk_str_n((const char *)before->bytes, sizeof before->bytes),
				   body};

	return crypto_digest_under(ring, (struct crypto_digest_key){CRYPTO_AUDIT, key_id}, pieces,
				   2, out) == LK_OK;
}

static char *
add(char *out, struct lk_str piece)
{
	memcpy(out, piece.ptr, piece.len);
	return out + piece.len;
}

static char *
add_number(char *out, uint64_t number)
{
	char digits[LK_U64_DIGITS];

	return add(out, lk_str_of_u64(number, digits));
}

/* A fragment leaves room for all that comes around it. */
size_t
audit_chain_add(const struct crypto_ring *ring, struct audit_chain *chain, struct lk_str fragment,
		char out[AUDIT_LINE_MAX_BYTES])
{
	uint32_t key_id = crypto_ring_newest_id(ring);
	char *at = out, mac[AUDIT_MAC_LEN + 1];
	struct crypto_digest made;

	assert(fragment.len <= AUDIT_FRAGMENT_MAX_BYTES);
	at = add(at, LK_STR("{\"n\":"));
	at = add_number(at, chain->number + 1);
	at = add(at, LK_STR(","));
	at = add(at, fragment);
	at = add(at, LK_STR(KEY_BEGIN));
	at = add_number(at, key_id);
	if (!mac_make(ring, key_id, &chain->mac, lk_str_n(out, (size_t)(at - out)), &made))
		assert(!"the newest key is in the ring");
	audit_mac_show(&made, mac);
	chain->mac = made;
	chain->number++;
	at = add(at, LK_STR(MAC_BEGIN));
	at = add(at, lk_str_n(mac, AUDIT_MAC_LEN));
	at = add(at, LK_STR(MAC_END "\n"));
	return (size_t)(at - out);
}

/* Cuts tail off *s; false when s does not end with it. */
static bool
take_end(struct lk_str *s, const char *tail)
{
	if (!lk_str_ends(*s, tail))
		return false;
	s->len -= strlen(tail);
	return true;
}

static bool
take_begin(struct lk_str *s, const char *head)
{
	if (!lk_str_starts(*s, head))
		return false;
	*s = lk_str_from(*s, strlen(head));
	return true;
}

/* Cuts len bytes off the end of *s and gives them; nothing when there are fewer. */
static struct lk_str
take_last(struct lk_str *s, size_t len)
{
	if (s->len < len)
		return lk_str_n(NULL, 0);
	s->len -= len;
	return lk_str_n(s->ptr + s->len, len);
}

static size_t
digits_at_end(struct lk_str s)
{
	size_t count = 0;

	while (count < s.len && s.ptr[s.len - 1 - count] >= '0' && s.ptr[s.len - 1 - count] <= '9')
		count++;
	return count;
}

static bool
read_key(struct lk_str *s, uint32_t *out)
{
	struct lk_str digits = take_last(s, digits_at_end(*s));
	uint64_t id;

	if (!lk_str_to_u64(digits, &id) || id == 0 || id > UINT32_MAX || !take_end(s, KEY_BEGIN))
		return false;
	*out = (uint32_t)id;
	return true;
}

static bool
read_prev(struct lk_str s, struct audit_link *out)
{
	out->has_prev = take_begin(&s, PREV_BEGIN);
	return !out->has_prev || (s.len > AUDIT_MAC_LEN && s.ptr[AUDIT_MAC_LEN] == '"' &&
				  audit_mac_read(lk_str_n(s.ptr, AUDIT_MAC_LEN), &out->prev));
}

bool
audit_link_read(struct lk_str line, struct audit_link *out)
{
	struct lk_str s = line, number;

	if (line.len >= AUDIT_LINE_MAX_BYTES || !take_end(&s, MAC_END) ||
	    !audit_mac_read(take_last(&s, AUDIT_MAC_LEN), &out->mac) || !take_end(&s, MAC_BEGIN))
		return false;
	out->body = s;
	if (!read_key(&s, &out->key_id))
		return false;
	out->is_end = lk_str_ends(s, END_MARK);
	if (!take_begin(&s, "{\"n\":"))
		return false;
	number = lk_str_n(s.ptr, lk_str_find(s, ','));
	if (!lk_str_to_u64(number, &out->number) || out->number == 0)
		return false;
	return read_prev(lk_str_from(s, number.len + 1), out);
}

enum audit_fit
audit_link_check(const struct crypto_ring *ring, struct audit_chain *chain,
		 const struct audit_link *link)
{
	struct crypto_digest right;

	if (link->number != chain->number + 1)
		return AUDIT_FIT_NUMBER;
	if (!mac_make(ring, link->key_id, &chain->mac, link->body, &right))
		return AUDIT_FIT_KEY;
	if (!crypto_digest_is_equal(&right, &link->mac))
		return AUDIT_FIT_MAC;
	chain->number = link->number;
	chain->mac = link->mac;
	return AUDIT_FIT_YES;
}
