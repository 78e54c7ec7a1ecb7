// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looking at the dirty blocks of a cache while it is in use: listing them, and
 * copying the media's data for a clone. cache.c has the locks.
 */
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "media.h"

/* Blocks that are looked at with the array's lock held. */
#define HALTBLK_DIRTY_BATCH	64

/**
 * haltblk_dirty_list - list the dirty blocks
 * @cache: cache
 * @out: entries to fill in, in the order of their sectors
 * @room: how many fit
 *
 * May sleep. Blocks that become dirty or clean meanwhile are listed or not.
 *
 * Return: how many were filled in.
 */
unsigned int haltblk_dirty_list(struct haltblk_cache *cache,
				struct haltblk_pending *out, unsigned int room)
{
	XA_STATE(xas, &cache->blocks, 0);
	struct haltblk_cache_block *block;
	unsigned int nr = 0, looked = 0;
	u64 seq;

	/* Under this lock, blocks stay in the array and are not freed. */
	xas_lock(&xas);
	xas_for_each(&xas, block, ULONG_MAX) {
		if (nr == room)
			break;
		/* One that is just being added has no number yet. */
		seq = xa_is_zero(block) ? 0 : READ_ONCE(block->seq);
		if (seq) {
			out[nr].sector = (u64)xas.xa_index *
					 HALTBLK_PAGE_SECTORS;
			out[nr].sectors = HALTBLK_PAGE_SECTORS;
			out[nr].op = HALTBLK_OP_WRITE;
			out[nr].order = seq;
			nr++;
		}
		if (++looked % HALTBLK_DIRTY_BATCH)
			continue;
		xas_pause(&xas);
		xas_unlock(&xas);
		cond_resched();
		xas_lock(&xas);
	}
	xas_unlock(&xas);
	return nr;
}

/**
 * haltblk_dirty_prepare - allocate what copying the dirty blocks may need
 * @cache: cache
 * @olds: zeroed; haltblk_dirty_free() frees it, whatever this returns
 *
 * May sleep. There is some room for blocks that become dirty afterwards.
 *
 * Return: 0; -ENOMEM; or -EINTR if killed.
 */
int haltblk_dirty_prepare(struct haltblk_cache *cache,
			  struct haltblk_dirty_olds *olds)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN;
	unsigned long nr = READ_ONCE(cache->nr), i;

	olds->room = 2 * nr + HALTBLK_DIRTY_BATCH;
	olds->v = kvcalloc(olds->room, sizeof(*olds->v), GFP_KERNEL);
	if (!olds->v)
		return -ENOMEM;
	for (i = 0; i < nr + HALTBLK_DIRTY_BATCH; i++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		olds->v[i].page = alloc_page(gfp);
		if (!olds->v[i].page)
			return -ENOMEM;
		cond_resched();
	}
	return 0;
}

static bool haltblk_dirty_copy_one(struct haltblk_cache *cache,
				   struct haltblk_dirty_olds *olds,
				   unsigned long index)
{
	spinlock_t *lock = haltblk_cache_lock(cache, index);
	struct haltblk_cache_block *block;
	struct haltblk_dirty_old *old;

	if (olds->nr == olds->room)
		return false;
	old = &olds->v[olds->nr];
	/* The caller must not wait: see haltblk_share_all(). */
	if (!old->page)
		old->page = alloc_page(GFP_NOWAIT | __GFP_NOWARN);
	if (!old->page)
		return false;
	spin_lock(lock);
	block = xa_load(&cache->blocks, index);
	if (block) {
		old->index = index;
		old->hole = !block->old;
		old->stale = block->stale;
		/* Not shared: a write past the cache changes it in place. */
		if (block->old)
			copy_page(page_address(old->page),
				  page_address(block->old));
		olds->nr++;
	}
	spin_unlock(lock);
	return true;
}

/**
 * haltblk_dirty_copy - copy the media's data of all dirty blocks
 * @cache: cache
 * @olds: after haltblk_dirty_prepare(); blocks that it has are left out
 *
 * May be preempted, but waits for no memory.
 *
 * Return: false if there is no room or no memory.
 */
bool haltblk_dirty_copy(struct haltblk_cache *cache,
			struct haltblk_dirty_olds *olds)
{
	const unsigned long known = olds->nr;
	unsigned long index = 0, i = 0;

	while (xa_find(&cache->blocks, &index, ULONG_MAX, XA_PRESENT)) {
		/* Each call adds blocks in ascending order. */
		while (i < known && olds->v[i].index < index)
			i++;
		if ((i == known || olds->v[i].index != index) &&
		    !haltblk_dirty_copy_one(cache, olds, index))
			return false;
		cond_resched();
		if (++index == 0)
			break;
	}
	return true;
}

/**
 * haltblk_dirty_apply - put the media's data in the place of dirty blocks
 * @olds: filled by haltblk_dirty_copy()
 * @to: store with the blocks' data, which nobody uses
 *
 * May sleep.
 */
void haltblk_dirty_apply(struct haltblk_dirty_olds *olds,
			 struct haltblk_store *to)
{
	struct haltblk_dirty_old *old;
	unsigned long i;

	for (i = 0; i < olds->nr; i++) {
		old = &olds->v[i];
		haltblk_store_replace(to, old->index,
				      old->hole ? NULL : old->page);
		if (old->hole)
			continue;
		/* The store owns it now. */
		old->page = NULL;
		if (old->stale)
			haltblk_discarded_mark(to, old->index, old->index);
		cond_resched();
	}
}

/**
 * haltblk_dirty_free - free what was not used
 * @olds: of haltblk_dirty_prepare()
 */
void haltblk_dirty_free(struct haltblk_dirty_olds *olds)
{
	unsigned long i;

	for (i = 0; olds->v && i < olds->room; i++)
		if (olds->v[i].page)
			__free_page(olds->v[i].page);
	kvfree(olds->v);
}
