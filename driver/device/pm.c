// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suspend, hibernation and reboot.
 *
 * A held request does not end by itself, and once processes are frozen nobody
 * can release it. So the system is not let sleep while a rule holds or delays
 * something, and no rule holds anything from there on until it is awake again.
 *
 * Before suspend asks its notifiers it syncs all file systems, and that waits
 * for a held write for ever. The tracepoint suspend_resume tells of this sync.
 * If it has not ended after a short while, it is told to give up, where the
 * kernel has it listen, and what is held ends with IOERR; the notifier refuses
 * afterwards. A hibernation asks first and syncs then.
 *
 * The probe runs with preemption off and only queues work; the rest is process
 * context.
 */
#include <linux/reboot.h>
#include <linux/suspend.h>
#include <linux/tracepoint.h>

#include "device.h"

/* How long a sync may take before what is held is released. */
#define HALTBLK_PM_PATIENCE	max(HZ / 5, 1)

static struct tracepoint *haltblk_pm_tp;
/* A sync of suspend is under way. */
static bool haltblk_pm_syncing;
/* It had to be helped: the suspend that it belongs to is refused. */
static bool haltblk_pm_helped;

/* Release with IOERR what a device's rules hold. */
static void haltblk_pm_release(struct haltblk_device *dev)
{
	const struct haltblk_verdict fail = {
		.fail = true, .status = BLK_STS_IOERR,
	};
	unsigned int held = READ_ONCE(dev->gate.nr_held);

	if (!held)
		return;
	pr_warn("%s: suspend waits for file systems, and these perhaps for %u held requests: they end with IOERR, and suspend is refused\n",
		dev->name, held);
	WRITE_ONCE(haltblk_pm_helped, true);
	haltblk_release_tag(&dev->gate, NULL, fail);
}

static void haltblk_pm_look(struct work_struct *work);
static DECLARE_DELAYED_WORK(haltblk_pm_work, haltblk_pm_look);

static void haltblk_pm_look(struct work_struct *work)
{
	struct haltblk_device *dev;
	bool held = false;

	mutex_lock(&haltblk_devices_lock);
	list_for_each_entry(dev, &haltblk_devices, node)
		held |= READ_ONCE(dev->gate.nr_held);
	mutex_unlock(&haltblk_devices_lock);
	if (!READ_ONCE(haltblk_pm_syncing))
		return;
	if (held) {
		haltblk_gate_sleep(true);
		haltblk_compat_abort_suspend();
		mutex_lock(&haltblk_devices_lock);
		list_for_each_entry(dev, &haltblk_devices, node)
			haltblk_pm_release(dev);
		mutex_unlock(&haltblk_devices_lock);
	}
	/* What the sync has yet to write can be held as well. */
	if (READ_ONCE(haltblk_pm_syncing))
		queue_delayed_work(haltblk_slow_wq, &haltblk_pm_work,
				   HALTBLK_PM_PATIENCE);
	else if (held)
		/* Over meanwhile; what was helped is refused. */
		haltblk_gate_sleep(false);
}

/* Probe of suspend_resume. */
static void haltblk_pm_phase(void *unused, const char *action, int val,
			     bool start)
{
	if (strcmp(action, "sync_filesystems"))
		return;
	WRITE_ONCE(haltblk_pm_syncing, start);
	if (start) {
		WRITE_ONCE(haltblk_pm_helped, false);
		queue_delayed_work(haltblk_slow_wq, &haltblk_pm_work,
				   HALTBLK_PM_PATIENCE);
	} else {
		haltblk_gate_sleep(false);
	}
}

/* Does a rule hold or delay something? The log says which device's. */
static bool haltblk_pm_busy(void)
{
	struct haltblk_device *dev;
	bool busy = false;

	mutex_lock(&haltblk_devices_lock);
	list_for_each_entry(dev, &haltblk_devices, node) {
		unsigned int kept = haltblk_gate_nr_kept(&dev->gate);

		if (!kept)
			continue;
		pr_warn("%s: %u requests are held or delayed: suspend refused; resume or remove them first\n",
			dev->name, kept);
		busy = true;
	}
	mutex_unlock(&haltblk_devices_lock);
	return busy;
}

static int haltblk_pm_notify(struct notifier_block *nb, unsigned long event,
			     void *data)
{
	bool helped;

	switch (event) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
		haltblk_gate_sleep(false);
		return NOTIFY_DONE;
	default:
		return NOTIFY_DONE;
	}
	helped = event == PM_SUSPEND_PREPARE && READ_ONCE(haltblk_pm_helped);
	WRITE_ONCE(haltblk_pm_helped, false);
	/* First, so that nothing is held that was not seen. */
	haltblk_gate_sleep(true);
	if (!haltblk_pm_busy() && !helped)
		return NOTIFY_DONE;
	haltblk_gate_sleep(false);
	return notifier_from_errno(-EBUSY);
}

static struct notifier_block haltblk_pm_nb = {
	.notifier_call = haltblk_pm_notify,
};

/* The machine goes down: nothing may wait for a hand that is not there. */
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

/* Before those of drivers above, as md's, which wait for what they sent here. */
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
 * Without the tracepoint, which only kernels that cannot suspend lack, there is
 * no sync to look after.
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
	unregister_reboot_notifier(&haltblk_pm_reboot_nb);
	unregister_pm_notifier(&haltblk_pm_nb);
}
