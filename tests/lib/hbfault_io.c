// SPDX-License-Identifier: GPL-2.0-only
/*
 * hbfault io: reads, writes, flushes and discards. After a failure, each byte must be
 * either the old one or the new one.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "hbfault.h"

/* linux/fs.h of 6.11 */
#ifndef RWF_ATOMIC
#define RWF_ATOMIC	0x40
#endif

#define AREA		(4u << 20)
#define SPAN		32768u		/* of one attempt */

static int disk;
static bool may_fail;
static unsigned char *buf, *old, *was;
static unsigned int io_len;
static int io_flags;
static unsigned char io_byte;
static off_t io_at;

/* Each attempt has a place of its own. */
static off_t place(unsigned int n)
{
	return (off_t)n * SPAN % AREA;
}

static int do_write(unsigned int n)
{
	struct iovec iov = { .iov_base = buf, .iov_len = io_len };
	ssize_t ret;

	io_at = place(n);
	memset(buf, io_byte, io_len);
	ret = pwritev2(disk, &iov, 1, io_at, io_flags);
	if (ret >= 0 && ret != (ssize_t)io_len)
		bad("%zd of %u bytes written", ret, io_len);
	return ret < 0 ? -errno : 0;
}

static unsigned long io_ioctl;

static int do_range(unsigned int n)
{
	uint64_t range[2] = { place(n), io_len };

	io_at = place(n);
	return ioctl(disk, io_ioctl, range) ? -errno : 0;
}

static int do_flush(unsigned int n)
{
	(void)n;
	return fsync(disk) ? -errno : 0;
}

static int do_read(unsigned int n)
{
	io_at = place(n);
	return pread(disk, buf, io_len, io_at) == (ssize_t)io_len ? 0 : -errno;
}

static void read_back(void)
{
	if (pread(disk, old, SPAN, io_at) != SPAN)
		die("read");
}

/* All bytes must be the new ones. */
static void io_done(bool fired)
{
	unsigned int i;

	(void)fired;
	read_back();
	for (i = 0; i < io_len; i++) {
		if (old[i] != io_byte) {
			bad("byte %u at %lld is %02x, not %02x", i, (long long)io_at, old[i],
			    io_byte);
			return;
		}
	}
}

/* A part of it may be done: each byte must be the old one or the new one. */
static void io_failed(int err)
{
	unsigned int i, changed = 0;

	if (!may_fail)
		bad("%s", strerror(-err));
	read_back();
	for (i = 0; i < io_len; i++) {
		changed += old[i] == io_byte;
		if (old[i] != io_byte && old[i] != was[i]) {
			bad("byte %u at %lld is %02x", i, (long long)io_at, old[i]);
			return;
		}
	}
	if (io_flags == RWF_ATOMIC && changed && changed != io_len)
		bad("an atomic write is torn: %u bytes of %u", changed, io_len);
}

/* Fill the area with 0x11; if @byte is 0, discard it. Leave nothing in a cache. */
static void prepare(unsigned char byte)
{
	uint64_t range[2] = { 0, AREA };
	off_t at;

	memset(buf, 0x11, SPAN);
	for (at = 0; at < AREA; at += SPAN)
		if (pwrite(disk, buf, SPAN, at) != SPAN)
			die("write");
	if (!byte && ioctl(disk, BLKDISCARD, range) && ioctl(disk, BLKZEROOUT, range))
		die("BLKDISCARD");
	/* All places have the same data now. */
	if (fsync(disk) || pread(disk, was, SPAN, 0) != SPAN)
		die("fsync");
}

static void test_writes(const char *what, unsigned int len, int flags)
{
	char name[64];
	int byte;

	io_len = len;
	io_flags = flags;
	io_byte = 0x22;
	for (byte = 0; byte <= 0x11; byte += 0x11) {
		prepare(byte);
		snprintf(name, sizeof(name), "%s of %u over %s", what, len,
			 byte ? "data" : "a hole");
		each_failure(name, do_write, io_failed, io_done, 1);
	}
}

static void test_range(const char *name, unsigned long request, unsigned int byte)
{
	prepare(0x11);
	io_ioctl = request;
	io_len = SPAN;
	io_flags = 0;
	io_byte = byte;
	each_failure(name, do_range, io_failed, byte == ~0u ? NULL : io_done, 1);
}

void test_io(const char *name, bool sleeps)
{
	uint64_t range[2] = { 0, 4096 };
	char node[64];

	may_fail = sleeps;
	snprintf(node, sizeof(node), "/dev/%s", name);
	disk = open(node, O_RDWR | O_DIRECT);
	buf = aligned_alloc(4096, SPAN);
	old = aligned_alloc(4096, SPAN);
	was = aligned_alloc(4096, SPAN);
	if (disk < 0 || !buf || !old || !was)
		die(node);
	test_writes("write", 4096, 0);
	test_writes("write", SPAN, 0);
	test_writes("write", 512, 0);
	test_writes("FUA write", 4096, RWF_DSYNC);
	test_writes("FUA write", 512, RWF_DSYNC);
	memset(buf, 0, SPAN);
	if (pwritev2(disk, &(struct iovec){ buf, 16384 }, 1, 0, RWF_ATOMIC) == 16384) {
		test_writes("atomic write", 16384, RWF_ATOMIC);
		test_writes("atomic write", 4096, RWF_ATOMIC);
	}
	io_flags = 0;
	prepare(0x11);
	io_len = SPAN;
	io_byte = 0x11;
	each_failure("read", do_read, io_failed, io_done, 1);
	/* The device chooses what discarded blocks read as. */
	test_range("discard", BLKDISCARD, ~0u);
	test_range("zeroout", BLKZEROOUT, 0);
	if (!ioctl(disk, BLKSECDISCARD, range))
		test_range("secdiscard", BLKSECDISCARD, 0);
	prepare(0);
	memset(buf, 0x22, SPAN);
	if (pwrite(disk, buf, SPAN, 0) != SPAN)
		die("write");
	io_at = 0;
	io_len = SPAN;
	io_byte = 0x22;
	each_failure("flush", do_flush, io_failed, io_done, 1);
}
