// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: the volatile cache: which data survives a loss of power, the order in
 * which blocks are written back, and failed allocations.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "media/cache.h"
#include "uapi/haltblk.h"
#include "faults.h"
#include "store_io.h"

struct cache_fixture {
	struct haltblk_store store;
	struct haltblk_cache cache;
	struct workqueue_struct *wq;
	u8 buf[PAGE_SIZE];
};

static int cache_init(struct kunit *test)
{
	struct cache_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	f->wq = alloc_workqueue("haltblk_test", WQ_UNBOUND, 0);
	if (!f->wq)
		return -ENOMEM;
	haltblk_store_init(&f->store, f->wq);
	haltblk_cache_init(&f->cache, &f->store);
	test->priv = f;
	return 0;
}

static void cache_exit(struct kunit *test)
{
	struct cache_fixture *f = test->priv;

	if (!f)
		return;
	faults_arm(0);
	haltblk_cache_destroy(&f->cache);
	haltblk_store_destroy(&f->store);
	destroy_workqueue(f->wq);
}

/* Write to one page, as data.c does. */
static int write_gfp(struct kunit *test, u64 pos, unsigned int len, u8 byte,
		     enum haltblk_cache_how how, gfp_t gfp)
{
	struct cache_fixture *f = test->priv;
	unsigned long index = pos >> PAGE_SHIFT;
	struct haltblk_cache_write w;
	int err;

	err = haltblk_cache_begin(&f->cache, index, how, gfp, &w);
	if (err)
		return err;
	memset(page_address(w.page) + offset_in_page(pos), byte, len);
	haltblk_store_write_end(w.page);
	haltblk_store_revive(&f->store, w.page, index);
	if (w.old)
		memset(page_address(w.old) + offset_in_page(pos), byte, len);
	haltblk_cache_end(&f->cache, index, how);
	return 0;
}

static void write_how(struct kunit *test, u64 pos, unsigned int len, u8 byte,
		      enum haltblk_cache_how how)
{
	KUNIT_ASSERT_EQ(test, 0,
			write_gfp(test, pos, len, byte, how, GFP_KERNEL));
}

/* Write a whole page into the cache. */
static void write(struct kunit *test, unsigned long index, u8 byte)
{
	write_how(test, index << PAGE_SHIFT, PAGE_SIZE, byte,
		  HALTBLK_CACHE_KEEP);
}

static void clean(struct kunit *test, unsigned long index)
{
	struct cache_fixture *f = test->priv;

	haltblk_cache_clean(&f->cache, index);
}

/* Write a page that reaches the media. */
static void stored(struct kunit *test, unsigned long index, u8 byte)
{
	write(test, index, byte);
	clean(test, index);
}

static void erase(struct kunit *test, u64 pos, u64 len, enum haltblk_erase how)
{
	struct cache_fixture *f = test->priv;

	if (how == HALTBLK_ERASE_POISON)
		f->store.poisons = true;
	haltblk_store_erase(&f->store, pos, len, how);
	haltblk_cache_erase(&f->cache, pos, len, how);
}

static bool reads(struct kunit *test, u64 pos, unsigned int len, u8 byte)
{
	struct cache_fixture *f = test->priv;

	memset(f->buf, ~byte, len);
	store_io_read(&f->store, pos, f->buf, len);
	return !memchr_inv(f->buf, byte, len);
}

static bool page_reads(struct kunit *test, unsigned long index, u8 byte)
{
	return reads(test, index << PAGE_SHIFT, PAGE_SIZE, byte);
}

static long pages(struct kunit *test)
{
	struct cache_fixture *f = test->priv;

	return atomic_long_read(&f->store.nr_pages);
}

static unsigned long dirty(struct kunit *test)
{
	struct cache_fixture *f = test->priv;

	return READ_ONCE(f->cache.nr);
}

/* Lose the power, which empties the cache. */
static void lose(struct kunit *test)
{
	struct cache_fixture *f = test->priv;

	haltblk_cache_lose(&f->cache);
	KUNIT_EXPECT_EQ(test, dirty(test), 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&f->cache.dirty));
	KUNIT_EXPECT_TRUE(test, xa_empty(&f->cache.blocks));
}

/* Losing a first write restores the hole that was there. */
static void cache_lose_hole(struct kunit *test)
{
	write(test, 0, 0x11);
	KUNIT_EXPECT_EQ(test, dirty(test), 1);
	KUNIT_EXPECT_TRUE(test, page_reads(test, 0, 0x11));
	lose(test);
	KUNIT_EXPECT_TRUE(test, page_reads(test, 0, 0));
	KUNIT_EXPECT_EQ(test, pages(test), 0);
}

/* Losing several writes to a page restores what the media has. */
static void cache_lose_old(struct kunit *test)
{
	stored(test, 0, 0x11);
	KUNIT_EXPECT_EQ(test, dirty(test), 0);
	write(test, 0, 0x22);
	write_how(test, 512, 512, 0x33, HALTBLK_CACHE_KEEP);
	KUNIT_EXPECT_EQ(test, dirty(test), 1);
	KUNIT_EXPECT_TRUE(test, reads(test, 512, 512, 0x33));
	lose(test);
	KUNIT_EXPECT_TRUE(test, page_reads(test, 0, 0x11));
	KUNIT_EXPECT_EQ(test, pages(test), 1);
}

/* Blocks that were written back survive, others are lost. */
static void cache_clean(struct kunit *test)
{
	stored(test, 0, 0x11);
	write(test, 0, 0x22);
	write(test, 1, 0x22);
	clean(test, 0);
	KUNIT_EXPECT_EQ(test, dirty(test), 1);
	/* Cleaning a page that is not dirty does nothing. */
	clean(test, 0);
	clean(test, 5);
	KUNIT_EXPECT_EQ(test, dirty(test), 1);
	lose(test);
	KUNIT_EXPECT_TRUE(test, page_reads(test, 0, 0x22));
	KUNIT_EXPECT_TRUE(test, page_reads(test, 1, 0));
}

/* A FUA write to a part of a dirty page makes only that part safe. */
static void cache_through(struct kunit *test)
{
	stored(test, 0, 0x11);
	write(test, 0, 0x22);
	write_how(test, 1024, 512, 0x33, HALTBLK_CACHE_THROUGH);
	KUNIT_EXPECT_EQ(test, dirty(test), 1);
	lose(test);
	KUNIT_EXPECT_TRUE(test, reads(test, 0, 1024, 0x11));
	KUNIT_EXPECT_TRUE(test, reads(test, 1024, 512, 0x33));
	KUNIT_EXPECT_TRUE(test, reads(test, 1536, PAGE_SIZE - 1536, 0x11));
}

/* The same if the media has a hole, or the cache no block. */
static void cache_through_hole(struct kunit *test)
{
	write(test, 0, 0x22);
	write_how(test, 512, 512, 0x33, HALTBLK_CACHE_THROUGH);
	write_how(test, PAGE_SIZE, 512, 0x44, HALTBLK_CACHE_THROUGH);
	KUNIT_EXPECT_EQ(test, dirty(test), 1);
	lose(test);
	KUNIT_EXPECT_TRUE(test, reads(test, 0, 512, 0));
	KUNIT_EXPECT_TRUE(test, reads(test, 512, 512, 0x33));
	KUNIT_EXPECT_TRUE(test, reads(test, 1024, PAGE_SIZE - 1024, 0));
	KUNIT_EXPECT_TRUE(test, reads(test, PAGE_SIZE, 512, 0x44));
}

/* After a FUA write of a whole page nothing is left to write back. */
static void cache_replace(struct kunit *test)
{
	stored(test, 0, 0x11);
	write(test, 0, 0x22);
	write_how(test, 0, PAGE_SIZE, 0x33, HALTBLK_CACHE_REPLACE);
	write_how(test, PAGE_SIZE, PAGE_SIZE, 0x44, HALTBLK_CACHE_REPLACE);
	KUNIT_EXPECT_EQ(test, dirty(test), 0);
	lose(test);
	KUNIT_EXPECT_TRUE(test, page_reads(test, 0, 0x33));
	KUNIT_EXPECT_TRUE(test, page_reads(test, 1, 0x44));
}

static bool fits(struct kunit *test, u64 pos, u64 len)
{
	struct cache_fixture *f = test->priv;

	return haltblk_cache_fits(&f->cache, pos, len);
}

/* An empty cache takes any write. Pages that are dirty already need no room. */
static void cache_fits(struct kunit *test)
{
	struct cache_fixture *f = test->priv;

	write(test, 7, 0x11);
	KUNIT_EXPECT_TRUE(test, fits(test, 0, 100 * PAGE_SIZE));
	f->cache.limit = 3;
	clean(test, 7);
	KUNIT_EXPECT_TRUE(test, fits(test, 0, 100 * PAGE_SIZE));
	write(test, 7, 0x11);
	KUNIT_EXPECT_TRUE(test, fits(test, 0, 2 * PAGE_SIZE));
	KUNIT_EXPECT_FALSE(test, fits(test, 0, 2 * PAGE_SIZE + 512));
	KUNIT_EXPECT_FALSE(test, fits(test, 512, 2 * PAGE_SIZE));
	KUNIT_EXPECT_TRUE(test, fits(test, 5 * PAGE_SIZE, 3 * PAGE_SIZE));
	KUNIT_EXPECT_FALSE(test, fits(test, 4 * PAGE_SIZE, 4 * PAGE_SIZE));
}

/* Blocks come in the order in which they became dirty, up to a given one. */
static void cache_order(struct kunit *test)
{
	static const unsigned long order[] = { 5, 1, 3 };
	struct cache_fixture *f = test->priv;
	u64 after = 0, upto;
	unsigned long index;
	int i;

	KUNIT_EXPECT_EQ(test, haltblk_cache_last(&f->cache), 0);
	KUNIT_EXPECT_FALSE(test, haltblk_cache_next(&f->cache, &after, U64_MAX,
						    &index));
	for (i = 0; i < ARRAY_SIZE(order); i++)
		write(test, order[i], 0x11);
	/* It is dirty already, and keeps its position. */
	write(test, 5, 0x22);
	upto = haltblk_cache_last(&f->cache);
	KUNIT_EXPECT_EQ(test, upto, 3);
	write(test, 2, 0x11);
	/* Written back and written again, it comes after all others. */
	clean(test, 1);
	write(test, 1, 0x33);
	KUNIT_ASSERT_TRUE(test, haltblk_cache_next(&f->cache, &after, upto,
						   &index));
	KUNIT_EXPECT_EQ(test, index, 5);
	KUNIT_ASSERT_TRUE(test, haltblk_cache_next(&f->cache, &after, upto,
						   &index));
	KUNIT_EXPECT_EQ(test, index, 3);
	KUNIT_EXPECT_FALSE(test, haltblk_cache_next(&f->cache, &after, upto,
						    &index));
	KUNIT_ASSERT_TRUE(test, haltblk_cache_next(&f->cache, &after, U64_MAX,
						   &index));
	KUNIT_EXPECT_EQ(test, index, 2);
	KUNIT_ASSERT_TRUE(test, haltblk_cache_next(&f->cache, &after, U64_MAX,
						   &index));
	KUNIT_EXPECT_EQ(test, index, 1);
	KUNIT_EXPECT_FALSE(test, haltblk_cache_next(&f->cache, &after, U64_MAX,
						    &index));
}

/* Discarded data does not come back, from neither store nor media. */
static void cache_erase_page(struct kunit *test)
{
	static const enum haltblk_erase hows[] = {
		HALTBLK_ERASE_FREE, HALTBLK_ERASE_KEEP, HALTBLK_ERASE_SECURE,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(hows); i++) {
		stored(test, 0, 0x11);
		write(test, 0, 0x22);
		write(test, 1, 0x22);
		stored(test, 2, 0x11);
		erase(test, 0, 3 * PAGE_SIZE, hows[i]);
		KUNIT_EXPECT_EQ(test, dirty(test), 0);
		lose(test);
		KUNIT_EXPECT_TRUE(test, page_reads(test, 0, 0));
		KUNIT_EXPECT_TRUE(test, page_reads(test, 1, 0));
		KUNIT_EXPECT_TRUE(test, page_reads(test, 2, 0));
		KUNIT_EXPECT_EQ(test, pages(test),
				hows[i] == HALTBLK_ERASE_KEEP ? 3 : 0);
	}
}

/* Erasing a part of a page erases it on the media, and leaves the rest. */
static void cache_erase_part(struct kunit *test)
{
	stored(test, 0, 0x11);
	write(test, 0, 0x22);
	erase(test, 512, 512, HALTBLK_ERASE_FREE);
	KUNIT_EXPECT_TRUE(test, reads(test, 512, 512, 0));
	KUNIT_EXPECT_TRUE(test, reads(test, 1024, 512, 0x22));
	lose(test);
	KUNIT_EXPECT_TRUE(test, reads(test, 0, 512, 0x11));
	KUNIT_EXPECT_TRUE(test, reads(test, 512, 512, 0));
	KUNIT_EXPECT_TRUE(test, reads(test, 1024, PAGE_SIZE - 1024, 0x11));
}

/* Erasing the media's last piece of a page leaves a hole after the loss. */
static void cache_erase_rest(struct kunit *test)
{
	write_how(test, 0, 512, 0x11, HALTBLK_CACHE_KEEP);
	clean(test, 0);
	write_how(test, 512, 512, 0x22, HALTBLK_CACHE_KEEP);
	erase(test, 0, 512, HALTBLK_ERASE_FREE);
	KUNIT_EXPECT_EQ(test, pages(test), 1);
	KUNIT_EXPECT_EQ(test, dirty(test), 1);
	lose(test);
	KUNIT_EXPECT_EQ(test, pages(test), 0);
	KUNIT_EXPECT_TRUE(test, page_reads(test, 0, 0));
}

/* With stale reads, older data comes back after the loss, and is stale. */
static void cache_erase_stale(struct kunit *test)
{
	struct cache_fixture *f = test->priv;

	stored(test, 0, 0x11);
	write(test, 0, 0x22);
	erase(test, 0, PAGE_SIZE, HALTBLK_ERASE_STALE);
	KUNIT_EXPECT_EQ(test, pages(test), 0);
	KUNIT_EXPECT_TRUE(test, page_reads(test, 0, 0x22));
	lose(test);
	KUNIT_EXPECT_TRUE(test, page_reads(test, 0, 0x11));
	KUNIT_EXPECT_EQ(test, pages(test), 0);
	KUNIT_EXPECT_EQ(test, f->store.nr_stale, 1);
}

/* A write revives a stale page. If the write is lost, it is stale again. */
static void cache_stale_written(struct kunit *test)
{
	struct cache_fixture *f = test->priv;

	stored(test, 0, 0x11);
	erase(test, 0, PAGE_SIZE, HALTBLK_ERASE_STALE);
	write_how(test, 0, 512, 0x22, HALTBLK_CACHE_KEEP);
	KUNIT_EXPECT_EQ(test, f->store.nr_stale, 0);
	KUNIT_EXPECT_EQ(test, pages(test), 1);
	lose(test);
	KUNIT_EXPECT_TRUE(test, page_reads(test, 0, 0x11));
	KUNIT_EXPECT_EQ(test, f->store.nr_stale, 1);
	KUNIT_EXPECT_EQ(test, pages(test), 0);
}

/* A write-through revives the page on the media as well. */
static void cache_stale_through(struct kunit *test)
{
	struct cache_fixture *f = test->priv;

	stored(test, 0, 0x11);
	erase(test, 0, PAGE_SIZE, HALTBLK_ERASE_STALE);
	write_how(test, 0, 512, 0x22, HALTBLK_CACHE_KEEP);
	write_how(test, 512, 512, 0x33, HALTBLK_CACHE_THROUGH);
	lose(test);
	KUNIT_EXPECT_TRUE(test, reads(test, 0, 512, 0x11));
	KUNIT_EXPECT_TRUE(test, reads(test, 512, 512, 0x33));
	KUNIT_EXPECT_EQ(test, f->store.nr_stale, 0);
	KUNIT_EXPECT_EQ(test, pages(test), 1);
}

/* Poison a page in the store and on the media, and one that is a hole there. */
static void cache_erase_poison(struct kunit *test)
{
	stored(test, 0, 0x11);
	write(test, 0, 0x22);
	write(test, 1, 0x22);
	erase(test, 0, 2 * PAGE_SIZE, HALTBLK_ERASE_POISON);
	KUNIT_EXPECT_TRUE(test, page_reads(test, 0, HALTBLK_POISON));
	KUNIT_EXPECT_TRUE(test, page_reads(test, 1, HALTBLK_POISON));
	KUNIT_EXPECT_EQ(test, pages(test), 0);
}

/* After a first write into poison the media has poison, not a hole. */
static void cache_poison_written(struct kunit *test)
{
	stored(test, 0, 0x11);
	erase(test, 0, PAGE_SIZE, HALTBLK_ERASE_POISON);
	write_how(test, 0, 512, 0x22, HALTBLK_CACHE_KEEP);
	KUNIT_EXPECT_TRUE(test, reads(test, 0, 512, 0x22));
	KUNIT_EXPECT_TRUE(test, reads(test, 512, 512, HALTBLK_POISON));
	lose(test);
	KUNIT_EXPECT_TRUE(test, page_reads(test, 0, HALTBLK_POISON));
}

/*
 * Fail the n-th allocation of a write, for each n. A write that fails changes
 * nothing, in the store and on the media. The last one succeeds.
 */
static void cache_fault(struct kunit *test, enum haltblk_cache_how how,
			unsigned long index, unsigned int len, u8 now, u8 media)
{
	const gfp_t gfp = GFP_NOWAIT | __GFP_NOWARN;
	struct cache_fixture *f = test->priv;
	u64 pos = (u64)index << PAGE_SHIFT;
	unsigned long was = dirty(test);
	unsigned int n;
	int err;

	for (n = 1; n < 100; n++) {
		faults_arm(n);
		err = write_gfp(test, pos, len, 0x77, how, gfp);
		if (!faults_fired())
			break;
		if (!err)
			continue;
		KUNIT_EXPECT_EQ(test, err, -ENOMEM);
		KUNIT_EXPECT_TRUE(test, page_reads(test, index, now));
		KUNIT_EXPECT_EQ(test, dirty(test), was);
		/* The page's lock was released. */
		clean(test, 63);
		KUNIT_ASSERT_TRUE(test, spin_trylock(&f->cache.pages[index]));
		spin_unlock(&f->cache.pages[index]);
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_GT(test, n, 1);
	KUNIT_EXPECT_TRUE(test, reads(test, pos, len, 0x77));
	lose(test);
	if (how == HALTBLK_CACHE_KEEP)
		KUNIT_EXPECT_TRUE(test, page_reads(test, index, media));
	else
		KUNIT_EXPECT_TRUE(test, reads(test, pos, len, 0x77));
}

static void cache_faults(struct kunit *test)
{
	if (!HALTBLK_FAULTS)
		kunit_skip(test, "no failslab or fail_page_alloc");
	/* Into a hole, over the media's page, and two kinds of FUA. */
	cache_fault(test, HALTBLK_CACHE_KEEP, 0, PAGE_SIZE, 0, 0);
	stored(test, 1, 0x11);
	cache_fault(test, HALTBLK_CACHE_KEEP, 1, PAGE_SIZE, 0x11, 0x11);
	write(test, 2, 0x22);
	cache_fault(test, HALTBLK_CACHE_THROUGH, 2, 512, 0x22, 0);
	cache_fault(test, HALTBLK_CACHE_REPLACE, 3, PAGE_SIZE, 0, 0);
}

static struct kunit_case cache_cases[] = {
	KUNIT_CASE(cache_lose_hole),
	KUNIT_CASE(cache_lose_old),
	KUNIT_CASE(cache_clean),
	KUNIT_CASE(cache_through),
	KUNIT_CASE(cache_through_hole),
	KUNIT_CASE(cache_replace),
	KUNIT_CASE(cache_fits),
	KUNIT_CASE(cache_order),
	KUNIT_CASE(cache_erase_page),
	KUNIT_CASE(cache_erase_part),
	KUNIT_CASE(cache_erase_rest),
	KUNIT_CASE(cache_erase_stale),
	KUNIT_CASE(cache_stale_written),
	KUNIT_CASE(cache_stale_through),
	KUNIT_CASE(cache_erase_poison),
	KUNIT_CASE(cache_poison_written),
	KUNIT_CASE(cache_faults),
	{}
};

static struct kunit_suite cache_suite = {
	.name = "haltblk_cache",
	.init = cache_init,
	.exit = cache_exit,
	.test_cases = cache_cases,
};

kunit_test_suites(&cache_suite);
