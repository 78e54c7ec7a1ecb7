// SPDX-License-Identifier: GPL-2.0-only
/* A pure part of the driver, compiled into the test module. */
#include "../media/retire.c"
