// SPDX-License-Identifier: GPL-2.0-only
/*
 * A disk's life: created, powered on, powered off, gone.
 *
 * Process context, may sleep. haltblk_device.lock orders power and option
 * writes and is never held while requests are waited for, except those that
 * del_gendisk() waits for after everything held was released.
 */
#include <linux/ctype.h>
#include <linux/device.h>
#include <linux/idr.h>
#include <linux/slab.h>

#include "haltblk.h"

DEFINE_MUTEX(haltblk_devices_lock);
LIST_HEAD(haltblk_devices);

static DEFINE_IDA(haltblk_device_indexes);

/* The class of all disks: not exported by name, so taken from a disk. */
static typeof(((struct device *)NULL)->class) haltblk_device_class;

/**
 * haltblk_device_init - at module load, before any device
 */
int haltblk_device_init(void)
{
	const struct haltblk_limits lim = {
		.block_size = SECTOR_SIZE, .node = NUMA_NO_NODE, .bio = true,
	};
	struct gendisk *disk = haltblk_compat_alloc_disk(NULL, &lim);

	if (IS_ERR(disk))
		return PTR_ERR(disk);
	haltblk_device_class = disk_to_dev(disk)->class;
	put_disk(disk);
	return 0;
}

/**
 * haltblk_device_exit - at module exit, all devices gone
 */
void haltblk_device_exit(void)
{
	ida_destroy(&haltblk_device_indexes);
}

/* Does any driver have a disk of this name? */
static bool haltblk_device_disk_exists(const char *name)
{
	struct device *found;

	found = class_find_device_by_name(haltblk_device_class, name);
	put_device(found);
	return found;
}

static struct haltblk_device *haltblk_device_find_locked(const char *name)
{
	struct haltblk_device *dev;

	lockdep_assert_held(&haltblk_devices_lock);
	list_for_each_entry(dev, &haltblk_devices, node)
		if (!strcmp(dev->name, name))
			return dev;
	return NULL;
}

/**
 * haltblk_device_find - device by name
 * @name: of its disk, which need not be powered
 *
 * Return: a reference, or NULL.
 */
struct haltblk_device *haltblk_device_find(const char *name)
{
	struct haltblk_device *dev;

	mutex_lock(&haltblk_devices_lock);
	dev = haltblk_device_find_locked(name);
	if (dev)
		kref_get(&dev->ref);
	mutex_unlock(&haltblk_devices_lock);
	return dev;
}

static void haltblk_device_queues_work(struct work_struct *work);

/*
 * Can a disk have that name? In /dev the kernel makes a '/' of a '!', and a
 * blank or a control character breaks lists, uevents and /proc files.
 */
static int haltblk_device_check_name(const char *name)
{
	const char *c;

	if (strlen(name) >= DISK_NAME_LEN) {
		pr_warn("%*pE: a name of %zu bytes, takes at most %d\n",
			(int)strlen(name), name, strlen(name),
			DISK_NAME_LEN - 1);
		return -ENAMETOOLONG;
	}
	for (c = name; *c; c++)
		if (*c == '/' || *c == '!' ||
		    (isascii(*c) && !isgraph(*c)))
			break;
	if (!*c && *name && strcmp(name, ".") && strcmp(name, ".."))
		return 0;
	pr_warn("\"%*pE\": no name for a disk, takes 1 to %d bytes without '/', '!', blanks and control characters, and not \".\" or \"..\"\n",
		(int)strlen(name), name, DISK_NAME_LEN - 1);
	return -EINVAL;
}

/**
 * haltblk_device_create - a device without power, in the list
 * @name: of its disk
 *
 * Return: a reference, or ERR_PTR: -ENAMETOOLONG or -EINVAL after a line in the
 * kernel log, -EEXIST, -ENOMEM.
 */
struct haltblk_device *haltblk_device_create(const char *name)
{
	struct haltblk_device *dev;
	int err;

	err = haltblk_device_check_name(name);
	if (err)
		return ERR_PTR(err);
	/* In /dev this is not a disk's. */
	if (!strcmp(name, "haltblk-control"))
		return ERR_PTR(-EEXIST);
	if (haltblk_device_disk_exists(name))
		return ERR_PTR(-EEXIST);
	dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return ERR_PTR(-ENOMEM);
	kref_init(&dev->ref);
	strscpy(dev->name, name, sizeof(dev->name));
	dev->index = -1;
	dev->cfg = haltblk_defaults;
	mutex_init(&dev->lock);
	haltblk_gate_init(&dev->gate);
	haltblk_store_init(&dev->store, haltblk_free_wq);
	haltblk_cache_init(&dev->cache, &dev->store);
	INIT_WORK(&dev->queues_work, haltblk_device_queues_work);
	init_waitqueue_head(&dev->queues_wait);
	init_completion(&dev->parked_gone);

	mutex_lock(&haltblk_devices_lock);
	if (haltblk_device_find_locked(name)) {
		mutex_unlock(&haltblk_devices_lock);
		haltblk_device_put(dev);
		return ERR_PTR(-EEXIST);
	}
	kref_get(&dev->ref);
	list_add_tail(&dev->node, &haltblk_devices);
	mutex_unlock(&haltblk_devices_lock);
	return dev;
}

static void haltblk_device_free(struct kref *ref)
{
	struct haltblk_device *dev = container_of(ref, struct haltblk_device,
						  ref);

	haltblk_gate_destroy(&dev->gate);
	haltblk_cache_destroy(&dev->cache);
	haltblk_store_destroy(&dev->store);
	kfree(dev);
}

/**
 * haltblk_device_put - drop a reference
 * @dev: may be gone after this
 */
void haltblk_device_put(struct haltblk_device *dev)
{
	kref_put(&dev->ref, haltblk_device_free);
}

/**
 * haltblk_device_unlist - power off for good and forget the name
 * @dev: the list's reference goes, the caller's stays
 */
void haltblk_device_unlist(struct haltblk_device *dev)
{
	haltblk_device_power_off(dev, true);
	mutex_lock(&haltblk_devices_lock);
	list_del_init(&dev->node);
	mutex_unlock(&haltblk_devices_lock);
	haltblk_device_put(dev);
}

/**
 * haltblk_device_sum - add up a queue's counts
 * @queue: queue, may be one that was never used
 * @sum: added to
 */
void haltblk_device_sum(const struct haltblk_queue *queue,
			struct haltblk_counts *sum)
{
	struct haltblk_counts __percpu *counts = READ_ONCE(queue->counts);
	int cpu;

	if (!counts)
		return;
	for_each_possible_cpu(cpu) {
		const struct haltblk_counts *c = per_cpu_ptr(counts, cpu);

		/* Completed first: never more of them than submitted. */
		sum->completed += READ_ONCE(c->completed);
		sum->failed += READ_ONCE(c->failed);
	}
	smp_rmb();
	for_each_possible_cpu(cpu)
		sum->submitted += READ_ONCE(per_cpu_ptr(counts, cpu)->submitted);
}

/* Counts for the first nr queues; what is there stays. */
static int haltblk_device_grow_counts(struct haltblk_device *dev,
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

static void haltblk_device_free_queues(struct haltblk_device *dev)
{
	struct haltblk_queue *queues = dev->queues;
	unsigned int nr = dev->nr_queues;
	unsigned int i;

	/* Those who add up counts do so under the device list's lock. */
	mutex_lock(&haltblk_devices_lock);
	dev->queues = NULL;
	dev->nr_queues = 0;
	mutex_unlock(&haltblk_devices_lock);
	for (i = 0; i < nr; i++)
		free_percpu(queues[i].counts);
	kvfree(queues);
}

static int haltblk_device_alloc_queues(struct haltblk_device *dev)
{
	bool mq = dev->cfg.queue_mode;
	struct haltblk_queue *queues;
	unsigned int nr, i;
	int err;

	/* As many as submit_queues and poll_queues can ever be. */
	nr = mq ? 2 * nr_cpu_ids : 1;
	queues = kvcalloc(nr, sizeof(*queues), GFP_KERNEL);
	if (!queues)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		queues[i].dev = dev;
		queues[i].index = i;
		spin_lock_init(&queues[i].poll_lock);
		INIT_LIST_HEAD(&queues[i].poll_list);
	}
	mutex_lock(&haltblk_devices_lock);
	dev->queues = queues;
	dev->nr_queues = nr;
	mutex_unlock(&haltblk_devices_lock);
	err = haltblk_device_grow_counts(dev, mq ? dev->cfg.submit_queues +
						   dev->cfg.poll_queues : 1);
	if (err)
		haltblk_device_free_queues(dev);
	return err;
}

static struct gendisk *haltblk_device_alloc_disk(struct haltblk_device *dev)
{
	const struct haltblk_config *cfg = &dev->cfg;
	struct haltblk_limits lim;
	struct gendisk *disk;

	haltblk_limits_get(dev, &lim);
	disk = haltblk_compat_alloc_disk(&dev->set, &lim);
	if (IS_ERR(disk))
		return disk;
	disk->major = haltblk_major;
	disk->first_minor = dev->index;
	disk->minors = 1;
	disk->fops = cfg->queue_mode ? &haltblk_mq_fops : &haltblk_bio_fops;
	disk->private_data = dev;
	strscpy(disk->disk_name, dev->name, DISK_NAME_LEN);
	set_capacity(disk, (sector_t)cfg->size << (20 - SECTOR_SHIFT));
	return disk;
}

/* What each request would otherwise have to ask the options. */
static void haltblk_device_choose_ways(struct haltblk_device *dev)
{
	bool bio = !dev->cfg.queue_mode;

	dev->front = bio ? &haltblk_bio_front : &haltblk_mq_front;
	dev->plain = !dev->cfg.memory_backed;
	dev->bare = dev->plain && !dev->locks;
	dev->flushes = haltblk_device_flushes(&dev->cfg);
	dev->cached = dev->flushes && !dev->plain;
	dev->cache.limit = dev->cfg.cache_size << (20 - PAGE_SHIFT);
	dev->blocking = dev->cfg.blocking;
	dev->irqmode = dev->cfg.irqmode;
	/* In bio mode a timer ends what goes on after submit_bio() returned. */
	dev->by_cmd = dev->flushes ||
		      (bio && dev->irqmode == HALTBLK_IRQ_TIMER);
	dev->slow_end = dev->locks ||
			(bio ? dev->by_cmd : dev->irqmode != HALTBLK_IRQ_INLINE);
	haltblk_discard_init(&dev->discard, &dev->cfg);
	if (dev->discard.how == HALTBLK_ERASE_POISON)
		dev->store.poisons = true;
}

static int haltblk_device_power_on_locked(struct haltblk_device *dev)
{
	struct gendisk *disk;
	int err;

	lockdep_assert_held(&dev->lock);
	if (haltblk_device_disk_exists(dev->name)) {
		pr_warn("%s: power=1: another driver has a disk of that name; choose another\n",
			dev->name);
		return -EEXIST;
	}
	err = haltblk_limits_check(dev);
	if (err)
		return err;
	err = haltblk_breaks_recheck(dev);
	if (err)
		return err;
	atomic_set(&dev->parked, 1);
	reinit_completion(&dev->parked_gone);

	err = haltblk_device_alloc_queues(dev);
	if (err)
		return err;
	err = haltblk_lockmodel_start(dev);
	if (err)
		goto out_free_queues;
	haltblk_device_choose_ways(dev);
	if (dev->cfg.queue_mode) {
		memset(&dev->set, 0, sizeof(dev->set));
		haltblk_mq_init_set(dev);
		err = blk_mq_alloc_tag_set(&dev->set);
		if (err)
			goto out_stop_locks;
	}
	dev->index = ida_alloc_max(&haltblk_device_indexes, MINORMASK,
				   GFP_KERNEL);
	if (dev->index < 0) {
		err = dev->index;
		goto out_free_set;
	}
	disk = haltblk_device_alloc_disk(dev);
	if (IS_ERR(disk)) {
		err = PTR_ERR(disk);
		goto out_free_index;
	}
	/* Scans for partitions: the gate is still shut, so no rule sees it. */
	err = device_add_disk(NULL, disk, NULL);
	if (err)
		goto out_put_disk;
	WRITE_ONCE(dev->disk, disk);
	haltblk_gate_open(&dev->gate);
	return 0;

out_put_disk:
	put_disk(disk);
out_free_index:
	ida_free(&haltblk_device_indexes, dev->index);
	dev->index = -1;
out_free_set:
	if (dev->cfg.queue_mode)
		blk_mq_free_tag_set(&dev->set);
out_stop_locks:
	haltblk_lockmodel_stop(dev);
out_free_queues:
	haltblk_device_free_queues(dev);
	return err;
}

/**
 * haltblk_device_power_on - add the disk
 * @dev: device; nothing happens if it is powered
 *
 * Return: 0, -EEXIST if another driver has a disk of that name, -ENODEV if the
 * device is on its way out, -ENOMEM, -EINTR (killed) or what the block layer
 * refuses with.
 */
int haltblk_device_power_on(struct haltblk_device *dev)
{
	int err = 0;

	if (mutex_lock_killable(&dev->lock))
		return -EINTR;
	if (READ_ONCE(dev->gate.gone))
		err = -ENODEV;
	else if (!dev->disk)
		err = haltblk_device_power_on_locked(dev);
	mutex_unlock(&dev->lock);
	return err;
}

/**
 * haltblk_device_power_off - end what is held, remove the disk
 * @dev: device; nothing happens if it is not powered
 * @gone: for ever
 *
 * Disarms and releases before it takes any lock or waits for any request, so
 * that nothing held can make it hang.
 */
void haltblk_device_power_off(struct haltblk_device *dev, bool gone)
{
	bool fail = !READ_ONCE(dev->cfg.on_remove);

	haltblk_gate_shut(&dev->gate, gone, fail);
	mutex_lock(&dev->lock);
	if (!dev->disk) {
		mutex_unlock(&dev->lock);
		return;
	}
	/* Again: a power on that came between has opened it. */
	haltblk_gate_shut(&dev->gate, gone, fail);
	flush_work(&dev->queues_work);
	del_gendisk(dev->disk);
	/* Neither this nor anything else waits for bios that were held. */
	if (!atomic_dec_and_test(&dev->parked))
		wait_for_completion(&dev->parked_gone);
	put_disk(dev->disk);
	WRITE_ONCE(dev->disk, NULL);
	haltblk_cache_lose(&dev->cache);
	if (dev->cfg.queue_mode)
		blk_mq_free_tag_set(&dev->set);
	haltblk_lockmodel_stop(dev);
	haltblk_device_free_queues(dev);
	ida_free(&haltblk_device_indexes, dev->index);
	dev->index = -1;
	mutex_unlock(&dev->lock);
}

/* Change the number of queues: waits for all requests, held ones too. */
static void haltblk_device_queues_work(struct work_struct *work)
{
	struct haltblk_device *dev = container_of(work, struct haltblk_device,
						  queues_work);
	unsigned int nr = dev->queues_submit + dev->queues_poll;
	int err;

	err = haltblk_device_grow_counts(dev, nr);
	if (!err) {
		blk_mq_update_nr_hw_queues(&dev->set, nr);
		if (dev->set.nr_hw_queues == nr) {
			WRITE_ONCE(dev->cfg.submit_queues, dev->queues_submit);
			WRITE_ONCE(dev->cfg.poll_queues, dev->queues_poll);
		} else {
			err = -ENOMEM;
		}
	}
	WRITE_ONCE(dev->queues_err, err);
	clear_bit_unlock(HALTBLK_DEV_QUEUES_BUSY, &dev->flags);
	wake_up_all(&dev->queues_wait);
}

static int haltblk_device_wait_queues(struct haltblk_device *dev)
{
	return wait_event_killable(dev->queues_wait,
				   !test_bit_acquire(HALTBLK_DEV_QUEUES_BUSY,
						     &dev->flags)) ? -EINTR : 0;
}

/*
 * Change the number of queues of a powered device. A worker does it, so that
 * the writer can be killed while requests are waited for; then the change
 * comes when they have ended. @dev->lock is held, and dropped.
 */
static int haltblk_device_change_queues(struct haltblk_device *dev, int id,
					s64 value)
	__releases(&dev->lock)
{
	int err;

	dev->queues_submit = id == HALTBLK_ID_submit_queues ?
			     value : dev->cfg.submit_queues;
	dev->queues_poll = id == HALTBLK_ID_poll_queues ?
			   value : dev->cfg.poll_queues;
	queue_work(haltblk_slow_wq, &dev->queues_work);
	mutex_unlock(&dev->lock);
	err = haltblk_device_wait_queues(dev);
	return err ?: READ_ONCE(dev->queues_err);
}

static int haltblk_device_set_value(struct haltblk_device *dev,
				    const struct haltblk_option *opt,
				    s64 value)
{
	int id = opt - haltblk_options;
	int err = 0;

again:
	if (mutex_lock_killable(&dev->lock))
		return -EINTR;
	if (dev->disk && !(opt->flags & HALTBLK_OPT_F_LIVE)) {
		err = -EBUSY;
	} else if (opt->flags & HALTBLK_OPT_F_MQ && !dev->cfg.queue_mode &&
		   value != opt->dflt) {
		err = -EINVAL;
	} else if (dev->disk && dev->cfg.queue_mode &&
		   (id == HALTBLK_ID_submit_queues ||
		    id == HALTBLK_ID_poll_queues)) {
		if (!test_and_set_bit(HALTBLK_DEV_QUEUES_BUSY, &dev->flags))
			return haltblk_device_change_queues(dev, id, value);
		/* Another change is under way: ours comes after it. */
		mutex_unlock(&dev->lock);
		err = haltblk_device_wait_queues(dev);
		if (err)
			return err;
		goto again;
	} else {
		WRITE_ONCE(dev->cfg.v[id], value);
	}
	mutex_unlock(&dev->lock);
	if (err == -EBUSY)
		pr_warn("%s: %s=%lld: the device is powered; write power=0 first\n",
			dev->name, opt->name, value);
	if (err == -EINVAL)
		pr_warn("%s: %s=%lld: bio mode has none; write queue_mode=2 first\n",
			dev->name, opt->name, value);
	return err;
}

/**
 * haltblk_device_set - write an option
 * @dev: device
 * @opt: row of the table
 * @text: value as a user writes it
 *
 * Return: 0; -EINVAL out of range; -EBUSY the device is powered and the option
 * not live (for both one line in the kernel log says why); -EINTR killed.
 */
int haltblk_device_set(struct haltblk_device *dev,
		       const struct haltblk_option *opt, const char *text)
{
	char why[HALTBLK_CONFIG_WHY_LEN];
	s64 value;

	if (haltblk_config_parse(opt, text, &value, why, sizeof(why))) {
		pr_warn("%s: %s=%.*s: %s\n", dev->name, opt->name,
			(int)strcspn(text, "\n"), text, why);
		return -EINVAL;
	}
	return haltblk_device_set_value(dev, opt, value);
}

/**
 * haltblk_device_show - read an option, without waiting for anything
 * @dev: device
 * @opt: row of the table
 * @buf: where to
 * @len: bytes at @buf
 *
 * Return: bytes written, without the NUL.
 */
int haltblk_device_show(const struct haltblk_device *dev,
			const struct haltblk_option *opt, char *buf, size_t len)
{
	return haltblk_config_format(opt,
				     READ_ONCE(dev->cfg.v[opt - haltblk_options]),
				     buf, len);
}
