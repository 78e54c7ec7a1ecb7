// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breakpoints of a device: arming and removing rules, and the tags they had.
 *
 * Process context. rules_lock orders changes; a change publishes a new ruleset
 * and the old one goes after a grace period. A rule is freed when no published
 * ruleset has it, nobody is about to hold under it and a grace period has
 * passed.
 *
 * To remove a rule takes no memory: a dead rule matches nothing, wherever it is
 * still looked at. So what it held goes on before anything is allocated, and a
 * ruleset without it follows when there is memory for one.
 */
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "haltblk.h"

/* Tags remembered without a rule or a held request; the oldest go first. */
#define HALTBLK_BREAKS_MAX_TAGS	4096

/**
 * haltblk_breaks_tag - look a tag up
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

/* Bound what tags cost a device that lives long. */
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

/* The rules changed: let submissions see the new ones; NULL for none. */
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
 * Publish the rules that are left after a removal. False: no memory for it; dead
 * rules stay in the published set until the next change.
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
	struct haltblk_rule_limits lim = {
		.sectors = (u64)READ_ONCE(dev->cfg.size) << (20 - SECTOR_SHIFT),
		.bio_mode = !READ_ONCE(dev->cfg.queue_mode),
		.stores = READ_ONCE(dev->cfg.memory_backed),
		.cached = haltblk_device_flushes(&dev->cfg) &&
			  READ_ONCE(dev->cfg.memory_backed),
		.nr_hctx = READ_ONCE(dev->cfg.submit_queues) +
			   READ_ONCE(dev->cfg.poll_queues),
		.nr_cpus = nr_cpu_ids,
		.statuses = haltblk_blk_offered(),
	};

	return haltblk_rules_check(spec, &lim, why, HALTBLK_WHY_LEN);
}

/**
 * haltblk_breaks_recheck - are all rules legal with the options as they are?
 * @dev: on its way to be powered: its options do not change any more
 *
 * A rule may be armed while the device is off, and options written after that:
 * one for blk-mq must not meet a bio. Whoever arms from now on is checked
 * against the same options.
 *
 * Return: 0, or -EINVAL and a line in the log; -EINTR (killed).
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
		pr_warn("%s: power=1: rule %s is not legal with these options (%s); remove it or write others\n",
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
	/* Again: with the lock either this or a power on sees what has changed. */
	err = haltblk_breaks_check(dev, &rule->spec, why);
	if (err)
		return err;
	if (gate->nr_rules >= HALTBLK_MAX_RULES) {
		snprintf(why, HALTBLK_WHY_LEN,
			 "%u rules are listed, no more fit; remove some",
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

/* The identity of a process, but not of a thread in one: a reference. */
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

/* A rule is armed that nothing can match while the options are what they are. */
static void haltblk_breaks_warn(const struct haltblk_device *dev,
				const struct haltblk_rule *spec, char *why)
{
	const char *what;

	if (spec->keys & HALTBLK_KEY_OPS && spec->ops & BIT(HALTBLK_OP_FLUSH) &&
	    !haltblk_device_flushes(&dev->cfg))
		what = "op=flush: without a volatile cache the block layer sends no flush; write cache=volatile";
	else if (spec->event == HALTBLK_EVENT_TIMEOUT &&
		 !READ_ONCE(dev->cfg.hold_timeout))
		what = "event timeout: hold_timeout=wait lets nothing get there; write hold_timeout=fire";
	else
		return;
	strscpy(why, what, HALTBLK_WHY_LEN);
	pr_warn("%s: %s\n", dev->name, what);
}

/**
 * haltblk_breaks_arm - arm a rule
 * @dev: device, powered or not
 * @spec: what is asked for
 * @owner: of the rule with HALTBLK_RULE_F_SESSION
 * @why: HALTBLK_WHY_LEN bytes for a reason, or a warning
 *
 * Once this returns 0, every request that arrives is seen by the rule.
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
				 "pid: there is no process %d (a thread's number is none)",
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
	/* When killed, the rule stays: as if the call had just returned. */
	return haltblk_key_wait_ready(gate);

out_free:
	if (rule)
		put_pid(rule->pid);
	kfree(rule);
	kfree(tag);
	return err;
}

/* Off the list, dead, its hits kept by its tag. */
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
 * @tag: rules that have it, or NULL for any
 * @owner: rules it owns, or NULL for any
 * @verdict: how the released go on
 * @removed: set to the number of rules
 * @released: set to the number of requests, released in the order held
 *
 * After this returns nothing is held by these rules any more. Nothing is
 * allocated until all of it has gone on, unless there is memory at once: reclaim
 * could wait for a command that is held, or was taken and not let go yet.
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
 * @gone: the device does not come back
 * @fail: what is held ends with IOERR, else it goes on
 *
 * Before anything waits for the device's requests or takes its locks. Nothing
 * is held afterwards until haltblk_gate_open().
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
