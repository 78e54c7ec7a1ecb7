// SPDX-License-Identifier: GPL-2.0-only
/* Shows that the compiler and its flags work: must compile. */
#include <linux/module.h>

int probe;
