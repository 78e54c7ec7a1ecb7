// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: the rows of features: options that depend on others, and the hooks
 * between the states of a request.
 */
#include <kunit/test.h>

#include "fake.h"

/* Calls of the hooks of two features, and their answers. */
static struct feature_calls {
	unsigned int admits[2];
	unsigned int moves;
	bool keep;		/* the first feature keeps the command */
	bool refuse;		/* the first feature ends it */
	int move;		/* the second feature returns this */
	struct haltblk_cmd *kept;
} calls;

static struct haltblk_cmd *feature_admit_first(struct haltblk_cmd *cmd)
{
	calls.admits[0]++;
	if (calls.refuse) {
		cmd->status = BLK_STS_IOERR;
		cmd->step = HALTBLK_STEP_END;
	}
	if (!calls.keep)
		return cmd;
	calls.kept = cmd;
	return NULL;
}

static const struct haltblk_feature feature_first = {
	.admit	= feature_admit_first,
};

static struct haltblk_cmd *feature_admit_second(struct haltblk_cmd *cmd)
{
	calls.admits[1]++;
	return cmd;
}

static int feature_move_second(struct haltblk_cmd *cmd)
{
	calls.moves++;
	if (calls.move == -EAGAIN && cmd->flags & HALTBLK_CMD_F_SLEEP)
		return 0;
	return calls.move;
}

static const struct haltblk_feature feature_second = {
	.admit	= feature_admit_second,
	.move	= feature_move_second,
};

static int feature_init(struct kunit *test)
{
	struct fake *f;
	int err;

	memset(&calls, 0, sizeof(calls));
	err = fake_init(test);
	if (err)
		return err;
	f = test->priv;
	f->dev.hooks[0] = &feature_first;
	f->dev.hooks[1] = &feature_second;
	f->dev.hooked = 3;
	return 0;
}

/* When a worker repeats a later step, the features are not asked again. */
static void feature_admit_once(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;

	calls.move = -EAGAIN;
	rq = fake_rq(test, REQ_OP_WRITE, 0, 8, 0x11);
	rq->cmd.flags &= ~HALTBLK_CMD_F_SLEEP;
	fake_go(rq);
	KUNIT_EXPECT_TRUE(test, fake_ended(test, 1));
	KUNIT_EXPECT_TRUE(test, f->ends[0].in_worker);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
	KUNIT_EXPECT_EQ(test, calls.admits[0], 1);
	KUNIT_EXPECT_EQ(test, calls.admits[1], 1);
	KUNIT_EXPECT_EQ(test, calls.moves, 2);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 0, 8, 0x11));
}

/* A refused request reaches no other state, feature or data. */
static void feature_admit_refuses(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;

	fake_break(test, "N", HALTBLK_EVENT_MEDIA, HALTBLK_ACTION_COUNT, 0);
	calls.refuse = true;
	rq = fake_submit(test, REQ_OP_WRITE, 0, 8, 0x11);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_IOERR);
	KUNIT_EXPECT_EQ(test, calls.admits[1], 0);
	KUNIT_EXPECT_EQ(test, calls.moves, 0);
	KUNIT_EXPECT_EQ(test, fake_hits(f, "N"), 0);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 0, 8, 0));
}

/* After a feature has kept a command, the next feature is asked. */
static void feature_admit_keeps(struct kunit *test)
{
	const struct haltblk_verdict go_on = { };
	struct fake *f = test->priv;
	struct fake_rq *rq;

	calls.keep = true;
	rq = fake_submit(test, REQ_OP_WRITE, 0, 8, 0x11);
	KUNIT_EXPECT_EQ(test, f->nr_ends, 0);
	KUNIT_EXPECT_EQ(test, calls.admits[1], 0);
	KUNIT_ASSERT_PTR_EQ(test, calls.kept, &rq->cmd);
	f->dev.gate.go_on(calls.kept, &go_on);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
	KUNIT_EXPECT_EQ(test, calls.admits[0], 1);
	KUNIT_EXPECT_EQ(test, calls.admits[1], 1);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 0, 8, 0x11));
}

/* Before data moves a feature can fail a request, or do all of it. */
static void feature_move(struct kunit *test)
{
	struct fake *f = test->priv;
	struct fake_rq *rq;

	calls.move = -EIO;
	rq = fake_submit(test, REQ_OP_WRITE, 0, 8, 0x11);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_IOERR);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 0, 8, 0));
	calls.move = 1;
	rq = fake_submit(test, REQ_OP_WRITE, 0, 8, 0x11);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_OK);
	KUNIT_EXPECT_TRUE(test, fake_stored(f, 0, 8, 0));
	/* The same on a device that keeps no data. */
	f->dev.cfg.memory_backed = 0;
	fake_options(f);
	calls.move = -EIO;
	rq = fake_submit(test, REQ_OP_WRITE, 0, 8, 0x11);
	KUNIT_EXPECT_EQ(test, fake_status(f, rq), BLK_STS_IOERR);
}

/* Options that need others, and options in multiples of a block. */
static void feature_options(struct kunit *test)
{
	static const struct haltblk_feature_option options[] = {
		{ HALTBLK_ID_max_discard_sectors, HALTBLK_ID_discard,
		  SECTOR_SIZE },
	};
	const struct haltblk_feature row = {
		.options = options, .nr_options = ARRAY_SIZE(options),
	};
	struct fake *f = test->priv;
	struct haltblk_config *cfg = &f->dev.cfg;

	cfg->blocksize = 4096;
	cfg->max_discard_sectors = 8;
	KUNIT_EXPECT_EQ(test, haltblk_feature_check(&row, &f->dev), 0);
	cfg->max_discard_sectors = 9;
	KUNIT_EXPECT_EQ(test, haltblk_feature_check(&row, &f->dev), -EINVAL);
	cfg->max_discard_sectors = 8;
	cfg->discard = 0;
	KUNIT_EXPECT_EQ(test, haltblk_feature_check(&row, &f->dev), -EINVAL);
	/* An option at its default is always accepted. */
	cfg->max_discard_sectors = 0;
	KUNIT_EXPECT_EQ(test, haltblk_feature_check(&row, &f->dev), 0);
}

static struct kunit_case feature_cases[] = {
	KUNIT_CASE(feature_admit_once),
	KUNIT_CASE(feature_admit_refuses),
	KUNIT_CASE(feature_admit_keeps),
	KUNIT_CASE(feature_move),
	KUNIT_CASE(feature_options),
	{}
};

static struct kunit_suite feature_suite = {
	.name = "haltblk_feature",
	.init = feature_init,
	.exit = fake_exit,
	.test_cases = feature_cases,
};

kunit_test_suites(&feature_suite);
