// SPDX-License-Identifier: GPL-2.0-only
/*
 * Zones: conditions, limits of open and active zones, and operations on whole
 * zones. zonewrite.c has the writes.
 *
 * Process context; may sleep where a function says so. Locks, outermost first:
 *
 *	haltblk_zone.data	for resets and moving data; a sleeping lock
 *	haltblk_zone.lock	one zone at a time, never two
 *	haltblk_zones.lock	the counts
 *
 * Two zones are never locked at a time. So a caller that needs room to open a
 * zone unlocks it, closes another zone (haltblk_zones_make_room()), and tries
 * again.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "zones.h"

static void haltblk_zones_init_one(const struct haltblk_zones *z,
				   struct haltblk_zone *zone)
{
	spin_lock_init(&zone->lock);
	init_rwsem(&zone->data);
	if (haltblk_zones_is_conv(z, zone)) {
		zone->cond = BLK_ZONE_COND_NOT_WP;
		zone->wp = HALTBLK_ZONE_NO_WP;
	} else if (z->shape.full) {
		zone->cond = BLK_ZONE_COND_FULL;
		zone->wp = haltblk_zones_capacity(z, zone);
	} else {
		zone->cond = BLK_ZONE_COND_EMPTY;
		zone->wp = 0;
	}
	zone->next = zone->wp;
}

/**
 * haltblk_zones_init - make zones
 * @z: zeroed, or destroyed before
 * @shape: their shape
 *
 * May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int haltblk_zones_init(struct haltblk_zones *z,
		       const struct haltblk_zones_shape *shape)
{
	u32 i;

	z->shape = *shape;
	z->shift = ilog2(shape->zone_sectors);
	z->nr = (shape->sectors + shape->zone_sectors - 1) >> z->shift;
	z->limited = shape->max_open || shape->max_active;
	spin_lock_init(&z->lock);
	z->imp_open = 0;
	z->exp_open = 0;
	z->closed = 0;
	z->victim = shape->nr_conv;
	z->zone = kvcalloc(z->nr, sizeof(*z->zone), GFP_KERNEL);
	if (!z->zone)
		return -ENOMEM;
	for (i = 0; i < z->nr; i++)
		haltblk_zones_init_one(z, &z->zone[i]);
	return 0;
}

/**
 * haltblk_zones_destroy - free zones
 * @z: zones, possibly none
 */
void haltblk_zones_destroy(struct haltblk_zones *z)
{
	kvfree(z->zone);
	z->zone = NULL;
	z->nr = 0;
}

/* The count for a condition, if there is one. */
static u32 *haltblk_zones_count(struct haltblk_zones *z, u8 cond)
{
	switch (cond) {
	case BLK_ZONE_COND_IMP_OPEN:
		return &z->imp_open;
	case BLK_ZONE_COND_EXP_OPEN:
		return &z->exp_open;
	case BLK_ZONE_COND_CLOSED:
		return &z->closed;
	default:
		return NULL;
	}
}

/*
 * The count and the condition change under one lock, so a zone that is counted
 * is there for haltblk_zones_make_room() to find.
 */
static void haltblk_zones_change(struct haltblk_zones *z,
				 struct haltblk_zone *zone, u8 cond)
{
	u32 *count;

	lockdep_assert_held(&z->lock);
	count = haltblk_zones_count(z, zone->cond);
	if (count)
		--*count;
	count = haltblk_zones_count(z, cond);
	if (count)
		++*count;
	WRITE_ONCE(zone->cond, cond);
}

/**
 * haltblk_zones_become - change the condition of a zone
 * @z: zones
 * @zone: locked
 * @cond: new condition, which needs no more room than the old one
 */
void haltblk_zones_become(struct haltblk_zones *z, struct haltblk_zone *zone,
			  u8 cond)
{
	lockdep_assert_held(&zone->lock);
	if (!z->limited) {
		WRITE_ONCE(zone->cond, cond);
		return;
	}
	spin_lock(&z->lock);
	haltblk_zones_change(z, zone, cond);
	spin_unlock(&z->lock);
}

/*
 * Is there room to open a zone in condition @cond? A closed zone is active
 * already. -EAGAIN: there is, once another zone is closed.
 */
static int haltblk_zones_room(const struct haltblk_zones *z, u8 cond)
{
	u32 open = z->imp_open + z->exp_open;

	lockdep_assert_held(&z->lock);
	if (cond == BLK_ZONE_COND_EMPTY && z->shape.max_active &&
	    open + z->closed >= z->shape.max_active)
		return -EOVERFLOW;
	if (z->shape.max_open && open >= z->shape.max_open)
		return z->imp_open ? -EAGAIN : -ETOOMANYREFS;
	return 0;
}

/**
 * haltblk_zones_open - change the condition of a zone to one that needs room
 * @z: zones
 * @zone: locked, empty or closed
 * @cond: new condition
 *
 * Return: 0; -ETOOMANYREFS: too many zones are open; -EOVERFLOW: too many are
 * active; -EAGAIN: unlock @zone, call haltblk_zones_make_room(), and try again.
 */
int haltblk_zones_open(struct haltblk_zones *z, struct haltblk_zone *zone,
		       u8 cond)
{
	int err;

	lockdep_assert_held(&zone->lock);
	if (!z->limited) {
		WRITE_ONCE(zone->cond, cond);
		return 0;
	}
	spin_lock(&z->lock);
	err = haltblk_zones_room(z, zone->cond);
	if (!err)
		haltblk_zones_change(z, zone, cond);
	spin_unlock(&z->lock);
	return err;
}

/* The condition after a close: a zone without data is not active. */
static u8 haltblk_zones_shut(const struct haltblk_zone *zone)
{
	return zone->next ? BLK_ZONE_COND_CLOSED : BLK_ZONE_COND_EMPTY;
}

/**
 * haltblk_zones_make_room - close a zone that a write opened
 * @z: zones, none of them locked by the caller
 *
 * Closes the next one after the zone that it closed last. Another caller may
 * take the room, so the caller tries again in a loop.
 */
void haltblk_zones_make_room(struct haltblk_zones *z)
{
	u32 i, nr = READ_ONCE(z->victim);
	struct haltblk_zone *zone;
	bool closed;

	for (i = z->shape.nr_conv; i < z->nr; i++, nr++) {
		if (nr >= z->nr)
			nr = z->shape.nr_conv;
		zone = &z->zone[nr];
		if (READ_ONCE(zone->cond) != BLK_ZONE_COND_IMP_OPEN)
			continue;
		spin_lock(&zone->lock);
		closed = zone->cond == BLK_ZONE_COND_IMP_OPEN;
		if (closed)
			haltblk_zones_become(z, zone, haltblk_zones_shut(zone));
		spin_unlock(&zone->lock);
		if (!closed)
			continue;
		WRITE_ONCE(z->victim, nr + 1);
		return;
	}
}

/* The condition of a zone after an operation, or -EIO. */
static int haltblk_zones_after(const struct haltblk_zone *zone,
			       enum haltblk_op op)
{
	u8 cond = READ_ONCE(zone->cond);

	switch (cond) {
	case BLK_ZONE_COND_EMPTY:
	case BLK_ZONE_COND_IMP_OPEN:
	case BLK_ZONE_COND_EXP_OPEN:
	case BLK_ZONE_COND_CLOSED:
	case BLK_ZONE_COND_FULL:
		break;
	default:
		return -EIO;
	}
	switch (op) {
	case HALTBLK_OP_ZONE_RESET:
		return BLK_ZONE_COND_EMPTY;
	case HALTBLK_OP_ZONE_FINISH:
		return BLK_ZONE_COND_FULL;
	case HALTBLK_OP_ZONE_OPEN:
		return cond == BLK_ZONE_COND_FULL ? -EIO :
						    BLK_ZONE_COND_EXP_OPEN;
	case HALTBLK_OP_ZONE_CLOSE:
		if (cond == BLK_ZONE_COND_FULL || cond == BLK_ZONE_COND_EMPTY)
			return -EIO;
		return haltblk_zones_shut(zone);
	default:
		return -EIO;
	}
}

/* Empty a zone. Writes that were admitted before no longer count. */
static void haltblk_zones_clear(struct haltblk_zones *z,
				struct haltblk_zone *zone)
{
	haltblk_zones_become(z, zone, BLK_ZONE_COND_EMPTY);
	WRITE_ONCE(zone->wp, 0);
	zone->next = 0;
	zone->writing = 0;
	WRITE_ONCE(zone->epoch, zone->epoch + 1);
}

static int haltblk_zones_manage_locked(struct haltblk_zones *z,
				       struct haltblk_zone *zone,
				       enum haltblk_op op)
{
	int cond = haltblk_zones_after(zone, op);
	int err;

	if (cond < 0)
		return cond;
	if (op == HALTBLK_OP_ZONE_RESET) {
		haltblk_zones_clear(z, zone);
		return 0;
	}
	if (cond == zone->cond)
		return 0;
	/* Finishing a zone needs the same room as opening it. */
	if (op != HALTBLK_OP_ZONE_CLOSE &&
	    (zone->cond == BLK_ZONE_COND_EMPTY ||
	     zone->cond == BLK_ZONE_COND_CLOSED)) {
		err = haltblk_zones_open(z, zone, cond);
		if (err)
			return err;
	} else {
		haltblk_zones_become(z, zone, cond);
	}
	if (op == HALTBLK_OP_ZONE_FINISH) {
		zone->next = haltblk_zones_len(z, zone);
		WRITE_ONCE(zone->wp, zone->next);
	}
	return 0;
}

/**
 * haltblk_zones_may_manage - does a zone's condition allow an operation now?
 * @z: zones
 * @op: open, close, finish or reset
 * @sector: any sector of the zone
 *
 * Return: 0 or -EIO.
 */
int haltblk_zones_may_manage(const struct haltblk_zones *z, enum haltblk_op op,
			     u64 sector)
{
	return min(0, haltblk_zones_after(haltblk_zones_at(z, sector), op));
}

/* Reset one zone. May sleep if there is something to erase. */
static int haltblk_zones_reset(struct haltblk_zones *z, struct haltblk_zone *zone,
			       haltblk_zones_erase_t erase, void *priv)
{
	int err;

	if (erase)
		down_write(&zone->data);
	spin_lock(&zone->lock);
	err = haltblk_zones_manage_locked(z, zone, HALTBLK_OP_ZONE_RESET);
	spin_unlock(&zone->lock);
	if (!err && erase)
		erase(priv, haltblk_zones_start(z, zone),
		      haltblk_zones_len(z, zone));
	if (erase)
		up_write(&zone->data);
	return err;
}

/**
 * haltblk_zones_manage - open, close, finish or reset a zone
 * @z: zones
 * @op: open, close, finish or reset
 * @sector: any sector of the zone
 * @erase: called by a reset to erase data; NULL if the device stores none
 * @priv: passed to @erase
 *
 * Only a reset with @erase may sleep.
 *
 * Return: 0; -EIO: the condition of the zone forbids it; -ETOOMANYREFS: too
 * many zones are open; -EOVERFLOW: too many are active.
 */
int haltblk_zones_manage(struct haltblk_zones *z, enum haltblk_op op, u64 sector,
			 haltblk_zones_erase_t erase, void *priv)
{
	struct haltblk_zone *zone = haltblk_zones_at(z, sector);
	int err;

	if (op == HALTBLK_OP_ZONE_RESET)
		return haltblk_zones_reset(z, zone, erase, priv);
	do {
		spin_lock(&zone->lock);
		err = haltblk_zones_manage_locked(z, zone, op);
		spin_unlock(&zone->lock);
		if (err == -EAGAIN)
			haltblk_zones_make_room(z);
	} while (err == -EAGAIN);
	return err;
}

/**
 * haltblk_zones_reset_all - reset all zones that are not empty and allow it
 * @z: zones
 * @erase: as for haltblk_zones_manage()
 * @priv: passed to @erase
 */
void haltblk_zones_reset_all(struct haltblk_zones *z,
			     haltblk_zones_erase_t erase, void *priv)
{
	struct haltblk_zone *zone;

	for (zone = &z->zone[z->shape.nr_conv]; zone < &z->zone[z->nr]; zone++) {
		if (READ_ONCE(zone->cond) != BLK_ZONE_COND_EMPTY)
			haltblk_zones_reset(z, zone, erase, priv);
		if (erase)
			cond_resched();
	}
}

/**
 * haltblk_zones_break - make a zone read-only or offline, or heal it
 * @z: zones
 * @sector: any sector of the zone
 * @cond: read-only or offline; a zone that already has @cond becomes empty
 * @erase: as for haltblk_zones_manage()
 * @priv: passed to @erase
 *
 * May sleep if @erase is given.
 *
 * Return: 0; -ERANGE: no such sector; -EINVAL: the zone is conventional.
 */
int haltblk_zones_break(struct haltblk_zones *z, u64 sector,
			enum blk_zone_cond cond, haltblk_zones_erase_t erase,
			void *priv)
{
	struct haltblk_zone *zone;
	bool heal;

	if (sector >= z->shape.sectors)
		return -ERANGE;
	zone = haltblk_zones_at(z, sector);
	if (haltblk_zones_is_conv(z, zone))
		return -EINVAL;
	if (erase)
		down_write(&zone->data);
	spin_lock(&zone->lock);
	heal = zone->cond == cond;
	haltblk_zones_clear(z, zone);
	if (!heal) {
		haltblk_zones_become(z, zone, cond);
		WRITE_ONCE(zone->wp, HALTBLK_ZONE_NO_WP);
		zone->next = HALTBLK_ZONE_NO_WP;
	}
	spin_unlock(&zone->lock);
	if (heal && erase)
		erase(priv, haltblk_zones_start(z, zone),
		      haltblk_zones_len(z, zone));
	if (erase)
		up_write(&zone->data);
	return 0;
}

/**
 * haltblk_zones_report - fill in a zone for a report of zones
 * @z: zones
 * @nr: number of the zone
 * @out: filled in
 */
void haltblk_zones_report(struct haltblk_zones *z, u32 nr, struct blk_zone *out)
{
	struct haltblk_zone *zone = &z->zone[nr];

	memset(out, 0, sizeof(*out));
	out->start = haltblk_zones_start(z, zone);
	out->len = haltblk_zones_len(z, zone);
	if (haltblk_zones_is_conv(z, zone)) {
		out->type = BLK_ZONE_TYPE_CONVENTIONAL;
		out->cond = BLK_ZONE_COND_NOT_WP;
		out->capacity = out->len;
		out->wp = out->start + out->len;
		return;
	}
	out->type = BLK_ZONE_TYPE_SEQWRITE_REQ;
	out->capacity = haltblk_zones_capacity(z, zone);
	spin_lock(&zone->lock);
	out->cond = zone->cond;
	out->wp = zone->wp == HALTBLK_ZONE_NO_WP ? U64_MAX :
						   out->start + zone->wp;
	spin_unlock(&zone->lock);
}

/* Open zones do not stay open without power. */
static void haltblk_zones_restart_one(struct haltblk_zones *z,
				      struct haltblk_zone *zone)
{
	if (zone->cond == BLK_ZONE_COND_IMP_OPEN ||
	    zone->cond == BLK_ZONE_COND_EXP_OPEN)
		zone->cond = haltblk_zones_shut(zone);
	if (zone->cond == BLK_ZONE_COND_CLOSED)
		z->closed++;
}

/**
 * haltblk_zones_restart - go on with existing zones after a power off
 * @z: zones, possibly none; no write is on its way
 * @shape: new shape; only the limits may differ from the old one
 *
 * Return: false if @shape differs too much or there are no zones.
 */
bool haltblk_zones_restart(struct haltblk_zones *z,
			   const struct haltblk_zones_shape *shape)
{
	struct haltblk_zone *zone;

	if (!z->zone || z->shape.sectors != shape->sectors ||
	    z->shape.zone_sectors != shape->zone_sectors ||
	    z->shape.capacity != shape->capacity ||
	    z->shape.nr_conv != shape->nr_conv || z->shape.full != shape->full)
		return false;
	z->shape = *shape;
	z->limited = shape->max_open || shape->max_active;
	z->imp_open = 0;
	z->exp_open = 0;
	z->closed = 0;
	for (zone = z->zone; zone < &z->zone[z->nr]; zone++)
		haltblk_zones_restart_one(z, zone);
	return true;
}
