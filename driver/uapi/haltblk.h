/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * haltblk: kernel interface of /dev/haltblk-control.
 *
 * Opening the control device starts a session. HALTBLK_IOC_ATTACH binds it to a
 * device, and all other calls except QUERY, LIST, CRASH, RECORD and MARK then
 * apply to that device.
 * Closing the session's last file descriptor removes the rules that it owns and
 * releases the requests that they hold.
 *
 * Each structure starts with struct haltblk_hdr, whose size field is the size
 * of the whole structure as the caller knows it. The kernel accepts a longer
 * structure if all bytes that it does not know are zero (else E2BIG). It
 * refuses one that is shorter than the first version, HALTBLK_..._SIZE_0
 * (EINVAL). Fields that a caller's structure lacks count as zero, and the
 * kernel never writes past the caller's size. ioctl numbers do not encode a
 * size. The kernel refuses unknown flag bits, unknown enumerators and reserved
 * fields that are not zero with EINVAL.
 *
 * Structures grow only at their end. Each new version adds a constant, next
 * HALTBLK_..._SIZE_1, and leaves the older ones unchanged.
 *
 * Sectors have 512 bytes. Strings are NUL-terminated within their array.
 * Times are CLOCK_MONOTONIC in nanoseconds unless a name says otherwise.
 */
#ifndef _UAPI_HALTBLK_H
#define _UAPI_HALTBLK_H

#include <linux/ioctl.h>
#include <linux/types.h>

#include "haltblk_words.h"

#define HALTBLK_ABI_VERSION	1

#define HALTBLK_NAME_LEN	32	/* disk name, with its NUL */
#define HALTBLK_TAG_LEN		32	/* tag of a rule, with its NUL */
#define HALTBLK_COMM_LEN	16	/* process name, with its NUL */
#define HALTBLK_WHY_LEN		128	/* room for a reason, with its NUL */

/*
 * Discarded bytes read as this with discard_reads=poison. The kernel's own
 * poison values do not use it, and it is not ASCII, 0 or 0xff.
 */
#define HALTBLK_POISON		0xdb

#define HALTBLK_MAX_RULES	1000	/* most rules of a device */
#define HALTBLK_MAX_SESSIONS	4096	/* most open sessions, else ENFILE */
#define HALTBLK_MAX_WATCHERS	64	/* most sessions that watch a device */

/*
 * Enumerators from the rows of haltblk_words.h: HALTBLK_EVENT_SUBMIT to _UNMAP,
 * HALTBLK_OP_READ to _ZONE_FINISH, HALTBLK_ACTION_HOLD to _COUNT,
 * HALTBLK_STATUS_OK to _INVAL. Each ..._NR is one past the last.
 */
#define HALTBLK_X(name, nr, word, offered, arg, text)			\
	HALTBLK_EVENT_##name = (nr),
enum haltblk_event_id {
	HALTBLK_EVENTS(HALTBLK_X)
	HALTBLK_EVENT_NR
};
#undef HALTBLK_X

#define HALTBLK_EVENT_NONE	(~0U)

#define HALTBLK_X(name, nr, word, offered, arg, text)			\
	HALTBLK_OP_##name = (nr),
enum haltblk_op {
	HALTBLK_OPS(HALTBLK_X)
	HALTBLK_OP_NR
};
#undef HALTBLK_X

#define HALTBLK_X(name, nr, word, offered, arg, text)			\
	HALTBLK_ACTION_##name = (nr),
enum haltblk_action {
	HALTBLK_ACTIONS(HALTBLK_X)
	HALTBLK_ACTION_NR
};
#undef HALTBLK_X

#define HALTBLK_X(name, nr, word, offered, arg, text)			\
	HALTBLK_STATUS_##name = (nr),
enum haltblk_status {
	HALTBLK_STATUSES(HALTBLK_X)
	HALTBLK_STATUS_NR
};
#undef HALTBLK_X

/* Flags of rules and of held requests: HALTBLK_RQ_FUA to _NOUNMAP. */
#define HALTBLK_X(name, nr, word, offered, arg, text)			\
	HALTBLK_RQ_##name = 1U << (nr),
enum haltblk_rq_flag {
	HALTBLK_RQ_FLAGS(HALTBLK_X)
};
#undef HALTBLK_X
#define HALTBLK_RQ_ALL		(0U HALTBLK_RQ_FLAGS(HALTBLK_WORD_BIT))

/**
 * struct haltblk_hdr - start of every structure
 * @size: size of the whole structure as the caller knows it
 * @flags: flags of the structure
 * @why: address of HALTBLK_WHY_LEN bytes, or 0. On an error the kernel writes
 *	a text there that says what it refuses and what it would take, or "".
 *	On success it writes nothing, except that HALTBLK_IOC_BREAK warns of a
 *	rule that nothing can match with the device's current options.
 */
struct haltblk_hdr {
	__u32 size;
	__u32 flags;
	__aligned_u64 why;
};

/**
 * struct haltblk_query - what this driver can do (HALTBLK_IOC_QUERY)
 * @hdr: no flags
 * @abi: out: HALTBLK_ABI_VERSION of the driver
 * @events: out: one bit for each enum haltblk_event_id that a rule may use
 * @ops: out: one bit for each enum haltblk_op that a rule may use
 * @actions: out: one bit for each enum haltblk_action that a rule may use
 * @keys: out: the HALTBLK_KEY_* bits that a rule may use
 * @statuses: out: one bit for each enum haltblk_status with which a request can
 *	end
 * @ioctls: out: one bit for each ioctl number
 */
struct haltblk_query {
	struct haltblk_hdr hdr;
	__u32 abi;
	__u32 events;
	__u32 ops;
	__u32 actions;
	__u32 keys;
	__u32 statuses;
	__aligned_u64 ioctls;
};
#define HALTBLK_QUERY_SIZE_0	48

/**
 * struct haltblk_attach - bind the session to a device (HALTBLK_IOC_ATTACH)
 * @hdr: no flags
 * @name: disk name, without /dev/
 *
 * ENODEV: there is no haltblk device of that name. EBUSY: the session is
 * already attached. ENAMETOOLONG: @name has no NUL. The device need not be
 * powered.
 */
struct haltblk_attach {
	struct haltblk_hdr hdr;
	char name[HALTBLK_NAME_LEN];
};
#define HALTBLK_ATTACH_SIZE_0	48

/* hdr.flags of struct haltblk_rule */
#define HALTBLK_RULE_F_SESSION	(1U << 0)	/* the session owns it */
#define HALTBLK_RULE_F_NOT_PID	(1U << 1)	/* any process but @pid */
#define HALTBLK_RULE_F_NOT_COMM	(1U << 2)	/* any name but @comm */

/* Conditions in struct haltblk_rule.keys: HALTBLK_KEY_OPS to _CHANCE. */
#define HALTBLK_X(name, nr, word, offered, arg, text)			\
	HALTBLK_KEY_##name = 1U << (nr),
enum haltblk_key {
	HALTBLK_KEYS(HALTBLK_X)
};
#undef HALTBLK_X

/**
 * struct haltblk_rule - a breakpoint (HALTBLK_IOC_BREAK; listed by RULES)
 * @hdr: HALTBLK_RULE_F_*; in a table, hdr.size is the size of the entry
 * @tag: name of the rule, 1 to 31 printable characters without blanks, '='
 *	and ','. Several rules may have the same tag.
 * @event: state in which the rule acts, enum haltblk_event_id
 * @action: enum haltblk_action
 * @keys: the conditions that the rule uses; the fields of others must be 0
 * @ops: one bit for each enum haltblk_op
 * @sector: first sector of the range that a request must overlap
 * @nr_sectors: length of that range, at least 1; it must end on the device
 * @hctx: hardware queue number (blk-mq only)
 * @cpu: number of the submitting processor
 * @pid: process (tgid) in the pid namespace of the caller
 * @rq_flags: HALTBLK_RQ_* that must all be set
 * @comm: name of the submitter
 * @state: state that the device must be in, 1 or more
 * @set_state: state to which the device goes when the rule acts, 1 or more
 * @chance: act on one match in this many, 1 or more
 * @reserved: 0
 * @skip: matches to let pass first
 * @count: matches to act on after that; 0 means all
 * @arg: argument of @action; 0 if it takes none
 * @matches: out (RULES): requests that met all conditions while it was armed
 * @hits: out (RULES): requests that it acted on
 * @held: out (RULES): requests that it holds now
 * @armed: out (RULES): 1 while it can act, 0 once it is spent
 *
 * ENOSPC: the device has HALTBLK_MAX_RULES rules. EINVAL: a field or a
 * combination is not legal; hdr.why tells which.
 */
struct haltblk_rule {
	struct haltblk_hdr hdr;
	char tag[HALTBLK_TAG_LEN];
	__u32 event;
	__u32 action;
	__u32 keys;
	__u32 ops;
	__aligned_u64 sector;
	__aligned_u64 nr_sectors;
	__u32 hctx;
	__u32 cpu;
	__s32 pid;
	__u32 rq_flags;
	char comm[HALTBLK_COMM_LEN];
	__u32 state;
	__u32 set_state;
	__u32 chance;
	__u32 reserved;
	__aligned_u64 skip;
	__aligned_u64 count;
	__aligned_u64 arg;
	__aligned_u64 matches;
	__aligned_u64 hits;
	__u32 held;
	__u32 armed;
};
#define HALTBLK_RULE_SIZE_0	176

/* hdr.flags of struct haltblk_remove */
#define HALTBLK_REMOVE_F_ALL	(1U << 0)	/* all rules; @tag is "" */

/**
 * struct haltblk_remove - remove rules and release what they hold
 *	(HALTBLK_IOC_REMOVE)
 * @hdr: HALTBLK_REMOVE_F_*
 * @tag: tag of the rules
 * @removed: out: number of rules removed
 * @released: out: number of requests released, in the order they were held
 *
 * ENOENT: no rule ever had @tag.
 */
struct haltblk_remove {
	struct haltblk_hdr hdr;
	char tag[HALTBLK_TAG_LEN];
	__u32 removed;
	__u32 released;
};
#define HALTBLK_REMOVE_SIZE_0	56

/**
 * struct haltblk_wait - wait until requests are held (HALTBLK_IOC_WAIT)
 * @hdr: no flags
 * @tag: tag of the rules
 * @count: how many requests must be held under @tag, at least 1
 * @reserved: 0
 * @timeout_ns: how long to wait; 0 does not wait; UINT64_MAX waits for ever
 * @matches: out: matches of all rules that have @tag now
 * @hits: out: hits of all rules that ever had @tag
 * @held: out: requests held under @tag now
 * @armed: out: rules of @tag that can still act
 *
 * ETIME: @count was not reached in time. ENOENT: no rule ever had @tag.
 * ECANCELED: all rules of @tag are gone and fewer than @count requests are
 * held. ENODEV: the device is being removed. EINTR: a signal came. The out
 * fields are set in all cases except ENOENT and ENODEV.
 */
struct haltblk_wait {
	struct haltblk_hdr hdr;
	char tag[HALTBLK_TAG_LEN];
	__u32 count;
	__u32 reserved;
	__aligned_u64 timeout_ns;
	__aligned_u64 matches;
	__aligned_u64 hits;
	__u32 held;
	__u32 armed;
};
#define HALTBLK_WAIT_SIZE_0	88

/* hdr.flags of struct haltblk_resume: exactly one of the first three */
#define HALTBLK_RESUME_F_TAG	(1U << 0)	/* all held under @tag */
#define HALTBLK_RESUME_F_IDS	(1U << 1)	/* those in @ids, in that order */
#define HALTBLK_RESUME_F_ALL	(1U << 2)	/* all held requests */
#define HALTBLK_RESUME_F_STATUS	(1U << 3)	/* end them with @status */

/**
 * struct haltblk_resume - release held requests (HALTBLK_IOC_RESUME)
 * @hdr: HALTBLK_RESUME_F_*
 * @tag: for F_TAG; with F_IDS "", or a tag under which each id must be held
 * @ids: address of @nr_ids __u64, the ids of held requests
 * @nr_ids: 1 to 65536, each id only once
 * @status: with F_STATUS: enum haltblk_status
 * @released: out: number of requests released
 * @reserved: 0
 *
 * By tag and all, requests go in the order they were held, and it is no error
 * if none is held. ENOENT: no rule ever had @tag, or an id is not held; then
 * nothing is released, and hdr.why names the id.
 */
struct haltblk_resume {
	struct haltblk_hdr hdr;
	char tag[HALTBLK_TAG_LEN];
	__aligned_u64 ids;
	__u32 nr_ids;
	__u32 status;
	__u32 released;
	__u32 reserved;
};
#define HALTBLK_RESUME_SIZE_0	72

/**
 * struct haltblk_held - one held request
 * @id: number of the request, unique on its device
 * @sector: first sector; at unmap, of the extent that is about to be freed; at
 *	writeback, of the block that is about to leave the cache
 * @sectors: length in sectors; 0 for a flush, except at writeback
 * @held_ns: CLOCK_MONOTONIC when it was held
 * @age_ns: how long it has been held
 * @event: state in which it is held, enum haltblk_event_id
 * @op: enum haltblk_op
 * @rq_flags: HALTBLK_RQ_*
 * @hctx: hardware queue, -1 in bio mode
 * @cpu: processor that submitted it to the driver
 * @pid: process (tgid) that submitted it, in the pid namespace of the caller; 0
 *	if it is unknown
 * @tag: tag of the rule that holds it
 * @comm: name of the submitter, "" if it is unknown
 */
struct haltblk_held {
	__aligned_u64 id;
	__aligned_u64 sector;
	__aligned_u64 sectors;
	__aligned_u64 held_ns;
	__aligned_u64 age_ns;
	__u32 event;
	__u32 op;
	__u32 rq_flags;
	__s32 hctx;
	__u32 cpu;
	__s32 pid;
	char tag[HALTBLK_TAG_LEN];
	char comm[HALTBLK_COMM_LEN];
};

/**
 * struct haltblk_table - fetch a table
 *	(HALTBLK_IOC_HELD, _RULES, _HCTX_STATS, _LIST, _CONFIG, _LOCKS, _PENDING)
 * @hdr: no flags
 * @buf: address of room for @nr entries
 * @nr: in: entries that fit; out: entries that exist. If not all fit, only the
 *	first ones are written; call again with more room.
 * @entry_size: size of an entry as the caller knows it; the kernel cuts entries
 *	to this size or pads them with zeroes
 *
 * Entries: struct haltblk_held in the order held, struct haltblk_rule in the
 * order armed, struct haltblk_hctx_stats by queue, struct haltblk_list_entry,
 * struct haltblk_config_entry in the order of the table of options, struct
 * haltblk_lock_stats by queue, or submission before completion, struct
 * haltblk_pending in the order in which the writes took effect.
 */
struct haltblk_table {
	struct haltblk_hdr hdr;
	__aligned_u64 buf;
	__u32 nr;
	__u32 entry_size;
};
#define HALTBLK_TABLE_SIZE_0	32

/* flags of struct haltblk_list_entry */
#define HALTBLK_DEV_F_POWERED	(1U << 0)
#define HALTBLK_DEV_F_LOAD	(1U << 1)	/* made at module load */

/**
 * struct haltblk_list_entry - one device
 * @name: disk name
 * @index: number of the device while it is powered, else UINT32_MAX
 * @flags: HALTBLK_DEV_F_*
 */
struct haltblk_list_entry {
	char name[HALTBLK_NAME_LEN];
	__u32 index;
	__u32 flags;
};

/**
 * struct haltblk_config_entry - one option of a device
 * @name: name of its configfs attribute
 * @value: what that attribute reads, without the newline
 */
struct haltblk_config_entry {
	char name[HALTBLK_NAME_LEN];
	char value[32];
};

/**
 * struct haltblk_hctx_stats - counts of one hardware queue, or of bio mode
 * @submitted: requests that reached the driver
 * @completed: requests that have ended, with or without an error
 * @failed: requests that ended with an error
 * @held: requests held now
 * @hctx: number of the queue, -1 in bio mode
 */
struct haltblk_hctx_stats {
	__aligned_u64 submitted;
	__aligned_u64 completed;
	__aligned_u64 failed;
	__u32 held;
	__s32 hctx;
};

/**
 * struct haltblk_lock_stats - counts of one lock of the option lock_model
 * @name: haltblk_lock_hctx, haltblk_lock_submit, haltblk_lock_complete or
 *	haltblk_lock_shared, as in /proc/lock_stat
 * @acquisitions: how often it was taken since power on
 * @contended: how often it was not free when a request wanted it
 * @wait_ns: time that requests spent waiting for it
 * @hold_ns: time that it was held because of lock_hold_nsec
 * @hctx: for haltblk_lock_hctx the number of the hardware queue, or in bio mode
 *	that of the group of CPUs; else -1
 * @reserved: 0
 *
 * There are no entries with lock_model=none or without power. While requests
 * are under way, the numbers of a lock may be from slightly different times.
 */
struct haltblk_lock_stats {
	char name[HALTBLK_NAME_LEN];
	__aligned_u64 acquisitions;
	__aligned_u64 contended;
	__aligned_u64 wait_ns;
	__aligned_u64 hold_ns;
	__s32 hctx;
	__u32 reserved;
};

/**
 * struct haltblk_stats - counts of a device (HALTBLK_IOC_STATS)
 * @hdr: no flags
 * @submitted: out: requests that reached the driver since power on
 * @completed: out: requests that have ended
 * @failed: out: requests that ended with an error
 * @inflight: out: requests submitted and not completed
 * @held: out: requests held now
 * @nr_hctx: out: hardware queues; 0 in bio mode and without power
 * @stored_pages: out: pages of data in the store (memory_backed)
 * @cached_blocks: out: blocks (pages) that a power off would lose now
 * @shared_pages: out: pages, stale ones too, that clones share, or shared once
 *	and the device has not written since
 */
struct haltblk_stats {
	struct haltblk_hdr hdr;
	__aligned_u64 submitted;
	__aligned_u64 completed;
	__aligned_u64 failed;
	__aligned_u64 inflight;
	__u32 held;
	__u32 nr_hctx;
	__aligned_u64 stored_pages;
	__aligned_u64 cached_blocks;
	__aligned_u64 shared_pages;
};
#define HALTBLK_STATS_SIZE_0	72
#define HALTBLK_STATS_SIZE_1	80	/* @shared_pages */

/**
 * struct haltblk_step - release one request to its next state
 *	(HALTBLK_IOC_STEP)
 * @hdr: no flags
 * @id: id of a held request
 * @event: out: the state in which it is held again, under the same tag, enum
 *	haltblk_event_id; HALTBLK_EVENT_NONE: it has ended, or is on its way to
 *	the next state
 * @reserved: 0
 *
 * ENOENT: the id is not held.
 */
struct haltblk_step {
	struct haltblk_hdr hdr;
	__aligned_u64 id;
	__u32 event;
	__u32 reserved;
};
#define HALTBLK_STEP_SIZE_0	32

/**
 * struct haltblk_backtrace - the stack that submitted a held request
 *	(HALTBLK_IOC_BACKTRACE)
 * @hdr: no flags
 * @id: id of a held request
 * @buf: address of room for the text: a line for each frame, innermost first,
 *	"function+0xoffset/0xsize [module]"; NUL-terminated
 * @len: in: bytes of room, at least 1; out: bytes needed, with the NUL. Text
 *	that does not fit is cut off.
 * @reserved: 0
 *
 * ENOENT: the id is not held. ENODATA: its submitter is unknown.
 */
struct haltblk_backtrace {
	struct haltblk_hdr hdr;
	__aligned_u64 id;
	__aligned_u64 buf;
	__u32 len;
	__u32 reserved;
};
#define HALTBLK_BACKTRACE_SIZE_0	40

/* What happened, struct haltblk_event.what: HALTBLK_WHAT_SUBMITTED to _LOST. */
#define HALTBLK_X(name, nr, word, offered, arg, text)			\
	HALTBLK_WHAT_##name = (nr),
enum haltblk_what {
	HALTBLK_WHATS(HALTBLK_X)
	HALTBLK_WHAT_NR
};
#undef HALTBLK_X

/**
 * struct haltblk_event - an event record, as read() of a session returns it
 * @size: size of this record, and offset of the next one
 * @what: enum haltblk_what
 * @seq: number, counted for each device; a gap means records that were lost or
 *	that the session does not watch
 * @time_ns: CLOCK_MONOTONIC
 * @id: number of the request, unique on the device; 0 in LOST
 * @sector: first sector; in HELD, RELEASED and ACTED: at unmap, of the extent
 *	that is about to be freed; at writeback, of the block that is about to
 *	leave the cache
 * @sectors: length in sectors; 0 for a flush, except at writeback
 * @lost: LOST: number of lost records
 * @op: enum haltblk_op
 * @event: HELD, RELEASED, ACTED: the state, enum haltblk_event_id
 * @action: ACTED: enum haltblk_action
 * @status: FAILED: enum haltblk_status (IOERR if the block layer's status has
 *	no number here)
 * @hctx: hardware queue, -1 in bio mode
 * @reserved: 0
 * @tag: HELD, RELEASED, ACTED: tag of the rule
 */
struct haltblk_event {
	__u32 size;
	__u32 what;
	__aligned_u64 seq;
	__aligned_u64 time_ns;
	__aligned_u64 id;
	__aligned_u64 sector;
	__aligned_u64 sectors;
	__aligned_u64 lost;
	__u32 op;
	__u32 event;
	__u32 action;
	__u32 status;
	__s32 hctx;
	__u32 reserved;
	char tag[HALTBLK_TAG_LEN];
};
#define HALTBLK_EVENT_SIZE_0	112

/**
 * struct haltblk_watch - record events (HALTBLK_IOC_WATCH)
 * @hdr: no flags
 * @what: one bit for each enum haltblk_what to record; 0 stops. LOST is always
 *	recorded and has no bit.
 * @room: records that may wait to be read, 1 to 65536; 0 if @what is 0
 * @entry_size: size of a record as the caller knows it, at least
 *	HALTBLK_EVENT_SIZE_0; 0 means that. The kernel cuts records to this size
 *	or pads them with zeroes, and sets their size field to it.
 * @reserved: 0
 *
 * After this, read() returns as many whole records as fit. It fails with EINVAL
 * if the buffer is too small for one, and with EAGAIN if there is none and
 * O_NONBLOCK is set. It returns 0 if the session watches nothing or the device
 * is gone. poll() reports POLLIN if there is a record, and POLLHUP if the
 * device is gone. EBUSY: the session is already watching. ENOSPC:
 * HALTBLK_MAX_WATCHERS sessions watch the device. The partition scan at power
 * on is not recorded.
 */
struct haltblk_watch {
	struct haltblk_hdr hdr;
	__u32 what;
	__u32 room;
	__u32 entry_size;
	__u32 reserved;
};
#define HALTBLK_WATCH_SIZE_0	24
#define HALTBLK_WATCH_SIZE_1	32	/* @entry_size, @reserved */

#include "haltblk_crash.h"

#define HALTBLK_IOC_MAGIC	0xb7
#define HALTBLK_IOC_QUERY	_IO(HALTBLK_IOC_MAGIC, 0)
#define HALTBLK_IOC_ATTACH	_IO(HALTBLK_IOC_MAGIC, 1)
#define HALTBLK_IOC_BREAK	_IO(HALTBLK_IOC_MAGIC, 2)
#define HALTBLK_IOC_REMOVE	_IO(HALTBLK_IOC_MAGIC, 3)
#define HALTBLK_IOC_WAIT	_IO(HALTBLK_IOC_MAGIC, 4)
#define HALTBLK_IOC_RESUME	_IO(HALTBLK_IOC_MAGIC, 5)
#define HALTBLK_IOC_HELD	_IO(HALTBLK_IOC_MAGIC, 6)
#define HALTBLK_IOC_RULES	_IO(HALTBLK_IOC_MAGIC, 7)
#define HALTBLK_IOC_STATS	_IO(HALTBLK_IOC_MAGIC, 8)
#define HALTBLK_IOC_HCTX_STATS	_IO(HALTBLK_IOC_MAGIC, 9)
#define HALTBLK_IOC_LIST	_IO(HALTBLK_IOC_MAGIC, 10)
#define HALTBLK_IOC_CONFIG	_IO(HALTBLK_IOC_MAGIC, 11)
#define HALTBLK_IOC_STEP	_IO(HALTBLK_IOC_MAGIC, 12)
#define HALTBLK_IOC_BACKTRACE	_IO(HALTBLK_IOC_MAGIC, 13)
#define HALTBLK_IOC_WATCH	_IO(HALTBLK_IOC_MAGIC, 14)
#define HALTBLK_IOC_LOCKS	_IO(HALTBLK_IOC_MAGIC, 15)
#define HALTBLK_IOC_CLONE	_IO(HALTBLK_IOC_MAGIC, 16)
#define HALTBLK_IOC_CRASH	_IO(HALTBLK_IOC_MAGIC, 17)
#define HALTBLK_IOC_PENDING	_IO(HALTBLK_IOC_MAGIC, 18)
#define HALTBLK_IOC_RECORD	_IO(HALTBLK_IOC_MAGIC, 19)
#define HALTBLK_IOC_MARK	_IO(HALTBLK_IOC_MAGIC, 20)
#define HALTBLK_IOC_PATCH	_IO(HALTBLK_IOC_MAGIC, 21)
#define HALTBLK_IOC_EXTENTS	_IO(HALTBLK_IOC_MAGIC, 22)

#endif /* _UAPI_HALTBLK_H */
