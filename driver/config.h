/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of options, each in one row. Module parameters, configfs
 * attributes, "features", the control device's CONFIG call and the manual come
 * from it.
 *
 * PURE: no block layer, no configfs; tests/config_test.c runs it alone.
 */
#ifndef HALTBLK_CONFIG_H
#define HALTBLK_CONFIG_H

#include <linux/types.h>

/* How users write and read an option. */
enum haltblk_option_type {
	HALTBLK_OPT_INT,	/* decimal, hex or octal */
	HALTBLK_OPT_BOOL,	/* kstrtobool(): 0 1 n y off on */
	HALTBLK_OPT_WORD,	/* one of the words in its unit, separated by '|' */
};

#define HALTBLK_OPT_F_LIVE	(1U << 0)	/* can be written while powered */
#define HALTBLK_OPT_F_POW2	(1U << 1)	/* must be a power of two, or 0 */
#define HALTBLK_OPT_F_NODE	(1U << 2)	/* a node that is online, else -1 */
#define HALTBLK_OPT_F_PAGE	(1U << 3)	/* 0 or at least a page of sectors */
#define HALTBLK_OPT_F_EVEN	(1U << 4)	/* must be even */
#define HALTBLK_OPT_F_MQ	(1U << 5)	/* blk-mq only */
#define HALTBLK_OPT_F_CUT	(1U << 6)	/* cut to what the machine has */

/* Upper limits that only the running kernel knows. */
#define HALTBLK_MAX_CPUS	(-1001)		/* nr_cpu_ids */
#define HALTBLK_MAX_BLOCK	(-1002)		/* BLK_MAX_BLOCK_SIZE or PAGE_SIZE */
#define HALTBLK_MAX_NODE	(-1003)		/* nr_node_ids - 1 */

/*
 * X(name, parameter, type, default, least, most, flags, unit, help)
 *
 * "parameter" is the name of the module parameter. It differs from the
 * attribute's only for two parameters of null_blk. An option that null_blk also
 * has keeps null_blk's name, unit and default.
 */
#define HALTBLK_OPTIONS(X)						\
X(size, gb, INT, 256000, 1, (1LL << 43) - 1, 0, "MiB",			\
  "capacity; gb= takes GiB, 250 of them if not given")			\
X(blocksize, bs, INT, 512, 512, HALTBLK_MAX_BLOCK, HALTBLK_OPT_F_POW2,	\
  "bytes", "logical and physical block size, a power of two")		\
X(queue_mode, queue_mode, INT, 2, 0, 2, HALTBLK_OPT_F_EVEN, "mode",			\
  "0: bio, 2: blk-mq")							\
X(submit_queues, submit_queues, INT, 1, 1, HALTBLK_MAX_CPUS,		\
  HALTBLK_OPT_F_LIVE | HALTBLK_OPT_F_CUT, "queues",			\
  "hardware queues for submission")	\
X(poll_queues, poll_queues, INT, 1, 0, HALTBLK_MAX_CPUS,		\
  HALTBLK_OPT_F_LIVE | HALTBLK_OPT_F_CUT, "queues",			\
  "hardware queues for polled requests")	\
X(hw_queue_depth, hw_queue_depth, INT, 64, 1, 10240, 0, "requests",	\
  "tags of each hardware queue")					\
X(home_node, home_node, INT, -1, -1, HALTBLK_MAX_NODE,			\
  HALTBLK_OPT_F_NODE, "node", "NUMA node of the queues; -1 any")	\
X(use_per_node_hctx, use_per_node_hctx, BOOL, 0, 0, 1, 0, "0/1",	\
  "power on sets submit_queues to the number of nodes online")	\
X(no_sched, no_sched, INT, 0, 0, 1, 0, "0/1",				\
  "start without an I/O scheduler")					\
X(blocking, blocking, BOOL, 0, 0, 1, 0, "0/1",				\
  "queue_rq may sleep (BLK_MQ_F_BLOCKING)")				\
X(shared_tags, shared_tags, BOOL, 0, 0, 1, HALTBLK_OPT_F_MQ, "0/1",	\
  "one set of tags and queues for all such devices, of the module parameters") \
X(shared_tag_bitmap, shared_tag_bitmap, BOOL, 0, 0, 1,			\
  HALTBLK_OPT_F_MQ, "0/1", "one set of tags for all hardware queues")	\
X(irqmode, irqmode, INT, 1, 0, 2, 0, "mode",				\
  "completion: 0 inline, 1 softirq, 2 timer")				\
X(completion_nsec, completion_nsec, INT, 10000, 0, 1000000000000LL, 0,	\
  "ns", "time to completion with irqmode=2")				\
X(mbps, mbps, INT, 0, 0, 1048576, 0, "MiB/s",				\
  "most that all requests together may move; 0 no limit")		\
X(mbps_read, mbps_read, INT, 0, 0, 1048576, 0, "MiB/s",			\
  "most that reads may move; 0 no limit")				\
X(mbps_write, mbps_write, INT, 0, 0, 1048576, 0, "MiB/s",		\
  "most that other requests may move; 0 no limit")			\
X(iops_read, iops_read, INT, 0, 0, 1000000000, 0, "1/s",		\
  "reads a second at most; 0 no limit")					\
X(iops_write, iops_write, INT, 0, 0, 1000000000, 0, "1/s",		\
  "other requests with data a second at most; 0 no limit")		\
X(max_sectors, max_sectors, INT, 0, 0, 0xffffffffLL, HALTBLK_OPT_F_PAGE,	\
  "sectors", "largest request; 0 the kernel's default")			\
X(virt_boundary, virt_boundary, BOOL, 0, 0, 1, 0, "0/1",		\
  "no segment may cross a page boundary")				\
X(rotational, rotational, BOOL, 0, 0, 1, 0, "0/1",			\
  "tell the block layer that the disk rotates")			\
X(write_streams, write_streams, INT, 0, 0, 65535, 0, "streams",		\
  "streams that writes may name; 0 none (kernels since 6.16)")		\
X(write_stream_granularity, write_stream_granularity, INT, 0, 0,	\
  0xffffffffLL, 0, "bytes",						\
  "how much of a stream is best discarded together; 0 unknown")		\
X(memory_backed, memory_backed, BOOL, 0, 0, 1, 0, "0/1",		\
  "keep data in memory until the device is removed")			\
X(pi_type, pi_type, INT, 0, 0, 3, 0, "mode",				\
  "T10 PI: keep a tuple of 8 bytes for each block; 0 none")		\
X(pi_guard, pi_guard, WORD, 0, 0, 1, 0, "crc|ip",			\
  "T10 PI: checksum in the tuples")					\
X(badblocks_once, badblocks_once, BOOL, 0, 0, 1, 0, "0/1",		\
  "the first request that fails at a bad range clears it")		\
X(badblocks_partial_io, badblocks_partial_io, BOOL, 0, 0, 1, 0, "0/1",	\
  "a request that fails at a bad sector moves the blocks before it")	\
X(cache, cache, WORD, 0, 0, 1, 0, "none|volatile",			\
  "a volatile write cache: flushes arrive, power off loses what was not flushed") \
X(cache_size, cache_size, INT, 0, 0, (1LL << 43) - 1, 0, "MiB",		\
  "room in the volatile cache, which this makes; 0 no limit, with cache=volatile") \
X(fua, fua, BOOL, 1, 0, 1, 0, "0/1",					\
  "volatile cache: accept FUA, else the block layer flushes after the write") \
X(atomic_write_unit, atomic_write_unit, INT, 0, 0, 65536,		\
  HALTBLK_OPT_F_POW2, "bytes",						\
  "largest atomic write: all of it, or nothing; 0 none")		\
X(discard, discard, BOOL, 0, 0, 1, 0, "0/1", "accept discard")		\
X(write_zeroes, write_zeroes, BOOL, 0, 0, 1, 0, "0/1",			\
  "accept write zeroes")						\
X(secure_erase, secure_erase, BOOL, 0, 0, 1, 0, "0/1",			\
  "accept secure erase")						\
X(discard_granularity, discard_granularity, INT, 0, 0, 0x40000000, 0,	\
  "bytes", "what a discard frees: whole granules; 0 a block")		\
X(discard_alignment, discard_alignment, INT, 0, 0, 0x40000000, 0,	\
  "bytes", "where the first whole granule begins")			\
X(discard_reads, discard_reads, WORD, 0, 0, 2, 0, "zeroes|stale|poison", \
  "discarded blocks read as zeroes, as before, or as 0xdb")		\
X(max_discard_sectors, max_discard_sectors, INT, 0, 0, 0x7fffff, 0,	\
  "sectors", "largest discard; 0 the most there can be")		\
X(max_secure_erase_sectors, max_secure_erase_sectors, INT, 0, 0,	\
  0x7fffff, 0, "sectors", "largest secure erase; 0 the most there can be") \
X(max_write_zeroes_sectors, max_write_zeroes_sectors, INT, 0, 0,	\
  0x7fffff, 0, "sectors", "largest write zeroes; 0 the most there can be") \
X(zoned, zoned, BOOL, 0, 0, 1, 0, "0/1",				\
  "zones that are written in order (host managed)")			\
X(zone_size, zone_size, INT, 256, 1, 1 << 20, HALTBLK_OPT_F_POW2, "MiB",	\
  "size of a zone, a power of two; the last may be smaller")		\
X(zone_capacity, zone_capacity, INT, 0, 0, 1 << 20, 0, "MiB",		\
  "how much of a zone can be written; 0 all of it")			\
X(zone_nr_conv, zone_nr_conv, INT, 0, 0, 0xffffffffLL, 0, "zones",		\
  "conventional zones, at the start of the device")			\
X(zone_max_open, zone_max_open, INT, 0, 0, 0xffffffffLL, 0, "zones",		\
  "zones that may be open at a time; 0 no limit")			\
X(zone_max_active, zone_max_active, INT, 0, 0, 0xffffffffLL, 0, "zones",	\
  "zones that may be open or closed at a time; 0 no limit")		\
X(zone_append_max_sectors, zone_append_max_sectors, INT, 0x7fffffff, 0,	\
  0xffffffffLL, 0, "sectors",						\
  "largest zone append; 0 has the block layer emulate it")		\
X(zone_full, zone_full, BOOL, 0, 0, 1, 0, "0/1",			\
  "zones begin full, not empty")					\
X(io_timeout_ms, io_timeout_ms, INT, 5000, 10, 3600000,		\
  HALTBLK_OPT_F_MQ, "ms", "time after which blk-mq calls a request late") \
X(hold_timeout, hold_timeout, WORD, 0, 0, 1, HALTBLK_OPT_F_LIVE,	\
  "wait|fire", "a held request that is late: waits on, or fails")	\
X(on_remove, on_remove, WORD, 0, 0, 1, HALTBLK_OPT_F_LIVE,		\
  "fail|resume", "power off: what is held fails, or finishes")	\
X(lock_model, lock_model, WORD, 0, 0, 3, 0, "none|hctx|split|shared",	\
  "locks taken for each request: none, one a queue, two, one")		\
X(lock_hold_nsec, lock_hold_nsec, INT, 0, 0, 1000000, 0, "ns",		\
  "time for which each lock of lock_model is held")			\
X(seed, seed, INT, 1, 0, S64_MAX, HALTBLK_OPT_F_LIVE, "number",	\
  "start of everything random: chance= of rules armed after this")

enum haltblk_option_id {
#define X(name, ...) HALTBLK_ID_##name,
	HALTBLK_OPTIONS(X)
#undef X
	HALTBLK_NR_OPTIONS
};

/**
 * struct haltblk_option - one row of the table
 * @name: name of the attribute
 * @param: name of the module parameter
 * @type: enum haltblk_option_type
 * @dflt: default
 * @min: least value
 * @max: greatest value, or a HALTBLK_MAX_* marker
 * @flags: HALTBLK_OPT_F_*
 * @unit: unit of the value, for people
 * @help: one line, for people
 */
struct haltblk_option {
	const char *name;
	const char *param;
	enum haltblk_option_type type;
	s64 dflt;
	s64 min;
	s64 max;
	unsigned int flags;
	const char *unit;
	const char *help;
};

extern const struct haltblk_option haltblk_options[HALTBLK_NR_OPTIONS];

/**
 * struct haltblk_config - the options of one device
 * @v: values by enum haltblk_option_id; each shares its word with a named
 *	member
 */
struct haltblk_config {
	union {
		struct {
#define X(name, ...) s64 name;
			HALTBLK_OPTIONS(X)
#undef X
		};
		s64 v[HALTBLK_NR_OPTIONS];
	};
};

extern struct haltblk_config haltblk_defaults;

#define HALTBLK_CONFIG_WHY_LEN	128

void haltblk_config_init(struct haltblk_config *cfg);
s64 haltblk_config_max(const struct haltblk_option *opt);
int haltblk_config_format(const struct haltblk_option *opt, s64 value,
			  char *buf, size_t len);
int haltblk_config_parse(const struct haltblk_option *opt, const char *text,
			 s64 *value, char *why, size_t len);
int haltblk_config_check(const struct haltblk_option *opt, s64 value,
			 char *why, size_t len);

#endif /* HALTBLK_CONFIG_H */
