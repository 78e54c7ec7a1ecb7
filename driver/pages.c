// SPDX-License-Identifier: GPL-2.0-only
/*
 * Free pages for holes, taken from the kernel by the handful: one at a time
 * they cost several times as much.
 *
 * Process context; does not sleep unless @gfp lets it. Each processor's hand
 * belongs to who runs on it with preemption disabled; no locks.
 */
#include <linux/gfp.h>
#include <linux/percpu.h>

#include "haltblk.h"

#define HALTBLK_PAGES_HAND	32

/**
 * struct haltblk_pages_hand - free pages of one processor
 * @nr: how many
 * @page: they; the rest is NULL, as the kernel's allocator wants it
 */
struct haltblk_pages_hand {
	unsigned int nr;
	struct page *page[HALTBLK_PAGES_HAND];
};

static DEFINE_PER_CPU(struct haltblk_pages_hand, haltblk_pages_hands);

/**
 * haltblk_pages_get - a page, its contents undefined
 * @gfp: how to look for memory if there is none at hand
 */
struct page *haltblk_pages_get(gfp_t gfp)
{
	struct haltblk_pages_hand *hand = get_cpu_ptr(&haltblk_pages_hands);
	struct page *page = NULL;

	if (unlikely(!hand->nr))
		hand->nr = haltblk_compat_alloc_pages(GFP_NOWAIT | __GFP_NOWARN,
						      HALTBLK_PAGES_HAND,
						      hand->page);
	if (likely(hand->nr)) {
		page = hand->page[--hand->nr];
		hand->page[hand->nr] = NULL;
	}
	put_cpu_ptr(&haltblk_pages_hands);
	return likely(page) ? page : alloc_page(gfp);
}

/**
 * haltblk_pages_exit - give all back; nobody gets any more
 */
void haltblk_pages_exit(void)
{
	struct haltblk_pages_hand *hand;
	int cpu;

	for_each_possible_cpu(cpu) {
		hand = per_cpu_ptr(&haltblk_pages_hands, cpu);
		while (hand->nr)
			__free_page(hand->page[--hand->nr]);
	}
}
