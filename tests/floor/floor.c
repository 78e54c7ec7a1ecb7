// SPDX-License-Identifier: GPL-2.0-only
/*
 * The floor that scripts/bench measures against: the cheapest block device there can be.
 * A request or bio is ended where it arrives; no data, no state, no options but one.
 *
 *   mode=2  /dev/haltblk_floor on blk-mq; queue_rqs ends its list as one batch
 *   mode=0  the same as a bio driver
 *
 * What haltblk costs more than this is what its states cost. Not for use: it loses
 * everything written to it.
 */
#include <linux/blk-mq.h>
#include <linux/module.h>

static int mode = 2;
module_param(mode, int, 0444);
MODULE_PARM_DESC(mode, "0: bio, 2: blk-mq");

#define FLOOR_SECTORS	(250ULL << 21)	/* 250 GiB, as null_blk */

static struct gendisk *disk;
static struct blk_mq_tag_set set;
static int major;

static void floor_end_batch(struct io_comp_batch *iob)
{
	blk_mq_end_request_batch(iob);
}

static blk_status_t floor_queue_rq(struct blk_mq_hw_ctx *hctx,
				   const struct blk_mq_queue_data *bd)
{
	blk_mq_start_request(bd->rq);
	blk_mq_end_request(bd->rq, BLK_STS_OK);
	return BLK_STS_OK;
}

static void floor_queue_rqs(struct rq_list *list)
{
	struct io_comp_batch iob = {};
	struct request *rq;

	while ((rq = rq_list_pop(list))) {
		blk_mq_start_request(rq);
		if (!blk_mq_add_to_batch(rq, &iob, false, floor_end_batch))
			blk_mq_end_request(rq, BLK_STS_OK);
	}
	if (iob.complete)
		iob.complete(&iob);
}

static const struct blk_mq_ops floor_mq_ops = {
	.queue_rq	= floor_queue_rq,
	.queue_rqs	= floor_queue_rqs,
};

static void floor_submit_bio(struct bio *bio)
{
	bio_endio(bio);
}

static const struct block_device_operations floor_mq_fops = {
	.owner		= THIS_MODULE,
};

static const struct block_device_operations floor_bio_fops = {
	.owner		= THIS_MODULE,
	.submit_bio	= floor_submit_bio,
};

static int floor_alloc_mq(struct queue_limits *lim)
{
	int ret;

	set.ops = &floor_mq_ops;
	set.nr_hw_queues = 1;
	set.queue_depth = 64;
	set.numa_node = NUMA_NO_NODE;
	/* A device with one hardware queue would get mq-deadline and pay for it. */
	set.flags = BLK_MQ_F_NO_SCHED_BY_DEFAULT;
	ret = blk_mq_alloc_tag_set(&set);
	if (ret)
		return ret;
	disk = blk_mq_alloc_disk(&set, lim, NULL);
	if (IS_ERR(disk)) {
		blk_mq_free_tag_set(&set);
		return PTR_ERR(disk);
	}
	disk->fops = &floor_mq_fops;
	return 0;
}

static int floor_alloc_bio(struct queue_limits *lim)
{
	lim->features = BLK_FEAT_NOWAIT | BLK_FEAT_SYNCHRONOUS;
	disk = blk_alloc_disk(lim, NUMA_NO_NODE);
	if (IS_ERR(disk))
		return PTR_ERR(disk);
	disk->fops = &floor_bio_fops;
	return 0;
}

static int __init floor_init(void)
{
	struct queue_limits lim = {};
	int ret;

	if (mode != 0 && mode != 2)
		return -EINVAL;
	major = register_blkdev(0, "haltblk_floor");
	if (major < 0)
		return major;
	ret = mode ? floor_alloc_mq(&lim) : floor_alloc_bio(&lim);
	if (ret)
		goto out_unregister;
	disk->major = major;
	disk->minors = 1;
	strscpy(disk->disk_name, "haltblk_floor", DISK_NAME_LEN);
	set_capacity(disk, FLOOR_SECTORS);
	ret = add_disk(disk);
	if (ret)
		goto out_put;
	return 0;

out_put:
	put_disk(disk);
	if (mode)
		blk_mq_free_tag_set(&set);
out_unregister:
	unregister_blkdev(major, "haltblk_floor");
	return ret;
}

static void __exit floor_exit(void)
{
	del_gendisk(disk);
	put_disk(disk);
	if (mode)
		blk_mq_free_tag_set(&set);
	unregister_blkdev(major, "haltblk_floor");
}

module_init(floor_init);
module_exit(floor_exit);
MODULE_DESCRIPTION("haltblk: the cheapest block device, to measure against");
MODULE_LICENSE("GPL");
