// SPDX-License-Identifier: GPL-2.0-only
/*
 * Power cuts: how requests learn that their device has lost its power.
 * device/crash.c cuts the power of devices and then switches it off.
 *
 *   0 ──► BEGUN ──► BEGUN | DONE ──► SHUT    a call, for several devices
 *     ╲─► RULE ──► RULE | DONE ──► SHUT      action=crash
 *
 * While a cut has only begun, requests that begin wait where they would move
 * their data. When all devices of the call are that far, the cut is done, and
 * from then on requests end with IOERR. So no request answers because of the
 * cut while one of the devices still lets requests begin: a program that writes
 * A to one device and, after the answer, B to another one never leaves B without
 * A.
 *
 * What had passed that place when the cut began is in flight. It moves its data
 * or part of it. It ends with IOERR, unless it ends before the cut is done or
 * takes the short path, which does not look. It ends before the device drops its
 * cache, since power off waits for it. Power off also waits for SHUT: the gate is
 * shut, and what it held is released.
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
 * @dev: a cut of it has begun; its lock is held, so that a removal that comes now
 *	finds the work
 *
 * Requests take the way that rules see until power off. If a rule has cut the
 * power meanwhile, the cut is done.
 */
void haltblk_cut_undo(struct haltblk_device *dev)
{
	if (atomic_fetch_andnot(HALTBLK_CUT_BEGUN, &dev->cut) &
	    HALTBLK_CUT_RULE) {
		atomic_or(HALTBLK_CUT_DONE, &dev->cut);
		if (!READ_ONCE(dev->gate.gone))
			queue_work(haltblk_slow_wq, &dev->crash_work);
	}
	wake_up_all(&dev->cloned);
}

/**
 * haltblk_cut_now - cut the power at once, for action=crash
 * @dev: device; the caller owns one of its commands
 *
 * A worker switches the power off.
 *
 * Return: false if a call has begun to cut the power, and other devices of that
 * call may not be that far: the command must not end before the cut is done.
 */
bool haltblk_cut_now(struct haltblk_device *dev)
{
	if (atomic_fetch_or(HALTBLK_CUT_RULE, &dev->cut) & HALTBLK_CUT_BEGUN)
		return haltblk_cut_done(dev);
	haltblk_feature_detour(dev, HALTBLK_BY_CMD_CUT, true);
	/* No request ends because of the cut while one could miss it. */
	smp_mb();
	atomic_or(HALTBLK_CUT_DONE, &dev->cut);
	/* The caller's command keeps @dev. */
	queue_work(haltblk_slow_wq, &dev->crash_work);
	wake_up_all(&dev->cloned);
	return true;
}

/* Is it decided whether the device loses its power? */
static bool haltblk_cut_decided(const struct haltblk_device *dev)
{
	int cut = atomic_read(&dev->cut);

	return !cut || cut & HALTBLK_CUT_DONE;
}

/**
 * haltblk_cut_shut - let the power go off
 * @dev: a cut of it is done, and its gate is shut
 */
void haltblk_cut_shut(struct haltblk_device *dev)
{
	atomic_or(HALTBLK_CUT_SHUT, &dev->cut);
	wake_up_all(&dev->cloned);
}

/* Can the power go off, or does it stay on? */
static bool haltblk_cut_settled(const struct haltblk_device *dev)
{
	int cut = atomic_read(&dev->cut);

	return !cut || cut & HALTBLK_CUT_SHUT;
}

/**
 * haltblk_cut_settle - wait until a cut is undone or the gate is shut
 * @dev: device
 *
 * May sleep; does not wait for requests. Jobs that change the power call this, so
 * that nobody shuts the gate of a device that is powered again.
 *
 * Return: whether the device has lost its power.
 */
bool haltblk_cut_settle(struct haltblk_device *dev)
{
	wait_event(dev->cloned, haltblk_cut_settled(dev));
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
	if (!haltblk_cut_decided(dev)) {
		if (!may_sleep)
			return -EAGAIN;
		wait_event(dev->cloned, haltblk_cut_decided(dev));
	}
	return haltblk_cut_done(dev) ? -EIO : 0;
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
