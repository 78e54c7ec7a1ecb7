/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * libhaltblk: what a power cut may leave on the disk. These are the types of a
 * recorded history of requests, and of an image that a cut may leave.
 *
 * Events have numbers from 1, in the order in which they happened. The number 0
 * means that the event never happened.
 */
#ifndef LIBHALTBLK_CRASH_H
#define LIBHALTBLK_CRASH_H

#include <libhaltblk/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct haltblk_crash_request - a recorded request
 * @reached: event: it reached the driver
 * @moved: event: it took effect; 0 if it never did
 * @ended: event: just before its submitter was told that it ended; 0 if it did
 *	not end
 * @id: number of the request, as the driver tells it
 * @data: where the record has its data; the model does not look at it
 * @sector: first sector
 * @sectors: length in sectors
 * @moved_sectors: sectors that took effect, counted from the first one
 * @flags: HALTBLK_RQ_*
 * @status: enum haltblk_status; only if it ended
 * @dev: index of its device
 * @op: enum haltblk_op
 * @atomic: it is an atomic write
 */
struct haltblk_crash_request {
	uint64_t reached;
	uint64_t moved;
	uint64_t ended;
	uint64_t id;
	uint64_t data;
	uint64_t sector;
	uint32_t sectors;
	uint32_t moved_sectors;
	uint32_t flags;
	uint32_t status;
	uint8_t dev;
	uint8_t op;
	uint8_t atomic;
};

/**
 * struct haltblk_crash_write - a part of an image
 * @request: index of the request whose write, zeroes or discard it is
 * @sector: first sector on the device
 * @sectors: length in sectors
 * @how: enum haltblk_patch_how: the request's data, zeroes, or what a discarded
 *	block reads
 * @dev: index of the device
 */
struct haltblk_crash_write {
	size_t request;
	uint64_t sector;
	uint32_t sectors;
	uint32_t how;
	uint8_t dev;
};

#ifdef __cplusplus
}
#endif

#endif /* LIBHALTBLK_CRASH_H */
