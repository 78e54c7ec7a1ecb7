// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks up what an erasure of the store would free, and changes nothing. See
 * store.h for the rules.
 */
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "store.h"

/* Most pages in an extent, because they are counted without a pause. */
#define HALTBLK_STORE_EXTENT	65536

/* Is there a page that such an erasure would free or make stale? */
static bool haltblk_store_frees(struct haltblk_store *store,
				unsigned long index, enum haltblk_erase how)
{
	if (!haltblk_store_find(store, index))
		return false;
	return (how != HALTBLK_ERASE_STALE && how != HALTBLK_ERASE_POISON) ||
	       !READ_ONCE(store->nr_stale) ||
	       !xa_get_mark(&store->pages, index, HALTBLK_STORE_STALE);
}

/**
 * haltblk_store_extent - find the next run of pages that an erasure would free
 * @store: the store
 * @index: first index to look at; set to the index of the run's first page
 * @last: last index to look at
 * @how: the erasure
 *
 * Return: the number of pages in the run, 0 if there is none.
 */
unsigned long haltblk_store_extent(struct haltblk_store *store,
				   unsigned long *index, unsigned long last,
				   enum haltblk_erase how)
{
	unsigned long nr = 0;
	unsigned long most;
	void *entry;

	rcu_read_lock();
	entry = xa_find(&store->pages, index, last, XA_PRESENT);
	while (entry && !haltblk_store_frees(store, *index, how)) {
		rcu_read_unlock();
		cond_resched();
		rcu_read_lock();
		entry = xa_find_after(&store->pages, index, last, XA_PRESENT);
	}
	if (entry) {
		most = min_t(unsigned long, last - *index,
			     HALTBLK_STORE_EXTENT - 1) + 1;
		do {
			nr++;
		} while (nr < most &&
			 haltblk_store_frees(store, *index + nr, how));
	}
	rcu_read_unlock();
	return nr;
}

/**
 * haltblk_store_part_frees - would erasing a part of a page free the page?
 * @store: the store
 * @pos: first byte
 * @len: number of bytes, less than a page
 * @how: the erasure
 *
 * The answer can change if a write comes before the erasure.
 */
bool haltblk_store_part_frees(struct haltblk_store *store, u64 pos,
			      unsigned int len, enum haltblk_erase how)
{
	unsigned long index = pos >> PAGE_SHIFT;
	bool frees = false;
	struct page *page;
	unsigned long seq;

	rcu_read_lock();
	page = haltblk_store_find(store, index);
	if (page && haltblk_store_frees(store, index, how)) {
		do {
			seq = haltblk_store_read_begin(page);
			frees = haltblk_store_rest_erased(store,
							  page_address(page),
							  offset_in_page(pos),
							  len, how);
		} while (haltblk_store_read_retry(page, seq));
	}
	rcu_read_unlock();
	return frees;
}
