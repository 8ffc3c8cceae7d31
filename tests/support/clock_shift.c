/* SPDX-License-Identifier: MIT */
/*
 * Loaded before a program (LD_PRELOAD): the wall clock is off by as many seconds as stand in the
 * file CLOCK_SHIFT_FILE, eight bytes as this machine writes them, at any moment. The monotonic
 * clock goes on as it was.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *
shift_find(void)
{
	static const volatile int64_t *shift;
	const char *path = getenv("CLOCK_SHIFT_FILE");
	int fd;
	void *seen;

	if (shift != NULL || path == NULL)
		return shift;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	seen = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (seen != MAP_FAILED)
		shift = seen;
	return shift;
}

int
clock_gettime(clockid_t which, struct timespec *now)
{
	long failed = syscall(SYS_clock_gettime, which, now);
	const volatile int64_t *shift =
	    failed == 0 && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)
		? shift_find()
		: NULL;

	if (shift != NULL)
		now->tv_sec += *shift;
	return (int)failed;
}
