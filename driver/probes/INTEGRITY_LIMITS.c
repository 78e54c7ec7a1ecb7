// SPDX-License-Identifier: GPL-2.0-only
/* 6.11: integrity metadata is a part of the limits. */
#include <linux/blk-integrity.h>

struct queue_limits probe = {
	.integrity = {
		.csum_type = BLK_INTEGRITY_CSUM_CRC,
		.flags = BLK_INTEGRITY_REF_TAG,
	},
};
