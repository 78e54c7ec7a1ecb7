// SPDX-License-Identifier: GPL-2.0-only
/* The pure part under test, compiled into the test module. */
#include "../media/zonewrite.c"
