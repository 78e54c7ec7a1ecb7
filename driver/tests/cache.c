// SPDX-License-Identifier: GPL-2.0-only
/* The volatile cache under test, compiled into the test module. */
#include "../media/cache.c"
