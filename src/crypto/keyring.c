/* SPDX-License-Identifier: MIT */
#include "crypto/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <sodium.h>

#include "base/file.h"
#include "base/secret_bytes.h"
#include "crypto/base64url.h"
#include "crypto/ring.h"

#define VARIANT	     sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define KEY_TEXT_LEN 43u

/* What a file says, before anything is derived: wiped as soon as it is. */
struct master {
	size_t count;
	uint32_t ids[CRYPTO_RING_KEYS_MAX];
	uint8_t keys[CRYPTO_RING_KEYS_MAX][CRYPTO_KEY_BYTES];
};

/* purpose 0 is the seal's. */
static void
derive(const uint8_t *key, uint32_t purpose, uint8_t *out)
{
	uint8_t label[] = "latchkey sub-key \0\0\0";
	size_t last = sizeof label - 1;

	label[last - 1] = (uint8_t)(purpose >> 8);
	label[last] = (uint8_t)purpose;
	crypto_generichash(out, CRYPTO_KEY_BYTES, label, sizeof label, key, CRYPTO_KEY_BYTES);
}

static void
ring_key_fill(struct ring_key *to, uint32_t id, const uint8_t *key)
{
	uint32_t purpose;

	to->id = id;
	derive(key, 0, to->seal);
	for (purpose = CRYPTO_SESSION; purpose < CRYPTO_PURPOSE_COUNT; purpose++)
		derive(key, purpose, to->digest[purpose]);
}

static enum lk_err
ring_new(const struct master *master, struct crypto_ring **out)
{
	size_t size = sizeof(struct crypto_ring) + master->count * sizeof(struct ring_key), i;
	struct crypto_ring *ring;

	/* sodium_malloc puts a guard page right behind the block: round up, so that it stays
	 * aligned. */
	size = (size + 15) & ~(size_t)15;
	ring = sodium_malloc(size);
	if (ring == NULL)
		return LK_E_MEMORY;
	/* sodium_malloc succeeds without the lock; asking again tells. */
	ring->is_locked = sodium_mlock(ring, size) == 0;
	ring->count = master->count;
	for (i = 0; i < master->count; i++)
		ring_key_fill(&ring->keys[i], master->ids[i], master->keys[i]);
	sodium_mprotect_readonly(ring);
	*out = ring;
	return LK_OK;
}

static bool
is_new_id(const struct master *master, uint32_t id)
{
	size_t i;

	for (i = 0; i < master->count; i++) {
		if (master->ids[i] == id)
			return false;
	}
	return true;
}

static bool
key_read(struct lk_str text, uint8_t key[CRYPTO_KEY_BYTES])
{
	return text.len == KEY_TEXT_LEN &&
	       crypto_base64url_into(text, key, CRYPTO_KEY_BYTES) == CRYPTO_KEY_BYTES &&
	       sodium_is_zero(key, CRYPTO_KEY_BYTES) == 0;
}

/* One line that is neither empty nor a comment. NULL, or what is wrong with it: never its text. */
static const char *
line_read(struct lk_str line, struct master *master)
{
	struct lk_str id_text, rest = line;
	uint64_t id;

	if (master->count == CRYPTO_RING_KEYS_MAX)
		return "more than 64 keys";
	if (!lk_str_split(&rest, ' ', &id_text) || !lk_str_to_u64(id_text, &id) || id == 0 ||
	    id > UINT32_MAX)
		return "must begin with a key number from 1 to 4294967295";
	if (!is_new_id(master, (uint32_t)id))
		return "has a key number that was there before";
	if (!key_read(lk_str_trim(rest), master->keys[master->count]))
		return "must end with a key: 32 bytes, not all zero, as 43 characters of base64url";
	master->ids[master->count++] = (uint32_t)id;
	return NULL;
}

static enum lk_err
master_read(struct lk_str text, struct lk_why *why, struct master *master)
{
	struct lk_str line;
	unsigned number = 0;

	while (lk_str_split(&text, '\n', &line)) {
		const char *fault;

		number++;
		line = lk_str_trim(line);
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		fault = line_read(line, master);
		if (fault != NULL) {
			lk_why_add(why, "line %u %s", number, fault);
			return LK_E_FORMAT;
		}
	}
	if (master->count > 0)
		return LK_OK;
	lk_why_add(why, "holds no key");
	return LK_E_FORMAT;
}

enum lk_err
crypto_ring_read(struct lk_str text, struct lk_why *why, struct crypto_ring **out)
{
	struct master master = {.count = 0};
	enum lk_err err = master_read(text, why, &master);

	if (err == LK_OK)
		err = ring_new(&master, out);
	sodium_memzero(&master, sizeof master);
	return err;
}

enum lk_err
crypto_ring_make(uint32_t id, const struct lk_secret *key, struct crypto_ring **out)
{
	struct master master = {.count = 1, .ids = {id}};
	enum lk_err err;

	if (id == 0 || lk_secret_len(key) != CRYPTO_KEY_BYTES)
		return LK_E_FORMAT;
	memcpy(master.keys[0], lk_secret_bytes(key).ptr, CRYPTO_KEY_BYTES);
	err = ring_new(&master, out);
	sodium_memzero(&master, sizeof master);
	return err;
}

/* Looked at through the open file, so that it cannot be another one a moment later. */
static const char *
file_fault(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return "is not a file";
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return "may be touched by group or others: chmod 600 it, and think of its keys as "
		       "known";
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return "belongs to somebody else";
	if (st.st_size > (off_t)CRYPTO_RING_FILE_MAX_BYTES)
		return "is too large";
	return NULL;
}

static enum lk_err
load_fd(int fd, struct lk_why *why, struct crypto_ring **out)
{
	const char *fault = file_fault(fd);
	char *text;
	size_t len;
	enum lk_err err = LK_E_FORMAT;

	if (fault != NULL) {
		lk_why_add(why, "key file %s", fault);
		return LK_E_FORMAT;
	}
	text = sodium_malloc(CRYPTO_RING_FILE_MAX_BYTES);
	if (text == NULL)
		return LK_E_MEMORY;
	if (lk_file_read(fd, text, CRYPTO_RING_FILE_MAX_BYTES, &len))
		err = crypto_ring_read(lk_str_n(text, len), why, out);
	else
		lk_why_add(why, "key file cannot be read: %s", strerrordesc_np(errno));
	sodium_free(text);
	return err;
}

enum lk_err
crypto_ring_load(const char *path, struct lk_why *why, struct crypto_ring **out)
{
	/* NONBLOCK: a named pipe put there must not hold the start up. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum lk_err err;

	if (fd < 0) {
		lk_why_add(why, "key file cannot be opened: %s", strerrordesc_np(errno));
		return errno == ENOENT ? LK_E_NOT_FOUND : LK_E_FORMAT;
	}
	err = load_fd(fd, why, out);
	close(fd);
	return err;
}

void
crypto_ring_free(struct crypto_ring *ring)
{
	sodium_free(ring);
}

static uint32_t
highest_id(const struct crypto_ring *ring)
{
	uint32_t highest = 0;
	size_t i;

	for (i = 0; ring != NULL && i < ring->count; i++) {
		if (ring->keys[i].id > highest)
			highest = ring->keys[i].id;
	}
	return highest;
}

enum lk_err
crypto_ring_line_make(const struct crypto_ring *ring, struct lk_buf *out)
{
	uint8_t key[CRYPTO_KEY_BYTES];
	char text[KEY_TEXT_LEN + 1];
	uint32_t highest = highest_id(ring);

	if (highest == UINT32_MAX)
		return LK_E_FORMAT;
	randombytes_buf(key, sizeof key);
	sodium_bin2base64(text, sizeof text, key, sizeof key, VARIANT);
	lk_buf_printf(out, "%u %s\n", (unsigned)(highest + 1), text);
	sodium_memzero(key, sizeof key);
	sodium_memzero(text, sizeof text);
	return lk_buf_is_ok(out) ? LK_OK : LK_E_MEMORY;
}

uint32_t
crypto_ring_newest_id(const struct crypto_ring *ring)
{
	return crypto_ring_newest(ring)->id;
}

bool
crypto_ring_is_locked(const struct crypto_ring *ring)
{
	return ring->is_locked;
}

const struct ring_key *
crypto_ring_key_find(const struct crypto_ring *ring, uint32_t id)
{
	size_t i;

	for (i = 0; i < ring->count; i++) {
		if (ring->keys[i].id == id)
			return &ring->keys[i];
	}
	return NULL;
}

const struct ring_key *
crypto_ring_newest(const struct crypto_ring *ring)
{
	return &ring->keys[ring->count - 1];
}
