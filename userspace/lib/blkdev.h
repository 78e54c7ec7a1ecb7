/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Any block device, by name or path.
 */
#ifndef HB_BLKDEV_H
#define HB_BLKDEV_H

#include "private.h"

#define HB_PATH_LEN	4096

int hb_blkdev_path(struct libhaltblk *h, const char *device,
		   char path[HB_PATH_LEN], struct stat *st);

#endif /* HB_BLKDEV_H */
