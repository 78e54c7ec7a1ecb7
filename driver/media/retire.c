// SPDX-License-Identifier: GPL-2.0-only
/*
 * Freeing pages that stores have removed: in bulk after a grace period, since
 * others may still copy them, and overwritten first for a secure erase. See
 * store.h.
 *
 * Nothing here sleeps with the lock @free_lock of a store.
 */
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/sched.h>

#include "store.h"

/* Free pages. Overwrites each first if @wiped is not 0, which may change. */
static void haltblk_retire_free_list(struct list_head *pages,
				     const unsigned int *wiped)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, pages, lru) {
		if (unlikely(READ_ONCE(*wiped)))
			clear_page(page_address(page));
		set_page_private(page, 0);
		__free_page(page);
		cond_resched();
	}
	INIT_LIST_HEAD(pages);
}

/* Runs a grace period after haltblk_retire_pages() has queued it. */
static void haltblk_retire_work(struct work_struct *work)
{
	struct haltblk_store *store = container_of(to_rcu_work(work),
						   struct haltblk_store,
						   free_work);

	haltblk_retire_free_list(&store->free_now, &store->free_wiped);
	spin_lock(&store->free_lock);
	store->free_busy = !list_empty(&store->free_next);
	list_splice_init(&store->free_next, &store->free_now);
	if (store->free_busy)
		queue_rcu_work(store->wq, &store->free_work);
	spin_unlock(&store->free_lock);
}

/**
 * haltblk_retire_free - free removed pages at once
 * @pages: pages that nobody uses, empty after this
 *
 * May sleep.
 */
void haltblk_retire_free(struct list_head *pages)
{
	const unsigned int wiped = 0;

	haltblk_retire_free_list(pages, &wiped);
}

/**
 * haltblk_retire_init - no page of a store waits yet
 * @store: the store; its @wq is set
 */
void haltblk_retire_init(struct haltblk_store *store)
{
	spin_lock_init(&store->free_lock);
	INIT_LIST_HEAD(&store->free_next);
	INIT_LIST_HEAD(&store->free_now);
	store->free_busy = false;
	store->free_wiped = 0;
	INIT_RCU_WORK(&store->free_work, haltblk_retire_work);
}

/**
 * haltblk_retire_pages - free removed pages after a grace period
 * @store: the store that has removed them
 * @pages: pages of no store, empty after this
 *
 * Others may still copy them. Pages that are removed while one grace period runs
 * share the next.
 */
void haltblk_retire_pages(struct haltblk_store *store, struct list_head *pages)
{
	if (list_empty(pages))
		return;
	spin_lock(&store->free_lock);
	if (store->free_busy) {
		list_splice_tail_init(pages, &store->free_next);
	} else {
		store->free_busy = true;
		list_splice_init(pages, &store->free_now);
		queue_rcu_work(store->wq, &store->free_work);
	}
	spin_unlock(&store->free_lock);
}

/**
 * haltblk_retire_drain - wait until all pages that a store removed are freed
 * @store: the store
 * @wipe: overwrite them first
 *
 * May sleep.
 */
void haltblk_retire_drain(struct haltblk_store *store, bool wipe)
{
	bool busy;

	spin_lock(&store->free_lock);
	store->free_wiped += wipe;
	busy = store->free_busy;
	spin_unlock(&store->free_lock);
	while (busy) {
		flush_rcu_work(&store->free_work);
		spin_lock(&store->free_lock);
		busy = store->free_busy;
		spin_unlock(&store->free_lock);
	}
	spin_lock(&store->free_lock);
	store->free_wiped -= wipe;
	spin_unlock(&store->free_lock);
}

/**
 * haltblk_retire_shred - overwrite removed pages after a grace period, and free them
 * @pages: pages of no store, empty after this
 *
 * May sleep. After the grace period, writes that found a page earlier have ended
 * and cannot leave their data behind.
 */
void haltblk_retire_shred(struct list_head *pages)
{
	const unsigned int wiped = 1;

	if (list_empty(pages))
		return;
	synchronize_rcu();
	haltblk_retire_free_list(pages, &wiped);
}
