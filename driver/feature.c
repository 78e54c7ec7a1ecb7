// SPDX-License-Identifier: GPL-2.0-only
/*
 * Code that features share: checking options that depend on others, refusing a
 * combination with a reason, and making hooks live. Process context, unless a
 * function says otherwise; takes no locks but the one for hooks.
 */
#include "haltblk.h"

/**
 * haltblk_feature_text - format an option and its value as users write them
 * @dev: device
 * @id: option
 */
struct haltblk_feature_text
haltblk_feature_text(const struct haltblk_device *dev, int id)
{
	struct haltblk_feature_text text;
	int n;

	n = scnprintf(text.s, sizeof(text.s), "%s=", haltblk_options[id].name);
	haltblk_config_format(&haltblk_options[id], dev->cfg.v[id], text.s + n,
			      sizeof(text.s) - n);
	return text;
}

/**
 * haltblk_feature_refuse - log that two options do not fit together
 * @dev: device
 * @id: an option
 * @what: text between the two options, such as "is not a multiple of"
 * @other: the other option
 *
 * Return: -EINVAL.
 */
int haltblk_feature_refuse(const struct haltblk_device *dev, int id,
			   const char *what, int other)
{
	pr_warn("%s: power=1: %s %s %s; change one of them\n", dev->name,
		haltblk_feature_text(dev, id).s, what,
		haltblk_feature_text(dev, other).s);
	return -EINVAL;
}

static int haltblk_feature_check_option(const struct haltblk_device *dev,
					const struct haltblk_feature_option *o)
{
	const struct haltblk_config *cfg = &dev->cfg;

	if (cfg->v[o->id] * o->unit & (cfg->blocksize - 1))
		return haltblk_feature_refuse(dev, o->id,
					      "is not a multiple of",
					      HALTBLK_ID_blocksize);
	if (o->needs && !cfg->v[o->needs] &&
	    cfg->v[o->id] != haltblk_options[o->id].dflt)
		return haltblk_feature_refuse(dev, o->id, "has no effect with",
					      o->needs);
	return 0;
}

/**
 * haltblk_feature_check - do the options of a feature fit together?
 * @feature: feature, which need not be on
 * @dev: device that is being powered on
 *
 * Return: 0, or -EINVAL after a line in the kernel log that names the options.
 */
int haltblk_feature_check(const struct haltblk_feature *feature,
			  const struct haltblk_device *dev)
{
	unsigned int i;
	int err;

	for (i = 0; i < feature->nr_options; i++) {
		err = haltblk_feature_check_option(dev, &feature->options[i]);
		if (err)
			return err;
	}
	return feature->check ? feature->check(dev) : 0;
}

/* Protects changes of by_cmd, slow_end, hooks and hooked of all devices. */
static DEFINE_SPINLOCK(haltblk_feature_lock);

/**
 * haltblk_feature_by_cmd - send requests the way that rules see
 * @dev: device that is being powered on
 * @why: HALTBLK_BY_CMD_*
 *
 * Someone may be writing the list of bad blocks, which sets a bit of
 * @dev->by_cmd, too.
 */
void haltblk_feature_by_cmd(struct haltblk_device *dev, u8 why)
{
	spin_lock_irq(&haltblk_feature_lock);
	/* A request that takes the slow way finds the hook there. */
	smp_store_release(&dev->by_cmd, dev->by_cmd | why);
	spin_unlock_irq(&haltblk_feature_lock);
}

/**
 * haltblk_feature_hook - have a feature's hooks called from now on
 * @dev: device; nothing happens while it is off
 * @id: HALTBLK_FEATURE_*
 *
 * Requests under way may already be past the hooks.
 */
void haltblk_feature_hook(struct haltblk_device *dev, unsigned int id)
{
	u8 by_cmd;

	spin_lock_irq(&haltblk_feature_lock);
	if (dev->hooks[id]) {
		set_bit(id, &dev->hooked);
		if (!dev->cfg.queue_mode)
			WRITE_ONCE(dev->slow_end, true);
		by_cmd = dev->hooks[id]->by_cmd ?: HALTBLK_BY_CMD_ALL;
		/* A request that takes the slow way finds the hook there. */
		smp_store_release(&dev->by_cmd, dev->by_cmd | by_cmd);
	}
	spin_unlock_irq(&haltblk_feature_lock);
}

/**
 * haltblk_feature_detour - have all requests take the way that rules see, or not
 * @dev: device, whose power does not change meanwhile
 * @why: HALTBLK_BY_CMD_CLONE or _CUT
 * @on: begin with it
 *
 * Requests under way may already be past it. Any context.
 */
void haltblk_feature_detour(struct haltblk_device *dev, u8 why, bool on)
{
	unsigned long flags;

	spin_lock_irqsave(&haltblk_feature_lock, flags);
	/* A request that takes the slow way finds the reason there. */
	smp_store_release(&dev->by_cmd, on ? dev->by_cmd | why :
					     dev->by_cmd & ~why);
	if (!dev->cfg.queue_mode)
		WRITE_ONCE(dev->slow_end, dev->by_cmd || dev->locks);
	spin_unlock_irqrestore(&haltblk_feature_lock, flags);
}

/**
 * haltblk_feature_hooks_add - let a feature hook, at power on
 * @dev: device without requests
 * @id: HALTBLK_FEATURE_*
 * @feature: its row
 */
void haltblk_feature_hooks_add(struct haltblk_device *dev, unsigned int id,
			       const struct haltblk_feature *feature)
{
	spin_lock_irq(&haltblk_feature_lock);
	dev->hooks[id] = feature;
	spin_unlock_irq(&haltblk_feature_lock);
}

/**
 * haltblk_feature_hooks_drop - forget all hooks, at power off
 * @dev: device without requests
 */
void haltblk_feature_hooks_drop(struct haltblk_device *dev)
{
	spin_lock_irq(&haltblk_feature_lock);
	memset(dev->hooks, 0, sizeof(dev->hooks));
	dev->hooked = 0;
	spin_unlock_irq(&haltblk_feature_lock);
}
