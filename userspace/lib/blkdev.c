/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Discard, zero-out and secure discard of any block device.
 *
 * The caller may wait in the kernel for as long as the request is held.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <linux/fs.h>

#include "blkdev.h"

/**
 * hb_blkdev_path() - path of a block device given as a name or a path
 * @h: handle for the reason
 * @device: as the caller gave it
 * @path: out
 * @st: out: what it is
 *
 * Return: 0, -ENODEV, -ENOTBLK, ...
 */
int hb_blkdev_path(struct libhaltblk *h, const char *device,
		   char path[HB_PATH_LEN], struct stat *st)
{
	int r;

	r = snprintf(path, HB_PATH_LEN, "%s%s",
		     strchr(device, '/') ? "" : "/dev/", device);
	if (!*device || r < 0 || r >= HB_PATH_LEN)
		return hb_fail(h, -ENODEV, "not the name of a block device");
	r = hb_sys->stat(path, st);
	if (r == -ENOENT || r == -ENOTDIR)
		return hb_fail(h, -ENODEV, "no such device: there is no %s",
			       path);
	if (r)
		return hb_fail(h, r, "%s: %s", path, strerror(-r));
	if (!S_ISBLK(st->st_mode))
		return hb_fail(h, -ENOTBLK, "%s is not a block device", path);
	return 0;
}

/** hb_sysfs_base() - a device's directory in sysfs, by its number */
void hb_sysfs_base(dev_t rdev, char base[HB_SYSFS_LEN])
{
	snprintf(base, HB_SYSFS_LEN, "/sys/dev/block/%u:%u", major(rdev),
		 minor(rdev));
}

static int open_failed(struct libhaltblk *h, const char *path, dev_t rdev,
		       bool shared, int err)
{
	char users[512];
	struct hb_text t;

	switch (err) {
	case -EBUSY:
		hb_text_start(&t, users, sizeof(users));
		hb_users(rdev, &t);
		/* Some kernels refuse even to share what is mounted. */
		return hb_fail(h, err, "%s is in use: %s; %s", path,
			       t.len ? users :
			       "mounted or opened exclusively; the kernel does not say by whom",
			       shared ?
			       "end that: on this kernel --force does not help unless it is booted with bdev_allow_write_mounted=1" :
			       "end that, or ask to share it (--force)");
	case -EACCES:
	case -EPERM:
		return hb_fail(h, err, "no permission to write %s: %s; use sudo",
			       path, strerror(-err));
	case -EROFS:
		return hb_fail(h, err, "%s is read-only", path);
	default:
		return hb_fail(h, err, "cannot open %s: %s", path,
			       strerror(-err));
	}
}

int libhaltblk_open_blkdev(struct libhaltblk *h, const char *device,
			   unsigned int flags)
{
	bool shared = flags & LIBHALTBLK_SHARED;
	char path[HB_PATH_LEN], names[256];
	struct hb_text t;
	struct stat st;
	int fd, r;

	hb_begin(h);
	if (flags & ~LIBHALTBLK_SHARED)
		return hb_fail(h, -EINVAL, "unknown flags 0x%x", flags);
	r = hb_blkdev_path(h, device, path, &st);
	if (r)
		return r;
	fd = hb_sys->open(path, O_RDWR | (shared ? 0 : O_EXCL));
	if (fd < 0)
		return open_failed(h, path, st.st_rdev, shared, fd);
	if (shared)
		return fd;
	hb_text_start(&t, names, sizeof(names));
	r = hb_partitions(st.st_rdev, &t);
	if (!r && !t.len)
		return fd;
	hb_sys->close(fd);
	if (r)
		return hb_fail(h, r, "cannot find out whether %s has partitions: %s; use --force to go on",
			       path, strerror(-r));
	return hb_fail(h, -EBUSY, "%s has partitions (%s); name one of them, remove them, or use --force",
		       path, names);
}

/* Check a range, and replace LIBHALTBLK_TO_END by its length. */
static int check_range(struct libhaltblk *h, int fd,
		       struct libhaltblk_range *range)
{
	uint64_t offset = range->offset, length, size = 0;
	int block = 0, r;

	r = hb_sys->ioctl(fd, BLKGETSIZE64, &size);
	if (r >= 0)
		r = hb_sys->ioctl(fd, BLKSSZGET, &block);
	if (r < 0)
		return hb_fail(h, r, "cannot get the size and block size: %s",
			       strerror(-r));
	if (block <= 0)
		return hb_fail(h, -EIO, "its logical block size is %d", block);
	if (range->length == LIBHALTBLK_TO_END && offset < size)
		range->length = size - offset;
	length = range->length;
	if (range->flags & LIBHALTBLK_UNCHECKED && length)
		return 0;
	if (offset >= size)
		return hb_fail(h, -EINVAL, "offset %llu is not inside the device, which has %llu bytes",
			       (unsigned long long)offset,
			       (unsigned long long)size);
	if (offset % (unsigned int)block)
		return hb_fail(h, -EINVAL, "offset %llu is not a multiple of the logical block size, %d bytes",
			       (unsigned long long)offset, block);
	if (!length)
		return hb_fail(h, -EINVAL, "length 0: nothing to do; give at least %d bytes",
			       block);
	if (length % (unsigned int)block)
		return hb_fail(h, -EINVAL, "length %llu is not a multiple of the logical block size, %d bytes",
			       (unsigned long long)length, block);
	if (length > size - offset)
		return hb_fail(h, -EINVAL, "the range ends at %llu%s, past the end of the device at %llu bytes",
			       (unsigned long long)(offset + length),
			       offset + length < offset ? " plus 2^64" : "",
			       (unsigned long long)size);
	if (range->step % (unsigned int)block)
		return hb_fail(h, -EINVAL, "step %llu is not a multiple of the logical block size, %d bytes",
			       (unsigned long long)range->step, block);
	return 0;
}

static const struct {
	unsigned long nr;
	const char *what;
} operations[] = {
	[LIBHALTBLK_DISCARD] = { BLKDISCARD, "discard" },
	[LIBHALTBLK_ZEROOUT] = { BLKZEROOUT, "zero-out" },
	[LIBHALTBLK_SECDISCARD] = { BLKSECDISCARD, "secure discard" },
};

static int range_ioctl(struct libhaltblk *h, int fd,
		       const struct libhaltblk_range *range, uint64_t length)
{
	uint64_t arg[2] = { range->offset + range->done, length };
	const char *what = operations[range->op].what;
	int r;

	r = hb_sys->ioctl(fd, operations[range->op].nr, arg);
	if (r == -EOPNOTSUPP)
		hb_fail(h, r, "the device does not support %s; see haltblk limits",
			what);
	else if (r < 0)
		hb_fail(h, r, "%s of %llu bytes at %llu: %s", what,
			(unsigned long long)length,
			(unsigned long long)arg[0], strerror(-r));
	return r < 0 ? r : 0;
}

static int range_steps(struct libhaltblk *h, int fd,
		       struct libhaltblk_range *range)
{
	uint64_t left, length;
	int r;

	do {
		left = range->length - range->done;
		length = range->step && range->step < left ? range->step : left;
		r = range_ioctl(h, fd, range, length);
		if (r)
			return r;
		range->done += length;
		if (range->progress)
			range->progress(range);
	} while (range->done < range->length);
	return 0;
}

int libhaltblk_range(struct libhaltblk *h, const char *device,
		     struct libhaltblk_range *range)
{
	unsigned int known = LIBHALTBLK_SHARED | LIBHALTBLK_UNCHECKED;
	int fd, r;

	hb_begin(h);
	range->done = 0;
	if (range->flags & ~known)
		return hb_fail(h, -EINVAL, "unknown flags 0x%x", range->flags);
	if ((unsigned int)range->op >= HB_ARRAY_SIZE(operations))
		return hb_fail(h, -EINVAL, "unknown operation %d",
			       (int)range->op);
	fd = libhaltblk_open_blkdev(h, device,
				    range->flags & LIBHALTBLK_SHARED);
	if (fd < 0)
		return fd;
	r = check_range(h, fd, range);
	if (!r)
		r = range_steps(h, fd, range);
	hb_sys->close(fd);
	return r;
}

static int one_range(struct libhaltblk *h, const char *device,
		     enum libhaltblk_range_op op, uint64_t offset,
		     uint64_t length, unsigned int flags)
{
	struct libhaltblk_range range = {
		.op = op,
		.offset = offset,
		.length = length,
		.flags = flags,
	};

	return libhaltblk_range(h, device, &range);
}

int libhaltblk_discard(struct libhaltblk *h, const char *device,
		       uint64_t offset, uint64_t length, unsigned int flags)
{
	return one_range(h, device, LIBHALTBLK_DISCARD, offset, length, flags);
}

int libhaltblk_zeroout(struct libhaltblk *h, const char *device,
		       uint64_t offset, uint64_t length, unsigned int flags)
{
	return one_range(h, device, LIBHALTBLK_ZEROOUT, offset, length, flags);
}

int libhaltblk_secdiscard(struct libhaltblk *h, const char *device,
			  uint64_t offset, uint64_t length, unsigned int flags)
{
	return one_range(h, device, LIBHALTBLK_SECDISCARD, offset, length,
			 flags);
}
