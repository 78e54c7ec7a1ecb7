/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * libhaltblk: devices, made and configured through configfs. This needs no
 * session.
 */
#ifndef LIBHALTBLK_DEVICE_H
#define LIBHALTBLK_DEVICE_H

#include <libhaltblk/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * libhaltblk_device_name() - the name of a device
 * @h: handle
 * @device: NAME, /dev/NAME, or a path that leads to the node of the disk
 * @name: out: the name, without /dev/
 *
 * A path, such as a link in /dev/disk/by-id, is followed to its node, and the
 * number of the node gives the disk. NAME and /dev/NAME need not exist, because
 * a device without power has no node.
 *
 * Every call that takes a @device does the same. Call this one if you need the
 * name itself, or if a link may disappear while you work.
 *
 * Partitions are refused, because rules and lists count sectors from the start
 * of the disk. The reason names the disk and the first sector of the
 * partition.
 *
 * The driver is not asked, so any disk will do.
 *
 * Return: 0, or a negative errno.
 *
 * Errors:
 * -ENODEV: @device leads to nothing, or to a partition.
 * -ENOTBLK: @device leads to something that is not a block device.
 *
 * See also: libhaltblk_attach(), libhaltblk_new_name()
 */
LIBHALTBLK_API int libhaltblk_device_name(struct libhaltblk *h,
					  const char *device,
					  char name[HALTBLK_NAME_LEN]);

/**
 * libhaltblk_new_name() - check the name of a new device
 * @h: handle
 * @device: NAME or /dev/NAME
 * @name: out: the name, without /dev/
 *
 * A name has 1 to 31 printable ASCII characters, without blanks, '/' and '!'
 * (which the kernel would turn into a directory in /dev). The names . and ..
 * are refused. The driver is not asked.
 *
 * Return: 0, or a negative errno.
 *
 * Errors:
 * -EINVAL: No device can have this name.
 *
 * See also: libhaltblk_create(), libhaltblk_device_name()
 */
LIBHALTBLK_API int libhaltblk_new_name(struct libhaltblk *h,
				       const char *device,
				       char name[HALTBLK_NAME_LEN]);

/**
 * libhaltblk_create() - make a device
 * @h: handle
 * @device: NAME or /dev/NAME; see libhaltblk_new_name()
 * @options: KEY=VALUE words; haltblk(1) lists the options
 * @nr: how many
 *
 * Makes a haltblk device, sets the options in this order, and powers the device
 * on, unless power=0 is among them. If anything fails, the device is removed
 * again, and the reason quotes what the driver logged about the option that it
 * refused.
 *
 * configfs is mounted if necessary. When the call returns, /dev/NAME may not be
 * there yet: see libhaltblk_wait_node().
 *
 * Return: 0, or a negative errno.
 *
 * Errors (root):
 * -EEXIST: A haltblk device or another disk has this name.
 * -ENOPROTOOPT: The driver has no such option. The reason lists those it has.
 * -EINVAL: No device can have this name, a word is not KEY=VALUE, or the driver
 *   refuses a value or a combination of values.
 * -ENOMEM: Not enough memory to power the device on.
 *
 * Example:
 *
 *	const char *const options[] = { "size=64", "memory_backed=1" };
 *	int r;
 *
 *	r = libhaltblk_create(h, "hb0", options, 2);
 *	if (!r)
 *		r = libhaltblk_wait_node(h, "hb0", 10000000000);
 *	if (r < 0)
 *		fprintf(stderr, "%s\n", libhaltblk_why(h));
 *
 * See also: haltblk(1), libhaltblk_destroy(), libhaltblk_new_name(),
 * libhaltblk_power(), libhaltblk_set(), libhaltblk_wait_node()
 */
LIBHALTBLK_API int libhaltblk_create(struct libhaltblk *h, const char *device,
				     const char *const *options, size_t nr);

/**
 * libhaltblk_clone() - make a device with the data of another one
 * @h: handle; it need not have a session
 * @device: the other device, powered or not
 * @clone: NAME or /dev/NAME of the new one; see libhaltblk_new_name()
 * @options: KEY=VALUE words, as for libhaltblk_create()
 * @nr: how many
 *
 * Makes a device with the options of @device and the data that @device has at
 * one instant inside the call, sets @options in this order, and powers the
 * device on, unless power=0 is among them. If anything fails, the new device is
 * removed again. size, blocksize and discard_reads cannot be changed. Rules, bad
 * blocks and injected faults are not taken over.
 *
 * The data is what reads of @device see. With a volatile cache it includes what
 * has not been flushed, and the clone has all of it on its media. A request in
 * flight is in the clone or not, a page at a time; an atomic write is in it as a
 * whole or not. If one write began after another had ended, the clone does not
 * have the second without the first.
 *
 * The two devices share memory until one of them writes. They are equals: each
 * can be written, cloned and destroyed. A clone costs no time for what is not
 * stored, and little for what is. Meanwhile writes to @device wait. Requests
 * that a rule holds are neither released nor waited for.
 *
 * When the call returns, the node of the new device may not be there yet: see
 * libhaltblk_wait_node().
 *
 * Return: 0, or a negative errno.
 *
 * Errors (root):
 * -ENODEV: There is no haltblk device @device.
 * -EEXIST: A haltblk device or another disk has the name @clone.
 * -ENOPROTOOPT: The driver has no such option. The reason lists those it has.
 * -EINVAL: @device has zoned=1, pi_type, memory_backed=0 or blocks larger than
 *   a page; no device can have the name @clone; a word is not KEY=VALUE, or
 *   names an option that cannot be changed; or the driver refuses a value or a
 *   combination of values.
 * -ENOMEM: Not enough memory.
 *
 * See also: haltblk(1), libhaltblk_create(), libhaltblk_destroy(),
 * libhaltblk_stats(), libhaltblk_wait_node()
 */
LIBHALTBLK_API int libhaltblk_clone(struct libhaltblk *h, const char *device,
				    const char *clone,
				    const char *const *options, size_t nr);

/**
 * libhaltblk_clone_keep() - make a device with what a power cut would leave
 * @h: handle; it need not have a session
 * @device: the other device, powered or not
 * @clone: NAME or /dev/NAME of the new one; see libhaltblk_new_name()
 * @keep: what remains of the writes that a power cut could lose, as for
 *   libhaltblk_crash(), or HALTBLK_KEEP_LIVE; NULL for that
 * @options: KEY=VALUE words, as for libhaltblk_create()
 * @nr: how many
 *
 * Does what libhaltblk_clone() does, but the new device has the data that a
 * power cut at one instant inside the call would have left on @device.
 *
 * Return: 0, or a negative errno.
 *
 * Errors (root):
 * -ENODEV: There is no haltblk device @device.
 * -EEXIST: A haltblk device or another disk has the name @clone.
 * -ENOPROTOOPT: The driver has no such option. The reason lists those it has.
 * -EINVAL: As for libhaltblk_clone(), or @keep is not legal.
 * -ENOMEM: Not enough memory.
 * -EOPNOTSUPP: @keep needs a record of @device, and none is under way.
 *
 * See also: libhaltblk_clone(), libhaltblk_crash(), libhaltblk_pending()
 */
LIBHALTBLK_API int libhaltblk_clone_keep(struct libhaltblk *h,
					 const char *device, const char *clone,
					 const struct haltblk_keep *keep,
					 const char *const *options, size_t nr);

/**
 * libhaltblk_crash() - cut the power of devices at one instant
 * @h: handle; it need not have a session
 * @devices: NAME or /dev/NAME of each
 * @keep: for each, what remains of the writes that a power cut can lose; NULL
 *   for HALTBLK_KEEP_FLUSHED
 * @nr: how many, 1 to HALTBLK_MAX_CRASH
 *
 * What begins after the cut has no effect on any of the devices, and no request
 * ends with an error before all of them are dead. Requests in flight, held or
 * delayed end with an I/O error, whatever on_remove says, and so does data that
 * the kernel has not written yet. Then the devices are powered off. Rules are
 * removed.
 *
 * struct haltblk_keep says what remains in how: HALTBLK_KEEP_FLUSHED, what has
 * left the volatile cache; HALTBLK_KEEP_ALL, all that has taken effect. Its
 * other fields are 0 with these.
 *
 * libhaltblk_set() with power=1 powers a device on again.
 *
 * Return: 0, or a negative errno. If a device is refused, nothing was changed.
 *
 * Errors (root):
 * -ENODEV: There is no such haltblk device, or it is being removed.
 * -ENXIO: A device is without power.
 * -EBUSY: The power of a device is being switched.
 * -EINVAL: A device has zoned=1 or memory_backed=0, or is given twice.
 * -EOPNOTSUPP: @keep needs a record of the device, and none is under way.
 * -ENOMEM: Not enough memory.
 * -EINTR: Killed. After the cut, the power goes off all the same.
 *
 * See also: haltblk(1), libhaltblk_clone_keep(), libhaltblk_pending(),
 * libhaltblk_power(), libhaltblk_set()
 */
LIBHALTBLK_API int libhaltblk_crash(struct libhaltblk *h,
				    const char *const *devices,
				    const struct haltblk_keep *keep, size_t nr);

/**
 * libhaltblk_destroy() - power a device off and remove it
 * @h: handle
 * @device: name
 *
 * Removes the device with its data. First its rules are removed, and what is
 * held ends with an I/O error, or goes on with on_remove=resume. Therefore the
 * call does not wait for held requests. Then data that the kernel has not
 * written yet is written through the driver.
 *
 * Sessions that are attached to the device learn that it is gone.
 *
 * Return: 0, or a negative errno.
 *
 * Errors (configfs):
 *
 * See also: libhaltblk_create(), libhaltblk_power()
 */
LIBHALTBLK_API int libhaltblk_destroy(struct libhaltblk *h, const char *device);

/**
 * libhaltblk_set() - set one option of a device
 * @h: handle
 * @device: name
 * @option: KEY=VALUE; haltblk(1) lists the options
 *
 * Options that haltblk(1) does not mark as live need power=0 first. power=1 and
 * power=0 do what libhaltblk_power() does.
 *
 * If the driver refuses, the reason quotes what it logged: option, value and
 * range.
 *
 * Return: 0, or a negative errno; then the option is unchanged.
 *
 * Errors (configfs, memory):
 * -ENOPROTOOPT: The device has no such option. The reason lists those it has.
 * -EINVAL: @option is not KEY=VALUE, the option is read-only, or the driver
 *   refuses the value.
 * -EBUSY: The option cannot be changed while the device is powered.
 * -EEXIST: power=1: another disk has the name.
 *
 * See also: haltblk(1), libhaltblk_config(), libhaltblk_create(),
 * libhaltblk_has_option(), libhaltblk_power()
 */
LIBHALTBLK_API int libhaltblk_set(struct libhaltblk *h, const char *device,
				  const char *option);

/**
 * libhaltblk_has_option() - whether a device has an option
 * @h: handle
 * @device: name
 * @option: KEY, or KEY=VALUE, of which only KEY counts
 *
 * Checks for the option without reading or setting it.
 *
 * Return: 0 if the device has it, or a negative errno.
 *
 * Errors (configfs):
 * -ENOPROTOOPT: The device has no such option. The reason lists those it has.
 *
 * See also: libhaltblk_config(), libhaltblk_set()
 */
LIBHALTBLK_API int libhaltblk_has_option(struct libhaltblk *h,
					 const char *device,
					 const char *option);

/**
 * libhaltblk_power() - power a device on or off
 * @h: handle
 * @device: name
 * @on: 0: off; otherwise on
 *
 * Power on adds the disk; /dev/NAME may not be there yet when the call returns:
 * see libhaltblk_wait_node(). Power off removes the disk. Data survives that
 * with memory_backed=1. Nothing happens if the device is already on or off.
 *
 * Power off first removes the rules, and what is held ends with an I/O error,
 * or goes on with on_remove=resume.
 *
 * Return: 0, or a negative errno.
 *
 * Errors (configfs, memory):
 * -EINVAL: Options do not go together. The reason says which.
 * -EEXIST: Another disk has the name.
 *
 * See also: libhaltblk_create(), libhaltblk_set(), libhaltblk_wait_node()
 */
LIBHALTBLK_API int libhaltblk_power(struct libhaltblk *h, const char *device,
				    int on);

/**
 * libhaltblk_wait_node() - wait for the node of a device
 * @h: handle that powered the device on: what udev did earlier does not count
 * @device: name
 * @timeout_ns: how long; LIBHALTBLK_FOREVER
 *
 * Waits until /dev/NAME is a block device and udev, if it runs, has finished
 * with it.
 *
 * Return: 0; 1 if the node is there, but udev did not finish in time; or a
 * negative errno.
 *
 * Errors:
 * -ETIME: The node did not appear in time.
 * -ENODEV: @device cannot be the name of a haltblk device.
 *
 * Notes: Unlike udevadm settle, it does not wait until udev has finished with
 * other devices. One of those may be stuck behind a held request.
 *
 * See also: libhaltblk_create(), libhaltblk_power()
 */
LIBHALTBLK_API int libhaltblk_wait_node(struct libhaltblk *h,
					const char *device,
					uint64_t timeout_ns);

#ifdef __cplusplus
}
#endif

#endif /* LIBHALTBLK_DEVICE_H */
