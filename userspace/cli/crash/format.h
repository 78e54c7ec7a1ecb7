/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * How a record stands on disk, for the files that write and read it. record.h
 * has the description.
 */
#ifndef HBC_CRASH_FORMAT_H
#define HBC_CRASH_FORMAT_H

#include "record.h"

#define HBC_REC_MAGIC		"HBRECORD"
#define HBC_REC_HEAD_SIZE	64
#define HBC_REC_FRAME_SIZE	8	/* before an entry: its CRC and 0 */
#define HBC_REC_ENTRY_SIZE	64
#define HBC_REC_DATA_MAX	(1U << 20)	/* most data of an entry */
#define HBC_REC_BLOCK		4096	/* of a base, for its CRC */

/* What an entry tells: the numbers of the driver's HALTBLK_RECORD_*. */
enum hbc_rec_what {
	HBC_REC_REACHED = 1,
	HBC_REC_MOVED = 2,
	HBC_REC_ENDED = 3,
	HBC_REC_MARK = 4,
	HBC_REC_CRASH = 5,
	HBC_REC_END = 6,
};

/* In the flags of MOVED: another piece of the same request follows. */
#define HBC_REC_MORE		(1U << 31)

/**
 * struct hbc_rec_entry - an entry, in the byte order of this machine
 * @what: enum hbc_rec_what
 * @dev: index of the device
 * @op: enum haltblk_op
 * @flags: HALTBLK_RQ_*, HBC_REC_MORE
 * @status: enum haltblk_status; END: why the record ended
 * @seq: number
 * @time_ns: CLOCK_MONOTONIC
 * @request: number of the request's REACHED
 * @id: number of the request on its device
 * @sector: first sector
 * @sectors: how many
 * @data_len: bytes of data
 */
struct hbc_rec_entry {
	uint16_t what;
	uint8_t dev;
	uint8_t op;
	uint32_t flags;
	uint32_t status;
	uint64_t seq;
	uint64_t time_ns;
	uint64_t request;
	uint64_t id;
	uint64_t sector;
	uint32_t sectors;
	uint32_t data_len;
};

/**
 * struct hbc_rec_piece - where data of a request is
 * @request: number of the request's REACHED
 * @sector: first sector
 * @sectors: how many
 * @offset: in "events"
 */
struct hbc_rec_piece {
	uint64_t request;
	uint64_t sector;
	uint64_t sectors;
	uint64_t offset;
};

/**
 * struct hbc_rec_info - what info.json has
 * @finished: the record was ended in order
 * @events_bytes: size of "events"; 0 if it is not finished
 * @record: id, devices, imported, truncated, reason
 */
struct hbc_rec_info {
	bool finished;
	uint64_t events_bytes;
	struct hbc_rec *record;
};

/* format.c */
uint32_t hbc_crc32c(uint32_t crc, const void *data, size_t len);
void hbc_rec_encode(unsigned char *to, const struct hbc_rec_entry *e);
uint32_t hbc_rec_decode(struct hbc_rec_entry *e, const unsigned char *from);
void hbc_rec_head_encode(unsigned char *to, const char *id,
			 unsigned int nr_devices);
const char *hbc_rec_head_check(const unsigned char *head, const char *id,
			       unsigned int nr_devices);
uint32_t hbc_rec_entry_size(uint32_t data_len);
int hbc_read_at(int fd, void *buf, size_t len, uint64_t offset);
int hbc_write_at(int fd, const void *buf, size_t len, uint64_t offset);

/* info.c */
int hbc_rec_info_write(const char *dir, const struct hbc_rec_info *info);
int hbc_rec_info_read(const char *dir, struct hbc_rec_info *info);
void hbc_rec_note_option(struct hbc_rec_device *device, const char *option);
void hbc_rec_device_free(struct hbc_rec_device *device);

/* base.c */
int hbc_rec_base_scan(const char *path, uint64_t bytes, bool keep_zeroes,
		      int (*each)(void *ctx, uint64_t sector,
				  uint32_t sectors, const void *data),
		      void *ctx, uint32_t *crc);

/* record_write.c */

/**
 * struct hbc_rec_writer - a record that is being made
 * @dir: its directory
 * @made_dir: it was made, too
 * @record: what info.json says
 * @fd: events
 * @crc: of the last entry
 * @bytes: written to events
 * @buf: entries that are not written yet
 * @used: bytes of them
 * @failed: writing failed, and that was said
 */
struct hbc_rec_writer {
	char *dir;
	bool made_dir;
	struct hbc_rec record;
	int fd;
	uint32_t crc;
	uint64_t bytes;
	unsigned char *buf;
	size_t used;
	bool failed;
};

int hbc_rec_writer_new(const char *dir, struct hbc_rec_device *devices,
		       unsigned int nr, const char *imported,
		       struct hbc_rec_writer **writer);
int hbc_rec_put(struct hbc_rec_writer *w, const struct hbc_rec_entry *e,
		const void *data);
int hbc_rec_flush(struct hbc_rec_writer *w);
int hbc_rec_base_open(struct hbc_rec_writer *w, unsigned int dev);
int hbc_rec_base_end(struct hbc_rec_writer *w, unsigned int dev, int fd,
		     uint64_t bytes);
int hbc_rec_writer_end(struct hbc_rec_writer *w, uint32_t reason,
		       bool truncated);
void hbc_rec_writer_drop(struct hbc_rec_writer *w);

#endif /* HBC_CRASH_FORMAT_H */
