// SPDX-License-Identifier: GPL-2.0-only
/* Renamed by 6.14. */
#include <linux/blk-mq.h>

unsigned int probe = BLK_MQ_F_NO_SCHED;
