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

static int open_device(struct libhaltblk *h, const char *device,
		       unsigned int flags)
{
	char path[HB_PATH_LEN];
	struct stat st;
	int fd;

	if (flags & ~LIBHALTBLK_SHARED)
		return hb_fail(h, -EINVAL, "unknown flags 0x%x", flags);
	fd = hb_blkdev_path(h, device, path, &st);
	if (fd)
		return fd;
	fd = hb_sys->open(path, O_RDWR |
			  (flags & LIBHALTBLK_SHARED ? 0 : O_EXCL));
	switch (fd) {
	case -EBUSY:
		return hb_fail(h, fd, "%s is in use (mounted, or opened exclusively); stop its user, or ask to share it (--force)",
			       path);
	case -EACCES:
	case -EPERM:
		return hb_fail(h, fd, "%s may not be written: %s; use sudo",
			       path, strerror(-fd));
	case -EROFS:
		return hb_fail(h, fd, "%s is read-only", path);
	}
	if (fd < 0)
		return hb_fail(h, fd, "cannot open %s: %s", path,
			       strerror(-fd));
	return fd;
}

/* Check a range, and put its end where the device's is if need be. */
static int check_range(struct libhaltblk *h, int fd, uint64_t offset,
		       uint64_t *length)
{
	uint64_t size = 0;
	int block = 0, r;

	r = hb_sys->ioctl(fd, BLKGETSIZE64, &size);
	if (r >= 0)
		r = hb_sys->ioctl(fd, BLKSSZGET, &block);
	if (r < 0)
		return hb_fail(h, r, "cannot tell size and block size: %s",
			       strerror(-r));
	if (block <= 0)
		return hb_fail(h, -EIO, "its logical block size is %d", block);
	if (offset >= size)
		return hb_fail(h, -EINVAL, "offset %llu is not inside the device, which has %llu bytes",
			       (unsigned long long)offset,
			       (unsigned long long)size);
	if (offset % (unsigned int)block)
		return hb_fail(h, -EINVAL, "offset %llu is not a multiple of the logical block size, %d bytes",
			       (unsigned long long)offset, block);
	if (*length == LIBHALTBLK_TO_END)
		*length = size - offset;
	if (!*length)
		return hb_fail(h, -EINVAL, "length 0: nothing to do; at least %d bytes",
			       block);
	if (*length % (unsigned int)block)
		return hb_fail(h, -EINVAL, "length %llu is not a multiple of the logical block size, %d bytes",
			       (unsigned long long)*length, block);
	if (*length > size - offset)
		return hb_fail(h, -EINVAL, "the range ends at %llu%s, past the end of the device at %llu bytes",
			       (unsigned long long)(offset + *length),
			       offset + *length < offset ? " plus 2^64" : "",
			       (unsigned long long)size);
	return 0;
}

static int range_ioctl(struct libhaltblk *h, const char *device,
		       uint64_t offset, uint64_t length, unsigned int flags,
		       unsigned long nr, const char *what)
{
	uint64_t range[2];
	int fd, r;

	hb_begin(h);
	fd = open_device(h, device, flags);
	if (fd < 0)
		return fd;
	r = check_range(h, fd, offset, &length);
	if (!r) {
		range[0] = offset;
		range[1] = length;
		r = hb_sys->ioctl(fd, nr, range);
		if (r == -EOPNOTSUPP)
			hb_fail(h, r, "the device does not support %s; see haltblk limits",
				what);
		else if (r < 0)
			hb_fail(h, r, "%s of %llu bytes at %llu: %s", what,
				(unsigned long long)length,
				(unsigned long long)offset, strerror(-r));
	}
	hb_sys->close(fd);
	return r < 0 ? r : 0;
}

int libhaltblk_discard(struct libhaltblk *h, const char *device,
		       uint64_t offset, uint64_t length, unsigned int flags)
{
	return range_ioctl(h, device, offset, length, flags, BLKDISCARD,
			   "discard");
}

int libhaltblk_zeroout(struct libhaltblk *h, const char *device,
		       uint64_t offset, uint64_t length, unsigned int flags)
{
	return range_ioctl(h, device, offset, length, flags, BLKZEROOUT,
			   "zero-out");
}

int libhaltblk_secdiscard(struct libhaltblk *h, const char *device,
			  uint64_t offset, uint64_t length, unsigned int flags)
{
	return range_ioctl(h, device, offset, length, flags, BLKSECDISCARD,
			   "secure discard");
}
