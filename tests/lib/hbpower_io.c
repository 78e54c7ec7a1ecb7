// SPDX-License-Identifier: GPL-2.0-only
/*
 * I/O of each kind from two threads, each on its own CPU, while the device
 * comes and goes. A request may fail, but it ends.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "hbpower.h"

#define THREADS	2
#define BLOCK	4096U
#define BLOCKS	1024U		/* of the device, from its start */
#define MOST	16U		/* blocks in a request */

static struct io {
	pthread_t thread;
	unsigned int cpu;
	unsigned int seed;
	uint64_t ok, failed;
} io[THREADS];
static const char *device;
static bool stop;

static unsigned int below(struct io *t, unsigned int n)
{
	return (unsigned int)rand_r(&t->seed) % n;
}

static long one(struct io *t, int fd, void *buf)
{
	const uint64_t blocks = 1 + below(t, MOST);
	uint64_t range[2] = { below(t, BLOCKS) * (uint64_t)BLOCK, blocks * BLOCK };

	switch (below(t, 10)) {
	case 0:
		return ioctl(fd, BLKDISCARD, range);
	case 1:
		return ioctl(fd, BLKZEROOUT, range);
	case 2:
		return ioctl(fd, BLKSECDISCARD, range);
	case 3:
		return fsync(fd);
	case 4:
	case 5:
	case 6:
		return pwrite(fd, buf, range[1], (off_t)range[0]);
	}
	return pread(fd, buf, range[1], (off_t)range[0]);
}

static void *io_thread(void *arg)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	struct io *t = arg;
	cpu_set_t set;
	void *buf;
	int fd, i;

	CPU_ZERO(&set);
	CPU_SET(t->cpu % (unsigned int)sysconf(_SC_NPROCESSORS_ONLN), &set);
	sched_setaffinity(0, sizeof(set), &set);
	if (posix_memalign(&buf, BLOCK, (size_t)MOST * BLOCK))
		abort();
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		fd = open(device, O_RDWR | O_DIRECT | O_CLOEXEC);
		if (fd < 0) {
			nanosleep(&pause, NULL);
			continue;
		}
		for (i = 0; i < 64; i++)
			__atomic_add_fetch(one(t, fd, buf) < 0 ? &t->failed : &t->ok, 1,
					   __ATOMIC_RELAXED);
		close(fd);
	}
	free(buf);
	return NULL;
}

void io_start(const char *path)
{
	unsigned int i;

	device = path;
	for (i = 0; i < THREADS; i++) {
		io[i].cpu = i;
		io[i].seed = (unsigned int)rng_next();
		if (pthread_create(&io[i].thread, NULL, io_thread, &io[i]))
			abort();
	}
}

void io_counts(uint64_t *ok, uint64_t *failed)
{
	unsigned int i;

	*ok = *failed = 0;
	for (i = 0; i < THREADS; i++) {
		*ok += __atomic_load_n(&io[i].ok, __ATOMIC_RELAXED);
		*failed += __atomic_load_n(&io[i].failed, __ATOMIC_RELAXED);
	}
}

/* Wait until so many more requests have ended. */
bool io_moves(unsigned int requests, unsigned int seconds)
{
	const struct timespec pause = { .tv_nsec = 200000 };
	const time_t end = time(NULL) + seconds;
	uint64_t ok, failed, before;

	io_counts(&ok, &failed);
	before = ok + failed;
	do {
		nanosleep(&pause, NULL);
		io_counts(&ok, &failed);
	} while (ok + failed < before + requests && time(NULL) < end);
	return ok + failed >= before + requests;
}

void io_stop(void)
{
	unsigned int i;

	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < THREADS; i++)
		pthread_join(io[i].thread, NULL);
}
