// SPDX-License-Identifier: GPL-2.0-only
/*
 * The static key that submissions test first, and the code that switches it. It
 * is on while a device has a rule that can act, a watcher, or a request that a
 * rule holds or delays.
 *
 * A worker switches it, because that takes the CPU hotplug lock, and a CPU that
 * goes offline holds that lock while it waits for its requests. rules_lock
 * orders the changes of one gate.
 */
#include <linux/sched/signal.h>

#include "haltblk.h"

DEFINE_STATIC_KEY_FALSE(haltblk_gate_key);

/* Gates that need the key; it is on while there are any. */
static atomic_t haltblk_key_users = ATOMIC_INIT(0);
/* The key is on, and stays on while there are users. */
static bool haltblk_key_ready;
static DECLARE_WAIT_QUEUE_HEAD(haltblk_key_waiters);

static void haltblk_key_work(struct work_struct *work)
{
	if (!atomic_read(&haltblk_key_users)) {
		/*
		 * Clear it first, then look at the users again: a new user
		 * either sees that the key is not ready or is seen here.
		 */
		WRITE_ONCE(haltblk_key_ready, false);
		smp_mb();
		if (!atomic_read(&haltblk_key_users)) {
			static_branch_disable(&haltblk_gate_key);
			haltblk_submitter_stop();
			wake_up_all(&haltblk_key_waiters);
			return;
		}
	}
	haltblk_submitter_start();
	static_branch_enable(&haltblk_gate_key);
	WRITE_ONCE(haltblk_key_ready, true);
	wake_up_all(&haltblk_key_waiters);
}

static DECLARE_WORK(haltblk_key_switch, haltblk_key_work);

/**
 * haltblk_key_set_armed - update gate->armed and the key
 * @gate: its rules_lock held
 */
void haltblk_key_set_armed(struct haltblk_gate *gate)
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
	 * The key stays on while anything is held or delayed, even if all rules
	 * are spent: switching it on again takes the CPU hotplug lock, and a
	 * CPU that goes offline holds that lock until the request has ended.
	 */
	use = armed || haltblk_gate_nr_kept(gate);
	if (use == gate->key_user)
		return;
	gate->key_user = use;
	if (use)
		atomic_inc(&haltblk_key_users);
	else
		atomic_dec(&haltblk_key_users);
	/* Pairs with the barrier in haltblk_key_work(). */
	smp_mb();
	queue_work(haltblk_slow_wq, &haltblk_key_switch);
}

/**
 * haltblk_key_wait_ready - wait until submissions look at a device's rules
 * @gate: gate that was just armed
 *
 * Return: 0, or -EINTR when killed.
 */
int haltblk_key_wait_ready(struct haltblk_gate *gate)
{
	return wait_event_killable(haltblk_key_waiters,
				   READ_ONCE(haltblk_key_ready) ||
				   !READ_ONCE(gate->armed)) ? -EINTR : 0;
}

static void haltblk_key_update(struct work_struct *work)
{
	struct haltblk_gate *gate = container_of(work, struct haltblk_gate,
						 update);

	mutex_lock(&gate->rules_lock);
	haltblk_key_set_armed(gate);
	mutex_unlock(&gate->rules_lock);
}

/**
 * haltblk_key_init - prepare a gate for the static key
 * @gate: being set up
 */
void haltblk_key_init(struct haltblk_gate *gate)
{
	INIT_WORK(&gate->update, haltblk_key_update);
}

/**
 * haltblk_key_exit - wait for the key's work, at module exit
 *
 * All devices are gone.
 */
void haltblk_key_exit(void)
{
	flush_work(&haltblk_key_switch);
	haltblk_submitter_stop();
	/* RCU callbacks of this module free the rules. */
	rcu_barrier();
}
