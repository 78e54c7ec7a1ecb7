/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Shared by the files of the fake system.
 */
#ifndef UNIT_FAKE_PRIVATE_H
#define UNIT_FAKE_PRIVATE_H

#include <stdarg.h>
#include <sys/types.h>

#include "private.h"

/**
 * struct fake_node - a file, directory or device
 * @path: "" when unused
 * @text: what it reads
 * @mode: like st_mode
 * @dev: like st_dev
 * @rdev: like st_rdev
 * @size: bytes of a block device
 * @block: its logical block size
 * @open_err: error that opening, or removing, it gives
 */
struct fake_node {
	char path[128];
	char text[512];
	mode_t mode;
	dev_t dev;
	dev_t rdev;
	uint64_t size;
	int block;
	int open_err;
};

/* fake.c */
struct fake_node *fake_find(const char *path);
void fake_note(const char *fmt, ...) HB_PRINTF(1, 2);
void fake_remove_tree(const char *path);

/* fake_ioctl.c */
int fake_control_ioctl(unsigned long nr, void *arg);
int fake_blkdev_ioctl(struct fake_node *node, unsigned long nr, void *arg);

/* fake_configfs.c */
void fake_configfs_mkdir(const char *path);
void fake_configfs_rmdir(const char *path);
int fake_configfs_write(struct fake_node *node, const char *text);

#endif /* UNIT_FAKE_PRIVATE_H */
