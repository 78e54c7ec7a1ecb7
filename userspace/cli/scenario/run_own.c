/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The device that a scenario makes, and the devices that killed runs left.
 *
 * A run locks its device's directory in configfs for as long as it lives. The
 * whole machine has one configfs, so containers see each other's locks, and no
 * process number needs to be trusted. If a directory can be locked, its device
 * has no owner.
 *
 * Until a run has locked the device that it makes, it holds a shared lock on
 * the directory of all devices. A run that looks for abandoned devices takes
 * that lock exclusively, and gives up if it is not free.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "run.h"

#define DEVICES	"/sys/kernel/config/haltblk"
#define PREFIX	"hbrun"

/* A descriptor that holds the lock, or a negative errno. */
static int lock(const char *name, int how)
{
	char path[sizeof(DEVICES) + HALTBLK_NAME_LEN + 1];
	int fd, r;

	snprintf(path, sizeof(path), DEVICES "/%s", name);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!flock(fd, how))
		return fd;
	r = -errno;
	close(fd);
	return r;
}

static void unlock(int fd)
{
	if (fd >= 0)
		close(fd);
}

/**
 * hbc_run_own_make() - make the scenario's device
 * @run: scenario; its device's name and lock are set
 * @argc: options
 * @argv: KEY=VALUE each
 *
 * Return: as libhaltblk_create().
 */
int hbc_run_own_make(struct hbc_run *run, int argc, char **argv)
{
	int making = lock("", LOCK_SH), r;

	snprintf(run->device, sizeof(run->device), PREFIX "%d", getpid());
	r = libhaltblk_create(run->h, run->device, (const char *const *)argv,
			      (size_t)argc);
	if (!r)
		run->lock = lock(run->device, LOCK_EX);
	unlock(making);
	return r;
}

static bool is_name_of_one(const char *name)
{
	size_t len = strlen(PREFIX);

	return !strncmp(name, PREFIX, len) && name[len] &&
	       !name[len + strspn(name + len, "0123456789")];
}

static void remove_one(struct libhaltblk *h, const char *name)
{
	int making = lock("", LOCK_EX | LOCK_NB), own, r;

	own = making < 0 ? making : lock(name, LOCK_EX | LOCK_NB);
	unlock(making);
	if (own < 0)
		return;
	r = libhaltblk_destroy(h, name);
	unlock(own);
	if (r)
		hbc_fail(h, name, "run: left by a run that was killed, and cannot be removed",
			 r);
	else
		hbc_error(name, "run: removed; a run that was killed had left it");
}

/** hbc_run_own_clean() - remove the devices of runs that were killed */
void hbc_run_own_clean(void)
{
	const struct haltblk_list_entry *e;
	struct libhaltblk_table *table = NULL;
	struct libhaltblk *h;
	size_t i;

	if (hbc_handle(&h) != HBC_GO_ON)
		return;
	/* Errors of the driver are reported later, when it is needed. */
	if (!libhaltblk_open(h) && libhaltblk_list(h, &table) >= 0)
		for (i = 0; (e = libhaltblk_list_at(table, i)); i++)
			if (is_name_of_one(e->name))
				remove_one(h, e->name);
	libhaltblk_table_free(table);
	libhaltblk_free(h);
}
