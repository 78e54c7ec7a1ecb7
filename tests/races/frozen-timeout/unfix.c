// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes 71f79fb3179e out while unfix_timeout is set: the work that ends requests
 * whose time is up does nothing while the queue is being frozen.
 *
 * Switch: unfix_timeout
 */
#include <linux/blkdev.h>

#include "../unfix.h"

static int unfix_timeout;
module_param(unfix_timeout, int, 0644);

static int unfix_pre(struct kprobe *probe, struct pt_regs *regs)
{
	struct request_queue *q =
		container_of((struct work_struct *)regs_get_kernel_argument(regs, 0),
			     struct request_queue, timeout_work);

	if (unfix_timeout && percpu_ref_is_dying(&q->q_usage_counter))
		return unfix_skip(regs);
	return 0;
}

static struct kprobe unfix_probe = {
	.symbol_name = "blk_mq_timeout_work",
	.pre_handler = unfix_pre,
};

unfix_module(kprobe, unfix_probe, "blk-mq without 71f79fb3179e");
