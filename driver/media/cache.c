// SPDX-License-Identifier: GPL-2.0-only
/*
 * The volatile write cache; cache.h draws it.
 *
 * Locks: a page's lock (haltblk_cache_lock()), then cache->lock. Neither is
 * held while memory is allocated, except atomically for nodes of the array.
 * core/writeback.c decides when blocks are written back.
 */
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "media.h"

/**
 * haltblk_cache_init - set up an empty cache
 * @cache: cache
 * @store: the store that it caches
 */
void haltblk_cache_init(struct haltblk_cache *cache,
			struct haltblk_store *store)
{
	int i;

	cache->store = store;
	xa_init(&cache->blocks);
	INIT_LIST_HEAD(&cache->dirty);
	spin_lock_init(&cache->lock);
	for (i = 0; i < HALTBLK_CACHE_LOCKS; i++)
		spin_lock_init(&cache->pages[i]);
}

/* Take out a block, which the caller then owns. Its page's lock is held. */
static void haltblk_cache_unlist(struct haltblk_cache *cache,
				 struct haltblk_cache_block *block)
{
	lockdep_assert_held(haltblk_cache_lock(cache, block->index));
	xa_erase(&cache->blocks, block->index);
	spin_lock(&cache->lock);
	list_del(&block->node);
	WRITE_ONCE(cache->nr, cache->nr - 1);
	spin_unlock(&cache->lock);
}

static void haltblk_cache_free(struct haltblk_cache_block *block, bool wipe)
{
	if (!block)
		return;
	if (block->old) {
		if (wipe)
			clear_page(page_address(block->old));
		__free_page(block->old);
	}
	kfree(block);
}

/* Take out the oldest block. Nobody else uses the cache. */
static struct haltblk_cache_block *
haltblk_cache_pop(struct haltblk_cache *cache)
{
	struct haltblk_cache_block *block;
	spinlock_t *lock;

	block = list_first_entry_or_null(&cache->dirty,
					 struct haltblk_cache_block, node);
	if (!block)
		return NULL;
	lock = haltblk_cache_lock(cache, block->index);
	spin_lock(lock);
	haltblk_cache_unlist(cache, block);
	spin_unlock(lock);
	cond_resched();
	return block;
}

/**
 * haltblk_cache_lose - lose the power: put the media's data into the store
 * @cache: cache; nobody uses it or its store meanwhile
 *
 * May sleep.
 */
void haltblk_cache_lose(struct haltblk_cache *cache)
{
	struct haltblk_cache_block *block;

	while ((block = haltblk_cache_pop(cache))) {
		haltblk_store_replace(cache->store, block->index, block->old);
		if (block->old && block->stale)
			haltblk_discarded_mark(cache->store, block->index,
					       block->index);
		/* The store owns it now. */
		block->old = NULL;
		haltblk_cache_free(block, false);
	}
	xa_destroy(&cache->blocks);
}

/**
 * haltblk_cache_destroy - free everything
 * @cache: cache that nobody uses any more; its store stays as it is
 *
 * May sleep.
 */
void haltblk_cache_destroy(struct haltblk_cache *cache)
{
	struct haltblk_cache_block *block;

	while ((block = haltblk_cache_pop(cache)))
		haltblk_cache_free(block, false);
	xa_destroy(&cache->blocks);
}

/*
 * Get the page at an index, and make one for a hole. Sets @fresh if there was a
 * hole and this call filled it.
 */
static struct page *haltblk_cache_page(struct haltblk_cache *cache,
				       unsigned long index, gfp_t gfp,
				       bool *fresh)
{
	struct page *page, *old;

	*fresh = false;
	rcu_read_lock();
	page = haltblk_store_find(cache->store, index);
	rcu_read_unlock();
	if (page)
		return page;
	page = alloc_page(gfp | __GFP_ZERO);
	if (!page)
		return ERR_PTR(-ENOMEM);
	old = haltblk_store_publish(cache->store, (u64)index << PAGE_SHIFT, 0,
				    page, gfp);
	if (!old) {
		/* It may have replaced poison, which is not a hole. */
		*fresh = !cache->store->poisons ||
			 !memchr_inv(page_address(page), 0, PAGE_SIZE);
		return page;
	}
	__free_page(page);
	return old;
}

static struct haltblk_cache_block *haltblk_cache_alloc(unsigned long index,
						       bool hole, gfp_t gfp)
{
	struct haltblk_cache_block *block = kmalloc(sizeof(*block), gfp);

	if (!block)
		return NULL;
	block->index = index;
	block->seq = 0;
	block->old = NULL;
	block->stale = false;
	if (hole)
		return block;
	block->old = alloc_page(gfp);
	if (block->old)
		return block;
	kfree(block);
	return NULL;
}

/* Add a block for a page that is about to be written. */
static int haltblk_cache_enter(struct haltblk_cache *cache,
			       struct haltblk_cache_block *block,
			       struct page *page)
{
	int err;

	lockdep_assert_held(haltblk_cache_lock(cache, block->index));
	err = xa_err(xa_store(&cache->blocks, block->index, block,
			      GFP_NOWAIT | __GFP_NOWARN));
	if (err)
		return err;
	if (block->old)
		copy_page(page_address(block->old), page_address(page));
	/* The write revives the store's page, but not the media's data. */
	block->stale = READ_ONCE(cache->store->nr_stale) &&
		       xa_get_mark(&cache->store->pages, block->index,
				   HALTBLK_STORE_STALE);
	spin_lock(&cache->lock);
	/* haltblk_dirty_list() reads it without this lock. */
	WRITE_ONCE(block->seq, ++cache->seq);
	list_add_tail(&block->node, &cache->dirty);
	WRITE_ONCE(cache->nr, cache->nr + 1);
	spin_unlock(&cache->lock);
	return 0;
}

/* Memory that a write may need, allocated before it takes the page's lock. */
struct haltblk_cache_spare {
	struct haltblk_cache_block *block;
	struct page *zero;
};

/*
 * Prepare the cache for a write. The page's lock is held. -ENOMEM: call
 * haltblk_cache_provide() first.
 */
static int haltblk_cache_try(struct haltblk_cache *cache, unsigned long index,
			     enum haltblk_cache_how how, bool hole,
			     struct haltblk_cache_spare *spare,
			     struct haltblk_cache_write *w)
{
	struct haltblk_cache_block *block = xa_load(&cache->blocks, index);

	w->old = NULL;
	switch (how) {
	case HALTBLK_CACHE_THROUGH:
		if (!block)
			return 0;
		/* The media has a hole, and this write fills a part of it. */
		if (!block->old)
			swap(block->old, spare->zero);
		block->stale = false;
		w->old = block->old;
		return block->old ? 0 : -ENOMEM;
	case HALTBLK_CACHE_REPLACE:
		return 0;
	default:
		if (block)
			return 0;
		block = spare->block;
		if (!block || (!block->old && !hole) ||
		    haltblk_cache_enter(cache, block, w->page))
			return -ENOMEM;
		spare->block = NULL;
		return 0;
	}
}

static int haltblk_cache_provide(struct haltblk_cache *cache,
				 unsigned long index,
				 enum haltblk_cache_how how, bool hole,
				 struct haltblk_cache_spare *spare, gfp_t gfp)
{
	if (how == HALTBLK_CACHE_THROUGH) {
		spare->zero = alloc_page(gfp | __GFP_ZERO);
		return spare->zero ? 0 : -ENOMEM;
	}
	if (spare->block && (spare->block->old || hole))
		return xa_reserve(&cache->blocks, index, gfp);
	haltblk_cache_free(spare->block, false);
	spare->block = haltblk_cache_alloc(index, hole, gfp);
	return spare->block ? 0 : -ENOMEM;
}

/**
 * haltblk_cache_begin - begin a write to a page
 * @cache: cache
 * @index: index of the page
 * @how: where the write goes
 * @gfp: how to allocate
 * @w: set to the pages to write to
 *
 * On success the page's lock is held until haltblk_cache_end(), and the caller
 * is the page's writer.
 *
 * Return: 0 or -ENOMEM.
 */
int haltblk_cache_begin(struct haltblk_cache *cache, unsigned long index,
			enum haltblk_cache_how how, gfp_t gfp,
			struct haltblk_cache_write *w)
{
	spinlock_t *lock = haltblk_cache_lock(cache, index);
	struct haltblk_cache_spare spare = { };
	bool fresh, hole = false;
	int err;

	for (;;) {
		w->page = haltblk_cache_page(cache, index, gfp, &fresh);
		err = PTR_ERR_OR_ZERO(w->page);
		if (err)
			break;
		hole |= fresh;
		/* RCU keeps a page that is erased meanwhile. */
		rcu_read_lock();
		spin_lock(lock);
		if (haltblk_store_find(cache->store, index) == w->page) {
			/* A page that somebody has written is not a hole. */
			hole = hole && !page_private(w->page);
			err = haltblk_cache_try(cache, index, how, hole, &spare,
						w);
			if (!err && haltblk_store_write_begin(w->page))
				break;
			spin_unlock(lock);
			rcu_read_unlock();
			/*
			 * The page is shared, or its last piece was erased. The
			 * block that was added stays: it has the media's data
			 * from before.
			 */
			if (!err) {
				hole = false;
				err = haltblk_pages_own(cache->store, index, gfp);
				if (err)
					break;
				continue;
			}
			err = haltblk_cache_provide(cache, index, how, hole,
						    &spare, gfp);
			if (err)
				break;
		} else {
			spin_unlock(lock);
			rcu_read_unlock();
			hole = false;
		}
	}
	haltblk_cache_free(spare.block, false);
	if (spare.zero)
		__free_page(spare.zero);
	return err;
}

/**
 * haltblk_cache_end - end a write to a page
 * @cache: cache
 * @index: as for haltblk_cache_begin()
 * @how: likewise
 */
void haltblk_cache_end(struct haltblk_cache *cache, unsigned long index,
		       enum haltblk_cache_how how)
{
	struct haltblk_cache_block *block = NULL;

	if (how == HALTBLK_CACHE_REPLACE) {
		block = xa_load(&cache->blocks, index);
		if (block)
			haltblk_cache_unlist(cache, block);
	}
	spin_unlock(haltblk_cache_lock(cache, index));
	rcu_read_unlock();
	haltblk_cache_free(block, false);
}

/**
 * haltblk_cache_fits - do all blocks of a write fit?
 * @cache: cache
 * @pos: first byte
 * @len: number of bytes
 *
 * Blocks that are already dirty need no room. An empty cache takes any write.
 */
bool haltblk_cache_fits(struct haltblk_cache *cache, u64 pos, u64 len)
{
	unsigned long index = pos >> PAGE_SHIFT;
	unsigned long last = (pos + len - 1) >> PAGE_SHIFT;
	unsigned long nr = READ_ONCE(cache->nr);

	if (!cache->limit || !nr || nr + last - index + 1 <= cache->limit)
		return true;
	for (; index <= last; index++)
		if (!xa_load(&cache->blocks, index) && ++nr > cache->limit)
			return false;
	return true;
}

/**
 * haltblk_cache_last - get the number of the block that became dirty last
 * @cache: cache
 */
u64 haltblk_cache_last(struct haltblk_cache *cache)
{
	u64 seq;

	spin_lock(&cache->lock);
	seq = cache->seq;
	spin_unlock(&cache->lock);
	return seq;
}

/**
 * haltblk_cache_next - find the next block to write back
 * @cache: cache
 * @after: number of the previous block; set to that of the block found
 * @upto: number of the last block to consider
 * @index: set to the page's index
 *
 * Blocks are numbered in the order in which they became dirty.
 *
 * Return: false if there is none.
 */
bool haltblk_cache_next(struct haltblk_cache *cache, u64 *after, u64 upto,
			unsigned long *index)
{
	struct haltblk_cache_block *block;
	bool found = false;

	spin_lock(&cache->lock);
	list_for_each_entry(block, &cache->dirty, node) {
		if (block->seq > upto)
			break;
		if (block->seq <= *after)
			continue;
		*after = block->seq;
		*index = block->index;
		found = true;
		break;
	}
	spin_unlock(&cache->lock);
	return found;
}

/**
 * haltblk_cache_clean - write a block back to the media
 * @cache: cache
 * @index: index of its page; nothing happens if it is not dirty
 */
void haltblk_cache_clean(struct haltblk_cache *cache, unsigned long index)
{
	rcu_read_lock();
	spin_lock(haltblk_cache_lock(cache, index));
	haltblk_cache_end(cache, index, HALTBLK_CACHE_REPLACE);
}

/* Erase a part of the media's page; it becomes a hole if nothing is left. */
static void haltblk_cache_erase_part(struct haltblk_cache *cache, u64 pos,
				     unsigned int len, enum haltblk_erase how)
{
	unsigned long index = pos >> PAGE_SHIFT;
	bool poison = how == HALTBLK_ERASE_POISON;
	spinlock_t *lock = haltblk_cache_lock(cache, index);
	unsigned int offset = offset_in_page(pos);
	struct haltblk_cache_block *block;
	struct page *gone = NULL;
	void *data;

	if (how == HALTBLK_ERASE_STALE)
		return;
	spin_lock(lock);
	block = xa_load(&cache->blocks, index);
	if (block && block->old) {
		data = page_address(block->old);
		memset(data + offset, poison ? HALTBLK_POISON : 0, len);
		/* A block can represent poison only as a page. */
		if (!poison && haltblk_store_rest_erased(cache->store, data,
							 offset, len, how))
			swap(gone, block->old);
	}
	spin_unlock(lock);
	if (gone)
		__free_page(gone);
}

/*
 * A whole page was erased. Return: whether its block goes. It stays if, without
 * the writes that have not reached it, the media has other contents than the
 * store: older stale data, or a hole instead of poison.
 */
static bool haltblk_cache_erased(struct haltblk_cache_block *block,
				 enum haltblk_erase how)
{
	switch (how) {
	case HALTBLK_ERASE_STALE:
		block->stale = true;
		return false;
	case HALTBLK_ERASE_POISON:
		return block->old;
	default:
		return true;
	}
}

static void haltblk_cache_erase_pages(struct haltblk_cache *cache,
				      unsigned long index, unsigned long last,
				      enum haltblk_erase how)
{
	struct haltblk_cache_block *block;
	spinlock_t *lock;

	while (xa_find(&cache->blocks, &index, last, XA_PRESENT)) {
		lock = haltblk_cache_lock(cache, index);
		spin_lock(lock);
		block = xa_load(&cache->blocks, index);
		if (block && haltblk_cache_erased(block, how))
			haltblk_cache_unlist(cache, block);
		else
			block = NULL;
		spin_unlock(lock);
		haltblk_cache_free(block, how == HALTBLK_ERASE_SECURE);
		cond_resched();
		if (index++ == last)
			break;
	}
}

/**
 * haltblk_cache_erase - erase a range on the media
 * @cache: cache
 * @pos: first byte
 * @len: number of bytes
 * @how: as for the store
 *
 * May sleep. Call this after the store's erasure: then a write that comes
 * between the two only reaches the media early. In the other order, old data
 * could stay on the media.
 */
void haltblk_cache_erase(struct haltblk_cache *cache, u64 pos, u64 len,
			 enum haltblk_erase how)
{
	u64 n;

	haltblk_store_for_each_run(n, pos, len) {
		if (n < PAGE_SIZE)
			haltblk_cache_erase_part(cache, pos, n, how);
		else
			haltblk_cache_erase_pages(cache, pos >> PAGE_SHIFT,
						  (pos + n - 1) >> PAGE_SHIFT,
						  how);
	}
}
