// SPDX-License-Identifier: GPL-2.0-only
/*
 * timeout_inject and requeue_inject: requests of blk-mq that never end, until
 * their time-out does, and requests handed back to the block layer. Decided
 * between the states submit and media. Process context; takes no locks but the
 * fault's.
 */
#include "core.h"

static void haltblk_inject_log(const struct haltblk_device *dev,
			       enum haltblk_fault_id id)
{
	const struct haltblk_fault *fault = &dev->faults[id];

	pr_notice("%s: %s: forcing a failure: interval=%lu probability=%lu space=%lld times=%lld\n",
		  dev->name, haltblk_fault_names[id],
		  READ_ONCE(fault->interval), READ_ONCE(fault->probability),
		  READ_ONCE(fault->space), READ_ONCE(fault->times));
	if (READ_ONCE(fault->verbose) > 1)
		dump_stack();
}

/**
 * haltblk_inject_hits - does it fail this time? Logs it with verbose
 * @dev: device
 * @id: what could fail
 */
bool haltblk_inject_hits(struct haltblk_device *dev, enum haltblk_fault_id id)
{
	struct haltblk_fault *fault = &dev->faults[id];

	/* Each kind draws numbers of its own. */
	if (!haltblk_fault_hits(fault, READ_ONCE(dev->cfg.seed) ^
				       (u64)id << 32))
		return false;
	if (unlikely(READ_ONCE(fault->verbose)))
		haltblk_inject_log(dev, id);
	return true;
}

static struct haltblk_cmd *haltblk_inject_admit(struct haltblk_cmd *cmd)
{
	struct haltblk_device *dev = cmd->dev;

	/* As rules: nothing happens to a partition scan, or while power goes. */
	if (!READ_ONCE(dev->gate.open))
		return cmd;
	/* One that is to be held in its next state has to get there. */
	if (!cmd->step_rule &&
	    haltblk_inject_hits(dev, HALTBLK_FAULT_requeue)) {
		dev->front->hand_back(cmd);
		return NULL;
	}
	if (haltblk_inject_hits(dev, HALTBLK_FAULT_timeout)) {
		/* Nobody has it now but the handler of its time-out. */
		smp_store_release(&cmd->lost, true);
		return NULL;
	}
	return cmd;
}

static bool haltblk_inject_wanted(const struct haltblk_device *dev)
{
	return dev->cfg.queue_mode &&
	       (READ_ONCE(dev->faults[HALTBLK_FAULT_requeue].probability) ||
		READ_ONCE(dev->faults[HALTBLK_FAULT_timeout].probability));
}

/**
 * haltblk_inject_changed - a fault has changed; the device may be powered
 * @dev: device
 */
void haltblk_inject_changed(struct haltblk_device *dev)
{
	if (haltblk_inject_wanted(dev))
		haltblk_feature_hook(dev, HALTBLK_FEATURE_inject);
}

static int haltblk_inject_check(const struct haltblk_device *dev)
{
	int i;

	if (dev->cfg.queue_mode)
		return 0;
	for (i = 0; i < HALTBLK_NR_FAULTS; i++) {
		if (!dev->faults[i].probability)
			continue;
		pr_warn("%s: power=1: %s/probability=%lu has no effect in bio mode; write 0, or queue_mode=2\n",
			dev->name, haltblk_fault_names[i],
			dev->faults[i].probability);
		return -EINVAL;
	}
	return 0;
}

static int haltblk_inject_start(struct haltblk_device *dev)
{
	int i;

	for (i = 0; i < HALTBLK_NR_FAULTS; i++)
		dev->faults[i].draws = 0;
	return 0;
}

static void haltblk_inject_create(struct haltblk_device *dev)
{
	int i;

	for (i = 0; i < HALTBLK_NR_FAULTS; i++) {
		dev->faults[i] = haltblk_fault_defaults[i];
		spin_lock_init(&dev->faults[i].lock);
	}
}

/*
 * First among the features: a request that comes back is new to the others. They
 * must not have moved a write pointer or spent a budget for it.
 */
const struct haltblk_feature haltblk_inject_feature = {
	.init	= haltblk_inject_create,
	.check	= haltblk_inject_check,
	.start	= haltblk_inject_start,
	.admit	= haltblk_inject_admit,
	.wanted	= haltblk_inject_wanted,
};
