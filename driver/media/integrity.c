// SPDX-License-Identifier: GPL-2.0-only
/*
 * The options pi_type and pi_guard: integrity metadata (T10 PI). The device
 * keeps a tuple for each block beside the data, as a drive does. The block layer
 * generates tuples for writes and checks those that reads return; a file system
 * or user space may do so instead.
 *
 * A write stores the tuples of all blocks that it reaches. So a block that
 * action=torn or action=corrupt damages does not match its tuple. Erasures leave
 * blocks without tuples, which nobody checks.
 *
 * struct haltblk_integrity.lock makes a block and its tuple change together. A
 * worker moves the data of requests that must not sleep.
 */
#include "media.h"

/* Bytes of a bio's tuples to handle at a time, on the stack. */
#define HALTBLK_INTEGRITY_BATCH	32

/**
 * struct haltblk_integrity_move - the tuples of a bio that are left to move
 * @bio: bio
 * @iter: position in its tuples
 * @block: number of the first block
 * @nr: number of blocks
 * @seed: what the bio has for @block in its reference tags
 */
struct haltblk_integrity_move {
	struct bio *bio;
	struct bvec_iter iter;
	u64 block;
	u32 nr;
	u32 seed;
};

/*
 * Bio mode: reference tags count from the start of the bio, as its submitter
 * sees it, but the media has the number of the block. blk-mq does this itself.
 */
static bool haltblk_integrity_remaps(const struct haltblk_device *dev)
{
	return !dev->cfg.queue_mode && dev->cfg.pi_type != 3;
}

/* Copy tuples from or to a bio. They may be split over segments. */
static void haltblk_integrity_copy(struct haltblk_integrity_move *m,
				   void *tuples, unsigned int len, bool write)
{
	while (len) {
		struct bio_vec bv = haltblk_compat_integrity_vec(m->bio,
								 m->iter);
		unsigned int n = min(bv.bv_len, len);
		void *buf;

		/* A submitter's payload that is too short. */
		if (WARN_ON_ONCE(!n)) {
			memset(tuples, 0xff, len);
			return;
		}
		buf = bvec_kmap_local(&bv);
		if (write) {
			flush_dcache_page(bv.bv_page);
			memcpy(tuples, buf, n);
		} else {
			memcpy(buf, tuples, n);
			flush_dcache_page(bv.bv_page);
		}
		kunmap_local(buf);
		haltblk_compat_integrity_advance(m->bio, &m->iter, n);
		tuples += n;
		len -= n;
	}
}

static void haltblk_integrity_move_bio(struct haltblk_device *dev,
				       struct haltblk_integrity_move *m,
				       bool write)
{
	struct haltblk_tuples *t = &dev->integrity.tuples;
	struct t10_pi_tuple batch[HALTBLK_INTEGRITY_BATCH];
	bool remaps = haltblk_integrity_remaps(dev);
	u32 n;

	for (; m->nr; m->block += n, m->seed += n, m->nr -= n) {
		n = min_t(u32, m->nr, HALTBLK_INTEGRITY_BATCH);
		if (write) {
			haltblk_integrity_copy(m, batch, n * sizeof(*batch),
					       true);
			if (remaps)
				haltblk_tuples_remap(batch, n, m->seed,
						     m->block);
			haltblk_tuples_put(t, m->block, batch, n);
		} else {
			haltblk_tuples_get(t, m->block, batch, n);
			if (remaps)
				haltblk_tuples_remap(batch, n, m->block,
						     m->seed);
			haltblk_integrity_copy(m, batch, n * sizeof(*batch),
					       false);
		}
	}
}

/*
 * Move the tuples of a request's first blocks. Blocks whose submitter has none
 * (integrity/write_generate is 0) lose theirs.
 */
static void haltblk_integrity_move_tuples(struct haltblk_cmd *cmd, u64 block,
					  u32 nr, bool write)
{
	struct haltblk_device *dev = cmd->dev;
	struct haltblk_integrity_move m;
	struct bio *bio;
	u32 n;

	for (bio = cmd->bio; bio && nr; bio = bio->bi_next) {
		n = min(nr, bio_sectors(bio) >> dev->integrity.shift);
		m.bio = bio;
		m.block = block;
		m.nr = n;
		if (haltblk_compat_integrity_begin(bio, &m.iter)) {
			m.seed = m.iter.bi_sector;
			haltblk_integrity_move_bio(dev, &m, write);
		} else if (write) {
			haltblk_tuples_erase(&dev->integrity.tuples, block, n);
		}
		block += n;
		nr -= n;
	}
}

static int haltblk_integrity_move_data(struct haltblk_cmd *cmd, u32 nr_sectors)
{
	return haltblk_data_move(cmd->dev, cmd->bio, cmd->dev->front->opf(cmd),
				 cmd->sector, nr_sectors, true);
}

/*
 * Return no tuples to a read that gets no data. The submitter's memory for them
 * is not initialized, and nobody checks a block without a tuple.
 */
static void haltblk_integrity_drop(struct haltblk_cmd *cmd)
{
	struct haltblk_integrity_move m = { };
	struct t10_pi_tuple none;

	if (cmd->op != HALTBLK_OP_READ)
		return;
	memset(&none, 0xff, sizeof(none));
	for (m.bio = cmd->bio; m.bio; m.bio = m.bio->bi_next) {
		if (!haltblk_compat_integrity_begin(m.bio, &m.iter))
			continue;
		while (m.iter.bi_size >= sizeof(none))
			haltblk_integrity_copy(&m, &none, sizeof(none), false);
	}
}

static int haltblk_integrity_read(struct haltblk_cmd *cmd, u32 nr_sectors)
{
	const u8 shift = cmd->dev->integrity.shift;
	int err;

	err = haltblk_integrity_move_data(cmd, nr_sectors);
	if (!err)
		haltblk_integrity_move_tuples(cmd, cmd->sector >> shift,
					      nr_sectors >> shift, false);
	return err;
}

static int haltblk_integrity_write(struct haltblk_cmd *cmd, u32 nr_sectors)
{
	struct haltblk_integrity *in = &cmd->dev->integrity;
	u64 block = cmd->sector >> in->shift;
	/* A block that is torn has the new tuple. */
	u32 nr = DIV_ROUND_UP(nr_sectors, 1U << in->shift);
	int err;

	err = haltblk_tuples_reserve(&in->tuples, block, nr, GFP_NOIO);
	if (err)
		return err;
	err = haltblk_integrity_move_data(cmd, nr_sectors);
	/* Nobody knows how much of the data is there. */
	if (err)
		haltblk_tuples_erase(&in->tuples, block, nr);
	else
		haltblk_integrity_move_tuples(cmd, block, nr, true);
	return err;
}

/**
 * haltblk_integrity_move - move the data of a request, with its tuples
 * @cmd: command, on a device with pi_type
 * @nr_sectors: how many of its sectors
 *
 * Return: 0; -EAGAIN: call again where it may sleep; or the error of moving the
 * data.
 */
int haltblk_integrity_move(struct haltblk_cmd *cmd, u32 nr_sectors)
{
	struct haltblk_integrity *in = &cmd->dev->integrity;
	int err;

	if (!(cmd->flags & HALTBLK_CMD_F_SLEEP))
		return -EAGAIN;
	switch (cmd->op) {
	case HALTBLK_OP_READ:
		down_read(&in->lock);
		err = haltblk_integrity_read(cmd, nr_sectors);
		up_read(&in->lock);
		return err;
	case HALTBLK_OP_WRITE:
		down_write(&in->lock);
		err = haltblk_integrity_write(cmd, nr_sectors);
		up_write(&in->lock);
		return err;
	default:
		/* haltblk_erase_range() takes the lock. */
		return haltblk_integrity_move_data(cmd, nr_sectors);
	}
}

static int haltblk_integrity_hook(struct haltblk_cmd *cmd)
{
	switch (cmd->op) {
	case HALTBLK_OP_READ:
	case HALTBLK_OP_WRITE:
		return haltblk_integrity_move(cmd, haltblk_cmd_kept(cmd)) ?: 1;
	case HALTBLK_OP_DISCARD:
	case HALTBLK_OP_SECURE_ERASE:
	case HALTBLK_OP_WRITE_ZEROES:
		/* core/unmap.c may do it extent by extent. */
		return cmd->flags & HALTBLK_CMD_F_SLEEP ? 0 : -EAGAIN;
	default:
		return 0;
	}
}

/* --- the feature ---------------------------------------------------------- */

static const struct haltblk_feature_option haltblk_integrity_options[] = {
	{ HALTBLK_ID_pi_type, HALTBLK_ID_memory_backed },
	{ HALTBLK_ID_pi_guard, HALTBLK_ID_pi_type },
};

static void haltblk_integrity_init(struct haltblk_device *dev)
{
	init_rwsem(&dev->integrity.lock);
	haltblk_tuples_init(&dev->integrity.tuples);
}

static void haltblk_integrity_destroy(struct haltblk_device *dev)
{
	haltblk_tuples_destroy(&dev->integrity.tuples);
}

static int haltblk_integrity_check(const struct haltblk_device *dev)
{
	const struct haltblk_config *cfg = &dev->cfg;

	if (!cfg->pi_type)
		return 0;
	if (!HALTBLK_COMPAT_INTEGRITY) {
		pr_warn("%s: power=1: pi_type=%lld: needs a kernel since 6.11, with CONFIG_BLK_DEV_INTEGRITY; write 0\n",
			dev->name, cfg->pi_type);
		return -EINVAL;
	}
	/* The guard of a block is computed in one segment. */
	if (cfg->blocksize > PAGE_SIZE)
		return haltblk_feature_refuse(dev, HALTBLK_ID_pi_type,
					      "protects blocks of at most a page, not",
					      HALTBLK_ID_blocksize);
	if (cfg->zoned)
		return haltblk_feature_refuse(dev, HALTBLK_ID_pi_type,
					      "does not protect the zones of",
					      HALTBLK_ID_zoned);
	if (cfg->cache)
		return haltblk_feature_refuse(dev, HALTBLK_ID_pi_type,
					      "has no room for tuples in",
					      HALTBLK_ID_cache);
	if (cfg->cache_size)
		return haltblk_feature_refuse(dev, HALTBLK_ID_pi_type,
					      "has no room for tuples in",
					      HALTBLK_ID_cache_size);
	return 0;
}

static bool haltblk_integrity_wanted(const struct haltblk_device *dev)
{
	return dev->integrity.on;
}

/*
 * Tuples stay over power off. But if the data could have changed without them,
 * or they have another format, they are gone, as if the drive was formatted.
 */
static int haltblk_integrity_start(struct haltblk_device *dev)
{
	const struct haltblk_config *cfg = &dev->cfg;
	struct haltblk_integrity *in = &dev->integrity;
	u8 shift = ilog2(cfg->blocksize) - SECTOR_SHIFT;

	if (in->type != cfg->pi_type || in->guard != cfg->pi_guard ||
	    in->shift != shift)
		haltblk_tuples_destroy(&in->tuples);
	in->type = cfg->pi_type;
	in->guard = cfg->pi_guard;
	in->shift = shift;
	in->on = in->type;
	return 0;
}

static void haltblk_integrity_limits(const struct haltblk_device *dev,
				     struct haltblk_limits *lim)
{
	const struct haltblk_integrity *in = &dev->integrity;

	if (!in->on)
		return;
	lim->pi = true;
	lim->pi_ip = in->guard == HALTBLK_PI_IP;
	lim->pi_ref_tag = in->type != 3;
	/* The block layer computes the guard of a block in one segment. */
	lim->dma_alignment = max_t(unsigned int, lim->dma_alignment,
				   dev->cfg.blocksize - 1);
}

const struct haltblk_feature haltblk_integrity_feature = {
	.options	= haltblk_integrity_options,
	.nr_options	= ARRAY_SIZE(haltblk_integrity_options),
	.init		= haltblk_integrity_init,
	.destroy	= haltblk_integrity_destroy,
	.check		= haltblk_integrity_check,
	.start		= haltblk_integrity_start,
	.limits		= haltblk_integrity_limits,
	.move		= haltblk_integrity_hook,
	.drop		= haltblk_integrity_drop,
	.wanted		= haltblk_integrity_wanted,
};
