// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * What may be on the disk after a power cut: points, fates, choices and images.
 * Pure; crash_model.h has the rules. Ranges that durable requests have written
 * over are in crash_cover.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crash_cover.h"
#include "crash_model.h"

bool hb_crash_whole(const struct haltblk_crash_request *rq)
{
	return rq->atomic || rq->op == HALTBLK_OP_DISCARD;
}

bool hb_crash_range(const struct hb_crash_history *h,
		    const struct haltblk_crash_request *rq, uint64_t *sector,
		    uint32_t *sectors)
{
	const struct hb_crash_geometry *g = &h->devices[rq->dev];
	uint64_t start = rq->sector, end = start + rq->moved_sectors, skip;

	if (rq->op == HALTBLK_OP_DISCARD && g->granule) {
		/* Both round towards the middle of the range. */
		skip = g->granule - g->alignment % g->granule;
		start += g->granule - 1 - (start + skip + g->granule - 1) % g->granule;
		if (end < (end + skip) % g->granule)
			return false;
		end -= (end + skip) % g->granule;
	}
	if (end <= start)
		return false;
	*sector = start;
	*sectors = end - start;
	return true;
}

/* The record knows what it did to the disk. */
static bool has_effect(const struct hb_crash_history *h,
		       const struct haltblk_crash_request *rq)
{
	uint64_t sector;
	uint32_t sectors;

	switch (rq->op) {
	case HALTBLK_OP_WRITE:
	case HALTBLK_OP_DISCARD:
	case HALTBLK_OP_SECURE_ERASE:
	case HALTBLK_OP_WRITE_ZEROES:
		return rq->moved && hb_crash_range(h, rq, &sector, &sectors);
	}
	return false;
}

static bool completed(const struct haltblk_crash_request *rq, uint64_t event)
{
	return rq->ended && rq->ended <= event && rq->status == HALTBLK_STATUS_OK;
}

/* Its completion alone makes it durable. */
static bool durable_at_end(const struct hb_crash_history *h,
			   const struct haltblk_crash_request *rq)
{
	return (rq->op == HALTBLK_OP_WRITE && rq->flags & HALTBLK_RQ_FUA) ||
	       rq->op == HALTBLK_OP_SECURE_ERASE ||
	       h->devices[rq->dev].write_through;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* How many of the sorted numbers are smaller than @number. */
static size_t below(const uint64_t *sorted, size_t nr, uint64_t number)
{
	size_t low = 0, mid;

	while (low < nr) {
		mid = low + (nr - low) / 2;
		if (sorted[mid] < number)
			low = mid + 1;
		else
			nr = mid;
	}
	return low;
}

struct flush {
	uint64_t ended;
	uint64_t reached;
};

static int by_end(const void *a, const void *b)
{
	return by_number(&((const struct flush *)a)->ended,
			 &((const struct flush *)b)->ended);
}

/* Adds the points of one device. @ends and @flushes have room for all requests. */
static size_t points_of(const struct hb_crash_history *h, unsigned int dev,
			uint64_t *ends, struct flush *flushes, uint64_t *points)
{
	size_t nr_ends = 0, nr_flushes = 0, nr = 0, i;
	uint64_t covered = 0;

	for (i = 0; i < h->nr; i++) {
		const struct haltblk_crash_request *rq = &h->requests[i];

		if (rq->dev != dev || !completed(rq, h->last))
			continue;
		if (rq->op == HALTBLK_OP_FLUSH)
			flushes[nr_flushes++] = (struct flush){ rq->ended, rq->reached };
		else if (!has_effect(h, rq))
			continue;
		else if (durable_at_end(h, rq))
			points[nr++] = rq->ended - 1;
		else
			ends[nr_ends++] = rq->ended;
	}
	qsort(ends, nr_ends, sizeof(*ends), by_number);
	qsort(flushes, nr_flushes, sizeof(*flushes), by_end);
	for (i = 0; i < nr_flushes; i++) {
		if (flushes[i].reached <= covered)
			continue;
		if (below(ends, nr_ends, flushes[i].reached) >
		    below(ends, nr_ends, covered))
			points[nr++] = flushes[i].ended - 1;
		covered = flushes[i].reached;
	}
	return nr;
}

int hb_crash_points(const struct hb_crash_history *h, uint64_t **points,
		    size_t *nr)
{
	uint64_t *ends = malloc((h->nr + 1) * sizeof(*ends));
	struct flush *flushes = malloc((h->nr + 1) * sizeof(*flushes));
	size_t found = 0, i, out = 0;
	unsigned int dev;

	*nr = 0;
	*points = malloc((h->nr + 1) * sizeof(**points));
	if (!ends || !flushes || !*points) {
		free(ends);
		free(flushes);
		free(*points);
		*points = NULL;
		return -ENOMEM;
	}
	for (dev = 0; dev < h->nr_devices; dev++)
		found += points_of(h, dev, ends, flushes, *points + found);
	(*points)[found++] = h->last;
	free(ends);
	free(flushes);

	qsort(*points, found, sizeof(**points), by_number);
	for (i = 0; i < found; i++)
		if (!out || (*points)[out - 1] != (*points)[i])
			(*points)[out++] = (*points)[i];
	*nr = out;
	return 0;
}

/* The last moment whose completed writes a completed flush covers. */
static uint64_t flushed_by(const struct hb_crash_history *h, unsigned int dev,
			   uint64_t event)
{
	uint64_t reached = 0;
	size_t i;

	for (i = 0; i < h->nr; i++) {
		const struct haltblk_crash_request *rq = &h->requests[i];

		if (rq->dev == dev && rq->op == HALTBLK_OP_FLUSH &&
		    completed(rq, event) && rq->reached > reached)
			reached = rq->reached;
	}
	return reached;
}

struct effect {
	uint64_t moved;
	size_t index;
};

static int by_effect(const void *a, const void *b)
{
	const struct effect *x = a, *y = b;

	return by_number(&x->moved, &y->moved);
}

/* Indices of all requests with an effect that have reached, in its order. */
static int order_of(const struct hb_crash_history *h, struct hb_crash_point *p)
{
	struct effect *effects = malloc((h->nr + 1) * sizeof(*effects));
	size_t i;

	if (!effects)
		return -ENOMEM;
	for (i = 0; i < h->nr; i++) {
		const struct haltblk_crash_request *rq = &h->requests[i];

		if (rq->reached <= p->event && has_effect(h, rq))
			effects[p->nr_order++] = (struct effect){ rq->moved, i };
	}
	qsort(effects, p->nr_order, sizeof(*effects), by_effect);
	for (i = 0; i < p->nr_order; i++)
		p->order[i] = effects[i].index;
	free(effects);
	return 0;
}

/* Finds out what is durable, and from the last effect to the first what that covers. */
static int fates_of(const struct hb_crash_history *h, struct hb_crash_point *p,
		    unsigned int dev)
{
	uint64_t flushed = flushed_by(h, dev, p->event), sector;
	struct hb_cover cover = { 0 };
	uint32_t sectors;
	size_t i;
	int err = 0;

	for (i = p->nr_order; i-- && !err;) {
		const struct haltblk_crash_request *rq = &h->requests[p->order[i]];
		uint8_t *fate = &p->fate[p->order[i]];

		if (rq->dev != dev)
			continue;
		hb_crash_range(h, rq, &sector, &sectors);
		if (completed(rq, p->event) &&
		    (durable_at_end(h, rq) || rq->ended < flushed)) {
			*fate = HB_CRASH_DURABLE;
			err = hb_cover_add(&cover, sector, sector + sectors);
		} else if (hb_cover_has(&cover, sector, sector + sectors)) {
			*fate = HB_CRASH_GONE_OVER;
		} else {
			*fate = HB_CRASH_PENDING;
		}
	}
	hb_cover_free(&cover);
	return err;
}

int hb_crash_at(const struct hb_crash_history *h, uint64_t event,
		struct hb_crash_point **point)
{
	struct hb_crash_point *p = calloc(1, sizeof(*p));
	unsigned int dev;
	int err = -ENOMEM;
	size_t i;

	*point = NULL;
	if (!p)
		return err;
	p->event = event;
	p->fate = calloc(h->nr + 1, sizeof(*p->fate));
	p->order = calloc(h->nr + 1, sizeof(*p->order));
	p->pending = calloc(h->nr + 1, sizeof(*p->pending));
	if (p->fate && p->order && p->pending)
		err = order_of(h, p);
	for (dev = 0; dev < h->nr_devices && !err; dev++)
		err = fates_of(h, p, dev);
	if (err) {
		hb_crash_point_free(p);
		return err;
	}
	for (i = 0; i < p->nr_order; i++)
		if (p->fate[p->order[i]] == HB_CRASH_PENDING)
			p->pending[p->nr_pending++] = p->order[i];
	*point = p;
	return 0;
}

void hb_crash_point_free(struct hb_crash_point *point)
{
	if (!point)
		return;
	free(point->fate);
	free(point->order);
	free(point->pending);
	free(point);
}

/* Whether one part of a choice is legal by itself. */
static const char *wrong(const struct hb_crash_history *h,
			 const struct hb_crash_point *p,
			 const struct hb_crash_keep *k)
{
	const struct haltblk_crash_request *rq;
	uint32_t block;

	if (k->request >= h->nr || p->fate[k->request] == HB_CRASH_ABSENT)
		return "is not in the record by then";
	if (p->fate[k->request] == HB_CRASH_DURABLE)
		return "is durable by then";
	if (p->fate[k->request] == HB_CRASH_GONE_OVER)
		return "has been written over by durable writes";
	if (!k->sectors)
		return k->first ? "needs a number of sectors" : NULL;

	rq = &h->requests[k->request];
	block = h->devices[rq->dev].block;
	if (rq->atomic)
		return "is an atomic write, which cannot be torn";
	if (rq->op == HALTBLK_OP_DISCARD)
		return "is a discard, which cannot be torn";
	if (k->first >= rq->moved_sectors ||
	    k->sectors > rq->moved_sectors - k->first)
		return "has no such sectors";
	if (k->first % block || k->sectors % block)
		return "can be torn only between logical blocks";
	return NULL;
}

static int by_part(const void *a, const void *b)
{
	const struct hb_crash_keep *x = a, *y = b;

	if (x->request != y->request)
		return x->request < y->request ? -1 : 1;
	return (x->first > y->first) - (x->first < y->first);
}

/* A copy of a choice, sorted by request and sector. */
static struct hb_crash_keep *sorted(const struct hb_crash_keep *keep, size_t nr)
{
	struct hb_crash_keep *copy = malloc((nr + 1) * sizeof(*copy));

	if (copy && nr) {
		memcpy(copy, keep, nr * sizeof(*copy));
		qsort(copy, nr, sizeof(*copy), by_part);
	}
	return copy;
}

int hb_crash_check(const struct hb_crash_history *h,
		   const struct hb_crash_point *point,
		   const struct hb_crash_keep *keep, size_t nr,
		   char why[HB_CRASH_WHY])
{
	struct hb_crash_keep *copy = sorted(keep, nr), *k;
	const char *text = NULL;
	size_t i;

	if (!copy)
		return -ENOMEM;
	why[0] = '\0';
	for (i = 0; i < nr && !text; i++) {
		k = &copy[i];
		text = wrong(h, point, k);
		if (!text && i && k[-1].request == k->request &&
		    (!k[-1].sectors || k[-1].first + k[-1].sectors > k->first))
			text = "is named twice";
		if (text && k->request < h->nr)
			snprintf(why, HB_CRASH_WHY, "request %" PRIu64 " %s",
				 h->requests[k->request].id, text);
		else if (text)
			snprintf(why, HB_CRASH_WHY, "a request %s", text);
	}
	free(copy);
	return text ? -EINVAL : 0;
}

static uint32_t how(const struct haltblk_crash_request *rq)
{
	switch (rq->op) {
	case HALTBLK_OP_WRITE:
		return HALTBLK_PATCH_WRITE;
	case HALTBLK_OP_DISCARD:
		return HALTBLK_PATCH_DISCARD;
	}
	/* What is erased securely reads as zeroes, whatever discard_reads says. */
	return HALTBLK_PATCH_ZERO;
}

/* Index of the first part of @request in a sorted choice, or @nr. */
static size_t first_part(const struct hb_crash_keep *keep, size_t nr,
			 size_t request)
{
	size_t low = 0, high = nr, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (keep[mid].request < request)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

int hb_crash_image(const struct hb_crash_history *h,
		   const struct hb_crash_point *point,
		   const struct hb_crash_keep *keep, size_t nr,
		   struct haltblk_crash_write **image, size_t *nr_image)
{
	struct hb_crash_keep *copy = sorted(keep, nr);
	struct haltblk_crash_write *w;
	size_t i, k, request;

	*nr_image = 0;
	*image = w = malloc((point->nr_order + nr + 1) * sizeof(*w));
	if (!copy || !w) {
		free(copy);
		free(w);
		*image = NULL;
		return -ENOMEM;
	}
	for (i = 0; i < point->nr_order; i++) {
		const struct haltblk_crash_request *rq;

		request = point->order[i];
		rq = &h->requests[request];
		*w = (struct haltblk_crash_write){
			.request = request, .how = how(rq), .dev = rq->dev,
		};
		hb_crash_range(h, rq, &w->sector, &w->sectors);
		if (point->fate[request] == HB_CRASH_DURABLE) {
			w++;
			continue;
		}
		for (k = first_part(copy, nr, request);
		     k < nr && copy[k].request == request; k++, w++) {
			w[1] = w[0];
			if (copy[k].sectors) {
				w->sector = rq->sector + copy[k].first;
				w->sectors = copy[k].sectors;
			}
		}
	}
	*nr_image = w - *image;
	free(copy);
	return 0;
}

/* Digits from the last to the first, in units of 10^9. */
static void add_power(uint32_t *sum, uint32_t *power, size_t units, size_t exponent)
{
	uint64_t carry;
	size_t i;

	memset(power, 0, units * sizeof(*power));
	power[0] = 1;
	while (exponent--) {
		for (carry = 0, i = 0; i < units; i++) {
			carry += 2 * (uint64_t)power[i];
			power[i] = carry % 1000000000;
			carry /= 1000000000;
		}
	}
	for (carry = 0, i = 0; i < units; i++) {
		carry += (uint64_t)sum[i] + power[i];
		sum[i] = carry % 1000000000;
		carry /= 1000000000;
	}
}

char *hb_crash_space(const size_t *pending, size_t nr)
{
	size_t most = 0, units, i, len;
	uint32_t *sum, *power;
	char *text;

	for (i = 0; i < nr; i++)
		if (pending[i] > most)
			most = pending[i];
	/* 29 bits for each unit, and 64 for the sum of so many. */
	units = most / 29 + 4;
	sum = calloc(units, sizeof(*sum));
	power = calloc(units, sizeof(*power));
	text = malloc(9 * units + 1);
	if (sum && power && text) {
		for (i = 0; i < nr; i++)
			add_power(sum, power, units, pending[i]);
		while (units > 1 && !sum[units - 1])
			units--;
		len = sprintf(text, "%" PRIu32, sum[units - 1]);
		while (--units)
			len += sprintf(text + len, "%09" PRIu32, sum[units - 1]);
	} else {
		free(text);
		text = NULL;
	}
	free(sum);
	free(power);
	return text;
}
