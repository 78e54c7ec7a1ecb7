// SPDX-License-Identifier: GPL-2.0-only
/*
 * configfs: a directory for each fault of a device, with the files that the
 * kernel's fault injection has. Reading takes no lock.
 */
#include <linux/configfs.h>
#include <linux/module.h>

#include "core/core.h"
#include "device.h"

static struct haltblk_device *haltblk_faults_dev(struct config_item *item)
{
	return container_of(to_config_group(item->ci_parent),
			    struct haltblk_device, group);
}

static struct haltblk_fault *haltblk_faults_fault(struct config_item *item)
{
	struct haltblk_device *dev = haltblk_faults_dev(item);

	return &dev->faults[to_config_group(item) - dev->fault_groups];
}

static int haltblk_faults_refuse(struct config_item *item, const char *name,
				 const char *text, s64 min, s64 max)
{
	pr_warn("%s: %s/%s=%.*s: takes %lld to %lld\n",
		haltblk_faults_dev(item)->name, config_item_name(item), name,
		(int)strcspn(text, "\n"), text, min, max);
	return -EINVAL;
}

/* Bio mode has none of them, so a powered device could not obey. */
static int haltblk_faults_no_effect(struct config_item *item)
{
	struct haltblk_device *dev = haltblk_faults_dev(item);

	if (READ_ONCE(dev->cfg.queue_mode) || !READ_ONCE(dev->disk))
		return 0;
	pr_warn("%s: %s: no effect in bio mode; write power=0 and queue_mode=2 first\n",
		dev->name, config_item_name(item));
	return -EINVAL;
}

#define HALTBLK_FAULTS_ATTR(_name, _min, _max)				\
static ssize_t haltblk_faults_##_name##_show(struct config_item *item,	\
					     char *page)		\
{									\
	return sprintf(page, "%lld\n",					\
		       (s64)READ_ONCE(haltblk_faults_fault(item)->_name)); \
}									\
									\
static ssize_t haltblk_faults_##_name##_store(struct config_item *item,	\
					      const char *page,		\
					      size_t count)		\
{									\
	struct haltblk_fault *fault = haltblk_faults_fault(item);	\
	s64 value;							\
									\
	if (kstrtos64(page, 0, &value) || value < (_min) || value > (_max)) \
		return haltblk_faults_refuse(item, #_name, page, _min, _max); \
	if (haltblk_faults_no_effect(item))				\
		return -EINVAL;						\
	spin_lock_irq(&fault->lock);					\
	fault->_name = value;						\
	spin_unlock_irq(&fault->lock);					\
	haltblk_inject_changed(haltblk_faults_dev(item));		\
	return count;							\
}									\
CONFIGFS_ATTR(haltblk_faults_, _name)

HALTBLK_FAULTS_ATTR(probability, 0, 100);
HALTBLK_FAULTS_ATTR(interval, 1, INT_MAX);
HALTBLK_FAULTS_ATTR(space, 0, INT_MAX);
HALTBLK_FAULTS_ATTR(times, -1, INT_MAX);
HALTBLK_FAULTS_ATTR(verbose, 0, INT_MAX);

static struct configfs_attribute *haltblk_faults_attrs[] = {
	&haltblk_faults_attr_probability,
	&haltblk_faults_attr_interval,
	&haltblk_faults_attr_space,
	&haltblk_faults_attr_times,
	&haltblk_faults_attr_verbose,
	NULL,
};

static const struct config_item_type haltblk_faults_type = {
	.ct_attrs	= haltblk_faults_attrs,
	.ct_owner	= THIS_MODULE,
};

/**
 * haltblk_faults_add - a device gets its directory
 * @dev: its group is initialised
 */
void haltblk_faults_add(struct haltblk_device *dev)
{
	int i;

	for (i = 0; i < HALTBLK_NR_FAULTS; i++) {
		config_group_init_type_name(&dev->fault_groups[i],
					    haltblk_fault_names[i],
					    &haltblk_faults_type);
		configfs_add_default_group(&dev->fault_groups[i], &dev->group);
	}
}

/**
 * haltblk_faults_remove - the directory is gone
 * @dev: device
 */
void haltblk_faults_remove(struct haltblk_device *dev)
{
	int i;

	for (i = HALTBLK_NR_FAULTS; i--; )
		config_item_put(&dev->fault_groups[i].cg_item);
}
