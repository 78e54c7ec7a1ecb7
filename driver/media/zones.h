/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The zones of a device: conditions, write pointers, and the limits of open and
 * active zones.
 *
 * PURE: uses only types of the block layer; tests/zones_test.c runs it alone.
 * zones.c describes the order of the locks, zonewrite.c the life of a write.
 */
#ifndef HALTBLK_ZONES_H
#define HALTBLK_ZONES_H

#include <linux/blkzoned.h>
#include <linux/cache.h>
#include <linux/minmax.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "uapi/haltblk.h"

/**
 * struct haltblk_zones_shape - zones as the options ask for them
 * @sectors: capacity of the device
 * @zone_sectors: size of a zone, a power of two; the last zone may be smaller
 * @capacity: sectors of a zone that can be written, at most its size
 * @nr_conv: number of conventional zones, at the start; at least one zone is
 *	not conventional
 * @max_open: most zones that may be open at a time; 0 for no limit
 * @max_active: most zones that may be open or closed at a time; 0 for no limit
 * @full: sequential zones begin full, not empty
 */
struct haltblk_zones_shape {
	u64 sectors;
	u32 zone_sectors;
	u32 capacity;
	u32 nr_conv;
	u32 max_open;
	u32 max_active;
	bool full;
};

/**
 * struct haltblk_zone - one zone
 * @lock: protects the fields below except @data; @cond, @wp and @epoch are also
 *	read without it
 * @cond: enum blk_zone_cond
 * @wp: write pointer, in sectors from the start of the zone; the media has the
 *	data before it. HALTBLK_ZONE_NO_WP: conventional, read-only or offline
 * @next: where the next write must begin, and the next append goes; sectors
 *	between @wp and @next belong to admitted writes
 * @writing: number of admitted writes that are not yet done
 * @epoch: grows when a reset takes the zone away from admitted writes
 * @data: held for reading while the data of a write moves, for writing while a
 *	reset erases the zone
 */
struct haltblk_zone {
	spinlock_t lock;
	u8 cond;
	u32 wp;
	u32 next;
	u32 writing;
	u32 epoch;
	struct rw_semaphore data;
} ____cacheline_aligned_in_smp;

#define HALTBLK_ZONE_NO_WP	U32_MAX

/*
 * The block layer keeps a byte for each zone in memory that is contiguous, and
 * warns if there cannot be that much.
 */
#define HALTBLK_ZONES_MOST	(1UL << 20)

/**
 * struct haltblk_zones - the zones of a device
 * @zone: array of @nr zones; NULL: not zoned
 * @nr: number of zones
 * @shift: log2 of the sectors of a zone
 * @shape: shape for which they were made
 * @limited: @shape has a limit, so zones are counted
 * @lock: protects the counts, and changes of conditions that they count
 * @imp_open: zones that a write opened
 * @exp_open: zones that an open operation opened
 * @closed: zones that are active but not open
 * @victim: where to start looking for the next zone to close; no lock
 */
struct haltblk_zones {
	struct haltblk_zone *zone;
	u32 nr;
	u8 shift;
	struct haltblk_zones_shape shape;
	bool limited;
	spinlock_t lock ____cacheline_aligned_in_smp;
	u32 imp_open;
	u32 exp_open;
	u32 closed;
	u32 victim;
};

/**
 * struct haltblk_zone_write - a write that was admitted
 * @sector: first sector
 * @nr_sectors: length
 * @epoch: epoch of its zone when it was admitted
 * @sequential: its zone has a write pointer
 */
struct haltblk_zone_write {
	u64 sector;
	u32 nr_sectors;
	u32 epoch;
	bool sequential;
};

/**
 * typedef haltblk_zones_erase_t - erase a zone's data
 * @priv: the caller's
 * @sector: first sector
 * @nr_sectors: length
 *
 * May sleep.
 */
typedef void (*haltblk_zones_erase_t)(void *priv, u64 sector, u64 nr_sectors);

/* zones.c */
int haltblk_zones_init(struct haltblk_zones *z,
		       const struct haltblk_zones_shape *shape);
void haltblk_zones_destroy(struct haltblk_zones *z);
bool haltblk_zones_restart(struct haltblk_zones *z,
			   const struct haltblk_zones_shape *shape);
void haltblk_zones_become(struct haltblk_zones *z, struct haltblk_zone *zone,
			  u8 cond);
int haltblk_zones_open(struct haltblk_zones *z, struct haltblk_zone *zone,
		       u8 cond);
void haltblk_zones_make_room(struct haltblk_zones *z);
int haltblk_zones_may_manage(const struct haltblk_zones *z, enum haltblk_op op,
			     u64 sector);
int haltblk_zones_manage(struct haltblk_zones *z, enum haltblk_op op, u64 sector,
			 haltblk_zones_erase_t erase, void *priv);
void haltblk_zones_reset_all(struct haltblk_zones *z,
			     haltblk_zones_erase_t erase, void *priv);
int haltblk_zones_break(struct haltblk_zones *z, u64 sector,
			enum blk_zone_cond cond, haltblk_zones_erase_t erase,
			void *priv);
void haltblk_zones_report(struct haltblk_zones *z, u32 nr,
			  struct blk_zone *out);

/* zonewrite.c */
int haltblk_zonewrite_admit(struct haltblk_zones *z,
			    struct haltblk_zone_write *w, bool append);
int haltblk_zonewrite_move_begin(struct haltblk_zones *z,
				 const struct haltblk_zone_write *w,
				 bool may_sleep);
void haltblk_zonewrite_move_end(struct haltblk_zones *z,
				const struct haltblk_zone_write *w);
void haltblk_zonewrite_done(struct haltblk_zones *z,
			    const struct haltblk_zone_write *w, u32 kept);
int haltblk_zonewrite_may_read(const struct haltblk_zones *z, u64 sector);
u32 haltblk_zonewrite_readable(const struct haltblk_zones *z, u64 sector,
			       u32 nr_sectors);

/** haltblk_zones_at - the zone that a sector is in */
static inline struct haltblk_zone *
haltblk_zones_at(const struct haltblk_zones *z, u64 sector)
{
	return &z->zone[sector >> z->shift];
}

/** haltblk_zones_start - first sector of a zone */
static inline u64 haltblk_zones_start(const struct haltblk_zones *z,
				      const struct haltblk_zone *zone)
{
	return (u64)(zone - z->zone) << z->shift;
}

/** haltblk_zones_len - sectors of a zone: the last may be smaller */
static inline u32 haltblk_zones_len(const struct haltblk_zones *z,
				    const struct haltblk_zone *zone)
{
	return min_t(u64, z->shape.zone_sectors,
		     z->shape.sectors - haltblk_zones_start(z, zone));
}

/** haltblk_zones_is_conv - is it a zone without a write pointer? */
static inline bool haltblk_zones_is_conv(const struct haltblk_zones *z,
					 const struct haltblk_zone *zone)
{
	return zone - z->zone < z->shape.nr_conv;
}

/** haltblk_zones_capacity - sectors of a sequential zone that can be written */
static inline u32 haltblk_zones_capacity(const struct haltblk_zones *z,
					 const struct haltblk_zone *zone)
{
	return min(z->shape.capacity, haltblk_zones_len(z, zone));
}

#endif /* HALTBLK_ZONES_H */
