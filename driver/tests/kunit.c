// SPDX-License-Identifier: GPL-2.0-only
/* The module that carries the KUnit suites. */
#include <linux/module.h>

MODULE_DESCRIPTION("KUnit suites of haltblk");
MODULE_AUTHOR("The haltblk authors");
MODULE_LICENSE("GPL v2");
