/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The effect of requests on a device's data.
 */
#ifndef HALTBLK_MEDIA_H
#define HALTBLK_MEDIA_H

#include "haltblk.h"

/* data.c */
int haltblk_data_move(struct haltblk_device *dev, struct bio *bio,
		      blk_opf_t opf, u64 sector, u32 nr_sectors,
		      bool may_sleep);
void haltblk_data_damage(struct haltblk_device *dev, struct bio *bio,
			 enum haltblk_op op, u64 sector, u32 bytes);

/* clone.c */
int haltblk_clone_store(struct haltblk_device *dev, struct haltblk_device *to,
			const struct haltblk_config *cfg, bool flushed);
void haltblk_clone_wait(struct haltblk_device *dev);

/* bad.c */
int haltblk_bad_write(struct haltblk_device *dev, const char *text);
ssize_t haltblk_bad_show(struct haltblk_device *dev, char *page);
bool haltblk_bad_near(struct haltblk_device *dev, enum haltblk_op op,
		      u64 sector, u32 nr_sectors);

/* erase.c */
void haltblk_erase_range(struct haltblk_device *dev, u64 pos, u64 len,
			 enum haltblk_erase how);
int haltblk_erase_request(struct haltblk_device *dev, blk_opf_t opf, u64 sector,
			  u32 nr_sectors, bool may_sleep);

void haltblk_data_fill(struct bio *bio, u32 skip, u32 bytes, u8 value);

/* zoned.c */
void haltblk_zoned_place(struct haltblk_cmd *cmd);
int haltblk_zoned_write(struct haltblk_cmd *cmd, u32 kept);
int haltblk_zoned_break(struct haltblk_device *dev, u64 sector,
			enum blk_zone_cond cond);
HALTBLK_COMPAT_REPORT_ZONES_DECLARE(haltblk_zoned_report_zones);

/* integrity.c */
int haltblk_integrity_move(struct haltblk_cmd *cmd, u32 nr_sectors);

/* pages.c */
struct page *haltblk_pages_get(gfp_t gfp);
int haltblk_pages_own(struct haltblk_store *store, unsigned long index,
		      gfp_t gfp);
void haltblk_pages_exit(void);

#endif /* HALTBLK_MEDIA_H */
