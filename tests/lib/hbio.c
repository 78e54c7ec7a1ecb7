// SPDX-License-Identifier: GPL-2.0-only
/*
 * hbio: block I/O for tests, all in flight at once, checked to the byte.
 *
 *   hbio [OPTION]... DEVICE [NAME=]OP:OFFSET:LENGTH[:SEED] ...
 *
 * OP is read, look, write, fuawrite, atomic (a write with RWF_ATOMIC), flush,
 * discard, zeroout, secdiscard, punch, zerorange, zerokeep (fallocate) or
 * udiscard (io_uring's command, from 6.12 on). NAME defaults to OP and its
 * position. Whenever a request ends, one line goes to stdout:
 *
 *   NAME ok | NAME bad AT | NAME short BYTES | NAME ERRNO
 *
 * Every 8 bytes of data depend on SEED and on their place on the device, so that
 * misplaced data is noticed. A read with a SEED is compared (SEED 0: zeroes;
 * SEED p: what discarded blocks read as with discard_reads=poison), and "bad AT"
 * gives the first wrong byte. A look reads and says what it found: "NAME zero",
 * "poison", "data" (of its SEED) or "mixed". Exit status: 0 if every line was ok
 * or came from a look, 1 if not, 2 on misuse.
 *
 *   --sync        one at a time, in the order given
 *   --buffered    do not use O_DIRECT
 *   --shift N     user buffers start N bytes after a page's start
 *   --polled      IORING_SETUP_IOPOLL (reads and writes only)
 *   --aio         Linux AIO instead of io_uring (reads and writes only). It writes
 *		   its ring when a request completes, so that lines come in the
 *		   device's order even if many requests end at once. io_uring
 *		   before 6.3 reverses such a batch.
 *   --plug        --aio, with all requests in one call, and so in one plug
 *
 * Reads, writes, flushes and udiscard go through io_uring. Older kernels have no
 * asynchronous call for the rest: a child makes the ioctl, and its result is read
 * from a pipe through the same ring, so that all have one order of completion.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <getopt.h>
#include <liburing.h>
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "haltblk.h"

enum op {
	READ, LOOK, WRITE, FUAWRITE, ATOMIC, FLUSH, UDISCARD,
	/* In a child: */
	DISCARD, ZEROOUT, SECDISCARD, PUNCH, ZERORANGE, ZEROKEEP, NR_OPS
};

static const char *const op_names[NR_OPS] = {
	"read", "look", "write", "fuawrite", "atomic", "flush", "udiscard",
	"discard", "zeroout", "secdiscard", "punch", "zerorange", "zerokeep",
};

#define SEED_POISON UINT64_MAX

/* linux/blkdev.h of 6.12, which the headers here may not have. */
#define HBIO_URING_DISCARD	_IO(0x12, 0)
/* linux/fs.h of 6.11 */
#ifndef RWF_ATOMIC
#define RWF_ATOMIC		0x40
#endif

struct io {
	char name[32];
	enum op op;
	uint64_t offset, length, seed;
	bool has_seed;
	unsigned char *buf;
	int pipe[2];
	int result;		/* a child's, read from its pipe */
	struct iocb iocb;
};

static struct {
	bool sync, buffered, polled, aio;
	size_t shift;
	bool plug;
} opt;

/* --plug: what the one io_submit() takes. */
static struct iocb **plugged;
static int nr_plugged;

static struct io_uring ring;
static aio_context_t aio;
static int fd;
static const char *device;

static void __attribute__((noreturn, format(printf, 2, 3)))
die(int status, const char *fmt, ...)
{
	va_list ap;

	fputs("hbio: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(status);
}

/* Multiplying by an odd constant keeps words of different places different. */
static uint64_t word(uint64_t seed, uint64_t place)
{
	if (!seed)
		return 0;
	if (seed == SEED_POISON)
		return HALTBLK_POISON * 0x0101010101010101ull;
	return (seed ^ (place << 20)) * 0x9e3779b97f4a7c15ull;
}

static void fill(struct io *io)
{
	for (uint64_t i = 0; i < io->length; i += 8) {
		uint64_t w = word(io->seed, io->offset + i);

		memcpy(io->buf + i, &w, 8);
	}
}

/* Returns the first wrong place on the device, or -1. */
static int64_t compare(const struct io *io, uint64_t seed)
{
	for (uint64_t i = 0; i < io->length; i += 8) {
		uint64_t w = word(seed, io->offset + i);

		if (memcmp(io->buf + i, &w, 8))
			return io->offset + i;
	}
	return -1;
}

static uint64_t size(const char *s, const char *spec)
{
	char *end;
	uint64_t n;

	errno = 0;
	n = strtoull(s, &end, 0);
	if (end == s || errno)
		die(2, "%s: '%s' is no number", spec, s);
	switch (*end) {
	case 'k': case 'K': n <<= 10; end++; break;
	case 'm': case 'M': n <<= 20; end++; break;
	case 'g': case 'G': n <<= 30; end++; break;
	}
	if (*end)
		die(2, "%s: '%s' is no number", spec, s);
	return n;
}

static void parse(struct io *io, const char *spec, int nr)
{
	char *copy = strdup(spec), *rest = copy, *f, *eq;

	memset(io, 0, sizeof(*io));
	f = strsep(&rest, ":");
	eq = strchr(f, '=');
	if (eq) {
		*eq = 0;
		snprintf(io->name, sizeof(io->name), "%s", f);
		f = eq + 1;
	}
	for (io->op = 0; io->op < NR_OPS; io->op++)
		if (!strcmp(f, op_names[io->op]))
			break;
	if (io->op == NR_OPS)
		die(2, "%s: no such operation", spec);
	if (!eq)
		snprintf(io->name, sizeof(io->name), "%s%d", f, nr);
	if (io->op != FLUSH) {
		f = strsep(&rest, ":");
		if (!f || !rest)
			die(2, "%s: needs OFFSET and LENGTH", spec);
		io->offset = size(f, spec);
		io->length = size(strsep(&rest, ":"), spec);
		f = strsep(&rest, ":");
		if (f) {
			io->seed = !strcmp(f, "p") ? SEED_POISON : size(f, spec);
			io->has_seed = true;
		}
		if (io->op <= ATOMIC && io->length % 8)
			die(2, "%s: LENGTH is no multiple of 8", spec);
	}
	free(copy);
}

static void get_buffer(struct io *io)
{
	size_t page = sysconf(_SC_PAGESIZE);
	void *p;

	if (posix_memalign(&p, page, io->length + opt.shift + page))
		die(1, "no memory");
	io->buf = (unsigned char *)p + opt.shift;
	if (io->op >= WRITE && io->op <= ATOMIC)
		fill(io);
	else
		memset(io->buf, 0xa5, io->length);
}

static int run_call(const struct io *io)
{
	static const unsigned long requests[NR_OPS] = {
		[DISCARD] = BLKDISCARD,
		[ZEROOUT] = BLKZEROOUT,
		[SECDISCARD] = BLKSECDISCARD,
	};
	static const int modes[NR_OPS] = {
		[PUNCH] = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		[ZERORANGE] = FALLOC_FL_ZERO_RANGE,
		[ZEROKEEP] = FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE,
	};
	uint64_t range[2] = { io->offset, io->length };
	/* Open it again: the descriptor in the ring must not keep the device busy. */
	int f = open(device, O_RDWR | O_CLOEXEC);
	int ret;

	if (f < 0)
		return -errno;
	if (requests[io->op])
		ret = ioctl(f, requests[io->op], range);
	else
		ret = fallocate(f, modes[io->op], io->offset, io->length);
	return ret < 0 ? -errno : 0;
}

static void start_child(struct io *io)
{
	pid_t pid;

	if (pipe2(io->pipe, O_CLOEXEC))
		die(1, "pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		die(1, "fork: %s", strerror(errno));
	if (!pid) {
		int result;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ring.ring_fd);
		close(fd);
		result = run_call(io);
		if (write(io->pipe[1], &result, sizeof(result)) != sizeof(result))
			_exit(1);
		_exit(0);
	}
	close(io->pipe[1]);
}

static void submit_aio(struct io *io)
{
	struct iocb *list = &io->iocb;

	if (io->op != READ && io->op != WRITE)
		die(2, "%s: --aio reads and writes only", io->name);
	get_buffer(io);
	io->iocb = (struct iocb) {
		.aio_lio_opcode = io->op == READ ? IOCB_CMD_PREAD : IOCB_CMD_PWRITE,
		.aio_fildes = fd,
		.aio_buf = (uintptr_t)io->buf,
		.aio_nbytes = io->length,
		.aio_offset = io->offset,
		.aio_data = (uintptr_t)io,
	};
	if (opt.plug) {
		plugged = realloc(plugged, (nr_plugged + 1) * sizeof(*plugged));
		plugged[nr_plugged++] = list;
		return;
	}
	if (syscall(SYS_io_submit, aio, 1, &list) != 1)
		die(1, "io_submit: %s", strerror(errno));
}

static void submit(struct io *io)
{
	struct io_uring_sqe *sqe;

	if (opt.aio) {
		submit_aio(io);
		return;
	}
	sqe = io_uring_get_sqe(&ring);
	if (!sqe)
		die(1, "ring is full");
	switch (io->op) {
	case READ:
	case LOOK:
		get_buffer(io);
		io_uring_prep_read(sqe, fd, io->buf, io->length, io->offset);
		break;
	case WRITE:
		get_buffer(io);
		io_uring_prep_write(sqe, fd, io->buf, io->length, io->offset);
		break;
	case FUAWRITE:
	case ATOMIC:
		get_buffer(io);
		io_uring_prep_write(sqe, fd, io->buf, io->length, io->offset);
		sqe->rw_flags = io->op == ATOMIC ? RWF_ATOMIC : RWF_DSYNC;
		break;
	case FLUSH:
		io_uring_prep_fsync(sqe, fd, 0);
		break;
	case UDISCARD:
		io_uring_prep_rw(IORING_OP_URING_CMD, sqe, fd, NULL, 0, 0);
		sqe->cmd_op = HBIO_URING_DISCARD;
		sqe->addr = io->offset;
		sqe->addr3 = io->length;
		break;
	default:
		start_child(io);
		io_uring_prep_read(sqe, io->pipe[0], &io->result,
				   sizeof(io->result), 0);
	}
	io_uring_sqe_set_data(sqe, io);
}

static const char *looks(const struct io *io)
{
	if (compare(io, 0) < 0)
		return "zero";
	if (compare(io, SEED_POISON) < 0)
		return "poison";
	if (compare(io, io->seed) < 0)
		return "data";
	return "mixed";
}

/* Print the line of a request that ended; returns whether it was all right. */
static bool report(struct io *io, int res)
{
	int64_t wrong;

	if (io->op >= DISCARD) {
		if (res == (int)sizeof(io->result))
			res = io->result;
		else if (res >= 0)
			res = -ECHILD;
	}
	if (res < 0) {
		printf("%s %s\n", io->name, strerrorname_np(-res));
		return false;
	}
	if (io->op <= ATOMIC && (uint64_t)res != io->length) {
		printf("%s short %d\n", io->name, res);
		return false;
	}
	if (io->op == LOOK) {
		printf("%s %s\n", io->name, looks(io));
		return true;
	}
	if (io->op == READ && io->has_seed) {
		wrong = compare(io, io->seed);
		if (wrong >= 0) {
			printf("%s bad %lld\n", io->name, (long long)wrong);
			return false;
		}
	}
	printf("%s ok\n", io->name);
	return true;
}

static bool reap_aio(void)
{
	struct io_event event;
	int ret;

	do {
		ret = syscall(SYS_io_getevents, aio, 1, 1, &event, NULL);
	} while (ret < 0 && errno == EINTR);
	if (ret != 1)
		die(1, "io_getevents: %s", strerror(errno));
	return report((struct io *)(uintptr_t)event.data, event.res);
}

static bool reap(void)
{
	struct io_uring_cqe *cqe;
	struct io *io;
	int ret;
	bool ok;

	if (opt.aio)
		return reap_aio();
	do {
		ret = io_uring_wait_cqe(&ring, &cqe);
	} while (ret == -EINTR);
	if (ret)
		die(1, "io_uring_wait_cqe: %s", strerror(-ret));
	io = io_uring_cqe_get_data(cqe);
	ok = report(io, cqe->res);
	io_uring_cqe_seen(&ring, cqe);
	return ok;
}

static void send_all(void)
{
	int ret;

	if (nr_plugged && syscall(SYS_io_submit, aio, nr_plugged, plugged) != nr_plugged)
		die(1, "io_submit of %d: %s", nr_plugged, strerror(errno));
	nr_plugged = 0;
	if (opt.aio)
		return;
	ret = io_uring_submit(&ring);
	if (ret < 0)
		die(1, "io_uring_submit: %s", strerror(-ret));
}

static void set_up(int nr)
{
	int ret;

	if (opt.aio) {
		if (syscall(SYS_io_setup, nr, &aio))
			die(1, "io_setup: %s", strerror(errno));
		return;
	}
	ret = io_uring_queue_init(nr < 2 ? 2 : nr, &ring,
				  opt.polled ? IORING_SETUP_IOPOLL : 0);
	if (ret)
		die(1, "io_uring_queue_init: %s", strerror(-ret));
	/* A child that waits in the kernel must not keep the ring alive. */
	ret = io_uring_ring_dontfork(&ring);
	if (ret)
		die(1, "io_uring_ring_dontfork: %s", strerror(-ret));
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "sync", no_argument, NULL, 's' },
		{ "buffered", no_argument, NULL, 'b' },
		{ "shift", required_argument, NULL, 'o' },
		{ "polled", no_argument, NULL, 'p' },
		{ "aio", no_argument, NULL, 'a' },
		{ "plug", no_argument, NULL, 'g' },
		{}
	};
	struct io *ios;
	bool ok = true;
	int c, nr;

	while ((c = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (c) {
		case 's': opt.sync = true; break;
		case 'b': opt.buffered = true; break;
		case 'o': opt.shift = size(optarg, "--shift"); break;
		case 'p': opt.polled = true; break;
		case 'a': opt.aio = true; break;
		case 'g': opt.aio = opt.plug = true; break;
		default: return 2;
		}
	}
	nr = argc - optind - 1;
	if (nr < 1)
		die(2, "usage: hbio [OPTION]... DEVICE [NAME=]OP:OFFSET:LENGTH[:SEED] ...");
	device = argv[optind];
	ios = calloc(nr, sizeof(*ios));
	for (int i = 0; i < nr; i++)
		parse(&ios[i], argv[optind + 1 + i], i);

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGCHLD, SIG_IGN);
	fd = open(device, O_RDWR | O_CLOEXEC | (opt.buffered ? 0 : O_DIRECT));
	if (fd < 0)
		die(1, "%s: %s", device, strerror(errno));
	set_up(nr);

	for (int i = 0; i < nr; i++) {
		submit(&ios[i]);
		if (opt.sync) {
			send_all();
			ok &= reap();
		}
	}
	if (!opt.sync) {
		send_all();
		for (int i = 0; i < nr; i++)
			ok &= reap();
	}
	return ok ? 0 : 1;
}
