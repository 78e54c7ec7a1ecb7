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
void haltblk_mq_init_set(struct haltblk_device *dev);

/* bio.c */
int haltblk_bio_init(void);
void haltblk_bio_exit(void);
extern const struct block_device_operations haltblk_bio_fops;
extern const struct haltblk_front haltblk_bio_front;

#endif /* HALTBLK_FRONT_H */
