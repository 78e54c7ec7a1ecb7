/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PURE. How long requests take: a fixed time, or one drawn from a distribution.
 * Any context, no locks; tests/latency_test.c runs it alone.
 */
#ifndef HALTBLK_LATENCY_H
#define HALTBLK_LATENCY_H

#include <linux/types.h>

#define HALTBLK_LATENCY_MAX	1000000000000ULL /* ns, as completion_nsec */
#define HALTBLK_LATENCY_POINTS	24		/* percentiles at most */
#define HALTBLK_LATENCY_WHOLE	1000000U	/* 100 percent */

/* X(name, HALTBLK_OP_*): the options latency_<name>_nsec, one an operation */
#define HALTBLK_LATENCIES(X)						\
	X(read, READ)							\
	X(write, WRITE)							\
	X(flush, FLUSH)							\
	X(discard, DISCARD)						\
	X(secure_erase, SECURE_ERASE)					\
	X(write_zeroes, WRITE_ZEROES)					\
	X(zone_append, ZONE_APPEND)					\
	X(zone_reset, ZONE_RESET)					\
	X(zone_open, ZONE_OPEN)						\
	X(zone_close, ZONE_CLOSE)					\
	X(zone_finish, ZONE_FINISH)

enum haltblk_latency_kind {
	HALTBLK_LATENCY_NONE,		/* the request takes no time */
	HALTBLK_LATENCY_FIXED,
	HALTBLK_LATENCY_UNIFORM,
	HALTBLK_LATENCY_NORMAL,
	HALTBLK_LATENCY_PERCENTILES,
};

/**
 * struct haltblk_latency - how long requests of one operation take
 * @kind: enum haltblk_latency_kind
 * @a: ns: fixed; the least; the mean
 * @b: ns: the most; the standard deviation
 * @nr: length of @point
 * @point: percentiles, in ascending order
 * @point.share: how many requests of HALTBLK_LATENCY_WHOLE take at most @ns
 */
struct haltblk_latency {
	enum haltblk_latency_kind kind;
	u64 a;
	u64 b;
	unsigned int nr;
	struct {
		u32 share;
		u64 ns;
	} point[HALTBLK_LATENCY_POINTS];
};

int haltblk_latency_parse(struct haltblk_latency *l, const char *p, char *why,
			  size_t len);
int haltblk_latency_format(const struct haltblk_latency *latency, char *buf,
			   size_t len);
u64 haltblk_latency_draw(const struct haltblk_latency *latency, u64 seed,
			 u64 nr);

#endif /* HALTBLK_LATENCY_H */
