// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices: their names and their options.
 *
 * Process context, may sleep, but does not wait for requests: power.c does, in
 * jobs (job.c) and in the removal (remove.c).
 */
#include <linux/ctype.h>
#include <linux/slab.h>

#include "core/core.h"
#include "device.h"
#include "front/front.h"
#include "media/media.h"

/*
 * Can a disk have this name? In /dev the kernel turns a '!' into a '/'. Blanks
 * and control characters break lists, uevents and /proc files.
 */
static int haltblk_device_check_name(const char *name)
{
	const char *c;

	if (strlen(name) >= DISK_NAME_LEN) {
		pr_warn("%*pE: a name of %zu bytes, takes at most %d\n",
			(int)strlen(name), name, strlen(name),
			DISK_NAME_LEN - 1);
		return -ENAMETOOLONG;
	}
	for (c = name; *c; c++)
		if (*c == '/' || *c == '!' ||
		    (isascii(*c) && !isgraph(*c)))
			break;
	if (!*c && *name && strcmp(name, ".") && strcmp(name, ".."))
		return 0;
	pr_warn("\"%*pE\": no name for a disk, takes 1 to %d bytes without '/', '!', blanks and control characters, and not \".\" or \"..\"\n",
		(int)strlen(name), name, DISK_NAME_LEN - 1);
	return -EINVAL;
}

static void haltblk_device_free(struct kref *ref)
{
	struct haltblk_device *dev = container_of(ref, struct haltblk_device,
						  ref);

	haltblk_job_destroy(dev);
	haltblk_gate_destroy(&dev->gate);
	haltblk_features_destroy(dev);
	kfree(dev);
}

/**
 * haltblk_device_create - a device without power, in the list
 * @name: of its disk
 *
 * Return: a reference, or ERR_PTR: -ENAMETOOLONG or -EINVAL after a line in the
 * kernel log, -EEXIST, -ENOMEM.
 */
struct haltblk_device *haltblk_device_create(const char *name)
{
	struct haltblk_device *dev;
	int err;

	err = haltblk_device_check_name(name);
	if (err)
		return ERR_PTR(err);
	/* Our control device has this name in /dev. */
	if (!strcmp(name, "haltblk-control"))
		return ERR_PTR(-EEXIST);
	/* The disk of a device that is being removed does not count. */
	if (!haltblk_list_pending(name) && haltblk_list_disk_exists(name))
		return ERR_PTR(-EEXIST);
	dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return ERR_PTR(-ENOMEM);
	kref_init(&dev->ref);
	dev->free = haltblk_device_free;
	strscpy(dev->name, name, sizeof(dev->name));
	dev->index = -1;
	dev->cfg = haltblk_defaults;
	dev->set = &dev->own_set;
	mutex_init(&dev->lock);
	haltblk_gate_init(&dev->gate, haltblk_cmd_go_on);
	haltblk_features_init(dev);
	haltblk_job_init(dev);
	haltblk_remove_init(dev);
	haltblk_crash_init(dev);

	err = haltblk_list_add(dev);
	if (!err)
		return dev;
	haltblk_device_put(dev);
	return ERR_PTR(err);
}

/**
 * haltblk_device_sum - add up a queue's counts
 * @queue: queue; it may never have been used
 * @sum: where to add them
 */
void haltblk_device_sum(const struct haltblk_queue *queue,
			struct haltblk_counts *sum)
{
	struct haltblk_counts __percpu *counts = READ_ONCE(queue->counts);
	int cpu;

	if (!counts)
		return;
	for_each_possible_cpu(cpu) {
		const struct haltblk_counts *c = per_cpu_ptr(counts, cpu);

		/* Completed first, so that it never exceeds submitted. */
		sum->completed += READ_ONCE(c->completed);
		sum->failed += READ_ONCE(c->failed);
	}
	smp_rmb();
	for_each_possible_cpu(cpu)
		sum->submitted += READ_ONCE(per_cpu_ptr(counts, cpu)->submitted);
}

/* -EAGAIN: wait for a power on or off first; -EINPROGRESS: a job must do it. */
static int haltblk_device_set_locked(struct haltblk_device *dev,
				     const struct haltblk_option *opt,
				     s64 value)
{
	int id = opt - haltblk_options;

	lockdep_assert_held(&dev->lock);
	if (id == HALTBLK_ID_submit_queues || id == HALTBLK_ID_poll_queues)
		return -EINPROGRESS;
	if (!(opt->flags & HALTBLK_OPT_F_LIVE)) {
		if (dev->power_jobs)
			return -EAGAIN;
		if (dev->disk)
			return -EBUSY;
	}
	if (opt->flags & HALTBLK_OPT_F_MQ && !dev->cfg.queue_mode &&
	    value != opt->dflt)
		return -EINVAL;
	WRITE_ONCE(dev->cfg.v[id], value);
	return 0;
}

static int haltblk_device_set_value(struct haltblk_device *dev,
				    const struct haltblk_option *opt,
				    s64 value)
{
	const struct haltblk_order queues = {
		.kind = HALTBLK_ORDER_QUEUES,
		.id = opt - haltblk_options,
		.value = value,
	};
	int err, waited;

	do {
		mutex_lock(&dev->lock);
		err = haltblk_device_set_locked(dev, opt, value);
		mutex_unlock(&dev->lock);
		if (err != -EAGAIN)
			break;
		waited = haltblk_job_wait_power(dev);
		if (waited)
			return waited;
	} while (true);
	if (err == -EINPROGRESS)
		return haltblk_job_ask(dev, &queues);
	if (err == -EBUSY)
		pr_warn("%s: %s=%lld: the device is powered; write power=0 first\n",
			dev->name, opt->name, value);
	if (err == -EINVAL)
		pr_warn("%s: %s=%lld: no effect in bio mode; write queue_mode=2 first\n",
			dev->name, opt->name, value);
	return err;
}

/**
 * haltblk_device_set - write an option
 * @dev: device
 * @opt: row of the table
 * @text: value as a user writes it
 *
 * A value beyond what the machine has is cut, with a line in the kernel log.
 *
 * Return: 0; -EINVAL if out of range; -EBUSY if the device is powered and the
 * option cannot change then (a line in the kernel log says why, for both);
 * -EINTR if killed; or an errno that restarts the system call.
 */
int haltblk_device_set(struct haltblk_device *dev,
		       const struct haltblk_option *opt, const char *text)
{
	char why[HALTBLK_CONFIG_WHY_LEN];
	const int len = strcspn(text, "\n");
	s64 value;
	int err;

	err = haltblk_config_parse(opt, text, &value, why, sizeof(why));
	/* As null_blk, which cuts the number of queues only while it is off. */
	if (!err && *why && haltblk_device_powered(dev) &&
	    (opt->flags & HALTBLK_OPT_F_LIVE)) {
		snprintf(why, sizeof(why),
			 "more than this machine can use, takes at most %lld while powered",
			 value);
		err = -EINVAL;
	}
	if (err) {
		pr_warn("%s: %s=%.*s: %s\n", dev->name, opt->name, len, text,
			why);
		return err;
	}
	err = haltblk_device_set_value(dev, opt, value);
	if (!err && *why)
		pr_notice("%s: %s=%.*s: %s\n", dev->name, opt->name, len, text,
			  why);
	return err;
}

/* Lock the options of a device without power. -EBUSY: it has power. */
static int haltblk_device_lock_off(struct haltblk_device *dev)
{
	int err;

	for (;;) {
		mutex_lock(&dev->lock);
		if (!dev->power_jobs && !dev->disk)
			return 0;
		err = dev->power_jobs ? 0 : -EBUSY;
		mutex_unlock(&dev->lock);
		err = err ?: haltblk_job_wait_power(dev);
		if (err)
			return err;
	}
}

/**
 * haltblk_device_set_latency - write an option latency_<operation>_nsec
 * @dev: device
 * @op: the operation
 * @name: of the option, for messages
 * @text: value as a user writes it
 *
 * Return: 0; -EINVAL or -EBUSY after a line in the kernel log; -ENOMEM; -EINTR
 * if killed; or an errno that restarts the system call.
 */
int haltblk_device_set_latency(struct haltblk_device *dev, enum haltblk_op op,
			       const char *name, const char *text)
{
	const char *why = "the device is powered; write power=0 first";
	char *line, reason[HALTBLK_CONFIG_WHY_LEN];
	struct haltblk_latency *value;
	int err = -ENOMEM;

	value = kzalloc(sizeof(*value), GFP_NOIO);
	line = kstrdup(text, GFP_NOIO);
	if (!value || !line)
		goto out_free;
	line[strcspn(line, "\n")] = '\0';
	err = haltblk_latency_parse(value, line, reason, sizeof(reason));
	if (err) {
		why = reason;
	} else {
		err = haltblk_device_lock_off(dev);
		if (!err) {
			err = haltblk_latency_set(dev, op, value);
			mutex_unlock(&dev->lock);
		}
	}
	if (err == -EINVAL || err == -EBUSY)
		pr_warn("%s: %s=%s: %s\n", dev->name, name, line, why);
out_free:
	kfree(line);
	kfree(value);
	return err;
}

/**
 * haltblk_device_show_latency - read an option latency_<operation>_nsec
 * @dev: device
 * @op: the operation
 * @buf: where to
 * @len: bytes at @buf
 *
 * Return: bytes written, without the NUL.
 */
int haltblk_device_show_latency(struct haltblk_device *dev,
				enum haltblk_op op, char *buf, size_t len)
{
	int n;

	mutex_lock(&dev->lock);
	n = haltblk_latency_format(&dev->latency[op], buf, len);
	mutex_unlock(&dev->lock);
	return n;
}

/* -EAGAIN: not before a power on or off has ended. */
static int haltblk_device_break_zone_locked(struct haltblk_device *dev,
					    u64 sector, enum blk_zone_cond cond,
					    const char **why)
{
	int err;

	lockdep_assert_held(&dev->lock);
	if (dev->power_jobs)
		return -EAGAIN;
	*why = "the device has no zones; write zoned=1 first";
	if (!dev->cfg.zoned)
		return -EINVAL;
	*why = "the device has no power; write power=1 first";
	if (!dev->disk)
		return -EINVAL;
	err = haltblk_zoned_break(dev, sector, cond);
	*why = err == -ERANGE ? "the device ends before that sector" :
				"a conventional zone has no condition";
	return err ? -EINVAL : 0;
}

/**
 * haltblk_device_break_zone - make a zone read-only or offline, or heal it
 * @dev: device
 * @name: of the attribute that was written, for messages
 * @text: any sector of the zone, as a user writes it
 * @cond: read-only or offline; a zone that is so already becomes empty
 *
 * Return: 0; -EINVAL: no number, no such zone, no zones or no power, and one line
 * in the kernel log says which; -EINTR killed; or an errno that has the system
 * call restarted.
 */
int haltblk_device_break_zone(struct haltblk_device *dev, const char *name,
			      const char *text, enum blk_zone_cond cond)
{
	const char *why = "not a number, takes a sector of the zone";
	int err = -EINVAL, waited;
	u64 sector;

	if (kstrtou64(text, 0, &sector))
		goto out_refuse;
	do {
		mutex_lock(&dev->lock);
		err = haltblk_device_break_zone_locked(dev, sector, cond, &why);
		mutex_unlock(&dev->lock);
		if (err != -EAGAIN)
			break;
		waited = haltblk_job_wait_power(dev);
		if (waited)
			return waited;
	} while (true);
	if (!err)
		return 0;
out_refuse:
	pr_warn("%s: %s=%.*s: %s\n", dev->name, name,
		(int)strcspn(text, "\n"), text, why);
	return err;
}

/**
 * haltblk_device_set_power - switch a device on or off
 * @dev: device; nothing happens if it is so already
 * @on: which
 *
 * Power off disarms all rules and releases held requests before it waits.
 *
 * Return: 0; what haltblk_power_on() returns; -EINTR if killed; or an errno
 * that restarts the system call.
 */
int haltblk_device_set_power(struct haltblk_device *dev, bool on)
{
	const struct haltblk_order power = {
		.kind = on ? HALTBLK_ORDER_ON : HALTBLK_ORDER_OFF,
	};

	return haltblk_job_ask(dev, &power);
}

/**
 * haltblk_device_show - read an option, without waiting
 * @dev: device
 * @opt: row of the table
 * @buf: where to
 * @len: bytes at @buf
 *
 * Return: bytes written, without the NUL.
 */
int haltblk_device_show(const struct haltblk_device *dev,
			const struct haltblk_option *opt, char *buf, size_t len)
{
	return haltblk_config_format(opt,
				     READ_ONCE(dev->cfg.v[opt - haltblk_options]),
				     buf, len);
}
