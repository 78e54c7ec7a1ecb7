// SPDX-License-Identifier: GPL-2.0-only
/*
 * hbevents DEVICE: the event stream under every call that waits for a file.
 *
 * Tries epoll by level, epoll by edge, io_uring and threads. Prints a line for each
 * that works, and stops at the first that does not, with the reason. Each read of
 * 4 KiB makes one record, and each record must come once and in order.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <liburing.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "libhaltblk.h"

#define PATIENCE_MSEC	10000
#define LENGTH		4096

static struct haltblk_event records[8];
static uint64_t last_seq;
static int disk, fd;

/* Set by the threads just before they wait. */
static atomic_int reader_tid, poller_tid;
static int polled;

static void die(const char *what, int got)
{
	fprintf(stderr, "hbevents: %s: %d: %s\n", what, got, strerror(errno));
	exit(1);
}

static void expect(const char *what, int got, int wanted)
{
	if (got != wanted)
		die(what, got);
}

static void make_records(int nr)
{
	static char data[LENGTH] __attribute__((aligned(LENGTH)));

	while (nr--)
		expect("I/O", pread(disk, data, LENGTH, 0), LENGTH);
}

/* Check that a read of @got bytes returned the next @wanted records. */
static void check(const char *what, int got, int wanted)
{
	int i;

	expect(what, got, wanted * (int)sizeof(records[0]));
	for (i = 0; i < wanted; i++) {
		if (records[i].what != HALTBLK_WHAT_COMPLETED ||
		    (last_seq && records[i].seq != last_seq + 2))
			die("not the next record", (int)records[i].seq);
		last_seq = records[i].seq;
	}
}

static void take(const char *what, int room, int wanted)
{
	check(what, read(fd, records, room * sizeof(records[0])), wanted);
}

static void none_left(void)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	expect("poll: nothing is left", poll(&p, 1, 0), 0);
}

static void by_epoll(uint32_t edge)
{
	struct epoll_event e = { .events = EPOLLIN | edge };
	int ep = epoll_create1(EPOLL_CLOEXEC);

	expect("epoll_ctl", epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e), 0);
	expect("epoll: nothing yet", epoll_wait(ep, &e, 1, 0), 0);
	make_records(2);
	expect("epoll: two records", epoll_wait(ep, &e, 1, PATIENCE_MSEC), 1);
	expect("epoll: what it says", e.events, EPOLLIN);
	/* The level is still there, the edge is not. */
	expect("epoll: again", epoll_wait(ep, &e, 1, 0), !edge);
	if (!edge) {
		take("the first", 1, 1);
		expect("epoll: one is left", epoll_wait(ep, &e, 1, 0), 1);
		take("the second", 1, 1);
	} else {
		take("both", 8, 2);
	}
	expect("epoll: nothing left", epoll_wait(ep, &e, 1, 0), 0);
	make_records(1);
	expect("epoll: a third", epoll_wait(ep, &e, 1, PATIENCE_MSEC), 1);
	take("the third", 8, 1);
	close(ep);
	none_left();
	puts(edge ? "epoll by edge" : "epoll by level");
}

static int completion(struct io_uring *ring)
{
	struct __kernel_timespec limit = { .tv_sec = PATIENCE_MSEC / 1000 };
	struct io_uring_cqe *cqe;
	int ret = io_uring_wait_cqe_timeout(ring, &cqe, &limit);

	if (ret)
		return ret;
	ret = cqe->res;
	io_uring_cqe_seen(ring, cqe);
	return ret;
}

static void by_io_uring(void)
{
	struct io_uring_cqe *cqe;
	struct io_uring ring;

	expect("io_uring", io_uring_queue_init(4, &ring, 0), 0);
	io_uring_prep_poll_add(io_uring_get_sqe(&ring), fd, POLLIN);
	expect("submit", io_uring_submit(&ring), 1);
	expect("poll: nothing yet", io_uring_peek_cqe(&ring, &cqe), -EAGAIN);
	make_records(1);
	expect("poll: a record", completion(&ring), POLLIN);
	io_uring_prep_read(io_uring_get_sqe(&ring), fd, records, sizeof(records), 0);
	expect("submit", io_uring_submit(&ring), 1);
	check("read of it", completion(&ring), 1);
	/* And one that comes before its record. */
	io_uring_prep_read(io_uring_get_sqe(&ring), fd, records, sizeof(records), 0);
	expect("submit", io_uring_submit(&ring), 1);
	expect("read: nothing yet", io_uring_peek_cqe(&ring, &cqe), -EAGAIN);
	make_records(1);
	check("read of the next", completion(&ring), 1);
	io_uring_queue_exit(&ring);
	none_left();
	puts("io_uring");
}

static void priority(int level)
{
	struct sched_param p = { .sched_priority = level };

	if (sched_setscheduler(0, SCHED_FIFO, &p))
		die("SCHED_FIFO", level);
}

static void *reader(void *unused)
{
	priority(1);
	atomic_store(&reader_tid, gettid());
	take("read by a thread", 1, 1);
	return unused;
}

static void *poller(void *unused)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	priority(2);
	atomic_store(&poller_tid, gettid());
	polled = poll(&p, 1, -1);
	return unused;
}

/* Wait until the thread that wrote its id here sleeps in its next call. */
static void start(pthread_t *thread, void *(*run)(void *), atomic_int *tid)
{
	char path[64], state = 0;
	FILE *f;

	if (pthread_create(thread, NULL, run, NULL))
		die("thread", 0);
	while (!atomic_load(tid))
		usleep(1000);
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", atomic_load(tid));
	while (state != 'S') {
		usleep(1000);
		f = fopen(path, "r");
		if (!f || fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
			die(path, 0);
		fclose(f);
	}
}

/*
 * One thread is in read() with room for one record, another one in poll(): the record that
 * the first leaves behind must wake the second. On one CPU, with priorities, so that both
 * records are there before either runs, and the second looks while the first has the lock.
 */
static void by_threads(void)
{
	struct timespec limit;
	pthread_t r, p;
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	expect("one CPU", sched_setaffinity(0, sizeof(one), &one), 0);
	priority(3);
	start(&r, reader, &reader_tid);
	start(&p, poller, &poller_tid);
	make_records(2);
	pthread_join(r, NULL);
	/* Not by poll()'s own limit: it looks once more then, and sees the record. */
	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += PATIENCE_MSEC / 1000;
	errno = pthread_timedjoin_np(p, NULL, &limit);
	expect("poll by a thread: woken by the second record", errno, 0);
	expect("poll by a thread", polled, 1);
	take("the second", 8, 1);
	none_left();
	puts("threads");
}

int main(int argc, char **argv)
{
	struct libhaltblk *h;
	char path[64];
	int ret;

	if (argc != 2)
		return 2;
	snprintf(path, sizeof(path), "/dev/%s", argv[1]);
	disk = open(path, O_RDONLY | O_DIRECT);
	if (disk < 0)
		die(path, disk);
	ret = libhaltblk_new(&h);
	if (!ret)
		ret = libhaltblk_open(h);
	if (!ret)
		ret = libhaltblk_attach(h, argv[1]);
	if (!ret)
		ret = libhaltblk_watch(h, 1 << HALTBLK_WHAT_COMPLETED, 64);
	if (ret)
		die(libhaltblk_why(h), ret);
	fd = libhaltblk_fd(h);
	setvbuf(stdout, NULL, _IOLBF, 0);
	by_epoll(0);
	by_epoll(EPOLLET);
	by_io_uring();
	by_threads();
	libhaltblk_free(h);
	return 0;
}
