// SPDX-License-Identifier: GPL-2.0-only
/* 6.9: limits are given when the disk is allocated. */
#include <linux/blk-mq.h>

struct gendisk *probe(struct blk_mq_tag_set *set, struct queue_limits *lim);
struct gendisk *probe(struct blk_mq_tag_set *set, struct queue_limits *lim)
{
	blk_alloc_disk(lim, NUMA_NO_NODE);
	return blk_mq_alloc_disk(set, lim, NULL);
}
