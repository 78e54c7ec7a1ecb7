// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ways off the gate: by rule, by tag, by id, to the next state, and by
 * blk-mq's time-out. gate.c lists them all.
 *
 * Process context without spinlocks, unless a function says otherwise. Tens of
 * thousands of commands may be held, so one critical section of the gate's lock
 * takes or looks up at most HALTBLK_GATE_BATCH of them. A release of more takes
 * all commands that were held when it began (it compares @kept_nr), and only
 * then lets the first go on.
 */
#include <linux/list_sort.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "haltblk.h"

/* Held commands come first, in the order held, then delayed ones. */
static int haltblk_release_cmp_kept(void *unused, const struct list_head *a,
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
 * Take at most @most commands that a rule holds, up to number @upto. Return:
 * how many of @most are left.
 */
static unsigned int haltblk_release_take_rule(struct haltblk_gate *gate,
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
 * haltblk_release_take_rules - take all commands that removed rules keep
 * @gate: its rules_lock held, so that the rules' owners are not freed
 * @rules: dead rules, in no other list
 * @taken: list to fill: held commands in the order held, then delayed ones
 */
void haltblk_release_take_rules(struct haltblk_gate *gate,
			     struct list_head *rules, struct list_head *taken)
{
	unsigned int most = HALTBLK_GATE_BATCH;
	struct haltblk_rule_state *rule;

	lockdep_assert_held(&gate->rules_lock);
	spin_lock_irq(&gate->lock);
	list_for_each_entry(rule, rules, node) {
		for (;;) {
			most = haltblk_release_take_rule(gate, rule, U64_MAX, most,
							 taken);
			most = haltblk_delay_take(rule, most, taken);
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
	list_sort(NULL, taken, haltblk_release_cmp_kept);
}

/*
 * Take a batch of the commands held under a tag, or of all. Return: whether
 * there may be more.
 */
static bool haltblk_release_take_some(struct haltblk_gate *gate, const char *tag,
				      u64 upto, struct list_head *taken)
{
	unsigned int most = HALTBLK_GATE_BATCH;
	struct haltblk_rule_state *rule;
	struct haltblk_cmd *cmd;

	lockdep_assert_held(&gate->lock);
	if (tag) {
		list_for_each_entry(rule, &gate->rules, node)
			if (rule->held && !strcmp(rule->spec.tag, tag))
				most = haltblk_release_take_rule(gate, rule, upto,
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
 * haltblk_release_tag - release by tag, or all, in the order held
 * @gate: gate
 * @tag: tag, or NULL for all
 * @verdict: what they do next
 *
 * Releases each command that is held at the time of the call once. It ignores
 * commands that are held later, and those held again.
 *
 * Return: how many it released.
 */
unsigned int haltblk_release_tag(struct haltblk_gate *gate, const char *tag,
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
		more = haltblk_release_take_some(gate, tag, upto, &taken);
		wake_up_all(&gate->wait);
		spin_unlock_irq(&gate->lock);
		cond_resched();
	} while (more);
	/* Several rules can have one tag. */
	list_sort(NULL, &taken, haltblk_release_cmp_kept);
	return haltblk_gate_let_go(&taken, verdict);
}

/* Take what a rule holds or delays. Return: how many of @most are left. */
static unsigned int haltblk_release_take_ops(struct haltblk_gate *gate,
					     struct haltblk_rule_state *rule,
					     u32 ops, unsigned int most,
					     struct list_head *taken)
{
	struct haltblk_cmd *cmd, *next;

	list_for_each_entry_safe(cmd, next, &rule->holding, rule_node) {
		if (!most)
			return 0;
		if (!(ops & BIT(cmd->op)))
			continue;
		haltblk_gate_take(gate, cmd, taken);
		most--;
	}
	list_for_each_entry_safe(cmd, next, &rule->delaying, node) {
		if (!most)
			return 0;
		if (!(ops & BIT(cmd->op)))
			continue;
		haltblk_delay_undo(cmd, taken);
		most--;
	}
	return most;
}

/**
 * haltblk_release_ops - release what rules hold or delay, and keep the rules
 * @gate: gate
 * @ops: a bit for each operation to release
 * @verdict: what they do next
 *
 * Return: how many it released.
 */
unsigned int haltblk_release_ops(struct haltblk_gate *gate, u32 ops,
				 struct haltblk_verdict verdict)
{
	unsigned int most, nr = 0;
	struct haltblk_rule_state *rule;
	LIST_HEAD(taken);

	mutex_lock(&gate->rules_lock);
	do {
		most = HALTBLK_GATE_BATCH;
		spin_lock_irq(&gate->lock);
		list_for_each_entry(rule, &gate->rules, node)
			most = haltblk_release_take_ops(gate, rule, ops, most,
							&taken);
		wake_up_all(&gate->wait);
		spin_unlock_irq(&gate->lock);
		nr += HALTBLK_GATE_BATCH - most;
		cond_resched();
	} while (!most);
	mutex_unlock(&gate->rules_lock);
	list_sort(NULL, &taken, haltblk_release_cmp_kept);
	haltblk_gate_let_go(&taken, verdict);
	return nr;
}

/**
 * haltblk_release_step - release one request to its next state
 * @gate: gate
 * @id: id of a held request
 * @event: set to the state in which it is held again, or HALTBLK_EVENT_NONE
 *
 * Return: 0, or -ENOENT: not held.
 */
int haltblk_release_step(struct haltblk_gate *gate, u64 id, u32 *event)
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
		/* The rule is listed, so it still has a reference. */
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

/* A requested id, its position in the request, and which hold of it. */
struct haltblk_release_id {
	u64 id;
	u64 kept_nr;
	u32 order;
};

static int haltblk_release_cmp_id(const void *a, const void *b)
{
	const struct haltblk_release_id *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static int haltblk_release_cmp_order(const void *a, const void *b)
{
	const struct haltblk_release_id *x = a, *y = b;

	return x->order < y->order ? -1 : x->order > y->order;
}

/* Are all of them held, and under the tag? -ENOENT: one is not. */
static int haltblk_release_check_ids(struct haltblk_gate *gate,
				     struct haltblk_release_id *want, u32 nr,
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

/* Take the commands that have not been released since they were checked. */
static void haltblk_release_take_ids(struct haltblk_gate *gate,
				  const struct haltblk_release_id *want, u32 nr,
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
 * haltblk_release_ids - release by id, in the given order
 * @gate: gate
 * @ids: ids to release
 * @nr: number of ids
 * @tag: tag under which each must be held, or NULL
 * @verdict: what they do next
 * @odd: set to the id that causes -EINVAL or -ENOENT
 *
 * Looks all ids up first, and releases nothing if one is not held. If another
 * caller releases one of them after the look-up, its verdict applies to that
 * one. This call releases the others and succeeds, since no hold that it was
 * asked to end is left.
 *
 * Return: 0; -EINVAL: an id is given twice; -ENOENT: an id is not held, nothing
 * was released; -ENOMEM.
 */
int haltblk_release_ids(struct haltblk_gate *gate, const u64 *ids, u32 nr,
			const char *tag, struct haltblk_verdict verdict,
			u64 *odd)
{
	struct haltblk_release_id *want;
	LIST_HEAD(taken);
	int err = 0;
	u32 i;

	want = kvcalloc(nr, sizeof(*want), GFP_KERNEL);
	if (!want)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		want[i].id = ids[i];
		want[i].order = i;
	}
	sort(want, nr, sizeof(*want), haltblk_release_cmp_id, NULL);
	for (i = 1; i < nr && !err; i++) {
		if (want[i].id == want[i - 1].id) {
			*odd = want[i].id;
			err = -EINVAL;
		}
	}
	if (!err)
		err = haltblk_release_check_ids(gate, want, nr, tag, odd);
	if (!err) {
		sort(want, nr, sizeof(*want), haltblk_release_cmp_order, NULL);
		haltblk_release_take_ids(gate, want, nr, &taken);
	}
	kvfree(want);
	haltblk_gate_let_go(&taken, verdict);
	return err;
}

/**
 * haltblk_release_time_out - handle blk-mq's time-out of a request
 * @gate: gate
 * @cmd: the request's command; if a rule does not hold or delay it, only
 *	@cmd->kept is valid
 * @fire: whether it goes on to the state timeout and fails, or stays
 *
 * Return: true if it went on.
 */
bool haltblk_release_time_out(struct haltblk_gate *gate, struct haltblk_cmd *cmd,
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
			haltblk_delay_undo(cmd, &taken);
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
