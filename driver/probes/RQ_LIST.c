// SPDX-License-Identifier: GPL-2.0-only
/* 6.12.117: queue_rqs takes a struct rq_list instead of a bare pointer. */
#include <linux/blk-mq.h>

void probe(struct rq_list *list);
void probe(struct rq_list *list)
{
	rq_list_pop(list);
}
