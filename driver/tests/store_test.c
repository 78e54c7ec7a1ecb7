// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: the sparse store, alone and under concurrent use. */
#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../store.h"

struct store_fixture {
	struct haltblk_store store;
	struct workqueue_struct *wq;
	u8 *buf;
};

#define BUF_PAGES	4
#define BUF_LEN		(BUF_PAGES * PAGE_SIZE)

static int store_init(struct kunit *test)
{
	struct store_fixture *f;

	f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	if (!f)
		return -ENOMEM;
	f->buf = kunit_kzalloc(test, BUF_LEN, GFP_KERNEL);
	f->wq = alloc_workqueue("haltblk_test", WQ_UNBOUND, 0);
	if (!f->buf || !f->wq)
		return -ENOMEM;
	haltblk_store_init(&f->store, f->wq);
	test->priv = f;
	return 0;
}

static void store_exit(struct kunit *test)
{
	struct store_fixture *f = test->priv;

	if (!f)
		return;
	haltblk_store_destroy(&f->store);
	destroy_workqueue(f->wq);
}

static long pages(struct store_fixture *f)
{
	return atomic_long_read(&f->store.nr_pages);
}

static void fill(struct kunit *test, u64 pos, size_t len, u8 byte)
{
	struct store_fixture *f = test->priv;
	u8 *data = kunit_kmalloc(test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, data);
	memset(data, byte, len);
	KUNIT_ASSERT_EQ(test, 0, haltblk_store_write(&f->store, pos, data, len,
						     GFP_KERNEL));
}

/* All len bytes from pos on are byte. */
static bool all(struct kunit *test, u64 pos, size_t len, u8 byte)
{
	struct store_fixture *f = test->priv;

	while (len) {
		size_t n = min_t(size_t, len, BUF_LEN);

		memset(f->buf, ~byte, n);
		haltblk_store_read(&f->store, pos, f->buf, n);
		if (memchr_inv(f->buf, byte, n))
			return false;
		pos += n;
		len -= n;
	}
	return true;
}

static void store_holes(struct kunit *test)
{
	struct store_fixture *f = test->priv;

	KUNIT_EXPECT_TRUE(test, all(test, 12345, 3 * PAGE_SIZE, 0));
	KUNIT_EXPECT_EQ(test, pages(f), 0);
}

static void store_write_read(struct kunit *test)
{
	struct store_fixture *f = test->priv;

	/* Across page borders, and at the far end of what a device can be. */
	fill(test, PAGE_SIZE - 512, PAGE_SIZE + 1024, 0xa5);
	KUNIT_EXPECT_EQ(test, pages(f), 3);
	KUNIT_EXPECT_TRUE(test, all(test, 0, PAGE_SIZE - 512, 0));
	KUNIT_EXPECT_TRUE(test, all(test, PAGE_SIZE - 512, PAGE_SIZE + 1024,
				    0xa5));
	KUNIT_EXPECT_TRUE(test, all(test, 2 * PAGE_SIZE + 512, 512, 0));
	fill(test, (1ULL << 62) - 512, 512, 0x5a);
	KUNIT_EXPECT_TRUE(test, all(test, (1ULL << 62) - 512, 512, 0x5a));
	KUNIT_EXPECT_EQ(test, pages(f), 4);
}

static void store_erase_free(struct kunit *test)
{
	struct store_fixture *f = test->priv;

	fill(test, 0, 4 * PAGE_SIZE, 0x11);
	/* Head and tail keep their page, the two whole ones go. */
	haltblk_store_erase(&f->store, PAGE_SIZE - 512, 2 * PAGE_SIZE + 1024,
			    HALTBLK_ERASE_FREE);
	KUNIT_EXPECT_EQ(test, pages(f), 2);
	KUNIT_EXPECT_TRUE(test, all(test, 0, PAGE_SIZE - 512, 0x11));
	KUNIT_EXPECT_TRUE(test, all(test, PAGE_SIZE - 512,
				    2 * PAGE_SIZE + 1024, 0));
	KUNIT_EXPECT_TRUE(test, all(test, 3 * PAGE_SIZE + 512, PAGE_SIZE - 512,
				    0x11));
}

static void store_erase_inside_page(struct kunit *test)
{
	struct store_fixture *f = test->priv;

	fill(test, 0, PAGE_SIZE, 0x22);
	haltblk_store_erase(&f->store, 512, 1024, HALTBLK_ERASE_FREE);
	KUNIT_EXPECT_EQ(test, pages(f), 1);
	KUNIT_EXPECT_TRUE(test, all(test, 0, 512, 0x22));
	KUNIT_EXPECT_TRUE(test, all(test, 512, 1024, 0));
	KUNIT_EXPECT_TRUE(test, all(test, 1536, PAGE_SIZE - 1536, 0x22));
	haltblk_store_erase(&f->store, 512, 0, HALTBLK_ERASE_FREE);
	haltblk_store_erase(&f->store, 100 * PAGE_SIZE + 512, 512,
			    HALTBLK_ERASE_FREE);
	KUNIT_EXPECT_EQ(test, pages(f), 1);
}

static void store_erase_keep(struct kunit *test)
{
	struct store_fixture *f = test->priv;

	fill(test, 0, 2 * PAGE_SIZE, 0x33);
	haltblk_store_erase(&f->store, 0, 8 * PAGE_SIZE, HALTBLK_ERASE_KEEP);
	KUNIT_EXPECT_EQ(test, pages(f), 2);
	KUNIT_EXPECT_TRUE(test, all(test, 0, 8 * PAGE_SIZE, 0));
}

/* The very page is overwritten, not only unlinked. */
static void store_erase_secure(struct kunit *test)
{
	struct store_fixture *f = test->priv;
	struct page *page;

	fill(test, 0, PAGE_SIZE, 0x44);
	rcu_read_lock();
	page = haltblk_store_find(&f->store, 0);
	get_page(page);
	rcu_read_unlock();
	haltblk_store_erase(&f->store, 0, PAGE_SIZE, HALTBLK_ERASE_SECURE);
	KUNIT_EXPECT_EQ(test, pages(f), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page), 0, PAGE_SIZE));
	put_page(page);
}

/* More pages than one batch, sparse, in one erase. */
static void store_erase_many(struct kunit *test)
{
	struct store_fixture *f = test->priv;
	u64 i;

	for (i = 0; i < 1000; i++)
		fill(test, i * 1000 * PAGE_SIZE, 512, 0x55);
	KUNIT_EXPECT_EQ(test, pages(f), 1000);
	haltblk_store_erase(&f->store, 0, 500 * 1000 * PAGE_SIZE,
			    HALTBLK_ERASE_FREE);
	KUNIT_EXPECT_EQ(test, pages(f), 500);
	KUNIT_EXPECT_TRUE(test, all(test, 499 * 1000 * PAGE_SIZE, 512, 0));
	KUNIT_EXPECT_TRUE(test, all(test, 500 * 1000 * PAGE_SIZE, 512, 0x55));
}

/* The loser of a race to fill a hole learns of the winner's page. */
static void store_publish(struct kunit *test)
{
	struct store_fixture *f = test->priv;
	struct page *a = alloc_page(GFP_KERNEL | __GFP_ZERO);
	struct page *b = alloc_page(GFP_KERNEL | __GFP_ZERO);

	KUNIT_ASSERT_NOT_NULL(test, a);
	KUNIT_ASSERT_NOT_NULL(test, b);
	KUNIT_EXPECT_NULL(test, haltblk_store_publish(&f->store, 7, a,
						      GFP_KERNEL));
	KUNIT_EXPECT_PTR_EQ(test, a, haltblk_store_publish(&f->store, 7, b,
							   GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, pages(f), 1);
	__free_page(b);
}

#define RACE_ROUNDS	20000

static int store_race_writer(void *data)
{
	struct store_fixture *f = data;
	u8 *sector = kmalloc(512, GFP_KERNEL);
	int i;

	for (i = 0; sector && i < RACE_ROUNDS; i++) {
		memset(sector, i, 512);
		haltblk_store_write(&f->store, 512, sector, 512, GFP_KERNEL);
		if (i % 64 == 0)
			haltblk_store_erase(&f->store, 0, PAGE_SIZE,
					    HALTBLK_ERASE_FREE);
		cond_resched();
	}
	kfree(sector);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

/* A sector is never seen half written, whoever writes or erases meanwhile. */
static void store_race(struct kunit *test)
{
	struct store_fixture *f = test->priv;
	struct task_struct *writers[2];
	int i, torn = 0;

	for (i = 0; i < ARRAY_SIZE(writers); i++) {
		writers[i] = kthread_run(store_race_writer, f, "haltblk_race%d",
					 i);
		KUNIT_ASSERT_FALSE(test, IS_ERR(writers[i]));
	}
	for (i = 0; i < RACE_ROUNDS; i++) {
		haltblk_store_read(&f->store, 512, f->buf, 512);
		torn += !!memchr_inv(f->buf, f->buf[0], 512);
		cond_resched();
	}
	for (i = 0; i < ARRAY_SIZE(writers); i++)
		kthread_stop(writers[i]);
	KUNIT_EXPECT_EQ(test, torn, 0);
}

/* Runs of stored pages, one after the other, inside a range. */
static void store_extent(struct kunit *test)
{
	static const unsigned long pages[] = { 2, 3, 4, 63, 64, 65, 200 };
	struct store_fixture *f = test->priv;
	struct haltblk_store *store = &f->store;
	unsigned long index;
	u8 byte = 1;
	int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++)
		KUNIT_ASSERT_EQ(test, 0,
				haltblk_store_write(store,
						    (u64)pages[i] << PAGE_SHIFT,
						    &byte, 1, GFP_KERNEL));
	index = 0;
	KUNIT_EXPECT_EQ(test, haltblk_store_extent(store, &index, 1000), 3);
	KUNIT_EXPECT_EQ(test, index, 2);
	index = 3;
	KUNIT_EXPECT_EQ(test, haltblk_store_extent(store, &index, 3), 1);
	KUNIT_EXPECT_EQ(test, index, 3);
	index = 5;
	KUNIT_EXPECT_EQ(test, haltblk_store_extent(store, &index, 1000), 3);
	KUNIT_EXPECT_EQ(test, index, 63);
	index = 66;
	KUNIT_EXPECT_EQ(test, haltblk_store_extent(store, &index, 199), 0);
}

static struct kunit_case store_cases[] = {
	KUNIT_CASE(store_extent),
	KUNIT_CASE(store_holes),
	KUNIT_CASE(store_write_read),
	KUNIT_CASE(store_erase_free),
	KUNIT_CASE(store_erase_inside_page),
	KUNIT_CASE(store_erase_keep),
	KUNIT_CASE(store_erase_secure),
	KUNIT_CASE(store_erase_many),
	KUNIT_CASE(store_publish),
	KUNIT_CASE(store_race),
	{}
};

static struct kunit_suite store_suite = {
	.name = "haltblk_store",
	.init = store_init,
	.exit = store_exit,
	.test_cases = store_cases,
};

kunit_test_suites(&store_suite);
