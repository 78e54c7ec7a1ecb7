/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How requests come in and end: blk-mq and bio mode.
 */
#ifndef HALTBLK_FRONT_H
#define HALTBLK_FRONT_H

#include "haltblk.h"

/* mq.c */
extern const struct blk_mq_ops haltblk_mq_ops;
extern const struct block_device_operations haltblk_mq_fops;
extern const struct haltblk_front haltblk_mq_front;

/* tags.c */
unsigned int haltblk_tags_nr(const struct haltblk_device *dev);
bool haltblk_tags_blocking(const struct haltblk_device *dev);
int haltblk_tags_init_hctx(struct blk_mq_hw_ctx *hctx, void *data,
			   unsigned int index);
void haltblk_tags_map_queues(struct blk_mq_tag_set *set);
int haltblk_tags_get(struct haltblk_device *dev, const struct blk_mq_ops *ops);
void haltblk_tags_put(struct haltblk_device *dev);
void haltblk_tags_exit(void);

/* latency.c */
extern struct haltblk_latency haltblk_latency_defaults[HALTBLK_OP_NR];
int haltblk_latency_set(struct haltblk_device *dev, enum haltblk_op op,
			const struct haltblk_latency *value);
u64 haltblk_latency_of(struct haltblk_device *dev, unsigned int op);

/* bio.c */
int haltblk_bio_init(void);
void haltblk_bio_exit(void);
extern const struct block_device_operations haltblk_bio_fops;
extern const struct haltblk_front haltblk_bio_front;

#endif /* HALTBLK_FRONT_H */
