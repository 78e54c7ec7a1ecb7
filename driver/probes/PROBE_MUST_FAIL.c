// SPDX-License-Identifier: GPL-2.0-only
/* Must not compile: shows that probes notice a missing name. */
#include <linux/module.h>

int probe = HALTBLK_NO_SUCH_NAME;
