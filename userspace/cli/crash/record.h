/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * A record on disk: a directory with
 *
 *   info.json   what was recorded, and how it ended
 *   events      a head, then an entry for each thing that happened
 *   base-0 ...  what each device held at the start: sparse images
 *
 * All numbers in "events" are little-endian. The head, struct hbc_rec_head,
 * has a checksum of its own. Each entry is a CRC of four bytes, four bytes of
 * zero, and then what the driver's stream has: struct haltblk_record_entry and
 * its data, padded with zeroes to 8 bytes. The CRC (CRC-32C) covers the entry
 * and continues that of the entry before, so that no entry can be changed, left
 * out or moved. info.json ends with a CRC of the text before, and has one for
 * each base.
 *
 * While a record is being made, info.json says that it is not finished. A
 * record that stays that way, because its recorder died, ends with its last
 * whole entry and is truncated. A finished record that is shorter than its
 * info.json says is refused.
 *
 * Functions here print why they failed, and return an exit status: HBC_OK or
 * another one.
 */
#ifndef HBC_CRASH_RECORD_H
#define HBC_CRASH_RECORD_H

#include "cli.h"

struct haltblk_crash_request;

#define HBC_REC_VERSION	1
#define HBC_REC_DEVICES	8	/* most devices of a record */
#define HBC_REC_TEXT		255	/* most bytes of a mark */

/**
 * struct hbc_rec_device - a device of a record
 * @name: what it was called
 * @sectors: its size
 * @block: bytes of a logical block
 * @options: KEY=VALUE words for libhaltblk_create(), without power=; those that
 *	make a device with the same size, blocks, discards and limits
 * @nr_options: how many
 * @base: path of its image, or NULL: it was empty
 * @base_bytes: size of the image; what lies behind it is zeroes
 * @base_crc: see hbc_rec_base()
 * @keep_zeroes: discard_reads=poison: blocks of zeroes that were stored must be
 *	stored again, for a discard to change what they read
 * @cache: it has a volatile cache; without one, what completed is durable
 */
struct hbc_rec_device {
	char name[HALTBLK_NAME_LEN];
	uint64_t sectors;
	uint32_t block;
	char **options;
	size_t nr_options;
	char *base;
	uint64_t base_bytes;
	uint32_t base_crc;
	bool keep_zeroes;
	bool cache;
};

/**
 * struct hbc_rec_mark - a mark
 * @event: its number
 * @time_ns: CLOCK_MONOTONIC
 * @text: 1 to HBC_REC_TEXT bytes, and a NUL
 */
struct hbc_rec_mark {
	uint64_t event;
	uint64_t time_ns;
	char text[HBC_REC_TEXT + 1];
};

/**
 * struct hbc_rec_times - what of a request only people read
 * @reached_ns: CLOCK_MONOTONIC when it reached the driver; 0: unknown
 * @ended_ns: likewise when it ended
 */
struct hbc_rec_times {
	uint64_t reached_ns;
	uint64_t ended_ns;
};

/**
 * struct hbc_rec - a record that was opened
 * @dir: its directory
 * @id: random; the same in all of its files
 * @devices: by haltblk_crash_request.dev
 * @nr_devices: how many
 * @requests: in the order in which they reached the driver; reads are not
 *	recorded. haltblk_crash_request.data is for hbc_rec_data() only.
 * @times: of each request
 * @nr_requests: how many
 * @marks: in order
 * @nr_marks: how many
 * @last: number of the last event. Events are numbered from 1, with gaps.
 * @first_ns: CLOCK_MONOTONIC of the first event
 * @reason: how it ended, HALTBLK_RECORD_*; HBC_REC_UNFINISHED
 * @truncated: it ended before it was asked to
 * @crashed: a crash of the devices ended it
 * @imported: NULL, or where it comes from: "dm-log-writes", "blklogwrites". It
 *	does not tell when requests began.
 *
 * The rest is for record_*.c.
 */
struct hbc_rec {
	char *dir;
	char id[33];
	struct hbc_rec_device devices[HBC_REC_DEVICES];
	unsigned int nr_devices;
	struct haltblk_crash_request *requests;
	struct hbc_rec_times *times;
	size_t nr_requests;
	struct hbc_rec_mark *marks;
	size_t nr_marks;
	uint64_t last;
	uint64_t first_ns;
	uint32_t reason;
	bool truncated;
	bool crashed;
	char *imported;

	int fd;			/* events */
	struct hbc_rec_piece *pieces;
	size_t nr_pieces;
};

#define HBC_REC_UNFINISHED	(~0U)

/* record_read.c */

/**
 * hbc_rec_open() - open a record, and check all of it but the bases
 * @dir: directory
 * @record: out; hbc_rec_close() frees it
 */
int hbc_rec_open(const char *dir, struct hbc_rec **record);

/** hbc_rec_close() - free a record; NULL is fine */
void hbc_rec_close(struct hbc_rec *record);

/**
 * hbc_rec_data() - the data that a write wrote
 * @record: record
 * @rq: one of its writes
 * @sector: first sector, on the device
 * @sectors: how many; all of them in the write
 * @buf: room for that
 *
 * May be called by several threads or processes that share the record.
 */
int hbc_rec_data(const struct hbc_rec *record,
		    const struct haltblk_crash_request *rq, uint64_t sector,
		    uint32_t sectors, void *buf);

/**
 * hbc_rec_base() - read what a device held at the start
 * @record: record
 * @dev: index of the device
 * @each: called with data that is not zero, or was stored, in ascending order,
 *	whole blocks of 4 KiB but at the end, at most 1 MiB; returns an exit
 *	status, and anything but HBC_OK ends the reading
 * @ctx: for @each
 *
 * Also checks the image against base_crc.
 */
int hbc_rec_base(const struct hbc_rec *record, unsigned int dev,
		    int (*each)(void *ctx, uint64_t sector, uint32_t sectors,
				const void *data), void *ctx);

/**
 * hbc_rec_point() - the event that POINT names
 * @record: record
 * @text: event number, mark=TEXT, or end
 * @event: out: what happened up to and with this event has happened
 */
int hbc_rec_point(const struct hbc_rec *record, const char *text,
		     uint64_t *event);

/** hbc_rec_last_mark() - the last mark up to an event, or NULL; @nr: marks so far */
const struct hbc_rec_mark *
hbc_rec_last_mark(const struct hbc_rec *record, uint64_t event,
		     size_t *nr);

#endif /* HBC_CRASH_RECORD_H */
