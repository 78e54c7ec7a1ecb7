// SPDX-License-Identifier: GPL-2.0-only
/* 6.10: the block layer emulates zone append for drivers without it. */
#include <linux/blkdev.h>

bool probe(struct request_queue *q);
bool probe(struct request_queue *q)
{
	return queue_emulates_zone_append(q);
}
