// SPDX-License-Identifier: GPL-2.0-only
/*
 * Power cuts: how requests learn that their device has lost its power.
 * device/crash.c cuts the power of devices and then switches it off.
 *
 *   0 ──► BEGUN ──► BEGUN | DONE     a call, which may cut several devices
 *     ╲─► RULE | DONE                action=crash
 *
 * While a cut has only begun, requests that begin wait where they would move
 * their data. When all devices of the call are that far, the cut is done, and
 * from then on requests end with IOERR. So no request answers because of the
 * cut while one of the devices still lets requests begin: a program that writes
 * A to one device and, after the answer, B to another one never leaves B without
 * A.
 *
 * What had passed that place when the cut began is in flight. It moves its data
 * or part of it, and ends with IOERR unless it ends before the cut is done. It
 * ends before the device drops its cache, since power off waits for it.
 *
 * Any context, unless a function says otherwise.
 */
#include "core.h"

/**
 * haltblk_cut_begin - let requests that begin wait
 * @dev: powered device
 *
 * Return: false if a cut has begun already.
 */
bool haltblk_cut_begin(struct haltblk_device *dev)
{
	if (atomic_cmpxchg(&dev->cut, 0, HALTBLK_CUT_BEGUN))
		return false;
	/* A request that takes the slow way finds the cut there. */
	haltblk_feature_detour(dev, HALTBLK_BY_CMD_CUT, true);
	return true;
}

/**
 * haltblk_cut_finish - end all requests with IOERR from now on
 * @dev: a cut of it has begun
 */
void haltblk_cut_finish(struct haltblk_device *dev)
{
	atomic_or(HALTBLK_CUT_DONE, &dev->cut);
	wake_up_all(&dev->cloned);
}

/**
 * haltblk_cut_undo - let requests go on after all
 * @dev: a cut of it has begun
 *
 * Requests take the way that rules see until power off. If a rule has cut the
 * power meanwhile, the cut is done.
 */
void haltblk_cut_undo(struct haltblk_device *dev)
{
	if (atomic_fetch_andnot(HALTBLK_CUT_BEGUN, &dev->cut) &
	    HALTBLK_CUT_RULE) {
		atomic_or(HALTBLK_CUT_DONE, &dev->cut);
		queue_work(haltblk_slow_wq, &dev->crash_work);
	}
	wake_up_all(&dev->cloned);
}

/**
 * haltblk_cut_now - cut the power at once, for action=crash
 * @dev: device; the caller owns one of its commands
 *
 * A worker switches the power off. If a call has begun to cut it, that call
 * decides.
 */
void haltblk_cut_now(struct haltblk_device *dev)
{
	if (atomic_fetch_or(HALTBLK_CUT_RULE, &dev->cut) & HALTBLK_CUT_BEGUN)
		return;
	atomic_or(HALTBLK_CUT_DONE, &dev->cut);
	haltblk_feature_detour(dev, HALTBLK_BY_CMD_CUT, true);
	/* Here and not behind the detour: the caller's command keeps @dev. */
	queue_work(haltblk_slow_wq, &dev->crash_work);
	wake_up_all(&dev->cloned);
}

/* Is it decided whether the device loses its power? */
static bool haltblk_cut_decided(const struct haltblk_device *dev)
{
	int cut = atomic_read(&dev->cut);

	return !cut || cut & HALTBLK_CUT_DONE;
}

/**
 * haltblk_cut_wait - wait until it is decided whether a device loses its power
 * @dev: device
 *
 * May sleep; does not wait for requests.
 *
 * Return: whether it does.
 */
bool haltblk_cut_wait(struct haltblk_device *dev)
{
	wait_event(dev->cloned, haltblk_cut_decided(dev));
	return haltblk_cut_done(dev);
}

/**
 * haltblk_cut_check - may a request begin to move its data?
 * @dev: device
 * @may_sleep: whether the caller may sleep
 *
 * Return: 0; -EIO if the power is gone; -EAGAIN: call again where it may sleep.
 */
int haltblk_cut_check(struct haltblk_device *dev, bool may_sleep)
{
	if (!may_sleep && !haltblk_cut_decided(dev))
		return -EAGAIN;
	return haltblk_cut_wait(dev) ? -EIO : 0;
}

/**
 * haltblk_cut_clear - forget a cut, after power off
 * @dev: device without requests
 */
void haltblk_cut_clear(struct haltblk_device *dev)
{
	dev->keep = HALTBLK_KEEP_FLUSHED;
	atomic_set(&dev->cut, 0);
}
