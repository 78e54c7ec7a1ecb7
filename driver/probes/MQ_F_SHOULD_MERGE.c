// SPDX-License-Identifier: GPL-2.0-only
/* Gone by 6.14: merging is always on. */
#include <linux/blk-mq.h>

unsigned int probe = BLK_MQ_F_SHOULD_MERGE;
