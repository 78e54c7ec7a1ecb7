/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Features: groups of options that have their own state, such as the volatile
 * cache. Each feature is one row, a struct haltblk_feature, beside its code.
 */
#ifndef HALTBLK_FEATURE_H
#define HALTBLK_FEATURE_H

#include <linux/bits.h>
#include <linux/types.h>

struct gendisk;
struct haltblk_cmd;
struct haltblk_config;
struct haltblk_device;
struct haltblk_limits;
struct haltblk_stats;

/*
 * All features. Power on starts them in this order, and power off stops them in
 * reverse order, so a feature comes after those that it needs. Their hooks are
 * called in this order, too.
 */
#define HALTBLK_FEATURES(X)						\
	X(inject)		/* core/inject.c */			\
	X(memory)		/* media/data.c */			\
	X(cache)		/* media/cache.c */			\
	X(atomic)		/* media/data.c */			\
	X(erase)		/* media/erase.c */			\
	X(throttle)		/* core/throttle.c */			\
	X(bad)			/* media/bad.c */			\
	X(zoned)		/* media/zoned.c */			\
	X(integrity)		/* media/integrity.c */			\
	X(lockmodel)		/* front/lockmodel.c */			\
	X(latency)		/* front/latency.c */			\
	X(bio)			/* front/bio.c */

/*
 * Why requests take the path on which rules see them: bits of struct
 * haltblk_device.by_cmd. See haltblk_short_may().
 */
#define HALTBLK_BY_CMD_ALL	BIT(0)	/* all requests have to */
#define HALTBLK_BY_CMD_THROTTLE	BIT(1)	/* those that find no budget left */
#define HALTBLK_BY_CMD_BAD	BIT(2)	/* those that touch a bad block */
#define HALTBLK_BY_CMD_CLONE	BIT(3)	/* all, while the device is cloned */
#define HALTBLK_BY_CMD_CUT	BIT(4)	/* all, since its power is being cut */

/**
 * struct haltblk_feature_option - a condition of an option of a feature
 * @id: the option
 * @needs: option without which @id has no effect; 0 if there is none
 * @unit: if the value must be a multiple of the block size, bytes of its unit;
 *	else 0
 *
 * An option that needs several others is in several rows.
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
 * @init: called when a device is created
 * @destroy: called when it is freed
 * @check: refuse at power on what @options cannot express; 0, or -EINVAL after
 *	a line in the kernel log that names the options
 * @on: does a device with these options have the feature? No function: always
 * @start: at power on, before the disk exists: make the live state and set the
 *	flags that the hot path tests; 0, or an errno with nothing to undo
 * @stop: at power off, after the last request: undo @start
 * @limits: set the block layer's limits for the feature; after @start
 * @add: called when the disk is made and about to be added; 0 or an errno
 * @show: add to the counts of a device, powered or not; takes no lock
 * @admit: decide once about each request, between the states submit and media;
 *	see haltblk_cmd_admit()
 * @move: act before a request moves its data; called again if the request has
 *	to wait; see haltblk_cmd_move()
 * @drop: act instead of @move if a rule drops a request: it ends without error,
 *	but no data moves
 * @end: called when a request ends, whether it was admitted or not
 * @wanted: does the device need @admit and @move from power on? No function: it
 *	does if it has the feature. Otherwise haltblk_feature_hook() makes the
 *	two live later
 * @by_cmd: the requests that @admit and @move are called for: HALTBLK_BY_CMD_*;
 *	0 for all
 *
 * All functions are optional. All except @show, @admit, @move and @end run in
 * process context and may sleep, one at a time for each device. Meanwhile the
 * options of the device do not change.
 *
 * If a device has a feature with @admit or @move, and wants them, its requests
 * take the path on which rules see them, except for those that @by_cmd leaves
 * out. Other devices pay nothing for the two.
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
	int (*add)(struct haltblk_device *dev, struct gendisk *disk);
	void (*show)(const struct haltblk_device *dev,
		     struct haltblk_stats *out);
	struct haltblk_cmd *(*admit)(struct haltblk_cmd *cmd);
	int (*move)(struct haltblk_cmd *cmd);
	void (*drop)(struct haltblk_cmd *cmd);
	void (*end)(struct haltblk_cmd *cmd);
	bool (*wanted)(const struct haltblk_device *dev);
	u8 by_cmd;
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

/* Text of an option for messages, such as "discard_reads=stale". */
struct haltblk_feature_text {
	char s[64];
};

struct haltblk_feature_text
haltblk_feature_text(const struct haltblk_device *dev, int id);
int haltblk_feature_refuse(const struct haltblk_device *dev, int id,
			   const char *what, int other);
void haltblk_feature_by_cmd(struct haltblk_device *dev, u8 why);
void haltblk_feature_hook(struct haltblk_device *dev, unsigned int id);
void haltblk_feature_detour(struct haltblk_device *dev, u8 why, bool on);
void haltblk_feature_hooks_add(struct haltblk_device *dev, unsigned int id,
			       const struct haltblk_feature *feature);
void haltblk_feature_hooks_drop(struct haltblk_device *dev);
int haltblk_feature_check(const struct haltblk_feature *feature,
			  const struct haltblk_device *dev);

#endif /* HALTBLK_FEATURE_H */
