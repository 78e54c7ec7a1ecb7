// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: the array of the tuples that protect blocks (T10 PI). */
#include <kunit/test.h>
#include <linux/mm.h>

#include "media/tuples.h"

#define PER_PAGE	(PAGE_SIZE / sizeof(struct t10_pi_tuple))

static int tuples_init(struct kunit *test)
{
	struct haltblk_tuples *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	haltblk_tuples_init(t);
	test->priv = t;
	return 0;
}

static void tuples_exit(struct kunit *test)
{
	if (test->priv)
		haltblk_tuples_destroy(test->priv);
}

static unsigned int tuples_pages(struct haltblk_tuples *t)
{
	unsigned long index;
	unsigned int nr = 0;
	void *page;

	xa_for_each(&t->pages, index, page)
		nr++;
	return nr;
}

static struct t10_pi_tuple tuples_make(u64 block)
{
	return (struct t10_pi_tuple) {
		.guard_tag = cpu_to_be16(block * 7),
		.app_tag = cpu_to_be16(1),
		.ref_tag = cpu_to_be32(block),
	};
}

static void tuples_put(struct kunit *test, u64 block, u64 nr)
{
	struct haltblk_tuples *t = test->priv;
	struct t10_pi_tuple one;

	KUNIT_ASSERT_EQ(test, haltblk_tuples_reserve(t, block, nr, GFP_KERNEL),
			0);
	for (; nr--; block++) {
		one = tuples_make(block);
		haltblk_tuples_put(t, block, &one, 1);
	}
}

/* Do all these blocks have the tuples of tuples_put(), or none? */
static bool tuples_are(struct kunit *test, u64 block, u64 nr, bool there)
{
	const struct t10_pi_tuple escape = {
		.guard_tag = cpu_to_be16(0xffff),
		.app_tag = T10_PI_APP_ESCAPE,
		.ref_tag = T10_PI_REF_ESCAPE,
	};
	struct t10_pi_tuple got[3], want;
	unsigned int i, n;

	for (; nr; block += n, nr -= n) {
		n = min_t(u64, nr, ARRAY_SIZE(got));
		haltblk_tuples_get(test->priv, block, got, n);
		for (i = 0; i < n; i++) {
			want = there ? tuples_make(block + i) : escape;
			if (memcmp(&got[i], &want, sizeof(want)))
				return false;
		}
	}
	return true;
}

static void tuples_none(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, tuples_are(test, 0, 2 * PER_PAGE, false));
	/* Room for a tuple is not a tuple. */
	KUNIT_EXPECT_EQ(test, haltblk_tuples_reserve(test->priv, 3, 1,
						     GFP_KERNEL), 0);
	KUNIT_EXPECT_TRUE(test, tuples_are(test, 0, PER_PAGE, false));
}

static void tuples_kept(struct kunit *test)
{
	const u64 far = 1ULL << 31;

	tuples_put(test, PER_PAGE - 5, 10);
	tuples_put(test, far - 1, 2);
	KUNIT_EXPECT_TRUE(test, tuples_are(test, PER_PAGE - 5, 10, true));
	KUNIT_EXPECT_TRUE(test, tuples_are(test, far - 1, 2, true));
	KUNIT_EXPECT_TRUE(test, tuples_are(test, 0, PER_PAGE - 5, false));
	KUNIT_EXPECT_TRUE(test, tuples_are(test, PER_PAGE + 5, 64, false));
	KUNIT_EXPECT_TRUE(test, tuples_are(test, far + 1, 64, false));
	KUNIT_EXPECT_EQ(test, tuples_pages(test->priv), 4);
}

/* Across pages, in one call. */
static void tuples_at_once(struct kunit *test)
{
	struct haltblk_tuples *t = test->priv;
	struct t10_pi_tuple in[9], out[9];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(in); i++)
		in[i] = tuples_make(PER_PAGE - 4 + i);
	KUNIT_ASSERT_EQ(test, haltblk_tuples_reserve(t, PER_PAGE - 4, 9,
						     GFP_KERNEL), 0);
	haltblk_tuples_put(t, PER_PAGE - 4, in, 9);
	haltblk_tuples_get(t, PER_PAGE - 4, out, 9);
	KUNIT_EXPECT_EQ(test, memcmp(in, out, sizeof(in)), 0);
	KUNIT_EXPECT_TRUE(test, tuples_are(test, PER_PAGE - 4, 9, true));
}

static void tuples_erased(struct kunit *test)
{
	struct haltblk_tuples *t = test->priv;

	tuples_put(test, 0, 3 * PER_PAGE);
	haltblk_tuples_erase(t, 7, 0);
	KUNIT_EXPECT_TRUE(test, tuples_are(test, 0, 3 * PER_PAGE, true));
	haltblk_tuples_erase(t, PER_PAGE - 1, PER_PAGE + 2);
	KUNIT_EXPECT_TRUE(test, tuples_are(test, 0, PER_PAGE - 1, true));
	KUNIT_EXPECT_TRUE(test, tuples_are(test, PER_PAGE - 1, PER_PAGE + 2,
					   false));
	KUNIT_EXPECT_TRUE(test, tuples_are(test, 2 * PER_PAGE + 1,
					   PER_PAGE - 1, true));
	KUNIT_EXPECT_EQ(test, tuples_pages(t), 2);
	/* A page goes with its last tuple. */
	haltblk_tuples_erase(t, 0, PER_PAGE - 2);
	KUNIT_EXPECT_EQ(test, tuples_pages(t), 2);
	haltblk_tuples_erase(t, PER_PAGE - 2, 1);
	KUNIT_EXPECT_EQ(test, tuples_pages(t), 1);
	haltblk_tuples_erase(t, 0, 1ULL << 52);
	KUNIT_EXPECT_EQ(test, tuples_pages(t), 0);
}

/* Only tags that have the number of their block, from 32 bits of it. */
static void tuples_remapped(struct kunit *test)
{
	struct t10_pi_tuple t[4];
	unsigned int i;

	for (i = 0; i < 4; i++)
		t[i] = tuples_make(0xfffffffeULL + i);
	t[1].ref_tag = cpu_to_be32(5);
	haltblk_tuples_remap(t, 4, 0xfffffffe, 100);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(t[0].ref_tag), 100);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(t[1].ref_tag), 5);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(t[2].ref_tag), 102);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(t[3].ref_tag), 103);
	haltblk_tuples_remap(t, 4, 100, 0xfffffffe);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(t[3].ref_tag), 1);
	KUNIT_EXPECT_EQ(test, be32_to_cpu(t[1].ref_tag), 5);
}

static struct kunit_case tuples_cases[] = {
	KUNIT_CASE(tuples_none),
	KUNIT_CASE(tuples_kept),
	KUNIT_CASE(tuples_at_once),
	KUNIT_CASE(tuples_erased),
	KUNIT_CASE(tuples_remapped),
	{}
};

static struct kunit_suite tuples_suite = {
	.name = "haltblk_tuples",
	.init = tuples_init,
	.exit = tuples_exit,
	.test_cases = tuples_cases,
};

kunit_test_suites(&tuples_suite);
