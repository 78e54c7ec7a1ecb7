// SPDX-License-Identifier: GPL-2.0-only
/*
 * Code that features share: checking options that depend on others, and
 * refusing a combination with a reason. Process context; takes no locks.
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
