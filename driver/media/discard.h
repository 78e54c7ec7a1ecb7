/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Discard, secure erase and write zeroes: which part of a range they erase, and
 * how.
 *
 * PURE: needs no block layer; tests/discard_test.c runs it alone.
 */
#ifndef HALTBLK_DISCARD_H
#define HALTBLK_DISCARD_H

#include <linux/types.h>

#include "store.h"
#include "uapi/haltblk.h"

/* Values of the option discard_reads, in the order of its words. */
enum haltblk_discard_reads {
	HALTBLK_DISCARD_ZEROES,
	HALTBLK_DISCARD_STALE,
	HALTBLK_DISCARD_POISON,
};

/**
 * struct haltblk_discard - how a powered device discards
 * @granule: sectors of a granule, any number; 1: requests are not trimmed
 * @first: sector at which a granule begins, less than @granule
 * @how: erasure that discard_reads asks for
 */
struct haltblk_discard {
	u32 granule;
	u32 first;
	enum haltblk_erase how;
};

void haltblk_discard_init(struct haltblk_discard *d,
			  enum haltblk_discard_reads reads, u32 blocksize,
			  u32 granularity, u32 alignment);
void haltblk_discard_trim(const struct haltblk_discard *d, u64 *sector,
			  u32 *nr_sectors);
enum haltblk_erase haltblk_discard_plan(const struct haltblk_discard *d,
					enum haltblk_op op, bool nounmap,
					u64 *sector, u32 *nr_sectors);

#endif /* HALTBLK_DISCARD_H */
