// SPDX-License-Identifier: GPL-2.0-only
/*
 * All of the driver as one file, behind a header whose structures are longer.
 */
#include "grown_uapi.h"

#include <linux/highmem.h>

/* As with pages of 64 KiB, and with unsigned longs of 32 bits. */
#define HALTBLK_STORE_UNIT	2048UL
#define HALTBLK_STORE_PAGES	0xffffffffUL

/* Caches that do not know of each other: their flushes are counted. */
static unsigned int haltblk_grown_flushes;
#undef flush_dcache_page
#define flush_dcache_page(page)	((void)(page), haltblk_grown_flushes++)

/* Every file of the driver. */
#include "grown_files.h"

module_param_named(flushes, haltblk_grown_flushes, uint, 0644);
MODULE_PARM_DESC(flushes, "how often a page's cache was flushed");
