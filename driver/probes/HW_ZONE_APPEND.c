// SPDX-License-Identifier: GPL-2.0-only
/* 6.13: the limit of zone append that a driver sets has a name of its own. */
#include <linux/blkdev.h>

struct queue_limits probe = { .max_hw_zone_append_sectors = 1 };
