// SPDX-License-Identifier: GPL-2.0-only
/* Part of the driver under test, compiled into the test module. */
#include "../feature.c"
