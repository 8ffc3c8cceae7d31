/* SPDX-License-Identifier: MIT */
/*
 * Who changes a file of policies/applications changes what an application may do, and no door of
 * ours sees who: what is other than at the last look, a start ago or a reload, is written into the
 * audit, once. What was told last stands beside the log, AUDIT.applications, for the next start.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "daemon/daemon.h"
#include "policy/known.h"

#define ARENA_MAX_BYTES 8388608u
#define PATH_BYTES	4096

struct telling {
	struct daemon *daemon;
	bool is_told; /* all of it so far */
	size_t count;
};

static bool
difference_tell(const struct policy_known_difference *difference, void *context)
{
	static const enum audit_event events[] = {
	    [POLICY_KNOWN_ADDED] = AUDIT_APPLICATION_ADDED,
	    [POLICY_KNOWN_CHANGED] = AUDIT_APPLICATION_CHANGED,
	    [POLICY_KNOWN_REMOVED] = AUDIT_APPLICATION_REMOVED,
	};
	struct telling *telling = context;

	telling->count++;
	telling->is_told =
	    daemon_audit(telling->daemon, events[difference->kind], LK_OK, difference->words.ptr);
	return telling->is_told;
}

/* Nothing when there is none. */
static void
file_read(const char *path, struct lk_buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char piece[4096];
	size_t len = sizeof piece;

	while (fd >= 0 && len == sizeof piece && lk_file_read(fd, piece, sizeof piece, &len))
		lk_buf_add(out, piece, len);
	if (fd >= 0)
		(void)close(fd);
}

static bool
file_write(const char *path, struct lk_str text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool is_written =
	    fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len && fsync(fd) == 0;

	return (fd < 0 || close(fd) == 0) && is_written;
}

/* Whole or not at all. */
static bool
known_keep(const struct daemon *daemon)
{
	char path[PATH_BYTES], half[PATH_BYTES];

	(void)snprintf(path, sizeof path, "%s.applications", daemon->conf->audit_file);
	(void)snprintf(half, sizeof half, "%s.applications.new", daemon->conf->audit_file);
	return file_write(half, lk_buf_str(&daemon->applications)) && rename(half, path) == 0;
}

static enum lk_err
compare(struct daemon *daemon, struct lk_arena *arena, struct telling *telling)
{
	struct policy_known_ask ask = {.before = lk_buf_str(&daemon->applications),
				       .now = daemon->setting->policy,
				       .arena = arena,
				       .tell = difference_tell,
				       .context = telling};
	enum lk_err err = policy_known_compare(&ask);

	if (err != LK_E_FORMAT)
		return err;
	lk_log(&daemon->log, LK_LOG_WARNING, "applications", LK_STR(""),
	       "%s.applications cannot be read: all of them are told of anew",
	       daemon->conf->audit_file);
	ask.before = LK_STR("");
	return policy_known_compare(&ask);
}

/* False: something is still owed. */
static bool
tell(struct daemon *daemon, struct lk_arena *arena)
{
	struct telling telling = {daemon, true, 0};

	if (compare(daemon, arena, &telling) != LK_OK || !telling.is_told)
		return false;
	if (telling.count == 0)
		return !daemon->owes_applications || known_keep(daemon);
	lk_buf_clear(&daemon->applications);
	policy_known_write(daemon->setting->policy, &daemon->applications);
	return lk_buf_is_ok(&daemon->applications) && known_keep(daemon);
}

void
daemon_applications_tell(struct daemon *daemon)
{
	struct lk_arena *arena = lk_arena_new(65536, ARENA_MAX_BYTES);
	bool was_owed = daemon->owes_applications;

	daemon->owes_applications = arena == NULL || !tell(daemon, arena);
	if (daemon->owes_applications && !was_owed)
		lk_log(&daemon->log, LK_LOG_ERROR, "applications", LK_STR(""),
		       "which applications changed could not be written down yet, in or beside the "
		       "audit log");
	lk_arena_free(arena);
}

void
daemon_applications_begin(struct daemon *daemon)
{
	char path[PATH_BYTES];

	lk_buf_init(&daemon->applications, POLICY_KNOWN_MAX_BYTES);
	(void)snprintf(path, sizeof path, "%s.applications", daemon->conf->audit_file);
	file_read(path, &daemon->applications);
	daemon_applications_tell(daemon);
}
