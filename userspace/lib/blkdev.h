/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Any block device, by name or path.
 */
#ifndef HB_BLKDEV_H
#define HB_BLKDEV_H

#include "private.h"

#define HB_PATH_LEN	4096
#define HB_SYSFS_LEN	64

int hb_blkdev_path(struct libhaltblk *h, const char *device,
		   char path[HB_PATH_LEN], struct stat *st);
void hb_sysfs_base(dev_t rdev, char base[HB_SYSFS_LEN]);

/* device.c */
int hb_disk_name(const char *disk, char name[HALTBLK_NAME_LEN]);

/* users.c */
void hb_users(dev_t rdev, struct hb_text *text);
int hb_partitions(dev_t rdev, struct hb_text *text);

#endif /* HB_BLKDEV_H */
