// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way past a gate: which rule acts on a command, and what it does to it.
 *
 * Looks rules up under RCU, without a lock. What is held or delayed then
 * belongs to the gate's lists (gate.c); a delayed command leaves its list by
 * its timer, or is taken from it as a held one is.
 */
#include <linux/slab.h>

#include "haltblk.h"

/* Not inline: most operations are none that a rule minds, and pay no call. */
static noinline bool haltblk_pass_near_rules(struct haltblk_gate *gate,
					     enum haltblk_op op, u64 sector,
					     u32 nr_sectors)
{
	struct haltblk_ruleset *set;
	bool near;

	rcu_read_lock();
	set = rcu_dereference(gate->set);
	near = set && haltblk_rules_near(set, op, sector, nr_sectors);
	rcu_read_unlock();
	return near;
}

/**
 * haltblk_pass_near - could a rule act on a request, or does somebody watch?
 * @gate: of an armed device
 * @op: operation
 * @sector: first sector
 * @nr_sectors: length
 */
bool haltblk_pass_near(struct haltblk_gate *gate, enum haltblk_op op,
		       u64 sector, u32 nr_sectors)
{
	if (unlikely(haltblk_events_on(gate)))
		return true;
	return haltblk_gate_minds(gate, op) &&
	       haltblk_pass_near_rules(gate, op, sector, nr_sectors);
}

/* A command and how rules see it. */
struct haltblk_pass_asked {
	struct haltblk_subject subject;
	struct haltblk_cmd *cmd;
};

/* A rule asks who submitted it. */
static void haltblk_pass_identify(struct haltblk_subject *subject)
{
	struct haltblk_cmd *cmd = container_of(subject,
					       struct haltblk_pass_asked,
					       subject)->cmd;

	haltblk_submitter_identify(cmd);
	subject->pid = cmd->pid;
	subject->comm = cmd->comm;
}

static struct haltblk_rule_state *
haltblk_pass_match(struct haltblk_cmd *cmd, enum haltblk_event_id event)
{
	struct haltblk_gate *gate = &cmd->dev->gate;
	struct haltblk_rule_state *rule = NULL;
	struct haltblk_pass_asked asked;
	struct haltblk_ruleset *set;
	u32 nr_sectors;
	u64 sector;

	rcu_read_lock();
	set = rcu_dereference(gate->set);
	if (set) {
		sector = haltblk_cmd_sector(cmd, event, &nr_sectors);
		asked.cmd = cmd;
		asked.subject = (struct haltblk_subject) {
			.op = cmd->op,
			.sector = sector,
			.nr_sectors = nr_sectors,
			.hctx = cmd->flags & HALTBLK_CMD_F_BIO ?
				-1 : (int)cmd->queue->index,
			.cpu = cmd->cpu,
			.rq_flags = haltblk_cmd_rq_flags(cmd),
			.again = cmd->flags & HALTBLK_CMD_F_AGAIN,
			.state = &gate->state,
			.identify = haltblk_pass_identify,
		};
		rule = haltblk_rules_eval(set, event, &asked.subject);
		if (rule && !refcount_inc_not_zero(&rule->ref))
			rule = NULL;
	}
	rcu_read_unlock();
	return rule;
}

/* A command is not delayed any more. */
static void haltblk_pass_forget_delay(struct haltblk_cmd *cmd)
{
	struct haltblk_gate *gate = &cmd->dev->gate;

	lockdep_assert_held(&gate->lock);
	haltblk_gate_unkeep(cmd);
	list_del_init(&cmd->node);
	if (!--gate->nr_delayed)
		queue_work(haltblk_slow_wq, &gate->update);
}

/**
 * haltblk_pass_undelay - take a delayed command off its list
 * @cmd: on it; the gate's lock held
 * @taken: where to, in order; whoever lets it go stops the timer
 */
void haltblk_pass_undelay(struct haltblk_cmd *cmd, struct list_head *taken)
{
	haltblk_pass_forget_delay(cmd);
	cmd->flags |= HALTBLK_CMD_F_SLEEP;
	list_add_tail(&cmd->node, taken);
}

/**
 * haltblk_pass_take_delayed - take what a dead rule delays off its list
 * @rule: rule; the gate's lock held
 * @most: how many may be taken
 * @taken: where to, in order
 *
 * Return: how many more could have been taken.
 */
unsigned int haltblk_pass_take_delayed(struct haltblk_rule_state *rule,
				       unsigned int most,
				       struct list_head *taken)
{
	struct haltblk_cmd *cmd;

	for (; most; most--) {
		cmd = list_first_entry_or_null(&rule->delaying,
					       struct haltblk_cmd, node);
		if (!cmd)
			break;
		haltblk_pass_undelay(cmd, taken);
	}
	return most;
}

/* The time of an action=delay is over, unless somebody took it earlier. */
static enum hrtimer_restart haltblk_pass_delay_over(struct hrtimer *timer)
{
	struct haltblk_cmd *cmd = container_of(timer, struct haltblk_cmd,
					       timer);
	struct haltblk_gate *gate = &cmd->dev->gate;
	unsigned long flags;
	bool mine;

	spin_lock_irqsave(&gate->lock, flags);
	mine = cmd->kept;
	if (mine) {
		haltblk_pass_forget_delay(cmd);
		cmd->flags &= ~HALTBLK_CMD_F_DELAYED;
	}
	spin_unlock_irqrestore(&gate->lock, flags);
	if (mine)
		queue_work(haltblk_wq, &cmd->work);
	return HRTIMER_NORESTART;
}

static void haltblk_pass_delay_work(struct work_struct *work)
{
	struct haltblk_cmd *cmd = container_of(work, struct haltblk_cmd, work);

	cmd->flags |= HALTBLK_CMD_F_SLEEP;
	haltblk_cmd_advance(cmd);
}

/* False: the gate shut or the rule went, it goes on at once. */
static bool haltblk_pass_delay(struct haltblk_cmd *cmd,
			       struct haltblk_rule_state *rule)
{
	struct haltblk_gate *gate = &cmd->dev->gate;
	unsigned long flags;
	bool delay;

	INIT_WORK(&cmd->work, haltblk_pass_delay_work);
	haltblk_compat_hrtimer_setup(&cmd->timer, haltblk_pass_delay_over);
	spin_lock_irqsave(&gate->lock, flags);
	delay = gate->open && !rule->dead;
	if (delay) {
		haltblk_gate_keep(cmd, rule);
		cmd->flags |= HALTBLK_CMD_F_DELAYED;
		list_add_tail(&cmd->node, &rule->delaying);
		gate->nr_delayed++;
		hrtimer_start(&cmd->timer,
			      ns_to_ktime(rule->spec.arg * NSEC_PER_USEC),
			      HRTIMER_MODE_REL);
	}
	/* Spent: when the command counts as delayed, as in haltblk_gate_hold(). */
	if (!haltblk_rules_armed(rule))
		queue_work(haltblk_slow_wq, &gate->update);
	spin_unlock_irqrestore(&gate->lock, flags);
	return delay;
}

/* Any action but hold. False: @cmd is not the caller's any more. */
static bool haltblk_pass_act(struct haltblk_cmd *cmd,
			     struct haltblk_rule_state *rule,
			     enum haltblk_event_id event)
{
	struct haltblk_gate *gate = &cmd->dev->gate;
	struct haltblk_cmd *own = cmd;

	if (haltblk_events_on(gate))
		haltblk_events_record(cmd, HALTBLK_WHAT_ACTED, rule, event);
	/* While the command is ours the device stays. */
	if (rule->spec.action != HALTBLK_ACTION_DELAY &&
	    !haltblk_rules_armed(rule))
		queue_work(haltblk_slow_wq, &gate->update);
	switch (rule->spec.action) {
	case HALTBLK_ACTION_FAIL:
		cmd->status = haltblk_cmd_statuses[rule->spec.arg];
		cmd->step = HALTBLK_STEP_END;
		return true;
	case HALTBLK_ACTION_DROP:
		/* The block stays in the cache, and the next one is looked for. */
		if (event == HALTBLK_EVENT_WRITEBACK)
			cmd->step = HALTBLK_STEP_WRITEBACK;
		else
			cmd->flags |= HALTBLK_CMD_F_DROP;
		return true;
	case HALTBLK_ACTION_TORN:
		cmd->flags |= HALTBLK_CMD_F_TORN;
		cmd->torn = rule->spec.arg;
		return true;
	case HALTBLK_ACTION_CORRUPT:
		cmd->corrupt = rule->spec.arg;
		if (event == HALTBLK_EVENT_COMPLETE)
			haltblk_cmd_damage(cmd);
		return true;
	case HALTBLK_ACTION_BUSY:
		cmd->dev->front->hand_back(cmd);
		return false;
	case HALTBLK_ACTION_DELAY:
		/* From here on it is in another context than its submitter's. */
		haltblk_submitter_identify(cmd);
		if (cmd->flags & HALTBLK_CMD_F_STACK)
			own = cmd->dev->front->park(cmd);
		if (haltblk_pass_delay(own, rule))
			return false;
		if (own == cmd)
			return true;
		haltblk_cmd_advance(own);
		return false;
	default:
		return true;
	}
}

/* Held again at the state it was stepped to, whatever the rules say. */
static bool haltblk_pass_step(struct haltblk_cmd *cmd,
				   enum haltblk_event_id event)
{
	struct haltblk_rule_state *rule = cmd->step_rule;
	bool held;

	cmd->flags &= ~HALTBLK_CMD_F_STEP;
	cmd->step_rule = NULL;
	held = haltblk_gate_hold(cmd, rule, event);
	haltblk_breaks_put_rule(rule);
	return !held;
}

/**
 * haltblk_pass_event - does a command go on past an event?
 * @cmd: owned by the caller
 * @event: that it is at; its step is already the one behind
 *
 * May sleep only in bio mode, the first time a bio is held.
 *
 * Return: true if the caller goes on; false if @cmd is not its own any more.
 */
bool haltblk_pass_event(struct haltblk_cmd *cmd, enum haltblk_event_id event)
{
	struct haltblk_gate *gate = &cmd->dev->gate;
	struct haltblk_rule_state *rule;
	struct haltblk_cmd *own = cmd;
	bool held;

	/* It was held before, so it is on nobody's stack. */
	if (unlikely(cmd->flags & HALTBLK_CMD_F_STEP))
		return haltblk_pass_step(cmd, event);
	if (!haltblk_gate_armed(cmd->dev) ||
	    !(READ_ONCE(gate->events) & BIT(event)))
		return true;
	/* While it is shut (a partition scan, power off) nothing counts. */
	if (!READ_ONCE(gate->open))
		return true;
	rule = haltblk_pass_match(cmd, event);
	if (!rule)
		return true;
	if (rule->spec.action != HALTBLK_ACTION_HOLD) {
		held = !haltblk_pass_act(cmd, rule, event);
		haltblk_breaks_put_rule(rule);
		return !held;
	}
	haltblk_submitter_identify(cmd);
	if (cmd->flags & HALTBLK_CMD_F_STACK)
		own = cmd->dev->front->park(cmd);
	held = haltblk_gate_hold(own, rule, event);
	haltblk_breaks_put_rule(rule);
	if (held)
		return false;
	if (own == cmd)
		return true;
	haltblk_cmd_advance(own);
	return false;
}
