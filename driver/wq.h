/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The workqueues, separate by what their work may wait for.
 */
#ifndef HALTBLK_WQ_H
#define HALTBLK_WQ_H

#include <linux/workqueue.h>

extern struct workqueue_struct *haltblk_wq;	/* goes on with I/O; for reclaim */
extern struct workqueue_struct *haltblk_free_wq; /* frees pages, for waiting I/O */
extern struct workqueue_struct *haltblk_slow_wq; /* never waits for held I/O */
extern struct workqueue_struct *haltblk_job_wq;	/* may wait for held requests */
int haltblk_wq_init(void);
void haltblk_wq_exit(void);

#endif /* HALTBLK_WQ_H */
