// SPDX-License-Identifier: GPL-2.0-only
/*
 * The owner of a session's rules: the process that opened it.
 *
 * Closing a session's file removes its rules. But if a process is killed while
 * one of its threads or io_uring workers waits in a request that these very
 * rules hold, it never closes its files: nothing wakes the thread, and exit
 * waits for it. The kernel does not tell drivers. So while such rules hold
 * something, a worker checks the owner every HALTBLK_OWNER_LOOK. If two checks
 * in a row find it dying with a thread that nothing wakes, its rules are
 * removed, as if it had closed the session.
 *
 * Runs in a worker; takes the gate's lock, and to remove rules its rules_lock.
 */
#include <linux/pid.h>
#include <linux/sched/signal.h>

#include "haltblk.h"

/* Do the owner's rules hold or delay a request? */
static bool haltblk_owner_holds(const struct haltblk_owner *owner)
{
	struct haltblk_gate *gate = &owner->dev->gate;
	bool holds;

	spin_lock_irq(&gate->lock);
	holds = owner->kept;
	spin_unlock_irq(&gate->lock);
	return holds;
}

/*
 * Will the process die as soon as it runs? Most fatal signals mark the whole
 * process when they are sent. One that dumps core does so only when a thread
 * takes it, and no thread does while all of them wait.
 */
static bool haltblk_owner_doomed(struct task_struct *leader)
{
	struct signal_struct *signal = leader->signal;
	struct sighand_struct *sighand = rcu_dereference(leader->sighand);
	struct task_struct *task;
	int sig;

	if (READ_ONCE(signal->flags) & SIGNAL_GROUP_EXIT)
		return true;
	if (!sighand || READ_ONCE(signal->flags) & SIGNAL_UNKILLABLE ||
	    READ_ONCE(leader->ptrace))
		return false;
	for (sig = 1; sig < SIGRTMIN; sig++) {
		if (!sigismember(&signal->shared_pending.signal, sig) ||
		    !siginmask(sig, SIG_KERNEL_COREDUMP_MASK) ||
		    sighand->action[sig - 1].sa.sa_handler != SIG_DFL)
			continue;
		for_each_thread(leader, task)
			if (!sigismember(&task->blocked, sig))
				return true;
	}
	return false;
}

/* Is the owner dying, with a thread that does not end by itself? */
static bool haltblk_owner_stuck(const struct haltblk_owner *owner)
{
	struct task_struct *leader, *task;
	bool stuck = false;

	rcu_read_lock();
	leader = pid_task(owner->opener, PIDTYPE_TGID);
	if (leader && haltblk_owner_doomed(leader)) {
		for_each_thread(leader, task)
			stuck |= READ_ONCE(task->__state) &
				 TASK_UNINTERRUPTIBLE;
	}
	rcu_read_unlock();
	return stuck;
}

static void haltblk_owner_look(struct work_struct *work)
{
	const struct haltblk_verdict go_on = { };
	struct haltblk_owner *owner = container_of(to_delayed_work(work),
						   struct haltblk_owner, look);
	u32 removed, released;

	if (!haltblk_owner_holds(owner))
		return;
	if (!haltblk_owner_stuck(owner)) {
		owner->stuck = false;
	} else if (!owner->stuck) {
		owner->stuck = true;
	} else {
		haltblk_breaks_remove(&owner->dev->gate, NULL, owner, go_on,
				      &removed, &released);
		return;
	}
	haltblk_owner_watch(owner);
}

/**
 * haltblk_owner_init - make the running process the owner
 * @owner: owner of a session that is being opened
 */
void haltblk_owner_init(struct haltblk_owner *owner)
{
	INIT_DELAYED_WORK(&owner->look, haltblk_owner_look);
	owner->opener = get_pid(task_tgid(current));
}

/**
 * haltblk_owner_exit - stop checking an owner
 * @owner: owner of a session that is being closed; it has no rules left
 */
void haltblk_owner_exit(struct haltblk_owner *owner)
{
	cancel_delayed_work_sync(&owner->look);
	put_pid(owner->opener);
}
