// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate: held commands, and every way off.
 *
 * A held command is on the gate's list and belongs to nobody else. Whoever
 * takes it off under the gate's lock (haltblk_gate_take()) owns it and passes
 * it to haltblk_gate_let_go() with a verdict. The ways off:
 *
 *   who                          takes                        verdict
 *   resume by tag, all           haltblk_gate_release         go on or status
 *   resume by id                 haltblk_gate_release_ids     go on or status
 *   remove, session closed       haltblk_breaks_remove        go on
 *   its owner is being killed    haltblk_owner_look           go on
 *   power off, rmdir, rmmod      haltblk_gate_shut            IOERR or go on
 *   reboot                       haltblk_gate_shut            IOERR
 *   step                         haltblk_gate_step            to the next event
 *   blk-mq's time is up          haltblk_gate_time_out        TIMEOUT
 *
 * There may be tens of thousands of them: no hold of the gate's lock takes or
 * looks at more than HALTBLK_GATE_BATCH. Whoever takes more takes all that were
 * held when it began (@kept_nr tells), before the first goes on.
 *
 * Nothing here takes a lock that a queue freeze, a power change, configfs or a
 * partition scan can hold while it waits for a held command. The static key is
 * switched by a worker: that takes the CPU hotplug lock, which is held while a
 * CPU that goes offline waits for its requests.
 */
#include <linux/list_sort.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "haltblk.h"
#include "trace.h"

DEFINE_STATIC_KEY_FALSE(haltblk_gate_key);

/* Devices with a rule that can act or a held request; the key follows it. */
static atomic_t haltblk_gate_users = ATOMIC_INIT(0);
/* The key is on and stays on while there are users. */
static bool haltblk_gate_key_ready;
static DECLARE_WAIT_QUEUE_HEAD(haltblk_gate_key_wait);

static void haltblk_gate_key_work(struct work_struct *work)
{
	if (!atomic_read(&haltblk_gate_users)) {
		/*
		 * Said before it is done, and the users looked at once more:
		 * one who comes now either sees that the key is not ready or
		 * is seen here.
		 */
		WRITE_ONCE(haltblk_gate_key_ready, false);
		smp_mb();
		if (!atomic_read(&haltblk_gate_users)) {
			static_branch_disable(&haltblk_gate_key);
			haltblk_submitter_stop();
			wake_up_all(&haltblk_gate_key_wait);
			return;
		}
	}
	haltblk_submitter_start();
	static_branch_enable(&haltblk_gate_key);
	WRITE_ONCE(haltblk_gate_key_ready, true);
	wake_up_all(&haltblk_gate_key_wait);
}

static DECLARE_WORK(haltblk_gate_switch, haltblk_gate_key_work);

/**
 * haltblk_gate_set_armed - bring gate->armed and the key up to date
 * @gate: its rules_lock held
 */
void haltblk_gate_set_armed(struct haltblk_gate *gate)
{
	struct haltblk_rule_state *rule;
	bool armed = haltblk_events_on(gate);
	bool was = gate->armed;
	bool use;

	lockdep_assert_held(&gate->rules_lock);
	list_for_each_entry(rule, &gate->rules, node)
		armed |= haltblk_rules_armed(rule);
	WRITE_ONCE(gate->armed, armed);
	if (was && !armed)
		haltblk_submitter_disarm(gate);
	/*
	 * While anything is held or delayed the key stays on, even if all rules
	 * are spent: switching it on again takes the CPU hotplug lock, which a
	 * CPU on its way offline keeps until that request has gone.
	 */
	use = armed || haltblk_gate_nr_kept(gate);
	if (use == gate->key_user)
		return;
	gate->key_user = use;
	if (use)
		atomic_inc(&haltblk_gate_users);
	else
		atomic_dec(&haltblk_gate_users);
	/* Pairs with the barrier in haltblk_gate_key_work(). */
	smp_mb();
	queue_work(haltblk_slow_wq, &haltblk_gate_switch);
}

/**
 * haltblk_gate_wait_key - wait until an armed device's rules are looked at
 * @gate: just armed
 *
 * Return: 0, or -EINTR when killed.
 */
int haltblk_gate_wait_key(struct haltblk_gate *gate)
{
	return wait_event_killable(haltblk_gate_key_wait,
				   READ_ONCE(haltblk_gate_key_ready) ||
				   !READ_ONCE(gate->armed)) ? -EINTR : 0;
}

static void haltblk_gate_update(struct work_struct *work)
{
	struct haltblk_gate *gate = container_of(work, struct haltblk_gate,
						 update);

	mutex_lock(&gate->rules_lock);
	haltblk_gate_set_armed(gate);
	mutex_unlock(&gate->rules_lock);
}

/**
 * haltblk_gate_init - a gate that holds nothing and is shut
 * @gate: zeroed
 */
void haltblk_gate_init(struct haltblk_gate *gate)
{
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
	INIT_WORK(&gate->update, haltblk_gate_update);
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
	/* What the cancelled work had to do: give the key back. */
	mutex_lock(&gate->rules_lock);
	haltblk_gate_set_armed(gate);
	mutex_unlock(&gate->rules_lock);
	WARN_ON_ONCE(!list_empty(&gate->held) || !list_empty(&gate->rules) ||
		     !list_empty(&gate->dead));
	list_for_each_entry_safe(tag, next, &gate->tags, node)
		kfree(tag);
	kvfree(rcu_dereference_protected(gate->set, true));
}

/**
 * haltblk_gate_exit - at module exit, all devices gone
 */
void haltblk_gate_exit(void)
{
	flush_work(&haltblk_gate_switch);
	haltblk_submitter_stop();
	/* Rules are freed by callbacks of this module. */
	rcu_barrier();
}

/* Give a command its id, the first time it is held. */
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

static struct haltblk_cmd *haltblk_gate_find(struct haltblk_gate *gate, u64 id)
{
	struct rb_node *node;

	lockdep_assert_held(&gate->lock);
	node = rb_find(&id, &gate->ids, haltblk_gate_cmp_id);
	return node ? rb_entry(node, struct haltblk_cmd, by_id) : NULL;
}

/**
 * haltblk_gate_keep - a rule begins to hold or to delay a command
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
 * haltblk_gate_unkeep - a command is not held or delayed any more
 * @cmd: it is; the gate's lock held
 */
void haltblk_gate_unkeep(struct haltblk_cmd *cmd)
{
	lockdep_assert_held(&cmd->dev->gate.lock);
	/* The owner stays until what its rules keep was taken: rules_lock. */
	if (cmd->rule->owner)
		cmd->rule->owner->kept--;
	cmd->rule = NULL;
	cmd->kept = false;
}

/**
 * haltblk_gate_hold - put a command on the list
 * @cmd: owned by the caller, who gives it up if this returns true
 * @rule: that holds it; the caller has a reference
 * @event: at which
 *
 * Return: false if the gate has shut or the rule has gone.
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
	hold = gate->open && !rule->dead;
	if (hold) {
		haltblk_gate_keep(cmd, rule);
		cmd->event = event;
		haltblk_gate_name(cmd);
		cmd->held_ns = ktime_get_ns();
		rule->held++;
		rule->tag->held++;
		gate->nr_held++;
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
	 * Spent. Not before the request counts as held, and not after the lock
	 * is dropped: then it can have been released and the device be gone.
	 */
	if (!haltblk_rules_armed(rule))
		queue_work(haltblk_slow_wq, &gate->update);
	spin_unlock_irqrestore(&gate->lock, flags);
	return hold;
}

/* Take a held command off the list; the gate's lock is held. */
static void haltblk_gate_take(struct haltblk_gate *gate, struct haltblk_cmd *cmd,
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
	/* The last one: the key may go off now, and only now. */
	if (!--gate->nr_held)
		queue_work(haltblk_slow_wq, &gate->update);
	haltblk_gate_unkeep(cmd);
	list_del(&cmd->rule_node);
	rb_erase(&cmd->by_id, &gate->ids);
	/* The releaser is a process without locks: it may sleep. */
	cmd->flags |= HALTBLK_CMD_F_WAS_HELD | HALTBLK_CMD_F_SLEEP;
	list_move_tail(&cmd->node, taken);
}

/**
 * haltblk_gate_let_go - the one way on for commands that were held
 * @taken: commands taken off, in the order they go
 * @verdict: go on, or end
 *
 * Process context without locks. Each command has gone on to its end, to its
 * next hold or to a worker before the next one starts.
 *
 * Return: how many.
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
			/* Taken: the timer has nothing to do any more. */
			hrtimer_cancel(&cmd->timer);
			cmd->flags &= ~HALTBLK_CMD_F_DELAYED;
		} else {
			nr++;
		}
		if (verdict.fail)
			haltblk_cmd_fail(cmd, verdict.status);
		else
			haltblk_cmd_advance(cmd);
		cond_resched();
	}
	return nr;
}

/* What was held in the order held, then what was delayed. */
static int haltblk_gate_cmp_kept(void *unused, const struct list_head *a,
				 const struct list_head *b)
{
	const struct haltblk_cmd *x = list_entry(a, struct haltblk_cmd, node);
	const struct haltblk_cmd *y = list_entry(b, struct haltblk_cmd, node);
	bool later = x->flags & HALTBLK_CMD_F_DELAYED;

	if (later != !!(y->flags & HALTBLK_CMD_F_DELAYED))
		return later;
	return x->kept_nr > y->kept_nr;
}

/*
 * Take what a rule holds since before @upto, @most of it. Return: how many more
 * could have been taken.
 */
static unsigned int haltblk_gate_take_rule(struct haltblk_gate *gate,
					   struct haltblk_rule_state *rule,
					   u64 upto, unsigned int most,
					   struct list_head *taken)
{
	struct haltblk_cmd *cmd;

	while (most && (cmd = list_first_entry_or_null(&rule->holding,
						       struct haltblk_cmd,
						       rule_node)) &&
	       cmd->kept_nr <= upto) {
		haltblk_gate_take(gate, cmd, taken);
		most--;
	}
	return most;
}

/**
 * haltblk_gate_take_rules - take all that removed rules hold or delay
 * @gate: its rules_lock held, so that the owners of the rules stay
 * @rules: dead, in no other list
 * @taken: where to: what was held, in order, then what was delayed
 */
void haltblk_gate_take_rules(struct haltblk_gate *gate,
			     struct list_head *rules, struct list_head *taken)
{
	unsigned int most = HALTBLK_GATE_BATCH;
	struct haltblk_rule_state *rule;

	lockdep_assert_held(&gate->rules_lock);
	spin_lock_irq(&gate->lock);
	list_for_each_entry(rule, rules, node) {
		for (;;) {
			most = haltblk_gate_take_rule(gate, rule, U64_MAX, most,
						      taken);
			most = haltblk_pass_take_delayed(rule, most, taken);
			if (most)
				break;
			spin_unlock_irq(&gate->lock);
			cond_resched();
			most = HALTBLK_GATE_BATCH;
			spin_lock_irq(&gate->lock);
		}
	}
	wake_up_all(&gate->wait);
	spin_unlock_irq(&gate->lock);
	list_sort(NULL, taken, haltblk_gate_cmp_kept);
}

/* Take a batch of those held under a tag, or of all. False: there are no more. */
static bool haltblk_gate_take_some(struct haltblk_gate *gate, const char *tag,
				   u64 upto, struct list_head *taken)
{
	unsigned int most = HALTBLK_GATE_BATCH;
	struct haltblk_rule_state *rule;
	struct haltblk_cmd *cmd;

	lockdep_assert_held(&gate->lock);
	if (tag) {
		list_for_each_entry(rule, &gate->rules, node)
			if (rule->held && !strcmp(rule->spec.tag, tag))
				most = haltblk_gate_take_rule(gate, rule, upto,
							      most, taken);
		return !most;
	}
	while (most && (cmd = list_first_entry_or_null(&gate->held,
						       struct haltblk_cmd,
						       node)) &&
	       cmd->kept_nr <= upto) {
		haltblk_gate_take(gate, cmd, taken);
		most--;
	}
	return !most;
}

/**
 * haltblk_gate_release - release by tag, or all, in the order held
 * @gate: gate
 * @tag: held under it, or NULL for all
 * @verdict: how they go on
 *
 * Releases what is held when it is called, once: not what is held meanwhile,
 * nor what is held again.
 *
 * Return: how many.
 */
unsigned int haltblk_gate_release(struct haltblk_gate *gate, const char *tag,
				  struct haltblk_verdict verdict)
{
	LIST_HEAD(taken);
	bool more;
	u64 upto;

	spin_lock_irq(&gate->lock);
	upto = gate->nr_kept;
	spin_unlock_irq(&gate->lock);
	do {
		spin_lock_irq(&gate->lock);
		more = haltblk_gate_take_some(gate, tag, upto, &taken);
		wake_up_all(&gate->wait);
		spin_unlock_irq(&gate->lock);
		cond_resched();
	} while (more);
	/* Several rules can have one tag. */
	list_sort(NULL, &taken, haltblk_gate_cmp_kept);
	return haltblk_gate_let_go(&taken, verdict);
}

/**
 * haltblk_gate_step - release one request to its next state
 * @gate: gate
 * @id: of a held request
 * @event: set to what it is held at again, or HALTBLK_EVENT_NONE
 *
 * Return: 0, or -ENOENT: not held.
 */
int haltblk_gate_step(struct haltblk_gate *gate, u64 id, u32 *event)
{
	const struct haltblk_verdict go_on = { };
	struct haltblk_rule_state *rule;
	struct haltblk_cmd *cmd;
	LIST_HEAD(taken);

	spin_lock_irq(&gate->lock);
	cmd = haltblk_gate_find(gate, id);
	if (cmd) {
		rule = cmd->rule;
		haltblk_gate_take(gate, cmd, &taken);
		/* Listed, so it has references left. */
		refcount_inc(&rule->ref);
		cmd->step_rule = rule;
		cmd->flags |= HALTBLK_CMD_F_STEP;
		wake_up_all(&gate->wait);
	}
	spin_unlock_irq(&gate->lock);
	if (!haltblk_gate_let_go(&taken, go_on))
		return -ENOENT;

	*event = HALTBLK_EVENT_NONE;
	spin_lock_irq(&gate->lock);
	cmd = haltblk_gate_find(gate, id);
	if (cmd)
		*event = cmd->event;
	spin_unlock_irq(&gate->lock);
	return 0;
}

/**
 * haltblk_gate_backtrace - where a held request was submitted
 * @gate: gate
 * @id: of a held request
 * @stack: filled in
 *
 * Return: 0; -ENOENT: not held; -ENODATA: not known.
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

/* One id asked for: where it stands in the order, and which hold of it. */
struct haltblk_gate_want {
	u64 id;
	u64 kept_nr;
	u32 place;
};

static int haltblk_gate_cmp_want(const void *a, const void *b)
{
	const struct haltblk_gate_want *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static int haltblk_gate_cmp_place(const void *a, const void *b)
{
	const struct haltblk_gate_want *x = a, *y = b;

	return x->place < y->place ? -1 : x->place > y->place;
}

/* Are all of them held, under the tag? -ENOENT: one is not. */
static int haltblk_gate_check_ids(struct haltblk_gate *gate,
				  struct haltblk_gate_want *want, u32 nr,
				  const char *tag, u64 *odd)
{
	struct haltblk_cmd *cmd;
	int err = 0;
	u32 i, end;

	for (i = 0; i < nr && !err; cond_resched()) {
		end = min(nr, i + HALTBLK_GATE_BATCH);
		spin_lock_irq(&gate->lock);
		for (; i < end && !err; i++) {
			cmd = haltblk_gate_find(gate, want[i].id);
			if (cmd && (!tag || !strcmp(cmd->rule->spec.tag, tag))) {
				want[i].kept_nr = cmd->kept_nr;
				continue;
			}
			*odd = want[i].id;
			err = -ENOENT;
		}
		spin_unlock_irq(&gate->lock);
	}
	return err;
}

/* Take those that are still held as they were when they were checked. */
static void haltblk_gate_take_ids(struct haltblk_gate *gate,
				  const struct haltblk_gate_want *want, u32 nr,
				  struct list_head *taken)
{
	struct haltblk_cmd *cmd;
	u32 i, end;

	for (i = 0; i < nr; cond_resched()) {
		end = min(nr, i + HALTBLK_GATE_BATCH);
		spin_lock_irq(&gate->lock);
		for (; i < end; i++) {
			cmd = haltblk_gate_find(gate, want[i].id);
			if (cmd && cmd->kept_nr == want[i].kept_nr)
				haltblk_gate_take(gate, cmd, taken);
		}
		wake_up_all(&gate->wait);
		spin_unlock_irq(&gate->lock);
	}
}

/**
 * haltblk_gate_release_ids - release by id, in the order given
 * @gate: gate
 * @ids: what to release
 * @nr: their number
 * @tag: each must be held under it, or NULL
 * @verdict: how they go on
 * @odd: set to the id that -EINVAL or -ENOENT speaks of
 *
 * All are looked up first, so that an id that is not held makes nothing happen.
 * One that somebody else releases after that look is released by them, with
 * their verdict; the others go as asked for, and the call succeeds: none of the
 * ids is held any longer as it was.
 *
 * Return: 0; -EINVAL: an id twice; -ENOENT: an id is not held, nothing was
 * released; -ENOMEM.
 */
int haltblk_gate_release_ids(struct haltblk_gate *gate, const u64 *ids, u32 nr,
			     const char *tag, struct haltblk_verdict verdict,
			     u64 *odd)
{
	struct haltblk_gate_want *want;
	LIST_HEAD(taken);
	int err = 0;
	u32 i;

	want = kvcalloc(nr, sizeof(*want), GFP_KERNEL);
	if (!want)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		want[i].id = ids[i];
		want[i].place = i;
	}
	sort(want, nr, sizeof(*want), haltblk_gate_cmp_want, NULL);
	for (i = 1; i < nr && !err; i++) {
		if (want[i].id == want[i - 1].id) {
			*odd = want[i].id;
			err = -EINVAL;
		}
	}
	if (!err)
		err = haltblk_gate_check_ids(gate, want, nr, tag, odd);
	if (!err) {
		sort(want, nr, sizeof(*want), haltblk_gate_cmp_place, NULL);
		haltblk_gate_take_ids(gate, want, nr, &taken);
	}
	kvfree(want);
	haltblk_gate_let_go(&taken, verdict);
	return err;
}

/**
 * haltblk_gate_time_out - blk-mq's time for a request is up
 * @gate: gate
 * @cmd: of the request; only @cmd->kept is looked at until it is found held
 * @fire: it goes on to "timeout" and fails, else it stays
 *
 * Return: true if it went.
 */
bool haltblk_gate_time_out(struct haltblk_gate *gate, struct haltblk_cmd *cmd,
			   bool fire)
{
	const struct haltblk_verdict go_on = { };
	LIST_HEAD(taken);
	bool mine;

	spin_lock_irq(&gate->lock);
	mine = cmd->kept;
	if (mine && haltblk_events_on(gate))
		haltblk_events_record(cmd, HALTBLK_WHAT_TIMED_OUT, NULL, 0);
	if (mine && fire) {
		if (cmd->flags & HALTBLK_CMD_F_DELAYED)
			haltblk_pass_undelay(cmd, &taken);
		else
			haltblk_gate_take(gate, cmd, &taken);
		cmd->step = HALTBLK_STEP_TIMEOUT;
		wake_up_all(&gate->wait);
	}
	spin_unlock_irq(&gate->lock);
	if (!mine || !fire)
		return false;
	haltblk_gate_let_go(&taken, go_on);
	return true;
}

/**
 * haltblk_gate_open - holding may begin
 * @gate: of a device whose disk is there; if it is being removed, nothing
 *	happens
 */
void haltblk_gate_open(struct haltblk_gate *gate)
{
	spin_lock_irq(&gate->lock);
	WRITE_ONCE(gate->open, !gate->gone);
	spin_unlock_irq(&gate->lock);
}

/**
 * haltblk_gate_refuse - refuse new holds
 * @gate: gate
 * @gone: the device does not come back
 *
 * Any context that may take the gate's lock. What is held stays so until
 * haltblk_gate_shut().
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

/**
 * haltblk_gate_shut - disarm, refuse new holds, release what is held
 * @gate: gate
 * @gone: the device does not come back
 * @fail: what is held ends with IOERR, else it goes on
 *
 * Before anything waits for the device's requests or takes its locks. Nothing
 * is held afterwards until haltblk_gate_open().
 */
void haltblk_gate_shut(struct haltblk_gate *gate, bool gone, bool fail)
{
	const struct haltblk_verdict verdict = {
		.fail = fail, .status = BLK_STS_IOERR,
	};
	u32 removed, released;

	haltblk_gate_refuse(gate, gone);
	haltblk_breaks_remove(gate, NULL, NULL, verdict, &removed, &released);
}
