// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a disk tells the block layer, and the options that only make sense
 * together: checked when power is switched on, because they may be written in
 * any order. Called with the device's lock held; takes none.
 */
#include "device.h"

/* An option that holds only with another one switched on. */
struct haltblk_limits_need {
	int id;
	int needs;
};

static const struct haltblk_limits_need haltblk_limits_needs[] = {
	{ HALTBLK_ID_discard_granularity, HALTBLK_ID_discard },
	{ HALTBLK_ID_discard_alignment, HALTBLK_ID_discard },
	{ HALTBLK_ID_max_discard_sectors, HALTBLK_ID_discard },
	{ HALTBLK_ID_discard_reads, HALTBLK_ID_discard },
	{ HALTBLK_ID_discard_reads, HALTBLK_ID_memory_backed },
	{ HALTBLK_ID_max_secure_erase_sectors, HALTBLK_ID_secure_erase },
	{ HALTBLK_ID_max_write_zeroes_sectors, HALTBLK_ID_write_zeroes },
};

/* Options that count whole blocks, and the bytes of their unit. */
static const struct {
	int id;
	unsigned int unit;
} haltblk_limits_in_blocks[] = {
	{ HALTBLK_ID_max_sectors, SECTOR_SIZE },
	{ HALTBLK_ID_atomic_write_unit, 1 },
	{ HALTBLK_ID_discard_granularity, 1 },
	{ HALTBLK_ID_discard_alignment, 1 },
	{ HALTBLK_ID_max_discard_sectors, SECTOR_SIZE },
	{ HALTBLK_ID_max_secure_erase_sectors, SECTOR_SIZE },
	{ HALTBLK_ID_max_write_zeroes_sectors, SECTOR_SIZE },
};

/* "discard_reads=stale", for messages. */
struct haltblk_limits_text {
	char s[64];
};

static struct haltblk_limits_text
haltblk_limits_text(const struct haltblk_device *dev, int id)
{
	struct haltblk_limits_text text;
	int n;

	n = scnprintf(text.s, sizeof(text.s), "%s=", haltblk_options[id].name);
	haltblk_config_format(&haltblk_options[id], dev->cfg.v[id], text.s + n,
			      sizeof(text.s) - n);
	return text;
}

static int haltblk_limits_refuse(const struct haltblk_device *dev, int id,
				 const char *what, int other)
{
	pr_warn("%s: power=1: %s %s %s; change one of them\n", dev->name,
		haltblk_limits_text(dev, id).s, what,
		haltblk_limits_text(dev, other).s);
	return -EINVAL;
}

/* A granule as the block layer has it, bytes. */
static s64 haltblk_limits_granule(const struct haltblk_config *cfg)
{
	return cfg->discard_granularity ?: cfg->blocksize;
}

static int haltblk_limits_check_discard(const struct haltblk_device *dev)
{
	const struct haltblk_config *cfg = &dev->cfg;

	/* A device without alignment has its first granule at 0. */
	if (cfg->discard_alignment &&
	    cfg->discard_alignment >= haltblk_limits_granule(cfg))
		return haltblk_limits_refuse(dev, HALTBLK_ID_discard_alignment,
					     "is not below",
					     HALTBLK_ID_discard_granularity);
	/* As if each granularity was a power of two. */
	if (cfg->discard_alignment & ~(haltblk_limits_granule(cfg) - 1))
		return haltblk_limits_refuse(dev, HALTBLK_ID_discard_alignment,
					     "is cut by the block layer, which knows no alignment with these bits for",
					     HALTBLK_ID_discard_granularity);
	/* The block layer would not split by such a limit at all. */
	if (cfg->max_discard_sectors &&
	    cfg->max_discard_sectors << SECTOR_SHIFT <
	    haltblk_limits_granule(cfg))
		return haltblk_limits_refuse(dev,
					     HALTBLK_ID_max_discard_sectors,
					     "is less than a granule of",
					     HALTBLK_ID_discard_granularity);
	if (cfg->discard_reads == HALTBLK_DISCARD_POISON &&
	    cfg->blocksize < HALTBLK_STORE_UNIT)
		return haltblk_limits_refuse(dev, HALTBLK_ID_discard_reads,
					     "on this kernel needs more than",
					     HALTBLK_ID_blocksize);
	return 0;
}

static int haltblk_limits_check_atomic(const struct haltblk_device *dev)
{
	const struct haltblk_config *cfg = &dev->cfg;

	if (!cfg->atomic_write_unit)
		return 0;
	if (!HALTBLK_COMPAT_REQ_ATOMIC) {
		pr_warn("%s: power=1: atomic_write_unit=%lld: this kernel has no atomic writes; write 0\n",
			dev->name, cfg->atomic_write_unit);
		return -EINVAL;
	}
	/* The block layer would take what fits in. */
	if (cfg->max_sectors &&
	    cfg->atomic_write_unit > cfg->max_sectors << SECTOR_SHIFT)
		return haltblk_limits_refuse(dev, HALTBLK_ID_atomic_write_unit,
					     "is more than a request of",
					     HALTBLK_ID_max_sectors);
	return 0;
}

/* What the store can keep, whatever it keeps already. */
static int haltblk_limits_check_memory(const struct haltblk_device *dev)
{
	const struct haltblk_config *cfg = &dev->cfg;
	const unsigned long most = HALTBLK_STORE_PAGES >> (20 - PAGE_SHIFT);
	const bool backed = cfg->memory_backed && cfg->size > most;

	/* Beyond that, two of its pages would have one index. */
	if (backed || (cfg->cache_size > 0 && cfg->cache_size > most)) {
		pr_warn("%s: power=1: %s: this kernel has an index for no more than %lu MiB; write less%s\n",
			dev->name,
			haltblk_limits_text(dev, backed ? HALTBLK_ID_size :
						 HALTBLK_ID_cache_size).s,
			most, backed ? ", or memory_backed=0" : "");
		return -EINVAL;
	}
	/* A smaller block could change a part of what one bit stands for. */
	if (READ_ONCE(dev->store.poisons) &&
	    cfg->blocksize < HALTBLK_STORE_UNIT) {
		pr_warn("%s: power=1: %s: the device keeps poison of discard_reads=poison in pieces of %lu bytes; write blocksize=%lu, or remove the device and create it again\n",
			dev->name,
			haltblk_limits_text(dev, HALTBLK_ID_blocksize).s,
			HALTBLK_STORE_UNIT, HALTBLK_STORE_UNIT);
		return -EINVAL;
	}
	return 0;
}

/**
 * haltblk_limits_check - can all options be had at once?
 * @dev: device, about to be powered
 *
 * What the block layer would warn about or silently correct is refused.
 *
 * Return: 0, or -EINVAL after a line in the kernel log that names the options.
 */
int haltblk_limits_check(const struct haltblk_device *dev)
{
	const struct haltblk_config *cfg = &dev->cfg;
	int i, id;

	for (i = 0; i < ARRAY_SIZE(haltblk_limits_in_blocks); i++) {
		id = haltblk_limits_in_blocks[i].id;
		if (cfg->v[id] * haltblk_limits_in_blocks[i].unit &
		    (cfg->blocksize - 1))
			return haltblk_limits_refuse(dev, id,
						     "is no multiple of",
						     HALTBLK_ID_blocksize);
	}
	for (i = 0; i < ARRAY_SIZE(haltblk_limits_needs); i++) {
		const struct haltblk_limits_need *n = &haltblk_limits_needs[i];

		if (cfg->v[n->id] != haltblk_options[n->id].dflt &&
		    !cfg->v[n->needs])
			return haltblk_limits_refuse(dev, n->id,
						     "means nothing with",
						     n->needs);
	}
	if (!cfg->queue_mode &&
	    cfg->io_timeout_ms !=
	    haltblk_options[HALTBLK_ID_io_timeout_ms].dflt)
		return haltblk_limits_refuse(dev, HALTBLK_ID_io_timeout_ms,
					     "cannot be had: no time-outs with",
					     HALTBLK_ID_queue_mode);
	if (cfg->cache_size && !cfg->memory_backed) {
		pr_warn("%s: power=1: cache_size=%lld: without data nothing can be cached; write memory_backed=1, or cache=volatile for flushes alone\n",
			dev->name, cfg->cache_size);
		return -EINVAL;
	}
	return haltblk_limits_check_memory(dev) ?:
	       haltblk_limits_check_atomic(dev) ?:
	       haltblk_limits_check_discard(dev);
}

/**
 * haltblk_limits_get - what the options mean to the block layer
 * @dev: checked by haltblk_limits_check(), and what follows from its options
 *	known
 * @lim: what to fill
 */
void haltblk_limits_get(const struct haltblk_device *dev,
			struct haltblk_limits *lim)
{
	const struct haltblk_config *cfg = &dev->cfg;
	/* The most that a bio can carry, in whole blocks. */
	const unsigned int most = round_down(UINT_MAX, (u32)cfg->blocksize) >>
				  SECTOR_SHIFT;

	*lim = (struct haltblk_limits) {
		.block_size = cfg->blocksize,
		.max_sectors = cfg->max_sectors,
		.virt_boundary = cfg->virt_boundary ? PAGE_SIZE - 1 : 0,
		.dma_alignment = 1,
		.atomic_unit = cfg->atomic_write_unit,
		.node = cfg->home_node,
		.bio = !cfg->queue_mode,
		.synchronous = cfg->irqmode != HALTBLK_IRQ_TIMER,
		.write_cache = dev->flushes,
		.fua = dev->flushes && cfg->fua,
	};
	if (cfg->discard) {
		lim->discard_sectors = cfg->max_discard_sectors ?: most;
		lim->discard_granularity = haltblk_limits_granule(cfg);
		lim->discard_alignment = cfg->discard_alignment;
	}
	if (cfg->secure_erase)
		lim->secure_erase_sectors = cfg->max_secure_erase_sectors ?:
					    most;
	if (cfg->write_zeroes)
		lim->write_zeroes_sectors = cfg->max_write_zeroes_sectors ?:
					    most;
}
