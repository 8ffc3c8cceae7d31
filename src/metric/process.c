/* SPDX-License-Identifier: MIT */
#include "metric/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static bool
text_read(const char *path, char *text, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, text, room - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	return len > 0;
}

static void
head(struct lk_buf *out, const char *name, const char *type, const char *help)
{
	lk_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s ", name, help, name, type, name);
}

/* proc(5): starttime is the 22nd word; the 2nd may hold blanks, so count from its ')'. */
static bool
start_ticks(const char *stat, uint64_t *out)
{
	const char *at = strrchr(stat, ')');
	int word;

	for (word = 2; at != NULL && word < 22; word++)
		at = strchr(at + 1, ' ');
	return at != NULL && sscanf(at, " %" SCNu64, out) == 1;
}

static bool
boot_time(uint64_t *out)
{
	char text[16384];
	const char *at;

	if (!text_read("/proc/stat", text, sizeof text))
		return false;
	at = strstr(text, "\nbtime ");
	return at != NULL && sscanf(at, " btime %" SCNu64, out) == 1;
}

static void
start_write(struct lk_buf *out)
{
	char text[1024];
	uint64_t ticks, boot_s;

	if (!text_read("/proc/self/stat", text, sizeof text) || !start_ticks(text, &ticks) ||
	    !boot_time(&boot_s))
		return;
	head(out, "process_start_time_seconds", "gauge", "When this process began, since 1970.");
	lk_buf_printf(out, "%.2f\n", (double)boot_s + (double)ticks / (double)sysconf(_SC_CLK_TCK));
}

static void
memory_write(struct lk_buf *out)
{
	uint64_t virtual_pages, resident_pages;
	uint64_t page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
	char text[256];

	if (!text_read("/proc/self/statm", text, sizeof text) ||
	    sscanf(text, "%" SCNu64 " %" SCNu64, &virtual_pages, &resident_pages) != 2)
		return;
	head(out, "process_resident_memory_bytes", "gauge", "Memory in use.");
	lk_buf_printf(out, "%" PRIu64 "\n", resident_pages * page_bytes);
	head(out, "process_virtual_memory_bytes", "gauge", "Memory asked for.");
	lk_buf_printf(out, "%" PRIu64 "\n", virtual_pages * page_bytes);
}

static void
cpu_write(struct lk_buf *out)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return;
	head(out, "process_cpu_seconds_total", "counter", "Processor time used.");
	lk_buf_printf(out, "%.6f\n",
		      (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
			  (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
}

static void
files_write(struct lk_buf *out)
{
	DIR *folder = opendir("/proc/self/fd");
	struct rlimit limit;
	int count = -1; /* the folder's own */

	while (folder != NULL && readdir(folder) != NULL)
		count++;
	if (folder != NULL) {
		closedir(folder);
		head(out, "process_open_fds", "gauge", "Descriptors open.");
		lk_buf_printf(out, "%d\n", count - 2); /* . and .. */
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	head(out, "process_max_fds", "gauge", "Descriptors that may be open.");
	lk_buf_printf(out, "%" PRIu64 "\n", (uint64_t)limit.rlim_cur);
}

void
metric_process_write(struct lk_buf *out)
{
	cpu_write(out);
	start_write(out);
	memory_write(out);
	files_write(out);
}
