/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The short way: all states of a request at once, without a command. For
 * requests that neither a rule nor a feature's hook minds.
 *
 * Inline, because every request of an idle device takes it.
 */
#ifndef HALTBLK_SHORT_H
#define HALTBLK_SHORT_H

#include "core.h"
#include "media/media.h"
#include "trace.h"

/**
 * haltblk_short_may - may a request take the short way on a device with hooks?
 * @dev: device with @by_cmd
 * @opf: operation and flags
 * @sector: first sector
 * @nr_sectors: length
 *
 * No rule minds the request. If it may, its budget is spent, so the caller asks
 * only once.
 */
static __always_inline bool haltblk_short_may(struct haltblk_device *dev,
					      blk_opf_t opf, u64 sector,
					      u32 nr_sectors)
{
	u8 why = smp_load_acquire(&dev->by_cmd);
	enum haltblk_op op = haltblk_blk_op(opf);

	if (why & (HALTBLK_BY_CMD_ALL | HALTBLK_BY_CMD_CLONE | HALTBLK_BY_CMD_CUT))
		return false;
	if (why & HALTBLK_BY_CMD_BAD &&
	    haltblk_bad_near(dev, op, sector, nr_sectors))
		return false;
	return !(why & HALTBLK_BY_CMD_THROTTLE) ||
	       haltblk_throttle_take(dev, op, nr_sectors);
}

/**
 * struct haltblk_short_view - a request as the states see it
 * @bio: its first bio
 * @opf: operation and flags
 * @sector: first sector
 * @nr_sectors: length
 * @may_sleep: its context may sleep
 */
struct haltblk_short_view {
	struct bio *bio;
	blk_opf_t opf;
	u64 sector;
	u32 nr_sectors;
	bool may_sleep;
};

/**
 * struct haltblk_short_front - how the requests of one mode come and go
 * @view: get the request. Called for each use, so that no register is kept for
 *	a tracepoint that is off
 * @begin: begin a request. Return: true if it moves data
 * @end: end it
 * @defer: let a worker move the data and end the request. NULL: a request that
 *	must not sleep but would have to fails
 *
 * All of them inline.
 */
struct haltblk_short_front {
	struct haltblk_short_view (*view)(void *rq);
	bool (*begin)(struct haltblk_device *dev, void *rq);
	void (*end)(void *rq, blk_status_t status);
	void (*defer)(void *rq);
};

/**
 * haltblk_short_serve - take a request through all states
 * @dev: device, without @by_cmd or after haltblk_short_may()
 * @rq: request, which is gone afterwards
 * @front: a constant
 *
 * haltblk_cmd_advance() has the same order, for requests that may stop.
 */
static __always_inline void
haltblk_short_serve(struct haltblk_device *dev, void *rq,
		    const struct haltblk_short_front *front)
{
	blk_status_t status = BLK_STS_OK;
	struct haltblk_short_view v;
	int err;

	v = front->view(rq);
	trace_haltblk_submit(dev->name, haltblk_blk_op(v.opf), v.sector,
			     v.nr_sectors);
	if (front->begin(dev, rq)) {
		v = front->view(rq);
		err = haltblk_data_move(dev, v.bio, v.opf, v.sector,
					v.nr_sectors, v.may_sleep);
		if (front->defer && unlikely(err == -EAGAIN)) {
			front->defer(rq);
			return;
		}
		if (unlikely(err))
			status = errno_to_blk_status(err);
	}
	v = front->view(rq);
	trace_haltblk_complete(dev->name, haltblk_blk_op(v.opf), v.sector,
			       v.nr_sectors, status);
	front->end(rq, status);
}

#endif /* HALTBLK_SHORT_H */
