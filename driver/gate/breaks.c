// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breakpoints of a device: arming and removing rules, and their tags.
 *
 * Process context. rules_lock orders changes. A change publishes a new ruleset
 * and frees the old one after a grace period. A rule is freed after a grace
 * period, once no published ruleset contains it and nothing is about to hold a
 * command under it.
 *
 * Removing a rule takes no memory: a dead rule matches nothing, even while a
 * ruleset still contains it. So commands that it held go on before anything is
 * allocated, and a ruleset without it follows when there is memory for one.
 */
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "haltblk.h"

/* Above this many, forget the oldest tag with no rule and no held request. */
#define HALTBLK_BREAKS_MAX_TAGS	4096

/**
 * haltblk_breaks_tag - look up a tag
 * @gate: its lock held
 * @name: the tag
 *
 * Return: its record, or NULL if no rule ever had it.
 */
struct haltblk_tag *haltblk_breaks_tag(struct haltblk_gate *gate,
				       const char *name)
{
	struct haltblk_tag *tag;

	lockdep_assert_held(&gate->lock);
	list_for_each_entry(tag, &gate->tags, node)
		if (!strcmp(tag->name, name))
			return tag;
	return NULL;
}

/* Bound the memory that the tags of a long-lived device use. */
static void haltblk_breaks_forget_tag(struct haltblk_gate *gate)
{
	struct haltblk_tag *tag;

	lockdep_assert_held(&gate->lock);
	if (gate->nr_tags < HALTBLK_BREAKS_MAX_TAGS)
		return;
	list_for_each_entry(tag, &gate->tags, node) {
		if (tag->rules || tag->held)
			continue;
		list_del(&tag->node);
		gate->nr_tags--;
		kfree(tag);
		return;
	}
}

/* Let submissions see the changed rules. @set is NULL if there are none. */
static void haltblk_breaks_publish(struct haltblk_gate *gate,
				   struct haltblk_ruleset *set)
{
	struct haltblk_rule_state *rule, *next;
	struct haltblk_ruleset *old;
	u32 events = 0;
	int event;

	lockdep_assert_held(&gate->rules_lock);
	if (set)
		haltblk_rules_build(set, &gate->rules);
	for (event = 0; set && event < HALTBLK_EVENT_NR; event++)
		if (set->first[event] != set->end[event])
			events |= BIT(event);
	old = rcu_replace_pointer(gate->set, set,
				  lockdep_is_held(&gate->rules_lock));
	if (old)
		kvfree_rcu(old, rcu);
	WRITE_ONCE(gate->events, events);
	WRITE_ONCE(gate->ops, set ? set->any_op : 0);
	haltblk_key_set_armed(gate);
	list_for_each_entry_safe(rule, next, &gate->dead, node) {
		list_del_init(&rule->node);
		haltblk_rules_put(rule);
	}
}

/*
 * Publish the rules that are left after a removal. Return: false if there is no
 * memory; the published set then keeps the dead rules until the next change.
 */
static bool haltblk_breaks_compact(struct haltblk_gate *gate, gfp_t gfp)
{
	struct haltblk_ruleset *set = NULL;

	lockdep_assert_held(&gate->rules_lock);
	if (list_empty(&gate->dead))
		return true;
	if (gate->nr_rules) {
		if (gfpflags_allow_blocking(gfp))
			set = kvzalloc(haltblk_rules_size(gate->nr_rules), gfp);
		else
			set = kzalloc(haltblk_rules_size(gate->nr_rules), gfp);
		if (!set)
			return false;
	}
	haltblk_breaks_publish(gate, set);
	return true;
}

static int haltblk_breaks_check(struct haltblk_device *dev,
				const struct haltblk_rule *spec, char *why)
{
	const struct haltblk_config *queues = READ_ONCE(dev->cfg.shared_tags) ?
					      &haltblk_defaults : &dev->cfg;
	struct haltblk_rule_limits lim = {
		.sectors = (u64)READ_ONCE(dev->cfg.size) << (20 - SECTOR_SHIFT),
		.bio_mode = !READ_ONCE(dev->cfg.queue_mode),
		.stores = READ_ONCE(dev->cfg.memory_backed),
		.cached = haltblk_device_flushes(&dev->cfg) &&
			  READ_ONCE(dev->cfg.memory_backed),
		.zoned = READ_ONCE(dev->cfg.zoned),
		.nr_hctx = READ_ONCE(queues->submit_queues) +
			   READ_ONCE(queues->poll_queues),
		.nr_cpus = nr_cpu_ids,
		.statuses = haltblk_blk_offered(),
	};

	return haltblk_rules_check(spec, &lim, why, HALTBLK_WHY_LEN);
}

/**
 * haltblk_breaks_recheck - check that all rules are legal with today's options
 * @dev: being powered on, so its options cannot change
 *
 * Options can change after a rule is armed on a device without power, but a
 * rule for blk-mq must not meet a bio. Rules that are armed from now on are
 * checked against the same options.
 *
 * Return: 0; -EINVAL after a line in the kernel log; -EINTR (killed).
 */
int haltblk_breaks_recheck(struct haltblk_device *dev)
{
	struct haltblk_gate *gate = &dev->gate;
	struct haltblk_rule_state *rule;
	char why[HALTBLK_WHY_LEN];
	int err = 0;

	if (mutex_lock_killable(&gate->rules_lock))
		return -EINTR;
	list_for_each_entry(rule, &gate->rules, node) {
		err = haltblk_breaks_check(dev, &rule->spec, why);
		if (!err)
			continue;
		pr_warn("%s: power=1: rule %s is not legal with these options (%s); remove it or change the options\n",
			dev->name, rule->spec.tag, why);
		break;
	}
	mutex_unlock(&gate->rules_lock);
	return err;
}

static int haltblk_breaks_add(struct haltblk_device *dev,
			      struct haltblk_rule_state *rule,
			      struct haltblk_tag *fresh, char *why)
{
	struct haltblk_gate *gate = &dev->gate;
	struct haltblk_ruleset *set;
	struct haltblk_tag *tag;
	int err;

	lockdep_assert_held(&gate->rules_lock);
	/*
	 * Again, under the lock: either this or power on sees the other's
	 * change.
	 */
	err = haltblk_breaks_check(dev, &rule->spec, why);
	if (err)
		return err;
	if (gate->nr_rules >= HALTBLK_MAX_RULES) {
		snprintf(why, HALTBLK_WHY_LEN,
			 "the device already has %u rules, its limit; remove some",
			 gate->nr_rules);
		return -ENOSPC;
	}
	set = kvzalloc(haltblk_rules_size(gate->nr_rules + 1), GFP_KERNEL_ACCOUNT);
	if (!set)
		return -ENOMEM;

	spin_lock_irq(&gate->lock);
	err = gate->gone ? -ENODEV : 0;
	if (!err) {
		tag = haltblk_breaks_tag(gate, rule->spec.tag);
		if (!tag) {
			haltblk_breaks_forget_tag(gate);
			tag = fresh;
			list_add_tail(&tag->node, &gate->tags);
			gate->nr_tags++;
		}
		tag->rules++;
		rule->tag = tag;
		list_add_tail(&rule->node, &gate->rules);
		gate->nr_rules++;
	}
	spin_unlock_irq(&gate->lock);
	if (err) {
		kvfree(set);
		return err;
	}
	if (tag != fresh)
		kfree(fresh);
	haltblk_breaks_publish(gate, set);
	return 0;
}

/* A reference to the identity of a process; NULL for a thread's number. */
static struct pid *haltblk_breaks_process(int nr)
{
	struct pid *pid = find_get_pid(nr);
	bool process;

	rcu_read_lock();
	process = pid && pid_task(pid, PIDTYPE_TGID);
	rcu_read_unlock();
	if (process)
		return pid;
	put_pid(pid);
	return NULL;
}

/* Warn of a rule that nothing can match with the current options. */
static void haltblk_breaks_warn(const struct haltblk_device *dev,
				const struct haltblk_rule *spec, char *why)
{
	const char *what;

	if (spec->keys & HALTBLK_KEY_OPS && spec->ops & BIT(HALTBLK_OP_FLUSH) &&
	    !haltblk_device_flushes(&dev->cfg))
		what = "op=flush: the block layer sends no flush to a device without a volatile cache; write cache=volatile";
	else if (spec->event == HALTBLK_EVENT_TIMEOUT &&
		 !READ_ONCE(dev->cfg.hold_timeout))
		what = "event timeout: no request reaches it with hold_timeout=wait; write hold_timeout=fire";
	else
		return;
	strscpy(why, what, HALTBLK_WHY_LEN);
	pr_warn("%s: %s\n", dev->name, what);
}

/**
 * haltblk_breaks_arm - arm a rule
 * @dev: device, powered or not
 * @spec: the rule as the user gave it
 * @owner: the rule's owner, if it has HALTBLK_RULE_F_SESSION
 * @why: HALTBLK_WHY_LEN bytes for the reason of a refusal, or for a warning
 *
 * Once this returns 0, the rule sees every request that arrives.
 *
 * Return: 0, -EINVAL, -ENOSPC, -ENODEV, -ENOMEM or -EINTR (killed).
 */
int haltblk_breaks_arm(struct haltblk_device *dev,
		       const struct haltblk_rule *spec,
		       struct haltblk_owner *owner,
		       char *why)
{
	struct haltblk_gate *gate = &dev->gate;
	struct haltblk_rule_state *rule;
	struct haltblk_tag *tag;
	int err;

	err = haltblk_breaks_check(dev, spec, why);
	if (err)
		return err;
	rule = kzalloc(sizeof(*rule), GFP_KERNEL_ACCOUNT);
	tag = kzalloc(sizeof(*tag), GFP_KERNEL_ACCOUNT);
	if (!rule || !tag) {
		err = -ENOMEM;
		goto out_free;
	}
	haltblk_rules_init(rule, spec);
	if (!(spec->keys & HALTBLK_KEY_OPS) && !READ_ONCE(dev->cfg.zoned))
		rule->spec.ops &= ~HALTBLK_RULES_ZONE_OPS;
	rule->seed = READ_ONCE(dev->cfg.seed);
	strscpy(tag->name, spec->tag, sizeof(tag->name));
	if (spec->hdr.flags & HALTBLK_RULE_F_SESSION) {
		owner->dev = dev;
		rule->owner = owner;
	}
	if (spec->keys & HALTBLK_KEY_PID) {
		rule->pid = haltblk_breaks_process(spec->pid);
		if (!rule->pid) {
			snprintf(why, HALTBLK_WHY_LEN,
				 "pid: there is no process %d (thread ids are not accepted)",
				 spec->pid);
			err = -EINVAL;
			goto out_free;
		}
	}

	if (mutex_lock_killable(&gate->rules_lock)) {
		err = -EINTR;
		goto out_free;
	}
	err = haltblk_breaks_add(dev, rule, tag, why);
	mutex_unlock(&gate->rules_lock);
	if (err)
		goto out_free;
	haltblk_breaks_warn(dev, spec, why);
	/* If killed, the rule stays, as if the call had just returned. */
	return haltblk_key_wait_ready(gate);

out_free:
	if (rule)
		put_pid(rule->pid);
	kfree(rule);
	kfree(tag);
	return err;
}

/* Unlist a rule and mark it dead; its tag keeps its hits. */
static void haltblk_breaks_unlist(struct haltblk_gate *gate,
				  struct haltblk_rule_state *rule,
				  struct list_head *dead)
{
	lockdep_assert_held(&gate->lock);
	WRITE_ONCE(rule->dead, true);
	rule->tag->rules--;
	rule->tag->gone_hits += atomic64_read(&rule->hits);
	list_move_tail(&rule->node, dead);
	gate->nr_rules--;
}

/**
 * haltblk_breaks_remove - remove rules and release what they hold
 * @gate: gate
 * @tag: tag of the rules, or NULL for any
 * @owner: owner of the rules, or NULL for any
 * @verdict: what the released requests do next
 * @removed: set to the number of rules
 * @released: set to the number of requests, released in the order held
 *
 * When this returns, these rules hold nothing any more. It allocates without
 * waiting until everything they held has gone on, because reclaim could wait
 * for a command that is held, or taken and not yet let go.
 */
void haltblk_breaks_remove(struct haltblk_gate *gate, const char *tag,
			   const struct haltblk_owner *owner,
			   struct haltblk_verdict verdict,
			   u32 *removed, u32 *released)
{
	struct haltblk_rule_state *rule, *next;
	unsigned int noio;
	LIST_HEAD(taken);
	LIST_HEAD(dead);
	bool done;

	*removed = 0;
	noio = memalloc_noio_save();
	mutex_lock(&gate->rules_lock);
	spin_lock_irq(&gate->lock);
	list_for_each_entry_safe(rule, next, &gate->rules, node) {
		if ((tag && strcmp(rule->spec.tag, tag)) ||
		    (owner && rule->owner != owner))
			continue;
		haltblk_breaks_unlist(gate, rule, &dead);
		(*removed)++;
	}
	wake_up_all(&gate->wait);
	spin_unlock_irq(&gate->lock);
	haltblk_release_take_rules(gate, &dead, &taken);
	list_splice_tail(&dead, &gate->dead);
	done = haltblk_breaks_compact(gate, GFP_NOWAIT | __GFP_NOWARN);
	if (!done)
		haltblk_key_set_armed(gate);
	mutex_unlock(&gate->rules_lock);

	*released = haltblk_gate_let_go(&taken, verdict);
	if (!done) {
		mutex_lock(&gate->rules_lock);
		haltblk_breaks_compact(gate, GFP_KERNEL | __GFP_NOWARN |
					     __GFP_NORETRY);
		mutex_unlock(&gate->rules_lock);
	}
	memalloc_noio_restore(noio);
}

/**
 * haltblk_breaks_shut - disarm, refuse new holds, release what is held
 * @gate: gate
 * @gone: the device is being removed
 * @fail: whether held requests end with IOERR or go on
 *
 * Call this before anything waits for the device's requests or takes locks that
 * such a wait holds. Nothing is held afterwards until haltblk_gate_open().
 */
void haltblk_breaks_shut(struct haltblk_gate *gate, bool gone, bool fail)
{
	const struct haltblk_verdict verdict = {
		.fail = fail, .status = BLK_STS_IOERR,
	};
	u32 removed, released;

	haltblk_gate_refuse(gate, gone);
	haltblk_breaks_remove(gate, NULL, NULL, verdict, &removed, &released);
}
