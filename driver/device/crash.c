// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cutting the power of devices, by a call or by action=crash. core/cut.c tells
 * their requests.
 *
 * A call begins the cut on all devices, and a job for each one stands ready to
 * switch its power off. Only then is the cut done: held requests end with IOERR,
 * and the jobs go on. What the write-back of dirty page cache sends during power
 * off ends with IOERR, too. If one of the devices is refused, the cut is undone,
 * and the jobs do nothing.
 *
 * Process context, may sleep. Waits for requests only after the cut is done.
 */
#include "core/core.h"
#include "device.h"

/* Two calls that name the same devices in different order must not meet. */
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

static int haltblk_crash_begin(struct haltblk_crash_one *one,
			       char why[HALTBLK_WHY_LEN])
{
	struct haltblk_device *dev = one->dev;
	int err;

	mutex_lock(&dev->lock);
	err = haltblk_crash_check(dev, why);
	/* A rule may cut the power just now. */
	if (!err && !haltblk_cut_begin(dev)) {
		snprintf(why, HALTBLK_WHY_LEN, "%s: a rule cuts its power",
			 dev->name);
		err = -EBUSY;
	}
	if (!err) {
		dev->keep = one->keep;
		/* It waits until the cut is done or undone. */
		haltblk_job_list(dev, one->job, true);
	}
	mutex_unlock(&dev->lock);
	return err;
}

/* Cut the power of all devices or of none. */
static int haltblk_crash_cut(struct haltblk_crash_one *list, unsigned int nr,
			     unsigned int *begun, char why[HALTBLK_WHY_LEN])
{
	unsigned int i;
	int err = 0;

	lockdep_assert_held(&haltblk_crash_mutex);
	/* First without stopping anything. */
	for (i = 0; i < nr && !err; i++) {
		mutex_lock(&list[i].dev->lock);
		err = haltblk_crash_check(list[i].dev, why);
		mutex_unlock(&list[i].dev->lock);
	}
	for (*begun = 0; *begun < nr && !err; ++*begun) {
		err = haltblk_crash_begin(&list[*begun], why);
		if (err)
			break;
	}
	/* Each device lets no request begin before any one ends requests. */
	smp_mb();
	for (i = 0; i < *begun; i++) {
		if (err)
			haltblk_cut_undo(list[i].dev);
		else
			haltblk_cut_finish(list[i].dev);
	}
	return err;
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
	unsigned int i, begun = 0;
	int err = 0, ret;

	/* Not later: a request that the cut stops may be what frees memory. */
	for (i = 0; i < nr && !err; i++) {
		list[i].job = haltblk_job_alloc(&crash);
		if (!list[i].job)
			err = -ENOMEM;
	}
	if (!err)
		err = mutex_lock_killable(&haltblk_crash_mutex);
	if (!err) {
		err = haltblk_crash_cut(list, nr, &begun, why);
		mutex_unlock(&haltblk_crash_mutex);
	}
	for (i = begun; i < nr; i++)
		if (list[i].job)
			haltblk_job_free(list[i].job);
	/* Before waiting: a held request may be what stops the job ahead. */
	for (i = 0; i < begun && !err; i++)
		haltblk_breaks_shut(&list[i].dev->gate, false, true);
	ret = err;
	for (i = 0; i < begun; i++) {
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
	bool cut;

	while (!(job = haltblk_job_alloc(&crash)))
		schedule_timeout_uninterruptible(1);
	mutex_lock(&dev->lock);
	/* After another power off, the cut is no more. */
	cut = haltblk_cut_done(dev);
	if (cut && !READ_ONCE(dev->gate.gone) && !haltblk_job_off_comes(dev)) {
		haltblk_job_list(dev, job, false);
		job = NULL;
	}
	mutex_unlock(&dev->lock);
	if (job)
		haltblk_job_free(job);
	else
		haltblk_breaks_shut(&dev->gate, false, true);
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
