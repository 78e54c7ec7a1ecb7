// SPDX-License-Identifier: GPL-2.0-only
/* KUnit: zones, their conditions, write pointers and limits. */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "media/zones.h"

#define ZONE	64	/* sectors of a zone */
#define CAP	56	/* writable sectors of a zone */
#define CONV	1	/* conventional zones */
#define NR	8	/* zones */

/* Short names for conditions and operations. */
#define EMPTY	BLK_ZONE_COND_EMPTY
#define IMP	BLK_ZONE_COND_IMP_OPEN
#define EXP	BLK_ZONE_COND_EXP_OPEN
#define CLOSED	BLK_ZONE_COND_CLOSED
#define FULL	BLK_ZONE_COND_FULL
#define RDONLY	BLK_ZONE_COND_READONLY
#define OFFLINE	BLK_ZONE_COND_OFFLINE

#define OPEN	HALTBLK_OP_ZONE_OPEN
#define CLOSE	HALTBLK_OP_ZONE_CLOSE
#define FINISH	HALTBLK_OP_ZONE_FINISH
#define RESET	HALTBLK_OP_ZONE_RESET

struct fixture {
	struct haltblk_zones z;
	u64 erased;
	u64 erased_sectors;
	unsigned int erasures;
};

static const struct haltblk_zones_shape plain = {
	.sectors = NR * ZONE, .zone_sectors = ZONE, .capacity = CAP,
	.nr_conv = CONV,
};

static struct haltblk_zones *make(struct kunit *test,
				  const struct haltblk_zones_shape *shape)
{
	struct fixture *f = test->priv;

	haltblk_zones_destroy(&f->z);
	KUNIT_ASSERT_EQ(test, 0, haltblk_zones_init(&f->z, shape));
	return &f->z;
}

static struct haltblk_zones *make_limited(struct kunit *test, u32 open,
					  u32 active)
{
	struct haltblk_zones_shape shape = plain;

	shape.max_open = open;
	shape.max_active = active;
	return make(test, &shape);
}

static void erase(void *priv, u64 sector, u64 nr_sectors)
{
	struct fixture *f = priv;

	f->erased = sector;
	f->erased_sectors = nr_sectors;
	f->erasures++;
}

static void expect(struct kunit *test, struct haltblk_zones *z, u32 nr,
		   u8 cond, u32 wp)
{
	struct blk_zone zone;

	haltblk_zones_report(z, nr, &zone);
	KUNIT_EXPECT_EQ_MSG(test, zone.cond, cond, "zone %u", nr);
	KUNIT_EXPECT_EQ_MSG(test, zone.wp, zone.start + wp, "zone %u", nr);
}

/* Append to a zone, with all its steps. */
static int put(struct haltblk_zones *z, u32 nr, u32 sectors)
{
	struct haltblk_zone_write w = {
		.sector = nr * ZONE, .nr_sectors = sectors,
	};
	int err = haltblk_zonewrite_admit(z, &w, true);

	if (err)
		return err;
	err = haltblk_zonewrite_move_begin(z, &w, false);
	if (err)
		return err;
	haltblk_zonewrite_move_end(z, &w);
	haltblk_zonewrite_done(z, &w, sectors);
	return 0;
}

static int write_at(struct haltblk_zones *z, u64 sector, u32 sectors)
{
	struct haltblk_zone_write w = {
		.sector = sector, .nr_sectors = sectors,
	};
	int err = haltblk_zonewrite_admit(z, &w, false);

	if (!err)
		haltblk_zonewrite_done(z, &w, sectors);
	return err;
}

static struct haltblk_zone_write admit(struct kunit *test,
				       struct haltblk_zones *z, u32 nr,
				       u32 sectors, u32 where)
{
	struct haltblk_zone_write w = {
		.sector = nr * ZONE, .nr_sectors = sectors,
	};

	KUNIT_EXPECT_EQ(test, 0, haltblk_zonewrite_admit(z, &w, true));
	KUNIT_EXPECT_EQ(test, w.sector, nr * ZONE + where);
	return w;
}

static int manage(struct haltblk_zones *z, enum haltblk_op op, u32 nr)
{
	return haltblk_zones_manage(z, op, nr * ZONE, NULL, NULL);
}

static void zones_shape(struct kunit *test)
{
	struct haltblk_zones_shape shape = plain;
	struct haltblk_zones *z = make(test, &plain);
	struct blk_zone zone;

	KUNIT_EXPECT_EQ(test, z->nr, NR);
	haltblk_zones_report(z, 0, &zone);
	KUNIT_EXPECT_EQ(test, zone.type, BLK_ZONE_TYPE_CONVENTIONAL);
	KUNIT_EXPECT_EQ(test, zone.cond, BLK_ZONE_COND_NOT_WP);
	KUNIT_EXPECT_EQ(test, zone.capacity, ZONE);
	haltblk_zones_report(z, NR - 1, &zone);
	KUNIT_EXPECT_EQ(test, zone.type, BLK_ZONE_TYPE_SEQWRITE_REQ);
	KUNIT_EXPECT_EQ(test, zone.start, (NR - 1) * ZONE);
	KUNIT_EXPECT_EQ(test, zone.len, ZONE);
	KUNIT_EXPECT_EQ(test, zone.capacity, CAP);
	expect(test, z, 1, EMPTY, 0);

	/* The last zone is smaller. */
	shape.sectors -= ZONE - 10;
	shape.capacity = ZONE;
	shape.full = true;
	z = make(test, &shape);
	KUNIT_EXPECT_EQ(test, z->nr, NR);
	haltblk_zones_report(z, NR - 1, &zone);
	KUNIT_EXPECT_EQ(test, zone.len, 10);
	KUNIT_EXPECT_EQ(test, zone.capacity, 10);
	expect(test, z, NR - 1, FULL, 10);
	expect(test, z, 1, FULL, ZONE);
	haltblk_zones_report(z, 0, &zone);
	KUNIT_EXPECT_EQ(test, zone.cond, BLK_ZONE_COND_NOT_WP);
}

static void zones_write(struct kunit *test)
{
	struct haltblk_zones *z = make(test, &plain);

	KUNIT_EXPECT_EQ(test, -EIO, write_at(z, ZONE + 1, 8));
	expect(test, z, 1, EMPTY, 0);
	KUNIT_EXPECT_EQ(test, 0, write_at(z, ZONE, 8));
	expect(test, z, 1, IMP, 8);
	KUNIT_EXPECT_EQ(test, -EIO, write_at(z, ZONE, 8));
	KUNIT_EXPECT_EQ(test, -EIO, write_at(z, ZONE + 16, 8));
	KUNIT_EXPECT_EQ(test, -EIO, write_at(z, ZONE + 8, CAP - 7));
	expect(test, z, 1, IMP, 8);
	KUNIT_EXPECT_EQ(test, 0, write_at(z, ZONE + 8, CAP - 8));
	expect(test, z, 1, FULL, CAP);
	KUNIT_EXPECT_EQ(test, -EIO, write_at(z, ZONE + CAP, 1));
	KUNIT_EXPECT_EQ(test, -EIO, put(z, 1, 1));
	expect(test, z, 2, EMPTY, 0);

	/* Conventional zones have no order and take no append. */
	KUNIT_EXPECT_EQ(test, 0, write_at(z, 40, 8));
	KUNIT_EXPECT_EQ(test, 0, write_at(z, 0, ZONE));
	KUNIT_EXPECT_EQ(test, -EIO, write_at(z, ZONE - 8, 16));
	KUNIT_EXPECT_EQ(test, -EIO, put(z, 0, 8));
}

static void zones_read(struct kunit *test)
{
	struct haltblk_zones *z = make(test, &plain);
	struct haltblk_zone_write w;

	KUNIT_EXPECT_EQ(test, 8, haltblk_zonewrite_readable(z, 8, 8));
	KUNIT_EXPECT_EQ(test, 0, haltblk_zonewrite_readable(z, ZONE, 8));
	w = admit(test, z, 1, 12, 0);
	/* Data that has not moved cannot be read. */
	KUNIT_EXPECT_EQ(test, 0, haltblk_zonewrite_readable(z, ZONE, 8));
	haltblk_zonewrite_done(z, &w, 12);
	KUNIT_EXPECT_EQ(test, 8, haltblk_zonewrite_readable(z, ZONE, 8));
	KUNIT_EXPECT_EQ(test, 4, haltblk_zonewrite_readable(z, ZONE + 8, 8));
	KUNIT_EXPECT_EQ(test, 0, haltblk_zonewrite_readable(z, ZONE + 12, 8));
	/* All of a finished zone can be read. */
	KUNIT_EXPECT_EQ(test, 0, manage(z, FINISH, 1));
	KUNIT_EXPECT_EQ(test, 8, haltblk_zonewrite_readable(z, ZONE + 48, 8));
}

/* Bring zone 1, which is empty, into a condition. */
static void bring(struct kunit *test, struct haltblk_zones *z, u8 cond)
{
	switch (cond) {
	case IMP:
		KUNIT_ASSERT_EQ(test, 0, put(z, 1, 8));
		break;
	case EXP:
		KUNIT_ASSERT_EQ(test, 0, put(z, 1, 8));
		KUNIT_ASSERT_EQ(test, 0, manage(z, OPEN, 1));
		break;
	case CLOSED:
		KUNIT_ASSERT_EQ(test, 0, put(z, 1, 8));
		KUNIT_ASSERT_EQ(test, 0, manage(z, CLOSE, 1));
		break;
	case FULL:
		KUNIT_ASSERT_EQ(test, 0, put(z, 1, CAP));
		break;
	case RDONLY:
	case OFFLINE:
		KUNIT_ASSERT_EQ(test, 0, haltblk_zones_break(z, ZONE, cond,
							     NULL, NULL));
		break;
	default:
		break;
	}
}

/* The condition after each operation in each condition; 0 if it is refused. */
static void zones_matrix(struct kunit *test)
{
	static const struct {
		u8 from, open, close, finish, reset, write;
	} cases[] = {
		{ EMPTY,	EXP,	0,	FULL,	EMPTY,	IMP },
		{ IMP,		EXP,	CLOSED,	FULL,	EMPTY,	IMP },
		{ EXP,		EXP,	CLOSED,	FULL,	EMPTY,	EXP },
		{ CLOSED,	EXP,	CLOSED,	FULL,	EMPTY,	IMP },
		{ FULL,		0,	0,	FULL,	EMPTY,	0 },
		{ RDONLY,	0,	0,	0,	0,	0 },
		{ OFFLINE,	0,	0,	0,	0,	0 },
	};
	static const enum haltblk_op ops[] = { OPEN, CLOSE, FINISH, RESET };
	struct haltblk_zones *z;
	struct blk_zone zone;
	int i, k, err, may;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		for (k = 0; k <= ARRAY_SIZE(ops); k++) {
			const u8 *want = &cases[i].open;

			z = make_limited(test, 3, 5);
			bring(test, z, cases[i].from);
			if (k < ARRAY_SIZE(ops)) {
				may = haltblk_zones_may_manage(z, ops[k], ZONE);
				err = manage(z, ops[k], 1);
				KUNIT_EXPECT_EQ(test, may, err);
			} else {
				err = put(z, 1, 8);
			}
			haltblk_zones_report(z, 1, &zone);
			KUNIT_EXPECT_EQ_MSG(test, err, want[k] ? 0 : -EIO,
					    "%x, %d", cases[i].from, k);
			KUNIT_EXPECT_EQ_MSG(test, zone.cond,
					    want[k] ?: cases[i].from,
					    "%x, %d", cases[i].from, k);
			/* It is counted for its condition. */
			KUNIT_EXPECT_EQ(test, z->imp_open, zone.cond == IMP);
			KUNIT_EXPECT_EQ(test, z->exp_open, zone.cond == EXP);
			KUNIT_EXPECT_EQ(test, z->closed, zone.cond == CLOSED);
		}
	/* A conventional zone has no condition. */
	for (k = 0; k < ARRAY_SIZE(ops); k++)
		KUNIT_EXPECT_EQ(test, -EIO, manage(z, ops[k], 0));
	/* A zone without data is not active. */
	KUNIT_EXPECT_EQ(test, 0, manage(z, OPEN, 2));
	KUNIT_EXPECT_EQ(test, 0, manage(z, CLOSE, 2));
	expect(test, z, 2, EMPTY, 0);
	KUNIT_EXPECT_EQ(test, 0, manage(z, FINISH, 2));
	expect(test, z, 2, FULL, ZONE);
	/* A zone that is already full stays as it is. */
	KUNIT_EXPECT_EQ(test, 0, put(z, 3, CAP));
	KUNIT_EXPECT_EQ(test, 0, manage(z, FINISH, 3));
	expect(test, z, 3, FULL, CAP);
}

static void zones_max_open(struct kunit *test)
{
	struct haltblk_zones *z = make_limited(test, 2, 0);

	/* Zones that writes opened are closed for others, in turn. */
	KUNIT_EXPECT_EQ(test, 0, put(z, 1, 8));
	KUNIT_EXPECT_EQ(test, 0, put(z, 2, 8));
	KUNIT_EXPECT_EQ(test, 0, put(z, 3, 8));
	expect(test, z, 1, CLOSED, 8);
	expect(test, z, 2, IMP, 8);
	KUNIT_EXPECT_EQ(test, 0, put(z, 1, 8));
	expect(test, z, 2, CLOSED, 8);
	expect(test, z, 3, IMP, 8);
	expect(test, z, 1, IMP, 16);
	KUNIT_EXPECT_EQ(test, 0, manage(z, OPEN, 4));
	expect(test, z, 3, CLOSED, 8);
	/* Zones that were opened on request are not closed. */
	KUNIT_EXPECT_EQ(test, 0, manage(z, OPEN, 5));
	expect(test, z, 1, CLOSED, 16);
	KUNIT_EXPECT_EQ(test, -ETOOMANYREFS, manage(z, OPEN, 6));
	KUNIT_EXPECT_EQ(test, -ETOOMANYREFS, put(z, 6, 8));
	KUNIT_EXPECT_EQ(test, -ETOOMANYREFS, put(z, 1, 8));
	KUNIT_EXPECT_EQ(test, -ETOOMANYREFS, manage(z, FINISH, 6));
	expect(test, z, 6, EMPTY, 0);
	KUNIT_EXPECT_EQ(test, 0, put(z, 5, 8));
	/* Each way in which a zone stops being open makes room. */
	KUNIT_EXPECT_EQ(test, 0, put(z, 5, CAP - 8));
	expect(test, z, 5, FULL, CAP);
	KUNIT_EXPECT_EQ(test, 0, manage(z, OPEN, 6));
	KUNIT_EXPECT_EQ(test, -ETOOMANYREFS, manage(z, OPEN, 1));
	KUNIT_EXPECT_EQ(test, 0, manage(z, FINISH, 6));
	KUNIT_EXPECT_EQ(test, 0, manage(z, OPEN, 1));
	KUNIT_EXPECT_EQ(test, 0, manage(z, RESET, 1));
	KUNIT_EXPECT_EQ(test, 0, manage(z, OPEN, 2));
	KUNIT_EXPECT_EQ(test, 0, manage(z, CLOSE, 2));
	KUNIT_EXPECT_EQ(test, 0, manage(z, OPEN, 3));
	KUNIT_EXPECT_EQ(test, 0, haltblk_zones_break(z, 3 * ZONE, RDONLY,
						     NULL, NULL));
	KUNIT_EXPECT_EQ(test, 0, manage(z, OPEN, 7));
	KUNIT_EXPECT_EQ(test, z->exp_open, 2);
	KUNIT_EXPECT_EQ(test, z->imp_open, 0);
	KUNIT_EXPECT_EQ(test, z->closed, 1);
}

static void zones_max_active(struct kunit *test)
{
	struct haltblk_zones *z = make_limited(test, 1, 2);

	KUNIT_EXPECT_EQ(test, 0, put(z, 1, 8));
	KUNIT_EXPECT_EQ(test, 0, put(z, 2, 8));
	expect(test, z, 1, CLOSED, 8);
	KUNIT_EXPECT_EQ(test, -EOVERFLOW, put(z, 3, 8));
	KUNIT_EXPECT_EQ(test, -EOVERFLOW, manage(z, OPEN, 3));
	KUNIT_EXPECT_EQ(test, -EOVERFLOW, manage(z, FINISH, 3));
	/* A closed zone is active already, so it can replace the open one. */
	KUNIT_EXPECT_EQ(test, 0, put(z, 1, 8));
	expect(test, z, 1, IMP, 16);
	expect(test, z, 2, CLOSED, 8);
	KUNIT_EXPECT_EQ(test, 0, manage(z, RESET, 2));
	KUNIT_EXPECT_EQ(test, 0, put(z, 3, 8));
	KUNIT_EXPECT_EQ(test, 0, put(z, 3, CAP - 8));
	KUNIT_EXPECT_EQ(test, 0, put(z, 4, 8));
	KUNIT_EXPECT_EQ(test, -EOVERFLOW, put(z, 5, 8));
	/* A broken zone needs no room, and neither does a healed one. */
	KUNIT_EXPECT_EQ(test, 0, haltblk_zones_break(z, ZONE, OFFLINE, NULL,
						     NULL));
	KUNIT_EXPECT_EQ(test, 0, put(z, 5, 8));
	KUNIT_EXPECT_EQ(test, 0, haltblk_zones_break(z, ZONE, OFFLINE, NULL,
						     NULL));
	KUNIT_EXPECT_EQ(test, -EOVERFLOW, put(z, 1, 8));
	expect(test, z, 1, EMPTY, 0);
}

/* Data that moved is not lost; a failed write leaves at most a hole. */
static void zones_fail(struct kunit *test)
{
	struct haltblk_zones *z = make(test, &plain);
	struct haltblk_zone_write a, b, c;

	/* The only write fails. */
	a = admit(test, z, 1, 8, 0);
	expect(test, z, 1, IMP, 0);
	haltblk_zonewrite_done(z, &a, 0);
	expect(test, z, 1, IMP, 0);
	/* The last of several fails: its sectors are free at once. */
	a = admit(test, z, 1, 8, 0);
	b = admit(test, z, 1, 8, 8);
	haltblk_zonewrite_done(z, &b, 0);
	c = admit(test, z, 1, 4, 8);
	haltblk_zonewrite_done(z, &c, 4);
	expect(test, z, 1, IMP, 12);
	haltblk_zonewrite_done(z, &a, 8);
	expect(test, z, 1, IMP, 12);
	/* One that is not the last fails. */
	a = admit(test, z, 1, 8, 12);
	b = admit(test, z, 1, 8, 20);
	haltblk_zonewrite_done(z, &a, 0);
	c = admit(test, z, 1, 4, 28);
	haltblk_zonewrite_done(z, &c, 0);
	haltblk_zonewrite_done(z, &b, 8);
	expect(test, z, 1, IMP, 28);
	/* All of them fail, in order. */
	a = admit(test, z, 1, 8, 28);
	b = admit(test, z, 1, 8, 36);
	haltblk_zonewrite_done(z, &a, 0);
	haltblk_zonewrite_done(z, &b, 0);
	expect(test, z, 1, IMP, 28);
	/* One is torn, with and without another behind it. */
	a = admit(test, z, 1, 8, 28);
	haltblk_zonewrite_done(z, &a, 3);
	expect(test, z, 1, IMP, 31);
	a = admit(test, z, 1, 8, 31);
	b = admit(test, z, 1, 8, 39);
	haltblk_zonewrite_done(z, &a, 3);
	expect(test, z, 1, IMP, 34);
	haltblk_zonewrite_done(z, &b, 0);
	expect(test, z, 1, IMP, 34);
	/* The write that would have filled the zone fails. */
	a = admit(test, z, 1, CAP - 34, 34);
	KUNIT_EXPECT_EQ(test, -EIO, put(z, 1, 1));
	haltblk_zonewrite_done(z, &a, 0);
	KUNIT_EXPECT_EQ(test, 0, put(z, 1, CAP - 34));
	expect(test, z, 1, FULL, CAP);
}

/* A zone changes while a write to it is on its way. */
static void zones_overtaken(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct haltblk_zones *z = make_limited(test, 4, 4);
	struct haltblk_zone_write a, b;
	struct blk_zone zone;

	/* Reset: the write has no effect, even on the write pointer. */
	a = admit(test, z, 1, 8, 0);
	KUNIT_EXPECT_EQ(test, 0, haltblk_zones_manage(z, RESET, ZONE, erase, f));
	KUNIT_EXPECT_EQ(test, f->erased, ZONE);
	KUNIT_EXPECT_EQ(test, f->erased_sectors, ZONE);
	expect(test, z, 1, EMPTY, 0);
	b = admit(test, z, 1, 4, 0);
	KUNIT_EXPECT_EQ(test, -ESTALE,
			haltblk_zonewrite_move_begin(z, &a, true));
	haltblk_zonewrite_done(z, &a, 8);
	expect(test, z, 1, IMP, 0);
	KUNIT_EXPECT_EQ(test, 0, haltblk_zonewrite_move_begin(z, &b, true));
	haltblk_zonewrite_move_end(z, &b);
	haltblk_zonewrite_done(z, &b, 4);
	expect(test, z, 1, IMP, 4);
	/* Finish: the write's data may move, and the zone stays full. */
	a = admit(test, z, 1, 8, 4);
	KUNIT_EXPECT_EQ(test, 0, manage(z, FINISH, 1));
	KUNIT_EXPECT_EQ(test, 0, haltblk_zonewrite_move_begin(z, &a, true));
	haltblk_zonewrite_move_end(z, &a);
	haltblk_zonewrite_done(z, &a, 8);
	expect(test, z, 1, FULL, ZONE);
	/* Close: the zone stays active while it has, or may get, data. */
	a = admit(test, z, 2, 8, 0);
	KUNIT_EXPECT_EQ(test, 0, manage(z, CLOSE, 2));
	expect(test, z, 2, CLOSED, 0);
	haltblk_zonewrite_done(z, &a, 0);
	expect(test, z, 2, EMPTY, 0);
	KUNIT_EXPECT_EQ(test, z->closed, 0);
	a = admit(test, z, 2, CAP, 0);
	KUNIT_EXPECT_EQ(test, 0, manage(z, CLOSE, 2));
	haltblk_zonewrite_done(z, &a, CAP);
	expect(test, z, 2, FULL, CAP);
	KUNIT_EXPECT_EQ(test, z->closed, 0);
	/* Break: the write fails, and has no effect. */
	a = admit(test, z, 3, 8, 0);
	KUNIT_EXPECT_EQ(test, 0, haltblk_zones_break(z, 3 * ZONE, RDONLY, NULL,
						     NULL));
	KUNIT_EXPECT_EQ(test, -EIO,
			haltblk_zonewrite_move_begin(z, &a, true));
	haltblk_zonewrite_done(z, &a, 8);
	haltblk_zones_report(z, 3, &zone);
	KUNIT_EXPECT_EQ(test, zone.cond, RDONLY);
	KUNIT_EXPECT_EQ(test, zone.wp, U64_MAX);
}

/* While a reset erases a zone, data of writes does not move. */
static void zones_erasing(struct kunit *test)
{
	struct haltblk_zones *z = make(test, &plain);
	struct haltblk_zone_write a = admit(test, z, 1, 8, 0);

	down_write(&z->zone[1].data);
	KUNIT_EXPECT_EQ(test, -EAGAIN,
			haltblk_zonewrite_move_begin(z, &a, false));
	up_write(&z->zone[1].data);
	KUNIT_EXPECT_EQ(test, 0, haltblk_zonewrite_move_begin(z, &a, false));
	KUNIT_EXPECT_FALSE(test, down_write_trylock(&z->zone[1].data));
	haltblk_zonewrite_move_end(z, &a);
	KUNIT_EXPECT_TRUE(test, down_write_trylock(&z->zone[1].data));
	up_write(&z->zone[1].data);
}

static void zones_broken(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct haltblk_zones *z = make(test, &plain);

	KUNIT_EXPECT_EQ(test, -ERANGE, haltblk_zones_break(z, NR * ZONE, RDONLY,
							   erase, f));
	KUNIT_EXPECT_EQ(test, -EINVAL, haltblk_zones_break(z, 5, RDONLY, erase,
							   f));
	KUNIT_EXPECT_EQ(test, 0, put(z, 1, 8));
	KUNIT_EXPECT_EQ(test, 0, haltblk_zones_break(z, ZONE + 5, RDONLY, erase,
						     f));
	KUNIT_EXPECT_EQ(test, f->erasures, 0);
	KUNIT_EXPECT_EQ(test, 0, haltblk_zonewrite_may_read(z, ZONE));
	KUNIT_EXPECT_EQ(test, 8, haltblk_zonewrite_readable(z, ZONE, 8));
	/* From read-only to offline, and healed. */
	KUNIT_EXPECT_EQ(test, 0, haltblk_zones_break(z, ZONE, OFFLINE, erase,
						     f));
	KUNIT_EXPECT_EQ(test, -EIO, haltblk_zonewrite_may_read(z, ZONE));
	KUNIT_EXPECT_EQ(test, 0, haltblk_zonewrite_may_read(z, 2 * ZONE));
	haltblk_zones_reset_all(z, erase, f);
	KUNIT_EXPECT_EQ(test, f->erasures, 0);
	KUNIT_EXPECT_EQ(test, 0, haltblk_zones_break(z, ZONE, OFFLINE, erase,
						     f));
	KUNIT_EXPECT_EQ(test, f->erasures, 1);
	expect(test, z, 1, EMPTY, 0);
	KUNIT_EXPECT_EQ(test, 0, haltblk_zonewrite_may_read(z, ZONE));
}

static void zones_reset_all(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct haltblk_zones *z = make_limited(test, 3, 3);
	u32 i;

	KUNIT_EXPECT_EQ(test, 0, put(z, 1, 8));
	KUNIT_EXPECT_EQ(test, 0, put(z, 3, CAP));
	KUNIT_EXPECT_EQ(test, 0, manage(z, OPEN, 4));
	KUNIT_EXPECT_EQ(test, 0, put(z, 5, 8));
	KUNIT_EXPECT_EQ(test, 0, manage(z, CLOSE, 5));
	haltblk_zones_reset_all(z, erase, f);
	KUNIT_EXPECT_EQ(test, f->erasures, 4);
	for (i = CONV; i < NR; i++)
		expect(test, z, i, EMPTY, 0);
	KUNIT_EXPECT_EQ(test, z->imp_open + z->exp_open + z->closed, 0);
}

static void zones_restart(struct kunit *test)
{
	struct haltblk_zones_shape shape = plain;
	struct haltblk_zones *z = make_limited(test, 4, 4);

	KUNIT_EXPECT_EQ(test, 0, put(z, 1, 8));
	KUNIT_EXPECT_EQ(test, 0, put(z, 2, CAP));
	KUNIT_EXPECT_EQ(test, 0, manage(z, OPEN, 3));
	shape.max_open = 2;
	KUNIT_EXPECT_TRUE(test, haltblk_zones_restart(z, &shape));
	expect(test, z, 1, CLOSED, 8);
	expect(test, z, 2, FULL, CAP);
	expect(test, z, 3, EMPTY, 0);
	KUNIT_EXPECT_EQ(test, z->closed, 1);
	KUNIT_EXPECT_EQ(test, z->imp_open + z->exp_open, 0);
	shape.capacity--;
	KUNIT_EXPECT_FALSE(test, haltblk_zones_restart(z, &shape));
	haltblk_zones_destroy(z);
	KUNIT_EXPECT_FALSE(test, haltblk_zones_restart(z, &plain));
}

/* Writers of all zones at once, while others open, close and reset them. */
struct racer {
	struct haltblk_zones *z;
	struct task_struct *task;
	unsigned int seed;
	unsigned int bad;
	unsigned int written;
};

#define RACERS	4

static unsigned int dice(struct racer *r, unsigned int sides)
{
	r->seed = r->seed * 1103515245 + 12345;
	return (r->seed >> 16) % sides;
}

static int race(void *arg)
{
	static const enum haltblk_op ops[] = { OPEN, CLOSE, FINISH, RESET };
	struct racer *r = arg;
	struct haltblk_zones *z = r->z;

	while (!kthread_should_stop()) {
		u32 nr = CONV + dice(r, NR - CONV);
		struct haltblk_zone_write w = {
			.sector = nr * ZONE, .nr_sectors = 1 + dice(r, 8),
		};

		if (!dice(r, 8)) {
			manage(z, ops[dice(r, ARRAY_SIZE(ops))], nr);
		} else if (!haltblk_zonewrite_admit(z, &w, true)) {
			cond_resched();
			haltblk_zonewrite_done(z, &w,
					       dice(r, 4) ? w.nr_sectors :
							    dice(r, 2));
			r->written++;
		}
		/* The limits hold at any moment. */
		spin_lock(&z->lock);
		if (z->imp_open + z->exp_open > z->shape.max_open ||
		    z->imp_open + z->exp_open + z->closed >
		    z->shape.max_active)
			r->bad++;
		spin_unlock(&z->lock);
		cond_resched();
	}
	return 0;
}

static void zones_race(struct kunit *test)
{
	struct haltblk_zones *z = make_limited(test, 2, 3);
	struct racer racers[RACERS] = { };
	u32 count[256] = { };
	struct blk_zone zone;
	unsigned int i, written;

	for (i = 0; i < RACERS; i++) {
		racers[i].z = z;
		racers[i].seed = i + 1;
		racers[i].task = kthread_run(race, &racers[i], "zones%u", i);
		KUNIT_ASSERT_FALSE(test, IS_ERR(racers[i].task));
	}
	do {
		schedule_timeout_uninterruptible(1);
		for (i = 0, written = 0; i < RACERS; i++)
			written += READ_ONCE(racers[i].written);
	} while (written < 20000);
	for (i = 0; i < RACERS; i++) {
		kthread_stop(racers[i].task);
		KUNIT_EXPECT_EQ(test, racers[i].bad, 0);
	}
	for (i = CONV; i < NR; i++) {
		haltblk_zones_report(z, i, &zone);
		count[zone.cond]++;
		KUNIT_EXPECT_EQ(test, z->zone[i].writing, 0);
		KUNIT_EXPECT_EQ(test, z->zone[i].next, z->zone[i].wp);
		if (zone.cond == CLOSED)
			KUNIT_EXPECT_GT(test, zone.wp, zone.start);
	}
	KUNIT_EXPECT_EQ(test, z->imp_open, count[IMP]);
	KUNIT_EXPECT_EQ(test, z->exp_open, count[EXP]);
	KUNIT_EXPECT_EQ(test, z->closed, count[CLOSED]);
}

static int zones_test_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct fixture), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static void zones_test_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	haltblk_zones_destroy(&f->z);
}

static struct kunit_case zones_cases[] = {
	KUNIT_CASE(zones_shape),
	KUNIT_CASE(zones_write),
	KUNIT_CASE(zones_read),
	KUNIT_CASE(zones_matrix),
	KUNIT_CASE(zones_max_open),
	KUNIT_CASE(zones_max_active),
	KUNIT_CASE(zones_fail),
	KUNIT_CASE(zones_overtaken),
	KUNIT_CASE(zones_erasing),
	KUNIT_CASE(zones_broken),
	KUNIT_CASE(zones_reset_all),
	KUNIT_CASE(zones_restart),
	KUNIT_CASE(zones_race),
	{}
};

static struct kunit_suite zones_suite = {
	.name = "haltblk_zones",
	.init = zones_test_init,
	.exit = zones_test_exit,
	.test_cases = zones_cases,
};

kunit_test_suites(&zones_suite);
