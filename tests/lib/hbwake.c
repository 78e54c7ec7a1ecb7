// SPDX-License-Identifier: GPL-2.0-only
/*
 * hbwake DEVICE ROUNDS: measures how long holding and releasing take.
 *
 * One thread reads 4 KiB with O_DIRECT, the other waits and resumes. Prints the
 * medians of ROUNDS in nanoseconds, one on each line:
 *
 *   unheld		a read with no rule armed
 *   resume-to-reader	from before the resume until the reader returns from read
 *   hit-to-waiter	from before the held read until the waiter returns
 *
 * Both threads have the same SCHED_FIFO priority. On one CPU each runs until it
 * sleeps, so the waiter waits in the kernel before the read starts. In a guest
 * where an instruction takes a nanosecond, the results are instructions.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "libhaltblk.h"

#define LENGTH	4096
#define SECOND	UINT64_C(1000000000)

static sem_t go, done;
static uint64_t began, ended;
static int disk;
static void *data;

static void die(const char *what, int err, const char *why)
{
	fprintf(stderr, "hbwake: %s: %s%s%s\n", what, strerror(err),
		*why ? ": " : "", why);
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static void read_once(void)
{
	if (pread(disk, data, LENGTH, 0) != LENGTH)
		die("read", errno, "");
}

static void *reader(void *unused)
{
	(void)unused;
	for (;;) {
		sem_wait(&go);
		began = now();
		read_once();
		ended = now();
		sem_post(&done);
	}
	return NULL;
}

static int cmp(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void print(const char *what, uint64_t *t, size_t nr)
{
	qsort(t, nr, sizeof(*t), cmp);
	printf("%s %" PRIu64 "\n", what, t[nr / 2]);
}

static struct libhaltblk *attach(const char *device)
{
	struct libhaltblk *h;
	int ret = libhaltblk_new(&h);

	if (!ret)
		ret = libhaltblk_open(h);
	if (!ret)
		ret = libhaltblk_attach(h, device);
	if (ret)
		die(device, -ret, h ? libhaltblk_why(h) : "");
	return h;
}

static void arm(struct libhaltblk *h)
{
	struct libhaltblk_rule *rule;
	int ret = libhaltblk_rule_new(h, &rule);

	if (!ret)
		ret = libhaltblk_rule_event(rule, "submit");
	if (!ret)
		ret = libhaltblk_rule_tag(rule, "K");
	if (!ret)
		ret = libhaltblk_rule_add(rule, "count=0");
	if (!ret)
		ret = libhaltblk_break(h, rule);
	if (ret)
		die("break", -ret, libhaltblk_why(h));
	libhaltblk_rule_free(rule);
}

static void start_reader(void)
{
	const struct sched_param fifo = { .sched_priority = 1 };
	pthread_attr_t attr;
	pthread_t thread;
	int ret;

	sem_init(&go, 0, 0);
	sem_init(&done, 0, 0);
	if (sched_setscheduler(0, SCHED_FIFO, &fifo))
		die("SCHED_FIFO", errno, "");
	pthread_attr_init(&attr);
	pthread_attr_setinheritsched(&attr, PTHREAD_INHERIT_SCHED);
	ret = pthread_create(&thread, &attr, reader, NULL);
	if (ret)
		die("thread", ret, "");
}

/* One read, held and released. */
static void held_once(struct libhaltblk *h, uint64_t *wake, uint64_t *hit)
{
	struct haltblk_wait w;
	uint64_t waited, resumed;
	int ret;

	sem_post(&go);
	ret = libhaltblk_wait(h, "K", 1, 10 * SECOND, &w, sizeof(w));
	waited = now();
	if (ret)
		die("wait", -ret, libhaltblk_why(h));
	resumed = now();
	ret = libhaltblk_resume(h, "K", LIBHALTBLK_GO_ON);
	if (ret != 1)
		die("resume", ret < 0 ? -ret : ESRCH, libhaltblk_why(h));
	sem_wait(&done);
	*wake = ended - resumed;
	*hit = waited - began;
}

int main(int argc, char **argv)
{
	size_t nr = argc == 3 ? strtoul(argv[2], NULL, 10) : 0, i;
	uint64_t *a = calloc(nr + 1, sizeof(*a)), *b = calloc(nr + 1, sizeof(*b));
	struct libhaltblk *h;
	char path[64];

	if (!nr || !a || !b) {
		fprintf(stderr, "usage: hbwake DEVICE ROUNDS\n");
		return 2;
	}
	snprintf(path, sizeof(path), "/dev/%s", argv[1]);
	disk = open(path, O_RDONLY | O_DIRECT);
	if (disk < 0 || posix_memalign(&data, LENGTH, LENGTH))
		die(path, errno, "");
	h = attach(argv[1]);
	start_reader();
	for (i = 0; i < nr; i++) {
		sem_post(&go);
		sem_wait(&done);
		a[i] = ended - began;
	}
	print("unheld", a, nr);
	arm(h);
	for (i = 0; i < nr; i++)
		held_once(h, &a[i], &b[i]);
	print("resume-to-reader", a, nr);
	print("hit-to-waiter", b, nr);
	libhaltblk_free(h);
	return 0;
}
