// SPDX-License-Identifier: GPL-2.0-only
/*
 * The owner of a session's rules: the process that opened it.
 *
 * A session's rules go when its file is closed. A process that is killed while
 * a thread of its own, or an io_uring worker, waits in a request that these very
 * rules hold never gets to closing its files: the thread cannot be woken, and
 * exit waits for it. The kernel tells no driver of that, so that while such rules
 * hold something the owner is looked at every HALTBLK_OWNER_LOOK; if at two
 * looks in a row it is dying and has a thread that nothing wakes, its rules are
 * removed, as if it had closed the session.
 *
 * The look runs in a worker; takes the gate's lock, or as a close does.
 */
#include <linux/pid.h>
#include <linux/sched/signal.h>

#include "haltblk.h"

/* Do its rules hold or delay a request? */
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
 * Is it to die as soon as it runs? Most signals that kill mark the whole process
 * when they are sent. One that dumps core does so only when a thread takes it,
 * and none does while all wait.
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

/* Is it dying, with a thread that does not end by itself? */
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
 * haltblk_owner_init - the running process is the owner
 * @owner: of a session that is being opened
 */
void haltblk_owner_init(struct haltblk_owner *owner)
{
	INIT_DELAYED_WORK(&owner->look, haltblk_owner_look);
	owner->opener = get_pid(task_tgid(current));
}

/**
 * haltblk_owner_exit - the session is closed
 * @owner: its rules are removed
 */
void haltblk_owner_exit(struct haltblk_owner *owner)
{
	cancel_delayed_work_sync(&owner->look);
	put_pid(owner->opener);
}
