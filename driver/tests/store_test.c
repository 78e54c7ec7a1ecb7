// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: the sparse store, alone and under concurrent use. */
#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "uapi/haltblk.h"
#include "store_io.h"

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
	KUNIT_ASSERT_EQ(test, 0, store_io_write(&f->store, pos, data, len,
						     GFP_KERNEL));
}

/* Are all @len bytes from @pos on @byte? */
static bool all(struct kunit *test, u64 pos, size_t len, u8 byte)
{
	struct store_fixture *f = test->priv;

	while (len) {
		size_t n = min_t(size_t, len, BUF_LEN);

		memset(f->buf, ~byte, n);
		store_io_read(&f->store, pos, f->buf, n);
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

	/* Across page borders, and at the end of the largest device. */
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
	/* Head and tail keep their pages, the two whole pages go. */
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

/* Fill the first page and return a reference that keeps it. */
static struct page *filled_page(struct kunit *test)
{
	struct store_fixture *f = test->priv;
	struct page *page;

	fill(test, 0, PAGE_SIZE, 0x44);
	rcu_read_lock();
	page = haltblk_store_find(&f->store, 0);
	get_page(page);
	rcu_read_unlock();
	return page;
}

/* The page itself is overwritten, not only removed. */
static void store_erase_secure(struct kunit *test)
{
	struct store_fixture *f = test->priv;
	struct page *page = filled_page(test);

	haltblk_store_erase(&f->store, 0, PAGE_SIZE, HALTBLK_ERASE_SECURE);
	KUNIT_EXPECT_EQ(test, pages(f), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page), 0, PAGE_SIZE));
	put_page(page);
}

/* Erase more sparse pages than one batch. */
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

/* Erasing little, or where nothing is stored, need not sleep. */
static void store_erase_soon(struct kunit *test)
{
	const u64 much = (u64)HALTBLK_STORE_BATCH * PAGE_SIZE;
	struct store_fixture *f = test->priv;
	bool done;

	fill(test, 0, much, 0x66);
	preempt_disable();
	done = haltblk_store_erase_soon(&f->store, 512, much - PAGE_SIZE,
					HALTBLK_ERASE_FREE);
	preempt_enable();
	KUNIT_EXPECT_TRUE(test, done);
	KUNIT_EXPECT_EQ(test, pages(f), 2);
	KUNIT_EXPECT_TRUE(test, all(test, 0, 512, 0x66));
	KUNIT_EXPECT_TRUE(test, all(test, 512, much - PAGE_SIZE, 0));
	KUNIT_EXPECT_TRUE(test, all(test, much - PAGE_SIZE + 512,
				    PAGE_SIZE - 512, 0x66));
#define SOON(pos, len, how) \
	haltblk_store_erase_soon(&f->store, pos, len, HALTBLK_ERASE_##how)
	KUNIT_EXPECT_FALSE(test, SOON(PAGE_SIZE - 1, much, FREE));
	KUNIT_EXPECT_FALSE(test, SOON(0, 512, STALE));
	KUNIT_EXPECT_FALSE(test, SOON(0, 512, POISON));
	KUNIT_EXPECT_FALSE(test, SOON(0, 512, KEEP));
	KUNIT_EXPECT_FALSE(test, SOON(1ULL << 40, 512, SECURE));
	KUNIT_EXPECT_EQ(test, pages(f), 2);
	KUNIT_EXPECT_TRUE(test, SOON(much, 1ULL << 40, FREE));
	KUNIT_EXPECT_TRUE(test, SOON(PAGE_SIZE, much - 2 * PAGE_SIZE, POISON));
	KUNIT_EXPECT_TRUE(test, SOON(much, 1ULL << 40, STALE));
	KUNIT_EXPECT_TRUE(test, SOON(much, 1ULL << 40, KEEP));
#undef SOON
	KUNIT_EXPECT_EQ(test, pages(f), 2);
}

/* Whole nodes of the array are removed at once; pages around the range stay. */
static void store_erase_dense(struct kunit *test)
{
	static const unsigned long ranges[][2] = {
		{ 10, 200 }, { 64, 64 }, { 0, 300 }, { 63, 66 }, { 0, 1 },
		{ 128, 172 }, { 0, 128 },
	};
	struct store_fixture *f = test->priv;
	unsigned long first, nr, i;
	int r;

	for (r = 0; r < ARRAY_SIZE(ranges); r++) {
		first = ranges[r][0];
		nr = ranges[r][1];
		fill(test, 0, 300 * PAGE_SIZE, r + 1);
		fill(test, 5000 * PAGE_SIZE, 1, r + 1);
		KUNIT_EXPECT_EQ(test, pages(f), 301);
		haltblk_store_erase(&f->store, first * PAGE_SIZE,
				    nr * PAGE_SIZE, HALTBLK_ERASE_FREE);
		KUNIT_EXPECT_EQ(test, pages(f), 301 - min(nr, 300 - first));
		for (i = 0; i < 300; i++)
			KUNIT_EXPECT_TRUE(test, all(test, i * PAGE_SIZE,
						    PAGE_SIZE,
						    i - first < nr ? 0 : r + 1));
		KUNIT_EXPECT_TRUE(test, all(test, 5000 * PAGE_SIZE, 1, r + 1));
	}
	/* A tree with one node, and with none. */
	haltblk_store_erase(&f->store, 0, 1ULL << 40, HALTBLK_ERASE_FREE);
	KUNIT_EXPECT_EQ(test, pages(f), 0);
	KUNIT_EXPECT_TRUE(test, xa_empty(&f->store.pages));
	fill(test, 3 * PAGE_SIZE, 1, 1);
	haltblk_store_erase(&f->store, 0, 64 * PAGE_SIZE, HALTBLK_ERASE_FREE);
	KUNIT_EXPECT_TRUE(test, xa_empty(&f->store.pages));
	fill(test, 0, 1, 1);
	haltblk_store_erase(&f->store, 0, 64 * PAGE_SIZE, HALTBLK_ERASE_FREE);
	KUNIT_EXPECT_TRUE(test, xa_empty(&f->store.pages));
	haltblk_store_erase(&f->store, 0, 64 * PAGE_SIZE, HALTBLK_ERASE_FREE);
	KUNIT_EXPECT_EQ(test, pages(f), 0);
}

/*
 * While the array's lock is not held, a write puts a page where the walk has
 * already passed. That page is erased or stays, but is not leaked.
 */
static void store_erase_border(struct kunit *test)
{
	/* The batch ends within a node, whose next page is stale. */
	const unsigned long first = 10, border = first + HALTBLK_STORE_BATCH;
	const unsigned long last = border + 200;
	struct store_fixture *f = test->priv;
	XA_STATE(xas, &f->store.pages, first);
	struct page *page, *next;
	unsigned long index, nr;
	long left = 0;
	LIST_HEAD(gone);

	fill(test, first * PAGE_SIZE, (last + 1 - first) * PAGE_SIZE, 0x11);
	haltblk_store_erase(&f->store, border * PAGE_SIZE, PAGE_SIZE,
			    HALTBLK_ERASE_STALE);
	nr = store_test_remove_batch(&f->store, &xas, first, last, &gone);
	KUNIT_EXPECT_EQ(test, nr, HALTBLK_STORE_BATCH);
	fill(test, (border - 1) * PAGE_SIZE, PAGE_SIZE, 0x22);
	while (store_test_remove_batch(&f->store, &xas, first, last, &gone) >=
	       HALTBLK_STORE_BATCH)
		;
	xa_for_each(&f->store.pages, index, page)
		left++;
	KUNIT_EXPECT_EQ(test, pages(f), left);
	KUNIT_EXPECT_EQ(test, f->store.nr_stale, 0);
	nr = 0;
	list_for_each_entry_safe(page, next, &gone, lru) {
		set_page_private(page, 0);
		__free_page(page);
		nr++;
	}
	KUNIT_EXPECT_EQ(test, nr + left, last + 2 - first);
}

static struct page *publish(struct store_fixture *f, unsigned long index,
			    struct page *page)
{
	return haltblk_store_publish(&f->store, (u64)index << PAGE_SHIFT,
				     PAGE_SIZE, page, GFP_KERNEL);
}

/* The loser of a race to fill a hole gets the winner's page. */
static void store_publish(struct kunit *test)
{
	struct store_fixture *f = test->priv;
	struct page *a = alloc_page(GFP_KERNEL | __GFP_ZERO);
	struct page *b = alloc_page(GFP_KERNEL | __GFP_ZERO);

	KUNIT_ASSERT_NOT_NULL(test, a);
	KUNIT_ASSERT_NOT_NULL(test, b);
	KUNIT_EXPECT_NULL(test, publish(f, 7, a));
	KUNIT_EXPECT_PTR_EQ(test, a, publish(f, 7, b));
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
		store_io_write(&f->store, 512, sector, 512, GFP_KERNEL);
		/* Erase the page alone, or all of its node of the array. */
		if (i % 64 == 0)
			haltblk_store_erase(&f->store, 0, i % 128 ? PAGE_SIZE :
					    XA_CHUNK_SIZE * PAGE_SIZE,
					    HALTBLK_ERASE_FREE);
		cond_resched();
	}
	kfree(sector);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

/* Reads never see half a sector during writes and erasures. */
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
		store_io_read(&f->store, 512, f->buf, 512);
		torn += !!memchr_inv(f->buf, f->buf[0], 512);
		cond_resched();
	}
	for (i = 0; i < ARRAY_SIZE(writers); i++)
		kthread_stop(writers[i]);
	KUNIT_EXPECT_EQ(test, torn, 0);
}

static unsigned long extent(struct store_fixture *f, unsigned long *index,
			    unsigned long last)
{
	return haltblk_store_extent(&f->store, index, last,
				    HALTBLK_ERASE_FREE);
}

/* Find the runs of stored pages in a range, one after the other. */
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
				store_io_write(store,
						    (u64)pages[i] << PAGE_SHIFT,
						    &byte, 1, GFP_KERNEL));
	index = 0;
	KUNIT_EXPECT_EQ(test, extent(f, &index, 1000), 3);
	KUNIT_EXPECT_EQ(test, index, 2);
	index = 3;
	KUNIT_EXPECT_EQ(test, extent(f, &index, 3), 1);
	KUNIT_EXPECT_EQ(test, index, 3);
	index = 5;
	KUNIT_EXPECT_EQ(test, extent(f, &index, 1000), 3);
	KUNIT_EXPECT_EQ(test, index, 63);
	index = 66;
	KUNIT_EXPECT_EQ(test, extent(f, &index, 199), 0);
}

static void erase(struct kunit *test, u64 pos, u64 len, enum haltblk_erase how)
{
	struct store_fixture *f = test->priv;

	if (how == HALTBLK_ERASE_POISON)
		f->store.poisons = true;
	haltblk_store_erase(&f->store, pos, len, how);
}

/* Stale pages keep their data and do not count until they are written. */
static void store_stale(struct kunit *test)
{
	struct store_fixture *f = test->priv;
	u8 byte = 0x67;

	fill(test, 0, 4 * PAGE_SIZE, 0x66);
	erase(test, 512, 3 * PAGE_SIZE, HALTBLK_ERASE_STALE);
	KUNIT_EXPECT_EQ(test, pages(f), 2);
	KUNIT_EXPECT_EQ(test, f->store.nr_stale, 2);
	KUNIT_EXPECT_TRUE(test, all(test, 0, 4 * PAGE_SIZE, 0x66));
	/* Discarding them again changes nothing. */
	erase(test, PAGE_SIZE, 2 * PAGE_SIZE, HALTBLK_ERASE_STALE);
	KUNIT_EXPECT_EQ(test, pages(f), 2);
	KUNIT_EXPECT_EQ(test, f->store.nr_stale, 2);
	KUNIT_ASSERT_EQ(test, 0, store_io_write(&f->store, PAGE_SIZE,
						     &byte, 1, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, pages(f), 3);
	KUNIT_EXPECT_EQ(test, f->store.nr_stale, 1);
	KUNIT_EXPECT_TRUE(test, all(test, PAGE_SIZE + 1, PAGE_SIZE - 1, 0x66));
	/* KEEP zeroes a stale page, which stays stale. */
	erase(test, 2 * PAGE_SIZE, PAGE_SIZE, HALTBLK_ERASE_KEEP);
	KUNIT_EXPECT_TRUE(test, all(test, 2 * PAGE_SIZE, PAGE_SIZE, 0));
	KUNIT_EXPECT_EQ(test, f->store.nr_stale, 1);
	erase(test, 0, 4 * PAGE_SIZE, HALTBLK_ERASE_FREE);
	KUNIT_EXPECT_EQ(test, pages(f), 0);
	KUNIT_EXPECT_EQ(test, f->store.nr_stale, 0);
	KUNIT_EXPECT_TRUE(test, all(test, 0, 4 * PAGE_SIZE, 0));
}

/* Secure erase also overwrites pages that were discarded before. */
static void store_stale_secure(struct kunit *test)
{
	struct store_fixture *f = test->priv;
	struct page *page = filled_page(test);

	erase(test, 0, PAGE_SIZE, HALTBLK_ERASE_STALE);
	erase(test, 0, PAGE_SIZE, HALTBLK_ERASE_SECURE);
	KUNIT_EXPECT_EQ(test, pages(f), 0);
	KUNIT_EXPECT_EQ(test, f->store.nr_stale, 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page), 0, PAGE_SIZE));
	put_page(page);
}

static void store_poison(struct kunit *test)
{
	struct store_fixture *f = test->priv;

	fill(test, PAGE_SIZE, 4 * PAGE_SIZE, 0x77);
	/* Poison a hole, two whole pages and a part of a third. */
	erase(test, 0, 3 * PAGE_SIZE + 512, HALTBLK_ERASE_POISON);
	KUNIT_EXPECT_EQ(test, pages(f), 2);
	KUNIT_EXPECT_TRUE(test, all(test, 0, PAGE_SIZE, 0));
	KUNIT_EXPECT_TRUE(test, all(test, PAGE_SIZE, 2 * PAGE_SIZE + 512,
				    HALTBLK_POISON));
	KUNIT_EXPECT_TRUE(test, all(test, 3 * PAGE_SIZE + 512,
				    2 * PAGE_SIZE - 512, 0x77));
	/* A write to a part makes a page with poison around it. */
	fill(test, PAGE_SIZE + 1024, 512, 0x78);
	KUNIT_EXPECT_EQ(test, pages(f), 3);
	KUNIT_EXPECT_TRUE(test, all(test, PAGE_SIZE, 1024, HALTBLK_POISON));
	KUNIT_EXPECT_TRUE(test, all(test, PAGE_SIZE + 1024, 512, 0x78));
	KUNIT_EXPECT_TRUE(test, all(test, PAGE_SIZE + 1536, PAGE_SIZE - 1536,
				    HALTBLK_POISON));
	/* Zeroes within poison need no memory. */
	erase(test, 2 * PAGE_SIZE + 512, 1024, HALTBLK_ERASE_KEEP);
	KUNIT_EXPECT_EQ(test, pages(f), 3);
	KUNIT_EXPECT_TRUE(test, all(test, 2 * PAGE_SIZE, 512, HALTBLK_POISON));
	KUNIT_EXPECT_TRUE(test, all(test, 2 * PAGE_SIZE + 512, 1024, 0));
	KUNIT_EXPECT_TRUE(test, all(test, 2 * PAGE_SIZE + 1536,
				    PAGE_SIZE - 1536, HALTBLK_POISON));
	/* They stay zeroes when discarded, since nothing was stored there. */
	erase(test, 2 * PAGE_SIZE, PAGE_SIZE, HALTBLK_ERASE_POISON);
	KUNIT_EXPECT_TRUE(test, all(test, 2 * PAGE_SIZE + 512, 1024, 0));
	/* A write leaves both around it. */
	fill(test, 2 * PAGE_SIZE + 1024, 1024, 0x79);
	KUNIT_EXPECT_TRUE(test, all(test, 2 * PAGE_SIZE, 512, HALTBLK_POISON));
	KUNIT_EXPECT_TRUE(test, all(test, 2 * PAGE_SIZE + 512, 512, 0));
	KUNIT_EXPECT_TRUE(test, all(test, 2 * PAGE_SIZE + 1024, 1024, 0x79));
	KUNIT_EXPECT_TRUE(test, all(test, 2 * PAGE_SIZE + 2048,
				    PAGE_SIZE - 2048, HALTBLK_POISON));
}

/* Each way to remove poison. */
static void store_poison_gone(struct kunit *test)
{
	static const enum haltblk_erase hows[] = {
		HALTBLK_ERASE_FREE, HALTBLK_ERASE_KEEP, HALTBLK_ERASE_SECURE,
	};
	struct store_fixture *f = test->priv;
	int i;

	for (i = 0; i <= ARRAY_SIZE(hows); i++) {
		fill(test, 0, 3 * PAGE_SIZE, 0x77);
		erase(test, 0, 3 * PAGE_SIZE, HALTBLK_ERASE_POISON);
		KUNIT_EXPECT_TRUE(test, all(test, 0, 3 * PAGE_SIZE,
					    HALTBLK_POISON));
		if (i < ARRAY_SIZE(hows))
			erase(test, 0, 3 * PAGE_SIZE, hows[i]);
		else
			haltblk_discarded_unpoison(&f->store, 0, 2);
		KUNIT_EXPECT_EQ(test, pages(f), 0);
		KUNIT_EXPECT_TRUE(test, all(test, 0, 3 * PAGE_SIZE, 0));
		KUNIT_EXPECT_TRUE(test, xa_empty(&f->store.pages));
	}
}

/* Discarded pages are extents of an erasure, but not of a discard. */
static void store_extent_discarded(struct kunit *test)
{
	struct store_fixture *f = test->priv;
	unsigned long index = 0;

	fill(test, 0, 6 * PAGE_SIZE, 0x12);
	erase(test, 0, PAGE_SIZE, HALTBLK_ERASE_POISON);
	erase(test, PAGE_SIZE, PAGE_SIZE, HALTBLK_ERASE_STALE);
	erase(test, 4 * PAGE_SIZE, PAGE_SIZE, HALTBLK_ERASE_STALE);
	KUNIT_EXPECT_EQ(test, 2, haltblk_store_extent(&f->store, &index, 9,
						      HALTBLK_ERASE_STALE));
	KUNIT_EXPECT_EQ(test, index, 2);
	index = 0;
	KUNIT_EXPECT_EQ(test, 2, haltblk_store_extent(&f->store, &index, 9,
						      HALTBLK_ERASE_POISON));
	KUNIT_EXPECT_EQ(test, index, 2);
	index = 0;
	KUNIT_EXPECT_EQ(test, 5, haltblk_store_extent(&f->store, &index, 9,
						      HALTBLK_ERASE_SECURE));
	KUNIT_EXPECT_EQ(test, index, 1);
}

/* Discard many more pages than one batch. */
static void store_discard_many(struct kunit *test)
{
	struct store_fixture *f = test->priv;
	u64 i;

	for (i = 0; i < 2000; i++)
		fill(test, i * 3 * PAGE_SIZE, PAGE_SIZE, 0x55);
	erase(test, 0, 3000 * PAGE_SIZE, HALTBLK_ERASE_STALE);
	erase(test, 3000 * PAGE_SIZE, 3000 * PAGE_SIZE, HALTBLK_ERASE_POISON);
	KUNIT_EXPECT_EQ(test, pages(f), 0);
	KUNIT_EXPECT_EQ(test, f->store.nr_stale, 1000);
	for (i = 0; i < 2000; i++)
		if (!all(test, i * 3 * PAGE_SIZE, PAGE_SIZE,
			 i < 1000 ? 0x55 : HALTBLK_POISON))
			KUNIT_FAIL(test, "page %llu", i);
	haltblk_discarded_unpoison(&f->store, 0, ULONG_MAX);
	for (i = 1000; i < 2000; i++)
		if (!all(test, i * 3 * PAGE_SIZE, PAGE_SIZE, 0))
			KUNIT_FAIL(test, "page %llu", i);
	erase(test, 0, 6000 * PAGE_SIZE, HALTBLK_ERASE_FREE);
	KUNIT_EXPECT_EQ(test, f->store.nr_stale, 0);
	KUNIT_EXPECT_TRUE(test, xa_empty(&f->store.pages));
}

static struct kunit_case store_cases[] = {
	KUNIT_CASE(store_stale),
	KUNIT_CASE(store_stale_secure),
	KUNIT_CASE(store_poison),
	KUNIT_CASE(store_poison_gone),
	KUNIT_CASE(store_extent_discarded),
	KUNIT_CASE(store_discard_many),
	KUNIT_CASE(store_extent),
	KUNIT_CASE(store_holes),
	KUNIT_CASE(store_write_read),
	KUNIT_CASE(store_erase_free),
	KUNIT_CASE(store_erase_inside_page),
	KUNIT_CASE(store_erase_keep),
	KUNIT_CASE(store_erase_secure),
	KUNIT_CASE(store_erase_many),
	KUNIT_CASE(store_erase_soon),
	KUNIT_CASE(store_erase_dense),
	KUNIT_CASE(store_erase_border),
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
