// SPDX-License-Identifier: GPL-2.0-only
/* 6.15: bool for success, sectors in sector_t; before, 0 and int. */
#include <linux/badblocks.h>

bool (*probe)(struct badblocks *bb, sector_t s, sector_t sectors) =
	badblocks_clear;
