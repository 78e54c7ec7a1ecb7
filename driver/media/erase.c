// SPDX-License-Identifier: GPL-2.0-only
/*
 * Discard, write zeroes and secure erase: their effect on a device's data, and
 * their options. discard.c has the arithmetic.
 *
 * Process context. Takes no lock of its own.
 */
#include "media.h"

/* haltblk_erase_range() with the tuples that protect blocks (integrity.c). */
static void haltblk_erase_protected(struct haltblk_device *dev, u64 pos,
				    u64 len, enum haltblk_erase how)
{
	struct haltblk_integrity *in = &dev->integrity;
	const u8 shift = in->shift + SECTOR_SHIFT;
	/* An erased part of a block takes the tuple of all of it. */
	const u64 first = pos >> shift;
	const u64 past = (pos + len + (1UL << shift) - 1) >> shift;

	down_write(&in->lock);
	haltblk_store_erase(&dev->store, pos, len, how);
	haltblk_tuples_erase(&in->tuples, first, past - first);
	up_write(&in->lock);
}

/**
 * haltblk_erase_range - erase a range, in the store and on the media
 * @dev: memory-backed device
 * @pos: first byte
 * @len: number of bytes
 * @how: what happens to the memory, and how the range reads
 *
 * May sleep.
 */
void haltblk_erase_range(struct haltblk_device *dev, u64 pos, u64 len,
			 enum haltblk_erase how)
{
	if (unlikely(dev->integrity.on)) {
		haltblk_erase_protected(dev, pos, len, how);
		return;
	}
	haltblk_store_erase(&dev->store, pos, len, how);
	if (dev->cached)
		haltblk_cache_erase(&dev->cache, pos, len, how);
}

/**
 * haltblk_erase_request - carry out a discard, write zeroes or secure erase
 * @dev: memory-backed device
 * @opf: operation and flags
 * @sector: first sector
 * @nr_sectors: length
 * @may_sleep: whether the caller may sleep
 *
 * Return: 0; -EAGAIN: call again where it may sleep.
 */
int haltblk_erase_request(struct haltblk_device *dev, blk_opf_t opf, u64 sector,
			  u32 nr_sectors, bool may_sleep)
{
	bool nounmap = opf & REQ_NOUNMAP;
	enum haltblk_erase how;
	u64 pos, len;

	how = haltblk_discard_plan(&dev->discard, haltblk_blk_op(opf), nounmap,
				   &sector, &nr_sectors);
	pos = sector << SECTOR_SHIFT;
	len = (u64)nr_sectors << SECTOR_SHIFT;
	if (may_sleep)
		haltblk_erase_range(dev, pos, len, how);
	else if (dev->cached ||
		 !haltblk_store_erase_soon(&dev->store, pos, len, how))
		return -EAGAIN;
	return 0;
}

/* --- the feature ---------------------------------------------------------- */

static const struct haltblk_feature_option haltblk_erase_options[] = {
	{ HALTBLK_ID_discard_granularity, HALTBLK_ID_discard, 1 },
	{ HALTBLK_ID_discard_alignment, HALTBLK_ID_discard, 1 },
	{ HALTBLK_ID_max_discard_sectors, HALTBLK_ID_discard, SECTOR_SIZE },
	{ HALTBLK_ID_discard_reads, HALTBLK_ID_discard },
	{ HALTBLK_ID_discard_reads, HALTBLK_ID_memory_backed },
	{ HALTBLK_ID_max_secure_erase_sectors, HALTBLK_ID_secure_erase,
	  SECTOR_SIZE },
	{ HALTBLK_ID_max_write_zeroes_sectors, HALTBLK_ID_write_zeroes,
	  SECTOR_SIZE },
};

/* The block layer's discard granularity, in bytes. */
static s64 haltblk_erase_granule(const struct haltblk_config *cfg)
{
	return cfg->discard_granularity ?: cfg->blocksize;
}

static int haltblk_erase_check(const struct haltblk_device *dev)
{
	const struct haltblk_config *cfg = &dev->cfg;

	/* With an alignment of 0 the first granule begins at sector 0. */
	if (cfg->discard_alignment &&
	    cfg->discard_alignment >= haltblk_erase_granule(cfg))
		return haltblk_feature_refuse(dev, HALTBLK_ID_discard_alignment,
					      "is not below",
					      HALTBLK_ID_discard_granularity);
	/* The block layer masks with granularity - 1 in any case. */
	if (cfg->discard_alignment & ~(haltblk_erase_granule(cfg) - 1))
		return haltblk_feature_refuse(dev, HALTBLK_ID_discard_alignment,
					      "would be rounded by the block layer, which cannot express it with",
					      HALTBLK_ID_discard_granularity);
	/* The block layer would ignore such a limit when it splits. */
	if (cfg->max_discard_sectors &&
	    cfg->max_discard_sectors << SECTOR_SHIFT <
	    haltblk_erase_granule(cfg))
		return haltblk_feature_refuse(dev,
					      HALTBLK_ID_max_discard_sectors,
					      "is less than a granule of",
					      HALTBLK_ID_discard_granularity);
	if (cfg->discard_reads == HALTBLK_DISCARD_POISON &&
	    cfg->blocksize < HALTBLK_STORE_UNIT)
		return haltblk_feature_refuse(dev, HALTBLK_ID_discard_reads,
					      "on this kernel needs more than",
					      HALTBLK_ID_blocksize);
	return 0;
}

static bool haltblk_erase_on(const struct haltblk_config *cfg)
{
	return cfg->discard || cfg->write_zeroes || cfg->secure_erase;
}

static int haltblk_erase_start(struct haltblk_device *dev)
{
	const struct haltblk_config *cfg = &dev->cfg;

	haltblk_discard_init(&dev->discard, cfg->discard_reads, cfg->blocksize,
			     cfg->discard_granularity, cfg->discard_alignment);
	if (dev->discard.how == HALTBLK_ERASE_POISON)
		dev->store.poisons = true;
	return 0;
}

static void haltblk_erase_limits(const struct haltblk_device *dev,
				 struct haltblk_limits *lim)
{
	const struct haltblk_config *cfg = &dev->cfg;
	/* The longest bio that there can be, in whole blocks. */
	const unsigned int most = round_down(UINT_MAX, (u32)cfg->blocksize) >>
				  SECTOR_SHIFT;

	if (cfg->discard) {
		lim->discard_sectors = cfg->max_discard_sectors ?: most;
		lim->discard_granularity = haltblk_erase_granule(cfg);
		lim->discard_alignment = cfg->discard_alignment;
	}
	if (cfg->secure_erase)
		lim->secure_erase_sectors = cfg->max_secure_erase_sectors ?:
					    most;
	if (cfg->write_zeroes)
		lim->write_zeroes_sectors = cfg->max_write_zeroes_sectors ?:
					    most;
}

const struct haltblk_feature haltblk_erase_feature = {
	.options	= haltblk_erase_options,
	.nr_options	= ARRAY_SIZE(haltblk_erase_options),
	.check		= haltblk_erase_check,
	.on		= haltblk_erase_on,
	.start		= haltblk_erase_start,
	.limits		= haltblk_erase_limits,
};
