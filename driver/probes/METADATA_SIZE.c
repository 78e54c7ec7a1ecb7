// SPDX-License-Identifier: GPL-2.0-only
/* 6.17: a block's metadata can be longer than its tuple. */
#include <linux/blk-integrity.h>

struct blk_integrity probe = { .metadata_size = 8, .pi_tuple_size = 8 };
