// SPDX-License-Identifier: GPL-2.0-only
/*
 * Free pages for holes. They are taken from the kernel by the handful, because
 * single pages cost several times as much.
 *
 * Process context; sleeps only if @gfp allows it. Each processor's hand has a
 * local lock. That disables preemption, except with PREEMPT_RT, where the
 * kernel's allocator may sleep on its own locks.
 */
#include <linux/gfp.h>
#include <linux/local_lock.h>
#include <linux/percpu.h>

#include "media.h"

/*
 * Pages in a hand: 32, but at most 128 KiB if pages are large (or one page).
 * The kernel's own lists of free pages keep as much for each processor. So
 * little needs no shrinker, which would have to reach into other processors'
 * hands and so cost a lock for each page.
 */
#if PAGE_SHIFT <= 12
#define HALTBLK_PAGES_HAND	32
#elif PAGE_SHIFT < 17
#define HALTBLK_PAGES_HAND	(1 << (17 - PAGE_SHIFT))
#else
#define HALTBLK_PAGES_HAND	1
#endif

/**
 * struct haltblk_pages_hand - free pages of one processor
 * @lock: protects the other fields
 * @nr: number of pages
 * @page: the pages; unused slots are NULL, as the bulk allocator requires
 */
struct haltblk_pages_hand {
	local_lock_t lock;
	unsigned int nr;
	struct page *page[HALTBLK_PAGES_HAND];
};

static DEFINE_PER_CPU(struct haltblk_pages_hand, haltblk_pages_hands) = {
	.lock = INIT_LOCAL_LOCK(lock),
};

/**
 * haltblk_pages_get - get a page with undefined contents
 * @gfp: how to allocate if the hand is empty and cannot be refilled
 */
struct page *haltblk_pages_get(gfp_t gfp)
{
	struct haltblk_pages_hand *hand;
	struct page *page = NULL;

	local_lock(&haltblk_pages_hands.lock);
	hand = this_cpu_ptr(&haltblk_pages_hands);
	if (unlikely(!hand->nr))
		hand->nr = haltblk_compat_alloc_pages(GFP_NOWAIT | __GFP_NOWARN,
						      HALTBLK_PAGES_HAND,
						      hand->page);
	if (likely(hand->nr)) {
		page = hand->page[--hand->nr];
		hand->page[hand->nr] = NULL;
	}
	local_unlock(&haltblk_pages_hands.lock);
	return likely(page) ? page : alloc_page(gfp);
}

/**
 * haltblk_pages_own - make a shared page of a store writable, by a copy
 * @store: the store
 * @index: index of a page for which haltblk_store_write_begin() returned false
 * @gfp: how to allocate
 *
 * Return: 0 or -ENOMEM.
 */
int haltblk_pages_own(struct haltblk_store *store, unsigned long index,
		      gfp_t gfp)
{
	struct page *copy = haltblk_pages_get(gfp);

	if (!copy)
		return -ENOMEM;
	if (!haltblk_share_own(store, index, copy))
		__free_page(copy);
	return 0;
}

/**
 * haltblk_pages_exit - give all pages back, when nobody gets any more
 */
void haltblk_pages_exit(void)
{
	struct haltblk_pages_hand *hand;
	int cpu;

	for_each_possible_cpu(cpu) {
		hand = per_cpu_ptr(&haltblk_pages_hands, cpu);
		while (hand->nr) {
			__free_page(hand->page[--hand->nr]);
			hand->page[hand->nr] = NULL;
		}
	}
}
