/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The order in which the states of a point are tried: those first that find most
 * bugs. Each round is done for all points before the next one. A state is found
 * by its round and its number in it, so that an exploration can go on anywhere.
 */
#ifndef HBC_EXPLORE_ORDER_H
#define HBC_EXPLORE_ORDER_H

#include "cli.h"
#include "crash_model.h"

enum hbc_round {
	HBC_ROUND_ENDS = 1,	/* nothing kept, everything, a seeded half */
	HBC_ROUND_ONE,		/* all but one, only one; prefixes */
	HBC_ROUND_TORN,		/* one write cut in two, all others kept */
	HBC_ROUND_TWO,		/* all but two, only two */
	HBC_ROUND_SUBSETS,	/* every subset, or seeded ones */
	HBC_ROUND_NR
};

/**
 * struct hbc_order - what decides the states of a point
 * @h: history
 * @point: point
 * @seed: of all random choices
 * @exhaustive: every subset where at most so many requests are pending, at most 20
 */
struct hbc_order {
	const struct hb_crash_history *h;
	const struct hb_crash_point *point;
	uint64_t seed;
	unsigned int exhaustive;
};

/* States of a round; UINT64_MAX: there is no end to seeded subsets. */
uint64_t hbc_order_count(const struct hbc_order *o, enum hbc_round round);

/*
 * The choice of state @n, which must be less than the count. @keep has room for
 * all that are pending, and two more. Returns how many parts it has.
 */
size_t hbc_order_choice(const struct hbc_order *o, enum hbc_round round,
			uint64_t n, struct hb_crash_keep *keep);

#endif /* HBC_EXPLORE_ORDER_H */
