/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * libhaltblk: types, conventions, and the errors that many calls share.
 *
 * - A call returns 0 or a positive number, or a negative errno. After a
 *   failure, libhaltblk_why() returns a sentence: what was refused, why, and
 *   what to do instead.
 * - A device is given as "hb0" or "/dev/hb0", or as any path that leads to its
 *   node. Partitions are refused.
 * - Sectors are 512 bytes. Lengths are in bytes and times in nanoseconds,
 *   unless the name says otherwise.
 * - One thread at a time may use a handle. Different handles are independent.
 * - Structures of haltblk.h only grow at their end, so a program keeps working
 *   with a newer driver. Read lists through their accessors: the entries may be
 *   longer than the program knows.
 * - A process cannot close its session while one of its threads waits in the
 *   kernel for a held request. Do the I/O in another process, or let the device
 *   own the rule.
 *
 * man/mkman makes a page of section 3 from each function's comment: what it
 * does, then, where they apply, "Return:", "Errors:", "Notes:", "Example:" and
 * "See also:", in this order. "Errors (attached):" includes the errors of that
 * name in this list:
 *
 * Errors of every call that needs root (root):
 * -ENXIO: The driver is not loaded.
 * -EACCES: The caller is not root.
 * -EPERM: The caller may not write there.
 *
 * Errors of calls on a device through configfs (configfs):
 * -ENXIO: The driver is not loaded.
 * -EACCES: The caller is not root.
 * -EPERM: The caller may not write there. Or the device was made when the
 *   module was loaded: module parameters configure it, and only unloading
 *   removes it.
 * -ENODEV: No haltblk device has this name, or @device cannot be a name.
 *
 * Errors of calls that need a session (session):
 * -EBADF: No session is open on @h: call libhaltblk_open() first.
 * -ENOTTY: The loaded driver is older than this library and does not know the
 *   call.
 *
 * Errors of calls that need a session with a device (attached):
 * -EBADF: No session is open on @h: call libhaltblk_open() first.
 * -ENODEV: The session is not attached to a device: call libhaltblk_attach()
 *   first. Or the device was removed.
 * -ENOTTY: The loaded driver is older than this library and does not know the
 *   call.
 *
 * Errors of calls that fetch a list (list):
 * -ENOMEM: Out of memory.
 * -EOVERFLOW: The driver lists more than 4194304 entries.
 *
 * Errors of calls that fill in a structure of a given size (sized):
 * -EINVAL: @size is smaller than the first version of the structure.
 * -E2BIG: @size is larger than a page of memory.
 *
 * Errors of the discard family (range):
 * -ENODEV: There is no such device.
 * -ENOTBLK: It is not a block device.
 * -EBUSY: It is in use, or has partitions. The reason says who uses it.
 * -EACCES: The caller may not write to it.
 * -EPERM: The caller may not write to it.
 * -EROFS: It is read-only.
 * -EINVAL: The range is empty, misaligned or past the end, or a flag is
 *   unknown. The reason has the figures.
 * -EOPNOTSUPP: The device does not support it.
 *
 * Errors of calls that take memory (memory):
 * -ENOMEM: Out of memory.
 */
#ifndef LIBHALTBLK_BASE_H
#define LIBHALTBLK_BASE_H

#include <stddef.h>
#include <stdint.h>

#include <haltblk.h>

#define LIBHALTBLK_API __attribute__((visibility("default")))

#define LIBHALTBLK_FOREVER UINT64_MAX	/* a timeout that never ends */

struct libhaltblk;		/* a handle, with or without a session */
struct libhaltblk_rule;		/* a rule that is being built */
struct libhaltblk_table;	/* a fetched list */
struct libhaltblk_limits;	/* the limits of a block device */

#endif /* LIBHALTBLK_BASE_H */
