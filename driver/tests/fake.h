/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device whose requests come from nowhere: the driver's own states, gate and
 * rules, on a front that only records what it is asked for.
 */
#ifndef HALTBLK_TESTS_FAKE_H
#define HALTBLK_TESTS_FAKE_H

#include <kunit/test.h>

#include "core/core.h"
#include "media/media.h"

#define FAKE_ENDS	64
#define FAKE_PAGES	32	/* of a request */

/**
 * struct fake_end - a request that ended
 * @cmd: it; only its address
 * @status: with this
 * @sector: where it was
 * @in_worker: by a worker
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
 * struct fake - a device and what became of its requests
 * @dev: device
 * @queue: its only queue
 * @wait: woken when a request ends
 * @lock: protects the rest
 * @ends: in order
 * @nr_ends: how many
 * @no_memory: none for a request that leaves its submitter's stack
 * @parks: requests that left their submitter's stack
 * @backs: requests that action=busy handed back
 * @identified: how often the submitter was asked for
 * @comm: the submitter's name
 */
struct fake {
	struct haltblk_device dev;
	struct haltblk_queue queue;
	wait_queue_head_t wait;
	spinlock_t lock;	/* the rest */
	struct fake_end ends[FAKE_ENDS];
	unsigned int nr_ends;
	bool no_memory;
	unsigned int parks;
	unsigned int backs;
	unsigned int identified;
	char comm[HALTBLK_COMM_LEN];
};

/**
 * struct fake_rq - a request and the memory it reads or writes
 * @cmd: as the states see it
 * @opf: operation and flags
 * @bio: its data
 * @bvec: of @bio
 * @data: one page after the other
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
