// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making a device a clone of another: its data, and its options if that is
 * asked for. media/clone.c clones the data.
 *
 * Process context, may sleep, but waits for no request. Holds the lock of the
 * device that becomes the clone, so that it is not powered meanwhile, but never
 * those of both devices.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "device.h"
#include "front/front.h"
#include "media/media.h"

/**
 * struct haltblk_copy - options of a device
 * @cfg: those of the table
 * @latency: by operation
 */
struct haltblk_copy {
	struct haltblk_config cfg;
	struct haltblk_latency latency[HALTBLK_OP_NR];
};

static void haltblk_copy_options(struct haltblk_device *dev,
				 struct haltblk_copy *copy)
{
	mutex_lock(&dev->lock);
	copy->cfg = dev->cfg;
	memcpy(copy->latency, dev->latency, sizeof(copy->latency));
	mutex_unlock(&dev->lock);
}

/* An option with which a device has no data that can be cloned, or 0. */
static int haltblk_copy_bad_option(const struct haltblk_config *cfg)
{
	if (!cfg->memory_backed)
		return HALTBLK_ID_memory_backed;
	if (cfg->zoned)
		return HALTBLK_ID_zoned;
	if (cfg->pi_type)
		return HALTBLK_ID_pi_type;
	/* Pages are shared one by one, which could tear a larger block. */
	return cfg->blocksize > PAGE_SIZE ? HALTBLK_ID_blocksize : 0;
}

static int haltblk_copy_check(const struct haltblk_device *to,
			      const struct haltblk_device *source,
			      const struct haltblk_copy *copy, bool options,
			      char why[HALTBLK_WHY_LEN])
{
	static const int same[] = {
		HALTBLK_ID_size, HALTBLK_ID_blocksize, HALTBLK_ID_discard_reads,
	};
	const struct haltblk_config *cfg = &copy->cfg;
	const struct haltblk_device *dev = source;
	int i, id = haltblk_copy_bad_option(cfg);

	if (!id && !options) {
		dev = to;
		cfg = &to->cfg;
		id = haltblk_copy_bad_option(cfg);
	}
	if (id) {
		snprintf(why, HALTBLK_WHY_LEN,
			 "%s: %s=%lld: cannot be cloned, takes memory_backed=1 zoned=0 pi_type=0, blocks up to a page",
			 dev->name, haltblk_options[id].name, cfg->v[id]);
		return -EINVAL;
	}
	for (i = 0; !options && i < ARRAY_SIZE(same); i++) {
		if (to->cfg.v[same[i]] == copy->cfg.v[same[i]])
			continue;
		snprintf(why, HALTBLK_WHY_LEN,
			 "%s: %s is not that of %s", to->name,
			 haltblk_options[same[i]].name, source->name);
		return -EINVAL;
	}
	return 0;
}

static int haltblk_copy_latencies(struct haltblk_device *to,
				  const struct haltblk_copy *copy)
{
	int op, err = 0;

	for (op = 0; !err && op < HALTBLK_OP_NR; op++)
		if (memcmp(&to->latency[op], &copy->latency[op],
			   sizeof(copy->latency[op])))
			err = haltblk_latency_set(to, op, &copy->latency[op]);
	return err;
}

static int haltblk_copy_locked(struct haltblk_device *to,
			       struct haltblk_device *source,
			       const struct haltblk_copy *copy, bool options,
			       bool flushed, char why[HALTBLK_WHY_LEN])
{
	int i, err;

	lockdep_assert_held(&to->lock);
	/* A removal powers the device off without @power_jobs. */
	if (READ_ONCE(to->gate.gone)) {
		snprintf(why, HALTBLK_WHY_LEN, "%s: the device is being removed",
			 to->name);
		return -ENODEV;
	}
	if (to->power_jobs || to->disk) {
		snprintf(why, HALTBLK_WHY_LEN,
			 "%s: the device is powered; write power=0 first",
			 to->name);
		return -EBUSY;
	}
	err = haltblk_copy_check(to, source, copy, options, why);
	if (!err && options)
		err = haltblk_copy_latencies(to, copy);
	if (!err)
		err = haltblk_clone_store(source, to, &copy->cfg, flushed);
	for (i = 0; !err && options && i < HALTBLK_NR_OPTIONS; i++)
		WRITE_ONCE(to->cfg.v[i], copy->cfg.v[i]);
	return err;
}

/**
 * haltblk_copy_make - make a device a clone of another one
 * @to: device that becomes the clone
 * @source: device, powered or not
 * @options: also take over the options
 * @flushed: the data that a power cut would leave; otherwise as reads see it
 * @why: set to the reason of a refusal
 *
 * Begins again if the options of @source have changed before its data is cloned,
 * or too many blocks have become dirty.
 *
 * Return: 0; -EBUSY if @to is powered; -ENODEV if it is being removed; -EINVAL
 * if the devices do not fit together; -EINTR if killed; or -ENOMEM. After the
 * last two, @to may have no data.
 */
int haltblk_copy_make(struct haltblk_device *to, struct haltblk_device *source,
		      bool options, bool flushed, char why[HALTBLK_WHY_LEN])
{
	struct haltblk_copy *copy;
	int err;

	if (to == source) {
		snprintf(why, HALTBLK_WHY_LEN,
			 "%s: a device cannot be its own clone", to->name);
		return -EINVAL;
	}
	copy = kmalloc(sizeof(*copy), GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	do {
		haltblk_copy_options(source, copy);
		mutex_lock(&to->lock);
		err = haltblk_copy_locked(to, source, copy, options, flushed,
					  why);
		mutex_unlock(&to->lock);
		if (err == -EAGAIN && fatal_signal_pending(current))
			err = -EINTR;
	} while (err == -EAGAIN);
	kfree(copy);
	return err;
}
