// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: parsing latencies, and what is drawn from them. */
#include <kunit/test.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "latency.h"

#define DRAWS	10000

static int parse(struct haltblk_latency *l, const char *text)
{
	char why[128] = "";
	int err;

	memset(l, 0, sizeof(*l));
	err = haltblk_latency_parse(l, text, why, sizeof(why));
	/* A refusal always gives a reason, a success never does. */
	return !!err == !!why[0] ? err : -EPROTO;
}

/* Each is read, and printed so that it can be read again. */
static void latency_accepts(struct kunit *test)
{
	static const struct {
		const char *text, *printed;
	} rows[] = {
		{ "0", "0" },
		{ "1000", "1000" },
		{ "1000000000000", "1000000000000" },
		{ "uniform:0-0", "uniform:0-0" },
		{ "uniform:5-1000000000000", "uniform:5-1000000000000" },
		{ "normal:80000,10000", "normal:80000,10000" },
		{ "percentiles:50=7", "percentiles:50.0000=7" },
		{ "percentiles:0=1,99.99=1,100=20",
		  "percentiles:0.0000=1,99.9900=1,100.0000=20" },
		{ "percentiles:1.000000=1,99.9500000=2",
		  "percentiles:1.0000=1,99.9500=2" },
	};
	struct haltblk_latency l;
	char buf[128];
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_EXPECT_EQ_MSG(test, parse(&l, rows[i].text), 0, "%s",
				    rows[i].text);
		haltblk_latency_format(&l, buf, sizeof(buf));
		KUNIT_EXPECT_STREQ(test, buf, rows[i].printed);
		KUNIT_EXPECT_EQ_MSG(test, parse(&l, buf), 0, "%s", buf);
	}
}

static void latency_refuses(struct kunit *test)
{
	static const char * const texts[] = {
		"", "-1", "x", "1 ", "0x10", "1us", "1000000000001",
		"18446744073709551616", "36893488147419103232",
		"uniform:", "uniform:1", "uniform:1-", "uniform:2-1",
		"uniform:1-2-3", "uniform:1,2", "uniform:1-1000000000001",
		"normal:1", "normal:1-2", "normal:1,2,3", "normal:,",
		"percentiles:", "percentiles:50", "percentiles:50=",
		"percentiles:101=1", "percentiles:100.0001=1",
		"percentiles:1.00001=1", "percentiles:50=1,50=2",
		"percentiles:50=2,60=1", "percentiles:50=1;60=2",
		"percentiles:50=1,", "percentiles:1=1000000000001",
		"percentiles:1=1,2=1,3=1,4=1,5=1,6=1,7=1,8=1,9=1,10=1,11=1,12=1,13=1,14=1,15=1,16=1,17=1,18=1,19=1,20=1,21=1,22=1,23=1,24=1,25=1",
	};
	struct haltblk_latency l;
	int i;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		KUNIT_EXPECT_EQ_MSG(test, parse(&l, texts[i]), -EINVAL, "'%s'",
				    texts[i]);
}

static int compare(const void *a, const void *b)
{
	const u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* Draw DRAWS times and sort. */
static u64 *draw(struct kunit *test, const char *text)
{
	struct haltblk_latency l;
	u64 *ns;
	int i;

	ns = kunit_kcalloc(test, DRAWS, sizeof(*ns), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ns);
	KUNIT_ASSERT_EQ(test, parse(&l, text), 0);
	for (i = 0; i < DRAWS; i++)
		ns[i] = haltblk_latency_draw(&l, 1, i);
	sort(ns, DRAWS, sizeof(*ns), compare, NULL);
	return ns;
}

static void latency_fixed(struct kunit *test)
{
	u64 *ns = draw(test, "1234");

	KUNIT_EXPECT_EQ(test, ns[0], 1234);
	KUNIT_EXPECT_EQ(test, ns[DRAWS - 1], 1234);
}

#define EXPECT_NEAR(test, value, want, within) do {			\
	KUNIT_EXPECT_GE(test, value, (want) - (within));		\
	KUNIT_EXPECT_LE(test, value, (want) + (within));		\
} while (0)

static void latency_uniform(struct kunit *test)
{
	u64 *ns = draw(test, "uniform:1000000-2000000");
	int i;

	KUNIT_EXPECT_GE(test, ns[0], 1000000);
	KUNIT_EXPECT_LE(test, ns[DRAWS - 1], 2000000);
	for (i = 1; i < 10; i++)
		EXPECT_NEAR(test, ns[DRAWS / 10 * i], 1000000 + 100000 * i,
			    20000);
}

/* 2.3, 15.9, 50, 84.1 and 97.7 percent lie below -2, -1, 0, 1, 2 deviations. */
static void latency_normal(struct kunit *test)
{
	u64 *ns = draw(test, "normal:1000000,100000");

	EXPECT_NEAR(test, ns[227], 800000, 15000);
	EXPECT_NEAR(test, ns[1587], 900000, 8000);
	EXPECT_NEAR(test, ns[5000], 1000000, 5000);
	EXPECT_NEAR(test, ns[8413], 1100000, 8000);
	EXPECT_NEAR(test, ns[9772], 1200000, 15000);
	/* What would be negative takes no time. */
	ns = draw(test, "normal:0,100000");
	KUNIT_EXPECT_EQ(test, ns[DRAWS / 3], 0);
	KUNIT_EXPECT_GT(test, ns[DRAWS * 2 / 3], 0);
}

static void latency_percentiles(struct kunit *test)
{
	u64 *ns = draw(test, "percentiles:50=1000000,90=2000000,99=9000000");

	KUNIT_EXPECT_EQ(test, ns[0], 1000000);
	KUNIT_EXPECT_EQ(test, ns[4800], 1000000);
	EXPECT_NEAR(test, ns[7000], 1500000, 30000);
	EXPECT_NEAR(test, ns[9000], 2000000, 300000);
	EXPECT_NEAR(test, ns[9450], 5500000, 400000);
	KUNIT_EXPECT_EQ(test, ns[DRAWS - 1], 9000000);
}

/* The same seed gives the same sequence, another seed another one. */
static void latency_seed(struct kunit *test)
{
	struct haltblk_latency l;
	int i, same = 0;

	KUNIT_ASSERT_EQ(test, parse(&l, "uniform:0-1000000"), 0);
	for (i = 0; i < 100; i++) {
		KUNIT_EXPECT_EQ(test, haltblk_latency_draw(&l, 7, i),
				haltblk_latency_draw(&l, 7, i));
		same += haltblk_latency_draw(&l, 7, i) ==
			haltblk_latency_draw(&l, 8, i);
	}
	KUNIT_EXPECT_LT(test, same, 2);
}

static struct kunit_case latency_cases[] = {
	KUNIT_CASE(latency_accepts),
	KUNIT_CASE(latency_refuses),
	KUNIT_CASE(latency_fixed),
	KUNIT_CASE(latency_uniform),
	KUNIT_CASE(latency_normal),
	KUNIT_CASE(latency_percentiles),
	KUNIT_CASE(latency_seed),
	{ }
};

static struct kunit_suite latency_suite = {
	.name = "haltblk_latency",
	.test_cases = latency_cases,
};
kunit_test_suite(latency_suite);
