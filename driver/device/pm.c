// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suspend, hibernation and reboot.
 *
 * A held request does not end by itself, and no frozen process can release it.
 * So suspend is refused while a rule holds or delays a request, and during
 * suspend no rule does.
 *
 * Before suspend calls its notifiers it syncs all file systems, and would wait
 * for a held write for ever. The tracepoint suspend_resume reports this sync.
 * If the sync does not end soon, we tell suspend to give up. Newer kernels do.
 * On others, held and delayed requests end with IOERR, and the notifier refuses
 * suspend afterwards. Hibernation calls its notifiers first and then syncs.
 *
 * The probe runs with preemption off and only queues work; the rest is process
 * context.
 */
#include <linux/reboot.h>
#include <linux/suspend.h>
#include <linux/tracepoint.h>

#include "device.h"

/* How long a sync may take before the first step, and between steps. */
#define HALTBLK_PM_PATIENCE	max(HZ / 5, 1)
#define HALTBLK_PM_STEP		HZ

/* Steps to end a sync that hangs. */
enum haltblk_pm_step {
	HALTBLK_PM_ABORT,	/* tell it to give up */
	HALTBLK_PM_WRITES,	/* end all but reads */
	HALTBLK_PM_ALL,		/* end everything */
};

static struct tracepoint *haltblk_pm_tp;
/* Suspend is syncing file systems. */
static bool haltblk_pm_syncing;
/* A step against this sync was taken, so its suspend is refused. */
static bool haltblk_pm_helped;
static enum haltblk_pm_step haltblk_pm_next;

static void haltblk_pm_look(struct work_struct *work);
static DECLARE_DELAYED_WORK(haltblk_pm_work, haltblk_pm_look);

/* Does a rule hold or delay a request? The kernel log names the device. */
static bool haltblk_pm_busy(const char *why)
{
	struct haltblk_device *dev;
	unsigned int kept;
	bool busy = false;

	mutex_lock(&haltblk_devices_lock);
	list_for_each_entry(dev, &haltblk_devices, node) {
		/* Under the lock: a request that we miss sees the gate asleep. */
		spin_lock_irq(&dev->gate.lock);
		kept = haltblk_gate_nr_kept(&dev->gate);
		spin_unlock_irq(&dev->gate.lock);
		if (!kept)
			continue;
		pr_warn("%s: %u requests are held or delayed: %s\n",
			dev->name, kept, why);
		busy = true;
	}
	mutex_unlock(&haltblk_devices_lock);
	return busy;
}

/* End held and delayed requests with IOERR. */
static void haltblk_pm_fail(u32 ops)
{
	const struct haltblk_verdict fail = {
		.fail = true, .status = BLK_STS_IOERR,
	};
	struct haltblk_device *dev;
	unsigned int nr;

	mutex_lock(&haltblk_devices_lock);
	list_for_each_entry(dev, &haltblk_devices, node) {
		nr = haltblk_release_ops(&dev->gate, ops, fail);
		if (nr)
			pr_warn("%s: suspend still waits for file systems: %u held or delayed requests ended with IOERR\n",
				dev->name, nr);
	}
	mutex_unlock(&haltblk_devices_lock);
}

/*
 * The suspend that was told to give up is over. Only its lock tells us: a sync
 * that gave up does not reach the tracepoint, nor does our refusal.
 */
static void haltblk_pm_over(struct work_struct *work)
{
	unsigned int flags = lock_system_sleep();

	WRITE_ONCE(haltblk_pm_syncing, false);
	WRITE_ONCE(haltblk_pm_helped, false);
	haltblk_gate_sleep(false);
	unlock_system_sleep(flags);
}

static DECLARE_WORK(haltblk_pm_over_work, haltblk_pm_over);

static void haltblk_pm_look(struct work_struct *work)
{
	const enum haltblk_pm_step step = READ_ONCE(haltblk_pm_next);

	if (!READ_ONCE(haltblk_pm_syncing))
		return;
	if (step != HALTBLK_PM_ABORT) {
		haltblk_gate_sleep(true);
		haltblk_pm_fail(step == HALTBLK_PM_WRITES ?
				~BIT(HALTBLK_OP_READ) : ~0U);
		WRITE_ONCE(haltblk_pm_next, HALTBLK_PM_ALL);
	} else if (haltblk_pm_busy("suspend waits for file systems, which may wait for these; suspend refused")) {
		WRITE_ONCE(haltblk_pm_helped, true);
		haltblk_compat_abort_suspend();
		queue_work(haltblk_job_wq, &haltblk_pm_over_work);
		WRITE_ONCE(haltblk_pm_next, HALTBLK_PM_WRITES);
	}
	queue_delayed_work(haltblk_slow_wq, &haltblk_pm_work,
			   READ_ONCE(haltblk_pm_helped) ? HALTBLK_PM_STEP :
							  HALTBLK_PM_PATIENCE);
}

/* Probe of suspend_resume. */
static void haltblk_pm_phase(void *unused, const char *action, int val,
			     bool start)
{
	if (strcmp(action, "sync_filesystems"))
		return;
	if (start)
		WRITE_ONCE(haltblk_pm_next, HALTBLK_PM_ABORT);
	WRITE_ONCE(haltblk_pm_syncing, start);
	if (start)
		queue_delayed_work(haltblk_slow_wq, &haltblk_pm_work,
				   HALTBLK_PM_PATIENCE);
}

static int haltblk_pm_notify(struct notifier_block *nb, unsigned long event,
			     void *data)
{
	switch (event) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
		/* First, so that no request is held unseen. */
		haltblk_gate_sleep(true);
		if (!haltblk_pm_busy("suspend refused; resume or remove them first") &&
		    !READ_ONCE(haltblk_pm_helped))
			return NOTIFY_DONE;
		/* A notifier that refuses is not called again for the end. */
		haltblk_gate_sleep(false);
		return notifier_from_errno(-EBUSY);
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
		haltblk_gate_sleep(false);
		return NOTIFY_DONE;
	default:
		return NOTIFY_DONE;
	}
}

static struct notifier_block haltblk_pm_nb = {
	.notifier_call = haltblk_pm_notify,
};

/* The machine goes down, and nobody is left to release requests. */
static int haltblk_pm_reboot(struct notifier_block *nb, unsigned long event,
			     void *data)
{
	struct haltblk_device *dev;

	mutex_lock(&haltblk_devices_lock);
	list_for_each_entry(dev, &haltblk_devices, node)
		haltblk_breaks_shut(&dev->gate, false, true);
	mutex_unlock(&haltblk_devices_lock);
	return NOTIFY_DONE;
}

/* Before drivers above us, such as md, which wait for their requests. */
static struct notifier_block haltblk_pm_reboot_nb = {
	.notifier_call = haltblk_pm_reboot,
	.priority = INT_MAX,
};

static void haltblk_pm_find_tp(struct tracepoint *tp, void *unused)
{
	if (!strcmp(tp->name, "suspend_resume"))
		haltblk_pm_tp = tp;
}

/**
 * haltblk_pm_init - at module load
 *
 * Only kernels that cannot suspend lack the tracepoint.
 */
int haltblk_pm_init(void)
{
	int err;

	err = register_pm_notifier(&haltblk_pm_nb);
	if (err)
		return err;
	err = register_reboot_notifier(&haltblk_pm_reboot_nb);
	if (err)
		goto out_unregister_pm;
	for_each_kernel_tracepoint(haltblk_pm_find_tp, NULL);
	if (haltblk_pm_tp)
		err = tracepoint_probe_register(haltblk_pm_tp,
						haltblk_pm_phase, NULL);
	if (err)
		goto out_unregister_reboot;
	return 0;

out_unregister_reboot:
	unregister_reboot_notifier(&haltblk_pm_reboot_nb);
out_unregister_pm:
	unregister_pm_notifier(&haltblk_pm_nb);
	return err;
}

/**
 * haltblk_pm_exit - at module exit
 */
void haltblk_pm_exit(void)
{
	if (haltblk_pm_tp) {
		tracepoint_probe_unregister(haltblk_pm_tp, haltblk_pm_phase,
					    NULL);
		tracepoint_synchronize_unregister();
	}
	WRITE_ONCE(haltblk_pm_syncing, false);
	cancel_delayed_work_sync(&haltblk_pm_work);
	flush_work(&haltblk_pm_over_work);
	unregister_reboot_notifier(&haltblk_pm_reboot_nb);
	unregister_pm_notifier(&haltblk_pm_nb);
}
