// SPDX-License-Identifier: GPL-2.0-only
/* 6.17: a limit of its own for write zeroes that unmaps. */
#include <linux/blkdev.h>

struct queue_limits probe = { .max_hw_wzeroes_unmap_sectors = 1 };
