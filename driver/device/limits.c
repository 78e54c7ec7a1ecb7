// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a disk tells the block layer, and whether its options fit together. Both
 * are asked when power is switched on, because options may be written in any
 * order. Here are the options of every device; those of features are in their
 * rows. Called by a device's jobs; takes no lock.
 */
#include "device.h"

static const struct haltblk_feature_option haltblk_limits_options[] = {
	{ HALTBLK_ID_write_stream_granularity, HALTBLK_ID_write_streams, 1 },
};

static int haltblk_limits_check_base(const struct haltblk_device *dev)
{
	const struct haltblk_config *cfg = &dev->cfg;

	/* The largest value means no limit. The block layer rounds it down. */
	if (cfg->max_sectors != U32_MAX &&
	    cfg->max_sectors << SECTOR_SHIFT & (cfg->blocksize - 1))
		return haltblk_feature_refuse(dev, HALTBLK_ID_max_sectors,
					      "is not a multiple of",
					      HALTBLK_ID_blocksize);
	if (!cfg->write_streams || HALTBLK_COMPAT_WRITE_STREAMS)
		return 0;
	pr_warn("%s: power=1: write_streams=%lld: this kernel has no write streams (6.16 has them); write 0\n",
		dev->name, cfg->write_streams);
	return -EINVAL;
}

/* Options that belong to no feature. */
static const struct haltblk_feature haltblk_limits_base = {
	.options	= haltblk_limits_options,
	.nr_options	= ARRAY_SIZE(haltblk_limits_options),
	.check		= haltblk_limits_check_base,
};

/**
 * haltblk_limits_check - do all options fit together?
 * @dev: device, about to be powered
 *
 * Refuses what the block layer would warn about or silently correct.
 *
 * Return: 0, or -EINVAL after a line in the kernel log that names the options.
 */
int haltblk_limits_check(const struct haltblk_device *dev)
{
	return haltblk_feature_check(&haltblk_limits_base, dev) ?:
	       haltblk_features_check(dev);
}

/**
 * haltblk_limits_get - what the options mean to the block layer
 * @dev: its options are checked, its features started
 * @lim: what to fill
 */
void haltblk_limits_get(const struct haltblk_device *dev,
			struct haltblk_limits *lim)
{
	const struct haltblk_config *cfg = &dev->cfg;

	*lim = (struct haltblk_limits) {
		.block_size = cfg->blocksize,
		.max_sectors = cfg->max_sectors,
		.virt_boundary = cfg->virt_boundary ? PAGE_SIZE - 1 : 0,
		.dma_alignment = 1,
		.node = cfg->home_node,
		.rotational = cfg->rotational,
		.write_streams = cfg->write_streams,
		.write_stream_granularity = cfg->write_stream_granularity,
	};
	haltblk_features_limits(dev, lim);
}
