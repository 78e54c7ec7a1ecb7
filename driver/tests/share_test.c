// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: stores that share pages. */
#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "uapi/haltblk.h"
#include "faults.h"
#include "store_io.h"

#define STORES		4

struct share_fixture {
	struct haltblk_store store[STORES];
	struct workqueue_struct *wq;
	u8 *buf;
};

static int share_init(struct kunit *test)
{
	struct share_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	int i;

	if (!f)
		return -ENOMEM;
	f->buf = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	f->wq = alloc_workqueue("haltblk_test", WQ_UNBOUND, 0);
	if (!f->buf || !f->wq)
		return -ENOMEM;
	for (i = 0; i < STORES; i++)
		haltblk_store_init(&f->store[i], f->wq);
	test->priv = f;
	return 0;
}

static void share_exit(struct kunit *test)
{
	struct share_fixture *f = test->priv;
	int i;

	if (!f)
		return;
	for (i = 0; i < STORES; i++)
		haltblk_store_destroy(&f->store[i]);
	destroy_workqueue(f->wq);
}

static struct haltblk_store *store(struct kunit *test, int i)
{
	struct share_fixture *f = test->priv;

	return &f->store[i];
}

static long pages(struct kunit *test, int i)
{
	return atomic_long_read(&store(test, i)->nr_pages);
}

static long shared(struct kunit *test, int i)
{
	return atomic_long_read(&store(test, i)->nr_shared);
}

/* Write @len bytes. */
static void fill(struct kunit *test, int i, u64 pos, size_t len, u8 byte)
{
	u8 *data = kunit_kmalloc(test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, data);
	memset(data, byte, len);
	KUNIT_ASSERT_EQ(test, 0, store_io_write(store(test, i), pos, data, len,
						GFP_KERNEL));
}

/* Are all @len bytes from @pos on @byte? */
static bool all(struct kunit *test, int i, u64 pos, size_t len, u8 byte)
{
	struct share_fixture *f = test->priv;

	while (len) {
		size_t n = min_t(size_t, len, PAGE_SIZE);

		memset(f->buf, ~byte, n);
		store_io_read(&f->store[i], pos, f->buf, n);
		if (memchr_inv(f->buf, byte, n))
			return false;
		pos += n;
		len -= n;
	}
	return true;
}

/* Make a store share all pages of another one. */
static void clone(struct kunit *test, int from, int to)
{
	KUNIT_ASSERT_EQ(test, 0, haltblk_share_prepare(store(test, from),
						       store(test, to)));
	KUNIT_ASSERT_EQ(test, 0, haltblk_share_all(store(test, from),
						   store(test, to)));
	haltblk_share_finish(store(test, to));
}

static struct page *page_at(struct kunit *test, int i, unsigned long index)
{
	struct page *page;

	rcu_read_lock();
	page = haltblk_store_find(store(test, i), index);
	rcu_read_unlock();
	return page;
}

static void share_reads_alike(struct kunit *test)
{
	fill(test, 0, 0, PAGE_SIZE, 1);
	fill(test, 0, 64 * PAGE_SIZE + 512, 512, 2);
	fill(test, 0, 100000 * PAGE_SIZE, PAGE_SIZE, 3);
	clone(test, 0, 1);
	KUNIT_EXPECT_TRUE(test, all(test, 1, 0, PAGE_SIZE, 1));
	KUNIT_EXPECT_TRUE(test, all(test, 1, PAGE_SIZE, 63 * PAGE_SIZE, 0));
	KUNIT_EXPECT_TRUE(test, all(test, 1, 64 * PAGE_SIZE + 512, 512, 2));
	KUNIT_EXPECT_TRUE(test, all(test, 1, 100000 * PAGE_SIZE, PAGE_SIZE, 3));
	KUNIT_EXPECT_EQ(test, 3, pages(test, 1));
	KUNIT_EXPECT_EQ(test, 3, shared(test, 0));
	KUNIT_EXPECT_EQ(test, 3, shared(test, 1));
	KUNIT_EXPECT_PTR_EQ(test, page_at(test, 0, 64), page_at(test, 1, 64));
}

/* A write to one of them changes no other. The other pages stay shared. */
static void share_writes(struct kunit *test)
{
	int i;

	fill(test, 0, 0, 4 * PAGE_SIZE, 1);
	clone(test, 0, 1);
	clone(test, 1, 2);
	clone(test, 0, 3);
	for (i = 0; i < STORES; i++)
		fill(test, i, i * PAGE_SIZE + 512, 512, 0x10 + i);
	for (i = 0; i < STORES; i++) {
		KUNIT_EXPECT_EQ(test, 4, pages(test, i));
		KUNIT_EXPECT_EQ(test, 3, shared(test, i));
		KUNIT_EXPECT_TRUE(test, all(test, i, 0, i * PAGE_SIZE + 512, 1));
		KUNIT_EXPECT_TRUE(test, all(test, i, i * PAGE_SIZE + 512, 512,
					    0x10 + i));
		KUNIT_EXPECT_TRUE(test, all(test, i, i * PAGE_SIZE + 1024,
					    (4 - i) * PAGE_SIZE - 1024, 1));
	}
}

/* The last owner has a shared page for itself, but copies it all the same. */
static void share_last_owner(struct kunit *test)
{
	struct page *page;

	fill(test, 0, 0, PAGE_SIZE, 1);
	clone(test, 0, 1);
	haltblk_store_destroy(store(test, 0));
	page = page_at(test, 1, 0);
	fill(test, 1, 0, 512, 2);
	KUNIT_EXPECT_PTR_NE(test, page, page_at(test, 1, 0));
	KUNIT_EXPECT_EQ(test, 0, shared(test, 1));
	KUNIT_EXPECT_TRUE(test, all(test, 1, 0, 512, 2));
	KUNIT_EXPECT_TRUE(test, all(test, 1, 512, PAGE_SIZE - 512, 1));
}

/* Any order of destroying leaves the data of the others. */
static void share_destroy_order(struct kunit *test, int a, int b, int c)
{
	const int order[] = { a, b, c, 6 - a - b - c };
	int i, j;

	fill(test, 0, 0, 100 * PAGE_SIZE, 1);
	clone(test, 0, 1);
	clone(test, 1, 2);
	clone(test, 0, 3);
	for (i = 0; i < STORES; i++)
		fill(test, i, i * PAGE_SIZE, PAGE_SIZE, 0x10 + i);
	for (i = 0; i < STORES; i++) {
		haltblk_store_destroy(store(test, order[i]));
		for (j = i + 1; j < STORES; j++) {
			KUNIT_EXPECT_TRUE(test, all(test, order[j],
						    order[j] * PAGE_SIZE,
						    PAGE_SIZE, 0x10 + order[j]));
			KUNIT_EXPECT_TRUE(test, all(test, order[j],
						    4 * PAGE_SIZE,
						    96 * PAGE_SIZE, 1));
		}
	}
}

static void share_destroy(struct kunit *test)
{
	int a, b, c;

	for (a = 0; a < STORES; a++)
		for (b = 0; b < STORES; b++)
			for (c = 0; c < STORES; c++)
				if (a != b && b != c && a != c)
					share_destroy_order(test, a, b, c);
}

static void erase(struct kunit *test, u64 pos, u64 len, enum haltblk_erase how)
{
	haltblk_store_erase(store(test, 0), pos, len, how);
	/* Whatever was erased there, the clone has its data. */
	KUNIT_EXPECT_TRUE(test, all(test, 1, 0, 4 * PAGE_SIZE, 1));
	KUNIT_EXPECT_EQ(test, 4, pages(test, 1));
}

static void share_erases(struct kunit *test)
{
	const enum haltblk_erase hows[] = {
		HALTBLK_ERASE_FREE, HALTBLK_ERASE_KEEP, HALTBLK_ERASE_SECURE,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(hows); i++) {
		fill(test, 0, 0, 4 * PAGE_SIZE, 1);
		clone(test, 0, 1);
		/* Parts: two of one page, so that it can go. */
		erase(test, 512, 512, hows[i]);
		KUNIT_EXPECT_TRUE(test, all(test, 0, 0, 512, 1));
		KUNIT_EXPECT_TRUE(test, all(test, 0, 512, 512, 0));
		KUNIT_EXPECT_TRUE(test, all(test, 0, 1024, 3 * PAGE_SIZE, 1));
		erase(test, 0, 512, hows[i]);
		erase(test, 1024, PAGE_SIZE - 1024, hows[i]);
		KUNIT_EXPECT_TRUE(test, all(test, 0, 0, PAGE_SIZE, 0));
		KUNIT_EXPECT_EQ(test, hows[i] == HALTBLK_ERASE_KEEP ? 4 : 3,
				pages(test, 0));
		/* Whole pages. */
		erase(test, PAGE_SIZE, 2 * PAGE_SIZE, hows[i]);
		KUNIT_EXPECT_TRUE(test, all(test, 0, 0, 3 * PAGE_SIZE, 0));
		KUNIT_EXPECT_EQ(test, hows[i] == HALTBLK_ERASE_KEEP ? 4 : 1,
				pages(test, 0));
		KUNIT_EXPECT_TRUE(test, all(test, 0, 3 * PAGE_SIZE, PAGE_SIZE,
					    1));
		KUNIT_EXPECT_EQ(test, 1, shared(test, 0));
		haltblk_store_destroy(store(test, 1));
		haltblk_store_destroy(store(test, 0));
	}
}

/* A part of a shared page needs memory, so it is not erased at once. */
static void share_erase_soon(struct kunit *test)
{
	fill(test, 0, 0, 2 * PAGE_SIZE, 1);
	clone(test, 0, 1);
	KUNIT_EXPECT_FALSE(test, haltblk_store_erase_soon(store(test, 0), 512,
							  512,
							  HALTBLK_ERASE_FREE));
	KUNIT_EXPECT_TRUE(test, haltblk_store_erase_soon(store(test, 0), 0,
							 2 * PAGE_SIZE,
							 HALTBLK_ERASE_FREE));
	KUNIT_EXPECT_EQ(test, 0, pages(test, 0));
	KUNIT_EXPECT_EQ(test, 0, shared(test, 0));
	KUNIT_EXPECT_TRUE(test, all(test, 1, 0, 2 * PAGE_SIZE, 1));
}

/* A secure erase leaves a shared page alone, and overwrites an own one. */
static void share_secure(struct kunit *test)
{
	struct page *page[2];
	int i;

	fill(test, 0, 0, 2 * PAGE_SIZE, 1);
	clone(test, 0, 1);
	for (i = 0; i < 2; i++) {
		page[i] = page_at(test, 0, i);
		get_page(page[i]);
	}
	haltblk_store_erase(store(test, 0), 0, 2 * PAGE_SIZE,
			    HALTBLK_ERASE_SECURE);
	KUNIT_EXPECT_TRUE(test, all(test, 1, 0, 2 * PAGE_SIZE, 1));
	/* The last owner erases them: one in part, after a copy, one whole. */
	haltblk_store_erase(store(test, 1), 512, 2 * PAGE_SIZE - 512,
			    HALTBLK_ERASE_SECURE);
	KUNIT_EXPECT_TRUE(test, all(test, 1, 0, 512, 1));
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page[i]), 0,
						   PAGE_SIZE));
		put_page(page[i]);
	}
}

static void share_stale(struct kunit *test)
{
	fill(test, 0, 0, 4 * PAGE_SIZE, 1);
	haltblk_store_erase(store(test, 0), PAGE_SIZE, 2 * PAGE_SIZE,
			    HALTBLK_ERASE_STALE);
	clone(test, 0, 1);
	KUNIT_EXPECT_EQ(test, 2, pages(test, 1));
	KUNIT_EXPECT_EQ(test, 2, store(test, 1)->nr_stale);
	KUNIT_EXPECT_EQ(test, 4, shared(test, 1));
	KUNIT_EXPECT_TRUE(test, all(test, 1, 0, 4 * PAGE_SIZE, 1));
	/* A write revives the clone's page, but not the other one. */
	fill(test, 1, PAGE_SIZE, 512, 2);
	KUNIT_EXPECT_EQ(test, 3, pages(test, 1));
	KUNIT_EXPECT_EQ(test, 1, store(test, 1)->nr_stale);
	KUNIT_EXPECT_EQ(test, 2, pages(test, 0));
	KUNIT_EXPECT_EQ(test, 2, store(test, 0)->nr_stale);
}

static void share_poison(struct kunit *test)
{
	int i;

	store(test, 0)->poisons = true;
	fill(test, 0, 0, 3 * PAGE_SIZE, 1);
	haltblk_store_erase(store(test, 0), PAGE_SIZE, PAGE_SIZE,
			    HALTBLK_ERASE_POISON);
	clone(test, 0, 1);
	KUNIT_EXPECT_EQ(test, 2, shared(test, 1));
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_TRUE(test, all(test, i, PAGE_SIZE, PAGE_SIZE,
					    HALTBLK_POISON));
	/* A part of a shared page, then a part of a page that is poison. */
	haltblk_store_erase(store(test, 1), 0, HALTBLK_STORE_UNIT,
			    HALTBLK_ERASE_POISON);
	fill(test, 1, PAGE_SIZE, HALTBLK_STORE_UNIT, 2);
	KUNIT_EXPECT_TRUE(test, all(test, 1, 0, HALTBLK_STORE_UNIT,
				    HALTBLK_POISON));
	KUNIT_EXPECT_TRUE(test, all(test, 0, 0, PAGE_SIZE, 1));
	KUNIT_EXPECT_TRUE(test, all(test, 0, PAGE_SIZE, PAGE_SIZE,
				    HALTBLK_POISON));
}

/* Losing a cache puts other pages in the place of shared ones. */
static void share_put_back(struct kunit *test)
{
	fill(test, 0, 0, 2 * PAGE_SIZE, 1);
	clone(test, 0, 1);
	haltblk_store_replace(store(test, 0), 0,
			      alloc_page(GFP_KERNEL | __GFP_ZERO));
	haltblk_store_replace(store(test, 0), 1, NULL);
	KUNIT_EXPECT_TRUE(test, all(test, 0, 0, 2 * PAGE_SIZE, 0));
	KUNIT_EXPECT_EQ(test, 0, shared(test, 0));
	KUNIT_EXPECT_EQ(test, 1, pages(test, 0));
	KUNIT_EXPECT_TRUE(test, all(test, 1, 0, 2 * PAGE_SIZE, 1));
}

/* What prepare() has not seen, and has seen in vain. */
static void share_prepared_for_other(struct kunit *test)
{
	unsigned long index = 0;

	fill(test, 0, 1000 * PAGE_SIZE, PAGE_SIZE, 1);
	KUNIT_ASSERT_EQ(test, 0, haltblk_share_prepare(store(test, 0),
						       store(test, 1)));
	haltblk_store_erase(store(test, 0), 0, 1ULL << 30, HALTBLK_ERASE_FREE);
	fill(test, 0, 70000 * PAGE_SIZE, PAGE_SIZE, 2);
	KUNIT_ASSERT_EQ(test, 0, haltblk_share_all(store(test, 0),
						   store(test, 1)));
	haltblk_share_finish(store(test, 1));
	KUNIT_EXPECT_TRUE(test, all(test, 1, 70000 * PAGE_SIZE, PAGE_SIZE, 2));
	xa_find(&store(test, 1)->pages, &index, ULONG_MAX, XA_PRESENT);
	KUNIT_EXPECT_EQ(test, 70000, index);
	KUNIT_EXPECT_EQ(test, 1, pages(test, 1));
	/* Nothing is left of what was prepared. */
	haltblk_store_erase(store(test, 1), 0, 1ULL << 30, HALTBLK_ERASE_FREE);
	KUNIT_EXPECT_TRUE(test, xa_empty(&store(test, 1)->pages));
	KUNIT_EXPECT_NULL(test, store(test, 1)->pages.xa_head);
}

/* Without memory the call fails, and the other store goes on. */
static void share_no_memory(struct kunit *test)
{
	int err;

	fill(test, 0, 0, 1000 * PAGE_SIZE, 1);
	if (!faults_all(true))
		kunit_skip(test, "needs failslab for all allocations");
	err = haltblk_share_all(store(test, 0), store(test, 1));
	faults_all(false);
	KUNIT_EXPECT_EQ(test, -ENOMEM, err);
	haltblk_share_finish(store(test, 1));
	haltblk_store_destroy(store(test, 1));
	KUNIT_EXPECT_EQ(test, 0, shared(test, 1));
	KUNIT_EXPECT_TRUE(test, all(test, 0, 0, 1000 * PAGE_SIZE, 1));
	fill(test, 0, 0, 1000 * PAGE_SIZE, 2);
	KUNIT_EXPECT_EQ(test, 1000, pages(test, 0));
	clone(test, 0, 1);
	KUNIT_EXPECT_TRUE(test, all(test, 1, 0, 1000 * PAGE_SIZE, 2));
}

/* A write to a shared page without memory for a copy fails, and again can. */
static void share_no_copy(struct kunit *test)
{
	u8 byte = 2;
	int err;

	fill(test, 0, 0, PAGE_SIZE, 1);
	clone(test, 0, 1);
	if (!faults_all(true))
		kunit_skip(test, "needs fail_page_alloc for all allocations");
	err = store_io_write(store(test, 0), 0, &byte, 1,
			     GFP_NOWAIT | __GFP_NOWARN);
	faults_all(false);
	KUNIT_EXPECT_EQ(test, -ENOMEM, err);
	KUNIT_EXPECT_TRUE(test, all(test, 0, 0, PAGE_SIZE, 1));
	fill(test, 0, 0, 1, 2);
	KUNIT_EXPECT_TRUE(test, all(test, 0, 0, 1, 2));
	KUNIT_EXPECT_TRUE(test, all(test, 1, 0, PAGE_SIZE, 1));
}

/* --- concurrent use ------------------------------------------------------- */

#define RACE_PAGES	200UL
#define RACE_ROUNDS	200

struct share_race {
	struct kunit *test;
	atomic_t stop;
	unsigned long rounds;
};

/* Write a number to each page, then the next number, and so on. */
static int share_writer(void *data)
{
	struct share_race *race = data;
	struct haltblk_store *s = store(race->test, 0);
	u64 *block;
	u64 round;
	int i, k;

	block = kmalloc(512, GFP_KERNEL);
	for (round = 1; block && !atomic_read(&race->stop); round++) {
		for (k = 0; k < 512 / sizeof(*block); k++)
			block[k] = round;
		for (i = 0; i < RACE_PAGES; i++)
			store_io_write(s, i * PAGE_SIZE, block, 512, GFP_KERNEL);
		race->rounds = round;
		cond_resched();
	}
	kfree(block);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

/* Is no sector of a clone torn? */
static bool share_whole(struct kunit *test, int i)
{
	u64 block[512 / sizeof(u64)];
	unsigned int page, k;

	for (page = 0; page < RACE_PAGES; page++) {
		store_io_read(store(test, i), page * PAGE_SIZE, block,
			      sizeof(block));
		for (k = 1; k < ARRAY_SIZE(block); k++)
			if (block[k] != block[0])
				return false;
	}
	return true;
}

/*
 * Clone, write to the clone and destroy it, while another thread writes to the
 * origin. No sector is torn, and what is read back from a clone stays the same.
 */
static void share_race(struct kunit *test)
{
	struct share_race race = { .test = test };
	struct task_struct *task;
	u64 before[2], after[2];
	int i;

	fill(test, 0, 0, RACE_PAGES * PAGE_SIZE, 0);
	task = kthread_run(share_writer, &race, "haltblk_share");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	for (i = 0; i < RACE_ROUNDS; i++) {
		int to = 1 + i % (STORES - 1);

		haltblk_store_destroy(store(test, to));
		clone(test, 0, to);
		store_io_read(store(test, to), 0, &before[0], 8);
		store_io_read(store(test, to), (RACE_PAGES - 1) * PAGE_SIZE,
			      &before[1], 8);
		KUNIT_EXPECT_TRUE(test, share_whole(test, to));
		fill(test, to, PAGE_SIZE + 512, 512, 0xcc);
		store_io_read(store(test, to), 0, &after[0], 8);
		store_io_read(store(test, to), (RACE_PAGES - 1) * PAGE_SIZE,
			      &after[1], 8);
		KUNIT_EXPECT_EQ(test, before[0], after[0]);
		KUNIT_EXPECT_EQ(test, before[1], after[1]);
		cond_resched();
	}
	atomic_set(&race.stop, 1);
	kthread_stop(task);
	KUNIT_EXPECT_GT(test, race.rounds, 0);
	KUNIT_EXPECT_TRUE(test, all(test, 0, PAGE_SIZE + 512, 512, 0));
	KUNIT_EXPECT_EQ(test, RACE_PAGES, pages(test, 0));
}

static struct kunit_case share_cases[] = {
	KUNIT_CASE(share_reads_alike),
	KUNIT_CASE(share_writes),
	KUNIT_CASE(share_last_owner),
	KUNIT_CASE(share_destroy),
	KUNIT_CASE(share_erases),
	KUNIT_CASE(share_erase_soon),
	KUNIT_CASE(share_secure),
	KUNIT_CASE(share_stale),
	KUNIT_CASE(share_poison),
	KUNIT_CASE(share_put_back),
	KUNIT_CASE(share_prepared_for_other),
	KUNIT_CASE(share_no_memory),
	KUNIT_CASE(share_no_copy),
	KUNIT_CASE(share_race),
	{ }
};

static struct kunit_suite share_suite = {
	.name = "haltblk_share",
	.init = share_init,
	.exit = share_exit,
	.test_cases = share_cases,
};
kunit_test_suite(share_suite);
