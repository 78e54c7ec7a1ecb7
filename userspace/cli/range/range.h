/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Shared by the commands that destroy a range.
 */
#ifndef HBC_RANGE_H
#define HBC_RANGE_H

#include "cli.h"

int hbc_range_sizes(struct libhaltblk *h, const struct hbc_command *cmd,
		    const char *offset, const char *length, const char *step,
		    struct libhaltblk_range *range);

#endif /* HBC_RANGE_H */
