/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The model of power cuts, compared with a search that knows nothing of it:
 * random histories on four blocks, all images that the rules allow at every
 * instant. An image is a number with a digit for each block: 0 for what was
 * there at the start, else the request that the block is from.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crash_model.h"
#include "tap.h"

#define HISTORIES	10000
#define REQUESTS	8
#define BLOCKS		4	/* of all devices together */
#define IMAGES		6561	/* (REQUESTS + 1) to the power of BLOCKS */
#define EVENTS		(3 * REQUESTS)
#define BITS		10	/* compare all choices of up to so many blocks */

static const unsigned int weight[BLOCKS + 1] = { 1, 9, 81, 729, IMAGES };

struct history {
	struct haltblk_crash_request rq[REQUESTS];
	struct hb_crash_geometry devices[2];
	struct hb_crash_history h;
	unsigned int blocks;	/* of a device */
};

struct images {
	bool has[IMAGES];
	unsigned int nr;
};

static unsigned int bad_points, bad_images, bad_samples, bad_subsets, bad_single;
static unsigned int bad_fates, nr_whole, nr_sampled;
static uint64_t seed = 1;

static unsigned int any(unsigned int below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % below;
}

static void add(struct images *set, unsigned int image)
{
	set->nr += !set->has[image];
	set->has[image] = true;
}

/* The next event of each request comes in a random order; some never come. */
static void make(struct history *x)
{
	unsigned int left = 0, i, block, nr_devices = 1 + any(2);
	unsigned int step[REQUESTS] = { 0 };
	uint64_t event = 0;

	memset(x, 0, sizeof(*x));
	x->h.nr = 1 + any(REQUESTS);
	x->h.requests = x->rq;
	x->h.devices = x->devices;
	x->h.nr_devices = nr_devices;
	x->blocks = BLOCKS / nr_devices;
	for (i = 0; i < nr_devices; i++) {
		x->devices[i].block = 1 << any(3);
		x->devices[i].granule = x->devices[i].block * any(3);
		x->devices[i].alignment = x->devices[i].block * any(2);
		x->devices[i].write_through = !any(6);
	}
	for (i = 0; i < x->h.nr; i++) {
		static const uint8_t ops[] = {
			HALTBLK_OP_WRITE, HALTBLK_OP_WRITE, HALTBLK_OP_WRITE,
			HALTBLK_OP_WRITE, HALTBLK_OP_FLUSH, HALTBLK_OP_FLUSH,
			HALTBLK_OP_WRITE_ZEROES, HALTBLK_OP_DISCARD,
			HALTBLK_OP_SECURE_ERASE, HALTBLK_OP_READ,
		};
		struct haltblk_crash_request *rq = &x->rq[i];
		unsigned int nr, size;

		rq->op = ops[any(sizeof(ops))];
		rq->dev = any(nr_devices);
		rq->id = 100 + i;
		size = x->devices[rq->dev].block;
		block = any(x->blocks);
		nr = 1 + any(x->blocks - block);
		if (rq->op != HALTBLK_OP_FLUSH) {
			rq->sector = block * size;
			rq->sectors = rq->moved_sectors = nr * size;
		}
		rq->atomic = rq->op == HALTBLK_OP_WRITE && !any(4);
		if (rq->op == HALTBLK_OP_WRITE && !any(4))
			rq->flags = HALTBLK_RQ_FUA | HALTBLK_RQ_META;
		if (!any(6)) {
			rq->status = HALTBLK_STATUS_IOERR;
			if (rq->sectors && !rq->atomic)
				rq->moved_sectors = any(nr + 1) * size;
		}
	}
	for (left = 3 * x->h.nr - any(x->h.nr + 1); left;) {
		struct haltblk_crash_request *rq = &x->rq[i = any(x->h.nr)];

		if (step[i] == 3) {
			left--;
			continue;
		}
		event += 1 + !any(8);
		left--;
		if (step[i] == 0)
			rq->reached = event;
		else if (step[i] == 1 && rq->op != HALTBLK_OP_FLUSH &&
			 !(rq->status && !any(3)))
			rq->moved = event;
		else if (step[i] == 2)
			rq->ended = event;
		step[i]++;
	}
	for (i = 0; i < x->h.nr; i++) {
		/* A record has only requests that reached the driver. */
		if (!x->rq[i].reached)
			x->rq[i].reached = ++event;
		if (!x->rq[i].moved)
			x->rq[i].moved_sectors = 0;
	}
	x->h.last = event;
}

/* The rules, written down once more, block by block. */

static bool told(const struct haltblk_crash_request *rq, uint64_t cut)
{
	return rq->ended && rq->ended <= cut && !rq->status;
}

static bool must_be_there(const struct history *x, unsigned int i, uint64_t cut)
{
	const struct haltblk_crash_request *w = &x->rq[i], *f;

	if (!told(w, cut) || w->op == HALTBLK_OP_READ || w->op == HALTBLK_OP_FLUSH)
		return false;
	if (w->op == HALTBLK_OP_SECURE_ERASE || x->devices[w->dev].write_through ||
	    (w->op == HALTBLK_OP_WRITE && w->flags & HALTBLK_RQ_FUA))
		return true;
	for (f = x->rq; f < x->rq + x->h.nr; f++)
		if (f->op == HALTBLK_OP_FLUSH && f->dev == w->dev &&
		    f->reached > w->ended && told(f, cut))
			return true;
	return false;
}

/* The blocks that a request changes, one bit each. */
static unsigned int touched(const struct history *x, unsigned int i)
{
	const struct haltblk_crash_request *rq = &x->rq[i];
	const struct hb_crash_geometry *g = &x->devices[rq->dev];
	unsigned int block, bits = 0;
	uint64_t s, from, to;

	if (rq->op == HALTBLK_OP_READ || rq->op == HALTBLK_OP_FLUSH || !rq->moved)
		return 0;
	for (block = 0; block < x->blocks; block++) {
		s = block * g->block;
		from = s;
		to = s + g->block;
		if (rq->op == HALTBLK_OP_DISCARD && g->granule) {
			/* All of the block's granule must be in the range. */
			from = s + g->granule - g->alignment % g->granule;
			if (s < (from % g->granule))
				continue;	/* before the first granule */
			from = s - from % g->granule;
			to = from + g->granule;
		}
		if (from >= rq->sector && to <= rq->sector + rq->moved_sectors)
			bits |= 1U << (rq->dev * x->blocks + block);
	}
	return bits;
}

static unsigned int put(unsigned int image, unsigned int bits, unsigned int i)
{
	unsigned int b;

	for (b = 0; b < BLOCKS; b++)
		if (bits & 1U << b)
			image += ((int)i + 1 - (int)(image / weight[b] % 9)) * weight[b];
	return image;
}

/* The reached requests in the order of effect; how many. */
static unsigned int in_order(const struct history *x, uint64_t cut,
			     unsigned int *order)
{
	unsigned int nr = 0, i, j;

	for (i = 0; i < x->h.nr; i++) {
		if (x->rq[i].reached > cut || !touched(x, i))
			continue;
		for (j = nr++; j && x->rq[order[j - 1]].moved > x->rq[i].moved; j--)
			order[j] = order[j - 1];
		order[j] = i;
	}
	return nr;
}

static void search(const struct history *x, uint64_t cut, struct images *set)
{
	static struct images next;
	unsigned int order[REQUESTS], nr = in_order(x, cut, order), n, k, bits, part;
	bool must, whole;

	memset(set, 0, sizeof(*set));
	add(set, 0);
	for (n = 0; n < nr; n++) {
		bits = touched(x, order[n]);
		must = must_be_there(x, order[n], cut);
		whole = x->rq[order[n]].atomic ||
			x->rq[order[n]].op == HALTBLK_OP_DISCARD;
		memset(&next, 0, sizeof(next));
		for (k = 0; k < IMAGES; k++) {
			if (!set->has[k])
				continue;
			for (part = 0; part < 16; part++)
				if (!(part & ~bits) && (part == bits || !must) &&
				    (part == bits || !part || !whole))
					add(&next, put(k, part, order[n]));
		}
		*set = next;
	}
}

/* Each bit: a block, or all of a request that is whole. */
static unsigned int pieces(const struct history *x, const struct hb_crash_point *p,
			   struct hb_crash_keep *piece)
{
	unsigned int nr = 0, s, size;
	size_t i;

	for (i = 0; i < p->nr_pending; i++) {
		const struct haltblk_crash_request *rq = &x->rq[p->pending[i]];

		size = x->devices[rq->dev].block;
		if (hb_crash_whole(rq)) {
			piece[nr++] = (struct hb_crash_keep){ p->pending[i], 0, 0 };
			continue;
		}
		for (s = 0; s < rq->moved_sectors; s += size)
			piece[nr++] = (struct hb_crash_keep){ p->pending[i], s, size };
	}
	return nr;
}

/* The image of the pieces whose bit is set; IMAGES if it is none. */
static unsigned int image_of(const struct history *x, const struct hb_crash_point *p,
			     const struct hb_crash_keep *piece, unsigned int nr,
			     uint32_t bits)
{
	struct hb_crash_keep keep[REQUESTS * BLOCKS];
	struct haltblk_crash_write *w;
	unsigned int image = 0, k, b;
	char why[HB_CRASH_WHY];
	size_t nr_keep = 0, n, i;

	for (k = 0; k < nr; k++)
		if (bits & 1U << k)
			keep[nr_keep++] = piece[k];
	if (hb_crash_check(&x->h, p, keep, nr_keep, why) ||
	    hb_crash_image(&x->h, p, keep, nr_keep, &w, &n))
		return IMAGES;
	for (i = 0; i < n; i++) {
		uint32_t how = x->rq[w[i].request].op == HALTBLK_OP_WRITE ?
			HALTBLK_PATCH_WRITE :
			x->rq[w[i].request].op == HALTBLK_OP_DISCARD ?
			HALTBLK_PATCH_DISCARD : HALTBLK_PATCH_ZERO;

		if (w[i].how != how || w[i].dev != x->rq[w[i].request].dev)
			image = IMAGES;
		for (b = 0; b < x->blocks && image < IMAGES; b++) {
			uint64_t s = b * x->devices[w[i].dev].block;

			if (s >= w[i].sector && s < w[i].sector + w[i].sectors)
				image = put(image, 1U << (w[i].dev * x->blocks + b),
					    w[i].request);
		}
	}
	free(w);
	return image;
}

/* One request alone, whole: legal if it is optional and can be seen. */
static void singles(const struct history *x, const struct hb_crash_point *p)
{
	unsigned int i, j, order[REQUESTS], nr = in_order(x, p->event, order), bits;
	char why[HB_CRASH_WHY];
	bool legal, there;

	for (i = 0; i < x->h.nr; i++) {
		struct hb_crash_keep keep[2] = { { i, 0, 0 }, { i, 0, 0 } };

		there = x->rq[i].reached <= p->event && touched(x, i);
		bits = touched(x, i);
		for (j = 0; j < nr; j++)
			if (x->rq[order[j]].moved > x->rq[i].moved &&
			    must_be_there(x, order[j], p->event))
				bits &= ~touched(x, order[j]);
		legal = there && bits && !must_be_there(x, i, p->event);
		bad_single += !hb_crash_check(&x->h, p, keep, 1, why) != legal ||
			      !why[0] != legal;
		bad_single += hb_crash_check(&x->h, p, keep, 2, why) != -EINVAL;
		keep[0].sectors = x->devices[x->rq[i].dev].block;
		keep[0].first = x->rq[i].sectors;
		bad_single += hb_crash_check(&x->h, p, keep, 1, why) != -EINVAL;
		keep[0].first = 0;
		bad_single += !hb_crash_check(&x->h, p, keep, 1, why) !=
			      (legal && !hb_crash_whole(&x->rq[i]));
		keep[1] = keep[0];
		bad_single += hb_crash_check(&x->h, p, keep, 2, why) != -EINVAL;
		keep[0].sectors /= 2;
		if (keep[0].sectors)
			bad_single += hb_crash_check(&x->h, p, keep, 1, why) != -EINVAL;
		bad_fates += (p->fate[i] == HB_CRASH_DURABLE) !=
			     (there && must_be_there(x, i, p->event));
	}
}

static void compare(const struct history *x, uint64_t cut, const struct images *want)
{
	static struct images got;
	struct hb_crash_keep piece[REQUESTS * BLOCKS];
	struct hb_crash_point *p;
	unsigned int nr, k, image;
	uint32_t bits;

	if (hb_crash_at(&x->h, cut, &p)) {
		bad_images++;
		return;
	}
	singles(x, p);
	nr = pieces(x, p, piece);
	if (nr > BITS) {
		for (k = 0; k < 64; k++) {
			bits = any(1U << 16) | any(1U << 16) << 16;
			image = image_of(x, p, piece, nr, bits);
			bad_samples += image >= IMAGES || !want->has[image];
		}
		nr_sampled++;
	} else {
		memset(&got, 0, sizeof(got));
		for (bits = 0; bits < 1U << nr; bits++) {
			image = image_of(x, p, piece, nr, bits);
			if (image < IMAGES)
				add(&got, image);
			else
				bad_images++;
		}
		bad_images += memcmp(got.has, want->has, sizeof(got.has)) != 0;
		nr_whole++;
	}
	hb_crash_point_free(p);
}

static unsigned int nr_durable(const struct history *x, uint64_t cut)
{
	unsigned int nr = 0, i;

	for (i = 0; i < x->h.nr; i++)
		nr += touched(x, i) && must_be_there(x, i, cut);
	return nr;
}

static void one(void)
{
	static struct images next, now;
	struct history x;
	uint64_t *points, cut;
	size_t nr, at, k;

	make(&x);
	if (hb_crash_points(&x.h, &points, &nr)) {
		bad_points++;
		return;
	}
	/* From the end: every other instant has a subset of the next point's. */
	at = nr;
	for (cut = x.h.last + 1; cut-- > 0;) {
		bool point = cut == x.h.last ||
			     nr_durable(&x, cut + 1) > nr_durable(&x, cut);

		if (point && at && points[at - 1] == cut) {
			at--;
			search(&x, cut, &next);
			compare(&x, cut, &next);
			continue;
		}
		bad_points += point;
		search(&x, cut, &now);
		for (k = 0; k < IMAGES; k++)
			bad_subsets += now.has[k] && !next.has[k];
		if (!any(4))
			compare(&x, cut, &now);
	}
	bad_points += at != 0;
	free(points);
}

static void space(void)
{
	static const struct {
		size_t pending[3];
		size_t nr;
		const char *digits;
	} cases[] = {
		{ { 0 }, 0, "0" },
		{ { 0 }, 1, "1" },
		{ { 3, 0, 1 }, 3, "11" },
		{ { 30, 30 }, 2, "2147483648" },
		{ { 90 }, 1, "1237940039285380274899124224" },
		{ { 128, 0, 64 }, 3, "340282366920938463481821351505477763073" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = hb_crash_space(cases[i].pending, cases[i].nr);

		tap_str(text, cases[i].digits, "so many states: %s", cases[i].digits);
		free(text);
	}
}

int main(void)
{
	unsigned int i;

	for (i = 0; i < HISTORIES; i++)
		one();
	tap_int(bad_points, 0, "points are before all that becomes durable");
	tap_int(bad_subsets, 0, "other instants have no other images");
	tap_int(bad_fates, 0, "durable is what the rules make so");
	tap_int(bad_images, 0, "all images are those of the rules");
	tap_int(bad_samples, 0, "of very many, samples are among those");
	tap_int(bad_single, 0, "choices are legal or refused, with words");
	tap_ok(nr_whole > 4 * nr_sampled, "most were compared whole: %u of %u",
	       nr_whole, nr_whole + nr_sampled);
	space();
	return tap_done();
}
