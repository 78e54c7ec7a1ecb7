// SPDX-License-Identifier: GPL-2.0-only
/*
 * The options of the volatile write cache, and what becomes of it at power on
 * and off. cache.c is the cache itself.
 */
#include <linux/sched/mm.h>

#include "media.h"

static void haltblk_cache_create(struct haltblk_device *dev)
{
	haltblk_cache_init(&dev->cache, &dev->store);
}

static void haltblk_cache_remove(struct haltblk_device *dev)
{
	haltblk_cache_destroy(&dev->cache);
}

static int haltblk_cache_check(const struct haltblk_device *dev)
{
	const struct haltblk_config *cfg = &dev->cfg;

	if (cfg->cache_size && !cfg->memory_backed) {
		pr_warn("%s: power=1: cache_size=%lld: a device without data caches nothing; write memory_backed=1, or cache=volatile to get only flushes\n",
			dev->name, cfg->cache_size);
		return -EINVAL;
	}
	/* A block is written back whole or not at all, and the cache writes back pages. */
	if (haltblk_device_flushes(cfg) && cfg->memory_backed &&
	    cfg->blocksize > PAGE_SIZE)
		return haltblk_feature_refuse(dev, HALTBLK_ID_blocksize,
					      "is more than a page, which cannot be with",
					      cfg->cache ? HALTBLK_ID_cache :
							   HALTBLK_ID_cache_size);
	if (cfg->cache_size > HALTBLK_STORE_MIB) {
		pr_warn("%s: power=1: %s: this kernel can cache at most %lu MiB; write less\n",
			dev->name,
			haltblk_feature_text(dev, HALTBLK_ID_cache_size).s,
			HALTBLK_STORE_MIB);
		return -EINVAL;
	}
	return 0;
}

static int haltblk_cache_start(struct haltblk_device *dev)
{
	dev->flushes = true;
	dev->cached = dev->cfg.memory_backed;
	dev->cache.limit = dev->cfg.cache_size << (20 - PAGE_SHIFT);
	haltblk_feature_by_cmd(dev, HALTBLK_BY_CMD_ALL);
	return 0;
}

static void haltblk_cache_stop(struct haltblk_device *dev)
{
	unsigned int noio = memalloc_noio_save();

	/* A clone has the contents from before or after this. */
	down_write(&dev->media_sem);
	if (dev->keep == HALTBLK_KEEP_ALL)
		haltblk_cache_destroy(&dev->cache);
	else
		haltblk_cache_lose(&dev->cache);
	up_write(&dev->media_sem);
	memalloc_noio_restore(noio);
	dev->flushes = false;
	dev->cached = false;
}

static void haltblk_cache_limits(const struct haltblk_device *dev,
				 struct haltblk_limits *lim)
{
	lim->write_cache = true;
	lim->fua = dev->cfg.fua;
}

static void haltblk_cache_show(const struct haltblk_device *dev,
			       struct haltblk_stats *out)
{
	out->cached_blocks = READ_ONCE(dev->cache.nr);
}

const struct haltblk_feature haltblk_cache_feature = {
	.init		= haltblk_cache_create,
	.destroy	= haltblk_cache_remove,
	.check		= haltblk_cache_check,
	.on		= haltblk_device_flushes,
	.start		= haltblk_cache_start,
	.stop		= haltblk_cache_stop,
	.limits		= haltblk_cache_limits,
	.show		= haltblk_cache_show,
};
