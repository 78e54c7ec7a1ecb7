// SPDX-License-Identifier: GPL-2.0-only
/* 6.14: alloc_pages_bulk() replaces alloc_pages_bulk_array(). */
#include <linux/gfp.h>

unsigned long probe(struct page **pages);
unsigned long probe(struct page **pages)
{
	return alloc_pages_bulk(GFP_NOWAIT, 8, pages);
}
