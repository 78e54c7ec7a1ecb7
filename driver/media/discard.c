// SPDX-License-Identifier: GPL-2.0-only
/*
 * Granules, and which erasure each operation is. Any context, no locks.
 */
#include <linux/kernel.h>
#include <linux/math64.h>

#include "discard.h"

/**
 * haltblk_discard_init - what the options ask for
 * @d: what to fill
 * @reads: discard_reads
 * @blocksize: bytes of a block
 * @granularity: bytes of a granule; 0 a block
 * @alignment: bytes before the first one, less than @granularity
 */
void haltblk_discard_init(struct haltblk_discard *d,
			  enum haltblk_discard_reads reads, u32 blocksize,
			  u32 granularity, u32 alignment)
{
	static const enum haltblk_erase hows[] = {
		[HALTBLK_DISCARD_ZEROES]	= HALTBLK_ERASE_FREE,
		[HALTBLK_DISCARD_STALE]		= HALTBLK_ERASE_STALE,
		[HALTBLK_DISCARD_POISON]	= HALTBLK_ERASE_POISON,
	};

	d->how = hows[reads];
	d->granule = 1;
	d->first = 0;
	/* Requests are made of whole blocks anyhow. */
	if (!granularity || granularity == blocksize)
		return;
	d->granule = granularity >> 9;
	d->first = alignment >> 9;
}

/**
 * haltblk_discard_trim - the whole granules of a range
 * @d: granularity and alignment
 * @sector: first sector, moved up to where a granule begins
 * @nr_sectors: length, cut down to where one ends; 0: there is no whole one
 *
 * The granules of two requests that touch do not add up: a device sees one
 * request at a time.
 */
void haltblk_discard_trim(const struct haltblk_discard *d, u64 *sector,
			  u32 *nr_sectors)
{
	u64 past = *sector + *nr_sectors;
	u32 head, tail;

	if (d->granule == 1)
		return;
	/* Counted from a granule's begin that is not behind sector 0. */
	div_u64_rem(*sector + d->granule - d->first, d->granule, &head);
	div_u64_rem(past + d->granule - d->first, d->granule, &tail);
	head = head ? d->granule - head : 0;
	if ((u64)head + tail >= *nr_sectors) {
		*nr_sectors = 0;
		return;
	}
	*sector += head;
	*nr_sectors -= head + tail;
}

/**
 * haltblk_discard_plan - which erasure of what an operation is
 * @d: how the device discards
 * @op: discard, secure erase or write zeroes
 * @nounmap: write zeroes is to keep the memory
 * @sector: first sector; moved for a discard, see haltblk_discard_trim()
 * @nr_sectors: length; cut for a discard, and 0 if nothing is left
 *
 * Only a discard is a hint that stops at granules. Secure erase and write
 * zeroes promise something about every block.
 */
enum haltblk_erase haltblk_discard_plan(const struct haltblk_discard *d,
					enum haltblk_op op, bool nounmap,
					u64 *sector, u32 *nr_sectors)
{
	switch (op) {
	case HALTBLK_OP_SECURE_ERASE:
		return HALTBLK_ERASE_SECURE;
	case HALTBLK_OP_WRITE_ZEROES:
		return nounmap ? HALTBLK_ERASE_KEEP : HALTBLK_ERASE_FREE;
	default:
		haltblk_discard_trim(d, sector, nr_sectors);
		return d->how;
	}
}
