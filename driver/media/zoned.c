// SPDX-License-Identifier: GPL-2.0-only
/*
 * Zoned devices: requests and options on one side, the model of zones (zones.h) on
 * the other.
 *
 * A write gets its place when it is admitted, and an append its sector; both are
 * known at the state media. The write pointer follows when the data has moved. An
 * operation on a zone is refused when it is admitted and takes effect where data
 * moves, so a rule at media can still fail or drop it.
 *
 * Process context; a reset of zones that store data sleeps. Locks: zones.c.
 */
#include <linux/align.h>
#include <linux/srcu.h>

#include "media.h"

/*
 * Reports of zones come from open files, which may be older than the power off and
 * the device. One that finds the capacity of its disk gone touches nothing else.
 */
DEFINE_STATIC_SRCU(haltblk_zoned_srcu);

static void haltblk_zoned_erase(void *priv, u64 sector, u64 nr_sectors)
{
	haltblk_erase_range(priv, sector << SECTOR_SHIFT,
			    nr_sectors << SECTOR_SHIFT, HALTBLK_ERASE_FREE);
}

static haltblk_zones_erase_t haltblk_zoned_eraser(const struct haltblk_device *dev)
{
	return dev->plain ? NULL : haltblk_zoned_erase;
}

static bool haltblk_zoned_is_reset_all(const struct haltblk_cmd *cmd)
{
	return (cmd->dev->front->opf(cmd) & REQ_OP_MASK) ==
	       REQ_OP_ZONE_RESET_ALL;
}

/**
 * haltblk_zoned_place - which sectors is a request without data about?
 * @cmd: new, its operation and first sector as the block layer has them, no length
 *
 * An operation on zones is about all of their sectors; a flush has no place.
 */
void haltblk_zoned_place(struct haltblk_cmd *cmd)
{
	const struct haltblk_zones *z = &cmd->dev->zones;

	switch (cmd->op) {
	case HALTBLK_OP_ZONE_RESET:
		if (!haltblk_zoned_is_reset_all(cmd))
			break;
		cmd->sector = 0;
		cmd->nr_sectors = min_t(u64, z->shape.sectors, U32_MAX);
		return;
	case HALTBLK_OP_ZONE_OPEN:
	case HALTBLK_OP_ZONE_CLOSE:
	case HALTBLK_OP_ZONE_FINISH:
		break;
	default:
		cmd->sector = 0;
		return;
	}
	cmd->nr_sectors = haltblk_zones_len(z, haltblk_zones_at(z, cmd->sector));
}

/* --- hooks ------------------------------------------------------------------ */

static struct haltblk_zone_write haltblk_zoned_of(const struct haltblk_cmd *cmd)
{
	return (struct haltblk_zone_write) {
		.sector = cmd->sector,
		.nr_sectors = cmd->nr_sectors,
		.epoch = cmd->zone_epoch,
		.sequential = cmd->flags & HALTBLK_CMD_F_ZONED,
	};
}

static int haltblk_zoned_admit_write(struct haltblk_cmd *cmd, bool append)
{
	struct haltblk_zone_write w = haltblk_zoned_of(cmd);
	int err = haltblk_zonewrite_admit(&cmd->dev->zones, &w, append);

	if (err || !w.sequential)
		return err;
	cmd->flags |= HALTBLK_CMD_F_ZONED;
	cmd->zone_epoch = w.epoch;
	cmd->sector = w.sector;
	if (append)
		cmd->dev->front->set_sector(cmd);
	return 0;
}

static struct haltblk_cmd *haltblk_zoned_admit(struct haltblk_cmd *cmd)
{
	struct haltblk_zones *z = &cmd->dev->zones;
	int err = 0;

	switch (cmd->op) {
	case HALTBLK_OP_FLUSH:
		break;
	case HALTBLK_OP_READ:
		err = haltblk_zonewrite_may_read(z, cmd->sector);
		break;
	case HALTBLK_OP_WRITE:
		err = haltblk_zoned_admit_write(cmd, false);
		break;
	case HALTBLK_OP_ZONE_APPEND:
		err = haltblk_zoned_admit_write(cmd, true);
		break;
	case HALTBLK_OP_ZONE_RESET:
	case HALTBLK_OP_ZONE_OPEN:
	case HALTBLK_OP_ZONE_CLOSE:
	case HALTBLK_OP_ZONE_FINISH:
		if (!haltblk_zoned_is_reset_all(cmd))
			err = haltblk_zones_may_manage(z, cmd->op, cmd->sector);
		break;
	default:
		err = -EOPNOTSUPP;
	}
	if (err) {
		cmd->status = errno_to_blk_status(err);
		cmd->step = HALTBLK_STEP_END;
	}
	return cmd;
}

/**
 * haltblk_zoned_write - move the data of a write, and the write pointer
 * @cmd: write or zone append that was admitted
 * @kept: how many of its sectors, from the first on, reach the media; only whole
 *	blocks do
 *
 * Return: 0; -EAGAIN: call again where it may sleep; -EIO: the zone has become
 * read-only or offline; or the error of moving the data.
 */
int haltblk_zoned_write(struct haltblk_cmd *cmd, u32 kept)
{
	bool may_sleep = cmd->flags & HALTBLK_CMD_F_SLEEP;
	struct haltblk_zone_write w = haltblk_zoned_of(cmd);
	struct haltblk_device *dev = cmd->dev;
	int err;

	kept = round_down(kept, (u32)dev->cfg.blocksize >> SECTOR_SHIFT);
	if (!dev->plain) {
		err = haltblk_zonewrite_move_begin(&dev->zones, &w, may_sleep);
		/* As if it had moved its data before the reset came. */
		if (err)
			return err == -ESTALE ? 0 : err;
		err = haltblk_data_move(dev, cmd->bio,
					(dev->front->opf(cmd) & ~REQ_OP_MASK) |
					REQ_OP_WRITE,
					cmd->sector, kept, may_sleep);
		haltblk_zonewrite_move_end(&dev->zones, &w);
		if (err)
			return err;
	}
	haltblk_zonewrite_done(&dev->zones, &w, kept);
	cmd->flags &= ~HALTBLK_CMD_F_ZONED;
	return 0;
}

/* What is past the write pointer was not written, and reads as such. */
static int haltblk_zoned_move_read(struct haltblk_cmd *cmd)
{
	struct haltblk_device *dev = cmd->dev;
	u32 nr;

	if (dev->plain)
		return 0;
	nr = haltblk_zonewrite_readable(&dev->zones, cmd->sector,
					cmd->nr_sectors);
	if (nr == cmd->nr_sectors)
		return 0;
	if (nr)
		haltblk_data_move(dev, cmd->bio, dev->front->opf(cmd),
				  cmd->sector, nr, true);
	haltblk_data_fill(cmd->bio, nr << SECTOR_SHIFT,
			  (cmd->nr_sectors - nr) << SECTOR_SHIFT, 0xff);
	return 1;
}

static int haltblk_zoned_manage(struct haltblk_cmd *cmd)
{
	struct haltblk_device *dev = cmd->dev;
	haltblk_zones_erase_t erase = haltblk_zoned_eraser(dev);

	if (cmd->op == HALTBLK_OP_ZONE_RESET && erase &&
	    !(cmd->flags & HALTBLK_CMD_F_SLEEP))
		return -EAGAIN;
	if (haltblk_zoned_is_reset_all(cmd)) {
		haltblk_zones_reset_all(&dev->zones, erase, dev);
		return 1;
	}
	return haltblk_zones_manage(&dev->zones, cmd->op, cmd->sector, erase,
				    dev) ?: 1;
}

static int haltblk_zoned_move(struct haltblk_cmd *cmd)
{
	switch (cmd->op) {
	case HALTBLK_OP_READ:
		return haltblk_zoned_move_read(cmd);
	case HALTBLK_OP_WRITE:
	case HALTBLK_OP_ZONE_APPEND:
		return haltblk_zoned_write(cmd, haltblk_cmd_kept(cmd)) ?: 1;
	case HALTBLK_OP_FLUSH:
		return 0;
	default:
		return haltblk_zoned_manage(cmd);
	}
}

/* A write that was admitted and moved nothing: it failed, or was dropped. */
static void haltblk_zoned_end(struct haltblk_cmd *cmd)
{
	struct haltblk_zone_write w;

	if (!(cmd->flags & HALTBLK_CMD_F_ZONED))
		return;
	w = haltblk_zoned_of(cmd);
	haltblk_zonewrite_done(&cmd->dev->zones, &w, 0);
}

/* --- reports and broken zones ----------------------------------------------- */

/* The zone that a sector is in. Return: false if there is none. */
static bool haltblk_zoned_report_one(struct gendisk *disk, sector_t sector,
				     struct blk_zone *out)
{
	struct haltblk_zones *z;
	bool there;
	int idx;

	idx = srcu_read_lock(&haltblk_zoned_srcu);
	there = sector < get_capacity(disk);
	if (there) {
		z = &((struct haltblk_device *)disk->private_data)->zones;
		haltblk_zones_report(z, sector >> z->shift, out);
	}
	srcu_read_unlock(&haltblk_zoned_srcu, idx);
	return there;
}

/* The receiver may wait for user space, so it runs without a lock. */
static int haltblk_zoned_report(struct gendisk *disk, sector_t sector,
				unsigned int nr_zones,
				struct haltblk_report *report)
{
	struct blk_zone zone;
	unsigned int i;
	int err;

	for (i = 0; i < nr_zones; i++) {
		if (!haltblk_zoned_report_one(disk, sector, &zone))
			break;
		sector = zone.start + zone.len;
		err = haltblk_compat_report_zone(disk, report, &zone, i);
		if (err)
			return err;
	}
	return i;
}

HALTBLK_COMPAT_REPORT_ZONES(haltblk_zoned_report_zones, haltblk_zoned_report)

/**
 * haltblk_zoned_break - make a zone read-only or offline, or heal it
 * @dev: powered and zoned, and stays so
 * @sector: any of the zone
 * @cond: read-only or offline; a zone that is so already becomes empty
 *
 * Sleeps.
 *
 * Return: 0; -ERANGE: no such sector; -EINVAL: a conventional zone.
 */
int haltblk_zoned_break(struct haltblk_device *dev, u64 sector,
			enum blk_zone_cond cond)
{
	return haltblk_zones_break(&dev->zones, sector, cond,
				   haltblk_zoned_eraser(dev), dev);
}

/* --- the feature ------------------------------------------------------------ */

#define HALTBLK_ZONED_MIB(mib)	((mib) << (20 - SECTOR_SHIFT))

static u64 haltblk_zoned_nr(const struct haltblk_config *cfg)
{
	return DIV_ROUND_UP_ULL(cfg->size, (u32)cfg->zone_size);
}

/* A limit that no number of zones reaches is none. */
static u32 haltblk_zoned_most(const struct haltblk_config *cfg, s64 limit)
{
	return limit >= haltblk_zoned_nr(cfg) - cfg->zone_nr_conv ? 0 : limit;
}

static void haltblk_zoned_shape(const struct haltblk_config *cfg,
				struct haltblk_zones_shape *shape)
{
	*shape = (struct haltblk_zones_shape) {
		.sectors = HALTBLK_ZONED_MIB(cfg->size),
		.zone_sectors = HALTBLK_ZONED_MIB(cfg->zone_size),
		.capacity = HALTBLK_ZONED_MIB(cfg->zone_capacity ?:
					      cfg->zone_size),
		.nr_conv = cfg->zone_nr_conv,
		.max_open = haltblk_zoned_most(cfg, cfg->zone_max_open),
		.max_active = haltblk_zoned_most(cfg, cfg->zone_max_active),
		.full = cfg->zone_full,
	};
}

/* Largest append: what is asked for, in whole blocks, and fits into a zone. */
static u32 haltblk_zoned_append(const struct haltblk_config *cfg)
{
	s64 most = HALTBLK_ZONED_MIB(cfg->zone_capacity ?: cfg->zone_size);

	return min(ALIGN_DOWN(cfg->zone_append_max_sectors,
			      cfg->blocksize >> SECTOR_SHIFT), most);
}

/* Options that do not fit together with zones at all. */
static int haltblk_zoned_check_others(const struct haltblk_device *dev)
{
	static const int others[] = {
		HALTBLK_ID_discard, HALTBLK_ID_write_zeroes,
		HALTBLK_ID_secure_erase, HALTBLK_ID_cache, HALTBLK_ID_cache_size,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(others); i++)
		if (dev->cfg.v[others[i]])
			return haltblk_feature_refuse(dev, others[i],
						      "cannot be had with",
						      HALTBLK_ID_zoned);
	return 0;
}

static int haltblk_zoned_check_append(const struct haltblk_device *dev)
{
	const struct haltblk_config *cfg = &dev->cfg;

	if (cfg->zone_append_max_sectors && !haltblk_zoned_append(cfg))
		return haltblk_feature_refuse(dev,
					      HALTBLK_ID_zone_append_max_sectors,
					      "is less than a block of",
					      HALTBLK_ID_blocksize);
	if (cfg->zone_append_max_sectors)
		return 0;
	if (!cfg->queue_mode)
		return haltblk_feature_refuse(dev,
					      HALTBLK_ID_zone_append_max_sectors,
					      "has the block layer emulate zone append, which it cannot with",
					      HALTBLK_ID_queue_mode);
	if (!HALTBLK_COMPAT_EMULATES_APPEND) {
		pr_warn("%s: power=1: zone_append_max_sectors=0: this kernel does not emulate zone append; write the most sectors that one may have\n",
			dev->name);
		return -EINVAL;
	}
	return 0;
}

static int haltblk_zoned_check(const struct haltblk_device *dev)
{
	const struct haltblk_config *cfg = &dev->cfg;

	if (!cfg->zoned)
		return 0;
	if (!IS_ENABLED(CONFIG_BLK_DEV_ZONED)) {
		pr_warn("%s: power=1: zoned=1: this kernel is built without CONFIG_BLK_DEV_ZONED; write 0\n",
			dev->name);
		return -EINVAL;
	}
	if (cfg->zone_size > cfg->size)
		return haltblk_feature_refuse(dev, HALTBLK_ID_zone_size,
					      "is more than",
					      HALTBLK_ID_size);
	if (haltblk_zoned_nr(cfg) > HALTBLK_ZONES_MOST) {
		pr_warn("%s: power=1: %s and %s make %llu zones, and the driver can have %lu; make zones larger or the device smaller\n",
			dev->name,
			haltblk_feature_text(dev, HALTBLK_ID_zone_size).s,
			haltblk_feature_text(dev, HALTBLK_ID_size).s,
			haltblk_zoned_nr(cfg), HALTBLK_ZONES_MOST);
		return -EINVAL;
	}
	if (cfg->zone_capacity > cfg->zone_size)
		return haltblk_feature_refuse(dev, HALTBLK_ID_zone_capacity,
					      "is more than",
					      HALTBLK_ID_zone_size);
	/* No drive has both. */
	if (cfg->zone_capacity && cfg->zone_capacity != cfg->zone_size &&
	    cfg->size & (cfg->zone_size - 1))
		return haltblk_feature_refuse(dev, HALTBLK_ID_zone_capacity,
					      "needs a last zone of full size, which there is not with",
					      HALTBLK_ID_size);
	if (cfg->zone_nr_conv >= haltblk_zoned_nr(cfg)) {
		pr_warn("%s: power=1: %s: the device has %llu zones, and one at least must be sequential; write less\n",
			dev->name,
			haltblk_feature_text(dev, HALTBLK_ID_zone_nr_conv).s,
			haltblk_zoned_nr(cfg));
		return -EINVAL;
	}
	if (cfg->zone_max_active && cfg->zone_max_open > cfg->zone_max_active)
		return haltblk_feature_refuse(dev, HALTBLK_ID_zone_max_open,
					      "is more than",
					      HALTBLK_ID_zone_max_active);
	return haltblk_zoned_check_append(dev) ?:
	       haltblk_zoned_check_others(dev);
}

static bool haltblk_zoned_on(const struct haltblk_config *cfg)
{
	return cfg->zoned;
}

/* Zones are kept as long as what they store. */
static int haltblk_zoned_start(struct haltblk_device *dev)
{
	struct haltblk_zones_shape shape;

	haltblk_zoned_shape(&dev->cfg, &shape);
	if (haltblk_zones_restart(&dev->zones, &shape))
		return 0;
	haltblk_zones_destroy(&dev->zones);
	return haltblk_zones_init(&dev->zones, &shape);
}

static void haltblk_zoned_stop(struct haltblk_device *dev)
{
	synchronize_srcu(&haltblk_zoned_srcu);
	if (dev->plain)
		haltblk_zones_destroy(&dev->zones);
}

static void haltblk_zoned_destroy(struct haltblk_device *dev)
{
	haltblk_zones_destroy(&dev->zones);
}

static void haltblk_zoned_limits(const struct haltblk_device *dev,
				 struct haltblk_limits *lim)
{
	lim->zone_sectors = dev->zones.shape.zone_sectors;
	lim->zone_append_sectors = haltblk_zoned_append(&dev->cfg);
	lim->max_open_zones = dev->zones.shape.max_open;
	lim->max_active_zones = dev->zones.shape.max_active;
}

static int haltblk_zoned_add(struct haltblk_device *dev, struct gendisk *disk)
{
	return haltblk_compat_revalidate_zones(disk, dev->zones.nr);
}

const struct haltblk_feature haltblk_zoned_feature = {
	.destroy	= haltblk_zoned_destroy,
	.check		= haltblk_zoned_check,
	.on		= haltblk_zoned_on,
	.start		= haltblk_zoned_start,
	.stop		= haltblk_zoned_stop,
	.limits		= haltblk_zoned_limits,
	.add		= haltblk_zoned_add,
	.admit		= haltblk_zoned_admit,
	.move		= haltblk_zoned_move,
	.end		= haltblk_zoned_end,
};
