// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way past a gate: which rule acts on a command, and what the rule does.
 *
 * Looks up rules under RCU, without a lock. A held command then belongs to the
 * gate's list (gate.c), a delayed one to its rule's list (delay.c).
 */
#include <linux/slab.h>

#include "core.h"

/* Not inline: for most operations there is no rule, and no call. */
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
 * haltblk_pass_near - could a rule act on a request, or does a session watch?
 * @gate: gate of an armed device
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

/* A command, and how rules see it. */
struct haltblk_pass_asked {
	struct haltblk_subject subject;
	struct haltblk_cmd *cmd;
};

/* A rule asks for the submitter. */
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
			.hctx = cmd->queue->hctx,
			.cpu = cmd->cpu,
			.rq_flags = haltblk_blk_flags(cmd),
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

/* Carry out any action but hold. Return: as haltblk_pass_event(). */
static struct haltblk_cmd *haltblk_pass_act(struct haltblk_cmd *cmd,
					    struct haltblk_rule_state *rule,
					    enum haltblk_event_id event)
{
	struct haltblk_gate *gate = &cmd->dev->gate;

	if (haltblk_events_on(gate))
		haltblk_events_record(cmd, HALTBLK_WHAT_ACTED, rule, event);
	/* The rule is spent. While we own the command, the device stays. */
	if (rule->spec.action != HALTBLK_ACTION_DELAY &&
	    !haltblk_rules_armed(rule))
		queue_work(haltblk_slow_wq, &gate->update);
	switch (rule->spec.action) {
	case HALTBLK_ACTION_FAIL:
		cmd->status = haltblk_blk_statuses[rule->spec.arg];
		cmd->step = HALTBLK_STEP_END;
		return cmd;
	case HALTBLK_ACTION_DROP:
		/* The block stays in the cache; go on with the next one. */
		if (event == HALTBLK_EVENT_WRITEBACK)
			cmd->step = HALTBLK_STEP_WRITEBACK;
		else
			cmd->flags |= HALTBLK_CMD_F_DROP;
		return cmd;
	case HALTBLK_ACTION_TORN:
		cmd->flags |= HALTBLK_CMD_F_TORN;
		cmd->torn = rule->spec.arg;
		return cmd;
	case HALTBLK_ACTION_CORRUPT:
		cmd->corrupt = rule->spec.arg;
		return cmd;
	case HALTBLK_ACTION_BUSY:
		cmd->dev->front->hand_back(cmd);
		return NULL;
	case HALTBLK_ACTION_CRASH:
		cmd->status = BLK_STS_IOERR;
		/* If the cut has only begun, the next move waits for its end. */
		cmd->step = haltblk_cut_now(cmd->dev) ? HALTBLK_STEP_END :
							HALTBLK_STEP_MOVE;
		return cmd;
	case HALTBLK_ACTION_DELAY:
		return haltblk_delay_start(cmd, rule) ? NULL : cmd;
	default:
		return cmd;
	}
}

/* Hold a command in the state it stepped to, whatever the rules say. */
static struct haltblk_cmd *haltblk_pass_step(struct haltblk_cmd *cmd,
					     enum haltblk_event_id event)
{
	struct haltblk_rule_state *rule = cmd->step_rule;
	bool held;

	cmd->flags &= ~HALTBLK_CMD_F_STEP;
	cmd->step_rule = NULL;
	held = haltblk_gate_hold(cmd, rule, event);
	haltblk_rules_put(rule);
	return held ? NULL : cmd;
}

/**
 * haltblk_pass_leave - prepare a command to leave its submitter's context
 * @cmd: owned by the caller
 * @hold: a rule holds it; otherwise it goes on by itself
 *
 * Return: the command to go on with, which may be another one in place of @cmd;
 * NULL if there is no memory for it and it must not wait.
 */
struct haltblk_cmd *haltblk_pass_leave(struct haltblk_cmd *cmd, bool hold)
{
	haltblk_submitter_identify(cmd);
	if (!(cmd->flags & HALTBLK_CMD_F_STACK))
		return cmd;
	return cmd->dev->front->park(cmd, hold);
}

/* Let a rule act on a command. Return: as haltblk_pass_event(). */
static struct haltblk_cmd *haltblk_pass_obey(struct haltblk_cmd *cmd,
					     struct haltblk_rule_state *rule,
					     enum haltblk_event_id event)
{
	bool hold = rule->spec.action == HALTBLK_ACTION_HOLD;
	bool keep = hold || rule->spec.action == HALTBLK_ACTION_DELAY;
	struct haltblk_cmd *own = cmd;

	/* The rule saves its hit until the system is awake again. */
	if (keep && unlikely(READ_ONCE(haltblk_gate_asleep))) {
		haltblk_rules_undo(rule);
		return cmd;
	}
	if (keep)
		own = haltblk_pass_leave(cmd, hold);
	if (!own) {
		/* Not a hit yet: its submitter retries where it may wait. */
		haltblk_rules_undo(rule);
		cmd->status = BLK_STS_AGAIN;
		cmd->step = HALTBLK_STEP_END;
		return cmd;
	}
	if (hold)
		return haltblk_gate_hold(own, rule, event) ? NULL : own;
	return haltblk_pass_act(own, rule, event);
}

/**
 * haltblk_pass_event - take a command past the gate of a state
 * @cmd: owned by the caller, which gives it up; its step is the next one
 * @event: the state it is in
 *
 * Sleeps only in bio mode, when a bio is first held or delayed.
 *
 * Return: the command to go on with, which may replace @cmd; NULL if it is
 * held, delayed or handed back.
 */
struct haltblk_cmd *haltblk_pass_event(struct haltblk_cmd *cmd,
				       enum haltblk_event_id event)
{
	struct haltblk_gate *gate = &cmd->dev->gate;
	struct haltblk_rule_state *rule;

	/* It was held before, so it is not on its submitter's stack. */
	if (unlikely(cmd->flags & HALTBLK_CMD_F_STEP))
		return haltblk_pass_step(cmd, event);
	if (!haltblk_gate_armed(cmd->dev) ||
	    !(READ_ONCE(gate->events) & BIT(event)))
		return cmd;
	/* No rule acts while it is shut (a partition scan, power off). */
	if (!READ_ONCE(gate->open))
		return cmd;
	rule = haltblk_pass_match(cmd, event);
	if (!rule)
		return cmd;
	cmd = haltblk_pass_obey(cmd, rule, event);
	haltblk_rules_put(rule);
	return cmd;
}
