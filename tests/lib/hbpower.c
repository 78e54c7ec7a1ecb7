// SPDX-License-Identifier: GPL-2.0-only
/*
 * hbpower CYCLES [SEED]: a device with random options, powered on and off under
 * I/O from two CPUs.
 *
 * Values come from the driver's table. Which of them fit together only the
 * driver knows: if power on is refused, the reason must name options; one of
 * them is drawn again, until the device has power. Meanwhile illegal values of
 * each kind are written; each must be refused with a reason that names the
 * option, and must change nothing.
 *
 * Prints the seed and what it did. Exit status: 1 if a refusal was missing or
 * named no option, if I/O stopped, if memory was not given back, or if in 1000 cycles
 * an option never had power with a value other than its default; 2 on misuse. The caller
 * checks the kernel log.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libhaltblk.h>

#include "hbpower.h"

#define DEVICE		"hbpower"
#define DIR		"/sys/kernel/config/haltblk/" DEVICE "/"
#define TRIES		200	/* refusals of one combination after the other */
#define PATIENCE	120	/* seconds until I/O counts as stopped */
#define MOST_ROWS	128
#define SLACK_SLAB(n)	(1024 + (long)(n) / 2)	/* KiB that move by themselves in n cycles */
#define SLACK_ALL(n)	(8192 + (long)(n) / 2)

static struct libhaltblk *hb;
static uint64_t refused_values, refused_combinations, powers, live_writes, no_memory;
static bool had_power[MOST_ROWS];	/* with a value that is not the default */

static void die(const char *what, const char *detail)
{
	printf("%s: %s\n", what, detail);
	exit(1);
}

static bool read_value(size_t row, char value[VALUE_LEN])
{
	char path[128];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), DIR "%s", table_name(row));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, value, VALUE_LEN - 1);
	close(fd);
	if (n <= 0)
		return false;
	value[n] = '\0';
	value[strcspn(value, "\n")] = '\0';
	return true;
}

static int set(size_t row, const char *value)
{
	char option[OPTION_LEN];

	snprintf(option, sizeof(option), "%s=%s", table_name(row), value);
	return libhaltblk_set(hb, DEVICE, option);
}

/* Does the reason for a refusal come from the driver and name the option? */
static bool named(size_t row)
{
	const char *why = libhaltblk_why(hb);

	return strstr(why, table_name(row)) && !strstr(why, "the kernel's log (dmesg)");
}

static void illegal(size_t row, int kind)
{
	char value[VALUE_LEN], before[VALUE_LEN], after[VALUE_LEN], what[OPTION_LEN];
	int r;

	if (!table_illegal(row, kind, value))
		return;
	snprintf(what, sizeof(what), "%s=%s", table_name(row), value);
	if (!read_value(row, before))
		die(what, "cannot read the option");
	r = set(row, value);
	if (r != -EINVAL)
		die(what, r ? strerror(-r) : "not refused");
	if (!named(row))
		die(what, libhaltblk_why(hb));
	if (!read_value(row, after) || strcmp(before, after))
		die(what, "refused, but changed");
	refused_values++;
}

static void all_illegal(void)
{
	size_t row;
	int kind;

	for (row = 0; row < table_rows; row++)
		for (kind = 0; kind < ILLEGAL_KINDS; kind++)
			illegal(row, kind);
}

/* Set a legal value, which may not fit one that was set before. */
static void draw(size_t row)
{
	char value[VALUE_LEN];
	size_t rows[8];
	int r;

	table_draw(row, value);
	r = set(row, value);
	if (r && (r != -EINVAL || table_named(libhaltblk_why(hb), rows, 8) < 2))
		die(table_name(row), libhaltblk_why(hb));
	if (r)
		refused_combinations++;
}

static void reset(size_t row)
{
	char value[VALUE_LEN];

	table_default(row, value);
	if (set(row, value))
		die(table_name(row), libhaltblk_why(hb));
}

static void draw_some(void)
{
	/* Few options in one cycle, many in the next. */
	const uint64_t one_in = 2 + rng_below(12);
	size_t row;

	for (row = 0; row < table_rows; row++)
		if (!rng_below(one_in))
			draw(row);
}

static void reset_all(void)
{
	size_t row;

	for (row = 0; row < table_rows; row++)
		reset(row);
}

static void note_power(void)
{
	char value[VALUE_LEN], dflt[VALUE_LEN];
	size_t row;

	powers++;
	for (row = 0; row < table_rows; row++) {
		table_default(row, dflt);
		if (read_value(row, value) && strcmp(value, dflt))
			had_power[row] = true;
	}
}

/*
 * Draw until the device has power, if possible without giving up @wanted. In the last
 * half options only go back to their defaults, which fit together.
 */
static void power_on(size_t wanted)
{
	char why[256] = "";
	size_t rows[8], n, row;
	int r, try;

	for (try = 0; try < TRIES; try++) {
		r = libhaltblk_power(hb, DEVICE, 1);
		if (!r) {
			note_power();
			return;
		}
		if (r == -ENOMEM) {
			no_memory++;
			reset_all();
			continue;
		}
		n = table_named(libhaltblk_why(hb), rows, 8);
		if (r != -EINVAL || !n)
			die("power on names no option", libhaltblk_why(hb));
		snprintf(why, sizeof(why), "%s", libhaltblk_why(hb));
		refused_combinations++;
		row = rows[rng_below(n)];
		if (try < TRIES / 2 && (row == wanted || rng_below(3)))
			draw(row);
		else
			reset(row);
	}
	die("no combination has power", why);
}

/* Options that are live, and illegal ones, while I/O runs. */
static void while_powered(void)
{
	char value[VALUE_LEN];
	size_t row = rng_below(table_rows);
	int r;

	if (!table_live(row)) {
		table_default(row, value);
		r = set(row, value);
		if (r != -EBUSY)
			die(table_name(row), "can be set while powered");
		return;
	}
	table_draw(row, value);
	r = set(row, value);
	/* With shared tags the number of queues is fixed. */
	if (r && (r != -EINVAL || !named(row)))
		die(table_name(row), libhaltblk_why(hb));
	live_writes++;
}

/**
 * struct memory - memory of the kernel, in KiB
 * @slab: allocated objects, by processor or not
 * @all: everything but caches and processes; moves with the lists of free pages
 *	that each processor has
 */
struct memory {
	long slab, all;
};

static struct memory kernel_memory(void)
{
	struct memory m = { 0 };
	char name[64];
	long kib;
	FILE *f;
	int fd;

	sync();
	fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "3", 1) != 1)
		die("drop_caches", strerror(errno));
	close(fd);
	f = fopen("/proc/meminfo", "re");
	if (!f)
		die("/proc/meminfo", strerror(errno));
	while (fscanf(f, "%63[^:]: %ld%*[^\n]\n", name, &kib) == 2) {
		if (!strcmp(name, "MemTotal"))
			m.all += kib;
		else if (!strcmp(name, "MemFree") || !strcmp(name, "Buffers") ||
			 !strcmp(name, "Cached") || !strcmp(name, "AnonPages"))
			m.all -= kib;
		else if (!strcmp(name, "SUnreclaim") || !strcmp(name, "Percpu"))
			m.slab += kib;
	}
	fclose(f);
	return m;
}

/* What was freed comes back after a grace period or a worker's turn. */
static struct memory settled_memory(void)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	struct memory m = kernel_memory(), now;
	int quiet = 0, looks;

	for (looks = 0; quiet < 5 && looks < 300; looks++) {
		nanosleep(&pause, NULL);
		now = kernel_memory();
		quiet = now.slab < m.slab || now.all < m.all ? 0 : quiet + 1;
		m.slab = now.slab < m.slab ? now.slab : m.slab;
		m.all = now.all < m.all ? now.all : m.all;
	}
	return m;
}

static void make(void)
{
	const char *off = "power=0";

	if (libhaltblk_create(hb, DEVICE, &off, 1))
		die("create", libhaltblk_why(hb));
}

static void cycle(size_t wanted)
{
	unsigned int i, n = (unsigned int)rng_below(3);

	draw_some();
	/* Often enough with data that power off and removal must free. */
	if (rng_below(2) && libhaltblk_set(hb, DEVICE, "memory_backed=1"))
		die("memory_backed", libhaltblk_why(hb));
	/*
	 * The block layer registers a CPU's queue in sysfs for polling once more and so
	 * leaks what it had for submission, about 1 KiB. Few cycles have both.
	 */
	if (rng_below(8) && libhaltblk_set(hb, DEVICE, "poll_queues=0"))
		die("poll_queues", libhaltblk_why(hb));
	draw(wanted);
	illegal(rng_below(table_rows), (int)rng_below(ILLEGAL_KINDS));
	power_on(wanted);
	for (i = 0; i <= n; i++) {
		if (!io_moves(8, PATIENCE))
			die("I/O", "no request has ended for a long time");
		while_powered();
	}
	switch (rng_below(4)) {
	case 0:
		if (libhaltblk_destroy(hb, DEVICE))
			die("destroy", libhaltblk_why(hb));
		make();
		break;
	case 1:
		/* The same device, with what it stored, and other options. */
		if (libhaltblk_power(hb, DEVICE, 0))
			die("power off", libhaltblk_why(hb));
		break;
	default:
		if (libhaltblk_power(hb, DEVICE, 0))
			die("power off", libhaltblk_why(hb));
		reset_all();
	}
}

static int report(unsigned long cycles, struct memory before, struct memory after)
{
	uint64_t ok, failed;
	int status = 0;
	size_t row;

	io_counts(&ok, &failed);
	printf("%" PRIu64 " times on and off; %" PRIu64 " combinations and %" PRIu64
	       " values refused; %" PRIu64 " live writes; %" PRIu64 " without memory\n",
	       powers, refused_combinations, refused_values, live_writes, no_memory);
	printf("I/O: %" PRIu64 " done, %" PRIu64 " failed\n", ok, failed);
	printf("memory: slab %ld KiB, then %ld; all %ld KiB, then %ld\n", before.slab, after.slab,
	       before.all, after.all);
	if (after.slab > before.slab + SLACK_SLAB(cycles) ||
	    after.all > before.all + SLACK_ALL(cycles)) {
		printf("memory was not given back\n");
		status = 1;
	}
	for (row = 0; row < table_rows; row++)
		if (table_varies(row) && !had_power[row]) {
			printf("never powered with %s\n", table_name(row));
			/* Some need other options to have few values. */
			if (cycles >= 1000)
				status = 1;
		}
	return status;
}

int main(int argc, char **argv)
{
	unsigned long cycles, i;
	struct memory before = { 0 };
	uint64_t seed;

	if (argc < 2 || argc > 3 || table_rows > MOST_ROWS) {
		fprintf(stderr, "usage: hbpower CYCLES [SEED]\n");
		return 2;
	}
	cycles = strtoul(argv[1], NULL, 10);
	seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("seed %" PRIu64 "\n", seed);
	rng_seed(seed);
	if (libhaltblk_new(&hb))
		die("libhaltblk_new", "no memory");
	make();
	all_illegal();
	io_start("/dev/" DEVICE);
	for (i = 0; i < cycles; i++) {
		if (i == cycles / 4) {
			libhaltblk_destroy(hb, DEVICE);
			before = settled_memory();
			make();
		}
		cycle(i % table_rows);
	}
	io_stop();
	if (libhaltblk_destroy(hb, DEVICE))
		die("destroy", libhaltblk_why(hb));
	libhaltblk_free(hb);
	return report(cycles, before, settled_memory());
}
