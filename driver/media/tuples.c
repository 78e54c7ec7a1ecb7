// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sparse array of the tuples that protect blocks (T10 PI).
 *
 * A block without a tuple has the escape tuple, all bits set, which nobody
 * checks. Tuples are stored inverted, so that a missing page and a zeroed one
 * are full of it.
 *
 * PURE: no block layer. The caller serializes changes against everything else.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "tuples.h"

#define HALTBLK_TUPLES_PAGE	(PAGE_SIZE / sizeof(struct t10_pi_tuple))

static_assert(sizeof(struct t10_pi_tuple) == sizeof(u64));

/* A piece of a range of blocks that lies in one page. */
struct haltblk_tuples_piece {
	unsigned long index;
	unsigned int first;
	unsigned int nr;
};

static struct haltblk_tuples_piece haltblk_tuples_piece(u64 block, u64 nr)
{
	struct haltblk_tuples_piece p;

	p.first = block & (HALTBLK_TUPLES_PAGE - 1);
	p.index = block / HALTBLK_TUPLES_PAGE;
	p.nr = min_t(u64, nr, HALTBLK_TUPLES_PAGE - p.first);
	return p;
}

/* Copy tuples from or to their stored form. */
static void haltblk_tuples_invert(u64 *to, const u64 *from, unsigned int nr)
{
	while (nr--)
		*to++ = ~*from++;
}

/**
 * haltblk_tuples_init - prepare an array without tuples
 * @t: array
 */
void haltblk_tuples_init(struct haltblk_tuples *t)
{
	xa_init(&t->pages);
}

/**
 * haltblk_tuples_destroy - free all tuples; the array stays usable
 * @t: array
 */
void haltblk_tuples_destroy(struct haltblk_tuples *t)
{
	unsigned long index;
	void *page;

	xa_for_each(&t->pages, index, page)
		free_page((unsigned long)page);
	xa_destroy(&t->pages);
}

/**
 * haltblk_tuples_reserve - make room for tuples
 * @t: array
 * @block: number of the first block
 * @nr: how many
 * @gfp: may sleep if it allows that
 *
 * Return: 0, or -ENOMEM.
 */
int haltblk_tuples_reserve(struct haltblk_tuples *t, u64 block, u64 nr,
			   gfp_t gfp)
{
	struct haltblk_tuples_piece p;
	void *page;
	int err;

	for (; nr; block += p.nr, nr -= p.nr) {
		p = haltblk_tuples_piece(block, nr);
		if (xa_load(&t->pages, p.index))
			continue;
		page = (void *)get_zeroed_page(gfp);
		if (!page)
			return -ENOMEM;
		err = xa_err(xa_store(&t->pages, p.index, page, gfp));
		if (err) {
			free_page((unsigned long)page);
			return err;
		}
	}
	return 0;
}

/**
 * haltblk_tuples_put - store tuples
 * @t: array, with room for them
 * @block: number of the first block
 * @from: the tuples
 * @nr: how many
 */
void haltblk_tuples_put(struct haltblk_tuples *t, u64 block,
			const struct t10_pi_tuple *from, unsigned int nr)
{
	struct haltblk_tuples_piece p;
	u64 *page;

	for (; nr; block += p.nr, from += p.nr, nr -= p.nr) {
		p = haltblk_tuples_piece(block, nr);
		page = xa_load(&t->pages, p.index);
		if (!WARN_ON_ONCE(!page))
			haltblk_tuples_invert(page + p.first,
					      (const u64 *)from, p.nr);
	}
}

/**
 * haltblk_tuples_get - look tuples up
 * @t: array
 * @block: number of the first block
 * @to: set to the tuples
 * @nr: how many
 */
void haltblk_tuples_get(struct haltblk_tuples *t, u64 block,
			struct t10_pi_tuple *to, unsigned int nr)
{
	struct haltblk_tuples_piece p;
	u64 *page;

	for (; nr; block += p.nr, to += p.nr, nr -= p.nr) {
		p = haltblk_tuples_piece(block, nr);
		page = xa_load(&t->pages, p.index);
		if (page)
			haltblk_tuples_invert((u64 *)to, page + p.first, p.nr);
		else
			memset(to, 0xff, p.nr * sizeof(*to));
	}
}

/* Also overwrites tuples: they tell something about data. */
static void haltblk_tuples_erase_piece(struct haltblk_tuples *t,
				       struct haltblk_tuples_piece p)
{
	u64 *page = xa_load(&t->pages, p.index);

	if (!page)
		return;
	memset(page + p.first, 0, p.nr * sizeof(*page));
	if (memchr_inv(page, 0, PAGE_SIZE))
		return;
	xa_erase(&t->pages, p.index);
	free_page((unsigned long)page);
}

/**
 * haltblk_tuples_erase - forget tuples
 * @t: array
 * @block: number of the first block
 * @nr: how many
 *
 * Frees pages that become empty. May sleep.
 */
void haltblk_tuples_erase(struct haltblk_tuples *t, u64 block, u64 nr)
{
	const u64 past = block + nr;
	unsigned long index;
	void *page;
	u64 first;

	if (!nr)
		return;
	xa_for_each_range(&t->pages, index, page, block / HALTBLK_TUPLES_PAGE,
			  (past - 1) / HALTBLK_TUPLES_PAGE) {
		first = max_t(u64, block, (u64)index * HALTBLK_TUPLES_PAGE);
		haltblk_tuples_erase_piece(t, haltblk_tuples_piece(first,
							past - first));
		cond_resched();
	}
}

/**
 * haltblk_tuples_remap - change the numbers of blocks in reference tags
 * @tuples: tuples of blocks in a row
 * @nr: how many
 * @from: the first one's reference tag
 * @to: what it becomes
 *
 * Tags with other values stay as they are, as in the block layer.
 */
void haltblk_tuples_remap(struct t10_pi_tuple *tuples, unsigned int nr,
			  u32 from, u32 to)
{
	for (; nr--; tuples++, from++, to++)
		if (be32_to_cpu(tuples->ref_tag) == from)
			tuples->ref_tag = cpu_to_be32(to);
}
