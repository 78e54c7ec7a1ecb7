// SPDX-License-Identifier: GPL-2.0-only
/*
 * The static key that submissions ask first, and what switches it: on while a
 * device has a rule that can act, a watcher, or a request that a rule holds or
 * delays.
 *
 * A worker switches it, because that takes the CPU hotplug lock, which is held
 * while a CPU that goes offline waits for its requests. rules_lock orders what a
 * gate says.
 */
#include <linux/sched/signal.h>

#include "haltblk.h"

DEFINE_STATIC_KEY_FALSE(haltblk_gate_key);

/* Devices with a rule that can act or a held request; the key follows it. */
static atomic_t haltblk_key_users = ATOMIC_INIT(0);
/* The key is on and stays on while there are users. */
static bool haltblk_key_ready;
static DECLARE_WAIT_QUEUE_HEAD(haltblk_key_waiters);

static void haltblk_key_work(struct work_struct *work)
{
	if (!atomic_read(&haltblk_key_users)) {
		/*
		 * Said before it is done, and the users looked at once more:
		 * one who comes now either sees that the key is not ready or
		 * is seen here.
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
 * haltblk_key_set_armed - bring gate->armed and the key up to date
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
	 * While anything is held or delayed the key stays on, even if all rules
	 * are spent: switching it on again takes the CPU hotplug lock, which a
	 * CPU on its way offline keeps until that request has gone.
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
 * haltblk_key_wait_ready - wait until an armed device's rules are looked at
 * @gate: just armed
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
 * haltblk_key_init - a gate that nothing is armed on
 * @gate: being set up
 */
void haltblk_key_init(struct haltblk_gate *gate)
{
	INIT_WORK(&gate->update, haltblk_key_update);
}

/**
 * haltblk_key_exit - at module exit, all devices gone
 */
void haltblk_key_exit(void)
{
	flush_work(&haltblk_key_switch);
	haltblk_submitter_stop();
	/* Rules are freed by callbacks of this module. */
	rcu_barrier();
}
