/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that knows about differences between kernels, with compat_integrity.h.
 * Compiling probes/ shows what a kernel has (compat_gen.h). Its version would
 * not, because distributions backport.
 */
#ifndef HALTBLK_COMPAT_H
#define HALTBLK_COMPAT_H

#include <linux/badblocks.h>
#include <linux/blk-mq.h>
#include <linux/blk-integrity.h>
#include <linux/blkdev.h>
#include <linux/hrtimer.h>
#include <linux/suspend.h>
#include <linux/t10-pi.h>

#include "compat_gen.h"
#include "compat_integrity.h"

/* Blocks larger than a page, which need huge pages, came in 6.15. */
#ifdef BLK_MAX_BLOCK_SIZE
#define HALTBLK_COMPAT_BLOCK_MAX	((s64)BLK_MAX_BLOCK_SIZE)
#else
#define HALTBLK_COMPAT_BLOCK_MAX	((s64)PAGE_SIZE)
#endif

#ifdef HALTBLK_HAVE_RQ_LIST
typedef struct rq_list haltblk_rq_list_t;
#else
typedef struct request *haltblk_rq_list_t;
#endif

/*
 * Order of requests. A plug is a queue if it is a struct rq_list, and was a
 * stack before that. blk_mq_add_to_batch() went on to make stacks for longer,
 * which shows only after it was called.
 */
#ifdef HALTBLK_HAVE_RQ_LIST
static inline void haltblk_compat_reverse(struct rq_list *list)
{
	struct rq_list out = { };
	struct request *rq;

	while ((rq = rq_list_pop(list)))
		rq_list_add_head(&out, rq);
	*list = out;
}
#else
static inline void haltblk_compat_reverse(struct request **list)
{
	struct request *out = NULL;
	struct request *rq;

	while ((rq = rq_list_pop(list)))
		rq_list_add(&out, rq);
	*list = out;
}
#endif

/**
 * haltblk_compat_order_plug - put a plug in the order of submission
 * @list: list of requests that queue_rqs got
 */
static inline void haltblk_compat_order_plug(haltblk_rq_list_t *list)
{
#ifndef HALTBLK_HAVE_RQ_LIST
	haltblk_compat_reverse(list);
#endif
}

/**
 * haltblk_compat_order_batch - put a batch in the order in which it was made
 * @iob: batch
 * @first: request that was added first
 */
static inline void haltblk_compat_order_batch(struct io_comp_batch *iob,
					      const struct request *first)
{
	if (rq_list_peek(&iob->req_list) != first)
		haltblk_compat_reverse(&iob->req_list);
}

#ifdef HALTBLK_HAVE_MQ_F_SHOULD_MERGE
#define HALTBLK_COMPAT_MQ_F_BASE	BLK_MQ_F_SHOULD_MERGE
#else
#define HALTBLK_COMPAT_MQ_F_BASE	0
#endif

#ifdef HALTBLK_HAVE_MQ_F_NO_SCHED
#define HALTBLK_COMPAT_MQ_F_NO_SCHED	BLK_MQ_F_NO_SCHED
#else
#define HALTBLK_COMPAT_MQ_F_NO_SCHED	BLK_MQ_F_NO_SCHED_BY_DEFAULT
#endif

/*
 * May a tracepoint's probe take a spin lock and allocate memory? With
 * PREEMPT_RT both may sleep, and before 7.0 probes run with preemption off.
 */
#ifdef HALTBLK_HAVE_TRACE_SRCU
#define HALTBLK_COMPAT_PROBES_LOCK	true
#else
#define HALTBLK_COMPAT_PROBES_LOCK	(!IS_ENABLED(CONFIG_PREEMPT_RT))
#endif

/* Renamed in 6.5. */
#ifdef BLK_STS_RESV_CONFLICT
#define HALTBLK_COMPAT_STS_RESV_CONFLICT	BLK_STS_RESV_CONFLICT
#else
#define HALTBLK_COMPAT_STS_RESV_CONFLICT	BLK_STS_NEXUS
#endif

/* Some kernels lack these statuses; BLK_STS_OK then stands for them. */
#ifdef BLK_STS_DURATION_LIMIT
#define HALTBLK_COMPAT_STS_DURATION_LIMIT	BLK_STS_DURATION_LIMIT
#else
#define HALTBLK_COMPAT_STS_DURATION_LIMIT	BLK_STS_OK
#endif
#ifdef BLK_STS_INVAL
#define HALTBLK_COMPAT_STS_INVAL		BLK_STS_INVAL
#else
#define HALTBLK_COMPAT_STS_INVAL		BLK_STS_OK
#endif

#ifdef HALTBLK_HAVE_ATOMIC_WRITES
#define HALTBLK_COMPAT_REQ_ATOMIC	REQ_ATOMIC
#else
#define HALTBLK_COMPAT_REQ_ATOMIC	((__force blk_opf_t)0)
#endif

/**
 * haltblk_compat_start_request - blk_mq_start_request() for queue_rqs
 * @rq: request
 *
 * Kernels without RQF_SCHED_TAGS (before 6.5) rely on drivers with queue_rqs to
 * enter requests in the table of tags. Otherwise neither time-outs nor a CPU
 * that goes offline would see these requests.
 */
static __always_inline void haltblk_compat_start_request(struct request *rq)
{
#ifndef RQF_SCHED_TAGS
	rq->mq_hctx->tags->rqs[rq->tag] = rq;
#endif
	blk_mq_start_request(rq);
}

/**
 * haltblk_compat_alloc_pages - allocate several pages at once
 * @gfp: how to allocate
 * @nr: number of pages
 * @pages: array to fill, all NULL
 *
 * Return: the number of pages, which are the first in @pages.
 */
static inline unsigned long
haltblk_compat_alloc_pages(gfp_t gfp, unsigned long nr, struct page **pages)
{
#ifdef HALTBLK_HAVE_ALLOC_PAGES_BULK
	return alloc_pages_bulk(gfp, nr, pages);
#else
	return alloc_pages_bulk_array(gfp, nr, pages);
#endif
}

/**
 * haltblk_compat_abort_suspend - make a suspend that has begun give up
 *
 * All kernels check for this when they freeze tasks. Newer ones also check
 * while they sync file systems.
 */
static inline void haltblk_compat_abort_suspend(void)
{
#ifdef CONFIG_PM_SLEEP
	pm_system_wakeup();
#endif
}

static inline void
haltblk_compat_hrtimer_setup(struct hrtimer *timer,
			     enum hrtimer_restart (*fn)(struct hrtimer *))
{
#ifdef HALTBLK_HAVE_HRTIMER_SETUP
	hrtimer_setup(timer, fn, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	timer->function = fn;
#endif
}

/* Sets of bad blocks: from 6.15 they say whether it worked, not whether it failed. */
#ifdef HALTBLK_HAVE_BADBLOCKS_BOOL
#define HALTBLK_COMPAT_BAD_DONE(_answer)	(_answer)
typedef sector_t haltblk_compat_bad_len_t;
#else
#define HALTBLK_COMPAT_BAD_DONE(_answer)	(!(_answer))
typedef int haltblk_compat_bad_len_t;
#endif

static inline bool haltblk_compat_bad_set(struct badblocks *table,
					  sector_t first, sector_t nr)
{
	return HALTBLK_COMPAT_BAD_DONE(badblocks_set(table, first, nr, 1));
}

static inline bool haltblk_compat_bad_clear(struct badblocks *table,
					    sector_t first, sector_t nr)
{
	return HALTBLK_COMPAT_BAD_DONE(badblocks_clear(table, first, nr));
}

/* Is a sector bad? The first range that is. */
static inline bool haltblk_compat_bad_check(struct badblocks *table,
					    sector_t first, u32 nr,
					    sector_t *bad, sector_t *nr_bad)
{
	haltblk_compat_bad_len_t len;

	if (!badblocks_check(table, first, nr, bad, &len))
		return false;
	*nr_bad = len;
	return true;
}

/**
 * struct haltblk_limits - what a disk tells the block layer
 * @block_size: logical and physical block size, bytes
 * @max_sectors: largest request, 0 for the kernel's default
 * @virt_boundary: mask, or 0
 * @dma_alignment: mask of buffer addresses
 * @atomic_unit: largest atomic write in bytes, 0 for none
 * @discard_sectors: largest discard, 0 for none
 * @secure_erase_sectors: largest secure erase, 0 for none
 * @write_zeroes_sectors: largest write zeroes, 0 for none
 * @discard_granularity: bytes
 * @discard_alignment: bytes before the first whole granule
 * @zone_sectors: size of a zone, 0 if not zoned
 * @zone_append_sectors: largest zone append, 0 if the block layer emulates it
 * @max_open_zones: zones that may be open, 0 for no limit
 * @max_active_zones: zones that may be active, 0 for no limit
 * @node: NUMA node of allocations
 * @bio: bio driver, on which NOWAIT bios never wait
 * @synchronous: bio driver that ends bios before submit_bio() returns
 * @write_cache: the disk has a volatile cache and takes flushes
 * @fua: writes can bypass the cache
 * @rotational: seeks cost time
 * @write_streams: number of streams that writes may name; 0 none
 * @write_stream_granularity: bytes of one stream that belong together; 0 unknown
 * @pi: blocks have tuples (T10 PI)
 * @pi_ip: whose guard is an IP checksum, not a CRC
 * @pi_ref_tag: whose reference tag is checked (types 1 and 2)
 */
struct haltblk_limits {
	unsigned int block_size;
	unsigned int max_sectors;
	unsigned long virt_boundary;
	unsigned int dma_alignment;
	unsigned int atomic_unit;
	unsigned int discard_sectors;
	unsigned int secure_erase_sectors;
	unsigned int write_zeroes_sectors;
	unsigned int discard_granularity;
	unsigned int discard_alignment;
	unsigned int zone_sectors;
	unsigned int zone_append_sectors;
	unsigned int max_open_zones;
	unsigned int max_active_zones;
	int node;
	bool bio;
	bool synchronous;
	bool write_cache;
	bool fua;
	bool rotational;
	unsigned short write_streams;
	unsigned int write_stream_granularity;
	bool pi;
	bool pi_ip;
	bool pi_ref_tag;
};

#ifdef HALTBLK_HAVE_WRITE_STREAMS
#define HALTBLK_COMPAT_WRITE_STREAMS	true
#else
#define HALTBLK_COMPAT_WRITE_STREAMS	false
#endif

/* Segments of tuples in a request, which bound merges: as many as of data. */
#define HALTBLK_COMPAT_PI_SEGMENTS	BLK_MAX_SEGMENTS

/* Bytes of a tuple that are free for its owner: the tags that nobody checks. */
#define HALTBLK_COMPAT_PI_TAGS(_l)	((_l)->pi_ref_tag ? 2 : 6)

#ifdef HALTBLK_HAVE_LIMITS_AT_ALLOC

static inline void haltblk_compat_limit_zones(struct queue_limits *lim,
					      const struct haltblk_limits *l)
{
	if (!l->zone_sectors)
		return;
#ifdef HALTBLK_HAVE_BLK_FEAT
	lim->features |= BLK_FEAT_ZONED;
#else
	lim->zoned = true;
#endif
	lim->chunk_sectors = l->zone_sectors;
#ifdef HALTBLK_HAVE_HW_ZONE_APPEND
	lim->max_hw_zone_append_sectors = l->zone_append_sectors;
#else
	lim->max_zone_append_sectors = l->zone_append_sectors;
#endif
#ifdef HALTBLK_HAVE_ZONE_LIMITS
	lim->max_open_zones = l->max_open_zones;
	lim->max_active_zones = l->max_active_zones;
#endif
}

static inline void haltblk_compat_limit_pi(struct queue_limits *lim,
					   const struct haltblk_limits *l)
{
#ifdef HALTBLK_HAVE_INTEGRITY_LIMITS
	struct blk_integrity *bi = &lim->integrity;

	if (!l->pi)
		return;
	bi->csum_type = l->pi_ip ? BLK_INTEGRITY_CSUM_IP :
				   BLK_INTEGRITY_CSUM_CRC;
	bi->flags = BLK_INTEGRITY_DEVICE_CAPABLE;
	if (l->pi_ref_tag)
		bi->flags |= BLK_INTEGRITY_REF_TAG;
	bi->tag_size = HALTBLK_COMPAT_PI_TAGS(l);
#ifdef HALTBLK_HAVE_METADATA_SIZE
	bi->metadata_size = sizeof(struct t10_pi_tuple);
	bi->pi_tuple_size = sizeof(struct t10_pi_tuple);
#else
	bi->tuple_size = sizeof(struct t10_pi_tuple);
#endif
	lim->max_integrity_segments = HALTBLK_COMPAT_PI_SEGMENTS;
#endif
}

static inline struct queue_limits
haltblk_compat_limits(const struct haltblk_limits *l)
{
	struct queue_limits lim = {
		.logical_block_size = l->block_size,
		.physical_block_size = l->block_size,
		.max_hw_sectors = l->max_sectors,
		.virt_boundary_mask = l->virt_boundary,
		.dma_alignment = l->dma_alignment,
		.max_hw_discard_sectors = l->discard_sectors,
		.max_secure_erase_sectors = l->secure_erase_sectors,
		.max_write_zeroes_sectors = l->write_zeroes_sectors,
		.discard_granularity = l->discard_granularity,
		.discard_alignment = l->discard_alignment,
	};

#ifdef HALTBLK_HAVE_HW_WZEROES_UNMAP
	lim.max_hw_wzeroes_unmap_sectors = l->write_zeroes_sectors;
#endif
#ifdef HALTBLK_HAVE_WRITE_STREAMS
	lim.max_write_streams = l->write_streams;
	lim.write_stream_granularity = l->write_stream_granularity;
#endif
#ifdef HALTBLK_HAVE_ATOMIC_WRITES
	if (l->atomic_unit) {
		/* Also keeps merges from exceeding the unit. */
		lim.atomic_write_hw_max = l->atomic_unit;
		lim.atomic_write_hw_unit_max = l->atomic_unit;
		lim.atomic_write_hw_unit_min = l->block_size;
#ifdef BLK_FEAT_ATOMIC_WRITES
		lim.features |= BLK_FEAT_ATOMIC_WRITES;
#endif
	}
#endif
#ifdef HALTBLK_HAVE_BLK_FEAT
	if (l->write_cache)
		lim.features |= BLK_FEAT_WRITE_CACHE;
	if (l->fua)
		lim.features |= BLK_FEAT_FUA;
	if (l->rotational)
		lim.features |= BLK_FEAT_ROTATIONAL;
	if (l->bio) {
		lim.features |= BLK_FEAT_IO_STAT | BLK_FEAT_NOWAIT;
		if (l->synchronous)
			lim.features |= BLK_FEAT_SYNCHRONOUS;
	}
#endif
	haltblk_compat_limit_zones(&lim, l);
	haltblk_compat_limit_pi(&lim, l);
	return lim;
}

static inline struct gendisk *
haltblk_compat_alloc(struct blk_mq_tag_set *set,
		     const struct haltblk_limits *l, void *data)
{
	struct queue_limits lim = haltblk_compat_limits(l);

	if (l->bio)
		return blk_alloc_disk(&lim, l->node);
	return blk_mq_alloc_disk(set, &lim, data);
}

static inline void haltblk_compat_apply(struct request_queue *q,
					const struct haltblk_limits *l)
{
}

#else /* setters, up to 6.8 */

static inline struct gendisk *
haltblk_compat_alloc(struct blk_mq_tag_set *set,
		     const struct haltblk_limits *l, void *data)
{
	struct gendisk *disk;

	if (!l->bio)
		return blk_mq_alloc_disk(set, data);
	disk = blk_alloc_disk(l->node);
	return disk ?: ERR_PTR(-ENOMEM);
}

static inline void haltblk_compat_apply(struct request_queue *q,
					const struct haltblk_limits *l)
{
	blk_queue_logical_block_size(q, l->block_size);
	blk_queue_physical_block_size(q, l->block_size);
	if (l->max_sectors)
		blk_queue_max_hw_sectors(q, l->max_sectors);
	if (l->virt_boundary)
		blk_queue_virt_boundary(q, l->virt_boundary);
	blk_queue_dma_alignment(q, l->dma_alignment);
	blk_queue_max_discard_sectors(q, l->discard_sectors);
	blk_queue_max_secure_erase_sectors(q, l->secure_erase_sectors);
	blk_queue_max_write_zeroes_sectors(q, l->write_zeroes_sectors);
	q->limits.discard_granularity = l->discard_granularity;
	q->limits.discard_alignment = l->discard_alignment;
}

#endif

/* Zones, where they are no limits of the queue. */
static inline void haltblk_compat_set_zoned(struct gendisk *disk,
					    const struct haltblk_limits *l)
{
#ifdef CONFIG_BLK_DEV_ZONED
	if (!l->zone_sectors)
		return;
#ifdef HALTBLK_HAVE_ZONED_MODEL
	disk_set_zoned(disk, BLK_ZONED_HM);
	blk_queue_required_elevator_features(disk->queue,
					     ELEVATOR_F_ZBD_SEQ_WRITE);
#elif !defined(HALTBLK_HAVE_LIMITS_AT_ALLOC)
	disk_set_zoned(disk);
#endif
#ifdef QUEUE_FLAG_ZONE_RESETALL
	blk_queue_flag_set(QUEUE_FLAG_ZONE_RESETALL, disk->queue);
#endif
#ifndef HALTBLK_HAVE_LIMITS_AT_ALLOC
	blk_queue_chunk_sectors(disk->queue, l->zone_sectors);
	blk_queue_max_zone_append_sectors(disk->queue, l->zone_append_sectors);
#endif
#ifndef HALTBLK_HAVE_ZONE_LIMITS
	disk_set_max_open_zones(disk, l->max_open_zones);
	disk_set_max_active_zones(disk, l->max_active_zones);
#endif
#endif
}

/* Before features became limits, they were flags of the queue. */
static inline struct gendisk *
haltblk_compat_alloc_disk(struct blk_mq_tag_set *set,
			  const struct haltblk_limits *l, void *data)
{
	struct gendisk *disk = haltblk_compat_alloc(set, l, data);

	if (IS_ERR(disk))
		return disk;
	haltblk_compat_apply(disk->queue, l);
	haltblk_compat_set_zoned(disk, l);
#ifndef HALTBLK_HAVE_BLK_FEAT
	if (!l->rotational)
		blk_queue_flag_set(QUEUE_FLAG_NONROT, disk->queue);
	blk_queue_write_cache(disk->queue, l->write_cache, l->fua);
	if (l->bio) {
		blk_queue_flag_set(QUEUE_FLAG_IO_STAT, disk->queue);
		blk_queue_flag_set(QUEUE_FLAG_NOWAIT, disk->queue);
	}
#ifdef QUEUE_FLAG_SYNCHRONOUS
	if (l->bio && l->synchronous)
		blk_queue_flag_set(QUEUE_FLAG_SYNCHRONOUS, disk->queue);
#endif
#endif
	return disk;
}

#ifdef HALTBLK_HAVE_ZONE_APPEND_EMULATION
#define HALTBLK_COMPAT_EMULATES_APPEND	true
#else
#define HALTBLK_COMPAT_EMULATES_APPEND	false
#endif

/**
 * haltblk_compat_revalidate_zones - have the block layer look at a disk's zones
 * @disk: not added yet, its capacity set
 * @nr_zones: how many there are
 *
 * Return: 0 or what it refuses with.
 */
static inline int haltblk_compat_revalidate_zones(struct gendisk *disk,
						  unsigned int nr_zones)
{
#if !defined(CONFIG_BLK_DEV_ZONED)
	return -EOPNOTSUPP;
#elif defined(HALTBLK_HAVE_REVALIDATE_CB)
	if (queue_is_mq(disk->queue))
		return blk_revalidate_disk_zones(disk, NULL);
	disk->nr_zones = nr_zones;
	return 0;
#else
	return blk_revalidate_disk_zones(disk);
#endif
}

/**
 * struct haltblk_report - whom a report of zones goes to
 */
struct haltblk_report {
#ifdef HALTBLK_HAVE_REPORT_ZONES_ARGS
	struct blk_report_zones_args *args;
#else
	report_zones_cb cb;
	void *data;
#endif
};

static inline int haltblk_compat_report_zone(struct gendisk *disk,
					     const struct haltblk_report *report,
					     struct blk_zone *zone,
					     unsigned int nr)
{
#if !defined(CONFIG_BLK_DEV_ZONED)
	return -EOPNOTSUPP;
#elif defined(HALTBLK_HAVE_REPORT_ZONES_ARGS)
	return disk_report_zone(disk, zone, nr, report->args);
#else
	return report->cb(zone, nr, report->data);
#endif
}

/* Declares and defines report_zones of struct block_device_operations, which calls _fn. */
#define HALTBLK_COMPAT_REPORT_ZONES_DECLARE(_name)			\
	typeof(*((struct block_device_operations *)0)->report_zones) _name
#ifdef HALTBLK_HAVE_REPORT_ZONES_ARGS
#define HALTBLK_COMPAT_REPORT_ZONES(_name, _fn)				\
int _name(struct gendisk *disk, sector_t sector, unsigned int nr_zones,	\
	  struct blk_report_zones_args *args)				\
{									\
	struct haltblk_report report = { .args = args };		\
									\
	return _fn(disk, sector, nr_zones, &report);			\
}
#else
#define HALTBLK_COMPAT_REPORT_ZONES(_name, _fn)				\
int _name(struct gendisk *disk, sector_t sector, unsigned int nr_zones,	\
	  report_zones_cb cb, void *data)				\
{									\
	struct haltblk_report report = { .cb = cb, .data = data };	\
									\
	return _fn(disk, sector, nr_zones, &report);			\
}
#endif

#endif /* HALTBLK_COMPAT_H */
