/* SPDX-License-Identifier: MIT */
/*
 * Loaded before a program (LD_PRELOAD): the call of malloc or calloc whose number stands in
 * SHORT_MEMORY_AT fails, and all after it when SHORT_MEMORY_ALL is set. Says "memory: failed" on
 * standard error once the call was reached.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

void *
__libc_malloc(size_t bytes);
void *
__libc_calloc(size_t count, size_t bytes);

static int
is_short(void)
{
	static long calls;
	static const char *at;
	static const char told[] = "memory: failed\n";
	long limit;

	if (at == NULL)
		at = getenv("SHORT_MEMORY_AT");
	limit = at == NULL ? 0 : atol(at);
	if (limit == 0)
		return 0;
	calls++;
	if (calls < limit || (calls > limit && getenv("SHORT_MEMORY_ALL") == NULL))
		return 0;
	if (calls == limit && write(STDERR_FILENO, told, sizeof(told) - 1) < 0)
		return 1;
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t bytes)
{
	return is_short() ? NULL : __libc_malloc(bytes);
}

void *
calloc(size_t count, size_t bytes)
{
	return is_short() ? NULL : __libc_calloc(count, bytes);
}
