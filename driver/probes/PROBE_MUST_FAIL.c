// SPDX-License-Identifier: GPL-2.0-only
/* Shows that a missing name is noticed: must not compile. */
#include <linux/module.h>

int probe = HALTBLK_NO_SUCH_NAME;
