// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cutting the power of devices, by a call or by action=crash. core/cut.c tells
 * their requests.
 *
 * A call takes the locks of all devices, checks them, begins the cut on each and
 * lists a job that switches its power off. Only then is the cut done: requests
 * end with IOERR, held ones are released, and the jobs go on. What the write-back
 * of dirty page cache sends during power off ends with IOERR, too. If a device is
 * refused, nothing has begun, unless a rule cuts its power at this very moment;
 * then the cut is undone.
 *
 * Process context, may sleep. Waits for requests only after the cut is done.
 */
#include "core/core.h"
#include "device.h"

/*
 * Held while the locks of several devices are taken: two calls may name the same
 * devices in different order.
 */
static DEFINE_MUTEX(haltblk_crash_mutex);

/* May the power of a device be cut? Its lock is held. */
static int haltblk_crash_check(const struct haltblk_device *dev,
			       char why[HALTBLK_WHY_LEN])
{
	const char *what;
	int err = -EINVAL;

	lockdep_assert_held(&dev->lock);
	if (READ_ONCE(dev->gate.gone)) {
		err = -ENODEV;
		what = "is being removed";
	} else if (dev->power_jobs || atomic_read(&dev->cut)) {
		err = -EBUSY;
		what = "its power is being switched";
	} else if (!dev->disk) {
		err = -ENXIO;
		what = "is without power";
	} else if (!dev->cfg.memory_backed) {
		what = "stores no data; a power cut needs memory_backed=1";
	} else if (dev->cfg.zoned) {
		what = "has zones; a power cut needs zoned=0";
	} else {
		return 0;
	}
	snprintf(why, HALTBLK_WHY_LEN, "%s: %s", dev->name, what);
	return err;
}

/* Begin the cut on all devices, or on none. Their locks are held. */
static int haltblk_crash_begin(struct haltblk_crash_one *list, unsigned int nr,
			       char why[HALTBLK_WHY_LEN])
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (haltblk_cut_begin(list[i].dev))
			continue;
		snprintf(why, HALTBLK_WHY_LEN, "%s: a rule cuts its power",
			 list[i].dev->name);
		while (i--)
			haltblk_cut_undo(list[i].dev);
		return -EBUSY;
	}
	return 0;
}

static int haltblk_crash_locked(struct haltblk_crash_one *list, unsigned int nr,
				char why[HALTBLK_WHY_LEN])
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < nr && !err; i++)
		err = haltblk_crash_check(list[i].dev, why);
	if (!err)
		err = haltblk_crash_begin(list, nr, why);
	if (err)
		return err;
	for (i = 0; i < nr; i++) {
		list[i].dev->keep = list[i].keep;
		haltblk_job_list(list[i].dev, list[i].job, true);
	}
	/* Each device lets no request begin before any one ends requests. */
	smp_mb();
	for (i = 0; i < nr; i++)
		haltblk_cut_finish(list[i].dev);
	return 0;
}

/*
 * Cut the power of all devices or of none. All locks are taken before requests
 * are stopped: somebody who has one may wait for memory that a request frees.
 */
static int haltblk_crash_cut(struct haltblk_crash_one *list, unsigned int nr,
			     char why[HALTBLK_WHY_LEN])
{
	unsigned int i;
	int err;

	err = mutex_lock_killable(&haltblk_crash_mutex);
	if (err)
		return err;
	for (i = 0; i < nr; i++)
		mutex_lock_nest_lock(&list[i].dev->lock, &haltblk_crash_mutex);
	err = haltblk_crash_locked(list, nr, why);
	while (i--)
		mutex_unlock(&list[i].dev->lock);
	mutex_unlock(&haltblk_crash_mutex);
	return err;
}

/* Release what rules hold; then the power can go off. */
static void haltblk_crash_shut(struct haltblk_device *dev)
{
	haltblk_breaks_shut(&dev->gate, false, true);
	haltblk_cut_shut(dev);
}

/**
 * haltblk_crash_devices - cut the power of devices at one instant
 * @list: devices, each once; their @job is set by this
 * @nr: length of @list
 * @why: set to the reason of a refusal
 *
 * Return: 0 when all are without power; -ENODEV, -EBUSY, -ENXIO, -EINVAL or
 * -ENOMEM, with nothing changed; -EINTR if killed: if that was after the cut,
 * the power goes off all the same.
 */
int haltblk_crash_devices(struct haltblk_crash_one *list, unsigned int nr,
			  char why[HALTBLK_WHY_LEN])
{
	const struct haltblk_order crash = { .kind = HALTBLK_ORDER_CRASH };
	unsigned int i;
	int err = 0, ret = 0;

	/* Not later: a request that the cut stops may be what frees memory. */
	for (i = 0; i < nr && !err; i++) {
		list[i].job = haltblk_job_alloc(&crash);
		if (!list[i].job)
			err = -ENOMEM;
	}
	if (!err)
		err = haltblk_crash_cut(list, nr, why);
	if (err) {
		for (i = 0; i < nr; i++)
			if (list[i].job)
				haltblk_job_free(list[i].job);
		return err;
	}
	/* Before waiting: a held request may be what stops the job ahead. */
	for (i = 0; i < nr; i++)
		haltblk_crash_shut(list[i].dev);
	for (i = 0; i < nr; i++) {
		err = haltblk_job_join(list[i].dev, list[i].job);
		ret = ret ?: err;
	}
	return ret;
}

/* A rule has cut the power. */
static void haltblk_crash_work(struct work_struct *work)
{
	const struct haltblk_order crash = { .kind = HALTBLK_ORDER_CRASH };
	struct haltblk_device *dev = container_of(work, struct haltblk_device,
						  crash_work);
	struct haltblk_job *job;

	while (!(job = haltblk_job_alloc(&crash)))
		schedule_timeout_uninterruptible(1);
	mutex_lock(&dev->lock);
	/* After another power off, the cut is no more. */
	if (!haltblk_cut_done(dev)) {
		mutex_unlock(&dev->lock);
		haltblk_job_free(job);
		return;
	}
	if (!READ_ONCE(dev->gate.gone) && !haltblk_job_off_comes(dev)) {
		haltblk_job_list(dev, job, false);
		job = NULL;
	}
	mutex_unlock(&dev->lock);
	if (job)
		haltblk_job_free(job);
	/* The jobs wait for this, so it cannot meet the next power on. */
	haltblk_crash_shut(dev);
}

/**
 * haltblk_crash_init - before a device is listed
 * @dev: device, zeroed
 */
void haltblk_crash_init(struct haltblk_device *dev)
{
	dev->keep = HALTBLK_KEEP_FLUSHED;
	INIT_WORK(&dev->crash_work, haltblk_crash_work);
}
