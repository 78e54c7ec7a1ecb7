// SPDX-License-Identifier: GPL-2.0-only
/*
 * The option lock_model. A driver that protects its queues with one lock, or
 * with one for each direction, pays for it when several CPUs submit. Our locks
 * protect nothing. Each request takes them where such a driver takes its own,
 * and holds them for lock_hold_nsec; they count what they cost.
 *
 *   hctx	one a hardware queue, for submission and completion. Bio mode
 *		has submit_queues of them, each for an equal share of the CPUs
 *	split	one for submission, one for completion
 *	shared	one for both
 *
 * A request takes its lock of submission when it reaches the driver, before any
 * rule sees it, and its lock of completion just before its submitter is told.
 * No other lock is taken inside. No request ends inside either, because its
 * submitter may then submit the next one.
 *
 * Any context.
 */
#include <linux/delay.h>
#include <linux/lockdep.h>
#include <linux/slab.h>

#include "front.h"

/* Keeps a device's locks while they are listed. */
DEFINE_MUTEX(haltblk_lockmodel_mutex);

/* The longest delay between two looks at the clock. */
#define HALTBLK_LOCKMODEL_SLICE_NSEC	500

/* What a lock is for. Each role is a class in lockdep and lock_stat. */
enum haltblk_lockmodel_role {
	HALTBLK_LOCKMODEL_HCTX,
	HALTBLK_LOCKMODEL_SUBMIT,
	HALTBLK_LOCKMODEL_COMPLETE,
	HALTBLK_LOCKMODEL_SHARED,
	HALTBLK_LOCKMODEL_NR_ROLES
};

static struct lock_class_key haltblk_lockmodel_keys[HALTBLK_LOCKMODEL_NR_ROLES];

static const char * const haltblk_lockmodel_names[HALTBLK_LOCKMODEL_NR_ROLES] = {
	[HALTBLK_LOCKMODEL_HCTX]	= "haltblk_lock_hctx",
	[HALTBLK_LOCKMODEL_SUBMIT]	= "haltblk_lock_submit",
	[HALTBLK_LOCKMODEL_COMPLETE]	= "haltblk_lock_complete",
	[HALTBLK_LOCKMODEL_SHARED]	= "haltblk_lock_shared",
};

static enum haltblk_lockmodel_role
haltblk_lockmodel_role(const struct haltblk_device *dev, unsigned int nr)
{
	switch (dev->cfg.lock_model) {
	case HALTBLK_LOCK_MODEL_HCTX:
		return HALTBLK_LOCKMODEL_HCTX;
	case HALTBLK_LOCK_MODEL_SPLIT:
		return HALTBLK_LOCKMODEL_SUBMIT + nr;
	default:
		return HALTBLK_LOCKMODEL_SHARED;
	}
}

/**
 * haltblk_lockmodel_name - get the name of a lock
 * @dev: powered device with a lock model
 * @nr: number of the lock
 *
 * Return: its name in lockdep.
 */
const char *haltblk_lockmodel_name(const struct haltblk_device *dev,
				   unsigned int nr)
{
	return haltblk_lockmodel_names[haltblk_lockmodel_role(dev, nr)];
}

static unsigned int haltblk_lockmodel_nr(const struct haltblk_device *dev)
{
	switch (dev->cfg.lock_model) {
	case HALTBLK_LOCK_MODEL_HCTX:
		/* The most hardware queues that there can be. */
		return dev->cfg.queue_mode ? dev->nr_queues :
					     dev->cfg.submit_queues;
	case HALTBLK_LOCK_MODEL_SPLIT:
		return 2;
	default:
		return 1;
	}
}

static int haltblk_lockmodel_start(struct haltblk_device *dev)
{
	enum haltblk_lockmodel_role role;
	struct haltblk_lock *locks;
	unsigned int nr, i;

	nr = haltblk_lockmodel_nr(dev);
	locks = kvcalloc(nr, sizeof(*locks), GFP_KERNEL);
	if (!locks)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		role = haltblk_lockmodel_role(dev, i);
		spin_lock_init(&locks[i].lock);
		lockdep_set_class_and_name(&locks[i].lock,
					   &haltblk_lockmodel_keys[role],
					   haltblk_lockmodel_names[role]);
	}
	mutex_lock(&haltblk_lockmodel_mutex);
	dev->locks = locks;
	dev->nr_locks = nr;
	mutex_unlock(&haltblk_lockmodel_mutex);
	dev->bare = false;
	dev->slow_end = true;
	return 0;
}

static void haltblk_lockmodel_stop(struct haltblk_device *dev)
{
	struct haltblk_lock *locks = dev->locks;

	mutex_lock(&haltblk_lockmodel_mutex);
	dev->locks = NULL;
	dev->nr_locks = 0;
	mutex_unlock(&haltblk_lockmodel_mutex);
	kvfree(locks);
}

/*
 * The clock decides, so the time is right however ndelay() is calibrated, and
 * where an emulator counts instructions. In a user-mode kernel with time
 * travel, ndelay() moves the clock. With 0 the clock is not read.
 */
static u64 haltblk_lockmodel_hold(u64 nsec)
{
	u64 start, gone;

	if (!nsec)
		return 0;
	start = ktime_get_ns();
	while ((gone = ktime_get_ns() - start) < nsec)
		ndelay(min_t(u64, nsec - gone, HALTBLK_LOCKMODEL_SLICE_NSEC));
	return gone;
}

static void haltblk_lockmodel_pass(struct haltblk_device *dev,
				   struct haltblk_lock *l)
{
	unsigned long flags;
	u64 waited;

	if (!spin_trylock_irqsave(&l->lock, flags)) {
		waited = ktime_get_ns();
		spin_lock_irqsave(&l->lock, flags);
		waited = ktime_get_ns() - waited;
		WRITE_ONCE(l->contended, l->contended + 1);
		WRITE_ONCE(l->wait_ns, l->wait_ns + waited);
	}
	WRITE_ONCE(l->acquisitions, l->acquisitions + 1);
	WRITE_ONCE(l->hold_ns, l->hold_ns +
		   haltblk_lockmodel_hold(dev->cfg.lock_hold_nsec));
	spin_unlock_irqrestore(&l->lock, flags);
}

/* The lock of a hardware queue or, in bio mode, of a share of the CPUs. */
static struct haltblk_lock *haltblk_lockmodel_hctx(struct haltblk_device *dev,
						   unsigned int at)
{
	if (!dev->cfg.queue_mode)
		at = at * dev->nr_locks / nr_cpu_ids;
	return &dev->locks[at];
}

/**
 * haltblk_lockmodel_submit - take the lock of submission for a request
 * @dev: powered device with a lock model
 * @at: number of the hardware queue; in bio mode, of the CPU that submits
 */
void haltblk_lockmodel_submit(struct haltblk_device *dev, unsigned int at)
{
	if (dev->cfg.lock_model == HALTBLK_LOCK_MODEL_HCTX)
		haltblk_lockmodel_pass(dev, haltblk_lockmodel_hctx(dev, at));
	else
		haltblk_lockmodel_pass(dev, &dev->locks[0]);
}

/**
 * haltblk_lockmodel_complete - take the lock of completion for a request
 * @dev: powered device with a lock model
 * @at: as for haltblk_lockmodel_submit()
 */
void haltblk_lockmodel_complete(struct haltblk_device *dev, unsigned int at)
{
	if (dev->cfg.lock_model == HALTBLK_LOCK_MODEL_HCTX)
		haltblk_lockmodel_pass(dev, haltblk_lockmodel_hctx(dev, at));
	else
		haltblk_lockmodel_pass(dev, &dev->locks[dev->nr_locks - 1]);
}

static bool haltblk_lockmodel_on(const struct haltblk_config *cfg)
{
	return cfg->lock_model != HALTBLK_LOCK_MODEL_NONE;
}

const struct haltblk_feature haltblk_lockmodel_feature = {
	.on	= haltblk_lockmodel_on,
	.start	= haltblk_lockmodel_start,
	.stop	= haltblk_lockmodel_stop,
};
