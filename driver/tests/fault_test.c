// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: when something fails on demand. */
#include <kunit/test.h>

#include "../fault.h"

static int fault_init(struct kunit *test)
{
	struct haltblk_fault *fault = kunit_kzalloc(test, sizeof(*fault),
						    GFP_KERNEL);

	if (!fault)
		return -ENOMEM;
	*fault = haltblk_fault_defaults[0];
	spin_lock_init(&fault->lock);
	test->priv = fault;
	return 0;
}

/* Whether each of 64 times fails, the first in the lowest bit. */
static u64 fault_run(struct haltblk_fault *fault, u64 seed)
{
	u64 hits = 0;
	int i;

	for (i = 0; i < 64; i++)
		hits |= (u64)haltblk_fault_hits(fault, seed) << i;
	return hits;
}

static void fault_default(struct kunit *test)
{
	struct haltblk_fault *fault = test->priv;

	KUNIT_EXPECT_EQ(test, 0ULL, fault_run(fault, 1));
	fault->probability = 100;
	KUNIT_EXPECT_EQ(test, 1ULL, fault_run(fault, 1));
}

static void fault_numbers(struct kunit *test)
{
	static const struct {
		const char *text;
		u64 hits;
	} runs[] = {
		{ "1,100,0,-1", ~0ULL },
		{ "1,100,0,3", 7 },
		{ "1,100,0,0", 0 },
		{ "3,100,0,2", 0x24 },
		{ "1,100,4,2", 0x18 },
		{ "1,0,0,-1", 0 },
	};
	struct haltblk_fault *fault = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(runs); i++) {
		fault->count = 0;
		KUNIT_ASSERT_EQ_MSG(test, 0,
				    haltblk_fault_parse(fault, runs[i].text),
				    "%s", runs[i].text);
		KUNIT_EXPECT_EQ_MSG(test, runs[i].hits, fault_run(fault, 1),
				    "%s", runs[i].text);
	}
}

static void fault_refused(struct kunit *test)
{
	static const char * const texts[] = {
		"1", "1,2,3", "0,1,0,1", "1,101,0,1", "1,1,-1,1", "1,1,0,-2",
		"1,1,0,1,1", "x,1,0,1", "1,1,0,1x",
	};
	struct haltblk_fault *fault = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    haltblk_fault_parse(fault, texts[i]),
				    "%s", texts[i]);
	KUNIT_EXPECT_EQ(test, 0, haltblk_fault_parse(fault, ""));
	KUNIT_EXPECT_EQ(test, 0UL, fault->probability);
}

/* A seed chooses the same times again, and about as many as it should. */
static void fault_seed(struct kunit *test)
{
	struct haltblk_fault *fault = test->priv;
	u64 first, other;

	KUNIT_ASSERT_EQ(test, 0, haltblk_fault_parse(fault, "1,50,0,-1"));
	first = fault_run(fault, 7);
	KUNIT_EXPECT_GT(test, hweight64(first), 16);
	KUNIT_EXPECT_LT(test, hweight64(first), 48);
	fault->draws = 0;
	KUNIT_EXPECT_EQ(test, first, fault_run(fault, 7));
	KUNIT_EXPECT_NE(test, first, fault_run(fault, 7));
	fault->draws = 0;
	other = fault_run(fault, 8);
	KUNIT_EXPECT_NE(test, first, other);
}

static struct kunit_case fault_cases[] = {
	KUNIT_CASE(fault_default),
	KUNIT_CASE(fault_numbers),
	KUNIT_CASE(fault_refused),
	KUNIT_CASE(fault_seed),
	{}
};

static struct kunit_suite fault_suite = {
	.name = "haltblk_fault",
	.init = fault_init,
	.test_cases = fault_cases,
};

kunit_test_suites(&fault_suite);
