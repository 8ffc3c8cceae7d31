/* SPDX-License-Identifier: MIT */
#include "crypto/pwhash.h"

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <semaphore.h>
#include <time.h>
#include <sodium.h>

#include "crypto/recovery.h"

#define MEMORY_BYTES ((size_t)19456 * 1024)
#define PASSES	     2

/*
 * The cores and the memory are the machine's, so the count of places is the process's: the one
 * thing in this folder that changes after the start. The semaphore locks itself.
 */
static struct {
	sem_t free;
	int count;
} places;

enum lk_err
crypto_pwhash_init(void)
{
	cpu_set_t cores;

	if (places.count > 0)
		return LK_OK;
	if (sched_getaffinity(0, sizeof cores, &cores) == 0)
		places.count = CPU_COUNT(&cores);
	if (places.count < 1)
		places.count = 1;
	return sem_init(&places.free, 0, (unsigned)places.count) == 0 ? LK_OK : LK_E_BROKEN;
}

int
crypto_pwhash_places(void)
{
	return places.count;
}

bool
crypto_pwhash_enter(int wait_ms)
{
	struct timespec until;

	assert(places.count > 0); /* crypto_init comes first */
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += wait_ms / 1000;
	until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	while (sem_clockwait(&places.free, CLOCK_MONOTONIC, &until) != 0) {
		if (errno != EINTR)
			return false;
	}
	return true;
}

void
crypto_pwhash_leave(void)
{
	sem_post(&places.free);
}

enum lk_err
crypto_pwhash_make(struct lk_str text, const uint8_t salt[PWHASH_SALT_BYTES],
		   uint8_t out[PWHASH_BYTES])
{
	int failed;

	if (!crypto_pwhash_enter(CRYPTO_SLOW_WAIT_MS))
		return LK_E_BUSY;
	failed = crypto_pwhash(out, PWHASH_BYTES, text.ptr, text.len, salt, PASSES, MEMORY_BYTES,
			       crypto_pwhash_ALG_ARGON2ID13);
	crypto_pwhash_leave();
	return failed == 0 ? LK_OK : LK_E_MEMORY;
}
