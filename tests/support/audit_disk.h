/* SPDX-License-Identifier: MIT */
/* A disk to play with, under an audit log: it counts, is slow, hangs or fills. */
#ifndef LK_TESTS_AUDIT_DISK_H
#define LK_TESTS_AUDIT_DISK_H

#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

#include "support/audit_help.h"

static atomic_int sync_count, sync_errno, write_most;
static sem_t sync_gate;

static int
sync_counted(int fd)
{
	atomic_fetch_add(&sync_count, 1);
	if (atomic_load(&sync_errno) != 0) {
		errno = atomic_load(&sync_errno);
		return -1;
	}
	return fdatasync(fd);
}

static int
sync_slow(int fd)
{
	const struct timespec disk = {0, 5000000};

	atomic_fetch_add(&sync_count, 1);
	nanosleep(&disk, NULL); /* this is how long the disk takes */
	return fdatasync(fd);
}

static int
sync_hanging(int fd)
{
	atomic_fetch_add(&sync_count, 1);
	while (sem_wait(&sync_gate) != 0)
		;
	return fdatasync(fd);
}

/* Takes write_most bytes in all, then says that the disk is full. */
static ssize_t
write_some(int fd, const void *from, size_t len)
{
	int most = atomic_load(&write_most);

	if (most == 0) {
		errno = ENOSPC;
		return -1;
	}
	if (len > (size_t)most)
		len = (size_t)most;
	atomic_fetch_sub(&write_most, (int)len);
	return write(fd, from, len);
}

static const struct audit_io counted = {write, sync_counted}, slow = {write, sync_slow},
			     hanging = {write, sync_hanging}, filling = {write_some, sync_counted};

#endif
