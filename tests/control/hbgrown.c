// SPDX-License-Identifier: GPL-2.0-only
/*
 * hbgrown DEVICE: every call of /dev/haltblk-control, each with a structure and a buffer of
 * exactly the size that this program knows, and canaries behind. Prints "ok - NAME" or
 * "not ok - NAME" a line. Called by tests/control/grown with a driver that knows longer ones.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "haltblk.h"

#define CANARY	0xa5
#define ROOM	8192

static int fd;
static unsigned char out[ROOM], table[ROOM];

static void check(bool good, const char *name, const char *what)
{
	printf("%s - %s: %s\n", good ? "ok" : "not ok", name, what);
}

static bool canaries(const unsigned char *from, size_t used)
{
	for (size_t i = used; i < ROOM; i++)
		if (from[i] != CANARY)
			return false;
	return true;
}

/* ARG is a structure of SIZE bytes; it is called from among canaries and copied back. */
static int call(const char *name, unsigned long nr, void *arg, size_t size)
{
	int err;

	memset(out, CANARY, ROOM);
	((struct haltblk_hdr *)arg)->size = size;
	memcpy(out, arg, size);
	err = ioctl(fd, nr, out) < 0 ? errno : 0;
	check(canaries(out, size), name, "nothing is written behind the structure");
	memcpy(arg, out, size);
	return err;
}

#define CALL(name, nr, s)	call(name, HALTBLK_IOC_##nr, &(s), sizeof(s))

static void tables(const char *name, unsigned long nr, size_t entry, unsigned int at_least)
{
	struct haltblk_table t = { .buf = (uintptr_t)table, .nr = 64, .entry_size = entry };
	unsigned int fit;

	if (t.nr * entry > ROOM)
		t.nr = ROOM / entry;
	memset(table, CANARY, ROOM);
	check(!call(name, nr, &t, sizeof(t)), name, "taken");
	check(t.nr >= at_least, name, "what there is is listed");
	fit = t.nr < ROOM / entry ? t.nr : ROOM / entry;
	check(canaries(table, fit * entry), name, "nothing is written behind the entries");
}

static void before(const char *device)
{
	struct haltblk_attach attach = { };
	struct haltblk_query query = { };
	struct haltblk_watch watch = { .what = ~0U >> (32 - HALTBLK_WHAT_LOST), .room = 8 };
	struct haltblk_rule rule = { .tag = "T", .event = HALTBLK_EVENT_SUBMIT, .count = 1,
				     .keys = HALTBLK_KEY_OPS, .ops = 1u << HALTBLK_OP_READ };

	check(!CALL("query", QUERY, query) && query.abi == HALTBLK_ABI_VERSION, "query", "taken");
	snprintf(attach.name, sizeof(attach.name), "%s", device);
	check(!CALL("attach", ATTACH, attach), "attach", "taken");
	check(!CALL("watch", WATCH, watch), "watch", "taken");
	check(!CALL("break", BREAK, rule), "break", "taken");
}

static void held(void)
{
	struct haltblk_wait wait = { .tag = "T", .count = 1, .timeout_ns = 20000000000 };
	struct haltblk_backtrace trace = { .buf = (uintptr_t)table, .len = 64 };
	const struct haltblk_rule *rule = (const void *)table;
	const struct haltblk_held *h = (const void *)table;
	struct haltblk_resume resume = { .hdr.flags = HALTBLK_RESUME_F_TAG, .tag = "T" };
	struct haltblk_stats stats = { };
	struct haltblk_step step = { };

	check(!CALL("wait", WAIT, wait) && wait.held == 1, "wait", "taken");
	tables("rules", HALTBLK_IOC_RULES, sizeof(struct haltblk_rule), 1);
	check(rule->hdr.size == sizeof(*rule), "rules", "an entry says how long it is here");
	check(!strcmp(rule->tag, "T") && rule->held == 1, "rules", "what it says");
	tables("hctx_stats", HALTBLK_IOC_HCTX_STATS, sizeof(struct haltblk_hctx_stats), 1);
	tables("list", HALTBLK_IOC_LIST, sizeof(struct haltblk_list_entry), 1);
	tables("config", HALTBLK_IOC_CONFIG, sizeof(struct haltblk_config_entry), 10);
	tables("locks", HALTBLK_IOC_LOCKS, sizeof(struct haltblk_lock_stats), 1);
	check(!CALL("stats", STATS, stats) && stats.held == 1, "stats", "taken");
	tables("held", HALTBLK_IOC_HELD, sizeof(struct haltblk_held), 1);
	check(h->op == HALTBLK_OP_READ && !strcmp(h->tag, "T"), "held", "what it says");
	step.id = h->id;
	trace.id = h->id;
	memset(table, CANARY, ROOM);
	check(!CALL("backtrace", BACKTRACE, trace), "backtrace", "taken");
	check(canaries(table, 64), "backtrace", "nothing is written behind the text");
	check(!CALL("step", STEP, step), "step", "taken");
	wait.hdr.flags = 0;
	check(!CALL("wait", WAIT, wait), "wait", "taken again");
	check(!CALL("resume", RESUME, resume) && resume.released == 1, "resume", "taken");
}

/* One record at a time, and several: as many as fit, each of the size that is known here. */
static void records(void)
{
	const struct haltblk_event *e = (const void *)out;
	ssize_t n;

	memset(out, CANARY, ROOM);
	n = read(fd, out, sizeof(*e));
	check(n == sizeof(*e) && e->size == sizeof(*e), "read", "one record");
	check(n > 0 && canaries(out, n), "read", "nothing is written behind it");
	check(e->what == HALTBLK_WHAT_SUBMITTED && e->op == HALTBLK_OP_READ, "read", "what it says");
	memset(out, CANARY, ROOM);
	n = read(fd, out, 3 * sizeof(*e));
	check(n == 3 * sizeof(*e) && e[2].size == sizeof(*e), "read", "three records");
	check(n > 0 && canaries(out, n), "read", "nothing is written behind them");
	check(e->what == HALTBLK_WHAT_HELD && !strcmp(e->tag, "T"), "read", "what the first says");
	n = read(fd, out, sizeof(*e) - 1);
	check(n < 0 && errno == EINVAL, "read", "no room for one");
}

/* Those who know longer records get them padded, and say so where they stop, too. */
static void longer(void)
{
	struct haltblk_watch watch = { };
	const struct haltblk_event *e = (const void *)out;
	unsigned char byte[4096];
	ssize_t n;
	int disk;

	check(!CALL("watch", WATCH, watch), "watch", "stopped");
	watch = (struct haltblk_watch) { .what = 1, .room = 8, .entry_size = HALTBLK_EVENT_SIZE_0 - 8 };
	check(CALL("watch", WATCH, watch) == EINVAL, "watch", "records shorter than ever");
	watch = (struct haltblk_watch) { .what = 1, .room = 8, .entry_size = 1024 };
	check(!CALL("watch", WATCH, watch), "watch", "longer records");
	disk = open("/dev/hb0", O_RDONLY | O_CLOEXEC);
	n = disk < 0 ? -1 : read(disk, byte, sizeof(byte));
	check(n == sizeof(byte), "watch", "a read of the disk");
	memset(out, CANARY, ROOM);
	n = read(fd, out, 1500);
	check(n == 1024 && e->size == 1024, "read", "a longer record");
	check(n > 0 && !out[1023] && canaries(out, n), "read", "it is padded with zeroes");
	if (disk >= 0)
		close(disk);
}

int main(int argc, char **argv)
{
	struct haltblk_remove remove = { .hdr.flags = HALTBLK_REMOVE_F_ALL };

	if (argc != 2)
		return 2;
	fd = open("/dev/haltblk-control", O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		perror("/dev/haltblk-control");
		return 1;
	}
	before(argv[1]);
	/* The test reads the disk now. */
	printf("armed\n");
	fflush(stdout);
	held();
	check(!CALL("remove", REMOVE, remove) && remove.removed == 1, "remove", "taken");
	records();
	longer();
	return 0;
}
