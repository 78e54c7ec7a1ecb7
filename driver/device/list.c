// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of devices, and of those on their way out: who has which name.
 *
 * Process context. One lock; only haltblk_list_wait_name() waits.
 */
#include <linux/device.h>

#include "device.h"

DEFINE_MUTEX(haltblk_devices_lock);
LIST_HEAD(haltblk_devices);

/* Devices that are being removed; haltblk_devices_lock. */
static LIST_HEAD(haltblk_list_going);
/* Woken when a removal begins and when it has ended. */
static DECLARE_WAIT_QUEUE_HEAD(haltblk_list_wait);

/* The class of all disks. It is not exported, so we take it from a disk. */
static typeof(((struct device *)NULL)->class) haltblk_list_class;

/**
 * haltblk_list_init - at module load, before any device
 */
int haltblk_list_init(void)
{
	const struct haltblk_limits lim = {
		.block_size = SECTOR_SIZE, .node = NUMA_NO_NODE, .bio = true,
	};
	struct gendisk *disk = haltblk_compat_alloc_disk(NULL, &lim, NULL);

	if (IS_ERR(disk))
		return PTR_ERR(disk);
	haltblk_list_class = disk_to_dev(disk)->class;
	put_disk(disk);
	return 0;
}

/**
 * haltblk_list_disk_exists - does any driver have a disk of this name?
 * @name: of the disk
 */
bool haltblk_list_disk_exists(const char *name)
{
	struct device *found;

	found = class_find_device_by_name(haltblk_list_class, name);
	put_device(found);
	return found;
}

static struct haltblk_device *haltblk_list_find_locked(const char *name)
{
	struct haltblk_device *dev;

	lockdep_assert_held(&haltblk_devices_lock);
	list_for_each_entry(dev, &haltblk_devices, node)
		if (!strcmp(dev->name, name))
			return dev;
	return NULL;
}

/**
 * haltblk_list_find - find a device by name
 * @name: name of its disk; the device need not be powered
 *
 * Return: a reference, or NULL.
 */
struct haltblk_device *haltblk_list_find(const char *name)
{
	struct haltblk_device *dev;

	mutex_lock(&haltblk_devices_lock);
	dev = haltblk_list_find_locked(name);
	if (dev)
		kref_get(&dev->ref);
	mutex_unlock(&haltblk_devices_lock);
	return dev;
}

/**
 * haltblk_list_add - list a device, unless its name is taken
 * @dev: device; the list takes its own reference
 *
 * Return: 0 or -EEXIST.
 */
int haltblk_list_add(struct haltblk_device *dev)
{
	int err = 0;

	mutex_lock(&haltblk_devices_lock);
	if (haltblk_list_find_locked(dev->name)) {
		err = -EEXIST;
	} else {
		kref_get(&dev->ref);
		list_add_tail(&dev->node, &haltblk_devices);
	}
	mutex_unlock(&haltblk_devices_lock);
	return err;
}

/**
 * haltblk_list_leave - free the name of a device that is being removed
 * @dev: device in the list
 */
void haltblk_list_leave(struct haltblk_device *dev)
{
	mutex_lock(&haltblk_devices_lock);
	list_move_tail(&dev->node, &haltblk_list_going);
	mutex_unlock(&haltblk_devices_lock);
	wake_up_all(&haltblk_list_wait);
}

/**
 * haltblk_list_gone - a device has been removed
 * @dev: device that left the list; the caller gets the list's reference
 */
void haltblk_list_gone(struct haltblk_device *dev)
{
	mutex_lock(&haltblk_devices_lock);
	list_del_init(&dev->node);
	mutex_unlock(&haltblk_devices_lock);
	complete_all(&dev->removed);
	wake_up_all(&haltblk_list_wait);
}

static struct haltblk_device *haltblk_list_find_going(const char *name)
{
	struct haltblk_device *dev;

	lockdep_assert_held(&haltblk_devices_lock);
	list_for_each_entry(dev, &haltblk_list_going, node)
		if (!strcmp(dev->name, name))
			return dev;
	return NULL;
}

/**
 * haltblk_list_pending - is a device of that name being removed?
 * @name: name of its disk, which may still exist
 */
bool haltblk_list_pending(const char *name)
{
	bool pending;

	mutex_lock(&haltblk_devices_lock);
	pending = haltblk_list_find_going(name);
	mutex_unlock(&haltblk_devices_lock);
	return pending;
}

/**
 * haltblk_list_wait_name - wait until no older device has this name
 * @dev: device about to be powered; it may be removed while this waits
 *
 * Return: 0, or -ENODEV if @dev is being removed.
 */
int haltblk_list_wait_name(struct haltblk_device *dev)
{
	struct haltblk_device *old;

	for (;;) {
		if (READ_ONCE(dev->gate.gone))
			return -ENODEV;
		mutex_lock(&haltblk_devices_lock);
		old = haltblk_list_find_going(dev->name);
		if (old)
			kref_get(&old->ref);
		mutex_unlock(&haltblk_devices_lock);
		if (!old)
			return 0;
		/* Stop when we are removed: a younger one may wait for us. */
		wait_event(haltblk_list_wait, READ_ONCE(dev->gate.gone) ||
			   completion_done(&old->removed));
		haltblk_device_put(old);
	}
}
