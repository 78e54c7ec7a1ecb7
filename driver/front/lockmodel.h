/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The option lock_model: locks where other drivers take theirs.
 */
#ifndef HALTBLK_LOCKMODEL_H
#define HALTBLK_LOCKMODEL_H

#include <linux/cache.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct haltblk_device;

/* The option lock_model, by its words. */
enum haltblk_lock_model {
	HALTBLK_LOCK_MODEL_NONE		= 0,
	HALTBLK_LOCK_MODEL_HCTX		= 1,
	HALTBLK_LOCK_MODEL_SPLIT	= 2,
	HALTBLK_LOCK_MODEL_SHARED	= 3,
};

/**
 * struct haltblk_lock - a lock and what it cost
 * @lock: taken with interrupts off: requests complete in timers, too
 * @acquisitions: how often it was taken
 * @contended: how often it was not free
 * @wait_ns: time spent waiting for it
 * @hold_ns: time spent in it because of lock_hold_nsec
 *
 * The counts are written under @lock and read without it, so that nobody waits
 * for a reader.
 */
struct haltblk_lock {
	spinlock_t lock;
	u64 acquisitions;
	u64 contended;
	u64 wait_ns;
	u64 hold_ns;
} ____cacheline_aligned_in_smp;

extern struct mutex haltblk_lockmodel_mutex;
void haltblk_lockmodel_submit(struct haltblk_device *dev, unsigned int at);
void haltblk_lockmodel_complete(struct haltblk_device *dev, unsigned int at);
const char *haltblk_lockmodel_name(const struct haltblk_device *dev,
				   unsigned int nr);

#endif /* HALTBLK_LOCKMODEL_H */
