// SPDX-License-Identifier: GPL-2.0-only
/* A part of the driver, compiled into the test module. */
#define NOTRACE		/* haltblk.ko has the tracepoints */
#include "../gate/gate.c"
