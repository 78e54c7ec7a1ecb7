// SPDX-License-Identifier: GPL-2.0-only
/* The module that carries the KUnit suites of the pure parts. */
#include <linux/module.h>

MODULE_DESCRIPTION("KUnit suites of haltblk's pure parts");
MODULE_AUTHOR("The haltblk authors");
MODULE_LICENSE("GPL v2");
