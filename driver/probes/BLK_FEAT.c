// SPDX-License-Identifier: GPL-2.0-only
/* 6.11: features are part of the limits. */
#include <linux/blkdev.h>

struct queue_limits probe = {
	.features = BLK_FEAT_IO_STAT | BLK_FEAT_NOWAIT | BLK_FEAT_SYNCHRONOUS,
};
