// SPDX-License-Identifier: GPL-2.0-only
/* 6.16: writes that say which others they belong to. */
#include <linux/blkdev.h>

struct queue_limits probe = { .max_write_streams = 1 };
