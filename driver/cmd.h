/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A request on its way through the states, and the mode it came from.
 */
#ifndef HALTBLK_CMD_H
#define HALTBLK_CMD_H

#include <linux/blk-mq.h>
#include <linux/hrtimer.h>
#include <linux/rbtree.h>
#include <linux/workqueue.h>

#include "gate/rules.h"
#include "gate/stack.h"

struct haltblk_device;
struct haltblk_gate;
struct haltblk_queue;

/*
 * Bio mode with a volatile cache: the parts of a bio with PREFLUSH or FUA. Each
 * counts as a request, like those of blk-mq's flush machinery.
 */
#define HALTBLK_SEQ_PRE		BIT(0)	/* a flush before the data */
#define HALTBLK_SEQ_DATA	BIT(1)	/* the write */
#define HALTBLK_SEQ_POST	BIT(2)	/* a flush instead of FUA */

/* What haltblk_cmd_advance() does next. */
enum haltblk_cmd_step {
	HALTBLK_STEP_SUBMIT,
	HALTBLK_STEP_ADMIT,
	HALTBLK_STEP_MEDIA,
	HALTBLK_STEP_MOVE,
	HALTBLK_STEP_COMPLETE,
	HALTBLK_STEP_END,
	HALTBLK_STEP_TIMEOUT,
	HALTBLK_STEP_UNMAP,
	HALTBLK_STEP_FREE,
	HALTBLK_STEP_WRITEBACK,
	HALTBLK_STEP_CLEAN,
};

/* struct haltblk_cmd.flags */
#define HALTBLK_CMD_F_BIO	BIT(0)	/* bio mode; else a blk-mq request */
#define HALTBLK_CMD_F_STACK	BIT(1)	/* on its submitter's stack */
#define HALTBLK_CMD_F_SLEEP	BIT(2)	/* its context may sleep now */
#define HALTBLK_CMD_F_WAS_HELD	BIT(3)	/* ends in the releaser's context */
#define HALTBLK_CMD_F_ACCT	BIT(4)	/* bio mode: I/O accounting started */
#define HALTBLK_CMD_F_SUBMITTER	BIT(5)	/* submitter was looked up */
#define HALTBLK_CMD_F_STEP	BIT(6)	/* hold in next state, @step_rule */
#define HALTBLK_CMD_F_DROP	BIT(7)	/* action=drop: move no data */
#define HALTBLK_CMD_F_TORN	BIT(8)	/* action=torn: move @torn sectors */
#define HALTBLK_CMD_F_DELAYED	BIT(9)	/* @timer may be running */
#define HALTBLK_CMD_F_AGAIN	BIT(10)	/* action=busy handed it back */
#define HALTBLK_CMD_F_CLEANED	BIT(11)	/* has finished its write-backs */
#define HALTBLK_CMD_F_HELD_POOL	BIT(12)	/* parked: memory from @park_held */
#define HALTBLK_CMD_F_ZONED	BIT(13)	/* has a place at a write pointer */

/**
 * struct haltblk_cmd - a request on its way through the states
 * @dev: device
 * @queue: hardware queue
 * @bio: first bio (bio mode: the bio)
 * @op: enum haltblk_op
 * @step: next step, enum haltblk_cmd_step
 * @flags: HALTBLK_CMD_F_*
 * @status: status with which it will end
 * @sector: first sector
 * @nr_sectors: length, 0 for a flush
 * @start: bio mode: start of I/O accounting, jiffies
 * @due: blk-mq, polled requests: earliest completion, CLOCK_MONOTONIC. Bio mode:
 *	ns that its steps take together
 * @work: goes on with it in a worker, which may sleep
 * @timer: of irqmode 2, latencies and action=delay
 * @kept: a rule holds or delays it; gate lock. Zero in a PDU that was never
 *	used, and set only while a rule keeps the command
 * @lost: timeout_inject: only its time-out ends it. Zero in a PDU that was never
 *	used
 * @node: held: in the gate's list; delayed: in the rule's list; gate lock.
 *	Waits for budget of mbps: in that list; its lock
 * @rule_node: held: in the rule's list; gate lock
 * @by_id: held: in the gate's tree of ids; gate lock
 * @kept_nr: number of this hold or delay, ascending; gate lock
 * @rule: rule that holds or delays it; gate lock
 * @id: number unique on the device, given at its first hold or record; 0
 *	before; blk-mq: stays when action=busy hands the request back
 * @held_ns: CLOCK_MONOTONIC when it was held
 * @event: state in which it is held, enum haltblk_event_id
 * @cpu: processor that submitted it
 * @unmap: first sector whose extents are not yet freed
 * @unmap_past: first sector behind the extents to free
 * @erase: enum haltblk_erase for them
 * @extent: first sector of the extent to free next, or of the cached block to
 *	write back next
 * @extent_sectors: length of @extent
 * @clean_after: number of that block
 * @clean_upto: number of the last block to write back
 * @seq: bio mode: HALTBLK_SEQ_* still to come
 * @admitted: how many features were asked whether to let it in
 * @torn: sectors that reach the media
 * @zone_epoch: of its zone when it got that place
 * @corrupt: bytes to damage once the data has moved
 * @step_rule: rule under which it is held in the next state, a reference
 * @stack: stack that submitted it; NULL if unknown
 * @pid: process that submitted it, a reference; NULL if unknown
 * @comm: name of the submitter; "" if unknown
 *
 * blk-mq: the request's PDU, which stays untouched on the short path. Bio mode:
 * on the submitter's stack until it has to wait.
 */
struct haltblk_cmd {
	struct haltblk_device *dev;
	struct haltblk_queue *queue;
	struct bio *bio;
	u8 op;
	u8 step;
	blk_status_t status;
	u16 flags;
	u64 sector;
	u32 nr_sectors;
	unsigned long start;
	u64 due;
	struct work_struct work;
	struct hrtimer timer;
	bool kept;
	bool lost;
	struct list_head node;
	struct list_head rule_node;
	struct rb_node by_id;
	u64 kept_nr;
	struct haltblk_rule_state *rule;
	u64 id;
	u64 held_ns;
	u32 event;
	u32 cpu;
	u64 unmap;
	u64 unmap_past;
	u64 extent;
	u32 extent_sectors;
	u64 clean_after;
	u64 clean_upto;
	u8 seq;
	u8 admitted;
	u32 torn;
	u32 zone_epoch;
	u32 corrupt;
	u8 erase;
	struct haltblk_rule_state *step_rule;
	struct haltblk_stack *stack;
	struct pid *pid;
	char comm[HALTBLK_COMM_LEN];
};

/**
 * struct haltblk_front - a mode's functions for its commands
 * @opf: get operation and flags of a command
 * @park: move a command from its submitter's stack to memory of its own, to be
 *	held or delayed, and return the new command; NULL if there is no memory
 *	and the submitter must not wait. No function if the mode keeps no
 *	commands on the stack
 * @end: end a command, or one part of it, with its status; it is gone after
 *	this
 * @set_sector: tell the submitter of a zone append where it goes
 * @hand_back: hand a command back to the block layer, which submits it again
 *	(action=busy); no function if rules of the mode cannot ask for it
 *
 * The states know nothing else about a device's mode. The front calls
 * haltblk_cmd_forget() before a command is gone for good.
 */
struct haltblk_front {
	blk_opf_t (*opf)(const struct haltblk_cmd *cmd);
	struct haltblk_cmd *(*park)(struct haltblk_cmd *cmd, bool hold);
	void (*end)(struct haltblk_cmd *cmd);
	void (*set_sector)(struct haltblk_cmd *cmd);
	void (*hand_back)(struct haltblk_cmd *cmd);
};

/* blk.c */
#define HALTBLK_BLK_NR_OPS	64	/* passthrough has 34 and 35 */
extern const u8 haltblk_blk_ops[HALTBLK_BLK_NR_OPS];

/* An operation that we do not have, and no rule matches. Not in the uapi. */
#define HALTBLK_BLK_OP_NONE	31

/**
 * haltblk_blk_op - get our number for a block layer operation
 * @opf: operation and flags
 *
 * The kernel's own numbers differ between versions. The block layer rejects
 * bios for which our disks have no limit. Another driver's passthrough request
 * may arrive, and is HALTBLK_BLK_OP_NONE.
 */
static __always_inline enum haltblk_op haltblk_blk_op(blk_opf_t opf)
{
	return haltblk_blk_ops[(__force u32)opf & (HALTBLK_BLK_NR_OPS - 1)];
}

extern const blk_status_t haltblk_blk_statuses[HALTBLK_STATUS_NR];
u32 haltblk_blk_offered(void);
u32 haltblk_blk_flags(const struct haltblk_cmd *cmd);

/**
 * haltblk_cmd_sector - get the sectors that a command works on in a state
 * @cmd: command
 * @event: the state, enum haltblk_event_id
 * @nr_sectors: set to the length
 *
 * Return: the first sector of the extent at unmap, of the block at writeback,
 * and otherwise of the request.
 */
static inline u64 haltblk_cmd_sector(const struct haltblk_cmd *cmd, u32 event,
				     u32 *nr_sectors)
{
	bool part = event == HALTBLK_EVENT_UNMAP ||
		    event == HALTBLK_EVENT_WRITEBACK;

	*nr_sectors = part ? cmd->extent_sectors : cmd->nr_sectors;
	return part ? cmd->extent : cmd->sector;
}

#endif /* HALTBLK_CMD_H */
