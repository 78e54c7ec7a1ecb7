// SPDX-License-Identifier: GPL-2.0-only
/*
 * Jobs: work that may wait for a device's requests. A worker powers the device
 * on and off and changes the number of its queues, one job at a time, in the
 * order in which jobs were requested.
 *
 * configfs calls a store method with a semaphore held for reading. rmdir takes
 * it for writing, with the inodes of its directory and of the parent locked, so
 * nothing else happens in configfs while a store method waits. A method
 * therefore waits for one slice at most. Then it restarts its system call: that
 * drops the semaphore, lets a waiting rmdir in and calls the method again. The
 * method finds its job by the thread that runs it. The thread can be killed at
 * any time; its job is done all the same.
 *
 * Process context, may sleep. haltblk_device.lock protects the list of jobs; it
 * is never held while anything waits for requests.
 */
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "core/core.h"
#include "device.h"

/* How long a store method keeps rmdir waiting. */
#define HALTBLK_JOB_SLICE	max(HZ / 50, 1)

/**
 * struct haltblk_job - one job
 * @node: in haltblk_device.jobs
 * @asker: thread that comes back for the result; NULL if none does
 * @what: what to do
 * @done: it has ended
 * @err: how it ended
 */
struct haltblk_job {
	struct list_head node;
	struct pid *asker;
	struct haltblk_order what;
	bool done;
	int err;
};

/* Kernel threads and io_uring workers have no system call to restart. */
static bool haltblk_job_can_restart(void)
{
	return !(current->flags & (PF_KTHREAD | PF_IO_WORKER));
}

static bool haltblk_job_is_power(const struct haltblk_job *job)
{
	return job->what.kind != HALTBLK_ORDER_QUEUES;
}

/**
 * haltblk_job_free - free a job
 * @job: job that has ended or was never listed
 */
void haltblk_job_free(struct haltblk_job *job)
{
	list_del(&job->node);
	put_pid(job->asker);
	kfree(job);
}

/* Was the asker killed before it came back? */
static bool haltblk_job_orphaned(const struct haltblk_job *job)
{
	struct task_struct *task;
	bool gone;

	if (!job->asker)
		return false;
	rcu_read_lock();
	task = pid_task(job->asker, PIDTYPE_PID);
	gone = !task || READ_ONCE(task->exit_state);
	rcu_read_unlock();
	return gone;
}

/* Free results that no thread comes back for. */
static void haltblk_job_sweep(struct haltblk_device *dev)
{
	struct haltblk_job *job, *next;

	lockdep_assert_held(&dev->lock);
	list_for_each_entry_safe(job, next, &dev->jobs, node)
		if (job->done && haltblk_job_orphaned(job))
			haltblk_job_free(job);
}

/**
 * haltblk_job_off_comes - is a power off still to come, or under way?
 * @dev: device; its lock is held
 */
bool haltblk_job_off_comes(struct haltblk_device *dev)
{
	const struct haltblk_job *job;

	lockdep_assert_held(&dev->lock);
	list_for_each_entry(job, &dev->jobs, node)
		if ((job->what.kind == HALTBLK_ORDER_OFF ||
		     job->what.kind == HALTBLK_ORDER_CRASH) && !job->done)
			return true;
	return false;
}

static int haltblk_job_do(struct haltblk_device *dev,
			  const struct haltblk_order *what)
{
	int err;

	if (READ_ONCE(dev->gate.gone))
		return -ENODEV;
	switch (what->kind) {
	case HALTBLK_ORDER_ON:
		/* A rule has cut the power, and its job is still to come. */
		if (haltblk_cut_settle(dev))
			haltblk_power_off(dev);
		err = haltblk_power_on(dev);
		if (err)
			return err;
		/*
		 * If a power off waits for its turn, the gate stays shut: a
		 * request held now could stop the job that it waits for.
		 */
		mutex_lock(&dev->lock);
		if (!haltblk_job_off_comes(dev))
			haltblk_gate_open(&dev->gate);
		mutex_unlock(&dev->lock);
		return 0;
	case HALTBLK_ORDER_OFF:
		haltblk_cut_settle(dev);
		haltblk_power_off(dev);
		return 0;
	case HALTBLK_ORDER_CRASH:
		if (haltblk_cut_settle(dev))
			haltblk_power_off(dev);
		return 0;
	default:
		return haltblk_power_set_queues(dev, what->id, what->value);
	}
}

static struct haltblk_job *haltblk_job_next(struct haltblk_device *dev)
{
	struct haltblk_job *job;

	lockdep_assert_held(&dev->lock);
	list_for_each_entry(job, &dev->jobs, node)
		if (!job->done)
			return job;
	return NULL;
}

static void haltblk_job_work(struct work_struct *work)
{
	struct haltblk_device *dev = container_of(work, struct haltblk_device,
						  jobs_work);
	struct haltblk_job *job;
	int err;

	mutex_lock(&dev->lock);
	while ((job = haltblk_job_next(dev))) {
		mutex_unlock(&dev->lock);
		err = haltblk_job_do(dev, &job->what);
		mutex_lock(&dev->lock);
		if (haltblk_job_is_power(job))
			WRITE_ONCE(dev->power_jobs, dev->power_jobs - 1);
		job->err = err;
		WRITE_ONCE(job->done, true);
		if (!job->asker)
			haltblk_job_free(job);
		wake_up_all(&dev->jobs_wait);
	}
	mutex_unlock(&dev->lock);
}

/**
 * haltblk_job_init - no job yet
 * @dev: device, zeroed
 */
void haltblk_job_init(struct haltblk_device *dev)
{
	INIT_LIST_HEAD(&dev->jobs);
	INIT_WORK(&dev->jobs_work, haltblk_job_work);
	init_waitqueue_head(&dev->jobs_wait);
}

/**
 * haltblk_job_exit - wait for the job under way, and start no other
 * @dev: device, whose gate is shut for good
 */
void haltblk_job_exit(struct haltblk_device *dev)
{
	/* Threads that ask from now on see that the device is gone. */
	mutex_lock(&dev->lock);
	mutex_unlock(&dev->lock);
	cancel_work_sync(&dev->jobs_work);
}

/**
 * haltblk_job_destroy - free the results that no thread came back for
 * @dev: device, about to be freed
 */
void haltblk_job_destroy(struct haltblk_device *dev)
{
	struct haltblk_job *job, *next;

	list_for_each_entry_safe(job, next, &dev->jobs, node)
		haltblk_job_free(job);
}

/* Find the job that this thread requested before its call was restarted. */
static struct haltblk_job *haltblk_job_find(struct haltblk_device *dev,
					    const struct haltblk_order *what)
{
	struct haltblk_job *job;

	lockdep_assert_held(&dev->lock);
	list_for_each_entry(job, &dev->jobs, node)
		if (job->asker == task_pid(current) &&
		    job->what.kind == what->kind && job->what.id == what->id &&
		    job->what.value == what->value)
			return job;
	return NULL;
}

/**
 * haltblk_job_alloc - make a job, to be listed later
 * @what: what to do
 *
 * Return: a job, or NULL if there is no memory.
 */
struct haltblk_job *haltblk_job_alloc(const struct haltblk_order *what)
{
	/* No I/O: it could be the very I/O that the job is going to end. */
	struct haltblk_job *job = kzalloc(sizeof(*job), GFP_NOIO);

	if (!job)
		return NULL;
	INIT_LIST_HEAD(&job->node);
	job->what = *what;
	return job;
}

/**
 * haltblk_job_list - have a job done
 * @dev: device that is not being removed; its lock is held
 * @job: from haltblk_job_alloc()
 * @asked: this thread comes back for the result
 */
void haltblk_job_list(struct haltblk_device *dev, struct haltblk_job *job,
		      bool asked)
{
	lockdep_assert_held(&dev->lock);
	if (asked)
		job->asker = get_pid(task_pid(current));
	if (haltblk_job_is_power(job))
		WRITE_ONCE(dev->power_jobs, dev->power_jobs + 1);
	list_add_tail(&job->node, &dev->jobs);
	queue_work(haltblk_job_wq, &dev->jobs_work);
}

static struct haltblk_job *haltblk_job_add(struct haltblk_device *dev,
					   const struct haltblk_order *what)
{
	struct haltblk_job *job;

	lockdep_assert_held(&dev->lock);
	if (READ_ONCE(dev->gate.gone))
		return ERR_PTR(-ENODEV);
	haltblk_job_sweep(dev);
	job = haltblk_job_alloc(what);
	if (!job)
		return ERR_PTR(-ENOMEM);
	haltblk_job_list(dev, job, true);
	return job;
}

/* Wait for this thread's job. Return: its result, -EINTR, or a restart. */
static int haltblk_job_wait(struct haltblk_device *dev, struct haltblk_job *job)
{
	long left;
	int err;

	left = wait_event_killable_timeout(dev->jobs_wait,
					   READ_ONCE(job->done),
					   HALTBLK_JOB_SLICE);
	mutex_lock(&dev->lock);
	if (job->done) {
		err = job->err;
		haltblk_job_free(job);
	} else if (left >= 0 && haltblk_job_can_restart()) {
		err = restart_syscall();
	} else {
		/* The job is done all the same, but no thread comes back. */
		err = -EINTR;
		put_pid(job->asker);
		job->asker = NULL;
	}
	mutex_unlock(&dev->lock);
	return err;
}

/**
 * haltblk_job_ask - request a job, and wait for it
 * @dev: device
 * @what: what to do
 *
 * For store methods: waits for one slice at most.
 *
 * Return: the job's result; -EINTR if killed; -ENODEV if the device is being
 * removed; -ENOMEM; or an errno that restarts the system call.
 */
int haltblk_job_ask(struct haltblk_device *dev,
		    const struct haltblk_order *what)
{
	struct haltblk_job *job;
	bool fresh, idle;

	mutex_lock(&dev->lock);
	job = haltblk_job_find(dev, what);
	fresh = !job;
	/* The device is powered, and stays so. */
	idle = fresh && what->kind == HALTBLK_ORDER_ON && !dev->power_jobs &&
	       haltblk_device_powered(dev) && !atomic_read(&dev->cut) &&
	       !READ_ONCE(dev->gate.gone);
	if (fresh && !idle)
		job = haltblk_job_add(dev, what);
	mutex_unlock(&dev->lock);
	if (idle)
		return 0;
	if (IS_ERR(job))
		return PTR_ERR(job);
	/* Before waiting: a held request may be what stops the job ahead. */
	if (fresh && what->kind == HALTBLK_ORDER_OFF)
		haltblk_breaks_shut(&dev->gate, false,
				  !READ_ONCE(dev->cfg.on_remove));
	return haltblk_job_wait(dev, job);
}

/**
 * haltblk_job_join - wait for a job in a call that needs no restart
 * @dev: device
 * @job: listed for this thread, which gives it up
 *
 * Return: 0 if the job has ended or the device was removed; -EINTR if killed.
 */
int haltblk_job_join(struct haltblk_device *dev, struct haltblk_job *job)
{
	long left;

	/* A removal switches the power off and drops the jobs. */
	do {
		left = wait_event_killable_timeout(dev->jobs_wait,
						   READ_ONCE(job->done),
						   HALTBLK_JOB_SLICE);
	} while (!left && !completion_done(&dev->removed));
	mutex_lock(&dev->lock);
	if (job->done) {
		haltblk_job_free(job);
	} else {
		put_pid(job->asker);
		job->asker = NULL;
	}
	mutex_unlock(&dev->lock);
	return left < 0 ? -EINTR : 0;
}

/**
 * haltblk_job_wait_power - wait until no power on or off is under way
 * @dev: device
 *
 * For store methods: waits for one slice at most.
 *
 * Return: 0; -EINTR if killed; or an errno that restarts the system call.
 */
int haltblk_job_wait_power(struct haltblk_device *dev)
{
	long left;

	left = wait_event_killable_timeout(dev->jobs_wait,
					   !READ_ONCE(dev->power_jobs),
					   HALTBLK_JOB_SLICE);
	if (left > 0)
		return 0;
	return left < 0 || !haltblk_job_can_restart() ? -EINTR :
							restart_syscall();
}
