// SPDX-License-Identifier: GPL-2.0-only
/* 6.1: start without a scheduler, allow one later. */
#include <linux/blk-mq.h>

unsigned int probe = BLK_MQ_F_NO_SCHED_BY_DEFAULT;
