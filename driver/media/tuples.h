/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tuples of protection information, 8 bytes for each block. See tuples.c.
 */
#ifndef HALTBLK_TUPLES_H
#define HALTBLK_TUPLES_H

#include <linux/t10-pi.h>
#include <linux/types.h>
#include <linux/xarray.h>

/**
 * struct haltblk_tuples - the tuples of a device
 * @pages: pages of tuples by number, each bit inverted
 */
struct haltblk_tuples {
	struct xarray pages;
};

void haltblk_tuples_init(struct haltblk_tuples *t);
void haltblk_tuples_destroy(struct haltblk_tuples *t);
int haltblk_tuples_reserve(struct haltblk_tuples *t, u64 block, u64 nr,
			   gfp_t gfp);
void haltblk_tuples_put(struct haltblk_tuples *t, u64 block,
			const struct t10_pi_tuple *from, unsigned int nr);
void haltblk_tuples_get(struct haltblk_tuples *t, u64 block,
			struct t10_pi_tuple *to, unsigned int nr);
void haltblk_tuples_erase(struct haltblk_tuples *t, u64 block, u64 nr);
void haltblk_tuples_remap(struct t10_pi_tuple *tuples, unsigned int nr,
			  u32 from, u32 to);

#endif /* HALTBLK_TUPLES_H */
