// SPDX-License-Identifier: GPL-2.0-only
/*
 * hbmodel: random reads, writes, discards, zeroings and erasures from several
 * writers at once, each checked against a model of every sector.
 *
 *   hbmodel DEVICE OPERATIONS SEED READS GRANULE FIRST
 *
 * READS is the device's discard_reads; GRANULE and FIRST are its granularity
 * and alignment in sectors. The first MiB is used. Operations in flight never
 * share a sector, so that the model knows what each sector must read as, but
 * they do share pages and granules.
 *
 * The block layer splits discards at multiples of the granularity, as if granules
 * began at sector 0 and had a power of two in size. A granule of another kind may
 * be split, and then keeps its data. It must keep all of it or none.
 *
 * Prints "N operations, N granules discarded" and exits with 0, or says what was
 * wrong and where, and exits with 1.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "haltblk.h"

#define WRITERS	4
#define SECTORS	2048
#define MOST	96		/* sectors of one operation */

/* What a sector reads as; other numbers stand for the data of one write. */
#define ZERO	0
#define POISON	UINT64_MAX

enum reads { ZEROES, STALE, POISONED };

static uint64_t model[SECTORS];
static bool busy[SECTORS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t next_write = 1;
static long left, effects;

static int fd;
static enum reads reads;
static unsigned int granule, first;

static void __attribute__((noreturn, format(printf, 1, 2)))
die(const char *fmt, ...)
{
	va_list ap;

	fputs("hbmodel: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static uint64_t word(uint64_t id, unsigned int sector, unsigned int i)
{
	if (id == ZERO)
		return 0;
	if (id == POISON)
		return HALTBLK_POISON * 0x0101010101010101ull;
	return (id << 24 ^ sector << 6 ^ i) * 0x9e3779b97f4a7c15ull;
}

static void fill(uint64_t *buf, uint64_t id, unsigned int sector)
{
	for (unsigned int i = 0; i < 64; i++)
		buf[i] = word(id, sector, i);
}

static bool reads_as(const uint64_t *buf, uint64_t id, unsigned int sector)
{
	for (unsigned int i = 0; i < 64; i++)
		if (buf[i] != word(id, sector, i))
			return false;
	return true;
}

static void read_sectors(uint64_t *buf, unsigned int at, unsigned int nr)
{
	ssize_t n = pread(fd, buf, nr * 512, at * 512);

	if (n != nr * 512)
		die("read of %u+%u: %s", at, nr, n < 0 ? strerror(errno) : "short");
}

static void check(const uint64_t *buf, unsigned int at, unsigned int nr, const char *what)
{
	for (unsigned int i = 0; i < nr; i++)
		if (!reads_as(buf + i * 64, model[at + i], at + i))
			die("%s of %u+%u: sector %u reads %016llx, not as %lld", what, at, nr,
			    at + i, (unsigned long long)buf[i * 64],
			    (long long)model[at + i]);
}

/* Reserve all sectors of the range, until give(). */
static bool take(unsigned int at, unsigned int nr)
{
	bool ours = true;

	pthread_mutex_lock(&lock);
	for (unsigned int i = at; i < at + nr; i++)
		ours = ours && !busy[i];
	if (ours)
		memset(busy + at, true, nr);
	pthread_mutex_unlock(&lock);
	return ours;
}

static void give(unsigned int at, unsigned int nr)
{
	pthread_mutex_lock(&lock);
	memset(busy + at, false, nr);
	pthread_mutex_unlock(&lock);
}

static bool whole(unsigned int g, unsigned int at, unsigned int nr)
{
	return g >= at && g + granule <= at + nr;
}

/* What a sector may read as after a discard; a hole stays a hole. */
static bool discarded(uint64_t was, const uint64_t *buf, unsigned int sector, uint64_t *now)
{
	*now = reads == ZEROES ? ZERO : reads == STALE ? was : POISON;
	if (reads_as(buf, *now, sector))
		return true;
	*now = ZERO;
	return reads == POISONED && was == ZERO && reads_as(buf, ZERO, sector);
}

/* A granule that was discarded in full, or not at all if the block layer split it. */
static void check_granule(const uint64_t *buf, unsigned int g)
{
	bool split_ok = first || granule & (granule - 1);
	uint64_t now[MOST];
	unsigned int i;

	for (i = 0; i < granule; i++)
		if (!discarded(model[g + i], buf + i * 64, g + i, &now[i]))
			break;
	if (i == granule) {
		memcpy(model + g, now, granule * sizeof(*now));
		__atomic_fetch_add(&effects, 1, __ATOMIC_RELAXED);
		return;
	}
	if (!split_ok)
		die("discard: sector %u of granule %u+%u reads %016llx, was %lld", g + i, g,
		    granule, (unsigned long long)buf[i * 64], (long long)model[g + i]);
	check(buf, g, granule, "discard that was split");
}

static void check_discard(const uint64_t *buf, unsigned int at, unsigned int nr)
{
	unsigned int i = at, g = first;

	while (g < at)
		g += granule;
	while (i < at + nr) {
		if (i == g && whole(g, at, nr)) {
			check_granule(buf + (g - at) * 64, g);
			i += granule;
			g += granule;
			continue;
		}
		check(buf + (i - at) * 64, i, 1, "discard, a head or a tail");
		i++;
	}
}

static void issue(const char *what, int ret, unsigned int at, unsigned int nr)
{
	if (ret < 0)
		die("%s of %u+%u: %s", what, at, nr, strerror(errno));
}

static void set(unsigned int at, unsigned int nr, uint64_t id)
{
	for (unsigned int i = at; i < at + nr; i++)
		model[i] = id;
}

static void one(uint64_t *buf, unsigned int op, unsigned int at, unsigned int nr)
{
	uint64_t range[2] = { at * 512, nr * 512 };
	uint64_t id;

	switch (op) {
	case 0: case 1: case 2:
		id = __atomic_fetch_add(&next_write, 1, __ATOMIC_RELAXED);
		for (unsigned int i = 0; i < nr; i++)
			fill(buf + i * 64, id, at + i);
		issue("write", pwrite(fd, buf, nr * 512, at * 512), at, nr);
		set(at, nr, id);
		break;
	case 3: case 4: case 5:
		issue("discard", ioctl(fd, BLKDISCARD, range), at, nr);
		read_sectors(buf, at, nr);
		check_discard(buf, at, nr);
		return;
	case 6:
		issue("zeroout", ioctl(fd, BLKZEROOUT, range), at, nr);
		set(at, nr, ZERO);
		break;
	case 7:
		issue("secure discard", ioctl(fd, BLKSECDISCARD, range), at, nr);
		set(at, nr, ZERO);
		break;
	case 8:
		issue("punch", fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
					 at * 512, nr * 512), at, nr);
		set(at, nr, ZERO);
		break;
	}
	read_sectors(buf, at, nr);
	check(buf, at, nr, "read");
}

static void *writer(void *arg)
{
	unsigned short state[3] = { (uintptr_t)arg, (uintptr_t)arg >> 16, 0x330e };
	uint64_t *buf;

	if (posix_memalign((void **)&buf, 4096, MOST * 512))
		die("no memory");
	while (__atomic_fetch_sub(&left, 1, __ATOMIC_RELAXED) > 0) {
		unsigned int op = nrand48(state) % 10;
		unsigned int nr, at;

		do {
			/* Long, short, and whole granules. */
			nr = 1 + nrand48(state) % (nrand48(state) % 2 ? MOST : 12);
			at = nrand48(state) % (SECTORS - nr);
			if (nrand48(state) % 3 == 0 && at >= granule) {
				at -= (at - first) % granule;
				nr = nr < granule ? granule : nr - nr % granule;
			}
		} while (at + nr > SECTORS || !take(at, nr));
		one(buf, op, at, nr);
		give(at, nr);
	}
	free(buf);
	return NULL;
}

int main(int argc, char **argv)
{
	static const char *const words[] = { "zeroes", "stale", "poison" };
	pthread_t threads[WRITERS];
	uint64_t *buf;
	long ops;

	if (argc != 7)
		die("usage: hbmodel DEVICE OPERATIONS SEED READS GRANULE FIRST");
	fd = open(argv[1], O_RDWR | O_DIRECT | O_CLOEXEC);
	if (fd < 0)
		die("%s: %s", argv[1], strerror(errno));
	ops = left = strtol(argv[2], NULL, 0);
	while (strcmp(words[reads], argv[4]))
		if (++reads > POISONED)
			die("%s: no such word", argv[4]);
	granule = strtoul(argv[5], NULL, 0);
	first = strtoul(argv[6], NULL, 0);
	if (!granule || granule > MOST || first >= granule)
		die("a granule has 1 to %d sectors", MOST);

	for (int i = 0; i < WRITERS; i++)
		if (pthread_create(&threads[i], NULL, writer,
				   (void *)(uintptr_t)(strtoul(argv[3], NULL, 0) * WRITERS + i)))
			die("no thread");
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);

	if (posix_memalign((void **)&buf, 4096, SECTORS * 512))
		die("no memory");
	read_sectors(buf, 0, SECTORS);
	check(buf, 0, SECTORS, "the last read");
	printf("%ld operations, %ld granules discarded\n", ops, effects);
	return 0;
}
