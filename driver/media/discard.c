// SPDX-License-Identifier: GPL-2.0-only
/*
 * Granules, and the erasure for each operation. Any context, no locks.
 */
#include <linux/kernel.h>
#include <linux/math64.h>

#include "discard.h"

/**
 * haltblk_discard_init - set how a device discards, from its options
 * @d: filled in
 * @reads: discard_reads
 * @blocksize: bytes of a block
 * @granularity: bytes of a granule; 0 means a block
 * @alignment: bytes before the first whole granule, less than @granularity
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
	/* Requests consist of whole blocks anyway. */
	if (!granularity || granularity == blocksize)
		return;
	d->granule = granularity >> 9;
	d->first = alignment >> 9;
}

/**
 * haltblk_discard_trim - trim a range to its whole granules
 * @d: how the device discards
 * @sector: first sector, moved up to the beginning of a granule
 * @nr_sectors: length, cut to the end of a granule; 0 if no whole one is left
 *
 * A granule that two adjacent requests cover together is not discarded, because
 * a device sees one request at a time.
 */
void haltblk_discard_trim(const struct haltblk_discard *d, u64 *sector,
			  u32 *nr_sectors)
{
	u64 past = *sector + *nr_sectors;
	u32 head, tail;

	if (d->granule == 1)
		return;
	/* Count from the beginning of a granule that is at most sector 0. */
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
 * haltblk_discard_plan - choose the erasure and its range for an operation
 * @d: how the device discards
 * @op: discard, secure erase or write zeroes
 * @nounmap: write zeroes must keep the memory
 * @sector: first sector; trimmed for a discard, see haltblk_discard_trim()
 * @nr_sectors: length; trimmed for a discard, 0 if nothing is left
 *
 * Only a discard is trimmed to granules, since it is a hint. Secure erase and
 * write zeroes must affect every block.
 *
 * Return: the erasure.
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
