// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: which rules are legal. */
#include <kunit/test.h>
#include <linux/string.h>

#include "gate/rules.h"

static const struct haltblk_rule_limits limits = {
	.sectors = 2048, .nr_hctx = 2, .nr_cpus = 4, .stores = true,
	.cached = true,
	.statuses = BIT(HALTBLK_STATUS_OK) | BIT(HALTBLK_STATUS_IOERR),
};

static const struct haltblk_rule plain = {
	.tag = "K", .event = HALTBLK_EVENT_SUBMIT,
	.action = HALTBLK_ACTION_HOLD, .count = 1,
};

static int check(const struct haltblk_rule *spec)
{
	char why[HALTBLK_WHY_LEN] = "";
	int err = haltblk_rules_check(spec, &limits, why, sizeof(why));

	return !!err == !!why[0] ? err : -EPROTO;
}

/* Each field, if wrong, is refused with a reason. */
static void check_refused(struct kunit *test)
{
	struct haltblk_rule spec = plain;

	KUNIT_EXPECT_EQ(test, check(&spec), 0);
#define REFUSED(...) do {						\
	spec = plain;							\
	__VA_ARGS__;							\
	KUNIT_EXPECT_EQ_MSG(test, check(&spec), -EINVAL, #__VA_ARGS__);	\
} while (0)
	REFUSED(spec.hdr.flags = 0x80);
	REFUSED(spec.tag[0] = 0);
	REFUSED(memset(spec.tag, 'x', sizeof(spec.tag)));
	REFUSED(strscpy(spec.tag, "a b", sizeof(spec.tag)));
	REFUSED(strscpy(spec.tag, "a=b", sizeof(spec.tag)));
	REFUSED(strscpy(spec.tag, "a,b", sizeof(spec.tag)));
	REFUSED(strscpy(spec.tag, "a\n", sizeof(spec.tag)));
	REFUSED(spec.event = HALTBLK_EVENT_NR);
	REFUSED(spec.event = ~0U);
	REFUSED(spec.action = HALTBLK_ACTION_NR);
	REFUSED(spec.action = HALTBLK_ACTION_FAIL);
	REFUSED(spec.keys = 1U << 31);
	REFUSED(spec.keys = HALTBLK_KEY_OPS);
	REFUSED(spec.ops = 1);
	REFUSED(spec.keys = HALTBLK_KEY_OPS, spec.ops = 1U << 31);
	REFUSED(spec.keys = HALTBLK_KEY_OPS,
		spec.ops = BIT(HALTBLK_OP_ZONE_RESET));
	REFUSED(spec.sector = 1);
	REFUSED(spec.keys = HALTBLK_KEY_SECTOR);
	REFUSED(spec.keys = HALTBLK_KEY_SECTOR, spec.sector = 2048,
		spec.nr_sectors = 1);
	REFUSED(spec.keys = HALTBLK_KEY_SECTOR, spec.sector = ~0ULL,
		spec.nr_sectors = 2);
	REFUSED(spec.keys = HALTBLK_KEY_SECTOR | HALTBLK_KEY_OPS,
		spec.nr_sectors = 1, spec.ops = BIT(HALTBLK_OP_FLUSH));
	REFUSED(spec.hctx = 1);
	REFUSED(spec.keys = HALTBLK_KEY_HCTX, spec.hctx = 2);
	REFUSED(spec.pid = 1);
	REFUSED(spec.keys = HALTBLK_KEY_PID);
	REFUSED(spec.keys = HALTBLK_KEY_PID, spec.pid = -1);
	REFUSED(spec.hdr.flags = HALTBLK_RULE_F_NOT_PID);
	REFUSED(spec.comm[0] = 'x');
	REFUSED(spec.comm[5] = 'x');
	REFUSED(spec.keys = HALTBLK_KEY_COMM);
	REFUSED(spec.keys = HALTBLK_KEY_COMM,
		memset(spec.comm, 'x', sizeof(spec.comm)));
	REFUSED(spec.hdr.flags = HALTBLK_RULE_F_NOT_COMM);
	REFUSED(spec.cpu = 1);
	REFUSED(spec.keys = HALTBLK_KEY_CPU, spec.cpu = 4);
	REFUSED(spec.rq_flags = 1);
	REFUSED(spec.keys = HALTBLK_KEY_FLAGS);
	REFUSED(spec.keys = HALTBLK_KEY_FLAGS,
		spec.rq_flags = HALTBLK_RQ_NOUNMAP);
	REFUSED(spec.keys = HALTBLK_KEY_STATE);
	REFUSED(spec.keys = HALTBLK_KEY_SET_STATE);
	REFUSED(spec.keys = HALTBLK_KEY_SET_STATE, spec.set_state = 1U << 31);
	REFUSED(spec.keys = HALTBLK_KEY_CHANCE);
	REFUSED(spec.set_state = 1);
	REFUSED(spec.state = 1);
	REFUSED(spec.chance = 2);
	REFUSED(spec.reserved = 1);
	REFUSED(spec.arg = 1);
#undef REFUSED
	/* The last sector is still on the device. */
	spec = plain;
	spec.keys = HALTBLK_KEY_SECTOR;
	spec.sector = 2047;
	spec.nr_sectors = 1;
	KUNIT_EXPECT_EQ(test, check(&spec), 0);
}

static void check_refused_bio(struct kunit *test)
{
	const struct haltblk_rule_limits bio = { .sectors = 8, .bio_mode = 1 };
	struct haltblk_rule spec = plain;
	char why[HALTBLK_WHY_LEN];

	spec.keys = HALTBLK_KEY_HCTX;
	KUNIT_EXPECT_EQ(test, -EINVAL,
			haltblk_rules_check(&spec, &bio, why, sizeof(why)));
	KUNIT_EXPECT_STREQ(test, why, "hctx: bio mode has no hardware queues");
}

/* States, operations and arguments that each action takes. */
static void check_matrix(struct kunit *test)
{
	static const struct {
		u32 action;
		u32 event;
		u32 ops;
		u64 arg;
		int err;
	} rows[] = {
		{ HALTBLK_ACTION_HOLD, HALTBLK_EVENT_MEDIA, 0, 1, -EINVAL },
		{ HALTBLK_ACTION_COUNT, HALTBLK_EVENT_MEDIA, 0, 0, 0 },
		{ HALTBLK_ACTION_COUNT, HALTBLK_EVENT_MEDIA, 0, 1, -EINVAL },
		{ HALTBLK_ACTION_DELAY, HALTBLK_EVENT_COMPLETE, 0, 1, 0 },
		{ HALTBLK_ACTION_DELAY, HALTBLK_EVENT_SUBMIT, 0, 0, -EINVAL },
		{ HALTBLK_ACTION_DELAY, HALTBLK_EVENT_SUBMIT, 0,
		  HALTBLK_RULES_MAX_DELAY, 0 },
		{ HALTBLK_ACTION_DELAY, HALTBLK_EVENT_SUBMIT, 0,
		  HALTBLK_RULES_MAX_DELAY + 1, -EINVAL },
		{ HALTBLK_ACTION_FAIL, HALTBLK_EVENT_COMPLETE, 0,
		  HALTBLK_STATUS_IOERR, 0 },
		{ HALTBLK_ACTION_FAIL, HALTBLK_EVENT_SUBMIT, 0,
		  HALTBLK_STATUS_OK, -EINVAL },
		{ HALTBLK_ACTION_FAIL, HALTBLK_EVENT_SUBMIT, 0,
		  HALTBLK_STATUS_NR, -EINVAL },
		{ HALTBLK_ACTION_FAIL, HALTBLK_EVENT_SUBMIT, 0,
		  HALTBLK_STATUS_INVAL, -EINVAL },
		{ HALTBLK_ACTION_DROP, HALTBLK_EVENT_MEDIA, 0, 0, 0 },
		{ HALTBLK_ACTION_DROP, HALTBLK_EVENT_COMPLETE, 0, 0, -EINVAL },
		{ HALTBLK_ACTION_DROP, HALTBLK_EVENT_WRITEBACK, 0, 0, 0 },
		{ HALTBLK_ACTION_HOLD, HALTBLK_EVENT_WRITEBACK,
		  BIT(HALTBLK_OP_FLUSH) | BIT(HALTBLK_OP_WRITE), 0, 0 },
		{ HALTBLK_ACTION_HOLD, HALTBLK_EVENT_WRITEBACK,
		  BIT(HALTBLK_OP_READ), 0, -EINVAL },
		{ HALTBLK_ACTION_TORN, HALTBLK_EVENT_WRITEBACK, 0, 1,
		  -EINVAL },
		{ HALTBLK_ACTION_TORN, HALTBLK_EVENT_MEDIA, 0, 0, 0 },
		{ HALTBLK_ACTION_TORN, HALTBLK_EVENT_COMPLETE, 0, 1, -EINVAL },
		{ HALTBLK_ACTION_TORN, HALTBLK_EVENT_SUBMIT,
		  BIT(HALTBLK_OP_READ), 1, -EINVAL },
		{ HALTBLK_ACTION_CORRUPT, HALTBLK_EVENT_COMPLETE, 0, 1, 0 },
		{ HALTBLK_ACTION_CORRUPT, HALTBLK_EVENT_COMPLETE, 0, 0,
		  -EINVAL },
		{ HALTBLK_ACTION_CORRUPT, HALTBLK_EVENT_COMPLETE,
		  BIT(HALTBLK_OP_DISCARD), 1, -EINVAL },
		{ HALTBLK_ACTION_BUSY, HALTBLK_EVENT_SUBMIT, 0, 0, 0 },
		{ HALTBLK_ACTION_BUSY, HALTBLK_EVENT_MEDIA, 0, 0, -EINVAL },
		{ HALTBLK_ACTION_CRASH, HALTBLK_EVENT_MEDIA, 0, 0, 0 },
		{ HALTBLK_ACTION_CRASH, HALTBLK_EVENT_MEDIA, 0, 1, -EINVAL },
	};
	struct haltblk_rule_limits zoned = limits;
	const struct haltblk_rule_limits bare = {
		.sectors = 8, .bio_mode = true, .nr_cpus = 1,
	};
	struct haltblk_rule spec;
	char why[HALTBLK_WHY_LEN];
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		spec = plain;
		spec.action = rows[i].action;
		spec.event = rows[i].event;
		spec.arg = rows[i].arg;
		spec.ops = rows[i].ops;
		spec.keys = rows[i].ops ? HALTBLK_KEY_OPS : 0;
		KUNIT_EXPECT_EQ_MSG(test, check(&spec), rows[i].err,
				    "row %d", i);
	}
	spec = plain;
	spec.action = HALTBLK_ACTION_CORRUPT;
	spec.event = HALTBLK_EVENT_UNMAP;
	spec.arg = 1;
	KUNIT_EXPECT_EQ(test, -EINVAL, haltblk_rules_check(&spec, &limits, why,
							   sizeof(why)));
	KUNIT_EXPECT_STREQ(test, why,
			   "action corrupt: not at unmap, takes submit, media, complete");
	/* The reason lists the words that are offered. */
	spec = plain;
	spec.action = HALTBLK_ACTION_NR;
	KUNIT_EXPECT_EQ(test, -EINVAL, haltblk_rules_check(&spec, &limits, why,
							   sizeof(why)));
	KUNIT_EXPECT_STREQ(test, why,
			   "action 9 (unknown): not offered by this driver, takes hold, delay, fail, drop, torn, corrupt, busy, crash, count");
	spec = plain;
	spec.action = HALTBLK_ACTION_CRASH;
	KUNIT_EXPECT_EQ(test, 0, haltblk_rules_check(&spec, &limits, why,
						     sizeof(why)));
	zoned.zoned = true;
	KUNIT_EXPECT_EQ(test, -EINVAL, haltblk_rules_check(&spec, &zoned, why,
							   sizeof(why)));
	KUNIT_EXPECT_STREQ(test, why,
			   "action crash: the device has zones; set zoned=0");
	spec = plain;
	spec.keys = HALTBLK_KEY_OPS;
	spec.ops = BIT(HALTBLK_OP_ZONE_APPEND) | BIT(HALTBLK_OP_ZONE_FINISH);
	KUNIT_EXPECT_EQ(test, -EINVAL, haltblk_rules_check(&spec, &limits, why,
							   sizeof(why)));
	KUNIT_EXPECT_STREQ(test, why,
			   "op zone_append: the device has no zones; set zoned=1");
	zoned.zoned = true;
	KUNIT_EXPECT_EQ(test, 0, haltblk_rules_check(&spec, &zoned, why,
						     sizeof(why)));
	spec.ops |= BIT(HALTBLK_OP_READ);
	KUNIT_EXPECT_EQ(test, check(&spec), 0);
	spec = plain;
	spec.event = HALTBLK_EVENT_NR;
	KUNIT_EXPECT_EQ(test, -EINVAL, haltblk_rules_check(&spec, &limits, why,
							   sizeof(why)));
	KUNIT_EXPECT_STREQ(test, why,
			   "event 6 (unknown): not offered by this driver, takes submit, media, complete, timeout, writeback, unmap");
	spec = plain;
	spec.keys = HALTBLK_KEY_FLAGS;
	spec.rq_flags = HALTBLK_RQ_NOUNMAP;
	KUNIT_EXPECT_EQ(test, -EINVAL, haltblk_rules_check(&spec, &limits, why,
							   sizeof(why)));
	KUNIT_EXPECT_STREQ(test, why,
			   "flags: 0x80, takes fua, sync, meta, prio, rahead, nowait, polled");
	spec = plain;
	spec.action = HALTBLK_ACTION_CORRUPT;
	spec.arg = 1;
	spec.keys = HALTBLK_KEY_OPS;
	spec.ops = BIT(HALTBLK_OP_DISCARD);
	KUNIT_EXPECT_EQ(test, -EINVAL, haltblk_rules_check(&spec, &limits, why,
							   sizeof(why)));
	KUNIT_EXPECT_STREQ(test, why, "action corrupt: takes only op=read,write,zone_append");
	spec = plain;
	spec.action = HALTBLK_ACTION_BUSY;
	KUNIT_EXPECT_EQ(test, -EINVAL, haltblk_rules_check(&spec, &bare, why,
							   sizeof(why)));
	spec.action = HALTBLK_ACTION_TORN;
	KUNIT_EXPECT_EQ(test, -EINVAL, haltblk_rules_check(&spec, &bare, why,
							   sizeof(why)));
	KUNIT_EXPECT_STREQ(test, why,
			   "action torn: the device stores no data; set memory_backed=1");
	spec.action = HALTBLK_ACTION_HOLD;
	spec.event = HALTBLK_EVENT_WRITEBACK;
	KUNIT_EXPECT_EQ(test, -EINVAL, haltblk_rules_check(&spec, &bare, why,
							   sizeof(why)));
	/* At writeback a flush can match a range, that of the block. */
	spec.keys = HALTBLK_KEY_OPS | HALTBLK_KEY_SECTOR;
	spec.ops = BIT(HALTBLK_OP_FLUSH);
	spec.nr_sectors = 8;
	KUNIT_EXPECT_EQ(test, check(&spec), 0);
}

static struct kunit_case check_cases[] = {
	KUNIT_CASE(check_refused),
	KUNIT_CASE(check_refused_bio),
	KUNIT_CASE(check_matrix),
	{ }
};

static struct kunit_suite check_suite = {
	.name = "haltblk_rules_check",
	.test_cases = check_cases,
};

kunit_test_suites(&check_suite);
