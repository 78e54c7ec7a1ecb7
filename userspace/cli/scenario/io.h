/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Asynchronous I/O by name, shared by io and run. The I/O is done in a process
 * of its own, which has no session open.
 */
#ifndef HBC_IO_H
#define HBC_IO_H

#include <sys/types.h>

#include "cli.h"

#define HBC_IO_NAME	32	/* a name, with its NUL */
#define HBC_IO_PATH	1024	/* a path, with its NUL */
#define HBC_IO_ERRNOS	256	/* more than there are */
#define HBC_IO_VECS	64	/* most segments of one request */
#define HBC_IO_PATTERN	0xcd	/* what a write without pattern= writes */

enum hbc_io_op {
	HBC_IO_READ,
	HBC_IO_WRITE,
	HBC_IO_FLUSH,
	HBC_IO_DISCARD,
	HBC_IO_ZEROOUT,
	HBC_IO_SECDISCARD,
	HBC_IO_NR_OPS,		/* of those that a line can ask for */
	HBC_IO_COMMAND,		/* a shell command; only its end is waited for */
	HBC_IO_REOPEN,		/* open @path again; no request of its own */
};

/**
 * struct hbc_io_request - what a line asks for
 * @name: name
 * @op: operation
 * @path: of the device or file; "": the one that hbc_io_start() got
 * @buffered: do not use O_DIRECT
 * @fua: write with RWF_DSYNC
 * @pattern: byte to write or to compare with; -1 none
 * @vec: segments in memory, from 1
 * @index: number of the request, set when it is sent
 * @offset: bytes
 * @length: bytes
 */
struct hbc_io_request {
	char name[HBC_IO_NAME];
	enum hbc_io_op op;
	char path[HBC_IO_PATH];
	bool buffered;
	bool fua;
	int pattern;
	unsigned int vec;
	unsigned int index;
	uint64_t offset;
	uint64_t length;
};

/**
 * struct hbc_io_reply - what the I/O process says
 * @done: the request has ended; else it was only submitted
 * @index: of the request
 * @res: bytes, 0, the wait status of a command, or a negative errno; when not
 *	@done, 0 or a negative errno
 * @ns: CLOCK_MONOTONIC
 * @bad: a byte read differs from the pattern
 * @bad_at: where on the device the first such byte is
 * @bad_byte: that byte
 */
struct hbc_io_reply {
	bool done;
	unsigned int index;
	int res;
	uint64_t ns;
	bool bad;
	uint64_t bad_at;
	unsigned char bad_byte;
};

/**
 * struct hbc_io_entry - a request that was submitted
 * @request: what it is
 * @reply: how it ended, once reply.done
 * @began: when it was submitted
 * @ended: when it ended
 * @order: its position among those that ended, from 1; 0 while in flight
 * @reaped: someone has asked how it ended
 */
struct hbc_io_entry {
	struct hbc_io_request request;
	struct hbc_io_reply reply;
	uint64_t began;
	uint64_t ended;
	unsigned int order;
	bool reaped;
};

struct hbc_io;

/* io_server.c */
int hbc_io_serve(int sock, const char *path, bool buffered);

/* io_client.c */
int hbc_io_start(const char *device, bool buffered, struct hbc_io **io);
int hbc_io_reopen(struct hbc_io *io, const char *path, uint64_t timeout_ns);
int hbc_io_submit(struct hbc_io *io, const struct hbc_io_request *request,
		  uint64_t timeout_ns);
int hbc_io_add_command(struct hbc_io *io, const char *name, int report,
		       uint64_t timeout_ns);
int hbc_io_pump(struct hbc_io *io, uint64_t timeout_ns);
int hbc_io_wait(struct hbc_io *io, const char *name, uint64_t timeout_ns,
		struct hbc_io_entry **entry);
struct hbc_io_entry *hbc_io_find(struct hbc_io *io, const char *name);
struct hbc_io_entry *hbc_io_at(struct hbc_io *io, size_t i);
const struct hbc_io_entry *hbc_io_ended(struct hbc_io *io, unsigned int order);
void hbc_io_result(const struct hbc_io_entry *entry, char *buf, size_t size);
bool hbc_io_is_result(const char *result, const char *expected);
bool hbc_io_can_end(const char *word);
void hbc_io_stop(struct hbc_io *io, uint64_t timeout_ns);

/* io_line.c */
bool hbc_io_is_request(const char *word);
const char *hbc_io_word(enum hbc_io_op op);
int hbc_io_parse(struct hbc_io_request *request, int argc, char **argv,
		 char *why, size_t size);

/* lines.c */

/**
 * struct hbc_lines - a script that is being read
 * @file: script
 * @nr: number of the line that was read last
 * @text: buffer for it
 * @room: bytes of @text
 */
struct hbc_lines {
	FILE *file;
	size_t nr;
	char *text;
	size_t room;
};

int hbc_lines_next(struct hbc_lines *lines, char **line);
void hbc_lines_end(struct hbc_lines *lines);
const char *hbc_lines_why(int err);
int hbc_split(char *line, char **argv, int most);
const char *hbc_split_why(int err);
size_t hbc_line_length(const char *line);

#endif /* HBC_IO_H */
