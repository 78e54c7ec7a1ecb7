/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * haltblk's own structures, who owns them and which lock protects what.
 *
 * Locks, outermost first; resuming and stepping (release.c) take none above
 * haltblk_gate.lock:
 *   haltblk_crash_mutex	taking the locks of several devices, to cut their power
 *   haltblk_device.lock	option writes, the list of jobs; short
 *   haltblk_clone_mutex	a device's data against being replaced while cloned
 *   haltblk_device.media_sem	cloning the store, against atomic writes and power
 *   haltblk_devices_lock	list of devices
 *   haltblk_gate.rules_lock	list of rules and publishing a ruleset
 *   haltblk_gate.lock		held requests, tags; irq-safe spinlock
 *   haltblk_gate.watch_lock	event records; irq-safe spinlock
 *   poll_lock			polled requests of one hardware queue
 *   haltblk_lock.lock		lock_model's, protect nothing but their own
 *				counts; irq-safe leaf
 *
 * Lifetimes: a device lives as long as its configfs directory (or the module,
 * for those made at load), every session attached to it and its gendisk. What
 * is "live" exists from power on to power off.
 */
#ifndef HALTBLK_H
#define HALTBLK_H

/* Before any header that brings pr_warn(). */
#ifdef pr_fmt
#undef pr_fmt
#endif
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/badblocks.h>
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/completion.h>
#include <linux/configfs.h>
#include <linux/hrtimer.h>
#include <linux/jump_label.h>
#include <linux/kref.h>
#include <linux/mempool.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rwsem.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "media/cache.h"
#include "cmd.h"
#include "compat.h"
#include "config.h"
#include "fault.h"
#include "feature.h"
#include "media/discard.h"
#include "gate/gate.h"
#include "front/lockmodel.h"
#include "latency.h"
#include "random.h"
#include "gate/rules.h"
#include "media/store.h"
#include "media/tuples.h"
#include "media/zones.h"

struct haltblk_device;

/**
 * struct haltblk_counts - what passed a queue, on one CPU
 * @submitted: reached the driver
 * @completed: ended
 * @failed: ended with an error
 */
struct haltblk_counts {
	unsigned long submitted;
	unsigned long completed;
	unsigned long failed;
};

/**
 * struct haltblk_queue - one hardware queue, or bio mode's only one
 * @dev: its device
 * @counts: per CPU
 * @index: place in the device's @queues
 * @hctx: number of the hardware queue, -1 in bio mode
 * @nr_held: requests that a rule holds; the gate's lock
 * @poll_lock: protects @poll_list
 * @poll_list: requests whose data has moved and that wait to be polled
 */
struct haltblk_queue {
	struct haltblk_device *dev;
	struct haltblk_counts __percpu *counts;
	unsigned int index;
	int hctx;
	unsigned int nr_held;
	spinlock_t poll_lock;
	struct list_head poll_list;
} ____cacheline_aligned_in_smp;

/* The option irqmode, as null_blk numbers it. */
enum haltblk_irqmode {
	HALTBLK_IRQ_INLINE	= 0,
	HALTBLK_IRQ_SOFTIRQ	= 1,
	HALTBLK_IRQ_TIMER	= 2,
};

/* struct haltblk_device.flags */
#define HALTBLK_DEV_LOAD	0	/* made at module load */

/* What a job does (job.c). */
enum haltblk_order_kind {
	HALTBLK_ORDER_ON,
	HALTBLK_ORDER_OFF,
	HALTBLK_ORDER_QUEUES,
	HALTBLK_ORDER_CRASH,
};

/**
 * struct haltblk_order - what is asked of a job
 * @kind: what to do
 * @id: HALTBLK_ORDER_QUEUES: the option that changes
 * @value: HALTBLK_ORDER_QUEUES: what to
 */
struct haltblk_order {
	enum haltblk_order_kind kind;
	int id;
	s64 value;
};

/* struct haltblk_device.cut; core/cut.c explains them. */
#define HALTBLK_CUT_BEGUN	BIT(0)
#define HALTBLK_CUT_DONE	BIT(1)
#define HALTBLK_CUT_RULE	BIT(2)
#define HALTBLK_CUT_SHUT	BIT(3)

#define HALTBLK_THROTTLE_HZ	50	/* intervals in a second, as null_blk */

/**
 * struct haltblk_budget - what one limit allows
 * @rate: bytes or requests a second; 0 no limit
 * @left: left in this interval, in units of 1/HALTBLK_THROTTLE_HZ, so that an
 *	interval adds @rate; below 0, what later ones pay for
 */
struct haltblk_budget {
	s64 rate;
	s64 left;
};

/**
 * struct haltblk_throttle - the limits of a device
 * @lock: protects the rest
 * @bytes: of all requests
 * @side_bytes: of reads, of all others
 * @side_requests: likewise
 * @waiting: commands, in the order in which they came: reads, all others
 * @turn: which of the two went on last
 * @timer: begins an interval
 * @ticking: it runs; until all is paid and nothing waits
 * @work: admits what waits
 */
struct haltblk_throttle {
	spinlock_t lock;
	struct haltblk_budget bytes;
	struct haltblk_budget side_bytes[2];
	struct haltblk_budget side_requests[2];
	struct list_head waiting[2];
	bool turn;
	struct hrtimer timer;
	bool ticking;
	struct work_struct work;
};

/* Values of the option pi_guard, in the order of its words. */
enum haltblk_pi_guard {
	HALTBLK_PI_CRC,
	HALTBLK_PI_IP,
};

/**
 * struct haltblk_integrity - the tuples that protect blocks (T10 PI)
 * @lock: protects @tuples; held while blocks and their tuples change or are read
 * @tuples: by block
 * @on: live: pi_type is not 0
 * @type: pi_type for which there are @tuples, written at power on
 * @guard: pi_guard, likewise
 * @shift: shift from sectors to blocks, likewise
 */
struct haltblk_integrity {
	struct rw_semaphore lock;
	struct haltblk_tuples tuples;
	bool on;
	u8 type;
	u8 guard;
	u8 shift;
};

/**
 * struct haltblk_device - one fake disk
 * @group: its configfs directory (unused for those made at load)
 * @ref: reference count
 * @free: when it drops to 0
 * @node: in haltblk_devices, or in the list of those being removed
 * @name: disk name
 * @flags: bits HALTBLK_DEV_*
 * @index: number while it is powered, else -1
 * @cfg: options; written under @lock, each read as one word without it
 * @lock: option writes and @jobs
 * @gate: breakpoints
 * @store: data; kept over power off
 * @zones: kept over power off if there is a @store
 * @cache: live, @cached: what of @store the media does not have
 * @bad: bad blocks; kept over power off
 * @integrity: tuples that protect blocks; kept over power off
 * @faults: failures on demand
 * @fault_groups: their configfs directories
 * @disk: live: gendisk; written by jobs and the removal
 * @own_set: live, blk-mq: its own tags
 * @set: live, blk-mq: @own_set, or the module's with shared_tags
 * @queues: live: @nr_queues of them, all there can be
 * @nr_queues: length of @queues
 * @plain: live: nothing is stored, requests only end
 * @flushes: live: it has a volatile cache, so it gets flushes
 * @cached: live: and that has something to lose
 * @by_cmd: live: why requests go the way that rules see even if no rule minds
 *	them, HALTBLK_BY_CMD_*
 * @bare: live: @plain, and no lock model
 * @blocking: live: queue_rq may sleep
 * @irqmode: live: enum haltblk_irqmode
 * @discard: live: what a discard does
 * @slow_end: live: requests do not just end: irqmode, latencies, a lock model; bio mode:
 *	@by_cmd, too
 * @locks: live: @nr_locks of lock_model; NULL none
 * @nr_locks: length of @locks
 * @latency: by operation: the device's own, or the defaults; written under @lock
 * @latency_seed: live, by operation: seed of its random latencies
 * @latency_drawn: live, by operation: how many were drawn
 * @timed: live: timers may end requests: irqmode 2, a latency
 * @front: live: what the states know of its mode
 * @hooks: live: features that have hooks between the states, by their ids
 * @hooked: live: those whose hooks are called, a bit each; not 0: @by_cmd
 * @throttle: live: budget of mbps
 * @park_held: live, bio mode: memory of bios that a rule holds
 * @park_timed: likewise: of bios that wait for a timer
 * @parked: live, bio mode: bios that outlived their submit_bio(), plus one
 * @parked_gone: completed when @parked drops to 0
 * @queues_submit: live: submit_queues once the change under way is made; 0 none
 *	is
 * @queues_poll: likewise
 * @jobs: struct haltblk_job in the order asked for, and results not yet fetched
 * @power_jobs: those that switch the power and have not ended; written under
 *	@lock
 * @jobs_work: does one after the other
 * @jobs_wait: woken when one has ended
 * @remove_work: removes the device
 * @removed: completed when its disk has gone for good
 * @media_sem: read: atomic writes of several pages; written: cloning @store,
 *	power on, and power off while it drops the @cache
 * @cloning: changes of @store that begin now wait until it is cloned
 * @cloned: woken when @cloning is cleared, and when a @cut is done or undone
 * @cut: HALTBLK_CUT_*: how far a power cut is; 0 again after power off
 * @keep: what the power cut leaves of @cache: HALTBLK_KEEP_FLUSHED or _ALL
 * @crash_work: switches the power off that a rule has cut
 */
struct haltblk_device {
	struct config_group group;
	struct kref ref;
	void (*free)(struct kref *ref);
	struct list_head node;
	char name[DISK_NAME_LEN];
	unsigned long flags;
	int index;
	struct haltblk_config cfg;
	struct mutex lock;
	struct haltblk_gate gate;
	struct haltblk_store store;
	struct haltblk_cache cache;
	struct haltblk_zones zones;
	struct badblocks bad;
	struct haltblk_integrity integrity;
	struct haltblk_fault faults[HALTBLK_NR_FAULTS];
	struct config_group fault_groups[HALTBLK_NR_FAULTS];

	struct gendisk *disk;
	struct blk_mq_tag_set own_set;
	struct blk_mq_tag_set *set;
	struct haltblk_queue *queues;
	unsigned int nr_queues;
	bool plain;
	bool flushes;
	bool cached;
	u8 by_cmd;
	bool bare;
	bool blocking;
	u8 irqmode;
	struct haltblk_discard discard;
	bool slow_end;
	struct haltblk_lock *locks;
	unsigned int nr_locks;
	struct haltblk_latency *latency;
	u64 latency_seed[HALTBLK_OP_NR];
	atomic64_t latency_drawn[HALTBLK_OP_NR];
	bool timed;
	const struct haltblk_front *front;
	const struct haltblk_feature *hooks[HALTBLK_NR_FEATURES];
	unsigned long hooked;
	struct haltblk_throttle throttle;
	mempool_t park_held;
	mempool_t park_timed;
	atomic_t parked;
	struct completion parked_gone;

	unsigned int queues_submit;
	unsigned int queues_poll;
	struct list_head jobs;
	unsigned int power_jobs;
	struct work_struct jobs_work;
	wait_queue_head_t jobs_wait;
	struct work_struct remove_work;
	struct completion removed;

	struct rw_semaphore media_sem;
	bool cloning;
	wait_queue_head_t cloned;
	atomic_t cut;
	u32 keep;
	struct work_struct crash_work;
};

#define HALTBLK_PAGE_SECTORS	(PAGE_SIZE >> SECTOR_SHIFT)

/* Does a device with these options get flushes? */
static inline bool haltblk_device_flushes(const struct haltblk_config *cfg)
{
	return READ_ONCE(cfg->cache) || READ_ONCE(cfg->cache_size);
}

static inline bool haltblk_device_powered(const struct haltblk_device *dev)
{
	return READ_ONCE(dev->disk);
}

/**
 * haltblk_device_put - drop a reference
 * @dev: may be gone after this
 */
static inline void haltblk_device_put(struct haltblk_device *dev)
{
	kref_put(&dev->ref, dev->free);
}

/**
 * haltblk_gate_armed - does a submission have to look at rules?
 * @dev: device
 *
 * The only thing that an idle device pays for its breakpoints: a patched jump.
 */
static __always_inline bool haltblk_gate_armed(const struct haltblk_device *dev)
{
	return static_branch_unlikely(&haltblk_gate_key) &&
	       READ_ONCE(dev->gate.armed);
}

/* How many sectors reach the media. action=torn drops an atomic write whole. */
static inline u32 haltblk_cmd_kept(const struct haltblk_cmd *cmd)
{
	if (!(cmd->flags & HALTBLK_CMD_F_TORN) || cmd->torn >= cmd->nr_sectors)
		return cmd->nr_sectors;
	return cmd->dev->front->opf(cmd) & HALTBLK_COMPAT_REQ_ATOMIC ?
	       0 : cmd->torn;
}

#endif /* HALTBLK_H */
