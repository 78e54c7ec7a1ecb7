// SPDX-License-Identifier: GPL-2.0-only
/*
 * The workqueues, separate by what their work may wait for.
 */
#include <linux/errno.h>
#include <linux/init.h>

#include "wq.h"

struct workqueue_struct *haltblk_wq;
struct workqueue_struct *haltblk_free_wq;
struct workqueue_struct *haltblk_slow_wq;
struct workqueue_struct *haltblk_job_wq;

/**
 * haltblk_wq_init - make the workqueues, at module load
 */
int __init haltblk_wq_init(void)
{
	haltblk_wq = alloc_workqueue("haltblk", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	if (!haltblk_wq)
		return -ENOMEM;
	haltblk_free_wq = alloc_workqueue("haltblk_free",
					  WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	if (!haltblk_free_wq)
		goto out_destroy_wq;
	haltblk_slow_wq = alloc_workqueue("haltblk_slow", WQ_UNBOUND, 0);
	if (!haltblk_slow_wq)
		goto out_destroy_free_wq;
	haltblk_job_wq = alloc_workqueue("haltblk_job", WQ_UNBOUND, 0);
	if (!haltblk_job_wq)
		goto out_destroy_slow_wq;
	return 0;

out_destroy_slow_wq:
	destroy_workqueue(haltblk_slow_wq);
out_destroy_free_wq:
	destroy_workqueue(haltblk_free_wq);
out_destroy_wq:
	destroy_workqueue(haltblk_wq);
	return -ENOMEM;
}

/**
 * haltblk_wq_exit - destroy the workqueues, when nothing is queued any more
 */
void haltblk_wq_exit(void)
{
	destroy_workqueue(haltblk_job_wq);
	destroy_workqueue(haltblk_slow_wq);
	destroy_workqueue(haltblk_free_wq);
	destroy_workqueue(haltblk_wq);
}
