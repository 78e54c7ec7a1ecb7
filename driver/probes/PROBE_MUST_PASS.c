// SPDX-License-Identifier: GPL-2.0-only
/* Must compile: shows that the compiler and its flags work. */
#include <linux/module.h>

int probe;
