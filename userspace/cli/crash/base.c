/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The image that a device of a record starts with: a sparse file.
 *
 * Its CRC covers the blocks of 4 KiB that are not all zero, each after its
 * number, and so does not depend on where the file has holes: copies of it may
 * have others.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format.h"

#define ROOM	(1U << 20)

/**
 * struct scan - a base that is being read
 * @path: of the image
 * @fd: of it
 * @bytes: its size
 * @keep_zeroes: hand out blocks of zeroes that are not in a hole
 * @each: gets the data
 * @ctx: for @each
 * @buf: ROOM bytes
 * @crc: so far
 */
struct scan {
	const char *path;
	int fd;
	uint64_t bytes;
	bool keep_zeroes;
	int (*each)(void *ctx, uint64_t sector, uint32_t sectors,
		    const void *data);
	void *ctx;
	unsigned char *buf;
	uint32_t crc;
};

static bool is_zero(const unsigned char *p, size_t len)
{
	return !p[0] && !memcmp(p, p + 1, len - 1);
}

static void add_block(struct scan *s, uint64_t number,
		      const unsigned char *block)
{
	uint64_t le = htole64(number);

	s->crc = hbc_crc32c(s->crc, &le, sizeof(le));
	s->crc = hbc_crc32c(s->crc, block, HBC_REC_BLOCK);
}

static int hand_out(struct scan *s, uint64_t start, size_t from, size_t to)
{
	uint64_t end = s->bytes - start < to ? s->bytes - start : to;

	if (from >= end || !s->each)
		return HBC_OK;
	return s->each(s->ctx, (start + from) / 512,
		       (uint32_t)((end - from) / 512), s->buf + from);
}

/* What was read from @start: runs of blocks that count. */
static int scan_buffer(struct scan *s, uint64_t start, size_t len)
{
	size_t at, from = 0;
	int status;
	bool zero;

	for (at = 0; at < len; at += HBC_REC_BLOCK) {
		zero = is_zero(s->buf + at, HBC_REC_BLOCK);
		if (!zero)
			add_block(s, (start + at) / HBC_REC_BLOCK,
				  s->buf + at);
		if (!zero || s->keep_zeroes)
			continue;
		status = hand_out(s, start, from, at);
		if (status)
			return status;
		from = at + HBC_REC_BLOCK;
	}
	return hand_out(s, start, from, len);
}

static int cannot_read(const struct scan *s, int r)
{
	hbc_error(s->path, r > 0 ? "cut short" : "cannot read: %s",
		  strerror(-r));
	return HBC_FAILED;
}

/* From a block that has data up to one that lies in a hole. */
static int scan_extent(struct scan *s, uint64_t start, uint64_t end)
{
	size_t len;
	int status, r;

	for (; start < end; start += ROOM) {
		len = end - start < ROOM ? (size_t)(end - start) : ROOM;
		r = hbc_read_at(s->fd, s->buf, len, start);
		if (r)
			return cannot_read(s, r);
		memset(s->buf + len, 0, -len % HBC_REC_BLOCK);
		len += -len % HBC_REC_BLOCK;
		status = scan_buffer(s, start, len);
		if (status)
			return status;
	}
	return HBC_OK;
}

static int scan_all(struct scan *s)
{
	uint64_t at = 0, end;
	off_t data, hole;
	int status;

	while (at < s->bytes) {
		data = lseek(s->fd, (off_t)at, SEEK_DATA);
		if (data < 0 && errno == ENXIO)
			return HBC_OK;
		/* A file system without holes: all is data. */
		if (data < 0)
			return scan_extent(s, at, s->bytes);
		hole = lseek(s->fd, data, SEEK_HOLE);
		end = hole < 0 ? s->bytes : (uint64_t)hole;
		end += -end % HBC_REC_BLOCK;
		if (end > s->bytes)
			end = s->bytes;
		if ((uint64_t)data > at)
			at = (uint64_t)data & ~(HBC_REC_BLOCK - 1ULL);
		status = scan_extent(s, at, end);
		if (status)
			return status;
		at = end;
	}
	return HBC_OK;
}

/**
 * hbc_rec_base_scan() - read the data of an image
 * @path: of it
 * @bytes: its size
 * @keep_zeroes: see struct hbc_rec_device
 * @each: see hbc_rec_base(); may be NULL
 * @ctx: for @each
 * @crc: out
 */
int hbc_rec_base_scan(const char *path, uint64_t bytes, bool keep_zeroes,
		      int (*each)(void *ctx, uint64_t sector,
				  uint32_t sectors, const void *data),
		      void *ctx, uint32_t *crc)
{
	struct scan s = {
		.path = path, .bytes = bytes, .keep_zeroes = keep_zeroes,
		.each = each, .ctx = ctx,
	};
	int status;

	s.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s.fd < 0) {
		hbc_error(path, "cannot open: %s", strerror(errno));
		return HBC_FAILED;
	}
	s.buf = malloc(ROOM);
	status = s.buf ? scan_all(&s) : hbc_no_memory();
	free(s.buf);
	close(s.fd);
	*crc = s.crc;
	return status;
}

int hbc_rec_base(const struct hbc_rec *record, unsigned int dev,
		 int (*each)(void *ctx, uint64_t sector, uint32_t sectors,
			     const void *data), void *ctx)
{
	const struct hbc_rec_device *d = &record->devices[dev];
	uint32_t crc;
	int status;

	if (!d->base)
		return HBC_OK;
	status = hbc_rec_base_scan(d->base, d->base_bytes, d->keep_zeroes,
				   each, ctx, &crc);
	if (status == HBC_OK && crc != d->base_crc) {
		hbc_error(d->base, "altered: its checksum is wrong");
		return HBC_FAILED;
	}
	return status;
}
