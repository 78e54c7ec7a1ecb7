// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cloning the data of a device at one instant; share.c shares the pages.
 *
 * Process context, may sleep. While pages are shared, changes of the data wait
 * that have not begun. Requests that a rule holds are neither ended nor waited
 * for.
 *
 * What has begun when the flag is set is in flight: it is in the clone or not, a
 * page at a time. If a write W2 begins after a write W1 has ended, then a clone
 * with data of W2 has all of W1: had W1 come too late for one of its pages, then
 * W2 would have begun after the flag was set, and have waited.
 *
 * Sharing allocates no memory that it would have to wait for, since that could
 * be memory which a waiting write is to free.
 */
#include "media.h"

/* One at a time: a device must not get other data while it is being cloned. */
static DEFINE_MUTEX(haltblk_clone_mutex);

/**
 * haltblk_clone_wait - wait while the device's data is being cloned
 * @dev: device whose data is about to change
 */
void haltblk_clone_wait(struct haltblk_device *dev)
{
	wait_event(dev->cloned, !READ_ONCE(dev->cloning));
}

/* Have options changed that can only change without power? */
static bool haltblk_clone_changed(const struct haltblk_device *dev,
				  const struct haltblk_config *cfg)
{
	int i;

	for (i = 0; i < HALTBLK_NR_OPTIONS; i++)
		if (!(haltblk_options[i].flags & HALTBLK_OPT_F_LIVE) &&
		    READ_ONCE(dev->cfg.v[i]) != cfg->v[i])
			return true;
	return false;
}

/*
 * Take the lock before the flag: an atomic write that has the lock may wait for
 * memory, and so for other writes. With the lock, no power on brings data that
 * was written with other options.
 */
static int haltblk_clone_share(struct haltblk_device *dev,
			       struct haltblk_store *to,
			       const struct haltblk_config *cfg,
			       struct haltblk_dirty_olds *olds)
{
	int err;

	down_write(&dev->media_sem);
	if (haltblk_clone_changed(dev, cfg)) {
		up_write(&dev->media_sem);
		return -EAGAIN;
	}
	WRITE_ONCE(dev->cloning, true);
	haltblk_feature_detour(dev, HALTBLK_BY_CMD_CLONE, true);
	/*
	 * A block that is dirty before or after the pages are shared may be so
	 * because of a write in flight, and has the media's data in either case.
	 */
	err = olds && !haltblk_dirty_copy(&dev->cache, olds) ? -EAGAIN : 0;
	if (!err)
		err = haltblk_share_all(&dev->store, to);
	if (!err && olds && !haltblk_dirty_copy(&dev->cache, olds))
		err = -EAGAIN;
	haltblk_feature_detour(dev, HALTBLK_BY_CMD_CLONE, false);
	WRITE_ONCE(dev->cloning, false);
	wake_up_all(&dev->cloned);
	up_write(&dev->media_sem);
	return err;
}

/**
 * haltblk_clone_store - replace a device's data by that of another device
 * @dev: the other device, powered or not
 * @to: device without power; its options do not change meanwhile
 * @cfg: the options that @dev is expected to have
 * @flushed: only what a power cut would leave; otherwise as reads see it
 *
 * Return: 0; -EAGAIN if @dev has other options or too many blocks have become
 * dirty meanwhile; -ENOMEM; or -EINTR if killed. Then @to has no data.
 */
int haltblk_clone_store(struct haltblk_device *dev, struct haltblk_device *to,
			const struct haltblk_config *cfg, bool flushed)
{
	struct haltblk_dirty_olds olds = { };
	int err;

	mutex_lock(&haltblk_clone_mutex);
	haltblk_store_destroy(&to->store);
	/* They are kept over power off, but protect other data. */
	haltblk_tuples_destroy(&to->integrity.tuples);
	err = haltblk_share_prepare(&dev->store, &to->store);
	if (!err && flushed)
		err = haltblk_dirty_prepare(&dev->cache, &olds);
	if (!err)
		err = haltblk_clone_share(dev, &to->store, cfg,
					  flushed ? &olds : NULL);
	haltblk_share_finish(&to->store);
	if (!err)
		haltblk_dirty_apply(&olds, &to->store);
	haltblk_dirty_free(&olds);
	if (err)
		haltblk_store_destroy(&to->store);
	mutex_unlock(&haltblk_clone_mutex);
	return err;
}
