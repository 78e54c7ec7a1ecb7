// SPDX-License-Identifier: GPL-2.0-only
/*
 * The options mbps, mbps_read, mbps_write, iops_read and iops_write: a budget
 * for each limit and interval of 20 ms. A request that finds some left of all
 * its budgets is admitted and may overdraw them, which later intervals pay for.
 * Others wait, reads and writes apart, in the order of arrival. No request waits
 * while the gate is shut, so power off does not wait for a budget.
 *
 * haltblk_throttle.lock protects everything here; interrupts may take it. A
 * worker admits those that waited.
 */
#include "core.h"

#define HALTBLK_THROTTLE_TICK	(NSEC_PER_SEC / HALTBLK_THROTTLE_HZ)

/* Flushes and changes of a zone's state have no sectors and cost nothing. */
#define HALTBLK_THROTTLE_OPS						\
	(BIT(HALTBLK_OP_READ) | BIT(HALTBLK_OP_WRITE) |			\
	 BIT(HALTBLK_OP_DISCARD) | BIT(HALTBLK_OP_SECURE_ERASE) |	\
	 BIT(HALTBLK_OP_WRITE_ZEROES) | BIT(HALTBLK_OP_ZONE_APPEND))

/* Requests that read wait in the first list, all others in the second. */
static unsigned int haltblk_throttle_side(enum haltblk_op op)
{
	return op != HALTBLK_OP_READ;
}

static bool haltblk_throttle_minds(enum haltblk_op op, u32 nr_sectors)
{
	return HALTBLK_THROTTLE_OPS & BIT(op) && nr_sectors;
}

static bool haltblk_budget_left(const struct haltblk_budget *budget)
{
	return !budget->rate || budget->left > 0;
}

static void haltblk_budget_spend(struct haltblk_budget *budget, u64 cost)
{
	if (budget->rate)
		budget->left -= cost * HALTBLK_THROTTLE_HZ;
}

/* Is there budget for a request of this side? */
static bool haltblk_throttle_has(const struct haltblk_device *dev,
				 unsigned int side)
{
	const struct haltblk_throttle *t = &dev->throttle;

	lockdep_assert_held(&t->lock);
	if (!READ_ONCE(dev->gate.open))
		return true;
	return haltblk_budget_left(&t->bytes) &&
	       haltblk_budget_left(&t->side_bytes[side]) &&
	       haltblk_budget_left(&t->side_requests[side]);
}

/* May a request of the other side go on, and waits for that? */
static bool haltblk_throttle_other(const struct haltblk_device *dev,
				   unsigned int side)
{
	return !list_empty(&dev->throttle.waiting[!side]) &&
	       haltblk_throttle_has(dev, !side);
}

static void haltblk_throttle_spend(struct haltblk_throttle *t,
				   unsigned int side, u32 nr_sectors)
{
	u64 bytes = (u64)nr_sectors << SECTOR_SHIFT;

	lockdep_assert_held(&t->lock);
	haltblk_budget_spend(&t->bytes, bytes);
	haltblk_budget_spend(&t->side_bytes[side], bytes);
	haltblk_budget_spend(&t->side_requests[side], 1);
	if (t->ticking)
		return;
	t->ticking = true;
	hrtimer_start(&t->timer, ns_to_ktime(HALTBLK_THROTTLE_TICK),
		      HRTIMER_MODE_REL);
}

/**
 * haltblk_throttle_take - spend what a request costs, if there is budget
 * @dev: device with a limit
 * @op: operation
 * @nr_sectors: length
 *
 * Return: false if the request has to wait.
 */
bool haltblk_throttle_take(struct haltblk_device *dev, enum haltblk_op op,
			   u32 nr_sectors)
{
	struct haltblk_throttle *t = &dev->throttle;
	unsigned int side = haltblk_throttle_side(op);
	unsigned long flags;
	bool pass;

	if (!haltblk_throttle_minds(op, nr_sectors))
		return true;
	spin_lock_irqsave(&t->lock, flags);
	pass = list_empty(&t->waiting[side]) &&
	       haltblk_throttle_has(dev, side) &&
	       !haltblk_throttle_other(dev, side);
	if (pass)
		haltblk_throttle_spend(t, side, nr_sectors);
	spin_unlock_irqrestore(&t->lock, flags);
	return pass;
}

static struct haltblk_cmd *haltblk_throttle_admit(struct haltblk_cmd *cmd)
{
	struct haltblk_throttle *t = &cmd->dev->throttle;
	unsigned int side = haltblk_throttle_side(cmd->op);
	struct haltblk_cmd *own;
	unsigned long flags;

	if (haltblk_throttle_take(cmd->dev, cmd->op, cmd->nr_sectors))
		return cmd;

	own = haltblk_pass_leave(cmd, false);
	if (!own) {
		cmd->status = BLK_STS_AGAIN;
		cmd->step = HALTBLK_STEP_END;
		return cmd;
	}
	spin_lock_irqsave(&t->lock, flags);
	list_add_tail(&own->node, &t->waiting[side]);
	/* The timer may have stopped meanwhile, or the other side had its turn. */
	if (!t->ticking || haltblk_throttle_has(own->dev, side))
		queue_work(haltblk_wq, &t->work);
	spin_unlock_irqrestore(&t->lock, flags);
	return NULL;
}

/* The two sides take turns while both have budget. */
static struct haltblk_cmd *haltblk_throttle_next(struct haltblk_device *dev)
{
	struct haltblk_throttle *t = &dev->throttle;
	struct haltblk_cmd *cmd = NULL;
	unsigned int i;

	spin_lock_irq(&t->lock);
	for (i = 0; i < 2 && !cmd; i++) {
		t->turn = !t->turn;
		if (haltblk_throttle_has(dev, t->turn))
			cmd = list_first_entry_or_null(&t->waiting[t->turn],
						       struct haltblk_cmd,
						       node);
	}
	if (cmd) {
		list_del_init(&cmd->node);
		haltblk_throttle_spend(t, t->turn, cmd->nr_sectors);
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

/* Nothing is saved beyond an interval. Return: whether all is paid. */
static bool haltblk_budget_refill(struct haltblk_budget *budget, u64 ticks)
{
	budget->left = min_t(s64, budget->left + ticks * budget->rate,
			     budget->rate);
	return budget->left == budget->rate;
}

/* An interval has begun. */
static enum hrtimer_restart haltblk_throttle_tick(struct hrtimer *timer)
{
	struct haltblk_throttle *t = container_of(timer, struct haltblk_throttle,
						  timer);
	bool paid, waits = false;
	unsigned long flags;
	unsigned int side;
	u64 ticks;

	spin_lock_irqsave(&t->lock, flags);
	ticks = hrtimer_forward_now(timer, ns_to_ktime(HALTBLK_THROTTLE_TICK));
	paid = haltblk_budget_refill(&t->bytes, ticks);
	for (side = 0; side < 2; side++) {
		paid &= haltblk_budget_refill(&t->side_bytes[side], ticks);
		paid &= haltblk_budget_refill(&t->side_requests[side], ticks);
		waits |= !list_empty(&t->waiting[side]);
	}
	t->ticking = !paid || waits;
	if (waits)
		queue_work(haltblk_wq, &t->work);
	spin_unlock_irqrestore(&t->lock, flags);
	return paid && !waits ? HRTIMER_NORESTART : HRTIMER_RESTART;
}

static bool haltblk_throttle_on(const struct haltblk_config *cfg)
{
	return cfg->mbps || cfg->mbps_read || cfg->mbps_write ||
	       cfg->iops_read || cfg->iops_write;
}

static void haltblk_budget_init(struct haltblk_budget *budget, s64 rate)
{
	budget->rate = rate;
	budget->left = rate;
}

static int haltblk_throttle_start(struct haltblk_device *dev)
{
	struct haltblk_throttle *t = &dev->throttle;

	spin_lock_init(&t->lock);
	INIT_LIST_HEAD(&t->waiting[0]);
	INIT_LIST_HEAD(&t->waiting[1]);
	INIT_WORK(&t->work, haltblk_throttle_work);
	haltblk_compat_hrtimer_setup(&t->timer, haltblk_throttle_tick);
	haltblk_budget_init(&t->bytes, dev->cfg.mbps * SZ_1M);
	haltblk_budget_init(&t->side_bytes[0], dev->cfg.mbps_read * SZ_1M);
	haltblk_budget_init(&t->side_bytes[1], dev->cfg.mbps_write * SZ_1M);
	haltblk_budget_init(&t->side_requests[0], dev->cfg.iops_read);
	haltblk_budget_init(&t->side_requests[1], dev->cfg.iops_write);
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
	.by_cmd	= HALTBLK_BY_CMD_THROTTLE,
};
