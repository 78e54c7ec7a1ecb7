/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * limits --probe: write a range, discard it, read it; the same with zero-out
 * and secure discard. Destroys the range, and nothing is saved.
 *
 * It waits for I/O in the kernel like a read does; a held request makes it
 * wait until that is released.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/fs.h>

#include "probe.h"

#define CHUNK		(1U << 20)	/* bytes of one read or write */
#define BUFFER_ALIGN	65536		/* no device needs more */

static const struct {
	unsigned long nr;
	const char *name;
} operations[] = {
	[LIBHALTBLK_DISCARD] = { BLKDISCARD, "BLKDISCARD" },
	[LIBHALTBLK_ZEROOUT] = { BLKZEROOUT, "BLKZEROOUT" },
	[LIBHALTBLK_SECDISCARD] = { BLKSECDISCARD, "BLKSECDISCARD" },
};

const char *hbc_probe_name(enum libhaltblk_range_op op)
{
	return operations[op].name;
}

/** hbc_probe_byte() - what is written at a byte of the device; never 0 */
unsigned char hbc_probe_byte(uint64_t at)
{
	return (unsigned char)(1 + (at + at / 512 * 7) % 255);
}

/** hbc_probe_count() - add what was read at @at */
void hbc_probe_count(struct hbc_reads *reads, uint64_t at,
		     const unsigned char *buf, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!buf[i])
			reads->zero++;
		else if (buf[i] == hbc_probe_byte(at + i))
			reads->old++;
		else
			reads->other++;
}

static int fill(int fd, unsigned char *buf, uint64_t at, size_t len)
{
	ssize_t n;
	size_t i;

	for (i = 0; i < len; i++)
		buf[i] = hbc_probe_byte(at + i);
	n = pwrite(fd, buf, len, (off_t)at);
	if (n == (ssize_t)len)
		return 0;
	return n < 0 ? -errno : -EIO;
}

static int count(int fd, unsigned char *buf, uint64_t at, size_t len,
		 struct hbc_reads *reads)
{
	ssize_t n = pread(fd, buf, len, (off_t)at);

	if (n != (ssize_t)len)
		return n < 0 ? -errno : -EIO;
	hbc_probe_count(reads, at, buf, len);
	return 0;
}

/* Fill the range, or count what it reads if @reads is given. */
static int over_range(int fd, unsigned char *buf,
		      const struct libhaltblk_range *range,
		      struct hbc_reads *reads)
{
	uint64_t done = 0, left;
	int r = 0;

	for (; !r && done < range->length; done += CHUNK) {
		left = range->length - done;
		if (left > CHUNK)
			left = CHUNK;
		r = reads ?
		    count(fd, buf, range->offset + done, left, reads) :
		    fill(fd, buf, range->offset + done, left);
	}
	return r;
}

static int probe_one(int fd, unsigned char *buf,
		     const struct libhaltblk_range *range,
		     struct hbc_probe *probe)
{
	uint64_t arg[2] = { range->offset, range->length };
	struct hbc_reads again = { 0 };
	int r;

	probe->err = 0;
	memset(&probe->reads, 0, sizeof(probe->reads));
	r = over_range(fd, buf, range, NULL);
	if (!r && fsync(fd))
		r = -errno;
	if (r)
		return r;
	if (ioctl(fd, operations[probe->op].nr, arg)) {
		probe->err = -errno;
		return 0;
	}
	r = over_range(fd, buf, range, &probe->reads);
	if (!r)
		r = over_range(fd, buf, range, &again);
	probe->reads.changed = again.zero != probe->reads.zero ||
			       again.old != probe->reads.old;
	return r;
}

static int probe_all(int fd, const struct libhaltblk_range *range,
		     struct hbc_probe probes[3])
{
	unsigned char *buf;
	int r = 0, i;

	if (posix_memalign((void **)&buf, BUFFER_ALIGN, CHUNK))
		return -ENOMEM;
	for (i = 0; !r && i < 3; i++) {
		probes[i].op = (enum libhaltblk_range_op)i;
		r = probe_one(fd, buf, range, &probes[i]);
	}
	free(buf);
	return r;
}

static int bad_range(int fd, const struct libhaltblk_range *range)
{
	uint64_t size = 0;
	int block = 0;

	if (ioctl(fd, BLKGETSIZE64, &size) || ioctl(fd, BLKSSZGET, &block))
		return -errno;
	if (block <= 0 || !range->length ||
	    range->offset % (unsigned int)block ||
	    range->length % (unsigned int)block || range->offset > size ||
	    range->length > size - range->offset)
		return -EINVAL;
	return 0;
}

/**
 * hbc_probe() - try what the three ioctls do to a range
 * @h: handle
 * @device: name or path
 * @range: range, and flags
 * @probes: out
 *
 * Return: an exit status, or HBC_GO_ON; messages are printed.
 */
int hbc_probe(struct libhaltblk *h, const char *device,
	      struct libhaltblk_range *range, struct hbc_probe probes[3])
{
	const char *name = hbc_base(device);
	int fd, r;

	fd = libhaltblk_open_blkdev(h, device, range->flags);
	if (fd < 0)
		return hbc_fail(h, name, "limits: probe", fd);
	r = bad_range(fd, range);
	if (r == -EINVAL) {
		hbc_error(name, "limits: probe: %llu bytes at %llu: not inside the device, or not multiples of its logical block size; haltblk limits %s shows both",
			  (unsigned long long)range->length,
			  (unsigned long long)range->offset, name);
	} else if (!r) {
		/* Bypass the page cache, if the device allows that. */
		(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_DIRECT);
		r = probe_all(fd, range, probes);
	}
	close(fd);
	if (r && r != -EINVAL)
		hbc_error(name, "limits: probe: %s; the data of the range is now unknown",
			  strerror(-r));
	return r ? hbc_exit_status(r) : HBC_GO_ON;
}

static const char *kind(const struct hbc_reads *reads)
{
	if (reads->changed)
		return "unstable";
	if (!reads->old && !reads->other)
		return "zeroes";
	if (!reads->zero && !reads->other)
		return "old data";
	return reads->other ? "other data" : "partly zeroes";
}

/** hbc_probe_text() - what was found, in words */
void hbc_probe_text(const struct hbc_probe *probe, char *text, size_t size)
{
	const struct hbc_reads *reads = &probe->reads;

	if (probe->err)
		snprintf(text, size, "fails: %s", strerror(-probe->err));
	else if (!reads->changed && (!!reads->zero + !!reads->old + !!reads->other) == 1)
		snprintf(text, size, "reads %s", kind(reads));
	else
		snprintf(text, size, "reads %s: %llu zero, %llu old, %llu other",
			 kind(reads), (unsigned long long)reads->zero,
			 (unsigned long long)reads->old,
			 (unsigned long long)reads->other);
}

/** hbc_probe_json() - what was found, as an object */
struct json_object *hbc_probe_json(const struct libhaltblk_range *range,
				   const struct hbc_probe probes[3])
{
	struct json_object *all = json_object_new_object(), *o;
	const char *name;
	int i;

	json_object_object_add(all, "offset",
			       json_object_new_uint64(range->offset));
	json_object_object_add(all, "length",
			       json_object_new_uint64(range->length));
	for (i = 0; i < 3; i++) {
		const struct hbc_probe *p = &probes[i];

		o = json_object_new_object();
		name = p->err ? strerrorname_np(-p->err) : "ok";
		json_object_object_add(o, "result",
				       json_object_new_string(name ? name : "?"));
		json_object_object_add(o, "reads", p->err ? NULL :
				       json_object_new_string(kind(&p->reads)));
		json_object_object_add(o, "zero",
				       json_object_new_uint64(p->reads.zero));
		json_object_object_add(o, "old",
				       json_object_new_uint64(p->reads.old));
		json_object_object_add(o, "other",
				       json_object_new_uint64(p->reads.other));
		json_object_object_add(all, operations[p->op].name, o);
	}
	return all;
}
