// SPDX-License-Identifier: GPL-2.0-only
/*
 * Power on, power off, and changing the number of queues.
 *
 * Runs in a device's jobs, in its removal and at module load, so only once at a
 * time for each device. No lock is held, because del_gendisk(), the partition
 * scan and a change of queues wait for requests.
 */
#include <linux/idr.h>
#include <linux/nodemask.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "core/core.h"
#include "device.h"
#include "front/front.h"

static DEFINE_IDA(haltblk_power_indexes);
static int haltblk_power_major;

/* use_per_node_hctx, as null_blk has it: a queue for each node. */
static s64 haltblk_power_nodes(void)
{
	return min_t(s64, num_online_nodes(), nr_cpu_ids);
}

/**
 * haltblk_power_init - at module load
 *
 * Return: 0, or why there is no major number.
 */
int haltblk_power_init(void)
{
	if (haltblk_defaults.use_per_node_hctx)
		haltblk_defaults.submit_queues = haltblk_power_nodes();
	haltblk_power_major = register_blkdev(0, "haltblk");
	return min(haltblk_power_major, 0);
}

/**
 * haltblk_power_exit - at module exit, all devices gone
 */
void haltblk_power_exit(void)
{
	unregister_blkdev(haltblk_power_major, "haltblk");
	ida_destroy(&haltblk_power_indexes);
}

/* Allocate counts for the first nr queues, unless they have them. */
static int haltblk_power_grow_counts(struct haltblk_device *dev,
				      unsigned int nr)
{
	struct haltblk_counts __percpu *counts;
	unsigned int i;

	if (nr > dev->nr_queues)
		return -EINVAL;
	for (i = 0; i < nr; i++) {
		if (dev->queues[i].counts)
			continue;
		counts = alloc_percpu(struct haltblk_counts);
		if (!counts)
			return -ENOMEM;
		WRITE_ONCE(dev->queues[i].counts, counts);
	}
	return 0;
}

static void haltblk_power_free_queues(struct haltblk_device *dev)
{
	struct haltblk_queue *queues = dev->queues;
	unsigned int nr = dev->nr_queues;
	unsigned int i;

	/* Counts are added up under this lock. */
	mutex_lock(&haltblk_devices_lock);
	dev->queues = NULL;
	dev->nr_queues = 0;
	mutex_unlock(&haltblk_devices_lock);
	for (i = 0; i < nr; i++)
		free_percpu(queues[i].counts);
	kvfree(queues);
}

static int haltblk_power_alloc_queues(struct haltblk_device *dev)
{
	bool mq = dev->cfg.queue_mode;
	struct haltblk_queue *queues;
	unsigned int nr, i;
	int err;

	/* The most that submit_queues and poll_queues allow together. */
	nr = mq ? 2 * nr_cpu_ids : 1;
	queues = kvcalloc(nr, sizeof(*queues), GFP_KERNEL);
	if (!queues)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		queues[i].dev = dev;
		queues[i].index = i;
		queues[i].hctx = mq ? (int)i : -1;
		spin_lock_init(&queues[i].poll_lock);
		INIT_LIST_HEAD(&queues[i].poll_list);
	}
	mutex_lock(&haltblk_devices_lock);
	dev->queues = queues;
	dev->nr_queues = nr;
	mutex_unlock(&haltblk_devices_lock);
	err = haltblk_power_grow_counts(dev, mq ? haltblk_tags_nr(dev) : 1);
	if (err)
		haltblk_power_free_queues(dev);
	return err;
}

static struct gendisk *haltblk_power_alloc_disk(struct haltblk_device *dev)
{
	const struct haltblk_config *cfg = &dev->cfg;
	struct haltblk_limits lim;
	struct gendisk *disk;

	haltblk_limits_get(dev, &lim);
	disk = haltblk_compat_alloc_disk(dev->set, &lim, dev);
	if (IS_ERR(disk))
		return disk;
	disk->major = haltblk_power_major;
	disk->first_minor = dev->index;
	disk->minors = 1;
	disk->fops = cfg->queue_mode ? &haltblk_mq_fops : &haltblk_bio_fops;
	disk->private_data = dev;
	/* A set that devices share has the time-out of the module parameter. */
	if (cfg->queue_mode)
		blk_queue_rq_timeout(disk->queue,
				     msecs_to_jiffies(cfg->io_timeout_ms));
	strscpy(disk->disk_name, dev->name, DISK_NAME_LEN);
	set_capacity(disk, (sector_t)cfg->size << (20 - SECTOR_SHIFT));
	return disk;
}

/*
 * What each request would otherwise have to ask the options: first without
 * features, which then add what they need.
 */
static int haltblk_power_choose_ways(struct haltblk_device *dev, int *features)
{
	bool bio = !dev->cfg.queue_mode;
	int err;

	dev->front = bio ? &haltblk_bio_front : &haltblk_mq_front;
	dev->plain = true;
	dev->bare = true;
	dev->by_cmd = 0;
	dev->blocking = haltblk_tags_blocking(dev);
	dev->irqmode = dev->cfg.irqmode;
	dev->slow_end = !bio && dev->irqmode != HALTBLK_IRQ_INLINE;
	err = haltblk_features_start(dev, features);
	if (!err && bio && dev->by_cmd)
		dev->slow_end = true;
	return err;
}

static void haltblk_power_set_nodes(struct haltblk_device *dev)
{
	const s64 nr = haltblk_power_nodes();

	if (!dev->cfg.use_per_node_hctx || dev->cfg.submit_queues == nr)
		return;
	pr_notice("%s: power=1: use_per_node_hctx=1: submit_queues is %lld, the number of nodes, instead of %lld\n",
		  dev->name, nr, dev->cfg.submit_queues);
	WRITE_ONCE(dev->cfg.submit_queues, nr);
}

/**
 * haltblk_power_on - add the disk
 * @dev: device; nothing happens if it is powered
 *
 * The gate stays shut; the caller opens it.
 *
 * Return: 0; -EEXIST if another driver has a disk of that name; -ENODEV if the
 * device is being removed; -ENOMEM; or the block layer's error.
 */
int haltblk_power_on(struct haltblk_device *dev)
{
	struct gendisk *disk;
	unsigned int noio;
	int err, features = 0;

	if (dev->disk)
		return 0;
	err = haltblk_list_wait_name(dev);
	if (err)
		return err;
	if (haltblk_list_disk_exists(dev->name)) {
		pr_warn("%s: power=1: another driver has a disk of that name; choose another\n",
			dev->name);
		return -EEXIST;
	}
	haltblk_power_set_nodes(dev);
	err = haltblk_limits_check(dev);
	if (err)
		return err;
	err = haltblk_breaks_recheck(dev);
	if (err)
		return err;

	err = haltblk_power_alloc_queues(dev);
	if (err)
		return err;
	/* Not while the device is cloned, which changes the ways. */
	noio = memalloc_noio_save();
	down_write(&dev->media_sem);
	err = haltblk_power_choose_ways(dev, &features);
	up_write(&dev->media_sem);
	memalloc_noio_restore(noio);
	/* Not with the lock held: stopping the cache takes it. */
	if (err)
		goto out_stop_features;
	if (dev->cfg.queue_mode) {
		err = haltblk_tags_get(dev, &haltblk_mq_ops);
		if (err)
			goto out_stop_features;
	}
	dev->index = ida_alloc_max(&haltblk_power_indexes, MINORMASK,
				   GFP_KERNEL);
	if (dev->index < 0) {
		err = dev->index;
		goto out_free_set;
	}
	disk = haltblk_power_alloc_disk(dev);
	if (IS_ERR(disk)) {
		err = PTR_ERR(disk);
		goto out_free_index;
	}
	err = haltblk_features_add(dev, disk);
	if (err)
		goto out_put_disk;
	/* Scans for partitions. The gate is shut, so no rule sees that. */
	err = device_add_disk(NULL, disk, NULL);
	if (err)
		goto out_put_disk;
	WRITE_ONCE(dev->disk, disk);
	return 0;

out_put_disk:
	put_disk(disk);
out_free_index:
	ida_free(&haltblk_power_indexes, dev->index);
	dev->index = -1;
out_free_set:
	if (dev->cfg.queue_mode)
		haltblk_tags_put(dev);
out_stop_features:
	haltblk_features_stop(dev, features);
	haltblk_power_free_queues(dev);
	return err;
}

/**
 * haltblk_power_off - end held requests and remove the disk
 * @dev: device; nothing happens if it is not powered
 */
void haltblk_power_off(struct haltblk_device *dev)
{
	/* Again, because a power on may have opened the gate meanwhile. */
	haltblk_breaks_shut(&dev->gate, false, !READ_ONCE(dev->cfg.on_remove));
	if (!dev->disk)
		return;
	del_gendisk(dev->disk);
	/* Waits for bios that were held, so the disk must still be there. */
	haltblk_features_stop(dev, HALTBLK_NR_FEATURES);
	put_disk(dev->disk);
	WRITE_ONCE(dev->disk, NULL);
	if (dev->cfg.queue_mode)
		haltblk_tags_put(dev);
	haltblk_power_free_queues(dev);
	ida_free(&haltblk_power_indexes, dev->index);
	dev->index = -1;
	haltblk_cut_clear(dev);
}

static int haltblk_power_update_queues(struct haltblk_device *dev,
				       unsigned int nr)
{
	int err;

	err = haltblk_power_grow_counts(dev, nr);
	if (err)
		return err;
	blk_mq_update_nr_hw_queues(dev->set, nr);
	return dev->set->nr_hw_queues == nr ? 0 : -ENOMEM;
}

/**
 * haltblk_power_set_queues - change the number of queues
 * @dev: device, powered or not
 * @id: option that changes: submit_queues or poll_queues
 * @value: number of queues
 *
 * Waits for all requests, including held ones.
 *
 * Return: 0; -EINVAL after a line in the kernel log, if other devices share the
 * queues; or -ENOMEM.
 */
int haltblk_power_set_queues(struct haltblk_device *dev, int id, s64 value)
{
	int err = 0;

	if (dev->disk && dev->cfg.queue_mode && dev->cfg.shared_tags) {
		pr_warn("%s: %s=%lld: with shared_tags=1 all devices have the queues of the module parameter; write power=0 first\n",
			dev->name, haltblk_options[id].name, value);
		return -EINVAL;
	}
	if (dev->disk && dev->cfg.queue_mode) {
		dev->queues_submit = dev->cfg.submit_queues;
		dev->queues_poll = dev->cfg.poll_queues;
		if (id == HALTBLK_ID_submit_queues)
			dev->queues_submit = value;
		else
			dev->queues_poll = value;
		err = haltblk_power_update_queues(dev, dev->queues_submit +
						       dev->queues_poll);
	}
	if (!err)
		WRITE_ONCE(dev->cfg.v[id], value);
	dev->queues_submit = 0;
	return err;
}
