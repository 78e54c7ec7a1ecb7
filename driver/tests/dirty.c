// SPDX-License-Identifier: GPL-2.0-only
/* A part of the driver, compiled into the test module. */
#include "../media/dirty.c"
