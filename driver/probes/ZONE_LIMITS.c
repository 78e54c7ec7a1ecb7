// SPDX-License-Identifier: GPL-2.0-only
/* 6.11: how many zones may be open and active is a limit of the queue. */
#include <linux/blkdev.h>

struct queue_limits probe = { .max_open_zones = 1, .max_active_zones = 1 };
