// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit: cloning the data of a device. share_test.c has the sharing of pages.
 */
#include <kunit/test.h>

#include "fake.h"
#include "media/media.h"
#include "store_io.h"

/* A device with a page of data, and one without power that is to be its clone. */
struct clone_fixture {
	struct haltblk_device *dev;
	struct haltblk_device *to;
	u8 *page;
};

static struct clone_fixture clone_begin(struct kunit *test)
{
	struct fake *f = test->priv;
	struct clone_fixture c = {
		.dev = &f->dev,
		.to = kunit_kzalloc(test, sizeof(*c.to), GFP_KERNEL),
		.page = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL),
	};

	KUNIT_ASSERT_NOT_NULL(test, c.to);
	KUNIT_ASSERT_NOT_NULL(test, c.page);
	haltblk_memory_feature.init(c.to);
	haltblk_tuples_init(&c.to->integrity.tuples);
	memset(c.page, 1, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, 0, store_io_write(&c.dev->store, 0, c.page,
						PAGE_SIZE, GFP_KERNEL));
	return c;
}

static void clone_end(struct clone_fixture *c)
{
	haltblk_tuples_destroy(&c->to->integrity.tuples);
	haltblk_memory_feature.destroy(c->to);
}

/* Options that differ from what the caller has checked. */
static void clone_changed(struct kunit *test)
{
	struct clone_fixture c = clone_begin(test);
	struct haltblk_config cfg = c.dev->cfg;

	cfg.blocksize *= 2;
	KUNIT_EXPECT_EQ(test, -EAGAIN,
			haltblk_clone_store(c.dev, c.to, &cfg, false));
	KUNIT_EXPECT_EQ(test, 0, atomic_long_read(&c.to->store.nr_pages));
	KUNIT_EXPECT_FALSE(test, c.dev->cloning);
	KUNIT_EXPECT_EQ(test, 0, c.dev->by_cmd);
	/* Options that a powered device can change say nothing about its data. */
	cfg = c.dev->cfg;
	cfg.seed++;
	KUNIT_EXPECT_EQ(test, 0, haltblk_clone_store(c.dev, c.to, &cfg, false));
	KUNIT_EXPECT_EQ(test, 1, atomic_long_read(&c.to->store.nr_pages));
	KUNIT_EXPECT_EQ(test, 0, c.dev->by_cmd);
	clone_end(&c);
}

/* What the clone had before is gone, also the tuples of blocks. */
static void clone_tuples(struct kunit *test)
{
	struct clone_fixture c = clone_begin(test);
	struct t10_pi_tuple tuple = { .guard_tag = 1 };

	KUNIT_ASSERT_EQ(test, 0,
			haltblk_tuples_reserve(&c.to->integrity.tuples, 0, 1,
					       GFP_KERNEL));
	haltblk_tuples_put(&c.to->integrity.tuples, 0, &tuple, 1);
	KUNIT_EXPECT_EQ(test, 0,
			haltblk_clone_store(c.dev, c.to, &c.dev->cfg, false));
	haltblk_tuples_get(&c.to->integrity.tuples, 0, &tuple, 1);
	KUNIT_EXPECT_NULL(test, memchr_inv(&tuple, 0xff, sizeof(tuple)));
	clone_end(&c);
}

/* A page that was copied because it is shared has been written before. */
static void clone_written(struct kunit *test)
{
	struct clone_fixture c = clone_begin(test);
	struct page *page;

	KUNIT_ASSERT_EQ(test, 0,
			haltblk_clone_store(c.dev, c.to, &c.dev->cfg, false));
	KUNIT_ASSERT_EQ(test, 0, haltblk_pages_own(&c.dev->store, 0,
						   GFP_KERNEL));
	rcu_read_lock();
	page = haltblk_store_find(&c.dev->store, 0);
	KUNIT_EXPECT_NE(test, 0UL, page_private(page));
	KUNIT_EXPECT_NE(test, HALTBLK_STORE_SHARED, page_private(page));
	rcu_read_unlock();
	clone_end(&c);
}

static struct kunit_case clone_cases[] = {
	KUNIT_CASE(clone_changed),
	KUNIT_CASE(clone_tuples),
	KUNIT_CASE(clone_written),
	{}
};

static struct kunit_suite clone_suite = {
	.name = "haltblk_clone",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = clone_cases,
};

kunit_test_suites(&clone_suite);
