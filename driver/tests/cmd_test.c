// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: the states of a request, on a front that only records: their order,
 * and the data in each state.
 */
#include <kunit/test.h>

#include "fake.h"

/* The state in which a request is held, or that it has ended. */
#define ENDED		HALTBLK_EVENT_NONE

static u32 held_at(struct fake *f, const struct fake_rq *rq)
{
	return list_empty(&f->dev.gate.held) ? ENDED : rq->cmd.event;
}

static void hold(struct kunit *test, u32 event)
{
	fake_break(test, "H", event, HALTBLK_ACTION_HOLD, 0);
}

/* Each state comes once, in order. Data moves between media and complete. */
static void cmd_order_write(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;

	hold(test, HALTBLK_EVENT_SUBMIT);
	hold(test, HALTBLK_EVENT_MEDIA);
	hold(test, HALTBLK_EVENT_COMPLETE);
	rq = fake_submit(test, REQ_OP_WRITE, 8, 16, 0x11);
	KUNIT_EXPECT_EQ(test, held_at(f, rq), HALTBLK_EVENT_SUBMIT);
	KUNIT_EXPECT_EQ(test, fake_resume(f, NULL), 1);
	KUNIT_EXPECT_EQ(test, held_at(f, rq), HALTBLK_EVENT_MEDIA);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 8, 16, 0));
	KUNIT_EXPECT_EQ(test, fake_resume(f, NULL), 1);
	KUNIT_EXPECT_EQ(test, held_at(f, rq), HALTBLK_EVENT_COMPLETE);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 8, 16, 0x11));
	KUNIT_EXPECT_EQ(test, f->nr_ends, 0);
	KUNIT_EXPECT_EQ(test, fake_resume(f, NULL), 1);
	KUNIT_EXPECT_EQ(test, held_at(f, rq), ENDED);
	KUNIT_EXPECT_EQ(test, f->nr_ends, 1);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
	KUNIT_EXPECT_TRUE(test, f->ends[0].was_held);
}

static void cmd_order_read(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;

	fake_fill(test, 1, 2, 0x22);
	hold(test, HALTBLK_EVENT_MEDIA);
	hold(test, HALTBLK_EVENT_COMPLETE);
	rq = fake_submit(test, REQ_OP_READ, 8, 16, 0xee);
	KUNIT_EXPECT_TRUE(test, fake_holds(rq, 0xee));
	fake_resume(f, NULL);
	KUNIT_EXPECT_EQ(test, held_at(f, rq), HALTBLK_EVENT_COMPLETE);
	KUNIT_EXPECT_TRUE(test, fake_holds(rq, 0x22));
	fake_resume(f, NULL);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
}

/* If nothing is armed, a request ends at once in its submitter's context. */
static void cmd_order_idle(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;

	rq = fake_submit(test, REQ_OP_WRITE, 0, 8, 0x11);
	KUNIT_EXPECT_EQ(test, f->nr_ends, 1);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
	KUNIT_EXPECT_FALSE(test, f->ends[0].was_held);
	KUNIT_EXPECT_FALSE(test, f->ends[0].in_worker);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 0, 8, 0x11));
	rq = fake_submit(test, REQ_OP_FLUSH, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
}

/* action=fail ends a write there, with its data moved only at complete. */
static void cmd_fail(struct kunit *test)
{
	static const struct {
		u32 event;
		u8 byte;
	} at[] = {
		{ HALTBLK_EVENT_SUBMIT, 0 },
		{ HALTBLK_EVENT_MEDIA, 0 },
		{ HALTBLK_EVENT_COMPLETE, 0x11 },
	};
	struct fake *f = test->priv;
	struct fake_rq *rq;
	int i;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		fake_break(test, "F", at[i].event, HALTBLK_ACTION_FAIL,
			   HALTBLK_STATUS_MEDIUM);
		rq = fake_submit(test, REQ_OP_WRITE, 8 * i, 8, 0x11);
		KUNIT_EXPECT_EQ(test, f->nr_ends, i + 1);
		KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_MEDIUM);
		KUNIT_EXPECT_TRUE(test, fake_stored(f, 8 * i, 8, at[i].byte));
		fake_remove(f, "F");
	}
}

/* action=drop reports success and does nothing. */
static void cmd_drop(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;

	fake_fill(test, 0, 1, 0x11);
	fake_break(test, "D", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_DROP, 0);
	rq = fake_submit(test, REQ_OP_WRITE, 0, 8, 0x22);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
	fake_submit(test, REQ_OP_DISCARD, 0, 8, 0);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 0, 8, 0x11));
	KUNIT_EXPECT_EQ(test, f->nr_ends, 2);
}

static void cmd_torn(struct kunit *test)
{
	struct fake *f = test->priv;

	fake_fill(test, 0, 2, 0x11);
	fake_break(test, "T", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_TORN, 9);
	fake_submit(test, REQ_OP_WRITE, 0, 16, 0x22);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 0, 9, 0x22));
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 9, 7, 0x11));
	/* A write that is no longer than that is written whole. */
	fake_submit(test, REQ_OP_WRITE, 4, 9, 0x33);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 4, 9, 0x33));
	KUNIT_EXPECT_EQ(test, f->nr_ends, 2);
}

/* action=torn lets through all of an atomic write or nothing. */
static void cmd_torn_atomic(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;

	if (!HALTBLK_COMPAT_REQ_ATOMIC)
		kunit_skip(test, "this kernel has no atomic writes");
	fake_fill(test, 0, 2, 0x11);
	fake_break(test, "T", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_TORN, 9);
	rq = fake_submit(test, REQ_OP_WRITE | HALTBLK_COMPAT_REQ_ATOMIC, 0, 16,
			 0x22);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 0, 16, 0x11));
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
	fake_submit(test, REQ_OP_WRITE | HALTBLK_COMPAT_REQ_ATOMIC, 0, 8, 0x22);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 0, 8, 0x22));
}

/* action=corrupt damages the moved data once, at media and at complete. */
static void cmd_corrupt(struct kunit *test)
{
	static const u32 at[] = {
		HALTBLK_EVENT_MEDIA, HALTBLK_EVENT_COMPLETE,
	};
	struct fake *f = test->priv;
	struct fake_rq *rq;
	int i;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		fake_break(test, "C", at[i], HALTBLK_ACTION_CORRUPT,
			   9 * SECTOR_SIZE);
		fake_submit(test, REQ_OP_WRITE, 0, 16, 0x11);
		KUNIT_EXPECT_TRUE(test, fake_stored(f, 0, 9, 0xee));
		KUNIT_EXPECT_TRUE(test, fake_stored(f, 9, 7, 0x11));
		rq = fake_submit(test, REQ_OP_READ, 8, 8, 0);
		/* Sector 8 was also damaged when it was written. */
		KUNIT_EXPECT_EQ(test, rq->data[0][0], 0x11);
		KUNIT_EXPECT_EQ(test, rq->data[0][SECTOR_SIZE], 0xee);
		KUNIT_EXPECT_TRUE(test, fake_stored(f, 9, 7, 0x11));
		fake_remove(f, "C");
	}
}

/* In a torn write, only what reached the media is damaged. */
static void cmd_corrupt_torn(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_rule rule;

	fake_fill(test, 0, 2, 0x11);
	rule = fake_rule("T", HALTBLK_EVENT_SUBMIT, HALTBLK_ACTION_TORN, 2);
	rule.count = 1;
	fake_arm(test, &rule);
	fake_break(test, "C", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_CORRUPT,
		   4 * SECTOR_SIZE);
	fake_submit(test, REQ_OP_WRITE, 0, 16, 0x22);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 0, 2, 0xdd));
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 2, 14, 0x11));
}

/* action=busy hands a request back only once. */
static void cmd_busy(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_rule rule;
	struct fake_rq *rq;

	rule = fake_rule("B", HALTBLK_EVENT_SUBMIT, HALTBLK_ACTION_BUSY, 0);
	fake_arm(test, &rule);
	rq = fake_submit(test, REQ_OP_WRITE, 0, 8, 0x11);
	KUNIT_EXPECT_EQ(test, f->backs, 1);
	KUNIT_EXPECT_EQ(test, f->nr_ends, 0);
	rq->cmd.step = HALTBLK_STEP_SUBMIT;
	rq->cmd.flags |= HALTBLK_CMD_F_AGAIN;
	fake_go(rq);
	KUNIT_EXPECT_EQ(test, f->backs, 1);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
}

static void expect_extent(struct kunit *test, const struct fake_rq *rq,
			  u64 sector, u32 nr_sectors)
{
	struct fake *f = test->priv;

	KUNIT_EXPECT_EQ(test, held_at(f, rq), HALTBLK_EVENT_UNMAP);
	KUNIT_EXPECT_EQ(test, rq->cmd.extent, sector);
	KUNIT_EXPECT_EQ(test, rq->cmd.extent_sectors, nr_sectors);
}

/* Extents are freed one by one; parts of pages that stay are erased at once. */
static void cmd_unmap(struct kunit *test)
{
	static const blk_opf_t ops[] = {
		REQ_OP_DISCARD, REQ_OP_SECURE_ERASE, REQ_OP_WRITE_ZEROES,
	};
	struct fake *f = test->priv;
	struct fake_rq *rq;
	int i;

	hold(test, HALTBLK_EVENT_UNMAP);
	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		fake_fill(test, 0, 3, 0x11);
		fake_fill(test, 5, 2, 0x11);
		/* From the middle of page 0 to the middle of page 6. */
		rq = fake_submit(test, ops[i], 4, 6 * PAGE_SECTORS, 0);
		KUNIT_EXPECT_TRUE(test, fake_stored(f, 0, 4, 0x11));
		KUNIT_EXPECT_TRUE(test, fake_stored(f, 4, PAGE_SECTORS - 4, 0));
		KUNIT_EXPECT_TRUE(test, fake_stored(f, 6 * PAGE_SECTORS, 4, 0));
		expect_extent(test, rq, PAGE_SECTORS, 2 * PAGE_SECTORS);
		KUNIT_EXPECT_TRUE(test, fake_stored(f, PAGE_SECTORS,
						    2 * PAGE_SECTORS, 0x11));
		fake_resume(f, NULL);
		KUNIT_EXPECT_TRUE(test, fake_stored(f, PAGE_SECTORS,
						    2 * PAGE_SECTORS, 0));
		expect_extent(test, rq, 5 * PAGE_SECTORS, PAGE_SECTORS);
		KUNIT_EXPECT_TRUE(test, fake_stored(f, 5 * PAGE_SECTORS,
						    PAGE_SECTORS, 0x11));
		fake_resume(f, NULL);
		KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
		KUNIT_EXPECT_EQ(test, fake_pages(f), 2);
	}
	f->nr_ends = 0;
	/* Zeroing that must keep the memory frees nothing: no hold. */
	fake_submit(test, REQ_OP_WRITE_ZEROES | REQ_NOUNMAP, 0,
		    8 * PAGE_SECTORS, 0);
	KUNIT_EXPECT_EQ(test, f->nr_ends, 1);
	KUNIT_EXPECT_EQ(test, fake_pages(f), 2);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 0, 8 * PAGE_SECTORS, 0));
}

/* The last piece of a page is an extent, cut to the request. */
static void cmd_unmap_rest(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;

	fake_fill(test, 0, 1, 0x11);
	fake_submit(test, REQ_OP_DISCARD, 0, 5, 0);
	hold(test, HALTBLK_EVENT_UNMAP);
	rq = fake_submit(test, REQ_OP_DISCARD, 4, 8, 0);
	expect_extent(test, rq, 4, 4);
	KUNIT_EXPECT_EQ(test, fake_pages(f), 1);
	fake_resume(f, NULL);
	KUNIT_EXPECT_EQ(test, fake_pages(f), 0);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
}

/* If the second extent fails, the first stays freed. */
static void cmd_unmap_fail(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_rule rule;
	struct fake_rq *rq;

	fake_fill(test, 0, 1, 0x11);
	fake_fill(test, 2, 1, 0x11);
	rule = fake_rule("F", HALTBLK_EVENT_UNMAP, HALTBLK_ACTION_FAIL,
			 HALTBLK_STATUS_IOERR);
	rule.keys = HALTBLK_KEY_SECTOR;
	rule.sector = 2 * PAGE_SECTORS;
	rule.nr_sectors = 1;
	fake_arm(test, &rule);
	rq = fake_submit(test, REQ_OP_DISCARD, 0, 3 * PAGE_SECTORS, 0);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_IOERR);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 0, PAGE_SECTORS, 0));
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 2 * PAGE_SECTORS, PAGE_SECTORS,
					    0x11));
}

static u32 step(struct kunit *test, const struct fake_rq *rq)
{
	struct fake *f = test->priv;
	u32 event = 12345;

	KUNIT_EXPECT_EQ(test, 0, haltblk_release_step(&f->dev.gate, rq->cmd.id,
						   &event));
	return event;
}

/* step stops in each state, even if only the first has a rule. */
static void cmd_step(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;

	fake_fill(test, 0, 1, 0x11);
	fake_fill(test, 2, 1, 0x11);
	hold(test, HALTBLK_EVENT_SUBMIT);
	rq = fake_submit(test, REQ_OP_DISCARD, 0, 3 * PAGE_SECTORS, 0);
	KUNIT_EXPECT_EQ(test, step(test, rq), HALTBLK_EVENT_MEDIA);
	KUNIT_EXPECT_EQ(test, step(test, rq), HALTBLK_EVENT_UNMAP);
	expect_extent(test, rq, 0, PAGE_SECTORS);
	KUNIT_EXPECT_EQ(test, step(test, rq), HALTBLK_EVENT_UNMAP);
	expect_extent(test, rq, 2 * PAGE_SECTORS, PAGE_SECTORS);
	KUNIT_EXPECT_EQ(test, step(test, rq), HALTBLK_EVENT_COMPLETE);
	KUNIT_EXPECT_EQ(test, f->nr_ends, 0);
	KUNIT_EXPECT_EQ(test, step(test, rq), HALTBLK_EVENT_NONE);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
}

/* --- the volatile cache --------------------------------------------------- */

static void expect_block(struct kunit *test, const struct fake_rq *rq, u64 page)
{
	struct fake *f = test->priv;

	KUNIT_EXPECT_EQ(test, held_at(f, rq), HALTBLK_EVENT_WRITEBACK);
	KUNIT_EXPECT_EQ(test, rq->cmd.extent, page * PAGE_SECTORS);
	KUNIT_EXPECT_EQ(test, rq->cmd.extent_sectors, PAGE_SECTORS);
}

/* A flush writes back each block that was there when it began, one by one. */
static void cmd_writeback(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;

	fake_cached(f, 0);
	fake_fill(test, 3, 1, 0x11);
	fake_fill(test, 1, 1, 0x11);
	hold(test, HALTBLK_EVENT_WRITEBACK);
	rq = fake_submit(test, REQ_OP_FLUSH, 0, 0, 0);
	expect_block(test, rq, 3);
	KUNIT_EXPECT_EQ(test, f->dev.cache.nr, 2);
	fake_fill(test, 7, 1, 0x11);
	fake_resume(f, NULL);
	expect_block(test, rq, 1);
	KUNIT_EXPECT_EQ(test, f->dev.cache.nr, 2);
	fake_resume(f, NULL);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
	KUNIT_EXPECT_EQ(test, f->dev.cache.nr, 1);
	haltblk_cache_lose(&f->dev.cache);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 3 * PAGE_SECTORS, PAGE_SECTORS,
					    0x11));
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 7 * PAGE_SECTORS, PAGE_SECTORS,
					    0));
}

/* A dropped block stays in the cache; the flush goes on and succeeds. */
static void cmd_writeback_drop(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_rule rule;
	struct fake_rq *rq;

	fake_cached(f, 0);
	fake_fill(test, 0, 3, 0x11);
	rule = fake_rule("D", HALTBLK_EVENT_WRITEBACK, HALTBLK_ACTION_DROP, 0);
	rule.keys = HALTBLK_KEY_SECTOR;
	rule.sector = PAGE_SECTORS;
	rule.nr_sectors = PAGE_SECTORS;
	fake_arm(test, &rule);
	rq = fake_submit(test, REQ_OP_FLUSH, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
	KUNIT_EXPECT_EQ(test, f->dev.cache.nr, 1);
	haltblk_cache_lose(&f->dev.cache);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 0, PAGE_SECTORS, 0x11));
	KUNIT_EXPECT_TRUE(test, fake_stored(f, PAGE_SECTORS, PAGE_SECTORS, 0));
}

/* A block that fails ends the flush; blocks before it are safe. */
static void cmd_writeback_fail(struct kunit *test)
{
	struct fake *f = test->priv;
	struct haltblk_rule rule;
	struct fake_rq *rq;

	fake_cached(f, 0);
	fake_fill(test, 0, 3, 0x11);
	rule = fake_rule("F", HALTBLK_EVENT_WRITEBACK, HALTBLK_ACTION_FAIL,
			 HALTBLK_STATUS_MEDIUM);
	rule.skip = 1;
	rule.count = 1;
	fake_arm(test, &rule);
	rq = fake_submit(test, REQ_OP_FLUSH, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_MEDIUM);
	KUNIT_EXPECT_EQ(test, f->dev.cache.nr, 2);
}

/* A write that finds no room writes back as many of the oldest as it needs. */
static void cmd_writeback_room(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;

	fake_cached(f, 3);
	fake_fill(test, 0, 3, 0x11);
	hold(test, HALTBLK_EVENT_WRITEBACK);
	rq = fake_submit(test, REQ_OP_WRITE, 2 * PAGE_SECTORS, 2 * PAGE_SECTORS,
			 0x22);
	/* One of its two pages is dirty already. */
	expect_block(test, rq, 0);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 2 * PAGE_SECTORS, PAGE_SECTORS,
					    0x11));
	fake_resume(f, NULL);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
	KUNIT_EXPECT_EQ(test, f->dev.cache.nr, 3);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 2 * PAGE_SECTORS,
					    2 * PAGE_SECTORS, 0x22));
	/* A write that bypasses the cache needs no room. */
	rq = fake_submit(test, REQ_OP_WRITE | REQ_FUA, 9 * PAGE_SECTORS,
			 PAGE_SECTORS, 0x33);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
}

/* An operation that the driver does not have is refused. */
static void cmd_no_op(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;

	rq = fake_submit(test, REQ_OP_WRITE, 0, 8, 0x11);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
	rq = fake_submit(test, REQ_OP_DRV_IN, 0, 8, 0x22);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_NOTSUPP);
	KUNIT_EXPECT_EQ(test, haltblk_blk_op(REQ_OP_DRV_OUT),
			HALTBLK_BLK_OP_NONE);
	KUNIT_EXPECT_EQ(test, haltblk_blk_op(REQ_OP_ZONE_RESET_ALL),
			HALTBLK_OP_ZONE_RESET);
}

static struct kunit_case cmd_cases[] = {
	KUNIT_CASE(cmd_order_write),
	KUNIT_CASE(cmd_order_read),
	KUNIT_CASE(cmd_order_idle),
	KUNIT_CASE(cmd_fail),
	KUNIT_CASE(cmd_drop),
	KUNIT_CASE(cmd_torn),
	KUNIT_CASE(cmd_torn_atomic),
	KUNIT_CASE(cmd_corrupt),
	KUNIT_CASE(cmd_corrupt_torn),
	KUNIT_CASE(cmd_busy),
	KUNIT_CASE(cmd_unmap),
	KUNIT_CASE(cmd_unmap_rest),
	KUNIT_CASE(cmd_unmap_fail),
	KUNIT_CASE(cmd_step),
	KUNIT_CASE(cmd_writeback),
	KUNIT_CASE(cmd_no_op),
	KUNIT_CASE(cmd_writeback_drop),
	KUNIT_CASE(cmd_writeback_fail),
	KUNIT_CASE(cmd_writeback_room),
	{}
};

static struct kunit_suite cmd_suite = {
	.name = "haltblk_cmd",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = cmd_cases,
};

kunit_test_suites(&cmd_suite);
