/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The volatile write cache: the blocks of the store that have not reached the
 * media, and the media's data for them.
 *
 *   store   [new] [new] [   ] [new]     what reads see, with or without a cache
 *   blocks   |           |              a block for each page written since it
 *           [old]       hole            last reached the media: the old data
 *
 * - Reads know nothing of the cache and pay nothing for it.
 * - The first write to a page keeps a copy of the media's data ("old", or
 *   nothing for a hole). Writing the block back drops that copy. Losing the
 *   cache puts it back into the store.
 * - Writing, erasing and writing back a page take the page's lock, one of a few
 *   chosen by its index. They do not sleep with it.
 *
 * A block is a page. Process context.
 */
#ifndef HALTBLK_CACHE_H
#define HALTBLK_CACHE_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>

#include "store.h"

#define HALTBLK_CACHE_LOCKS	64

/**
 * struct haltblk_cache - blocks of a store that the media does not have yet
 * @store: what reads see
 * @blocks: struct haltblk_cache_block by page index; changed under the page's
 *	lock
 * @dirty: the same blocks in the order in which they became dirty; @lock
 * @lock: protects @dirty, @nr and @seq; a leaf
 * @nr: blocks in @dirty
 * @seq: number of the block that became dirty last
 * @limit: most blocks that fit, 0 for no limit
 * @pages: locks of pages
 */
struct haltblk_cache {
	struct haltblk_store *store;
	struct xarray blocks;
	struct list_head dirty;
	spinlock_t lock;
	unsigned long nr;
	u64 seq;
	unsigned long limit;
	spinlock_t pages[HALTBLK_CACHE_LOCKS];
};

/**
 * struct haltblk_cache_write - a write to one page under way
 * @page: the store's page
 * @old: the media's page, if the write must reach it as well; else NULL
 */
struct haltblk_cache_write {
	struct page *page;
	struct page *old;
};

/**
 * struct haltblk_cache_block - a page that the media does not have yet
 * @node: in the cache's list of dirty blocks
 * @index: index of the page
 * @seq: number in the order in which blocks became dirty, from 1; 0 before
 * @old: the media's data; NULL for a hole
 * @stale: the media's data is stale: discarded, with discard_reads=stale
 */
struct haltblk_cache_block {
	struct list_head node;
	unsigned long index;
	u64 seq;
	struct page *old;
	bool stale;
};

/* The lock of a page. */
static inline spinlock_t *haltblk_cache_lock(struct haltblk_cache *cache,
				      unsigned long index)
{
	return &cache->pages[index % HALTBLK_CACHE_LOCKS];
}

/**
 * struct haltblk_dirty_old - the media's data of a dirty block
 * @index: index of the page
 * @page: a copy of the data, or memory for one
 * @hole: the media has a hole instead
 * @stale: the data is stale
 */
struct haltblk_dirty_old {
	unsigned long index;
	struct page *page;
	bool hole;
	bool stale;
};

/**
 * struct haltblk_dirty_olds - the media's data of many dirty blocks
 * @v: @nr of them
 * @nr: number of @v that are filled
 * @room: length of @v
 */
struct haltblk_dirty_olds {
	struct haltblk_dirty_old *v;
	unsigned long nr;
	unsigned long room;
};

/* Where a write goes. */
enum haltblk_cache_how {
	HALTBLK_CACHE_KEEP,	/* stays in the cache */
	HALTBLK_CACHE_THROUGH,	/* FUA, part of a page: to the media as well */
	HALTBLK_CACHE_REPLACE,	/* FUA, whole page: replaces the media's data */
};

void haltblk_cache_init(struct haltblk_cache *cache,
			struct haltblk_store *store);
void haltblk_cache_destroy(struct haltblk_cache *cache);
void haltblk_cache_lose(struct haltblk_cache *cache);
int haltblk_cache_begin(struct haltblk_cache *cache, unsigned long index,
			enum haltblk_cache_how how, gfp_t gfp,
			struct haltblk_cache_write *w);
void haltblk_cache_end(struct haltblk_cache *cache, unsigned long index,
		       enum haltblk_cache_how how);
bool haltblk_cache_fits(struct haltblk_cache *cache, u64 pos, u64 len);
u64 haltblk_cache_last(struct haltblk_cache *cache);
bool haltblk_cache_next(struct haltblk_cache *cache, u64 *after, u64 upto,
			unsigned long *index);
void haltblk_cache_clean(struct haltblk_cache *cache, unsigned long index);
void haltblk_cache_erase(struct haltblk_cache *cache, u64 pos, u64 len,
			 enum haltblk_erase how);

/* dirty.c */
struct haltblk_pending;
unsigned int haltblk_dirty_list(struct haltblk_cache *cache,
				struct haltblk_pending *out, unsigned int room);
int haltblk_dirty_prepare(struct haltblk_cache *cache,
			  struct haltblk_dirty_olds *olds);
bool haltblk_dirty_copy(struct haltblk_cache *cache,
			struct haltblk_dirty_olds *olds);
void haltblk_dirty_apply(struct haltblk_dirty_olds *olds,
			 struct haltblk_store *to);
void haltblk_dirty_free(struct haltblk_dirty_olds *olds);

#endif /* HALTBLK_CACHE_H */
