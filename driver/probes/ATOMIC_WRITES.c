// SPDX-License-Identifier: GPL-2.0-only
/* 6.11: atomic writes, which are never torn. */
#include <linux/blkdev.h>

struct queue_limits probe = { .atomic_write_hw_max = 1 };
blk_opf_t opf = REQ_ATOMIC;
