/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The devices that a scenario makes, and those that killed runs left.
 *
 * A run locks each device's directory in configfs for as long as it lives. The
 * whole machine has one configfs, so containers see each other's locks, and no
 * process number needs to be trusted. If a directory can be locked, its device
 * has no owner.
 *
 * Until a run has locked a device that it makes, it holds a shared lock on
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
 * hbc_run_own_make() - make a device of the scenario
 * @dev: device; the name of its disk and its lock are set
 * @argc: options
 * @argv: KEY=VALUE each
 *
 * Return: as libhaltblk_create().
 */
int hbc_run_own_make(struct hbc_run_device *dev, int argc, char **argv)
{
	int making = lock("", LOCK_SH), r;

	snprintf(dev->disk, sizeof(dev->disk), PREFIX "%d%s%s", getpid(),
		 *dev->name ? "_" : "", dev->name);
	r = libhaltblk_create(dev->h, dev->disk, (const char *const *)argv,
			      (size_t)argc);
	if (!r)
		dev->lock = lock(dev->disk, LOCK_EX);
	unlock(making);
	return r;
}

/* hbrun7, or hbrun7_a if the device has a name. */
static bool is_name_of_one(const char *name)
{
	size_t len = strlen(PREFIX), digits;

	if (strncmp(name, PREFIX, len))
		return false;
	digits = strspn(name + len, "0123456789");
	return digits && strchr("_", name[len + digits]);
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
