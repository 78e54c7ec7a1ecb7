// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes to zones and reads from them. A write makes three calls, and anything
 * can happen to its zone between them:
 *
 *	admit		checks that the write begins where the last admitted
 *			one ends, or gives an append its sector; opens the zone
 *	move_begin	before the data moves; fails after a reset of the zone
 *	done		moves the write pointer; a write with fewer sectors than
 *			admitted has failed
 *
 * A failed write leaves the write pointer behind its data that reached the
 * media. The next write begins there if no other was admitted behind the failed
 * one. Otherwise its sectors stay a hole, as on a drive.
 *
 * Process context; may sleep where a function says so. zones.c describes the
 * locks.
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "zones.h"

static int haltblk_zonewrite_admit_locked(struct haltblk_zones *z,
					  struct haltblk_zone *zone,
					  struct haltblk_zone_write *w,
					  bool append)
{
	u64 start = haltblk_zones_start(z, zone);
	int err;

	switch (zone->cond) {
	case BLK_ZONE_COND_EMPTY:
	case BLK_ZONE_COND_CLOSED:
	case BLK_ZONE_COND_IMP_OPEN:
	case BLK_ZONE_COND_EXP_OPEN:
		break;
	default:
		return -EIO;
	}
	if (!append && w->sector != start + zone->next)
		return -EIO;
	if (w->nr_sectors > haltblk_zones_capacity(z, zone) - zone->next)
		return -EIO;
	if (zone->cond == BLK_ZONE_COND_EMPTY ||
	    zone->cond == BLK_ZONE_COND_CLOSED) {
		err = haltblk_zones_open(z, zone, BLK_ZONE_COND_IMP_OPEN);
		if (err)
			return err;
	}
	w->sector = start + zone->next;
	w->epoch = zone->epoch;
	zone->next += w->nr_sectors;
	zone->writing++;
	return 0;
}

/**
 * haltblk_zonewrite_admit - admit a write
 * @z: zones
 * @w: write with @sector and @nr_sectors set, at least one sector, on the
 *	device; the other fields are filled in
 * @append: @w->sector is any sector of the zone, and is set to where the write
 *	goes
 *
 * Call haltblk_zonewrite_done() later for each admitted write.
 *
 * Return: 0; -EIO: the write does not begin at the write pointer or goes past
 * the end of the zone, or the zone's condition forbids it; -ETOOMANYREFS: too
 * many zones are open; -EOVERFLOW: too many are active.
 */
int haltblk_zonewrite_admit(struct haltblk_zones *z,
			    struct haltblk_zone_write *w, bool append)
{
	struct haltblk_zone *zone = haltblk_zones_at(z, w->sector);
	int err;

	w->sequential = !haltblk_zones_is_conv(z, zone);
	if (!w->sequential) {
		/* The other zone may be of any kind. */
		if (append || haltblk_zones_at(z, w->sector + w->nr_sectors - 1) !=
			      zone)
			return -EIO;
		return 0;
	}
	do {
		spin_lock(&zone->lock);
		err = haltblk_zonewrite_admit_locked(z, zone, w, append);
		spin_unlock(&zone->lock);
		if (err == -EAGAIN)
			haltblk_zones_make_room(z);
	} while (err == -EAGAIN);
	return err;
}

/**
 * haltblk_zonewrite_move_begin - begin to move the data of an admitted write
 * @z: zones
 * @w: write
 * @may_sleep: the caller may wait for a reset that erases the zone
 *
 * Return: 0: move the data, then call haltblk_zonewrite_move_end(); -ESTALE: do
 * not move it, because the zone was reset after the write was admitted; -EIO:
 * the zone broke since; -EAGAIN: call again where it may sleep.
 */
int haltblk_zonewrite_move_begin(struct haltblk_zones *z,
				 const struct haltblk_zone_write *w,
				 bool may_sleep)
{
	struct haltblk_zone *zone;

	if (!w->sequential)
		return 0;
	zone = haltblk_zones_at(z, w->sector);
	if (!down_read_trylock(&zone->data)) {
		if (!may_sleep)
			return -EAGAIN;
		down_read(&zone->data);
	}
	/* A reset that changes it holds @data for writing. */
	if (READ_ONCE(zone->epoch) == w->epoch)
		return 0;
	up_read(&zone->data);
	switch (READ_ONCE(zone->cond)) {
	case BLK_ZONE_COND_READONLY:
	case BLK_ZONE_COND_OFFLINE:
		return -EIO;
	default:
		return -ESTALE;
	}
}

/**
 * haltblk_zonewrite_move_end - end what haltblk_zonewrite_move_begin() began
 * @z: zones
 * @w: write, whether its data has moved or not
 */
void haltblk_zonewrite_move_end(struct haltblk_zones *z,
				const struct haltblk_zone_write *w)
{
	if (w->sequential)
		up_read(&haltblk_zones_at(z, w->sector)->data);
}

/* The zone was not reset since, but may have been finished or closed. */
static void haltblk_zonewrite_done_locked(struct haltblk_zones *z,
					  struct haltblk_zone *zone,
					  const struct haltblk_zone_write *w,
					  u32 kept)
{
	u32 first = w->sector - haltblk_zones_start(z, zone);

	zone->writing--;
	if (kept)
		/* Readers that see the new pointer see the data before it. */
		smp_store_release(&zone->wp, max(zone->wp, first + kept));
	if (!zone->writing)
		zone->next = zone->wp;
	else if (zone->next == first + w->nr_sectors)
		zone->next = first + kept;
	if (zone->wp == haltblk_zones_capacity(z, zone))
		haltblk_zones_become(z, zone, BLK_ZONE_COND_FULL);
	else if (!zone->next && zone->cond == BLK_ZONE_COND_CLOSED)
		haltblk_zones_become(z, zone, BLK_ZONE_COND_EMPTY);
}

/**
 * haltblk_zonewrite_done - move the write pointer past an admitted write
 * @z: zones
 * @w: write that has moved its data or failed
 * @kept: how many of its sectors, from the first on, the media has
 */
void haltblk_zonewrite_done(struct haltblk_zones *z,
			    const struct haltblk_zone_write *w, u32 kept)
{
	struct haltblk_zone *zone;

	if (!w->sequential)
		return;
	zone = haltblk_zones_at(z, w->sector);
	spin_lock(&zone->lock);
	if (zone->epoch == w->epoch)
		haltblk_zonewrite_done_locked(z, zone, w, kept);
	spin_unlock(&zone->lock);
}

/**
 * haltblk_zonewrite_may_read - may a read begin?
 * @z: zones
 * @sector: first sector
 *
 * Return: 0 or -EIO: the zone is offline.
 */
int haltblk_zonewrite_may_read(const struct haltblk_zones *z, u64 sector)
{
	u8 cond = READ_ONCE(haltblk_zones_at(z, sector)->cond);

	return cond == BLK_ZONE_COND_OFFLINE ? -EIO : 0;
}

/**
 * haltblk_zonewrite_readable - how much of a read is before the write pointer?
 * @z: zones
 * @sector: first sector
 * @nr_sectors: length; the read ends in the same zone
 *
 * Return: the number of readable sectors, from the first on.
 */
u32 haltblk_zonewrite_readable(const struct haltblk_zones *z, u64 sector,
			       u32 nr_sectors)
{
	const struct haltblk_zone *zone = haltblk_zones_at(z, sector);
	u32 first = sector - haltblk_zones_start(z, zone);
	u32 wp;

	/* Pairs with haltblk_zonewrite_done_locked(). */
	wp = smp_load_acquire(&zone->wp);
	return first >= wp ? 0 : min(nr_sectors, wp - first);
}
