// SPDX-License-Identifier: GPL-2.0-only
/* To 6.8: blk_revalidate_disk_zones() takes a callback, and knows blk-mq only. */
#include <linux/blkdev.h>

int probe(struct gendisk *disk);
int probe(struct gendisk *disk)
{
	return blk_revalidate_disk_zones(disk, NULL);
}
