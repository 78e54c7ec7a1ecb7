// SPDX-License-Identifier: GPL-2.0-only
/* To 6.5: disk_set_zoned() takes a model; zoned queues name their schedulers. */
#include <linux/blkdev.h>

void probe(struct gendisk *disk);
void probe(struct gendisk *disk)
{
	disk_set_zoned(disk, BLK_ZONED_HM);
}
