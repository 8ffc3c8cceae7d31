/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "conf/table.h"

static const char *
fd_read(int fd, struct lk_arena *arena, struct lk_str *out)
{
	struct stat st;
	char *bytes;
	size_t len;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return "is not a file";
	if (st.st_size > (off_t)CONF_INI_FILE_MAX_BYTES)
		return "is longer than 1 MiB";
	bytes = lk_arena_alloc(arena, (size_t)st.st_size + 1);
	if (bytes == NULL)
		return "does not fit in memory";
	if (!lk_file_read(fd, bytes, (size_t)st.st_size, &len))
		return strerrordesc_np(errno);
	*out = lk_str_n(bytes, len);
	return NULL;
}

bool
conf_text_read(const char *file, struct lk_arena *arena, struct conf_faults *faults,
	       struct lk_str *out)
{
	/* NONBLOCK: a named pipe put there must not hold the start up. */
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct conf_place place = {.file = file};
	const char *fault;

	if (fd < 0) {
		conf_fault_add(faults, place, "this file cannot be opened: %s",
			       strerrordesc_np(errno));
		return false;
	}
	fault = fd_read(fd, arena, out);
	close(fd);
	if (fault != NULL)
		conf_fault_add(faults, place, "this file cannot be read: %s", fault);
	return fault == NULL;
}
