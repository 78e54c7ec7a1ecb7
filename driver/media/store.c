// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sparse store: publishing and erasing pages. See store.h for the rules.
 */
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "store.h"
#include "uapi/haltblk.h"

/* Does a sequence count, known to be odd, stay as it is? */
static bool haltblk_store_final(unsigned long seq)
{
	return seq >= HALTBLK_STORE_SHARED;
}

/**
 * haltblk_store_write_wait - wait for other writers of a page
 * @page: page; preemption is disabled
 *
 * Slow part of haltblk_store_write_begin().
 *
 * Return: false, with preemption enabled, if the caller is not its writer.
 */
bool haltblk_store_write_wait(struct page *page)
{
	unsigned long seq;

	for (;;) {
		seq = READ_ONCE(page->private);
		if (!(seq & 1) &&
		    try_cmpxchg_acquire(&page->private, &seq, seq + 1))
			return true;
		if (seq & 1 && haltblk_store_final(seq))
			break;
		cpu_relax();
	}
	preempt_enable();
	return false;
}

/**
 * haltblk_store_read_wait - wait until no writer of a page is at work
 * @page: page
 *
 * Slow part of haltblk_store_read_begin().
 *
 * Return: the page's sequence count.
 */
unsigned long haltblk_store_read_wait(struct page *page)
{
	unsigned long seq;

	while ((seq = smp_load_acquire(&page->private)) & 1 &&
	       !haltblk_store_final(seq))
		cpu_relax();
	return seq;
}

/**
 * haltblk_store_init - set up an empty store
 * @store: the store
 * @wq: workqueue that frees pages
 */
void haltblk_store_init(struct haltblk_store *store,
			struct workqueue_struct *wq)
{
	/* Lets lockdep and lock_stat tell it from all other arrays. */
	static struct lock_class_key key;

	store->wq = wq;
	xa_init(&store->pages);
	lockdep_set_class_and_name(&store->pages.xa_lock, &key,
				   "haltblk_store");
	atomic_long_set(&store->nr_pages, 0);
	store->nr_stale = 0;
	atomic_long_set(&store->nr_shared, 0);
	store->poisons = false;
	haltblk_retire_init(store);
}

/**
 * haltblk_store_destroy - free everything
 * @store: store that nobody uses; it is empty and can be used again after this
 *
 * May sleep.
 */
void haltblk_store_destroy(struct haltblk_store *store)
{
	bool shared = atomic_long_read(&store->nr_shared);
	unsigned long index;
	struct page *page;
	LIST_HEAD(gone);

	haltblk_retire_drain(store, false);
	xa_for_each(&store->pages, index, page) {
		if (!xa_is_value(page))
			haltblk_share_drop(store, page, &gone);
		cond_resched();
	}
	xa_destroy(&store->pages);
	/* Readers of a store that shared a page before may still copy it. */
	if (shared && !list_empty(&gone))
		synchronize_rcu();
	haltblk_retire_free(&gone);
	atomic_long_set(&store->nr_pages, 0);
	store->nr_stale = 0;
	store->poisons = false;
}

/**
 * haltblk_store_publish - put a filled page where there was none
 * @store: the store
 * @pos: first byte that is written
 * @len: number of bytes that are written, at most to the end of the page
 * @page: page with the written part filled and the rest zero; owned by the
 *	store on success
 * @gfp: how to allocate the array's nodes
 *
 * Return: NULL if @page was put in; the page that was already there (which only
 * the caller's rcu_read_lock() keeps); or ERR_PTR(-ENOMEM).
 */
struct page *haltblk_store_publish(struct haltblk_store *store, u64 pos,
				   size_t len, struct page *page, gfp_t gfp)
{
	unsigned long index = pos >> PAGE_SHIFT;
	struct page *was = NULL, *old;

	set_page_private(page, 0);
	/* A page that lost a race before may be filled for another value. */
	if (unlikely(store->poisons))
		haltblk_discarded_fill(page, NULL, offset_in_page(pos), len);
	for (;;) {
		old = xa_cmpxchg(&store->pages, index, was, page, gfp);
		if (likely(old == was)) {
			atomic_long_inc(&store->nr_pages);
			return NULL;
		}
		if (unlikely(xa_is_err(old)))
			return ERR_PTR(xa_err(old));
		if (likely(old && !xa_is_value(old)))
			return old;
		was = old;
		haltblk_discarded_fill(page, old, offset_in_page(pos), len);
	}
}

/**
 * haltblk_store_replace - put another page at an index
 * @store: the store; nobody else uses it meanwhile
 * @index: byte position >> PAGE_SHIFT
 * @page: owned by the store after this; NULL makes a hole
 *
 * May sleep. Frees the page that was there.
 */
void haltblk_store_replace(struct haltblk_store *store, unsigned long index,
			   struct page *page)
{
	struct page *old;
	LIST_HEAD(gone);

	rcu_read_lock();
	old = haltblk_store_find(store, index);
	/* The page that replaces a stale one is not stale. */
	if (old)
		haltblk_store_revive(store, old, index);
	rcu_read_unlock();
	if (page)
		set_page_private(page, 0);
	xa_store(&store->pages, index, page, GFP_KERNEL | __GFP_NOFAIL);
	atomic_long_add(!!page - !!old, &store->nr_pages);
	if (!old)
		return;
	/* It may be shared, and readers of another store may still copy it. */
	haltblk_share_drop(store, old, &gone);
	haltblk_retire_pages(store, &gone);
}

static void haltblk_store_zero_page(struct haltblk_store *store,
				    unsigned long index)
{
	struct page *page;

again:
	rcu_read_lock();
	page = haltblk_store_find(store, index);
	if (page) {
		if (!haltblk_store_write_begin(page)) {
			rcu_read_unlock();
			haltblk_share_own_erase(store, index, false);
			goto again;
		}
		clear_page(page_address(page));
		haltblk_store_write_end(page);
	}
	rcu_read_unlock();
}

/* Zero whole pages in the store. Poison becomes a hole. */
static void haltblk_store_zero_pages(struct haltblk_store *store,
				     unsigned long index, unsigned long last)
{
	struct page *page;

	for (page = xa_find(&store->pages, &index, last, XA_PRESENT); page;
	     page = xa_find_after(&store->pages, &index, last, XA_PRESENT)) {
		if (!xa_is_value(page) ||
		    !haltblk_discarded_clear(store, (u64)index << PAGE_SHIFT,
					     PAGE_SIZE))
			haltblk_store_zero_page(store, index);
		cond_resched();
	}
}

/*
 * Remove one entry, or replace it by poison. Updates the count of stale pages.
 * Return: whether it removed a page that was not stale.
 */
static bool haltblk_store_remove(struct haltblk_store *store,
				 struct xa_state *xas, void *entry, bool poison,
				 struct list_head *gone)
{
	bool stale = store->nr_stale && xas_get_mark(xas, HALTBLK_STORE_STALE);

	if (poison && (stale || xa_is_value(entry)))
		return false;
	xas_store(xas, poison ? HALTBLK_STORE_POISON : NULL);
	if (xa_is_value(entry))
		return false;
	haltblk_share_drop(store, entry, gone);
	if (!stale)
		return true;
	WRITE_ONCE(store->nr_stale, store->nr_stale - 1);
	return false;
}

/**
 * haltblk_store_rest_erased - does a page have no data besides a part?
 * @store: the page's store
 * @data: the page's contents
 * @offset: offset of the part
 * @len: length of the part, less than a page; 0: look at the whole page
 * @how: how the part is erased
 *
 * A page of zeroes reads like a hole, no matter whether they were discarded,
 * zeroed or written. So it can go, unless the store has poison: then only a
 * page of nothing but poison can go.
 *
 * Return: true if nothing needs the page once the part is erased.
 */
bool haltblk_store_rest_erased(const struct haltblk_store *store,
			       const void *data, unsigned int offset,
			       unsigned int len, enum haltblk_erase how)
{
	unsigned int end = offset + len;
	u8 byte = 0;

	if (how == HALTBLK_ERASE_POISON)
		byte = HALTBLK_POISON;
	else if (store->poisons || (how != HALTBLK_ERASE_FREE &&
				    how != HALTBLK_ERASE_SECURE))
		return false;
	return !memchr_inv(data, byte, offset) &&
	       !memchr_inv(data + end, byte, PAGE_SIZE - end);
}

/*
 * Remove a page if it is still there and all of it reads as erased. The array's
 * lock comes first, because on PREEMPT_RT it may sleep and a page's writer must
 * not. With that lock it is safe to wait for a writer, which never takes it.
 */
static void haltblk_store_remove_erased(struct haltblk_store *store,
					unsigned long index, struct page *page,
					enum haltblk_erase how,
					struct list_head *gone)
{
	bool poison = how == HALTBLK_ERASE_POISON;
	XA_STATE(xas, &store->pages, index);

	xas_lock(&xas);
	if (xas_load(&xas) != page || !haltblk_store_write_begin(page)) {
		xas_unlock(&xas);
		return;
	}
	/* It may have been written since it was erased. */
	if (haltblk_store_rest_erased(store, page_address(page), 0, 0, how) &&
	    haltblk_store_remove(store, &xas, page, poison, gone))
		atomic_long_dec(&store->nr_pages);
	if (list_empty(gone))
		haltblk_store_write_end(page);
	else
		haltblk_store_write_die(page);
	xas_unlock(&xas);
}

/*
 * Erase a part of a page, and free the page if it has no other data. Allocates
 * only if the page is shared. Return: false if it would have to sleep for that.
 */
static bool haltblk_store_erase_part(struct haltblk_store *store, u64 pos,
				     unsigned int len, enum haltblk_erase how,
				     bool may_sleep)
{
	unsigned int offset = offset_in_page(pos);
	unsigned long index = pos >> PAGE_SHIFT;
	bool poison = how == HALTBLK_ERASE_POISON;
	struct page *page;
	LIST_HEAD(gone);
	bool erased;
	void *data;

	if (how == HALTBLK_ERASE_STALE)
		return true;
again:
	rcu_read_lock();
	page = haltblk_store_find(store, index);
	/* A stale page was discarded before, so it is not poisoned. */
	if (page && !(poison && xa_get_mark(&store->pages, index,
					    HALTBLK_STORE_STALE))) {
		if (!haltblk_store_write_begin(page)) {
			rcu_read_unlock();
			if (!may_sleep)
				return false;
			haltblk_share_own_erase(store, index,
						how == HALTBLK_ERASE_SECURE);
			goto again;
		}
		data = page_address(page);
		memset(data + offset, poison ? HALTBLK_POISON : 0, len);
		erased = haltblk_store_rest_erased(store, data, offset, len,
						   how);
		haltblk_store_write_end(page);
		if (erased)
			haltblk_store_remove_erased(store, index, page, how,
						    &gone);
	}
	rcu_read_unlock();
	if (!page && !poison && store->poisons &&
	    !haltblk_discarded_clear(store, pos, len))
		goto again;
	haltblk_retire_pages(store, &gone);
	return true;
}

/*
 * Remove the entry at @xas. If its whole node of the array lies in the range
 * and contains only pages that are not stale, remove all of the node's entries
 * by one store, even those before @xas, where a write may have put a page while
 * the lock was not held. Moves @xas on and adds the number of removed pages
 * that were not stale to @stored. Return: how many entries it removed.
 */
static unsigned int haltblk_store_remove_some(struct haltblk_store *store,
					      struct xa_state *xas,
					      struct page *page,
					      unsigned long first,
					      unsigned long last, bool poison,
					      struct list_head *gone,
					      long *stored)
{
	unsigned long start = round_down(xas->xa_index, XA_CHUNK_SIZE);
	unsigned long end = start + XA_CHUNK_SIZE - 1;
	XA_STATE_ORDER(node, xas->xa, start, XA_CHUNK_SHIFT);
	unsigned int nr = 0;

	if (start < first || end > last || poison || store->poisons ||
	    store->nr_stale) {
		end = xas->xa_index;
		*stored += haltblk_store_remove(store, xas, page, poison, gone);
		nr = 1;
	} else {
		xas_set(xas, start);
		page = xas_find(xas, end);
		do {
			haltblk_share_drop(store, page, gone);
			nr++;
		} while ((page = xas_next_entry(xas, end)));
		xas_store(&node, NULL);
		*stored += nr;
	}
	/*
	 * Not xas_pause(): in 6.1 and 6.12 it skips 63 indices if the store
	 * above emptied, and so freed, the node.
	 */
	xas_set(xas, end + 1);
	return nr;
}

/*
 * Remove one batch of entries under the array's lock. Return: how many; less
 * than HALTBLK_STORE_BATCH if none is left.
 */
static unsigned int haltblk_store_remove_batch(struct haltblk_store *store,
					       struct xa_state *xas,
					       unsigned long first,
					       unsigned long last, bool poison,
					       struct list_head *gone)
{
	struct page *page;
	unsigned int nr = 0;
	long stored = 0;

	xas_lock(xas);
	while (nr < HALTBLK_STORE_BATCH && (page = xas_find(xas, last)))
		nr += haltblk_store_remove_some(store, xas, page, first, last,
						poison, gone, &stored);
	xas_unlock(xas);
	atomic_long_sub(stored, &store->nr_pages);
	return nr;
}

/*
 * Remove whole pages from the array. The cost depends on the pages there, not
 * on the length of the range. Puts them on @keep or, if that is NULL, has a
 * worker free them.
 */
static void haltblk_store_remove_pages(struct haltblk_store *store,
				       unsigned long index, unsigned long last,
				       bool poison, struct list_head *keep)
{
	XA_STATE(xas, &store->pages, index);
	LIST_HEAD(gone);

	while (haltblk_store_remove_batch(store, &xas, index, last, poison,
					  keep ?: &gone) >= HALTBLK_STORE_BATCH)
		cond_resched();
	haltblk_retire_pages(store, &gone);
}

/* Overwrite and free whole pages, except those that another store has, too. */
static void haltblk_store_shred_pages(struct haltblk_store *store,
				      unsigned long index, unsigned long last)
{
	LIST_HEAD(gone);

	haltblk_store_remove_pages(store, index, last, false, &gone);
	haltblk_retire_shred(&gone);
}

static void haltblk_store_erase_pages(struct haltblk_store *store,
				      unsigned long index, unsigned long last,
				      enum haltblk_erase how)
{
	switch (how) {
	case HALTBLK_ERASE_KEEP:
		haltblk_store_zero_pages(store, index, last);
		break;
	case HALTBLK_ERASE_SECURE:
		haltblk_store_shred_pages(store, index, last);
		break;
	case HALTBLK_ERASE_STALE:
		haltblk_discarded_mark(store, index, last);
		break;
	default:
		haltblk_store_remove_pages(store, index, last,
					   how == HALTBLK_ERASE_POISON, NULL);
	}
}

/* Return: false if it must be called again, from the start, where it may sleep. */
static bool haltblk_store_erase_range(struct haltblk_store *store, u64 pos,
				      u64 len, enum haltblk_erase how,
				      bool may_sleep)
{
	u64 n;

	haltblk_store_for_each_run(n, pos, len) {
		if (n >= PAGE_SIZE)
			haltblk_store_erase_pages(store, pos >> PAGE_SHIFT,
						  (pos + n - 1) >> PAGE_SHIFT,
						  how);
		else if (!haltblk_store_erase_part(store, pos, n, how,
						   may_sleep))
			return false;
	}
	return true;
}

/**
 * haltblk_store_erase - discard, zero or erase a range
 * @store: the store
 * @pos: first byte; with poison a multiple of HALTBLK_STORE_UNIT
 * @len: number of bytes, likewise
 * @how: what happens to the memory, and how the range reads
 *
 * May sleep. Changes the covered part of a page, and frees the page if it has
 * no other data. Allocates only in the place of shared pages that are covered in
 * part, or that KEEP zeroes. Set @store->poisons before HALTBLK_ERASE_POISON.
 */
void haltblk_store_erase(struct haltblk_store *store, u64 pos, u64 len,
			 enum haltblk_erase how)
{
	might_sleep();
	haltblk_store_erase_range(store, pos, len, how, true);
	if (how != HALTBLK_ERASE_SECURE)
		return;
	/* A writer may have replaced a shared page, and not retired it yet. */
	if (READ_ONCE(store->shares))
		synchronize_rcu();
	/* Pages discarded earlier may also hold old data of this range. */
	haltblk_retire_drain(store, true);
}

/**
 * haltblk_store_erase_soon - erase a range without sleeping, if that is quick
 * @store: the store
 * @pos: first byte
 * @len: number of bytes
 * @how: what happens to the memory, and how the range reads
 *
 * Return: false if haltblk_store_erase() must be called for the whole range.
 */
bool haltblk_store_erase_soon(struct haltblk_store *store, u64 pos, u64 len,
			      enum haltblk_erase how)
{
	unsigned long index = pos >> PAGE_SHIFT;

	/* So few pages that no reschedule is needed meanwhile. */
	if (how == HALTBLK_ERASE_FREE &&
	    len < (u64)HALTBLK_STORE_BATCH << PAGE_SHIFT)
		return haltblk_store_erase_range(store, pos, len, how, false);
	/* A secure erase must also wait for pages that wait to be freed. */
	return how != HALTBLK_ERASE_SECURE &&
	       !xa_find(&store->pages, &index, (pos + len - 1) >> PAGE_SHIFT,
			XA_PRESENT);
}
