// SPDX-License-Identifier: GPL-2.0-only
/*
 * configfs: a directory for each device, a file for each option. Only
 * translates; device.c decides. Reading takes no lock.
 *
 * No method may wait for requests. configfs calls it with locks held that the
 * directories of other devices need, or that rmdir waits for while it holds
 * those (job.c, remove.c).
 */
#include <linux/configfs.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "device.h"
#include "media/media.h"

static struct haltblk_device *haltblk_configfs_dev(struct config_item *item)
{
	return container_of(to_config_group(item), struct haltblk_device,
			    group);
}

/* configfs does not tell a method which attribute it serves. */
#define X(_name, ...)							\
static ssize_t haltblk_attr_##_name##_show(struct config_item *item,	\
					   char *page)			\
{									\
	int n = haltblk_device_show(haltblk_configfs_dev(item),		\
			&haltblk_options[HALTBLK_ID_##_name], page,	\
			PAGE_SIZE - 1);					\
									\
	page[n++] = '\n';						\
	return n;							\
}									\
									\
static ssize_t haltblk_attr_##_name##_store(struct config_item *item,	\
					    const char *page,		\
					    size_t count)		\
{									\
	int err = haltblk_device_set(haltblk_configfs_dev(item),	\
			&haltblk_options[HALTBLK_ID_##_name], page);	\
									\
	return err ?: count;						\
}									\
CONFIGFS_ATTR(haltblk_attr_, _name);
HALTBLK_OPTIONS(X)
#undef X

static ssize_t haltblk_attr_power_show(struct config_item *item, char *page)
{
	return sprintf(page, "%d\n",
		       haltblk_device_powered(haltblk_configfs_dev(item)));
}

static ssize_t haltblk_attr_power_store(struct config_item *item,
					const char *page, size_t count)
{
	struct haltblk_device *dev = haltblk_configfs_dev(item);
	bool on;
	int err;

	if (kstrtobool(page, &on)) {
		pr_warn("%s: power=%.*s: not a switch, takes 0 or 1\n",
			dev->name, (int)strcspn(page, "\n"), page);
		return -EINVAL;
	}
	err = haltblk_device_set_power(dev, on);
	return err ?: count;
}
CONFIGFS_ATTR(haltblk_attr_, power);

static ssize_t haltblk_attr_index_show(struct config_item *item, char *page)
{
	return sprintf(page, "%d\n",
		       READ_ONCE(haltblk_configfs_dev(item)->index));
}
CONFIGFS_ATTR_RO(haltblk_attr_, index);

static ssize_t haltblk_attr_badblocks_show(struct config_item *item, char *page)
{
	return haltblk_bad_show(haltblk_configfs_dev(item), page);
}

static ssize_t haltblk_attr_badblocks_store(struct config_item *item,
					    const char *page, size_t count)
{
	int err = haltblk_bad_write(haltblk_configfs_dev(item), page);

	return err ?: count;
}
CONFIGFS_ATTR(haltblk_attr_, badblocks);

#define X(_name, _op)							\
static ssize_t								\
haltblk_attr_latency_##_name##_nsec_show(struct config_item *item,	\
					 char *page)			\
{									\
	int n = haltblk_device_show_latency(haltblk_configfs_dev(item),	\
			HALTBLK_OP_##_op, page, PAGE_SIZE - 1);		\
									\
	page[n++] = '\n';						\
	return n;							\
}									\
									\
static ssize_t								\
haltblk_attr_latency_##_name##_nsec_store(struct config_item *item,	\
					  const char *page,		\
					  size_t count)			\
{									\
	int err = haltblk_device_set_latency(haltblk_configfs_dev(item), \
			HALTBLK_OP_##_op, "latency_" #_name "_nsec", page); \
									\
	return err ?: count;						\
}									\
CONFIGFS_ATTR(haltblk_attr_, latency_##_name##_nsec);
HALTBLK_LATENCIES(X)
#undef X

/* null_blk's, which are no options: writing one does something to a zone. */
#define HALTBLK_CONFIGFS_ZONE(_name, _cond)				\
static ssize_t haltblk_attr_##_name##_store(struct config_item *item,	\
					    const char *page,		\
					    size_t count)		\
{									\
	int err = haltblk_device_break_zone(haltblk_configfs_dev(item),	\
					    #_name, page, _cond);	\
									\
	return err ?: count;						\
}									\
CONFIGFS_ATTR_WO(haltblk_attr_, _name);
HALTBLK_CONFIGFS_ZONE(zone_readonly, BLK_ZONE_COND_READONLY)
HALTBLK_CONFIGFS_ZONE(zone_offline, BLK_ZONE_COND_OFFLINE)

static struct configfs_attribute *haltblk_configfs_attrs[] = {
#define X(_name, ...) &haltblk_attr_attr_##_name,
	HALTBLK_OPTIONS(X)
#undef X
	&haltblk_attr_attr_power,
	&haltblk_attr_attr_index,
	&haltblk_attr_attr_badblocks,
#define X(_name, _op) &haltblk_attr_attr_latency_##_name##_nsec,
	HALTBLK_LATENCIES(X)
#undef X
	&haltblk_attr_attr_zone_readonly,
	&haltblk_attr_attr_zone_offline,
	NULL,
};

static void haltblk_configfs_release(struct config_item *item)
{
	haltblk_device_put(haltblk_configfs_dev(item));
}

static struct configfs_item_operations haltblk_configfs_item_ops = {
	.release	= haltblk_configfs_release,
};

static const struct config_item_type haltblk_configfs_device_type = {
	.ct_item_ops	= &haltblk_configfs_item_ops,
	.ct_attrs	= haltblk_configfs_attrs,
	.ct_owner	= THIS_MODULE,
};

static struct config_group *
haltblk_configfs_make_group(struct config_group *group, const char *name)
{
	struct haltblk_device *dev = haltblk_device_create(name);

	if (IS_ERR(dev))
		return ERR_CAST(dev);
	config_group_init_type_name(&dev->group, name,
				    &haltblk_configfs_device_type);
	haltblk_faults_add(dev);
	return &dev->group;
}

static void haltblk_configfs_drop_item(struct config_group *group,
				       struct config_item *item)
{
	struct haltblk_device *dev = haltblk_configfs_dev(item);

	haltblk_remove_start(dev);
	haltblk_remove_wait_later(dev);
	haltblk_faults_remove(dev);
	config_item_put(item);
}

/* One line of attribute names, as scripts for null_blk expect. */
static ssize_t haltblk_top_features_show(struct config_item *item, char *page)
{
	int i, n = 0;

	for (i = 0; i < HALTBLK_NR_OPTIONS; i++)
		n += scnprintf(page + n, PAGE_SIZE - n, "%s,",
			       haltblk_options[i].name);
	return n + scnprintf(page + n, PAGE_SIZE - n,
#define X(_name, _op) "latency_" #_name "_nsec,"
			     HALTBLK_LATENCIES(X)
#undef X
			     "power,index,badblocks,zone_readonly,zone_offline\n");
}
CONFIGFS_ATTR_RO(haltblk_top_, features);

static struct configfs_attribute *haltblk_configfs_top_attrs[] = {
	&haltblk_top_attr_features,
	NULL,
};

static struct configfs_group_operations haltblk_configfs_top_ops = {
	.make_group	= haltblk_configfs_make_group,
	.drop_item	= haltblk_configfs_drop_item,
};

static const struct config_item_type haltblk_configfs_top_type = {
	.ct_group_ops	= &haltblk_configfs_top_ops,
	.ct_attrs	= haltblk_configfs_top_attrs,
	.ct_owner	= THIS_MODULE,
};

static struct configfs_subsystem haltblk_configfs = {
	.su_group = {
		.cg_item = {
			.ci_namebuf = "haltblk",
			.ci_type = &haltblk_configfs_top_type,
		},
	},
};

int haltblk_configfs_init(void)
{
	config_group_init(&haltblk_configfs.su_group);
	mutex_init(&haltblk_configfs.su_mutex);
	return configfs_register_subsystem(&haltblk_configfs);
}

void haltblk_configfs_exit(void)
{
	configfs_unregister_subsystem(&haltblk_configfs);
	mutex_destroy(&haltblk_configfs.su_mutex);
}
