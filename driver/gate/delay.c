// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands that a rule delays. A delayed command is on its rule's list and has
 * a timer. The timer takes it off the list under the gate's lock and sends it
 * to a worker, unless other code has taken it off before and lets it go like a
 * held command.
 */
#include "haltblk.h"

/* Take a command off its rule's list. */
static void haltblk_delay_forget(struct haltblk_cmd *cmd)
{
	struct haltblk_gate *gate = &cmd->dev->gate;

	lockdep_assert_held(&gate->lock);
	haltblk_gate_unkeep(cmd);
	list_del_init(&cmd->node);
	if (!--gate->nr_delayed)
		queue_work(haltblk_slow_wq, &gate->update);
}

/**
 * haltblk_delay_undo - take a delayed command off its list
 * @cmd: on the list; the gate's lock held
 * @taken: list to append it to; haltblk_gate_let_go() stops the timer
 */
void haltblk_delay_undo(struct haltblk_cmd *cmd, struct list_head *taken)
{
	haltblk_delay_forget(cmd);
	cmd->flags |= HALTBLK_CMD_F_SLEEP;
	list_add_tail(&cmd->node, taken);
}

/**
 * haltblk_delay_take - take commands that a dead rule delays off its list
 * @rule: rule; the gate's lock held
 * @most: how many to take at most
 * @taken: list to append them to
 *
 * Return: how many of @most are left.
 */
unsigned int haltblk_delay_take(struct haltblk_rule_state *rule,
				unsigned int most,
				struct list_head *taken)
{
	struct haltblk_cmd *cmd;

	for (; most; most--) {
		cmd = list_first_entry_or_null(&rule->delaying,
					       struct haltblk_cmd, node);
		if (!cmd)
			break;
		haltblk_delay_undo(cmd, taken);
	}
	return most;
}

/* The delay is over. Other code may have taken the command before. */
static enum hrtimer_restart haltblk_delay_over(struct hrtimer *timer)
{
	struct haltblk_cmd *cmd = container_of(timer, struct haltblk_cmd,
					       timer);
	struct haltblk_gate *gate = &cmd->dev->gate;
	unsigned long flags;
	bool mine;

	spin_lock_irqsave(&gate->lock, flags);
	mine = cmd->kept;
	if (mine) {
		haltblk_delay_forget(cmd);
		cmd->flags &= ~HALTBLK_CMD_F_DELAYED;
	}
	spin_unlock_irqrestore(&gate->lock, flags);
	if (mine)
		queue_work(haltblk_wq, &cmd->work);
	return HRTIMER_NORESTART;
}

static void haltblk_delay_work(struct work_struct *work)
{
	const struct haltblk_verdict go_on = { };
	struct haltblk_cmd *cmd = container_of(work, struct haltblk_cmd, work);

	cmd->flags |= HALTBLK_CMD_F_SLEEP;
	cmd->dev->gate.go_on(cmd, &go_on);
}

/**
 * haltblk_delay_start - delay a command
 * @cmd: owned by the caller, which gives it up if this returns true
 * @rule: rule that delays it, for the rule's @arg; the caller has a reference
 *
 * Return: false if the gate is shut, the rule was removed or the system is
 * going to sleep.
 */
bool haltblk_delay_start(struct haltblk_cmd *cmd,
			 struct haltblk_rule_state *rule)
{
	struct haltblk_gate *gate = &cmd->dev->gate;
	unsigned long flags;
	bool delay;

	INIT_WORK(&cmd->work, haltblk_delay_work);
	haltblk_compat_hrtimer_setup(&cmd->timer, haltblk_delay_over);
	spin_lock_irqsave(&gate->lock, flags);
	delay = haltblk_gate_may_keep(gate, rule);
	if (delay) {
		haltblk_gate_keep(cmd, rule);
		cmd->flags |= HALTBLK_CMD_F_DELAYED;
		list_add_tail(&cmd->node, &rule->delaying);
		gate->nr_delayed++;
		hrtimer_start(&cmd->timer,
			      ns_to_ktime(rule->spec.arg * NSEC_PER_USEC),
			      HRTIMER_MODE_REL);
	}
	/* The rule is spent: see haltblk_gate_hold(). */
	if (!haltblk_rules_armed(rule))
		queue_work(haltblk_slow_wq, &gate->update);
	spin_unlock_irqrestore(&gate->lock, flags);
	return delay;
}
