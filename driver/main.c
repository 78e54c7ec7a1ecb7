// SPDX-License-Identifier: GPL-2.0-only
/*
 * haltblk: a fake disk that can stop any request at a named state.
 *
 * Module load and unload, module parameters.
 */
#include <linux/module.h>

#include "control/control.h"
#include "core/core.h"
#include "device/device.h"
#include "front/front.h"
#include "haltblk.h"
#include "media/media.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

MODULE_DESCRIPTION("fake multi-queue disk that can hold any request");
MODULE_AUTHOR("The haltblk authors");
MODULE_LICENSE("GPL v2");
MODULE_VERSION("0.1.0");

#define HALTBLK_MAX_DEVICES	1024

static unsigned int haltblk_nr_devices = 1;

static int haltblk_nr_devices_set(const char *val,
				  const struct kernel_param *kp)
{
	unsigned int nr;

	if (kstrtouint(val, 0, &nr) || nr > HALTBLK_MAX_DEVICES) {
		pr_warn("nr_devices=%s: takes 0 to %d devices\n", val,
			HALTBLK_MAX_DEVICES);
		return -EINVAL;
	}
	haltblk_nr_devices = nr;
	return 0;
}

static const struct kernel_param_ops haltblk_nr_devices_ops = {
	.set = haltblk_nr_devices_set,
	.get = param_get_uint,
};
module_param_cb(nr_devices, &haltblk_nr_devices_ops, &haltblk_nr_devices, 0444);
MODULE_PARM_DESC(nr_devices, "disks to make at load (1)");

/* The parameter gb counts GiB, but its configfs attribute size counts MiB. */
static s64 haltblk_param_scale(const struct haltblk_option *opt)
{
	return opt == &haltblk_options[HALTBLK_ID_size] ? 1024 : 1;
}

static int haltblk_param_set(const char *val, const struct kernel_param *kp)
{
	const struct haltblk_option *opt = kp->arg;
	struct haltblk_option scaled = *opt;
	char why[HALTBLK_CONFIG_WHY_LEN];
	s64 value;

	/* A switch without "=" means on; other parameters need a value. */
	if (!val)
		val = opt->type == HALTBLK_OPT_BOOL ? "1" : "";
	if (haltblk_param_scale(opt) != 1) {
		scaled.max = haltblk_config_max(opt) / haltblk_param_scale(opt);
		scaled.unit = "GiB";
	}
	if (haltblk_config_parse(&scaled, val, &value, why, sizeof(why))) {
		pr_warn("%s=%s: %s\n", opt->param, val, why);
		return -EINVAL;
	}
	if (*why)
		pr_notice("%s=%s: %s\n", opt->param, val, why);
	haltblk_defaults.v[opt - haltblk_options] =
		value * haltblk_param_scale(opt);
	return 0;
}

static int haltblk_param_get(char *buf, const struct kernel_param *kp)
{
	const struct haltblk_option *opt = kp->arg;
	s64 value = haltblk_defaults.v[opt - haltblk_options];

	if (opt->type == HALTBLK_OPT_BOOL)
		return sprintf(buf, "%c\n", value ? 'Y' : 'N');
	haltblk_config_format(opt, value / haltblk_param_scale(opt), buf,
			      PAGE_SIZE - 1);
	return strlen(strcat(buf, "\n"));
}

static const struct kernel_param_ops haltblk_param_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = haltblk_param_set,
	.get = haltblk_param_get,
};

/* The part of a modinfo description that tells values and default. */
#define HALTBLK_PARAM_INT(_dflt, _unit)	 " [" _unit "] (" #_dflt ")"
#define HALTBLK_PARAM_BOOL(_dflt, _unit) HALTBLK_PARAM_INT(_dflt, _unit)
#define HALTBLK_PARAM_WORD(_dflt, _unit) " [" _unit "] (the first)"

#define X(_name, _param, _type, _dflt, _min, _max, _flags, _unit, _help)    \
module_param_cb(_param, &haltblk_param_ops,				    \
		(void *)&haltblk_options[HALTBLK_ID_##_name], 0444);	    \
MODULE_PARM_DESC(_param, _help HALTBLK_PARAM_##_type(_dflt, _unit));
HALTBLK_OPTIONS(X)
#undef X

static int haltblk_param_set_fault(const char *val,
				   const struct kernel_param *kp)
{
	if (!haltblk_fault_parse(kp->arg, val))
		return 0;
	pr_warn("%s=%s: takes INTERVAL,PROBABILITY,SPACE,TIMES: at least 1, 0 to 100, at least 0, at least -1\n",
		kp->name, val);
	return -EINVAL;
}

static int haltblk_param_get_fault(char *buf, const struct kernel_param *kp)
{
	const struct haltblk_fault *fault = kp->arg;

	if (!fault->probability)
		return sprintf(buf, "\n");
	return sprintf(buf, "%lu,%lu,%lld,%lld\n", fault->interval,
		       fault->probability, fault->space, fault->times);
}

static const struct kernel_param_ops haltblk_param_fault_ops = {
	.set = haltblk_param_set_fault,
	.get = haltblk_param_get_fault,
};

#define X(_name, _dir, _param, _help)					\
module_param_cb(_param, &haltblk_param_fault_ops,			\
		&haltblk_fault_defaults[HALTBLK_FAULT_##_name], 0444);	\
MODULE_PARM_DESC(_param, _help ": <interval>,<probability>,<space>,<times>");
HALTBLK_FAULT_KINDS(X)
#undef X

static int haltblk_param_set_latency(const char *val,
				     const struct kernel_param *kp)
{
	char why[HALTBLK_CONFIG_WHY_LEN];

	memset(kp->arg, 0, sizeof(struct haltblk_latency));
	if (!haltblk_latency_parse(kp->arg, val, why, sizeof(why)))
		return 0;
	pr_warn("%s=%s: %s\n", kp->name, val, why);
	return -EINVAL;
}

static int haltblk_param_get_latency(char *buf, const struct kernel_param *kp)
{
	haltblk_latency_format(kp->arg, buf, PAGE_SIZE - 1);
	return strlen(strcat(buf, "\n"));
}

static const struct kernel_param_ops haltblk_param_latency_ops = {
	.set = haltblk_param_set_latency,
	.get = haltblk_param_get_latency,
};

#define X(_name, _op)							\
module_param_cb(latency_##_name##_nsec, &haltblk_param_latency_ops,	\
		&haltblk_latency_defaults[HALTBLK_OP_##_op], 0444);	\
MODULE_PARM_DESC(latency_##_name##_nsec, "time that an operation takes [ns] (0)");
HALTBLK_LATENCIES(X)
#undef X

static void haltblk_main_remove_devices(void)
{
	struct haltblk_device *dev;

	for (;;) {
		mutex_lock(&haltblk_devices_lock);
		dev = list_first_entry_or_null(&haltblk_devices,
					       struct haltblk_device, node);
		mutex_unlock(&haltblk_devices_lock);
		if (!dev)
			break;
		/* Only devices made at load are left; the load had a ref. */
		haltblk_remove_start(dev);
		haltblk_device_put(dev);
	}
	/* Wait for these removals and for those of removed directories. */
	flush_workqueue(haltblk_slow_wq);
}

static int __init haltblk_main_add_devices(void)
{
	struct haltblk_device *dev;
	char name[DISK_NAME_LEN];
	unsigned int i;
	int err;

	for (i = 0; i < haltblk_nr_devices; i++) {
		snprintf(name, sizeof(name), "haltblk%u", i);
		dev = haltblk_device_create(name);
		if (IS_ERR(dev))
			return PTR_ERR(dev);
		set_bit(HALTBLK_DEV_LOAD, &dev->flags);
		err = haltblk_power_on(dev);
		if (err)
			return err;
		haltblk_gate_open(&dev->gate);
	}
	return 0;
}

static int __init haltblk_main_init(void)
{
	int err;

	err = haltblk_wq_init();
	if (err)
		return err;
	err = haltblk_bio_init();
	if (err)
		goto out_free_wqs;
	haltblk_submitter_init(&haltblk_mq_fops);
	err = haltblk_power_init();
	if (err)
		goto out_bio_exit;
	err = haltblk_list_init();
	if (err)
		goto out_power_exit;
	err = haltblk_main_add_devices();
	if (err)
		goto out_remove_devices;
	err = haltblk_pm_init();
	if (err)
		goto out_remove_devices;
	err = haltblk_configfs_init();
	if (err)
		goto out_pm_exit;
	err = haltblk_control_init();
	if (err)
		goto out_configfs_exit;
	return 0;

out_configfs_exit:
	haltblk_configfs_exit();
out_pm_exit:
	haltblk_pm_exit();
out_remove_devices:
	haltblk_main_remove_devices();
	haltblk_key_exit();
out_power_exit:
	haltblk_tags_exit();
	haltblk_power_exit();
out_bio_exit:
	haltblk_bio_exit();
	haltblk_pages_exit();
out_free_wqs:
	haltblk_wq_exit();
	return err;
}

static void __exit haltblk_main_exit(void)
{
	haltblk_control_exit();
	haltblk_configfs_exit();
	haltblk_pm_exit();
	haltblk_main_remove_devices();
	haltblk_key_exit();
	haltblk_tags_exit();
	haltblk_power_exit();
	haltblk_bio_exit();
	haltblk_pages_exit();
	haltblk_wq_exit();
}

module_init(haltblk_main_init);
module_exit(haltblk_main_exit);
