/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * haltblk: the part of the kernel interface that deals with power cuts: cutting
 * the power, cloning a device, recording its requests and writing to a device
 * without power. haltblk.h includes it, and explains sizes, flags and reserved
 * fields.
 *
 * A write is pending if a power cut now could lose it: it has reached the
 * driver and no later flush has made it durable.
 *
 * No driver has RECORD, MARK, PATCH and EXTENTS yet, as HALTBLK_IOC_QUERY tells.
 * Until one has, their structures may change.
 */
#ifndef _UAPI_HALTBLK_CRASH_H
#define _UAPI_HALTBLK_CRASH_H

#define HALTBLK_MAX_KEEP_IDS	65536	/* most ids of struct haltblk_keep */
#define HALTBLK_MAX_CRASH	64	/* most devices of struct haltblk_crash */
#define HALTBLK_MAX_RECORD	8	/* most devices of a record */
#define HALTBLK_MARK_LEN	256	/* text of a mark, with its NUL */

/* What remains of the pending writes, struct haltblk_keep.how. */
enum haltblk_keep_how {
	HALTBLK_KEEP_LIVE	= 0,	/* as reads see it; only for CLONE */
	HALTBLK_KEEP_FLUSHED	= 1,	/* nothing */
	HALTBLK_KEEP_ALL	= 2,	/* all that have taken effect */
	HALTBLK_KEEP_SEED	= 3,	/* each or not, by a hash of seed and id */
	HALTBLK_KEEP_IDS	= 4,	/* those listed */
	HALTBLK_KEEP_DROP	= 5,	/* all but those listed */
	HALTBLK_KEEP_NR
};

/**
 * struct haltblk_keep_id - one pending write
 * @id: id of the request, as HALTBLK_IOC_PENDING tells it
 * @first: first sector that is kept, counted from that of the write
 * @sectors: number of sectors that are kept; 0: with HALTBLK_KEEP_IDS all of
 *	the write, with HALTBLK_KEEP_DROP none of it
 *
 * @first and @sectors are whole logical blocks of the write. An atomic write and
 * a discard are kept or dropped whole.
 */
struct haltblk_keep_id {
	__aligned_u64 id;
	__u32 first;
	__u32 sectors;
};

/**
 * struct haltblk_keep - what remains of the pending writes
 * @how: enum haltblk_keep_how
 * @nr_ids: number of @ids, at most HALTBLK_MAX_KEEP_IDS; 0 without ids
 * @ids: address of @nr_ids struct haltblk_keep_id, each id only once
 * @seed: for HALTBLK_KEEP_SEED; else 0
 *
 * HALTBLK_KEEP_SEED, _IDS and _DROP need a record that is under way.
 */
struct haltblk_keep {
	__u32 how;
	__u32 nr_ids;
	__aligned_u64 ids;
	__aligned_u64 seed;
};

/* hdr.flags of struct haltblk_clone */
#define HALTBLK_CLONE_F_OPTIONS	(1U << 0)	/* take over its options, too */

/**
 * struct haltblk_clone - replace the data by that of another device
 *	(HALTBLK_IOC_CLONE)
 * @hdr: HALTBLK_CLONE_F_*
 * @source: the other device, powered or not
 * @keep: which pending writes of @source the clone has
 *
 * The session's device must be without power. Afterwards it has the data that
 * the other device had at one instant inside the call: with HALTBLK_KEEP_LIVE
 * as reads saw it, otherwise as a power cut would have left it. Requests that a
 * rule holds are neither ended nor waited for. The two devices share pages until
 * one of them writes. The options include latencies, but neither rules, bad
 * blocks nor injected faults.
 *
 * Without HALTBLK_CLONE_F_OPTIONS, both must have the same size, blocksize and
 * discard_reads. EBUSY: the session's device is powered, or about to be. ENODEV:
 * it is being removed. EINVAL: hdr.why tells which option is wrong; a device
 * with zoned=1, pi_type, memory_backed=0 or blocks larger than a page cannot be
 * cloned. EOPNOTSUPP: @keep needs a record, and none is under way. ENXIO: no
 * device is called @source. ENOMEM, and EINTR if killed: the session's device
 * may have no data. In all other cases its data is unchanged.
 */
struct haltblk_clone {
	struct haltblk_hdr hdr;
	char source[HALTBLK_NAME_LEN];
	struct haltblk_keep keep;
};
#define HALTBLK_CLONE_SIZE_0	48
#define HALTBLK_CLONE_SIZE_1	72	/* @keep */

/**
 * struct haltblk_crash_device - a device whose power is cut
 * @name: disk name
 * @keep: which of its pending writes remain; not HALTBLK_KEEP_LIVE
 */
struct haltblk_crash_device {
	char name[HALTBLK_NAME_LEN];
	struct haltblk_keep keep;
};
#define HALTBLK_CRASH_DEVICE_SIZE_0	56

/**
 * struct haltblk_crash - cut the power of devices at one instant
 *	(HALTBLK_IOC_CRASH)
 * @hdr: no flags
 * @devices: address of @nr_devices struct haltblk_crash_device
 * @nr_devices: 1 to HALTBLK_MAX_CRASH, each device only once
 * @device_size: size of one of them as the caller knows it
 *
 * Needs no ATTACH. What begins after the cut has no effect on any of the
 * devices, and nothing ends before all of them are dead. Requests that are in
 * flight, held or delayed end with IOERR. When the call returns, the devices
 * are without power.
 *
 * If a device is refused, none is changed and hdr.why names it. ENODEV: no
 * haltblk device has that name, or it is being removed. ENXIO: the device is
 * without power. EBUSY: its power is being switched, or a cut of it is under
 * way. EINVAL: a device with zoned=1 or memory_backed=0. EOPNOTSUPP: keep needs
 * a record, and none is under way. EINTR: killed; before the cut, nothing was
 * changed; afterwards, the power goes off all the same.
 */
struct haltblk_crash {
	struct haltblk_hdr hdr;
	__aligned_u64 devices;
	__u32 nr_devices;
	__u32 device_size;
};
#define HALTBLK_CRASH_SIZE_0	32

/**
 * struct haltblk_pending - what a power cut could lose (listed by PENDING)
 * @id: id of the request; 0: a block of the volatile cache
 * @sector: first sector
 * @sectors: length in sectors
 * @op: enum haltblk_op
 * @completed: 1 if its submitter has been told that it is done
 * @reserved: 0
 * @flags: HALTBLK_RQ_*
 * @reserved2: 0
 * @order: number, ascending in the order in which the writes took effect
 *
 * Without a record, the device knows only the blocks of its volatile cache.
 */
struct haltblk_pending {
	__aligned_u64 id;
	__aligned_u64 sector;
	__u32 sectors;
	__u8 op;
	__u8 completed;
	__u16 reserved;
	__u32 flags;
	__u32 reserved2;
	__aligned_u64 order;
};

/* hdr.flags of struct haltblk_record */
#define HALTBLK_RECORD_F_STOP	(1U << 0)	/* end the session's record */

/**
 * struct haltblk_record - record all requests of devices (HALTBLK_IOC_RECORD)
 * @hdr: HALTBLK_RECORD_F_*
 * @names: address of @nr names, each of HALTBLK_NAME_LEN bytes; 0 to stop
 * @nr: 1 to HALTBLK_MAX_RECORD, each device only once; 0 to stop
 * @room_mib: MiB of kernel memory for what has not been read, 1 to 65536; 0 to
 *	stop
 * @entry_size: out: size of struct haltblk_record_entry in this driver
 * @reserved: 0
 *
 * Needs no ATTACH. After this, read() returns entries, as many whole ones as
 * fit, and poll() reports POLLIN if there is one. read() returns 0 behind the
 * entry HALTBLK_RECORD_END. A record never makes a request wait: it ends when
 * it runs out of room.
 */
struct haltblk_record {
	struct haltblk_hdr hdr;
	__aligned_u64 names;
	__u32 nr;
	__u32 room_mib;
	__u32 entry_size;
	__u32 reserved;
};
#define HALTBLK_RECORD_SIZE_0	40

/* What an entry of a record says, struct haltblk_record_entry.what. */
enum haltblk_record_what {
	HALTBLK_RECORD_REACHED	= 1,	/* the request reached the driver */
	HALTBLK_RECORD_MOVED	= 2,	/* it took effect on these sectors */
	HALTBLK_RECORD_ENDED	= 3,	/* just before its end is told */
	HALTBLK_RECORD_MARK	= 4,	/* the data is a text, without NUL */
	HALTBLK_RECORD_CRASH	= 5,	/* a power cut ended the record */
	HALTBLK_RECORD_END	= 6,	/* the last entry; its status tells why */
};

/* Why a record ended, status of the entry HALTBLK_RECORD_END. */
enum haltblk_record_end {
	HALTBLK_RECORD_WHOLE	= 0,	/* it was stopped, or by a power cut */
	HALTBLK_RECORD_ROOM	= 1,	/* there was no room */
	HALTBLK_RECORD_MEMORY	= 2,	/* there was no memory */
	HALTBLK_RECORD_POWER	= 3,	/* a device was powered off */
};

/*
 * A bit in struct haltblk_record_entry.flags beside HALTBLK_RQ_*: another MOVED
 * of the same request follows. An entry has at most 64 KiB of data.
 */
#define HALTBLK_RECORD_RQ_MORE	(1U << 31)

/**
 * struct haltblk_record_entry - entry of a record, as read() returns it
 * @size: size of the entry with its data, a multiple of 8: offset of the next
 * @what: enum haltblk_record_what
 * @dev: index in haltblk_record.names
 * @op: enum haltblk_op
 * @flags: HALTBLK_RQ_*, HALTBLK_RECORD_RQ_MORE
 * @status: ENDED: enum haltblk_status; END: enum haltblk_record_end
 * @seq: number of the entry, from 1, for all devices of the record
 * @time_ns: CLOCK_MONOTONIC
 * @request: number of the request's REACHED entry
 * @id: id of the request, as HALTBLK_IOC_HELD tells it
 * @sector: first sector
 * @sectors: length in sectors
 * @data_len: bytes of data that follow; then zeroes up to @size
 *
 * Reads are not recorded. REACHED comes before anything of the request happens.
 * MOVED entries are in the order in which writes took effect. ENDED comes before
 * the submitter is told.
 */
struct haltblk_record_entry {
	__u32 size;
	__u16 what;
	__u8 dev;
	__u8 op;
	__u32 flags;
	__u32 status;
	__aligned_u64 seq;
	__aligned_u64 time_ns;
	__aligned_u64 request;
	__aligned_u64 id;
	__aligned_u64 sector;
	__u32 sectors;
	__u32 data_len;
};

/**
 * struct haltblk_mark - put a text into a record (HALTBLK_IOC_MARK)
 * @hdr: no flags
 * @names: address of @nr names, each of HALTBLK_NAME_LEN bytes
 * @nr: 1 to HALTBLK_MAX_RECORD
 * @reserved: 0
 * @text: 1 to 255 printable bytes
 *
 * Needs no ATTACH. Each record gets the mark once, however many of its devices
 * are named.
 */
struct haltblk_mark {
	struct haltblk_hdr hdr;
	__aligned_u64 names;
	__u32 nr;
	__u32 reserved;
	char text[HALTBLK_MARK_LEN];
};
#define HALTBLK_MARK_SIZE_0	288

/* What becomes of a range, struct haltblk_patch_range.how. */
enum haltblk_patch_how {
	HALTBLK_PATCH_WRITE	= 0,
	HALTBLK_PATCH_ZERO	= 1,
	HALTBLK_PATCH_DISCARD	= 2,	/* reads as discard_reads says */
};

/**
 * struct haltblk_patch_range - a range to change
 * @sector: first sector
 * @sectors: length in sectors
 * @data: HALTBLK_PATCH_WRITE: address of the data; else 0
 * @how: enum haltblk_patch_how
 * @reserved: 0
 *
 * @sector and @sectors are whole logical blocks.
 */
struct haltblk_patch_range {
	__aligned_u64 sector;
	__aligned_u64 sectors;
	__aligned_u64 data;
	__u32 how;
	__u32 reserved;
};

/**
 * struct haltblk_patch - change data of a device without power
 *	(HALTBLK_IOC_PATCH)
 * @hdr: no flags
 * @ranges: address of @nr struct haltblk_patch_range, done in this order
 * @nr: number of ranges
 * @range_size: size of one of them as the caller knows it
 *
 * EBUSY: the session's device is powered, or about to be. EINTR: killed; some of
 * the ranges may have been done.
 */
struct haltblk_patch {
	struct haltblk_hdr hdr;
	__aligned_u64 ranges;
	__u32 nr;
	__u32 range_size;
};
#define HALTBLK_PATCH_SIZE_0	32

/**
 * struct haltblk_extent - a range of stored data
 * @sector: first sector
 * @sectors: length in sectors
 */
struct haltblk_extent {
	__aligned_u64 sector;
	__aligned_u64 sectors;
};

/**
 * struct haltblk_extents - list what a device stores (HALTBLK_IOC_EXTENTS)
 * @hdr: no flags
 * @sector: in: where to begin; out: where to go on; the device's end if there
 *	is no more
 * @buf: address of @nr struct haltblk_extent, filled in ascending order;
 *	neighbours are one extent
 * @nr: in: how many fit; out: how many were filled in
 * @reserved: 0
 *
 * The device may be powered or not.
 */
struct haltblk_extents {
	struct haltblk_hdr hdr;
	__aligned_u64 sector;
	__aligned_u64 buf;
	__u32 nr;
	__u32 reserved;
};
#define HALTBLK_EXTENTS_SIZE_0	40

#endif /* _UAPI_HALTBLK_CRASH_H */
