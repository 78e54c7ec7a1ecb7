// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * The order of states: pure functions of a point and of a number.
 */
#include "order.h"

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/* A coin for the pending request @i in state @n of a round. */
static bool coin(const struct hbc_order *o, enum hbc_round round, uint64_t n,
		 size_t i)
{
	uint64_t id = o->h->requests[o->point->pending[i]].id;

	return mix(mix(mix(mix(o->seed) ^ o->point->event) ^ (n << 3 | round)) ^ id) & 1;
}

static const struct haltblk_crash_request *pending(const struct hbc_order *o,
						   size_t i)
{
	return &o->h->requests[o->point->pending[i]];
}

static bool urgent(const struct hbc_order *o, size_t i)
{
	return pending(o, i)->flags & (HALTBLK_RQ_FUA | HALTBLK_RQ_META);
}

/* The @n-th pending request, counted with FUA and META first. */
static size_t by_urgency(const struct hbc_order *o, size_t n)
{
	size_t i;

	for (i = 0; i < o->point->nr_pending; i++)
		if (urgent(o, i) && !n--)
			return i;
	for (i = 0; i < o->point->nr_pending; i++)
		if (!urgent(o, i) && !n--)
			return i;
	return 0;
}

/* Where a request can be cut: up to three numbers of blocks, ascending. */
static unsigned int cuts(const struct hbc_order *o, size_t i, uint32_t *at)
{
	const struct haltblk_crash_request *rq = pending(o, i);
	uint32_t nr = rq->moved_sectors / o->h->devices[rq->dev].block;
	unsigned int n = 0;

	if (hb_crash_whole(rq) || nr < 2)
		return 0;
	at[n++] = 1;
	if (nr / 2 > 1)
		at[n++] = nr / 2;
	if (nr - 1 > at[n - 1])
		at[n++] = nr - 1;
	return n;
}

uint64_t hbc_order_count(const struct hbc_order *o, enum hbc_round round)
{
	uint64_t nr = o->point->nr_pending, states = 0;
	uint32_t at[3];
	size_t i;

	switch (round) {
	case HBC_ROUND_ENDS:
		return nr ? 3 : 1;
	case HBC_ROUND_ONE:
		return nr < 2 ? 0 : 2 * nr + 3 * (nr - 1);
	case HBC_ROUND_TORN:
		for (i = 0; i < nr; i++)
			states += cuts(o, i, at);
		return states;
	case HBC_ROUND_TWO:
		return nr < 2 ? 0 : nr * (nr - 1);
	case HBC_ROUND_SUBSETS:
		return nr <= o->exhaustive ? 1ULL << nr : UINT64_MAX;
	case HBC_ROUND_NR:
		break;
	}
	return 0;
}

static void add(const struct hbc_order *o, struct hb_crash_keep *keep,
		size_t *nr, size_t i, uint32_t sectors)
{
	keep[(*nr)++] = (struct hb_crash_keep){
		.request = o->point->pending[i], .sectors = sectors,
	};
}

/* Those between @a and @b that are wanted: with @only just these, or all others. */
static size_t some(const struct hbc_order *o, struct hb_crash_keep *keep,
		   bool only, size_t a, size_t b)
{
	size_t nr = 0, i;

	for (i = 0; i < o->point->nr_pending; i++)
		if ((i == a || i == b) == only)
			add(o, keep, &nr, i, 0);
	return nr;
}

/* The first ones; of the last few of them, each only by a coin. */
static size_t prefix(const struct hbc_order *o, uint64_t n,
		     struct hb_crash_keep *keep)
{
	static const size_t unsure[] = { 0, 20, 200 };
	size_t len = n / 3 + 1, last = unsure[n % 3], nr = 0, i;

	for (i = 0; i < len; i++)
		if (i + last < len || coin(o, HBC_ROUND_ONE, n, i))
			add(o, keep, &nr, i, 0);
	return nr;
}

static size_t torn(const struct hbc_order *o, uint64_t n,
		   struct hb_crash_keep *keep)
{
	size_t nr = 0, i;
	unsigned int k;
	uint32_t at[3];

	for (i = 0; i < o->point->nr_pending; i++) {
		k = cuts(o, i, at);
		if (n < k)
			add(o, keep, &nr, i, at[n] *
			    o->h->devices[pending(o, i)->dev].block);
		else
			add(o, keep, &nr, i, 0);
		/* Past it: no later one is cut. */
		n = n < k ? UINT64_MAX : n - k;
	}
	return nr;
}

static size_t pair(const struct hbc_order *o, uint64_t n,
		   struct hb_crash_keep *keep)
{
	size_t a = 0, left = n / 2;

	while (left >= o->point->nr_pending - 1 - a) {
		left -= o->point->nr_pending - 1 - a;
		a++;
	}
	return some(o, keep, n % 2, a, a + 1 + left);
}

size_t hbc_order_choice(const struct hbc_order *o, enum hbc_round round,
			uint64_t n, struct hb_crash_keep *keep)
{
	size_t all = o->point->nr_pending, nr = 0, i;

	switch (round) {
	case HBC_ROUND_ENDS:
		for (i = 0; i < all; i++)
			if (n == 1 || (n == 2 && coin(o, round, n, i)))
				add(o, keep, &nr, i, 0);
		return nr;
	case HBC_ROUND_ONE:
		if (n >= 2 * all)
			return prefix(o, n - 2 * all, keep);
		i = by_urgency(o, n / 2);
		return some(o, keep, n % 2, i, i);
	case HBC_ROUND_TORN:
		return torn(o, n, keep);
	case HBC_ROUND_TWO:
		return pair(o, n, keep);
	case HBC_ROUND_SUBSETS:
		for (i = 0; i < all; i++)
			if (all <= o->exhaustive ? n >> i & 1 : coin(o, round, n, i))
				add(o, keep, &nr, i, 0);
		return nr;
	case HBC_ROUND_NR:
		break;
	}
	return 0;
}
