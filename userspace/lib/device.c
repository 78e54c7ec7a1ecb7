/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Turns what a user calls a device, NAME, /dev/NAME or any path that leads to
 * the node of the disk, into the driver's name for it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "blkdev.h"

#define SYSFS_PATH_LEN	(HB_SYSFS_LEN + 32)

/* A name without /dev/ before it, if @device has that form. */
static const char *base_name(const char *device)
{
	return strncmp(device, "/dev/", 5) ? device : device + 5;
}

static int copy_name(struct libhaltblk *h, const char *base,
		     char name[HALTBLK_NAME_LEN])
{
	size_t len = strlen(base);

	if (len >= HALTBLK_NAME_LEN)
		return hb_fail(h, -ENODEV, "the name has %zu bytes; a haltblk device's name has at most %d",
			       len, HALTBLK_NAME_LEN - 1);
	memset(name, 0, HALTBLK_NAME_LEN);
	memcpy(name, base, len);
	return 0;
}

/**
 * hb_disk_name() - the kernel's name of a disk
 * @disk: its directory in sysfs
 * @name: out
 *
 * Return: 0, or -ENOENT if the kernel does not say, or if the name is longer
 * than that of any of our devices.
 */
int hb_disk_name(const char *disk, char name[HALTBLK_NAME_LEN])
{
	char path[SYSFS_PATH_LEN], text[1024], *p, *slash;
	size_t len;

	snprintf(path, sizeof(path), "%s/uevent", disk);
	if (hb_read_file(path, text, sizeof(text)) < 0)
		return -ENOENT;
	p = strstr(text, "DEVNAME=");
	if (!p)
		return -ENOENT;
	p += strlen("DEVNAME=");
	len = strcspn(p, "\n");
	if (len >= HALTBLK_NAME_LEN)
		return -ENOENT;
	memset(name, 0, HALTBLK_NAME_LEN);
	memcpy(name, p, len);
	/* It is the node's path, which has a '/' for each '!' in the name. */
	while ((slash = strchr(name, '/')))
		*slash = '!';
	return 0;
}

static uint64_t read_number(const char *base, const char *file)
{
	char path[SYSFS_PATH_LEN], text[32];
	const char *end;
	uint64_t n = 0;

	snprintf(path, sizeof(path), "%s/%s", base, file);
	if (hb_read_file(path, text, sizeof(text)) >= 0)
		hb_parse_number(text, &end, &n);
	return n;
}

/*
 * The disk behind a number; -ENODEV with a reason if it is a partition's,
 * -ENOENT without one if sysfs does not know it.
 */
static int name_by_number(struct libhaltblk *h, dev_t rdev,
			  char name[HALTBLK_NAME_LEN])
{
	char base[HB_SYSFS_LEN], path[SYSFS_PATH_LEN];
	struct stat st;

	hb_sysfs_base(rdev, base);
	snprintf(path, sizeof(path), "%s/partition", base);
	if (hb_sys->stat(path, &st))
		return hb_disk_name(base, name);
	snprintf(path, sizeof(path), "%s/..", base);
	if (hb_disk_name(path, name))
		return -ENOENT;
	return hb_fail(h, -ENODEV, "it is a partition of %s, with %llu sectors from sector %llu on; use %s, and count sectors from the start of the disk",
		       name, (unsigned long long)read_number(base, "size"),
		       (unsigned long long)read_number(base, "start"), name);
}

/**
 * hb_device_name() - the name of a device that may exist
 * @h: handle for the reason
 * @device: NAME, /dev/NAME, or a path that leads to its node
 * @name: out: terminated and padded with zeroes
 *
 * A device without power has no node, so NAME and /dev/NAME need none.
 *
 * Return: 0, -ENODEV for what cannot be one of ours, -ENOTBLK, ...
 */
int hb_device_name(struct libhaltblk *h, const char *device,
		   char name[HALTBLK_NAME_LEN])
{
	const char *base = base_name(device);
	bool plain = !strchr(base, '/');
	struct stat st;
	int r = -ENOENT;

	if (!*base || !strcmp(base, ".") || !strcmp(base, ".."))
		return hb_fail(h, -ENODEV, "'%s' is not the name of a haltblk device; use NAME or /dev/NAME",
			       device);
	if (base != device || !plain)
		r = hb_sys->stat(device, &st);
	if (!r && S_ISBLK(st.st_mode)) {
		r = name_by_number(h, st.st_rdev, name);
		if (r != -ENOENT)
			return r;
	}
	if (plain)
		return copy_name(h, base, name);
	if (!r)
		return hb_fail(h, -ENOTBLK, "%s is not a block device", device);
	if (r == -ENOENT || r == -ENOTDIR)
		return hb_fail(h, -ENODEV, "no such device: there is no %s",
			       device);
	return hb_fail(h, r, "%s: %s", device, strerror(-r));
}

/**
 * hb_no_such_device() - say why there is no device of a name
 * @h: handle
 * @device: what hb_device_name() was given
 * @name: what it made of that
 * @why: what the kernel said, or ""
 *
 * Return: -ENODEV.
 */
int hb_no_such_device(struct libhaltblk *h, const char *device,
		      const char *name, const char *why)
{
	char path[HALTBLK_NAME_LEN + 8], disk[HALTBLK_NAME_LEN];
	struct stat st;

	snprintf(path, sizeof(path), "/dev/%s", name);
	if (!hb_sys->stat(path, &st) && S_ISBLK(st.st_mode) &&
	    name_by_number(h, st.st_rdev, disk) == -ENODEV)
		return -ENODEV;		/* the name of a partition */
	if (*why)
		return hb_fail(h, -ENODEV, "%s", why);
	if (strcmp(base_name(device), name))
		return hb_fail(h, -ENODEV, "it is the disk %s, which is not a haltblk device; see haltblk list",
			       name);
	return hb_fail(h, -ENODEV, "no such haltblk device; see haltblk list");
}

/* The first character that no name can have; NULL if there is none. */
static const char *bad_character(const char *base)
{
	for (; *base; base++)
		if (*base <= ' ' || *base > '~' || *base == '/' || *base == '!')
			return base;
	return NULL;
}

int libhaltblk_new_name(struct libhaltblk *h, const char *device,
			char name[HALTBLK_NAME_LEN])
{
	const char *base = base_name(device), *bad = bad_character(base);
	const char *use = "use printable characters without blanks, '/' and '!'";
	int r;

	hb_begin(h);
	if (!*base)
		return hb_fail(h, -EINVAL, "the name is empty; it takes 1 to %d characters",
			       HALTBLK_NAME_LEN - 1);
	if (!strcmp(base, ".") || !strcmp(base, ".."))
		return hb_fail(h, -EINVAL, "'%s' is a directory; choose another name",
			       base);
	if (bad && *bad == '!')
		return hb_fail(h, -EINVAL, "character %zu of the name is '!', which the kernel turns into a directory in /dev; %s",
			       bad - base + 1, use);
	if (bad && *bad > ' ' && *bad <= '~')
		return hb_fail(h, -EINVAL, "character %zu of the name is '%c'; %s",
			       bad - base + 1, *bad, use);
	if (bad)
		return hb_fail(h, -EINVAL, "character %zu of the name is 0x%02x; %s",
			       bad - base + 1, (unsigned char)*bad, use);
	r = copy_name(h, base, name);
	return r ? -EINVAL : 0;
}

int libhaltblk_device_name(struct libhaltblk *h, const char *device,
			   char name[HALTBLK_NAME_LEN])
{
	hb_begin(h);
	return hb_device_name(h, device, name);
}
