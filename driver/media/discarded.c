// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the store keeps for discarded pages: marks on stale pages, and values
 * that read as poison. See store.h. A device with discard_reads=zeroes has
 * neither.
 */
#include <linux/bits.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "store.h"
#include "uapi/haltblk.h"

/* Get the bits of a value for a part of a page. */
static unsigned long haltblk_discarded_bits(unsigned int offset, unsigned int len)
{
	unsigned int first = offset / HALTBLK_STORE_UNIT;
	unsigned int past = DIV_ROUND_UP(offset + len, HALTBLK_STORE_UNIT);

	return len ? GENMASK(past - 1, first) : 0;
}

/**
 * haltblk_discarded_fill - fill a page with the zeroes and poison of a value
 * @page: page
 * @entry: value, or NULL for a hole
 * @offset: offset of a part that is already written, and left as it is
 * @len: length of that part
 */
void haltblk_discarded_fill(struct page *page, const void *entry,
			    unsigned int offset, unsigned int len)
{
	unsigned long bits = entry ? xa_to_value(entry) : 0;
	unsigned long written = haltblk_discarded_bits(offset, len);
	unsigned int unit;

	for (unit = 0; unit < PAGE_SIZE / HALTBLK_STORE_UNIT; unit++)
		if (!(written & BIT(unit)))
			memset(page_address(page) + unit * HALTBLK_STORE_UNIT,
			       bits & BIT(unit) ? HALTBLK_POISON : 0,
			       HALTBLK_STORE_UNIT);
}

/**
 * haltblk_discarded_read - does a range without a page read as poison or zero?
 * @store: under rcu_read_lock()
 * @pos: first byte
 * @len: number of bytes, at most to the end of the page
 * @poison: set to whether the bytes read as HALTBLK_POISON, else as zero
 *
 * Return: the number of bytes for which @poison is right; 0 if there is a page.
 */
unsigned int haltblk_discarded_read(struct haltblk_store *store, u64 pos,
				    unsigned int len, bool *poison)
{
	void *entry = xa_load(&store->pages, pos >> PAGE_SHIFT);
	unsigned int offset = offset_in_page(pos);
	unsigned int unit = offset / HALTBLK_STORE_UNIT;
	unsigned int end = offset + len;
	unsigned long bits;

	*poison = false;
	if (!entry)
		return len;
	if (!xa_is_value(entry))
		return 0;
	bits = xa_to_value(entry);
	*poison = bits & BIT(unit);
	do {
		unit++;
	} while (unit * HALTBLK_STORE_UNIT < end &&
		 *poison == !!(bits & BIT(unit)));
	return min_t(unsigned int, unit * HALTBLK_STORE_UNIT, end) - offset;
}

/**
 * haltblk_discarded_revive - clear a page's stale mark after a write
 * @store: under rcu_read_lock()
 * @page: page that was written
 * @index: index at which it was found
 *
 * Out-of-line part of haltblk_store_revive().
 */
void haltblk_discarded_revive(struct haltblk_store *store, struct page *page,
			      unsigned long index)
{
	XA_STATE(xas, &store->pages, index);

	xas_lock(&xas);
	if (xas_load(&xas) == page && xas_get_mark(&xas, HALTBLK_STORE_STALE)) {
		xas_clear_mark(&xas, HALTBLK_STORE_STALE);
		WRITE_ONCE(store->nr_stale, store->nr_stale - 1);
		atomic_long_inc(&store->nr_pages);
	}
	xas_unlock(&xas);
}

/**
 * haltblk_discarded_clear - make some bytes of a value read as zero
 * @store: the store
 * @pos: first byte
 * @len: number of bytes, at most to the end of the page
 *
 * Return: false if a write has put a page there meanwhile, with poison around
 * the written part.
 */
bool haltblk_discarded_clear(struct haltblk_store *store, u64 pos,
			     unsigned int len)
{
	XA_STATE(xas, &store->pages, pos >> PAGE_SHIFT);
	unsigned long bits;
	void *entry;

	xas_lock(&xas);
	entry = xas_load(&xas);
	if (xa_is_value(entry)) {
		bits = xa_to_value(entry) &
		       ~haltblk_discarded_bits(offset_in_page(pos), len);
		xas_store(&xas, bits ? xa_mk_value(bits) : NULL);
		entry = NULL;
	}
	xas_unlock(&xas);
	return !entry;
}

/**
 * haltblk_discarded_mark - mark pages as stale
 * @store: the store
 * @index: first page
 * @last: last page
 *
 * May sleep.
 */
void haltblk_discarded_mark(struct haltblk_store *store, unsigned long index,
			    unsigned long last)
{
	XA_STATE(xas, &store->pages, index);
	unsigned int batch = 0;
	void *entry;

	xas_lock(&xas);
	xas_for_each(&xas, entry, last) {
		if (!xa_is_value(entry) &&
		    !xas_get_mark(&xas, HALTBLK_STORE_STALE)) {
			WRITE_ONCE(store->nr_stale, store->nr_stale + 1);
			xas_set_mark(&xas, HALTBLK_STORE_STALE);
			atomic_long_dec(&store->nr_pages);
		}
		if (++batch < HALTBLK_STORE_BATCH)
			continue;
		batch = 0;
		xas_pause(&xas);
		xas_unlock(&xas);
		cond_resched();
		xas_lock(&xas);
	}
	xas_unlock(&xas);
}

/**
 * haltblk_discarded_unpoison - make poison of whole pages read as zero
 * @store: the store
 * @index: first page
 * @last: last page
 *
 * May sleep. Its cost depends on what is stored there, and is nothing if the
 * store never had poison.
 */
void haltblk_discarded_unpoison(struct haltblk_store *store,
				unsigned long index, unsigned long last)
{
	XA_STATE(xas, &store->pages, index);
	unsigned int batch = 0;
	void *entry;

	if (!store->poisons)
		return;
	xas_lock(&xas);
	xas_for_each(&xas, entry, last) {
		index = xas.xa_index;
		if (xa_is_value(entry))
			xas_store(&xas, NULL);
		if (++batch < HALTBLK_STORE_BATCH)
			continue;
		batch = 0;
		/* Not xas_pause(): see haltblk_store_remove_some(). */
		xas_set(&xas, index + 1);
		xas_unlock(&xas);
		cond_resched();
		xas_lock(&xas);
	}
	xas_unlock(&xas);
}
