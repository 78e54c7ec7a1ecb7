// SPDX-License-Identifier: GPL-2.0-only
/*
 * All features of a device, one after the other. Process context. The device's
 * options do not change meanwhile.
 */
#include "device.h"

static const struct haltblk_feature * const haltblk_features[] = {
#define X(name) &haltblk_##name##_feature,
	HALTBLK_FEATURES(X)
#undef X
};

static bool haltblk_features_on(const struct haltblk_feature *feature,
				const struct haltblk_device *dev)
{
	return !feature->on || feature->on(&dev->cfg);
}

/**
 * haltblk_features_init - a device is created
 * @dev: device, zeroed
 */
void haltblk_features_init(struct haltblk_device *dev)
{
	int i;

	for (i = 0; i < HALTBLK_NR_FEATURES; i++)
		if (haltblk_features[i]->init)
			haltblk_features[i]->init(dev);
}

/**
 * haltblk_features_destroy - a device is freed
 * @dev: device, without power
 */
void haltblk_features_destroy(struct haltblk_device *dev)
{
	int i;

	for (i = HALTBLK_NR_FEATURES; i--; )
		if (haltblk_features[i]->destroy)
			haltblk_features[i]->destroy(dev);
}

/**
 * haltblk_features_check - do the options of all features fit together?
 * @dev: device, about to be powered
 *
 * Return: 0, or -EINVAL after a line in the kernel log that names the options.
 */
int haltblk_features_check(const struct haltblk_device *dev)
{
	int i, err;

	for (i = 0; i < HALTBLK_NR_FEATURES; i++) {
		err = haltblk_feature_check(haltblk_features[i], dev);
		if (err)
			return err;
	}
	return 0;
}

/**
 * haltblk_features_limits - what the features mean to the block layer
 * @dev: device whose features were started
 * @lim: what to add it to
 */
void haltblk_features_limits(const struct haltblk_device *dev,
			     struct haltblk_limits *lim)
{
	int i;

	for (i = 0; i < HALTBLK_NR_FEATURES; i++)
		if (haltblk_features[i]->limits &&
		    haltblk_features_on(haltblk_features[i], dev))
			haltblk_features[i]->limits(dev, lim);
}

/**
 * haltblk_features_stop - stop what was started, the last first
 * @dev: device, whose disk gets no request any more, or has none yet
 * @nr: number from haltblk_features_start(), or HALTBLK_NR_FEATURES
 */
void haltblk_features_stop(struct haltblk_device *dev, int nr)
{
	while (nr--)
		if (haltblk_features[nr]->stop &&
		    haltblk_features_on(haltblk_features[nr], dev))
			haltblk_features[nr]->stop(dev);
	haltblk_feature_hooks_drop(dev);
}

/**
 * haltblk_features_start - start what the options ask for, at power on
 * @dev: its options are checked, its queues are there, its disk is not
 * @nr: set to how many features haltblk_features_stop() has to stop
 *
 * Return: 0 or an errno.
 */
int haltblk_features_start(struct haltblk_device *dev, int *nr)
{
	const struct haltblk_feature *feature;
	int i, err;

	for (i = 0; i < HALTBLK_NR_FEATURES; i++) {
		*nr = i;
		feature = haltblk_features[i];
		if (!haltblk_features_on(feature, dev))
			continue;
		err = feature->start ? feature->start(dev) : 0;
		if (err)
			return err;
		if (!feature->admit && !feature->move)
			continue;
		/* From here on it can hook by itself, so ask it afterwards. */
		haltblk_feature_hooks_add(dev, i, feature);
		if (!feature->wanted || feature->wanted(dev))
			haltblk_feature_hook(dev, i);
	}
	*nr = i;
	return 0;
}

/**
 * haltblk_features_add - the disk is about to be added
 * @dev: device
 * @disk: made, with its limits and capacity
 *
 * Return: 0 or an errno, with nothing to undo.
 */
int haltblk_features_add(struct haltblk_device *dev, struct gendisk *disk)
{
	int i, err = 0;

	for (i = 0; i < HALTBLK_NR_FEATURES && !err; i++)
		if (haltblk_features[i]->add &&
		    haltblk_features_on(haltblk_features[i], dev))
			err = haltblk_features[i]->add(dev, disk);
	return err;
}

/**
 * haltblk_features_show - what the features count
 * @dev: device, powered or not
 * @out: what to add it to
 */
void haltblk_features_show(const struct haltblk_device *dev,
			   struct haltblk_stats *out)
{
	int i;

	for (i = 0; i < HALTBLK_NR_FEATURES; i++)
		if (haltblk_features[i]->show)
			haltblk_features[i]->show(dev, out);
}
