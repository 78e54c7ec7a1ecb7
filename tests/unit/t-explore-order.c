/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The order of states: what each round keeps of four pending writes, and that
 * all of it is legal. A write is its letter; with a number, so many of its
 * sectors.
 */
#include <stdio.h>
#include <string.h>

#include "explore/order.h"
#include "tap.h"

#define WRITES	4

static const struct hb_crash_geometry device = { .block = 2 };
static struct haltblk_crash_request rq[WRITES];
static const struct hb_crash_history h = { rq, WRITES, &device, 1, 4 * WRITES };
static struct hbc_order order = { .h = &h, .seed = 1, .exhaustive = 10 };

static void history(void)
{
	size_t i;

	for (i = 0; i < WRITES; i++)
		rq[i] = (struct haltblk_crash_request){
			.reached = 3 * i + 1, .moved = 3 * i + 2,
			.ended = 3 * i + 3, .id = i + 1, .sector = 100 * i,
			.sectors = 2 * (i + 1) * (i + 1), .op = HALTBLK_OP_WRITE,
			.moved_sectors = 2 * (i + 1) * (i + 1),
		};
	rq[1].atomic = 1;
	rq[2].flags = HALTBLK_RQ_META;
}

/* All states of a round, blanks between them; "-" keeps nothing. */
static void round_is(enum hbc_round round, const char *want, const char *name)
{
	struct hb_crash_keep keep[WRITES + 2];
	char got[1024] = "", why[HB_CRASH_WHY];
	unsigned int bad = 0;
	size_t nr, i, len = 0;
	uint64_t n;

	for (n = 0; n < hbc_order_count(&order, round); n++) {
		nr = hbc_order_choice(&order, round, n, keep);
		bad += hb_crash_check(&h, order.point, keep, nr, why) != 0;
		len += sprintf(got + len, "%s%s", n ? " " : "", nr ? "" : "-");
		for (i = 0; i < nr; i++) {
			got[len++] = 'A' + keep[i].request;
			if (keep[i].sectors)
				len += sprintf(got + len, "%u", keep[i].sectors);
		}
		got[len] = '\0';
	}
	if (want)
		tap_str(got, want, "%s", name);
	tap_int(bad, 0, "%s: all are legal", name);
}

int main(void)
{
	struct hb_crash_keep keep[WRITES + 2];
	struct hb_crash_point *point;
	unsigned int kept = 0;
	uint64_t n;

	history();
	tap_int(hb_crash_at(&h, h.last, &point), 0, "there is a point");
	order.point = point;
	tap_int(point->nr_pending, WRITES, "at which all are pending");

	round_is(HBC_ROUND_ENDS, NULL, "first nothing, everything, a half");
	tap_int(hbc_order_choice(&order, HBC_ROUND_ENDS, 0, keep), 0, "nothing");
	tap_int(hbc_order_choice(&order, HBC_ROUND_ENDS, 1, keep), WRITES, "everything");
	round_is(HBC_ROUND_ONE, NULL, "then one, and prefixes");
	tap_int(hbc_order_choice(&order, HBC_ROUND_ONE, 1, keep), 1, "only one");
	tap_int(keep[0].request, 2, "and metadata first");
	tap_int(hbc_order_choice(&order, HBC_ROUND_ONE, 14, keep), 3, "a prefix");
	round_is(HBC_ROUND_TORN, "ABC2D ABC8D ABC16D ABCD2 ABCD16 ABCD30",
		 "then one is torn, but no atomic one");
	round_is(HBC_ROUND_TWO,
		 "CD AB BD AC BC AD AD BC AC BD AB CD", "then two");
	round_is(HBC_ROUND_SUBSETS,
		 "- A B AB C AC BC ABC D AD BD ABD CD ACD BCD ABCD",
		 "then every subset");

	order.exhaustive = 3;
	tap_ok(hbc_order_count(&order, HBC_ROUND_SUBSETS) == UINT64_MAX,
	       "seeded subsets have no end");
	for (n = 0; n < 1000; n++)
		kept += hbc_order_choice(&order, HBC_ROUND_SUBSETS, n, keep);
	tap_ok(kept > 1800 && kept < 2200, "and keep half of the writes: %u of 4000",
	       kept);
	hb_crash_point_free(point);
	return tap_done();
}
