// SPDX-License-Identifier: GPL-2.0-only
/*
 * hbown DEVICE OP [FILE]: a process that waits for a request that its own rule
 * holds. It arms "submit OWN op=OP" with owner=session, prints "armed", and then
 * does the I/O. OP is read, write, flush, discard or write_zeroes on the device;
 * fsync: of FILE (the rule has op=flush); uring: a read by a worker of an io_uring.
 * $HBOWN_ACTION replaces the action of the rule, as in action=delay=1000000.
 */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "libhaltblk.h"

static void die(const char *what, int err)
{
	fprintf(stderr, "hbown: %s: %s\n", what, strerror(err));
	exit(1);
}

static int uring_read(int fd, void *buf)
{
	struct io_uring ring;
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *cqe;

	if (io_uring_queue_init(4, &ring, 0))
		die("io_uring", errno);
	sqe = io_uring_get_sqe(&ring);
	io_uring_prep_read(sqe, fd, buf, 4096, 0);
	sqe->flags |= IOSQE_ASYNC;
	io_uring_submit(&ring);
	return io_uring_wait_cqe(&ring, &cqe);
}

int main(int argc, char **argv)
{
	uint64_t range[2] = { 0, 65536 };
	struct libhaltblk_rule *rule;
	struct libhaltblk *h;
	const char *op, *action = getenv("HBOWN_ACTION");
	char path[64];
	void *buf;
	int fd, ret;

	if (argc < 3)
		return 2;
	op = argv[2];
	snprintf(path, sizeof(path), "/dev/%s", argv[1]);
	if (posix_memalign(&buf, 4096, 4096))
		die("memory", ENOMEM);
	memset(buf, 1, 4096);
	fd = argc > 3 ? open(argv[3], O_RDWR | O_CREAT, 0600) :
			open(path, O_RDWR | O_DIRECT);
	if (fd < 0)
		die("open", errno);
	if (argc > 3 && pwrite(fd, buf, 4096, 0) != 4096)
		die("pwrite", errno);
	ret = libhaltblk_new(&h);
	if (!ret)
		ret = libhaltblk_open(h);
	if (!ret)
		ret = libhaltblk_attach(h, argv[1]);
	if (ret)
		die(argv[1], -ret);
	snprintf(path, sizeof(path), "op=%s", strcmp(op, "uring") ? op : "read");
	ret = libhaltblk_rule_new(h, &rule);
	if (ret || (ret = libhaltblk_rule_event(rule, "submit")) ||
	    (ret = libhaltblk_rule_tag(rule, "OWN")) ||
	    (ret = libhaltblk_rule_add(rule, path)) ||
	    (action && (ret = libhaltblk_rule_add(rule, action))) ||
	    (ret = libhaltblk_break(h, rule)))
		die(libhaltblk_why(h), -ret);
	libhaltblk_rule_free(rule);
	puts("armed");
	fflush(stdout);
	if (argc > 3 || !strcmp(op, "flush"))
		ret = fsync(fd);
	else if (!strcmp(op, "read"))
		ret = pread(fd, buf, 4096, 0);
	else if (!strcmp(op, "write"))
		ret = pwrite(fd, buf, 4096, 0);
	else if (!strcmp(op, "discard"))
		ret = ioctl(fd, BLKDISCARD, range);
	else if (!strcmp(op, "write_zeroes"))
		ret = ioctl(fd, BLKZEROOUT, range);
	else
		ret = uring_read(fd, buf);
	printf("%s: %s\n", op, ret < 0 ? strerror(errno) : "done");
	libhaltblk_free(h);
	return 0;
}
