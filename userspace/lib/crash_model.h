/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * What may be on the disk after a power cut. Nothing else decides that.
 *
 * At a cut, a request that had taken effect, or was about to, is one of these:
 *
 *   durable    a flush or its own FUA keeps it: it is there
 *   pending    it may be there or not; if it is not whole, then each of its
 *              logical blocks may be there or not
 *   gone over  nobody can tell: durable requests that took effect later have
 *              written all of it over
 *   absent     it had not reached the driver, or the record does not know what
 *              it did
 *
 * Any set of pending requests, or of blocks of them, may be there. Where several
 * have the same block, the one that took effect last counts.
 *
 * All functions are pure: no I/O, no globals. They return 0, -ENOMEM, or what
 * they say.
 */
#ifndef HB_CRASH_MODEL_H
#define HB_CRASH_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libhaltblk.h"

/**
 * struct hb_crash_geometry - a device of a history
 * @block: sectors of a logical block
 * @granule: sectors of a discard granule; 0: as @block
 * @alignment: first sector of the first granule
 * @write_through: it has no volatile cache: what has completed is durable
 */
struct hb_crash_geometry {
	uint32_t block;
	uint32_t granule;
	uint32_t alignment;
	bool write_through;
};

/**
 * struct hb_crash_history - a record, as the model sees it
 * @requests: in any order
 * @nr: how many
 * @devices: by haltblk_crash_request.dev
 * @nr_devices: how many
 * @last: number of the last event
 */
struct hb_crash_history {
	const struct haltblk_crash_request *requests;
	size_t nr;
	const struct hb_crash_geometry *devices;
	unsigned int nr_devices;
	uint64_t last;
};

enum hb_crash_fate {
	HB_CRASH_ABSENT,
	HB_CRASH_DURABLE,
	HB_CRASH_PENDING,
	HB_CRASH_GONE_OVER,
};

/**
 * struct hb_crash_point - a cut of the power
 * @event: what happened up to and with this event has happened
 * @fate: enum hb_crash_fate of each request
 * @order: indices of the requests that are durable, pending or gone over, in
 *	the order in which they took effect
 * @nr_order: how many
 * @pending: those of them that are pending, in the same order
 * @nr_pending: how many
 */
struct hb_crash_point {
	uint64_t event;
	uint8_t *fate;
	size_t *order;
	size_t nr_order;
	size_t *pending;
	size_t nr_pending;
};

/**
 * struct hb_crash_keep - a pending request that is kept, or a part of one
 * @request: its index
 * @first: first sector that is kept, counted from that of the request
 * @sectors: how many; 0: the whole request
 *
 * A request may appear several times, with parts that do not overlap.
 */
struct hb_crash_keep {
	size_t request;
	uint32_t first;
	uint32_t sectors;
};

#define HB_CRASH_WHY	128

/*
 * The points: just before each completion that makes something durable, and the
 * last event. Ascending, each once. Any other instant has a subset of the images
 * of the next point, and of the promises made by then.
 */
int hb_crash_points(const struct hb_crash_history *h, uint64_t **points,
		    size_t *nr);

/* The fates of all requests at a cut behind any event. */
int hb_crash_at(const struct hb_crash_history *h, uint64_t event,
		struct hb_crash_point **point);
void hb_crash_point_free(struct hb_crash_point *point);

/* Whether a request cannot be torn: an atomic write, a discard. */
bool hb_crash_whole(const struct haltblk_crash_request *rq);

/*
 * The sectors of a request that take effect: those that moved, and of a discard
 * only whole granules; false if there are none.
 */
bool hb_crash_range(const struct hb_crash_history *h,
		    const struct haltblk_crash_request *rq, uint64_t *sector,
		    uint32_t *sectors);

/* Whether the choice is legal; -EINVAL if not, and @why tells in words. */
int hb_crash_check(const struct hb_crash_history *h,
		   const struct hb_crash_point *point,
		   const struct hb_crash_keep *keep, size_t nr,
		   char why[HB_CRASH_WHY]);

/*
 * What to write, in this order, on what the devices held at the start, for the
 * image of a choice, which must be legal. free() the image.
 */
int hb_crash_image(const struct hb_crash_history *h,
		   const struct hb_crash_point *point,
		   const struct hb_crash_keep *keep, size_t nr,
		   struct haltblk_crash_write **image, size_t *nr_image);

/*
 * The number of untorn choices at points with so many pending requests each, the
 * sum of 2^pending[i], as decimal digits; NULL without memory. free() it. Some of
 * these choices may have the same image.
 */
char *hb_crash_space(const size_t *pending, size_t nr);

#endif /* HB_CRASH_MODEL_H */
