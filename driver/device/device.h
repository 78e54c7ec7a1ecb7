/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices: their names, options and power.
 */
#ifndef HALTBLK_DEVICE_H
#define HALTBLK_DEVICE_H

#include "haltblk.h"

struct haltblk_job;

/* list.c */
extern struct mutex haltblk_devices_lock;
extern struct list_head haltblk_devices;
int haltblk_list_init(void);
bool haltblk_list_disk_exists(const char *name);
struct haltblk_device *haltblk_list_find(const char *name);
int haltblk_list_add(struct haltblk_device *dev);
void haltblk_list_leave(struct haltblk_device *dev);
void haltblk_list_gone(struct haltblk_device *dev);
bool haltblk_list_pending(const char *name);
int haltblk_list_wait_name(struct haltblk_device *dev);

/* features.c */
void haltblk_features_init(struct haltblk_device *dev);
void haltblk_features_destroy(struct haltblk_device *dev);
int haltblk_features_check(const struct haltblk_device *dev);
void haltblk_features_limits(const struct haltblk_device *dev,
			     struct haltblk_limits *lim);
int haltblk_features_start(struct haltblk_device *dev, int *nr);
int haltblk_features_add(struct haltblk_device *dev, struct gendisk *disk);
void haltblk_features_stop(struct haltblk_device *dev, int nr);
void haltblk_features_show(const struct haltblk_device *dev,
			   struct haltblk_stats *out);

/* limits.c */
int haltblk_limits_check(const struct haltblk_device *dev);
void haltblk_limits_get(const struct haltblk_device *dev,
			struct haltblk_limits *lim);

/* power.c */
int haltblk_power_init(void);
void haltblk_power_exit(void);
int haltblk_power_on(struct haltblk_device *dev);
void haltblk_power_off(struct haltblk_device *dev);
int haltblk_power_set_queues(struct haltblk_device *dev, int id, s64 value);

/* job.c */
void haltblk_job_init(struct haltblk_device *dev);
void haltblk_job_exit(struct haltblk_device *dev);
void haltblk_job_destroy(struct haltblk_device *dev);
int haltblk_job_ask(struct haltblk_device *dev,
		    const struct haltblk_order *what);
int haltblk_job_wait_power(struct haltblk_device *dev);
struct haltblk_job *haltblk_job_alloc(const struct haltblk_order *what);
void haltblk_job_free(struct haltblk_job *job);
void haltblk_job_list(struct haltblk_device *dev, struct haltblk_job *job,
		      bool asked);
int haltblk_job_join(struct haltblk_device *dev, struct haltblk_job *job);
bool haltblk_job_off_comes(struct haltblk_device *dev);

/* pm.c */
int haltblk_pm_init(void);
void haltblk_pm_exit(void);

/* remove.c */
void haltblk_remove_init(struct haltblk_device *dev);
void haltblk_remove_start(struct haltblk_device *dev);
void haltblk_remove_wait_later(struct haltblk_device *dev);

/* device.c */
struct haltblk_device *haltblk_device_create(const char *name);
int haltblk_device_set_power(struct haltblk_device *dev, bool on);
int haltblk_device_set(struct haltblk_device *dev,
		       const struct haltblk_option *opt, const char *text);
int haltblk_device_show(const struct haltblk_device *dev,
			const struct haltblk_option *opt, char *buf,
			size_t len);
int haltblk_device_set_latency(struct haltblk_device *dev, enum haltblk_op op,
			       const char *name, const char *text);
int haltblk_device_show_latency(struct haltblk_device *dev,
				enum haltblk_op op, char *buf, size_t len);
int haltblk_device_break_zone(struct haltblk_device *dev, const char *name,
			      const char *text, enum blk_zone_cond cond);
void haltblk_device_sum(const struct haltblk_queue *queue,
			struct haltblk_counts *sum);

/* copy.c */
int haltblk_copy_make(struct haltblk_device *to, struct haltblk_device *source,
		      bool options, bool flushed, char why[HALTBLK_WHY_LEN]);

/* crash.c */
/**
 * struct haltblk_crash_one - a device whose power is cut
 * @dev: device
 * @keep: HALTBLK_KEEP_FLUSHED or _ALL
 * @job: switches its power off
 */
struct haltblk_crash_one {
	struct haltblk_device *dev;
	u32 keep;
	struct haltblk_job *job;
};

int haltblk_crash_devices(struct haltblk_crash_one *list, unsigned int nr,
			  char why[HALTBLK_WHY_LEN]);
void haltblk_crash_init(struct haltblk_device *dev);

/* faults.c */
void haltblk_faults_add(struct haltblk_device *dev);
void haltblk_faults_remove(struct haltblk_device *dev);

/* configfs.c */
int haltblk_configfs_init(void);
void haltblk_configfs_exit(void);

#endif /* HALTBLK_DEVICE_H */
