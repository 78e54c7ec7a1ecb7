// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: granules, and the erasure for each operation. */
#include <kunit/test.h>

#include "media/discard.h"

struct trim_case {
	u32 granule, first;
	u64 sector;
	u32 nr;
	u64 want_sector;
	u32 want_nr;
};

static void discard_trim(struct kunit *test)
{
	static const struct trim_case cases[] = {
		/* A granule is a sector: nothing to trim. */
		{ 1, 0, 5, 7, 5, 7 },
		{ 8, 0, 0, 8, 0, 8 },
		{ 8, 0, 8, 64, 8, 64 },
		{ 8, 0, 1, 15, 8, 8 },
		{ 8, 0, 0, 15, 0, 8 },
		{ 8, 0, 1, 14, 0, 0 },
		{ 8, 0, 1, 7, 0, 0 },
		{ 8, 0, 2, 3, 0, 0 },
		{ 8, 0, 7, 2, 0, 0 },
		{ 8, 0, 7, 10, 8, 8 },
		/* Not a power of two. */
		{ 24, 0, 0, 24, 0, 24 },
		{ 24, 0, 23, 26, 24, 24 },
		{ 24, 0, 24, 64, 24, 48 },
		{ 24, 0, 25, 46, 0, 0 },
		{ 24, 0, 25, 47, 48, 24 },
		{ 3, 0, 1, 8, 3, 6 },
		/* Sectors before the first granule belong to none. */
		{ 24, 8, 0, 8, 0, 0 },
		{ 24, 8, 0, 32, 8, 24 },
		{ 24, 8, 8, 24, 8, 24 },
		{ 24, 8, 0, 4, 0, 0 },
		{ 24, 8, 7, 50, 8, 48 },
		{ 24, 16, 0, 1000, 16, 984 },
		/* At a large sector, and as long as a request can be. */
		{ 24, 0, (1ULL << 53) - 1, 0x7fffff, (1ULL << 53) + 16, 8388576 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct trim_case *c = &cases[i];
		struct haltblk_discard d = {
			.granule = c->granule, .first = c->first,
		};
		u64 sector = c->sector;
		u32 nr = c->nr;

		haltblk_discard_trim(&d, &sector, &nr);
		KUNIT_EXPECT_EQ_MSG(test, nr, c->want_nr, "case %d", i);
		if (nr)
			KUNIT_EXPECT_EQ_MSG(test, sector, c->want_sector,
					    "case %d", i);
	}
}

/* Compare one range with the definition. */
static void discard_trim_one(struct kunit *test,
			     const struct haltblk_discard *d, u64 at, u32 nr)
{
	u64 sector = at, want = 0, begin = 0, g;
	u32 n = nr;

	for (g = d->first; g + d->granule <= at + nr; g += d->granule) {
		if (g < at)
			continue;
		if (!want)
			begin = g;
		want += d->granule;
	}
	haltblk_discard_trim(d, &sector, &n);
	if (n != want || (n && sector != begin))
		KUNIT_FAIL(test, "granule %u+%u: %llu+%u is %llu+%u, not %llu+%llu",
			   d->first, d->granule, at, nr, sector, n, begin, want);
}

/* Check all ranges of a small device. */
static void discard_trim_all(struct kunit *test)
{
	struct haltblk_discard d;
	unsigned int i;

	for (d.granule = 2; d.granule <= 7; d.granule++)
		for (d.first = 0; d.first < d.granule; d.first++)
			for (i = 0; i < 24 * 24; i++)
				discard_trim_one(test, &d, i / 24, 1 + i % 24);
}

static void discard_init(struct kunit *test)
{
	struct haltblk_discard d;

	haltblk_discard_init(&d, HALTBLK_DISCARD_ZEROES, 512, 0, 0);
	KUNIT_EXPECT_EQ(test, d.granule, 1);
	KUNIT_EXPECT_EQ(test, d.first, 0);
	KUNIT_EXPECT_EQ(test, d.how, HALTBLK_ERASE_FREE);
	haltblk_discard_init(&d, HALTBLK_DISCARD_POISON, 512, 12288, 8192);
	KUNIT_EXPECT_EQ(test, d.granule, 24);
	KUNIT_EXPECT_EQ(test, d.first, 16);
	KUNIT_EXPECT_EQ(test, d.how, HALTBLK_ERASE_POISON);
	haltblk_discard_init(&d, HALTBLK_DISCARD_POISON, 512, 512, 0);
	KUNIT_EXPECT_EQ(test, d.granule, 1);
}

/* Only a discard is trimmed to granules, and only it may leave old data. */
static void discard_plan(struct kunit *test)
{
	const struct haltblk_discard d = {
		.granule = 8, .how = HALTBLK_ERASE_STALE,
	};
	u64 sector = 1;
	u32 nr = 23;

	KUNIT_EXPECT_EQ(test, HALTBLK_ERASE_SECURE,
			haltblk_discard_plan(&d, HALTBLK_OP_SECURE_ERASE,
					     false, &sector, &nr));
	KUNIT_EXPECT_EQ(test, HALTBLK_ERASE_FREE,
			haltblk_discard_plan(&d, HALTBLK_OP_WRITE_ZEROES,
					     false, &sector, &nr));
	KUNIT_EXPECT_EQ(test, HALTBLK_ERASE_KEEP,
			haltblk_discard_plan(&d, HALTBLK_OP_WRITE_ZEROES,
					     true, &sector, &nr));
	KUNIT_EXPECT_EQ(test, sector, 1);
	KUNIT_EXPECT_EQ(test, nr, 23);
	KUNIT_EXPECT_EQ(test, HALTBLK_ERASE_STALE,
			haltblk_discard_plan(&d, HALTBLK_OP_DISCARD, false,
					     &sector, &nr));
	KUNIT_EXPECT_EQ(test, sector, 8);
	KUNIT_EXPECT_EQ(test, nr, 16);
}

static struct kunit_case discard_cases[] = {
	KUNIT_CASE(discard_trim),
	KUNIT_CASE(discard_trim_all),
	KUNIT_CASE(discard_init),
	KUNIT_CASE(discard_plan),
	{}
};

static struct kunit_suite discard_suite = {
	.name = "haltblk_discard",
	.test_cases = discard_cases,
};

kunit_test_suites(&discard_suite);
