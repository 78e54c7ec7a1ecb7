// SPDX-License-Identifier: GPL-2.0-only
/*
 * Removal of a device: rmdir and unload.
 *
 * configfs calls drop_item with a mutex and two inodes locked that every mkdir
 * and rmdir need. So drop_item waits for nothing: it takes the name off the
 * list and leaves the rest to a worker. The name can be used again at once; a
 * new device of that name powers on when the old disk has gone.
 *
 * Scripts rely on rmdir returning only when the disk has gone. So its process
 * waits on its way back to user space, where it holds no lock. To get there,
 * drop_item closes a file without a name: the kernel calls release() of a
 * closed file at that point, and keeps the module loaded until it returns.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/sched/mm.h>

#include "device.h"

static void haltblk_remove_work(struct work_struct *work)
{
	struct haltblk_device *dev = container_of(work, struct haltblk_device,
						  remove_work);

	/* First, because the job under way may wait for a held request. */
	haltblk_breaks_shut(&dev->gate, true, !READ_ONCE(dev->cfg.on_remove));
	haltblk_job_exit(dev);
	haltblk_power_off(dev);
	/* No request is left that could queue it. */
	cancel_work_sync(&dev->crash_work);

	haltblk_list_gone(dev);
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
 * @dev: device in the list, which keeps its reference until the removal ends
 *
 * Does not wait.
 */
void haltblk_remove_start(struct haltblk_device *dev)
{
	haltblk_gate_refuse(&dev->gate, true);
	haltblk_list_leave(dev);
	queue_work(haltblk_slow_wq, &dev->remove_work);
}

static int haltblk_remove_release(struct inode *inode, struct file *file)
{
	struct haltblk_device *dev = file->private_data;

	/* Not in a worker that closes files for others, nor in a dying process. */
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
 * haltblk_remove_wait_later - make the running system call wait for a removal
 * @dev: device that is being removed
 *
 * The call waits, and can be killed, after it has dropped all its locks.
 * Without memory for that, it does not wait.
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
