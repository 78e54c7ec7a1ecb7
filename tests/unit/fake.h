/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * A system in memory behind the library's struct hb_transport: files, the
 * control device, a configfs that behaves like the driver's, block devices, a
 * kernel log, a clock that moves only when someone waits.
 */
#ifndef UNIT_FAKE_H
#define UNIT_FAKE_H

#include "private.h"

#define FAKE_NR_IOCTLS	17	/* HALTBLK_IOC_* */
#define FAKE_ARG_MAX	512
#define FAKE_ENTRIES	400

/**
 * struct fake_system - what tests set and look at; fake_reset() clears it
 * @err: result of each HALTBLK_IOC_*: 0, or a negative errno
 * @why: the kernel's sentence that goes with it, or NULL
 * @calls: how often each came
 * @arg: the structure of the last one, as it came
 * @arg_size: its size field
 * @remove: out fields REMOVE answers with
 * @wait: likewise WAIT
 * @released: likewise RESUME
 * @ids: the ids of the last RESUME
 * @query: what QUERY answers
 * @stats: what STATS answers
 * @held: what HELD lists
 * @nr_held: how many; grows by @held_growth after each call
 * @held_growth: see @nr_held
 * @rules: what RULES lists; BREAK appends
 * @nr_rules: how many
 * @devices: what LIST lists
 * @nr_devices: how many
 * @config: what CONFIG lists
 * @nr_config: how many
 * @hctx: what HCTX_STATS lists
 * @nr_hctx: how many
 * @locks: what LOCKS lists
 * @nr_locks: how many
 * @step_event: what STEP answers
 * @backtrace: what BACKTRACE answers
 * @events: what read() of the control device gives, each of @event_size bytes
 * @nr_events: how many; those read are taken away
 * @event_size: see @events
 * @attached: name of the last ATTACH
 * @entry_cut: bytes of an entry that this "kernel" knows; the rest is zeroes
 * @log: every write to a file and every mkdir, rmdir, mount, ";" after each
 * @now: the clock
 * @on_poll: called when someone polls, in place of time passing
 * @on_sleep: called when someone sleeps, after the time has passed
 * @blk_err: result of BLKDISCARD, BLKZEROOUT, BLKSECDISCARD
 * @blk_nr: the last of them
 * @blk_range: its range
 * @blk_calls: how often one of them came
 * @blk_good: @blk_err is the result only after so many
 * @open_flags: of the last file opened
 * @mount_err: result of mount
 * @node_at_power: whether power=1 makes the node
 */
struct fake_system {
	int err[FAKE_NR_IOCTLS];
	const char *why[FAKE_NR_IOCTLS];
	int calls[FAKE_NR_IOCTLS];
	_Alignas(8) unsigned char arg[FAKE_NR_IOCTLS][FAKE_ARG_MAX];
	uint32_t arg_size[FAKE_NR_IOCTLS];
	struct haltblk_remove remove;
	struct haltblk_wait wait;
	uint32_t released;
	uint64_t ids[FAKE_ENTRIES];
	struct haltblk_query query;
	struct haltblk_stats stats;
	struct haltblk_held held[FAKE_ENTRIES];
	uint32_t nr_held;
	uint32_t held_growth;
	struct haltblk_rule rules[FAKE_ENTRIES];
	uint32_t nr_rules;
	struct haltblk_list_entry devices[8];
	uint32_t nr_devices;
	struct haltblk_config_entry config[8];
	uint32_t nr_config;
	struct haltblk_hctx_stats hctx[8];
	uint32_t nr_hctx;
	struct haltblk_lock_stats locks[4];
	uint32_t nr_locks;
	uint32_t step_event;
	const char *backtrace;
	struct haltblk_event events[8];
	unsigned int nr_events;
	uint32_t event_size;
	char attached[HALTBLK_NAME_LEN];
	size_t entry_cut;
	char log[4096];
	uint64_t now;
	void (*on_poll)(void);
	void (*on_sleep)(void);
	int blk_err;
	unsigned long blk_nr;
	uint64_t blk_range[2];
	int blk_calls;
	int blk_good;
	int open_flags;
	int mount_err;
	bool node_at_power;
};

/* In shared memory, because the command does I/O in a child. */
extern struct fake_system *fake_state;
#define fake (*fake_state)

/* An empty system. */
void fake_reset(void);
/* The driver is loaded, configfs mounted, and there is a device hb0. */
void fake_load(void);

void fake_file(const char *path, const char *text, mode_t mode);
void fake_dir(const char *path, dev_t dev);
void fake_blkdev(const char *path, dev_t rdev, uint64_t size, int block);
void fake_remove_file(const char *path);
bool fake_exists(const char *path);
void fake_kmsg(const char *text);
/* From now on opening it, or removing it, fails; 0 lets it work again. */
void fake_open_error(const char *path, int err);
int fake_open_fds(void);

/* The argument of the last ioctl of a kind. */
#define FAKE_ARG(type, nr) ((const struct type *)fake.arg[nr])

#endif /* UNIT_FAKE_H */
