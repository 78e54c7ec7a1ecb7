// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sharing pages between stores, copy-on-write. See store.h.
 *
 *   store A  [pg] [SH] [pg]        a page with HALTBLK_STORE_SHARED as sequence
 *                  |               count has a number of owners, the stores that
 *   store B  [pg] [SH] [  ]        have it in their arrays
 *
 * A store takes and drops its ownership under its own array's lock, so whoever
 * has that lock and finds a shared page there knows that it has an owner. The
 * number of owners is kept in page->lru.prev, which nothing else uses until the last
 * owner has dropped the page. Then the page is freed after a grace period, since
 * readers of any store may have found it before.
 *
 * Stores are equals: a page does not know which of them had it first.
 */
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/sched.h>

#include "store.h"

/* Entries that are taken from one array, and then put into the other. */
#define HALTBLK_SHARE_BATCH	32

/**
 * struct haltblk_share_batch - entries on their way from one store to another
 * @nr: number of entries
 * @stale: a bit for each page that is stale
 * @index: their indices
 * @entry: pages, of which the batch is an owner, and values
 */
struct haltblk_share_batch {
	unsigned int nr;
	u32 stale;
	unsigned long index[HALTBLK_SHARE_BATCH];
	void *entry[HALTBLK_SHARE_BATCH];
};

/*
 * The number of owners of a shared page. Not in the first word of page->lru: the
 * kernel, which looks at all pages, takes an odd number there for a pointer to
 * the head of a compound page.
 */
static atomic_long_t *haltblk_share_owners(struct page *page)
{
	BUILD_BUG_ON(sizeof(atomic_long_t) > sizeof(page->lru.prev));
	return (atomic_long_t *)&page->lru.prev;
}

static bool haltblk_share_is_shared(const struct page *page)
{
	return READ_ONCE(page->private) == HALTBLK_STORE_SHARED;
}

/**
 * haltblk_share_drop - give up a page that was removed from its array
 * @store: the store
 * @page: page; the array's lock was held for the removal
 * @gone: list to which the page is added if no other store has it
 */
void haltblk_share_drop(struct haltblk_store *store, struct page *page,
			struct list_head *gone)
{
	if (haltblk_share_is_shared(page)) {
		atomic_long_dec(&store->nr_shared);
		if (!atomic_long_dec_and_test(haltblk_share_owners(page)))
			return;
	}
	list_add_tail(&page->lru, gone);
}

/**
 * haltblk_share_replace - put a copy in the place of a shared page
 * @store: the store
 * @index: index of the page
 * @copy: filled with the page's data, and owned by the store on success
 * @gone: list to which the shared page is added if no other store has it
 *
 * Return: false if there is no shared page at @index.
 */
bool haltblk_share_replace(struct haltblk_store *store, unsigned long index,
			   struct page *copy, struct list_head *gone)
{
	struct page *page;
	bool replaced = false;

	rcu_read_lock();
	page = haltblk_store_find(store, index);
	if (page && haltblk_share_is_shared(page)) {
		copy_page(page_address(copy), page_address(page));
		/* Not 0, which says that nobody has written the page. */
		set_page_private(copy, 2);
		/* Never allocates. RCU keeps @page from coming back. */
		replaced = xa_cmpxchg(&store->pages, index, page, copy,
				      GFP_NOWAIT) == page;
		/* A secure erase that came first knows nothing of this copy. */
		if (!replaced)
			clear_page(page_address(copy));
	}
	rcu_read_unlock();
	if (replaced)
		haltblk_share_drop(store, page, gone);
	return replaced;
}

/**
 * haltblk_share_own - make the page at an index writable
 * @store: the store
 * @index: index of a page for which haltblk_store_write_begin() returned false
 * @copy: page with undefined contents
 *
 * Return: true if @copy has become the store's page.
 */
bool haltblk_share_own(struct haltblk_store *store, unsigned long index,
		       struct page *copy)
{
	LIST_HEAD(gone);
	bool used;

	/* A secure erase finds the page in the array or among those to be freed. */
	rcu_read_lock();
	used = haltblk_share_replace(store, index, copy, &gone);
	haltblk_retire_pages(store, &gone);
	rcu_read_unlock();
	return used;
}

/**
 * haltblk_share_own_erase - make the page at an index writable, to erase it
 * @store: the store
 * @index: index of a page for which haltblk_store_write_begin() returned false
 * @shred: overwrite the old page, unless another store has it
 *
 * May sleep. Allocates memory until it gets it, so that nothing stops an
 * erasure half way.
 */
void haltblk_share_own_erase(struct haltblk_store *store, unsigned long index,
			     bool shred)
{
	struct page *copy = alloc_page(GFP_NOIO | __GFP_NOFAIL);
	LIST_HEAD(gone);

	if (!haltblk_share_replace(store, index, copy, &gone))
		__free_page(copy);
	if (shred)
		haltblk_retire_shred(&gone);
	else
		haltblk_retire_pages(store, &gone);
}

/* --- sharing a whole store ------------------------------------------------ */

/**
 * haltblk_share_prepare - allocate the nodes for what a store has now
 * @store: the store
 * @to: empty store, which nobody uses
 *
 * May sleep. Writes to @store can go on.
 *
 * Return: 0, or -ENOMEM.
 */
int haltblk_share_prepare(struct haltblk_store *store,
			  struct haltblk_store *to)
{
	unsigned long index = 0;
	int err;

	while (xa_find(&store->pages, &index, ULONG_MAX, XA_PRESENT)) {
		/* One entry makes the node for all its neighbours. */
		index |= XA_CHUNK_MASK;
		err = xa_reserve(&to->pages, index, GFP_KERNEL);
		if (err)
			return err;
		if (++index == 0)
			break;
		cond_resched();
	}
	return 0;
}

/**
 * haltblk_share_finish - free the nodes that nothing was put into
 * @to: store of haltblk_share_prepare()
 *
 * May sleep.
 */
void haltblk_share_finish(struct haltblk_store *to)
{
	XA_STATE(xas, &to->pages, 0);
	unsigned long index;
	unsigned int nr = 0;
	void *entry;

	xas_lock(&xas);
	xas_for_each(&xas, entry, ULONG_MAX) {
		index = xas.xa_index;
		if (xa_is_zero(entry))
			xas_store(&xas, NULL);
		if (++nr % HALTBLK_STORE_BATCH)
			continue;
		if (index == ULONG_MAX)
			break;
		/* Not xas_pause(): see haltblk_store_remove_some(). */
		xas_set(&xas, index + 1);
		xas_unlock(&xas);
		cond_resched();
		xas_lock(&xas);
	}
	xas_unlock(&xas);
}

/* Add an owner to a page of an array whose lock is held. */
static void haltblk_share_page(struct haltblk_store *store, struct page *page)
{
	/* It is in the array, so it was not removed for good. */
	if (!haltblk_store_write_begin(page)) {
		atomic_long_inc(haltblk_share_owners(page));
		return;
	}
	atomic_long_set(haltblk_share_owners(page), 2);
	haltblk_store_write_share(page);
	atomic_long_inc(&store->nr_shared);
}

/* Take entries from @index on. Sets @index behind the last one. */
static void haltblk_share_take(struct haltblk_store *store,
			       unsigned long *index,
			       struct haltblk_share_batch *batch)
{
	XA_STATE(xas, &store->pages, *index);
	unsigned int nr = 0;
	void *entry;

	batch->stale = 0;
	xas_lock(&xas);
	xas_for_each(&xas, entry, ULONG_MAX) {
		if (!xa_is_value(entry))
			haltblk_share_page(store, entry);
		if (store->nr_stale && xas_get_mark(&xas, HALTBLK_STORE_STALE))
			batch->stale |= BIT(nr);
		batch->index[nr] = xas.xa_index;
		batch->entry[nr] = entry;
		if (++nr == HALTBLK_SHARE_BATCH)
			break;
	}
	xas_unlock(&xas);
	batch->nr = nr;
	if (nr)
		*index = batch->index[nr - 1] + 1;
}

/* Put entries into an array, as many as there is memory for. */
static unsigned int haltblk_share_put(struct haltblk_store *to,
				      const struct haltblk_share_batch *batch)
{
	XA_STATE(xas, &to->pages, 0);
	long stored = 0, shared = 0;
	unsigned int i;

	xas_lock(&xas);
	for (i = 0; i < batch->nr; i++) {
		xas_set(&xas, batch->index[i]);
		xas_store(&xas, batch->entry[i]);
		if (xas_error(&xas))
			break;
		if (xa_is_value(batch->entry[i]))
			continue;
		shared++;
		if (batch->stale & BIT(i)) {
			xas_set_mark(&xas, HALTBLK_STORE_STALE);
			to->nr_stale++;
		} else {
			stored++;
		}
	}
	xas_unlock(&xas);
	atomic_long_add(stored, &to->nr_pages);
	atomic_long_add(shared, &to->nr_shared);
	return i;
}

/**
 * haltblk_share_all - share all pages of a store with another one
 * @store: the store; writes to it can go on
 * @to: empty store, which nobody uses; haltblk_share_prepare() was called
 *
 * May be preempted, but waits for no memory. Calls haltblk_share_finish().
 *
 * A page that a write under way changes is shared before or after the write. The
 * array's lock and a page's count order the two: all that follows a write which
 * came too late for its page also follows the beginning of this call.
 *
 * Return: 0; or -ENOMEM, with some pages in @to.
 */
int haltblk_share_all(struct haltblk_store *store, struct haltblk_store *to)
{
	struct haltblk_share_batch batch;
	unsigned long index = 0;
	LIST_HEAD(gone);
	unsigned int i;
	int err = 0;

	to->poisons = store->poisons;
	WRITE_ONCE(store->shares, true);
	to->shares = true;
	do {
		haltblk_share_take(store, &index, &batch);
		i = haltblk_share_put(to, &batch);
		if (i < batch.nr)
			err = -ENOMEM;
		for (; i < batch.nr; i++) {
			if (xa_is_value(batch.entry[i]))
				continue;
			atomic_long_inc(&to->nr_shared);
			haltblk_share_drop(to, batch.entry[i], &gone);
		}
		cond_resched();
	} while (!err && batch.nr == HALTBLK_SHARE_BATCH && index);
	haltblk_retire_pages(to, &gone);
	return err;
}
