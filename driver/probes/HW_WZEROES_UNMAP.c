// SPDX-License-Identifier: GPL-2.0-only
/* 6.17: a separate limit for write zeroes that unmap. */
#include <linux/blkdev.h>

struct queue_limits probe = { .max_hw_wzeroes_unmap_sectors = 1 };
