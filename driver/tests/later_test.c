// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: work that a worker does because the request's context must not sleep,
 * and writes whose allocations fail.
 */
#include <kunit/test.h>

#include "fake.h"
#include "faults.h"

/* A worker does a large discard if its context must not sleep. */
static void later_discard(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;

	fake_fill(test, 0, 2, 0x11);
	rq = fake_rq(test, REQ_OP_DISCARD, 0, 2048, 0);
	rq->cmd.flags &= ~HALTBLK_CMD_F_SLEEP;
	fake_go(rq);
	KUNIT_EXPECT_TRUE(test, fake_ended(test, 1));
	KUNIT_EXPECT_TRUE(test, f->ends[0].in_worker);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
	KUNIT_EXPECT_EQ(test, fake_pages(f), 0);
	/* A small one is done in its own context. */
	fake_fill(test, 0, 2, 0x11);
	rq = fake_rq(test, REQ_OP_DISCARD, 0, 16, 0);
	rq->cmd.flags &= ~HALTBLK_CMD_F_SLEEP;
	fake_go(rq);
	KUNIT_EXPECT_TRUE(test, fake_ended(test, 1));
	KUNIT_EXPECT_FALSE(test, f->ends[0].in_worker);
	KUNIT_EXPECT_EQ(test, fake_pages(f), 0);
}

/* A worker frees extents and writes blocks back, since both sleep. */
static void later_stops(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;

	fake_fill(test, 0, 2, 0x11);
	fake_break(test, "N", HALTBLK_EVENT_UNMAP, HALTBLK_ACTION_COUNT, 0);
	rq = fake_rq(test, REQ_OP_DISCARD, 0, 8, 0);
	rq->cmd.flags &= ~HALTBLK_CMD_F_SLEEP;
	fake_go(rq);
	KUNIT_EXPECT_TRUE(test, fake_ended(test, 1));
	KUNIT_EXPECT_TRUE(test, f->ends[0].in_worker);
	fake_cached(f, 0);
	fake_fill(test, 0, 2, 0x22);
	rq = fake_rq(test, REQ_OP_FLUSH, 0, 0, 0);
	rq->cmd.flags &= ~HALTBLK_CMD_F_SLEEP;
	fake_go(rq);
	KUNIT_EXPECT_TRUE(test, fake_ended(test, 1));
	KUNIT_EXPECT_TRUE(test, f->ends[0].in_worker);
	KUNIT_EXPECT_EQ(test, f->dev.cache.nr, 0);
}

static struct fake_rq *later_nowait_rq(struct kunit *test)
{
	struct fake_rq *rq;

	fake_fill(test, 0, 2, 0x11);
	rq = fake_rq(test, REQ_OP_DISCARD | REQ_NOWAIT, 0, 2048, 0);
	rq->cmd.flags &= ~HALTBLK_CMD_F_SLEEP;
	rq->cmd.flags |= HALTBLK_CMD_F_STACK;
	return rq;
}

/*
 * A worker takes a bio that must not wait. Without memory for that the bio ends
 * with AGAIN, undone, and no rule sees the end.
 */
static void later_nowait(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;
	u64 hits;

	fake_break(test, "K", HALTBLK_EVENT_COMPLETE, HALTBLK_ACTION_COUNT, 0);
	rq = later_nowait_rq(test);
	hits = fake_hits(f, "K");
	fake_go(rq);
	KUNIT_EXPECT_TRUE(test, fake_ended(test, 1));
	KUNIT_EXPECT_TRUE(test, f->ends[0].in_worker);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
	KUNIT_EXPECT_EQ(test, fake_pages(f), 0);
	KUNIT_EXPECT_EQ(test, fake_hits(f, "K"), hits + 1);
	f->no_memory = true;
	rq = later_nowait_rq(test);
	hits = fake_hits(f, "K");
	fake_go(rq);
	KUNIT_EXPECT_TRUE(test, fake_ended(test, 1));
	KUNIT_EXPECT_FALSE(test, f->ends[0].in_worker);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_AGAIN);
	KUNIT_EXPECT_EQ(test, fake_pages(f), 2);
	KUNIT_EXPECT_EQ(test, fake_hits(f, "K"), hits);
}

/* Make a request for holes whose context must not sleep. */
static struct fake_rq *later_rq(struct kunit *test, blk_opf_t opf, u64 sector,
				u32 nr, u8 byte)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;

	f->nr_ends = 0;
	haltblk_store_erase(&f->dev.store, 0, 64 * PAGE_SIZE,
			    HALTBLK_ERASE_FREE);
	haltblk_cache_erase(&f->dev.cache, 0, 64 * PAGE_SIZE,
			    HALTBLK_ERASE_FREE);
	haltblk_pages_exit();
	rq = fake_rq(test, opf, sector, nr, byte);
	rq->cmd.flags &= ~HALTBLK_CMD_F_SLEEP;
	return rq;
}

/*
 * Fail the n-th allocation of a write, for each n, and then all of them. The
 * write always succeeds. If all fail, a worker repeats the step and ends it.
 */
static void later_write(struct kunit *test, blk_opf_t opf, u64 sector, u32 nr)
{
	struct fake *f = test->priv;
	bool fired = true;
	struct fake_rq *rq;
	unsigned int n;

	for (n = 1; fired && n < 100; n++) {
		rq = later_rq(test, opf, sector, nr, n);
		faults_arm(n);
		fake_go(rq);
		fired = faults_fired();
		KUNIT_ASSERT_TRUE(test, fake_ended(test, 1));
		KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
		KUNIT_EXPECT_TRUE(test, fake_stored(f, sector, nr, n));
	}
	/* An atomic write of several pages does not try to allocate. */
	if (!(opf & HALTBLK_COMPAT_REQ_ATOMIC))
		KUNIT_EXPECT_GT(test, n, 2);
	KUNIT_EXPECT_LT(test, n, 100);

	rq = later_rq(test, opf, sector, nr, 0xaa);
	KUNIT_ASSERT_TRUE(test, faults_all(true));
	fake_go(rq);
	faults_all(false);
	KUNIT_ASSERT_TRUE(test, fake_ended(test, 1));
	KUNIT_EXPECT_TRUE(test, f->ends[0].in_worker);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, sector, nr, 0xaa));
}

static void later_need_faults(struct kunit *test)
{
	if (!faults_all(true))
		kunit_skip(test, "failslab and fail_page_alloc are not set up");
	faults_all(false);
}

static void later_faults(struct kunit *test)
{
	struct fake *f = test->priv;

	later_need_faults(test);
	later_write(test, REQ_OP_WRITE, 3, 20);
	fake_break(test, "M", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_COUNT, 0);
	fake_break(test, "C", HALTBLK_EVENT_COMPLETE, HALTBLK_ACTION_COUNT, 0);
	later_write(test, REQ_OP_WRITE, 0, 64);
	KUNIT_EXPECT_GT(test, fake_hits(f, "M"), 1);
	KUNIT_EXPECT_EQ(test, fake_hits(f, "M"), fake_hits(f, "C"));
	fake_cached(f, 0);
	later_write(test, REQ_OP_WRITE, 3, 20);
	later_write(test, REQ_OP_WRITE | REQ_FUA, 3, 20);
	if (HALTBLK_COMPAT_REQ_ATOMIC)
		later_write(test, REQ_OP_WRITE | HALTBLK_COMPAT_REQ_ATOMIC, 0,
			    16);
}

/* Rules do not act again when a worker repeats a step; their actions stay. */
static void later_torn(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;

	later_need_faults(test);
	rq = later_rq(test, REQ_OP_WRITE, 0, 16, 0x11);
	/* The first page exists, so that part is moved twice. */
	fake_fill(test, 0, 1, 0x22);
	haltblk_pages_exit();
	fake_break(test, "T", HALTBLK_EVENT_SUBMIT, HALTBLK_ACTION_TORN, 9);
	fake_break(test, "C", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_CORRUPT,
		   SECTOR_SIZE);
	faults_all(true);
	fake_go(rq);
	faults_all(false);
	KUNIT_EXPECT_TRUE(test, fake_ended(test, 1));
	KUNIT_EXPECT_TRUE(test, f->ends[0].in_worker);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 0, 1, 0xee));
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 1, 8, 0x11));
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 9, 7, 0));
	KUNIT_EXPECT_EQ(test, fake_hits(f, "T"), 1);
	KUNIT_EXPECT_EQ(test, fake_hits(f, "C"), 1);
}

static struct kunit_case later_cases[] = {
	KUNIT_CASE(later_discard),
	KUNIT_CASE(later_stops),
	KUNIT_CASE(later_nowait),
	KUNIT_CASE(later_faults),
	KUNIT_CASE(later_torn),
	{}
};

static struct kunit_suite later_suite = {
	.name = "haltblk_later",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = later_cases,
};

kunit_test_suites(&later_suite);
