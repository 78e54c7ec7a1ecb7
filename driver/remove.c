// SPDX-License-Identifier: GPL-2.0-only
/*
 * Removal of a device: rmdir and unload.
 *
 * configfs calls drop_item with a mutex and two inodes locked that every mkdir
 * and rmdir need, so what it does waits for nothing: it takes the name off the
 * list and leaves the rest to a worker. The name may be used again at once; a
 * new device of that name powers on when the old disk has gone.
 *
 * rmdir still returns only when the disk has gone, because scripts rely on it:
 * the process that called it waits on its way back to user space, when it holds
 * no lock any more. What brings it there is a file without a name that
 * drop_item closes: the kernel calls release() of a closed file at that point,
 * and keeps the module loaded until release() has returned.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/sched/mm.h>

#include "haltblk.h"

/* Devices on their way out; haltblk_devices_lock. */
static LIST_HEAD(haltblk_remove_list);
/* Woken when one has gone, and when a device begins to go. */
static DECLARE_WAIT_QUEUE_HEAD(haltblk_remove_wq);

static void haltblk_remove_work(struct work_struct *work)
{
	struct haltblk_device *dev = container_of(work, struct haltblk_device,
						  remove_work);

	/* First of all: the job under way can be waiting for a held request. */
	haltblk_gate_shut(&dev->gate, true, !READ_ONCE(dev->cfg.on_remove));
	haltblk_job_exit(dev);
	haltblk_power_off(dev);

	mutex_lock(&haltblk_devices_lock);
	list_del_init(&dev->node);
	mutex_unlock(&haltblk_devices_lock);
	complete_all(&dev->removed);
	wake_up_all(&haltblk_remove_wq);
	haltblk_device_put(dev);
}

/**
 * haltblk_remove_init - before a device is listed
 * @dev: device, zeroed
 */
void haltblk_remove_init(struct haltblk_device *dev)
{
	INIT_WORK(&dev->remove_work, haltblk_remove_work);
	init_completion(&dev->removed);
}

/**
 * haltblk_remove_start - forget a device's name and begin to remove it
 * @dev: listed; the list's reference goes when it has been removed
 *
 * Waits for nothing.
 */
void haltblk_remove_start(struct haltblk_device *dev)
{
	haltblk_gate_refuse(&dev->gate, true);
	mutex_lock(&haltblk_devices_lock);
	list_move_tail(&dev->node, &haltblk_remove_list);
	mutex_unlock(&haltblk_devices_lock);
	wake_up_all(&haltblk_remove_wq);
	queue_work(haltblk_slow_wq, &dev->remove_work);
}

static int haltblk_remove_release(struct inode *inode, struct file *file)
{
	struct haltblk_device *dev = file->private_data;

	/* Not where files are closed for somebody else, nor in a dying process. */
	if (!(current->flags & (PF_KTHREAD | PF_IO_WORKER | PF_EXITING)))
		wait_for_completion_killable(&dev->removed);
	haltblk_device_put(dev);
	return 0;
}

static const struct file_operations haltblk_remove_fops = {
	.owner		= THIS_MODULE,
	.release	= haltblk_remove_release,
};

/**
 * haltblk_remove_wait_later - have the running system call end when it is done
 * @dev: device that is being removed
 *
 * The call waits, killably, after it has dropped all its locks. If there is no
 * memory for that it does not wait.
 */
void haltblk_remove_wait_later(struct haltblk_device *dev)
{
	unsigned int noio = memalloc_noio_save();
	struct file *file;

	kref_get(&dev->ref);
	file = anon_inode_getfile("[haltblk-remove]", &haltblk_remove_fops,
				  dev, O_RDONLY);
	memalloc_noio_restore(noio);
	if (IS_ERR(file))
		haltblk_device_put(dev);
	else
		fput(file);
}

static struct haltblk_device *haltblk_remove_find_locked(const char *name)
{
	struct haltblk_device *dev;

	lockdep_assert_held(&haltblk_devices_lock);
	list_for_each_entry(dev, &haltblk_remove_list, node)
		if (!strcmp(dev->name, name))
			return dev;
	return NULL;
}

/**
 * haltblk_remove_pending - is a device of that name on its way out?
 * @name: of its disk, which may still be there
 */
bool haltblk_remove_pending(const char *name)
{
	bool pending;

	mutex_lock(&haltblk_devices_lock);
	pending = haltblk_remove_find_locked(name);
	mutex_unlock(&haltblk_devices_lock);
	return pending;
}

/**
 * haltblk_remove_wait_name - wait until no older device has one's name
 * @dev: device, about to be powered; while this waits it may be removed, too
 *
 * Return: 0, or -ENODEV if @dev is being removed.
 */
int haltblk_remove_wait_name(struct haltblk_device *dev)
{
	struct haltblk_device *old;

	for (;;) {
		if (READ_ONCE(dev->gate.gone))
			return -ENODEV;
		mutex_lock(&haltblk_devices_lock);
		old = haltblk_remove_find_locked(dev->name);
		if (old)
			kref_get(&old->ref);
		mutex_unlock(&haltblk_devices_lock);
		if (!old)
			return 0;
		/* A younger one of the name can wait for us: do not wait then. */
		wait_event(haltblk_remove_wq, READ_ONCE(dev->gate.gone) ||
			   completion_done(&old->removed));
		haltblk_device_put(old);
	}
}
