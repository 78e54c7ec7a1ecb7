/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Features: groups of options with state of their own, such as the volatile
 * cache. A feature is one row, which stands beside the feature's code.
 */
#ifndef HALTBLK_FEATURE_H
#define HALTBLK_FEATURE_H

#include <linux/types.h>

struct haltblk_cmd;
struct haltblk_config;
struct haltblk_device;
struct haltblk_limits;
struct haltblk_stats;

/*
 * Every feature once. Power on starts them in this order and stops them in the
 * reverse order, so a feature comes after those that it needs.
 */
#define HALTBLK_FEATURES(X)						\
	X(memory)		/* media/data.c */			\
	X(cache)		/* media/cache.c */			\
	X(atomic)		/* media/data.c */			\
	X(erase)		/* media/erase.c */			\
	X(lockmodel)		/* front/lockmodel.c */			\
	X(bio)			/* front/bio.c */

/**
 * struct haltblk_feature_option - when an option of a feature has an effect
 * @id: the option
 * @needs: without this one it has none; 0 it needs no other
 * @unit: bytes of its unit, if it must be a multiple of the block size; else 0
 *
 * An option that needs several others stands in several rows.
 */
struct haltblk_feature_option {
	int id;
	int needs;
	unsigned int unit;
};

/**
 * struct haltblk_feature - one feature
 * @options: options that depend on others
 * @nr_options: length of @options
 * @init: a device is created
 * @destroy: it is freed
 * @check: refuse, at power on, what @options cannot express; 0, or -EINVAL after
 *	a line in the kernel log that names the options
 * @on: does a device with these options have the feature? No function: always
 * @start: at power on, before the disk exists: make what is live and set the
 *	flags that the hot path asks; 0 or an errno, with nothing to undo
 * @stop: at power off, after the last request: undo @start
 * @limits: say what the feature means to the block layer; after @start
 * @show: add to the counts of a device, powered or not; takes no lock
 * @admit: decide once about each request, after the state submit and before the
 *	state media; see haltblk_cmd_admit()
 * @move: act before a request moves its data; runs again if the request has to
 *	wait; see haltblk_cmd_move()
 *
 * Every function may be missing. All but @show, @admit and @move run in process
 * context and may sleep, one at a time for each device. What they see of its
 * options does not change meanwhile.
 *
 * On a device that has a feature with @admit or @move, requests take the way that
 * rules see. Other devices pay nothing for the two.
 */
struct haltblk_feature {
	const struct haltblk_feature_option *options;
	unsigned int nr_options;
	void (*init)(struct haltblk_device *dev);
	void (*destroy)(struct haltblk_device *dev);
	int (*check)(const struct haltblk_device *dev);
	bool (*on)(const struct haltblk_config *cfg);
	int (*start)(struct haltblk_device *dev);
	void (*stop)(struct haltblk_device *dev);
	void (*limits)(const struct haltblk_device *dev,
		       struct haltblk_limits *lim);
	void (*show)(const struct haltblk_device *dev,
		     struct haltblk_stats *out);
	struct haltblk_cmd *(*admit)(struct haltblk_cmd *cmd);
	int (*move)(struct haltblk_cmd *cmd);
};

enum {
#define X(name) HALTBLK_FEATURE_##name,
	HALTBLK_FEATURES(X)
#undef X
	HALTBLK_NR_FEATURES
};

#define X(name) extern const struct haltblk_feature haltblk_##name##_feature;
HALTBLK_FEATURES(X)
#undef X

/* "discard_reads=stale", for messages. */
struct haltblk_feature_text {
	char s[64];
};

struct haltblk_feature_text
haltblk_feature_text(const struct haltblk_device *dev, int id);
int haltblk_feature_refuse(const struct haltblk_device *dev, int id,
			   const char *what, int other);
int haltblk_feature_check(const struct haltblk_feature *feature,
			  const struct haltblk_device *dev);

#endif /* HALTBLK_FEATURE_H */
