/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * haltblk's own structures, who owns them and which lock protects what.
 *
 * Locks, outermost first; nothing on the release path (gate.c) takes any but
 * the last three:
 *   haltblk_device.lock	power, option writes; killable
 *   haltblk_gate.rules_lock	list of rules and publishing a ruleset
 *   haltblk_devices_lock	list of devices; leaf
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

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/completion.h>
#include <linux/configfs.h>
#include <linux/hrtimer.h>
#include <linux/jump_label.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "cache.h"
#include "compat.h"
#include "config.h"
#include "discard.h"
#include "lockmodel.h"
#include "rules.h"
#include "store.h"

struct haltblk_device;
struct haltblk_owner;

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
 * @index: number of the hardware queue
 * @poll_lock: protects @poll_list
 * @poll_list: requests whose data has moved and that wait to be polled
 */
struct haltblk_queue {
	struct haltblk_device *dev;
	struct haltblk_counts __percpu *counts;
	unsigned int index;
	spinlock_t poll_lock;
	struct list_head poll_list;
} ____cacheline_aligned_in_smp;

/*
 * Bio mode with a volatile cache: the steps of a bio with PREFLUSH or FUA, each a
 * request of its own, as blk-mq's flush machinery makes them.
 */
#define HALTBLK_SEQ_PRE		BIT(0)	/* a flush before the data */
#define HALTBLK_SEQ_DATA	BIT(1)	/* the write */
#define HALTBLK_SEQ_POST	BIT(2)	/* a flush instead of FUA */

/* Where advance() goes on; a value past the last event is no event. */
enum haltblk_place {
	HALTBLK_STEP_SUBMIT,
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
#define HALTBLK_CMD_F_BIO	BIT(0)	/* bio mode: @bio, else a request */
#define HALTBLK_CMD_F_STACK	BIT(1)	/* on its submitter's stack */
#define HALTBLK_CMD_F_SLEEP	BIT(2)	/* its context may sleep now */
#define HALTBLK_CMD_F_WAS_HELD	BIT(3)	/* ends in the releaser's context */
#define HALTBLK_CMD_F_ACCT	BIT(4)	/* bio mode: I/O accounting began */
#define HALTBLK_CMD_F_SUBMITTER	BIT(5)	/* @pid and @comm were looked for */
#define HALTBLK_CMD_F_STEP	BIT(6)	/* hold at the next event, @step_rule */
#define HALTBLK_CMD_F_DROP	BIT(7)	/* action=drop: move no data */
#define HALTBLK_CMD_F_TORN	BIT(8)	/* action=torn: move @torn sectors */
#define HALTBLK_CMD_F_DELAYED	BIT(9)	/* @timer may be running */
#define HALTBLK_CMD_F_AGAIN	BIT(10)	/* action=busy handed it back */
#define HALTBLK_CMD_F_CLEANED	BIT(11)	/* has written back what it must */

#define HALTBLK_STACK_DEPTH	32

/**
 * struct haltblk_stack - where a request was submitted
 * @nr: frames
 * @at: return addresses, innermost first
 */
struct haltblk_stack {
	unsigned int nr;
	unsigned long at[HALTBLK_STACK_DEPTH];
};

/**
 * struct haltblk_cmd - a request on its way through the states
 * @dev: device
 * @queue: hardware queue
 * @bio: first bio (bio mode: the bio)
 * @op: enum haltblk_op
 * @step: enum haltblk_place it goes on from
 * @flags: HALTBLK_CMD_F_*
 * @status: what it will end with
 * @sector: first sector
 * @nr_sectors: length, 0 for a flush
 * @start: bio mode: start of I/O accounting, jiffies
 * @due: polled requests with irqmode 2: may complete then, CLOCK_MONOTONIC
 * @work: goes on in a context that may sleep
 * @timer: irqmode 2
 * @node: in the gate's list of held; gate lock
 * @rule: that holds it; gate lock
 * @id: number from its first hold on, unique on the device; 0 before
 * @held_ns: CLOCK_MONOTONIC when held
 * @event: enum haltblk_event_id it is held at
 * @cpu: that submitted it
 * @unmap: sector from which on extents are still to be freed
 * @unmap_past: first sector behind them
 * @erase: enum haltblk_erase: how
 * @extent: first sector of the extent that is freed next, or of the cached
 *	block that is written back next
 * @extent_sectors: its length
 * @clean_after: number of that block
 * @clean_upto: number of the last block to write back
 * @seq: bio mode: HALTBLK_SEQ_* still to come
 * @torn: sectors that reach the media
 * @corrupt: bytes to damage once the data has moved
 * @step_rule: under which it is held at the next event, a reference
 * @stack: where it was submitted; NULL unknown
 * @pid: its submitter's process, a reference; NULL unknown
 * @comm: its name; "" unknown
 *
 * blk-mq: the request's PDU; while the device has no rule and memory it is not
 * touched. Bio mode: on the submitter's stack until it has to wait.
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
	struct list_head node;
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
	u32 torn;
	u32 corrupt;
	u8 erase;
	struct haltblk_rule_state *step_rule;
	struct haltblk_stack *stack;
	struct pid *pid;
	char comm[HALTBLK_COMM_LEN];
};

/**
 * struct haltblk_tag - a tag that some rule had
 * @node: in the gate's list
 * @name: the tag
 * @rules: listed rules that have it
 * @held: requests held under it
 * @gone_hits: hits of its rules that were removed
 *
 * Kept after its rules are gone, so that a tag is unknown only if no rule had
 * it. All fields: gate lock.
 */
struct haltblk_tag {
	struct list_head node;
	char name[HALTBLK_TAG_LEN];
	unsigned int rules;
	unsigned int held;
	u64 gone_hits;
};

/**
 * struct haltblk_gate - breakpoints of a device
 * @armed: a rule can act; read without a lock by every submission once the
 *	driver-wide static key is on
 * @key_user: counted among those who need the static key; rules_lock
 * @events: a bit for each event that @set has rules of; read without a lock
 * @ops: a bit for each operation that a rule in @set can match; likewise
 * @set: what submissions look up; RCU
 * @rules_lock: protects the change of @set; with @lock, that of @rules
 * @rules: all rules listed, in order of arming; changed under both locks, read
 *	under either
 * @nr_rules: their number; likewise
 * @lock: protects what follows; taken with interrupts off
 * @open: requests may be held (false before power on, during its partition
 *	scan and from the start of power off)
 * @gone: the device is being removed
 * @state: of blkdebug's kind: state= and set_state= of rules; from 1
 * @watchers: struct haltblk_watcher; watch_lock
 * @watch_lock: protects @watchers, their rings and @seq; a leaf, irq-safe
 * @seq: number of the last event record
 * @held: struct haltblk_cmd in the order held
 * @delayed: struct haltblk_cmd that wait for action=delay's time
 * @nr_held: their number
 * @next_id: id of the next one held
 * @tags: struct haltblk_tag
 * @nr_tags: their number
 * @wait: woken when @held, a rule or @gone changes
 * @update: sets @armed anew after a rule spent its count
 */
struct haltblk_gate {
	bool armed;
	bool key_user;
	u32 events;
	u32 ops;
	struct haltblk_ruleset __rcu *set;
	struct mutex rules_lock;
	struct list_head rules;
	unsigned int nr_rules;
	spinlock_t lock;
	bool open;
	bool gone;
	atomic_t state;
	struct list_head watchers;
	spinlock_t watch_lock;
	u64 seq;
	struct list_head held;
	struct list_head delayed;
	unsigned int nr_held;
	u64 next_id;
	struct list_head tags;
	unsigned int nr_tags;
	wait_queue_head_t wait;
	struct work_struct update;
};

/* The option irqmode, as null_blk numbers it. */
enum haltblk_irqmode {
	HALTBLK_IRQ_INLINE	= 0,
	HALTBLK_IRQ_SOFTIRQ	= 1,
	HALTBLK_IRQ_TIMER	= 2,
};

/* struct haltblk_device.flags */
#define HALTBLK_DEV_LOAD	0	/* made at module load */
#define HALTBLK_DEV_QUEUES_BUSY	1	/* @queues_work is under way */

/**
 * struct haltblk_device - one fake disk
 * @group: its configfs directory (unused for those made at load)
 * @ref: reference count
 * @node: in haltblk_devices
 * @name: disk name
 * @flags: bits HALTBLK_DEV_*
 * @index: number while it is powered, else -1
 * @cfg: options; written under @lock, each read as one word without it
 * @lock: power and option writes
 * @gate: breakpoints
 * @store: data; kept over power off
 * @cache: live, @cached: what of @store the media does not have
 * @disk: live: gendisk; written under @lock
 * @set: live, blk-mq: tags
 * @queues: live: @nr_queues of them, all there can be
 * @nr_queues: length of @queues
 * @plain: live: nothing is stored, requests only end
 * @flushes: live: it has a volatile cache, so it gets flushes
 * @cached: live: and that has something to lose
 * @by_cmd: live: requests always go the way that rules see
 * @bare: live: @plain, and no lock model
 * @blocking: live: queue_rq may sleep
 * @irqmode: live: enum haltblk_irqmode
 * @discard: live: what a discard does
 * @slow_end: live: requests do not just end: irqmode, a lock model; bio mode:
 *	@by_cmd, too
 * @locks: live: @nr_locks of lock_model; NULL none
 * @nr_locks: length of @locks
 * @parked: live, bio mode: bios that outlived their submit_bio(), plus one
 * @parked_gone: completed when @parked drops to 0
 * @queues_work: changes the number of hardware queues
 * @queues_submit: what it changes to
 * @queues_poll: what it changes to
 * @queues_err: how it ended
 * @queues_wait: woken when it ended
 */
struct haltblk_device {
	struct config_group group;
	struct kref ref;
	struct list_head node;
	char name[DISK_NAME_LEN];
	unsigned long flags;
	int index;
	struct haltblk_config cfg;
	struct mutex lock;
	struct haltblk_gate gate;
	struct haltblk_store store;
	struct haltblk_cache cache;

	struct gendisk *disk;
	struct blk_mq_tag_set set;
	struct haltblk_queue *queues;
	unsigned int nr_queues;
	bool plain;
	bool flushes;
	bool cached;
	bool by_cmd;
	bool bare;
	bool blocking;
	u8 irqmode;
	struct haltblk_discard discard;
	bool slow_end;
	struct haltblk_lock *locks;
	unsigned int nr_locks;
	atomic_t parked;
	struct completion parked_gone;

	struct work_struct queues_work;
	unsigned int queues_submit;
	unsigned int queues_poll;
	int queues_err;
	wait_queue_head_t queues_wait;
};

/* Does a device with these options get flushes? */
static inline bool haltblk_device_flushes(const struct haltblk_config *cfg)
{
	return READ_ONCE(cfg->cache) || READ_ONCE(cfg->cache_size);
}

static inline bool haltblk_device_powered(const struct haltblk_device *dev)
{
	return READ_ONCE(dev->disk);
}

/* main.c */
extern struct workqueue_struct *haltblk_wq;	/* I/O goes on; may reclaim */
extern struct workqueue_struct *haltblk_free_wq; /* frees pages; I/O may wait */
extern struct workqueue_struct *haltblk_slow_wq; /* all else; may block long */
extern struct haltblk_config haltblk_defaults;
extern int haltblk_major;

/* device.c */
extern struct mutex haltblk_devices_lock;
extern struct list_head haltblk_devices;
int haltblk_device_init(void);
void haltblk_device_exit(void);
struct haltblk_device *haltblk_device_create(const char *name);
void haltblk_device_unlist(struct haltblk_device *dev);
void haltblk_device_put(struct haltblk_device *dev);
struct haltblk_device *haltblk_device_find(const char *name);
int haltblk_device_power_on(struct haltblk_device *dev);
void haltblk_device_power_off(struct haltblk_device *dev, bool gone);
int haltblk_device_set(struct haltblk_device *dev,
		       const struct haltblk_option *opt, const char *text);
int haltblk_device_show(const struct haltblk_device *dev,
			const struct haltblk_option *opt, char *buf,
			size_t len);
void haltblk_device_sum(const struct haltblk_queue *queue,
			struct haltblk_counts *sum);

/* limits.c */
int haltblk_limits_check(const struct haltblk_device *dev);
void haltblk_limits_get(const struct haltblk_device *dev,
			struct haltblk_limits *lim);

/* configfs.c */
int haltblk_configfs_init(void);
void haltblk_configfs_exit(void);
void haltblk_configfs_init_device(struct haltblk_device *dev,
				  const char *name);

/* mq.c */
extern const struct blk_mq_ops haltblk_mq_ops;
extern const struct block_device_operations haltblk_mq_fops;
void haltblk_mq_init_set(struct haltblk_device *dev);
void haltblk_mq_end(struct haltblk_cmd *cmd);
void haltblk_mq_hand_back(struct haltblk_cmd *cmd);

/* bio.c */
int haltblk_bio_init(void);
void haltblk_bio_exit(void);
extern const struct block_device_operations haltblk_bio_fops;
struct haltblk_cmd *haltblk_bio_park(struct haltblk_cmd *cmd);
void haltblk_bio_end(struct haltblk_cmd *cmd);
blk_opf_t haltblk_bio_opf(const struct haltblk_cmd *cmd);

/**
 * haltblk_bio_goes_on - does a command that ends have a step to come?
 * @cmd: its status is final
 */
static inline bool haltblk_bio_goes_on(const struct haltblk_cmd *cmd)
{
	return cmd->flags & HALTBLK_CMD_F_BIO && cmd->seq && !cmd->status;
}

/* cmd.c */
#define HALTBLK_CMD_NR_OPS	32
extern const u8 haltblk_cmd_ops[HALTBLK_CMD_NR_OPS];

/**
 * haltblk_cmd_op - our number of a block layer operation
 * @opf: operation and flags
 *
 * The kernel's own numbers differ from version to version. Operations that no
 * limit of our disks lets through do not arrive.
 */
static __always_inline enum haltblk_op haltblk_cmd_op(blk_opf_t opf)
{
	return haltblk_cmd_ops[(__force u32)opf & (HALTBLK_CMD_NR_OPS - 1)];
}

extern const blk_status_t haltblk_cmd_statuses[HALTBLK_STATUS_NR];
u32 haltblk_cmd_rq_flags(const struct haltblk_cmd *cmd);
void haltblk_cmd_advance(struct haltblk_cmd *cmd);
void haltblk_cmd_fail(struct haltblk_cmd *cmd, blk_status_t status);
void haltblk_cmd_work(struct work_struct *work);
void haltblk_cmd_damage(struct haltblk_cmd *cmd);

/**
 * haltblk_cmd_sector - where a command is at work at an event
 * @cmd: command
 * @event: enum haltblk_event_id
 * @nr_sectors: set to the length
 *
 * Return: first sector: of the extent at unmap, of the block at writeback, else
 * of the request.
 */
static inline u64 haltblk_cmd_sector(const struct haltblk_cmd *cmd, u32 event,
				     u32 *nr_sectors)
{
	bool part = event == HALTBLK_EVENT_UNMAP ||
		    event == HALTBLK_EVENT_WRITEBACK;

	*nr_sectors = part ? cmd->extent_sectors : cmd->nr_sectors;
	return part ? cmd->extent : cmd->sector;
}

/* submitter.c */
void haltblk_submitter_start(void);
void haltblk_submitter_stop(void);
void haltblk_submitter_forget(const struct haltblk_gate *gate);
void haltblk_submitter_identify(struct haltblk_cmd *cmd);

/* data.c */
int haltblk_data_move(struct haltblk_device *dev, struct bio *bio,
		      blk_opf_t opf, u64 sector, u32 nr_sectors,
		      bool may_sleep);
void haltblk_data_erase(struct haltblk_device *dev, u64 pos, u64 len,
			enum haltblk_erase how);

void haltblk_data_damage(struct haltblk_device *dev, struct bio *bio,
			 enum haltblk_op op, u64 sector, u32 bytes);

/* pages.c */
struct page *haltblk_pages_get(gfp_t gfp);
void haltblk_pages_exit(void);

/* events.c */
struct haltblk_watcher;
struct haltblk_watcher *haltblk_events_watch(struct haltblk_gate *gate,
					     u32 what, u32 room);
void haltblk_events_unwatch(struct haltblk_watcher *w);
bool haltblk_events_ready(struct haltblk_watcher *w);
unsigned int haltblk_events_get(struct haltblk_watcher *w,
				struct haltblk_event *out, unsigned int nr);
void haltblk_events_record(struct haltblk_cmd *cmd, enum haltblk_what what,
			   const struct haltblk_rule_state *rule, u32 event);

/**
 * haltblk_events_on - does anybody watch?
 * @gate: gate
 */
static inline bool haltblk_events_on(const struct haltblk_gate *gate)
{
	return READ_ONCE(gate->watchers.next) != &gate->watchers;
}

/**
 * haltblk_gate_minds - can any rule match such an operation at all?
 * @gate: gate
 * @op: operation
 *
 * Most of what an armed device gets needs no look at its rules.
 */
static inline bool haltblk_gate_minds(const struct haltblk_gate *gate,
				      enum haltblk_op op)
{
	return READ_ONCE(gate->ops) & BIT(op);
}

/* gate.c */
DECLARE_STATIC_KEY_FALSE(haltblk_gate_key);

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

/**
 * struct haltblk_verdict - how released commands go on
 * @fail: end them with @status, else from where they are
 * @status: block status
 */
struct haltblk_verdict {
	bool fail;
	blk_status_t status;
};

void haltblk_gate_init(struct haltblk_gate *gate);
void haltblk_gate_destroy(struct haltblk_gate *gate);
void haltblk_gate_exit(void);
void haltblk_gate_take_delayed(struct haltblk_gate *gate,
			       struct list_head *taken);
int haltblk_gate_backtrace(struct haltblk_gate *gate, u64 id,
			   struct haltblk_stack *stack);
int haltblk_gate_step(struct haltblk_gate *gate, u64 id, u32 *event);
bool haltblk_gate_hold(struct haltblk_cmd *cmd, struct haltblk_rule_state *rule,
		       enum haltblk_event_id event);
void haltblk_gate_take(struct haltblk_gate *gate, struct haltblk_cmd *cmd,
		       struct list_head *taken);
unsigned int haltblk_gate_let_go(struct list_head *taken,
				 struct haltblk_verdict verdict);
unsigned int haltblk_gate_release(struct haltblk_gate *gate, const char *tag,
				  struct haltblk_verdict verdict);
int haltblk_gate_release_ids(struct haltblk_gate *gate, const u64 *ids, u32 nr,
			     const char *tag, struct haltblk_verdict verdict,
			     u64 *odd);
bool haltblk_gate_time_out(struct haltblk_gate *gate, struct haltblk_cmd *cmd,
			   bool fire);
void haltblk_gate_open(struct haltblk_gate *gate);
void haltblk_gate_shut(struct haltblk_gate *gate, bool gone, bool fail);
void haltblk_gate_set_armed(struct haltblk_gate *gate);
int haltblk_gate_wait_key(struct haltblk_gate *gate);

/* pass.c */
bool haltblk_pass_event(struct haltblk_cmd *cmd, enum haltblk_event_id event);
bool haltblk_pass_near(struct haltblk_gate *gate, enum haltblk_op op,
		       u64 sector, u32 nr_sectors);

/**
 * haltblk_pass_wants - does a request have to go the way that rules see?
 * @dev: its device
 * @opf: its operation and flags
 * @sector: first sector
 * @nr_sectors: length
 */
static __always_inline bool haltblk_pass_wants(struct haltblk_device *dev,
					       blk_opf_t opf, u64 sector,
					       u32 nr_sectors)
{
	return haltblk_gate_armed(dev) &&
	       haltblk_pass_near(&dev->gate, haltblk_cmd_op(opf), sector,
				 nr_sectors);
}

/* breaks.c */
int haltblk_breaks_arm(struct haltblk_device *dev,
		       const struct haltblk_rule *spec,
		       struct haltblk_owner *owner,
		       char *why);
int haltblk_breaks_recheck(struct haltblk_device *dev);
void haltblk_breaks_remove(struct haltblk_gate *gate, const char *tag,
			   const struct haltblk_owner *owner,
			   struct haltblk_verdict verdict,
			   u32 *removed, u32 *released);
struct haltblk_tag *haltblk_breaks_tag(struct haltblk_gate *gate,
				       const char *name);
void haltblk_breaks_put_rule(struct haltblk_rule_state *rule);

/* owner.c */

/**
 * struct haltblk_owner - whom the rules of a session belong to
 * @dev: its device, from the first rule on
 * @opener: the process that opened the session, a reference
 * @look: looks whether it is being killed; queued while its rules hold something
 * @stuck: it was, at the last look
 */
struct haltblk_owner {
	struct haltblk_device *dev;
	struct pid *opener;
	struct delayed_work look;
	bool stuck;
};

void haltblk_owner_init(struct haltblk_owner *owner);
void haltblk_owner_watch(struct haltblk_owner *owner);
void haltblk_owner_exit(struct haltblk_owner *owner);

/* control.c */
int haltblk_control_init(void);
void haltblk_control_exit(void);

#endif /* HALTBLK_H */
