// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate: held commands, and every way off it.
 *
 * A held command belongs to the gate's list alone. The code that takes it off
 * the list under the gate's lock (haltblk_gate_take()) owns it and passes it to
 * haltblk_gate_let_go() with a verdict. The ways off:
 *
 *   reason                       taken by                     verdict
 *   resume by tag, all           haltblk_release_tag          go on or status
 *   resume by id                 haltblk_release_ids          go on or status
 *   remove, session closed       haltblk_breaks_remove        go on
 *   the owner is being killed    haltblk_owner_look           go on
 *   power off, rmdir, rmmod      haltblk_breaks_shut          IOERR or go on
 *   reboot                       haltblk_breaks_shut          IOERR
 *   suspend waits for a sync     haltblk_release_ops          IOERR
 *   crash                        haltblk_breaks_shut          IOERR
 *   step                         haltblk_release_step         to the next state
 *   blk-mq's time-out            haltblk_release_time_out     TIMEOUT
 *
 * Nothing here takes a lock that a queue freeze, a power change, configfs or a
 * partition scan can hold while it waits for a held command.
 */
#include <linux/slab.h>

#include "haltblk.h"
#include "trace.h"

/* The system is going to sleep, and nobody could release a held request. */
bool haltblk_gate_asleep;

/**
 * haltblk_gate_init - set up a gate, empty and shut
 * @gate: zeroed
 * @go_on: called to let a held or delayed command go on
 */
void haltblk_gate_init(struct haltblk_gate *gate, haltblk_gate_go_on_t *go_on)
{
	gate->go_on = go_on;
	mutex_init(&gate->rules_lock);
	spin_lock_init(&gate->lock);
	INIT_LIST_HEAD(&gate->rules);
	INIT_LIST_HEAD(&gate->dead);
	INIT_LIST_HEAD(&gate->held);
	gate->ids = RB_ROOT;
	INIT_LIST_HEAD(&gate->watchers);
	spin_lock_init(&gate->watch_lock);
	atomic_set(&gate->state, 1);
	INIT_LIST_HEAD(&gate->tags);
	init_waitqueue_head(&gate->wait);
	haltblk_key_init(gate);
	gate->next_id = 1;
}

/**
 * haltblk_gate_destroy - free what is left of a gate
 * @gate: shut, its device unused
 */
void haltblk_gate_destroy(struct haltblk_gate *gate)
{
	struct haltblk_tag *tag, *next;

	cancel_work_sync(&gate->update);
	/* Drop the static key, which the cancelled work may still hold. */
	mutex_lock(&gate->rules_lock);
	haltblk_key_set_armed(gate);
	mutex_unlock(&gate->rules_lock);
	WARN_ON_ONCE(!list_empty(&gate->held) || !list_empty(&gate->rules) ||
		     !list_empty(&gate->dead));
	list_for_each_entry_safe(tag, next, &gate->tags, node)
		kfree(tag);
	kvfree(rcu_dereference_protected(gate->set, true));
}

/* Give a command an id unless it already has one. */
static void haltblk_gate_name(struct haltblk_cmd *cmd)
{
	struct haltblk_gate *gate = &cmd->dev->gate;

	lockdep_assert_held(&gate->lock);
	spin_lock(&gate->watch_lock);
	if (!cmd->id)
		cmd->id = gate->next_id++;
	spin_unlock(&gate->watch_lock);
}

static bool haltblk_gate_less_id(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct haltblk_cmd, by_id)->id <
	       rb_entry(b, struct haltblk_cmd, by_id)->id;
}

static int haltblk_gate_cmp_id(const void *id, const struct rb_node *node)
{
	u64 want = *(const u64 *)id;
	u64 has = rb_entry(node, struct haltblk_cmd, by_id)->id;

	return want < has ? -1 : want > has;
}

/**
 * haltblk_gate_find - find a held command by id
 * @gate: its lock held
 * @id: of the command
 *
 * Return: the command, or NULL if it is not held.
 */
struct haltblk_cmd *haltblk_gate_find(struct haltblk_gate *gate, u64 id)
{
	struct rb_node *node;

	lockdep_assert_held(&gate->lock);
	node = rb_find(&id, &gate->ids, haltblk_gate_cmp_id);
	return node ? rb_entry(node, struct haltblk_cmd, by_id) : NULL;
}

/**
 * haltblk_gate_keep - note that a rule begins to hold or delay a command
 * @cmd: owned by the caller; the gate's lock held
 * @rule: not dead
 */
void haltblk_gate_keep(struct haltblk_cmd *cmd, struct haltblk_rule_state *rule)
{
	struct haltblk_gate *gate = &cmd->dev->gate;

	lockdep_assert_held(&gate->lock);
	cmd->kept = true;
	cmd->kept_nr = ++gate->nr_kept;
	cmd->rule = rule;
	if (rule->owner) {
		rule->owner->kept++;
		haltblk_owner_watch(rule->owner);
	}
}

/**
 * haltblk_gate_unkeep - note that a rule no longer holds or delays a command
 * @cmd: held or delayed; the gate's lock held
 */
void haltblk_gate_unkeep(struct haltblk_cmd *cmd)
{
	lockdep_assert_held(&cmd->dev->gate.lock);
	/* The owner outlives the commands that its rules hold or delay. */
	if (cmd->rule->owner)
		cmd->rule->owner->kept--;
	cmd->rule = NULL;
	cmd->kept = false;
}

/**
 * haltblk_gate_hold - put a command on the list
 * @cmd: owned by the caller, which gives it up if this returns true
 * @rule: the rule that holds it; the caller has a reference
 * @event: the state to hold it in
 *
 * Return: false if the gate is shut, the rule was removed or the system is
 * going to sleep.
 */
bool haltblk_gate_hold(struct haltblk_cmd *cmd, struct haltblk_rule_state *rule,
		       enum haltblk_event_id event)
{
	struct haltblk_gate *gate = &cmd->dev->gate;
	unsigned long flags;
	bool hold;
	u64 sector;
	u32 nr;

	spin_lock_irqsave(&gate->lock, flags);
	hold = haltblk_gate_may_keep(gate, rule);
	if (hold) {
		haltblk_gate_keep(cmd, rule);
		cmd->event = event;
		haltblk_gate_name(cmd);
		cmd->held_ns = ktime_get_ns();
		rule->held++;
		rule->tag->held++;
		gate->nr_held++;
		cmd->queue->nr_held++;
		list_add_tail(&cmd->node, &gate->held);
		list_add_tail(&cmd->rule_node, &rule->holding);
		rb_add(&cmd->by_id, &gate->ids, haltblk_gate_less_id);
		sector = haltblk_cmd_sector(cmd, event, &nr);
		trace_haltblk_held(cmd->dev->name, rule->spec.tag, cmd->id,
				   event, cmd->op, sector, nr);
		if (haltblk_events_on(gate))
			haltblk_events_record(cmd, HALTBLK_WHAT_HELD, rule,
					      event);
		wake_up_all(&gate->wait);
	}
	/*
	 * The rule is spent. Queue the update after the request counts as held,
	 * and under the lock: without it the request could already have been
	 * released and the device be gone.
	 */
	if (!haltblk_rules_armed(rule))
		queue_work(haltblk_slow_wq, &gate->update);
	spin_unlock_irqrestore(&gate->lock, flags);
	return hold;
}

/**
 * haltblk_gate_take - take a held command off the list
 * @gate: its lock held
 * @cmd: on its list
 * @taken: list to append it to
 */
void haltblk_gate_take(struct haltblk_gate *gate, struct haltblk_cmd *cmd,
		       struct list_head *taken)
{
	struct haltblk_rule_state *rule = cmd->rule;
	u64 sector;
	u32 nr;

	lockdep_assert_held(&gate->lock);
	sector = haltblk_cmd_sector(cmd, cmd->event, &nr);
	trace_haltblk_released(cmd->dev->name, rule->spec.tag, cmd->id,
			       cmd->event, cmd->op, sector, nr);
	if (haltblk_events_on(gate))
		haltblk_events_record(cmd, HALTBLK_WHAT_RELEASED, rule,
				      cmd->event);
	rule->held--;
	rule->tag->held--;
	cmd->queue->nr_held--;
	/* After the last one the key can be switched off. */
	if (!--gate->nr_held)
		queue_work(haltblk_slow_wq, &gate->update);
	haltblk_gate_unkeep(cmd);
	list_del(&cmd->rule_node);
	rb_erase(&cmd->by_id, &gate->ids);
	/* Releasers are processes that hold no spinlock: they may sleep. */
	cmd->flags |= HALTBLK_CMD_F_WAS_HELD | HALTBLK_CMD_F_SLEEP;
	list_move_tail(&cmd->node, taken);
}

/**
 * haltblk_gate_let_go - let commands that were held or delayed go on
 * @taken: commands taken off, in the order in which they go
 * @verdict: go on, or end
 *
 * Process context without spinlocks. Each command goes on to its end, to its
 * next hold or to a worker before the next one starts.
 *
 * Return: how many commands had been held.
 */
unsigned int haltblk_gate_let_go(struct list_head *taken,
				 struct haltblk_verdict verdict)
{
	struct haltblk_cmd *cmd;
	unsigned int nr = 0;

	while ((cmd = list_first_entry_or_null(taken, struct haltblk_cmd,
					       node))) {
		list_del_init(&cmd->node);
		if (cmd->flags & HALTBLK_CMD_F_DELAYED) {
			/* Off its list: the timer has nothing left to do. */
			hrtimer_cancel(&cmd->timer);
			cmd->flags &= ~HALTBLK_CMD_F_DELAYED;
		} else {
			nr++;
		}
		cmd->dev->gate.go_on(cmd, &verdict);
		cond_resched();
	}
	return nr;
}

/**
 * haltblk_gate_backtrace - get the stack that submitted a held request
 * @gate: gate
 * @id: id of a held request
 * @stack: filled in
 *
 * Return: 0; -ENOENT: not held; -ENODATA: the stack is unknown.
 */
int haltblk_gate_backtrace(struct haltblk_gate *gate, u64 id,
			   struct haltblk_stack *stack)
{
	struct haltblk_cmd *cmd;
	int err = -ENOENT;

	spin_lock_irq(&gate->lock);
	cmd = haltblk_gate_find(gate, id);
	if (cmd)
		err = cmd->stack ? 0 : -ENODATA;
	if (!err)
		*stack = *cmd->stack;
	spin_unlock_irq(&gate->lock);
	return err;
}

/**
 * haltblk_gate_open - allow requests to be held
 * @gate: gate of a device whose disk has been added; it stays shut if the
 *	device is being removed
 */
void haltblk_gate_open(struct haltblk_gate *gate)
{
	spin_lock_irq(&gate->lock);
	WRITE_ONCE(gate->open, !gate->gone);
	spin_unlock_irq(&gate->lock);
}

/**
 * haltblk_gate_sleep - stop the rules of all devices from holding, or allow it
 * @asleep: true to stop them
 *
 * Any context. Requests that are held or delayed stay so. After this, a look at
 * a gate under its lock finds all of them.
 */
void haltblk_gate_sleep(bool asleep)
{
	WRITE_ONCE(haltblk_gate_asleep, asleep);
}

/**
 * haltblk_gate_refuse - refuse new holds
 * @gate: gate
 * @gone: the device is being removed
 *
 * Interrupts are on. Held requests stay held until haltblk_breaks_shut().
 */
void haltblk_gate_refuse(struct haltblk_gate *gate, bool gone)
{
	spin_lock_irq(&gate->lock);
	WRITE_ONCE(gate->open, false);
	if (gone)
		WRITE_ONCE(gate->gone, true);
	wake_up_all(&gate->wait);
	spin_unlock_irq(&gate->lock);
}
