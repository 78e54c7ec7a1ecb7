// SPDX-License-Identifier: GPL-2.0-only
/*
 * blk-mq's tags and the map from CPUs to hardware queues: a device has a set of
 * its own, or with shared_tags the module's, which is made for the first such
 * device from the module parameters and stays until the module goes. Its queues
 * then compete for the same tags.
 *
 * Process context, may sleep.
 */
#include "core/core.h"
#include "front.h"

static struct blk_mq_tag_set haltblk_tags_shared;
static DEFINE_MUTEX(haltblk_tags_mutex);	/* protects its making */

/* The options that a device's set is made of. */
static const struct haltblk_config *
haltblk_tags_cfg(const struct haltblk_device *dev)
{
	return dev->cfg.shared_tags ? &haltblk_defaults : &dev->cfg;
}

/**
 * haltblk_tags_nr - how many hardware queues a device begins with
 * @dev: its options are checked; blk-mq
 */
unsigned int haltblk_tags_nr(const struct haltblk_device *dev)
{
	const struct haltblk_config *cfg = haltblk_tags_cfg(dev);

	return cfg->submit_queues + cfg->poll_queues;
}

/**
 * haltblk_tags_blocking - may queue_rq of a device sleep?
 * @dev: its options are checked
 */
bool haltblk_tags_blocking(const struct haltblk_device *dev)
{
	return haltblk_tags_cfg(dev)->blocking;
}

/**
 * haltblk_tags_init_hctx - blk_mq_ops.init_hctx
 * @hctx: hardware queue of a disk
 * @data: of the set, which need not be the device's own
 * @index: its number
 */
int haltblk_tags_init_hctx(struct blk_mq_hw_ctx *hctx, void *data,
			   unsigned int index)
{
	struct haltblk_device *dev = hctx->queue->queuedata;

	if (WARN_ON_ONCE(index >= dev->nr_queues ||
			 !dev->queues[index].counts))
		return -EINVAL;
	if (haltblk_inject_hits(dev, HALTBLK_FAULT_init_hctx))
		return -EFAULT;
	hctx->driver_data = &dev->queues[index];
	return 0;
}

/**
 * haltblk_tags_map_queues - blk_mq_ops.map_queues
 * @set: a device's, or the module's
 *
 * Called while the number of queues changes, and again with the old number if
 * that fails: the set's number tells which.
 */
void haltblk_tags_map_queues(struct blk_mq_tag_set *set)
{
	const struct haltblk_device *dev = set->driver_data;
	const struct haltblk_config *cfg = dev ? &dev->cfg : &haltblk_defaults;
	unsigned int submit = cfg->submit_queues;
	unsigned int poll = cfg->poll_queues;
	struct blk_mq_queue_map *map;

	if (dev && dev->queues_submit &&
	    set->nr_hw_queues == dev->queues_submit + dev->queues_poll) {
		submit = dev->queues_submit;
		poll = dev->queues_poll;
	}
	map = &set->map[HCTX_TYPE_DEFAULT];
	map->nr_queues = submit;
	map->queue_offset = 0;
	blk_mq_map_queues(map);
	set->map[HCTX_TYPE_READ].nr_queues = 0;
	map = &set->map[HCTX_TYPE_POLL];
	map->nr_queues = poll;
	map->queue_offset = submit;
	if (poll)
		blk_mq_map_queues(map);
}

static int haltblk_tags_alloc(struct blk_mq_tag_set *set,
			      const struct haltblk_config *cfg,
			      const struct blk_mq_ops *ops)
{
	set->ops = ops;
	set->cmd_size = sizeof(struct haltblk_cmd);
	set->timeout = msecs_to_jiffies(cfg->io_timeout_ms);
	set->nr_hw_queues = cfg->submit_queues + cfg->poll_queues;
	set->nr_maps = HCTX_MAX_TYPES;
	set->queue_depth = cfg->hw_queue_depth;
	set->numa_node = cfg->home_node;
	set->flags = HALTBLK_COMPAT_MQ_F_BASE;
	if (cfg->no_sched)
		set->flags |= HALTBLK_COMPAT_MQ_F_NO_SCHED;
	if (cfg->blocking)
		set->flags |= BLK_MQ_F_BLOCKING;
	if (cfg->shared_tag_bitmap)
		set->flags |= BLK_MQ_F_TAG_HCTX_SHARED;
	return blk_mq_alloc_tag_set(set);
}

/**
 * haltblk_tags_get - get the set for a device, at power on
 * @dev: its options are checked; blk-mq
 * @ops: what blk-mq calls
 *
 * Return: 0, or an errno with nothing to undo.
 */
int haltblk_tags_get(struct haltblk_device *dev, const struct blk_mq_ops *ops)
{
	int err = 0;

	if (!dev->cfg.shared_tags) {
		memset(&dev->own_set, 0, sizeof(dev->own_set));
		dev->own_set.driver_data = dev;
		dev->set = &dev->own_set;
		return haltblk_tags_alloc(dev->set, &dev->cfg, ops);
	}
	dev->set = &haltblk_tags_shared;
	mutex_lock(&haltblk_tags_mutex);
	if (!haltblk_tags_shared.tags)
		err = haltblk_tags_alloc(&haltblk_tags_shared,
					 &haltblk_defaults, ops);
	mutex_unlock(&haltblk_tags_mutex);
	return err;
}

/**
 * haltblk_tags_put - at power off
 * @dev: its disk is gone
 */
void haltblk_tags_put(struct haltblk_device *dev)
{
	if (dev->set == &dev->own_set)
		blk_mq_free_tag_set(&dev->own_set);
}

/**
 * haltblk_tags_exit - at module exit, all devices gone
 */
void haltblk_tags_exit(void)
{
	if (haltblk_tags_shared.tags)
		blk_mq_free_tag_set(&haltblk_tags_shared);
}
