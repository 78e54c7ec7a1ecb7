// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that say what remains of pending writes: CRASH and CLONE. Process
 * context, may sleep.
 */
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "control.h"
#include "device/device.h"

/* Is it right, and can it be had? @name is that of the device. */
static int haltblk_keep_check(struct haltblk_call *call, const char *name,
			      const struct haltblk_keep *keep, bool clone)
{
	bool ids = keep->how == HALTBLK_KEEP_IDS ||
		   keep->how == HALTBLK_KEEP_DROP;
	const char *what;

	if (keep->how >= HALTBLK_KEEP_NR)
		what = "keep: unknown number";
	else if (keep->how == HALTBLK_KEEP_LIVE && !clone)
		what = "keep: only a clone can be live";
	else if (!ids && (keep->nr_ids || keep->ids))
		what = "ids: given without a keep that takes them, must be 0";
	else if (keep->nr_ids > HALTBLK_MAX_KEEP_IDS)
		what = "ids: takes at most 65536";
	else if (keep->how != HALTBLK_KEEP_SEED && keep->seed)
		what = "seed: given without its keep, must be 0";
	else
		what = NULL;
	if (what) {
		snprintf(call->why, sizeof(call->why), "%.31s: %s", name, what);
		return -EINVAL;
	}
	if (keep->how <= HALTBLK_KEEP_ALL)
		return 0;
	snprintf(call->why, sizeof(call->why),
		 "%.31s: keep: seed, ids and drop need a record of requests, which this driver cannot make",
		 name);
	return -EOPNOTSUPP;
}

/* Fill @list with devices. Sets @found to how many references it has. */
static int haltblk_keep_find(struct haltblk_call *call,
			     const struct haltblk_crash *in,
			     struct haltblk_crash_one *list,
			     unsigned int *found)
{
	struct haltblk_crash_device want;
	void __user *from;
	unsigned int i;
	int err;

	for (*found = 0; *found < in->nr_devices; ++*found) {
		from = u64_to_user_ptr(in->devices) +
		       (size_t)*found * in->device_size;
		err = copy_struct_from_user(&want, sizeof(want), from,
					    in->device_size);
		if (err)
			return err;
		if (strnlen(want.name, sizeof(want.name)) == sizeof(want.name)) {
			snprintf(call->why, sizeof(call->why),
				 "name: takes at most %zu characters",
				 sizeof(want.name) - 1);
			return -ENAMETOOLONG;
		}
		err = haltblk_keep_check(call, want.name, &want.keep, false);
		if (err)
			return err;
		list[*found].keep = want.keep.how;
		list[*found].dev = haltblk_list_find(want.name);
		if (!list[*found].dev) {
			snprintf(call->why, sizeof(call->why),
				 "%s: no haltblk device of that name",
				 want.name);
			return -ENODEV;
		}
		for (i = 0; i < *found; i++) {
			if (list[i].dev != list[*found].dev)
				continue;
			haltblk_device_put(list[i].dev);
			snprintf(call->why, sizeof(call->why), "%s: given twice",
				 want.name);
			return -EINVAL;
		}
	}
	return 0;
}

/**
 * haltblk_keep_crash - HALTBLK_IOC_CRASH
 * @call: call
 */
int haltblk_keep_crash(struct haltblk_call *call)
{
	struct haltblk_crash_one *list;
	unsigned int found = 0;
	struct haltblk_crash in;
	int err;

	err = HALTBLK_CALL_IN(call, &in, CRASH, 0);
	if (err)
		return err;
	if (!in.nr_devices || in.nr_devices > HALTBLK_MAX_CRASH ||
	    in.device_size < HALTBLK_CRASH_DEVICE_SIZE_0 ||
	    in.device_size > HALTBLK_CALL_MAX_ENTRY) {
		snprintf(call->why, sizeof(call->why),
			 "nr_devices: takes 1 to %d; device_size: takes %d to %d",
			 HALTBLK_MAX_CRASH, HALTBLK_CRASH_DEVICE_SIZE_0,
			 HALTBLK_CALL_MAX_ENTRY);
		return -EINVAL;
	}
	list = kcalloc(in.nr_devices, sizeof(*list), GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	err = haltblk_keep_find(call, &in, list, &found);
	if (!err)
		err = haltblk_crash_devices(list, found, call->why);
	while (found--)
		haltblk_device_put(list[found].dev);
	kfree(list);
	return err;
}

/**
 * haltblk_keep_clone - HALTBLK_IOC_CLONE
 * @call: call
 */
int haltblk_keep_clone(struct haltblk_call *call)
{
	struct haltblk_device *source;
	struct haltblk_clone in;
	int err;

	err = HALTBLK_CALL_IN(call, &in, CLONE, HALTBLK_CLONE_F_OPTIONS);
	if (err)
		return err;
	if (strnlen(in.source, sizeof(in.source)) == sizeof(in.source)) {
		snprintf(call->why, sizeof(call->why),
			 "source: takes at most %zu characters",
			 sizeof(in.source) - 1);
		return -ENAMETOOLONG;
	}
	err = haltblk_keep_check(call, in.source, &in.keep, true);
	if (err)
		return err;
	source = haltblk_list_find(in.source);
	if (!source) {
		snprintf(call->why, sizeof(call->why),
			 "source %.31s: no haltblk device of that name",
			 in.source);
		return -ENXIO;
	}
	err = haltblk_copy_make(call->dev, source,
				in.hdr.flags & HALTBLK_CLONE_F_OPTIONS,
				in.keep.how == HALTBLK_KEEP_FLUSHED, call->why);
	haltblk_device_put(source);
	return err;
}
