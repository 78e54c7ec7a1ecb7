/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * libhaltblk: discard, zero-out and limits of any block device. They need no
 * session.
 */
#ifndef LIBHALTBLK_BLKDEV_H
#define LIBHALTBLK_BLKDEV_H

#include <libhaltblk/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LIBHALTBLK_SHARED	(1U << 0)	/* even if the device is in use */
#define LIBHALTBLK_UNCHECKED	(1U << 1)	/* let the kernel check the range */
#define LIBHALTBLK_TO_END	UINT64_MAX	/* length: up to the end */

/** enum libhaltblk_range_op - what can be done to a range */
enum libhaltblk_range_op {
	LIBHALTBLK_DISCARD,	/* BLKDISCARD */
	LIBHALTBLK_ZEROOUT,	/* BLKZEROOUT */
	LIBHALTBLK_SECDISCARD,	/* BLKSECDISCARD */
};

/**
 * struct libhaltblk_range - a range, and what is done to it
 * @op: operation
 * @offset: first byte, a multiple of the logical block size
 * @length: bytes, likewise. LIBHALTBLK_TO_END is replaced by what is left of
 *	the device
 * @step: bytes of one ioctl, likewise; 0: all
 * @flags: LIBHALTBLK_SHARED, LIBHALTBLK_UNCHECKED. With the latter the kernel
 *	checks the range, unless it is empty; some kernels then drop the cache of
 *	the whole device
 * @progress: called after each step; or NULL
 * @ctx: for the caller
 * @done: out: bytes done
 */
struct libhaltblk_range {
	enum libhaltblk_range_op op;
	uint64_t offset;
	uint64_t length;
	uint64_t step;
	unsigned int flags;
	void (*progress)(const struct libhaltblk_range *range);
	void *ctx;
	uint64_t done;
};

/**
 * libhaltblk_range() - discard, zero or securely discard blocks, in steps
 * @h: handle
 * @device: name or path of a block device
 * @range: what to do
 *
 * Makes one ioctl for each step of the range. Data in the blocks is lost. The
 * fields of @range are:
 *
 * - op: LIBHALTBLK_DISCARD, LIBHALTBLK_ZEROOUT or LIBHALTBLK_SECDISCARD, for
 *   the ioctl BLKDISCARD, BLKZEROOUT or BLKSECDISCARD
 * - offset, length: the range in bytes, multiples of the logical block size.
 *   LIBHALTBLK_TO_END as length is replaced by what is left of the device.
 * - step: bytes of one ioctl, a multiple of the logical block size; 0: all
 * - flags: LIBHALTBLK_SHARED, as for libhaltblk_open_blkdev().
 *   LIBHALTBLK_UNCHECKED: the kernel checks the range, unless it is empty; some
 *   kernels then drop the cache of the whole device.
 * - progress, ctx: a function that is called after each step, or NULL; ctx is
 *   for the caller
 * - done: out: bytes done, also after an error
 *
 * The device stays open over all steps.
 *
 * Return: 0, or a negative errno.
 *
 * Errors (range):
 * -EINVAL: The range is empty, misaligned or past the end, the step is
 *   misaligned, or the operation or a flag is unknown. The reason has the
 *   figures.
 *
 * Notes: While a rule holds the request, the caller waits in the kernel, where
 * no signal reaches it. Release the request from another process.
 *
 * The errno that a request ended with, such as -EIO, is passed on.
 *
 * See also: libhaltblk_discard(), libhaltblk_limits(), haltblk-discard(7)
 */
LIBHALTBLK_API int libhaltblk_range(struct libhaltblk *h, const char *device,
				    struct libhaltblk_range *range);

/**
 * libhaltblk_open_blkdev() - open a block device to write to it
 * @h: handle
 * @device: name below /dev, or path
 * @flags: LIBHALTBLK_SHARED, or 0
 *
 * Opens the device for reading and writing. Without LIBHALTBLK_SHARED it is
 * opened exclusively, and a disk with partitions is refused.
 *
 * Return: A descriptor, which the caller closes, or a negative errno.
 *
 * Errors:
 * -ENODEV: There is no such device.
 * -ENOTBLK: It is not a block device.
 * -EBUSY: It is in use, or has partitions. The reason says who uses it: mounts,
 *   swap, devices built on it, processes that have it open. Some kernels refuse
 *   to open what is mounted even with LIBHALTBLK_SHARED.
 * -EACCES: The caller may not write to it.
 * -EPERM: The caller may not write to it.
 * -EROFS: It is read-only.
 * -EINVAL: A flag is unknown.
 *
 * See also: libhaltblk_range()
 */
LIBHALTBLK_API int libhaltblk_open_blkdev(struct libhaltblk *h,
					  const char *device,
					  unsigned int flags);

/**
 * libhaltblk_discard() - discard blocks (BLKDISCARD)
 * @h: handle
 * @device: name below /dev, or path
 * @offset: first byte, a multiple of the logical block size
 * @length: bytes, likewise; LIBHALTBLK_TO_END: up to the end of the device
 * @flags: LIBHALTBLK_SHARED, LIBHALTBLK_UNCHECKED, or 0; see libhaltblk_range()
 *
 * Makes the ioctl BLKDISCARD on any block device. Data in the blocks is lost.
 *
 * The device is opened as by libhaltblk_open_blkdev(): without
 * LIBHALTBLK_SHARED it must not be in use.
 *
 * Return: 0, or a negative errno.
 *
 * Errors (range):
 *
 * Notes: While a rule holds the request, the caller waits in the kernel, where
 * no signal reaches it. Release the request from another process.
 *
 * The errno that a request ended with, such as -EIO, is passed on.
 *
 * See also: libhaltblk_limits(), libhaltblk_parse_size(), libhaltblk_range(),
 * libhaltblk_secdiscard(), libhaltblk_zeroout(), blkdiscard(8)
 */
LIBHALTBLK_API int libhaltblk_discard(struct libhaltblk *h, const char *device,
				      uint64_t offset, uint64_t length,
				      unsigned int flags);

/**
 * libhaltblk_zeroout() - fill blocks with zeroes (BLKZEROOUT)
 * @h: handle
 * @device: name below /dev, or path
 * @offset: first byte, a multiple of the logical block size
 * @length: bytes, likewise; LIBHALTBLK_TO_END: up to the end of the device
 * @flags: LIBHALTBLK_SHARED, LIBHALTBLK_UNCHECKED, or 0; see libhaltblk_range()
 *
 * Makes the ioctl BLKZEROOUT on any block device. Data in the blocks is lost;
 * they read as zeroes afterwards.
 *
 * The device is opened as by libhaltblk_open_blkdev(): without
 * LIBHALTBLK_SHARED it must not be in use.
 *
 * Return: 0, or a negative errno.
 *
 * Errors (range):
 *
 * Notes: While a rule holds the request, the caller waits in the kernel, where
 * no signal reaches it. Release the request from another process.
 *
 * The errno that a request ended with, such as -EIO, is passed on.
 *
 * See also: libhaltblk_discard(), libhaltblk_range()
 */
LIBHALTBLK_API int libhaltblk_zeroout(struct libhaltblk *h, const char *device,
				      uint64_t offset, uint64_t length,
				      unsigned int flags);

/**
 * libhaltblk_secdiscard() - discard blocks and every copy of them (BLKSECDISCARD)
 * @h: handle
 * @device: name below /dev, or path
 * @offset: first byte, a multiple of the logical block size
 * @length: bytes, likewise; LIBHALTBLK_TO_END: up to the end of the device
 * @flags: LIBHALTBLK_SHARED, LIBHALTBLK_UNCHECKED, or 0; see libhaltblk_range()
 *
 * Makes the ioctl BLKSECDISCARD on any block device. The blocks and every copy
 * that the device has of them are erased.
 *
 * The device is opened as by libhaltblk_open_blkdev(): without
 * LIBHALTBLK_SHARED it must not be in use.
 *
 * Return: 0, or a negative errno.
 *
 * Errors (range):
 *
 * Notes: While a rule holds the request, the caller waits in the kernel, where
 * no signal reaches it. Release the request from another process.
 *
 * The errno that a request ended with, such as -EIO, is passed on.
 *
 * See also: libhaltblk_discard(), libhaltblk_range()
 */
LIBHALTBLK_API int libhaltblk_secdiscard(struct libhaltblk *h,
					 const char *device, uint64_t offset,
					 uint64_t length, unsigned int flags);

/**
 * struct libhaltblk_limit - one limit of a block device
 * @name: as the kernel calls it: a file in sysfs, an ioctl, an option of
 *	haltblk
 * @value: as the kernel gives it; NULL if it does not show it
 * @unit: "bytes", "sectors", "KiB" or ""
 * @source: "sysfs", "ioctl", "haltblk", or "" if it is not shown
 * @note: what the value means, or why there is none; may be ""
 */
struct libhaltblk_limit {
	const char *name;
	const char *value;
	const char *unit;
	const char *source;
	const char *note;
};

/**
 * libhaltblk_limits() - every limit of a block device
 * @h: handle
 * @device: name below /dev, or path; may be a partition
 * @limits: out: the list; NULL on an error
 *
 * Reads all limits on size, alignment, discard, zeroing, secure erase and zones
 * from sysfs and ioctls. For a haltblk device it also asks the driver, in a
 * session of its own, for what the kernel does not show. Free the list with
 * libhaltblk_limits_free(). libhaltblk_limit_at() returns its entries, whose
 * fields are strings:
 *
 * - name: as the kernel calls it: a file in sysfs, an ioctl, or an option of
 *   haltblk
 * - value: as the kernel gives it; NULL if it does not show it
 * - unit: bytes, sectors (of 512 bytes), KiB, or the empty string
 * - source: sysfs, ioctl, haltblk, or the empty string if it is not shown
 * - note: what the value means, or why there is none; may be the empty string
 *
 * Return: The number of limits, or a negative errno.
 *
 * Errors (memory):
 * -ENODEV: There is no such device, or no driver is behind it.
 * -ENOTBLK: It is not a block device.
 *
 * Example:
 *
 *	const struct libhaltblk_limit *l;
 *	struct libhaltblk_limits *limits;
 *	size_t i;
 *
 *	if (libhaltblk_limits(h, "hb0", &limits) < 0)
 *		return 1;
 *	for (i = 0; (l = libhaltblk_limit_at(limits, i)); i++)
 *		printf("%s %s\n", l->name, l->value ? l->value : "-");
 *	libhaltblk_limits_free(limits);
 *
 * See also: haltblk(1), libhaltblk_discard(), libhaltblk_limit_at(),
 * libhaltblk_limits_free()
 */
LIBHALTBLK_API int libhaltblk_limits(struct libhaltblk *h, const char *device,
				     struct libhaltblk_limits **limits);

/**
 * libhaltblk_limit_at() - an entry of the list of libhaltblk_limits()
 * @limits: list or NULL
 * @i: number of the entry, from 0
 *
 * libhaltblk_limits() describes the fields.
 *
 * Return: The entry, which is valid until the list is freed. NULL past the end,
 * and if @limits is NULL.
 *
 * See also: libhaltblk_limits(), libhaltblk_limits_free()
 */
LIBHALTBLK_API const struct libhaltblk_limit *
libhaltblk_limit_at(const struct libhaltblk_limits *limits, size_t i);

/**
 * libhaltblk_limits_free() - free the list of libhaltblk_limits()
 * @limits: list or NULL
 *
 * Frees the list and its entries.
 *
 * See also: libhaltblk_limits()
 */
LIBHALTBLK_API void libhaltblk_limits_free(struct libhaltblk_limits *limits);

#ifdef __cplusplus
}
#endif

#endif /* LIBHALTBLK_BLKDEV_H */
