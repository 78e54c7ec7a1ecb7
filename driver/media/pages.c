// SPDX-License-Identifier: GPL-2.0-only
/*
 * Free pages for holes, taken from the kernel by the handful: one at a time
 * they cost several times as much.
 *
 * Process context; does not sleep unless @gfp lets it. Each processor's hand has
 * a local lock: preemption off, but where the kernel's allocator may sleep on its
 * own locks (PREEMPT_RT).
 */
#include <linux/gfp.h>
#include <linux/local_lock.h>
#include <linux/percpu.h>

#include "media.h"

/*
 * Pages at hand: 32, but no more than 128 KiB, however large a page is. That
 * little needs no shrinker, which would have to reach into other processors'
 * hands and so cost a lock for each page; the kernel's own lists of free pages
 * keep as much for each processor.
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
 * @lock: protects the rest
 * @nr: how many
 * @page: they; the rest is NULL, as the kernel's allocator wants it
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
 * haltblk_pages_get - a page, its contents undefined
 * @gfp: how to look for memory if there is none at hand
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
 * haltblk_pages_exit - give all back, while nobody gets any
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
