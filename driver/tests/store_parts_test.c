// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: erasing pages of the store piece by piece, alone and while others
 * write other pieces.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/string.h>

#include "uapi/haltblk.h"
#include "store_io.h"

/* The smallest piece that can be poison. */
#define SECTOR		HALTBLK_STORE_UNIT
#define SECTORS		((unsigned int)(PAGE_SIZE / SECTOR))

struct parts_fixture {
	struct haltblk_store store;
	struct workqueue_struct *wq;
	u8 buf[PAGE_SIZE];
};

static int parts_init(struct kunit *test)
{
	struct parts_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	f->wq = alloc_workqueue("haltblk_test", WQ_UNBOUND, 0);
	if (!f->wq)
		return -ENOMEM;
	haltblk_store_init(&f->store, f->wq);
	test->priv = f;
	return 0;
}

static void parts_exit(struct kunit *test)
{
	struct parts_fixture *f = test->priv;

	if (!f)
		return;
	haltblk_store_destroy(&f->store);
	destroy_workqueue(f->wq);
}

static long pages(struct kunit *test)
{
	struct parts_fixture *f = test->priv;

	return atomic_long_read(&f->store.nr_pages);
}

/* Write some sectors of page 3. */
static void write(struct kunit *test, unsigned int sector, unsigned int nr,
		  u8 byte)
{
	struct parts_fixture *f = test->priv;

	memset(f->buf, byte, nr * SECTOR);
	KUNIT_ASSERT_EQ(test, 0, store_io_write(&f->store, 3 * PAGE_SIZE +
						sector * SECTOR, f->buf,
						nr * SECTOR, GFP_KERNEL));
}

static void erase(struct kunit *test, unsigned int sector, unsigned int nr,
		  enum haltblk_erase how)
{
	struct parts_fixture *f = test->priv;

	if (how == HALTBLK_ERASE_POISON)
		f->store.poisons = true;
	haltblk_store_erase(&f->store, 3 * PAGE_SIZE + sector * SECTOR,
			    nr * SECTOR, how);
}

static bool reads(struct kunit *test, unsigned int sector, unsigned int nr,
		  u8 byte)
{
	struct parts_fixture *f = test->priv;

	store_io_read(&f->store, 3 * PAGE_SIZE + sector * SECTOR, f->buf,
		      nr * SECTOR);
	return !memchr_inv(f->buf, byte, nr * SECTOR);
}

/* Erasing the last piece frees the page, in any order, and not before. */
static void parts_freed(struct kunit *test)
{
	static const enum haltblk_erase hows[] = {
		HALTBLK_ERASE_FREE, HALTBLK_ERASE_SECURE, HALTBLK_ERASE_POISON,
	};
	unsigned int last, i;
	int h;

	for (h = 0; h < ARRAY_SIZE(hows); h++) {
		for (last = 0; last < SECTORS; last++) {
			write(test, 0, SECTORS, 0x11);
			for (i = 0; i < SECTORS; i++)
				if (i != last)
					erase(test, i, 1, hows[h]);
			KUNIT_EXPECT_EQ(test, pages(test), 1);
			KUNIT_EXPECT_TRUE(test, reads(test, last, 1, 0x11));
			erase(test, last, 1, hows[h]);
			KUNIT_EXPECT_EQ(test, pages(test), 0);
			KUNIT_EXPECT_TRUE(test,
					  reads(test, 0, SECTORS,
						h < 2 ? 0 : HALTBLK_POISON));
		}
	}
}

/* Erase the written part of a page, and a part of a page of zeroes. */
static void parts_rest_zero(struct kunit *test)
{
	struct parts_fixture *f = test->priv;

	write(test, 2, 2, 0x11);
	erase(test, 3, 1, HALTBLK_ERASE_FREE);
	KUNIT_EXPECT_EQ(test, pages(test), 1);
	erase(test, 1, 2, HALTBLK_ERASE_FREE);
	KUNIT_EXPECT_EQ(test, pages(test), 0);
	KUNIT_EXPECT_TRUE(test, xa_empty(&f->store.pages));
	write(test, 0, SECTORS, 0);
	KUNIT_EXPECT_EQ(test, pages(test), 1);
	erase(test, 0, 1, HALTBLK_ERASE_FREE);
	KUNIT_EXPECT_EQ(test, pages(test), 0);
	KUNIT_EXPECT_TRUE(test, reads(test, 0, SECTORS, 0));
	/* A hole stays a hole, and can be written again. */
	erase(test, 0, 1, HALTBLK_ERASE_FREE);
	KUNIT_EXPECT_EQ(test, pages(test), 0);
	write(test, 7, 1, 0x12);
	KUNIT_EXPECT_EQ(test, pages(test), 1);
	KUNIT_EXPECT_TRUE(test, reads(test, 0, 7, 0));
	KUNIT_EXPECT_TRUE(test, reads(test, 7, 1, 0x12));
}

/* KEEP keeps the memory, and so does STALE for pieces. */
static void parts_kept(struct kunit *test)
{
	unsigned int i;

	write(test, 0, SECTORS, 0x11);
	for (i = 0; i < SECTORS; i++)
		erase(test, i, 1, HALTBLK_ERASE_STALE);
	KUNIT_EXPECT_TRUE(test, reads(test, 0, SECTORS, 0x11));
	KUNIT_EXPECT_EQ(test, pages(test), 1);
	for (i = 0; i < SECTORS; i++)
		erase(test, i, 1, HALTBLK_ERASE_KEEP);
	KUNIT_EXPECT_TRUE(test, reads(test, 0, SECTORS, 0));
	KUNIT_EXPECT_EQ(test, pages(test), 1);
}

/* A stale page that is erased in pieces is not counted twice. */
static void parts_stale_freed(struct kunit *test)
{
	struct parts_fixture *f = test->priv;
	unsigned int i;

	write(test, 0, SECTORS, 0x11);
	erase(test, 0, SECTORS, HALTBLK_ERASE_STALE);
	KUNIT_EXPECT_EQ(test, pages(test), 0);
	for (i = 0; i < SECTORS; i++)
		erase(test, i, 1, HALTBLK_ERASE_SECURE);
	KUNIT_EXPECT_EQ(test, pages(test), 0);
	KUNIT_EXPECT_EQ(test, f->store.nr_stale, 0);
	KUNIT_EXPECT_TRUE(test, xa_empty(&f->store.pages));
	/* Poisoning leaves a stale page as it is. */
	write(test, 0, SECTORS, HALTBLK_POISON);
	erase(test, 0, SECTORS, HALTBLK_ERASE_STALE);
	erase(test, 0, 1, HALTBLK_ERASE_POISON);
	KUNIT_EXPECT_EQ(test, pages(test), 0);
	KUNIT_EXPECT_EQ(test, f->store.nr_stale, 1);
}

/* Written zeroes read as poison once discarded, so their page stays. */
static void parts_poison(struct kunit *test)
{
	struct parts_fixture *f = test->priv;

	f->store.poisons = true;
	write(test, 0, SECTORS, 0);
	erase(test, 0, 1, HALTBLK_ERASE_FREE);
	KUNIT_EXPECT_EQ(test, pages(test), 1);
	erase(test, 0, 4, HALTBLK_ERASE_POISON);
	KUNIT_EXPECT_EQ(test, pages(test), 1);
	KUNIT_EXPECT_TRUE(test, reads(test, 0, 4, HALTBLK_POISON));
	KUNIT_EXPECT_TRUE(test, reads(test, 4, SECTORS - 4, 0));
	erase(test, 4, SECTORS - 4, HALTBLK_ERASE_POISON);
	KUNIT_EXPECT_EQ(test, pages(test), 0);
	KUNIT_EXPECT_TRUE(test, reads(test, 0, SECTORS, HALTBLK_POISON));
	/* A write leaves poison around it. */
	write(test, 1, 1, 0x13);
	KUNIT_EXPECT_TRUE(test, reads(test, 0, 1, HALTBLK_POISON));
	KUNIT_EXPECT_TRUE(test, reads(test, 1, 1, 0x13));
	KUNIT_EXPECT_TRUE(test, reads(test, 2, SECTORS - 2, HALTBLK_POISON));
}

/* A page found before it was freed: writers are refused, readers may read. */
static void parts_dead(struct kunit *test)
{
	struct parts_fixture *f = test->priv;
	struct page *page, *now;
	bool done, begun, again;
	unsigned long seq;
	void *rest;

	write(test, 0, 1, 0x11);
	rcu_read_lock();
	page = haltblk_store_find(&f->store, 3);
	done = haltblk_store_erase_soon(&f->store, 3 * PAGE_SIZE, SECTOR,
					HALTBLK_ERASE_FREE);
	now = haltblk_store_find(&f->store, 3);
	begun = haltblk_store_write_begin(page);
	if (begun)
		haltblk_store_write_end(page);
	seq = haltblk_store_read_begin(page);
	rest = memchr_inv(page_address(page), 0, PAGE_SIZE);
	again = haltblk_store_read_retry(page, seq);
	rcu_read_unlock();
	KUNIT_EXPECT_TRUE(test, done);
	KUNIT_EXPECT_NULL(test, now);
	KUNIT_EXPECT_FALSE(test, begun);
	KUNIT_EXPECT_NULL(test, rest);
	KUNIT_EXPECT_FALSE(test, again);
}

/* Erasing which pieces would free a page? */
static void parts_would_free(struct kunit *test)
{
	struct parts_fixture *f = test->priv;

#define FREES(sector, nr, how) \
	haltblk_store_part_frees(&f->store, 3 * PAGE_SIZE + (sector) * SECTOR, \
				 (nr) * SECTOR, HALTBLK_ERASE_##how)
	KUNIT_EXPECT_FALSE(test, FREES(2, 2, FREE));
	write(test, 2, 2, 0x11);
	KUNIT_EXPECT_TRUE(test, FREES(2, 2, FREE));
	KUNIT_EXPECT_TRUE(test, FREES(0, 5, SECURE));
	KUNIT_EXPECT_FALSE(test, FREES(0, 3, FREE));
	KUNIT_EXPECT_FALSE(test, FREES(3, 5, FREE));
	KUNIT_EXPECT_FALSE(test, FREES(2, 2, KEEP));
	KUNIT_EXPECT_FALSE(test, FREES(2, 2, STALE));
	KUNIT_EXPECT_FALSE(test, FREES(2, 2, POISON));
	erase(test, 4, SECTORS - 4, HALTBLK_ERASE_POISON);
	KUNIT_EXPECT_TRUE(test, FREES(0, 4, POISON));
	KUNIT_EXPECT_FALSE(test, FREES(2, 2, POISON));
	KUNIT_EXPECT_FALSE(test, FREES(2, SECTORS - 2, FREE));
	KUNIT_EXPECT_EQ(test, pages(test), 1);
#undef FREES
}

#define RACE_ROUNDS	30000
#define RACERS		3

struct parts_racer {
	struct parts_fixture *f;
	struct task_struct *task;
	struct completion started;
	enum haltblk_erase how;
	u64 pos;
	unsigned int lost;
	unsigned int left;
};

/* Write and erase a sector again and again. Each racer has its own. */
static int parts_racer(void *arg)
{
	struct parts_racer *r = arg;
	struct haltblk_store *store = &r->f->store;
	u8 want[64], got[64];
	int i;

	complete(&r->started);
	for (i = 0; i < RACE_ROUNDS; i++) {
		memset(want, i % 0xff + 1, sizeof(want));
		if (store_io_write(store, r->pos, want, sizeof(want),
				   GFP_KERNEL))
			break;
		store_io_read(store, r->pos, got, sizeof(got));
		r->lost += !!memcmp(want, got, sizeof(got));
		haltblk_store_erase(store, r->pos, SECTOR, r->how);
		store_io_read(store, r->pos, got, sizeof(got));
		r->left += !!memchr_inv(got, r->how == HALTBLK_ERASE_POISON ?
					     HALTBLK_POISON : 0, sizeof(got));
		cond_resched();
	}
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return i == RACE_ROUNDS ? 0 : -ENOMEM;
}

/* Erasing a page's last other piece loses no write to the page. */
static void parts_race(struct kunit *test, enum haltblk_erase how)
{
	struct parts_fixture *f = test->priv;
	struct parts_racer racers[RACERS] = { };
	struct parts_racer *r;
	int i;

	f->store.poisons = how == HALTBLK_ERASE_POISON;
	write(test, 0, SECTORS, 0x11);
	erase(test, RACERS, SECTORS - RACERS, how);
	for (i = 0; i < RACERS; i++) {
		r = &racers[i];
		r->f = f;
		r->how = how;
		r->pos = 3 * PAGE_SIZE + i * SECTOR;
		init_completion(&r->started);
		r->task = kthread_run(parts_racer, r, "haltblk_parts%d", i);
		KUNIT_ASSERT_FALSE(test, IS_ERR(r->task));
	}
	for (i = 0; i < RACERS; i++) {
		r = &racers[i];
		/* A thread that is stopped before it has run never runs. */
		wait_for_completion(&r->started);
		KUNIT_EXPECT_EQ(test, kthread_stop(r->task), 0);
		KUNIT_EXPECT_EQ(test, r->lost, 0);
		KUNIT_EXPECT_EQ(test, r->left, 0);
	}
	KUNIT_EXPECT_EQ(test, pages(test), 0);
}

static void parts_race_free(struct kunit *test)
{
	parts_race(test, HALTBLK_ERASE_FREE);
}

static void parts_race_poison(struct kunit *test)
{
	parts_race(test, HALTBLK_ERASE_POISON);
}

static struct kunit_case parts_cases[] = {
	KUNIT_CASE(parts_freed),
	KUNIT_CASE(parts_rest_zero),
	KUNIT_CASE(parts_kept),
	KUNIT_CASE(parts_stale_freed),
	KUNIT_CASE(parts_poison),
	KUNIT_CASE(parts_dead),
	KUNIT_CASE(parts_would_free),
	KUNIT_CASE(parts_race_free),
	KUNIT_CASE(parts_race_poison),
	{}
};

static struct kunit_suite parts_suite = {
	.name = "haltblk_store_parts",
	.init = parts_init,
	.exit = parts_exit,
	.test_cases = parts_cases,
};

kunit_test_suites(&parts_suite);
