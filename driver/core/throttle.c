// SPDX-License-Identifier: GPL-2.0-only
/*
 * The option mbps: a budget of bytes for each interval of 20 ms. A request that
 * finds some of it left is admitted and may overdraw it, which later intervals
 * pay for; others wait in the order of arrival. No request waits while the gate
 * is shut, so power off does not wait for the budget.
 *
 * haltblk_throttle.lock protects everything here; interrupts may take it. A
 * worker admits those that waited.
 */
#include "core.h"

#define HALTBLK_THROTTLE_TICK	(NSEC_PER_SEC / HALTBLK_THROTTLE_HZ)

/* Is there budget? */
static bool haltblk_throttle_has(const struct haltblk_device *dev)
{
	lockdep_assert_held(&dev->throttle.lock);
	return dev->throttle.left > 0 || !READ_ONCE(dev->gate.open);
}

static void haltblk_throttle_spend(struct haltblk_throttle *t,
				   const struct haltblk_cmd *cmd)
{
	lockdep_assert_held(&t->lock);
	t->left -= (s64)cmd->nr_sectors << SECTOR_SHIFT;
	if (t->ticking)
		return;
	t->ticking = true;
	hrtimer_start(&t->timer, ns_to_ktime(HALTBLK_THROTTLE_TICK),
		      HRTIMER_MODE_REL);
}

static struct haltblk_cmd *haltblk_throttle_admit(struct haltblk_cmd *cmd)
{
	struct haltblk_throttle *t = &cmd->dev->throttle;
	struct haltblk_cmd *own;
	unsigned long flags;
	bool pass;

	/* A flush moves no data. */
	if (!cmd->nr_sectors)
		return cmd;
	spin_lock_irqsave(&t->lock, flags);
	pass = list_empty(&t->waiting) && haltblk_throttle_has(cmd->dev);
	if (pass)
		haltblk_throttle_spend(t, cmd);
	spin_unlock_irqrestore(&t->lock, flags);
	if (pass)
		return cmd;

	own = haltblk_pass_leave(cmd, false);
	if (!own) {
		cmd->status = BLK_STS_AGAIN;
		cmd->step = HALTBLK_STEP_END;
		return cmd;
	}
	spin_lock_irqsave(&t->lock, flags);
	list_add_tail(&own->node, &t->waiting);
	/* The timer may have stopped meanwhile. */
	if (!t->ticking)
		queue_work(haltblk_wq, &t->work);
	spin_unlock_irqrestore(&t->lock, flags);
	return NULL;
}

static struct haltblk_cmd *haltblk_throttle_next(struct haltblk_device *dev)
{
	struct haltblk_throttle *t = &dev->throttle;
	struct haltblk_cmd *cmd = NULL;

	spin_lock_irq(&t->lock);
	if (haltblk_throttle_has(dev))
		cmd = list_first_entry_or_null(&t->waiting, struct haltblk_cmd,
					       node);
	if (cmd) {
		list_del_init(&cmd->node);
		haltblk_throttle_spend(t, cmd);
	}
	spin_unlock_irq(&t->lock);
	return cmd;
}

static void haltblk_throttle_work(struct work_struct *work)
{
	struct haltblk_device *dev = container_of(work, struct haltblk_device,
						  throttle.work);
	const struct haltblk_verdict go_on = { };
	struct haltblk_cmd *cmd;

	while ((cmd = haltblk_throttle_next(dev))) {
		cmd->flags |= HALTBLK_CMD_F_SLEEP;
		dev->gate.go_on(cmd, &go_on);
	}
}

/* An interval has begun. Nothing is saved beyond it. */
static enum hrtimer_restart haltblk_throttle_tick(struct hrtimer *timer)
{
	struct haltblk_throttle *t = container_of(timer, struct haltblk_throttle,
						  timer);
	unsigned long flags;
	bool again;
	u64 ticks;

	spin_lock_irqsave(&t->lock, flags);
	ticks = hrtimer_forward_now(timer, ns_to_ktime(HALTBLK_THROTTLE_TICK));
	t->left = min_t(s64, t->left + ticks * t->budget, t->budget);
	again = t->left < t->budget || !list_empty(&t->waiting);
	t->ticking = again;
	if (!list_empty(&t->waiting))
		queue_work(haltblk_wq, &t->work);
	spin_unlock_irqrestore(&t->lock, flags);
	return again ? HRTIMER_RESTART : HRTIMER_NORESTART;
}

static bool haltblk_throttle_on(const struct haltblk_config *cfg)
{
	return cfg->mbps;
}

static int haltblk_throttle_start(struct haltblk_device *dev)
{
	struct haltblk_throttle *t = &dev->throttle;

	spin_lock_init(&t->lock);
	INIT_LIST_HEAD(&t->waiting);
	INIT_WORK(&t->work, haltblk_throttle_work);
	haltblk_compat_hrtimer_setup(&t->timer, haltblk_throttle_tick);
	t->budget = dev->cfg.mbps * SZ_1M / HALTBLK_THROTTLE_HZ;
	t->left = t->budget;
	t->ticking = false;
	return 0;
}

static void haltblk_throttle_stop(struct haltblk_device *dev)
{
	hrtimer_cancel(&dev->throttle.timer);
	cancel_work_sync(&dev->throttle.work);
}

const struct haltblk_feature haltblk_throttle_feature = {
	.on	= haltblk_throttle_on,
	.start	= haltblk_throttle_start,
	.stop	= haltblk_throttle_stop,
	.admit	= haltblk_throttle_admit,
};
