/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device without a block layer: the driver's own states, gate and rules, on a
 * front that only records its calls.
 */
#ifndef HALTBLK_TESTS_FAKE_H
#define HALTBLK_TESTS_FAKE_H

#include <kunit/test.h>

#include "core/core.h"
#include "media/media.h"

#define FAKE_ENDS	64
#define FAKE_PAGES	32	/* most pages of a request */

/**
 * struct fake_end - a request that has ended
 * @cmd: address of its command
 * @status: its status
 * @sector: its first sector
 * @in_worker: a worker ended it
 * @was_held: it ended in the releaser's context
 */
struct fake_end {
	const struct haltblk_cmd *cmd;
	blk_status_t status;
	u64 sector;
	bool in_worker;
	bool was_held;
};

/**
 * struct fake - a device, and a record of its requests
 * @dev: device
 * @queue: its only queue
 * @wait: woken when a request ends
 * @lock: protects @ends and @nr_ends
 * @ends: requests that have ended, in order
 * @nr_ends: length of @ends
 * @no_memory: there is no memory for parking a request
 * @parks: number of requests that left their submitter's stack
 * @backs: number of requests that action=busy handed back
 * @identified: how often a rule asked for the submitter
 * @comm: name of the submitter
 */
struct fake {
	struct haltblk_device dev;
	struct haltblk_queue queue;
	wait_queue_head_t wait;
	spinlock_t lock;	/* ends, nr_ends */
	struct fake_end ends[FAKE_ENDS];
	unsigned int nr_ends;
	bool no_memory;
	unsigned int parks;
	unsigned int backs;
	unsigned int identified;
	char comm[HALTBLK_COMM_LEN];
};

/**
 * struct fake_rq - a request, and the memory that it reads or writes
 * @cmd: its command
 * @opf: operation and flags
 * @bio: bio with its data
 * @bvec: segments of @bio
 * @data: pages of the segments
 */
struct fake_rq {
	struct haltblk_cmd cmd;
	blk_opf_t opf;
	struct bio bio;
	struct bio_vec bvec[FAKE_PAGES];
	u8 *data[FAKE_PAGES];
};

int fake_init(struct kunit *test);
void fake_exit(struct kunit *test);
void fake_options(struct fake *f);
void fake_cached(struct fake *f, unsigned long limit);
struct fake_rq *fake_rq(struct kunit *test, blk_opf_t opf, u64 sector,
			u32 nr_sectors, u8 byte);
struct fake_rq *fake_submit(struct kunit *test, blk_opf_t opf, u64 sector,
			    u32 nr_sectors, u8 byte);
void fake_go(struct fake_rq *rq);
bool fake_ended(struct kunit *test, unsigned int nr);
blk_status_t fake_status(struct fake *f, const struct fake_rq *rq);
void fake_fill(struct kunit *test, u64 page, u32 pages, u8 byte);
long fake_pages(struct fake *f);
bool fake_holds(const struct fake_rq *rq, u8 byte);
bool fake_stored(struct fake *f, u64 sector, u32 nr_sectors, u8 byte);
struct haltblk_rule fake_rule(const char *tag, u32 event, u32 action, u64 arg);
void fake_arm(struct kunit *test, const struct haltblk_rule *spec);
void fake_break(struct kunit *test, const char *tag, u32 event, u32 action,
		u64 arg);
u64 fake_hits(struct fake *f, const char *tag);
unsigned int fake_resume(struct fake *f, const char *tag);
u32 fake_remove(struct fake *f, const char *tag);

#endif /* HALTBLK_TESTS_FAKE_H */
