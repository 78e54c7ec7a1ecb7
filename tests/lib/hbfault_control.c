// SPDX-License-Identifier: GPL-2.0-only
/*
 * hbfault control: every call of the control device, on a device that holds reads.
 * A call that fails changes nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "haltblk.h"
#include "hbfault.h"

#define READS		3	/* that are held */
#define ROOM		32

static const char *device;
static char node[64];
static int fd;			/* the session under test */
static int observer;		/* one that looks, while nothing fails */

static int call(int session, unsigned long nr, void *arg)
{
	return ioctl(session, nr, arg) < 0 ? -errno : 0;
}

#define HDR(type)	{ .size = sizeof(type) }

/* --- held reads ------------------------------------------------------------------------ */

static struct reader {
	pthread_t thread;
	sem_t go;
	sem_t done;
	int disk;
	int result;
} readers[READS];

static void *reader_run(void *arg)
{
	struct reader *r = arg;
	off_t at = (r - readers) * 4096;
	char *buf = aligned_alloc(4096, 4096);

	for (;;) {
		sem_wait(&r->go);
		r->result = pread(r->disk, buf, 4096, at) == 4096 ? 0 : errno;
		sem_post(&r->done);
	}
	return NULL;
}

static void readers_start(void)
{
	struct reader *r;

	for (r = readers; r < readers + READS; r++) {
		r->disk = open(node, O_RDONLY | O_DIRECT);
		if (r->disk < 0)
			die(node);
		sem_init(&r->go, 0, 0);
		sem_init(&r->done, 0, 0);
		if (pthread_create(&r->thread, NULL, reader_run, r))
			die("thread");
	}
}

/* Start all reads, and wait until the rule H holds them. */
static void readers_go(void)
{
	struct haltblk_wait w = {
		.hdr = HDR(w), .tag = "H", .count = READS, .timeout_ns = UINT64_MAX,
	};
	int i;

	for (i = 0; i < READS; i++)
		sem_post(&readers[i].go);
	if (call(observer, HALTBLK_IOC_WAIT, &w))
		die("WAIT");
}

static void readers_end(void)
{
	int i;

	for (i = 0; i < READS; i++) {
		sem_wait(&readers[i].done);
		if (readers[i].result)
			bad("a read: %s", strerror(readers[i].result));
	}
}

/* --- the state before and after a call --------------------------------------------------- */

struct state {
	struct haltblk_rule rules[ROOM];
	struct haltblk_held held[ROOM];
	unsigned int nr_rules, nr_held;
};

static struct state before;

static unsigned int table(int session, unsigned long nr, void *buf, size_t entry)
{
	struct haltblk_table t = {
		.hdr = HDR(t), .buf = (uintptr_t)buf, .nr = ROOM, .entry_size = entry,
	};

	if (call(session, nr, &t))
		die("table");
	return t.nr;
}

static void look(struct state *s)
{
	unsigned int i;

	memset(s, 0, sizeof(*s));
	s->nr_rules = table(observer, HALTBLK_IOC_RULES, s->rules, sizeof(s->rules[0]));
	s->nr_held = table(observer, HALTBLK_IOC_HELD, s->held, sizeof(s->held[0]));
	for (i = 0; i < s->nr_held; i++)
		s->held[i].age_ns = 0;
}

static void nothing_changed(int err)
{
	static struct state after;

	(void)err;
	look(&after);
	if (memcmp(&before, &after, sizeof(before)))
		bad("%u rules and %u held, then %u and %u, or others", before.nr_rules,
		    before.nr_held, after.nr_rules, after.nr_held);
}

/* Calls that only look never change anything. */
static void still_the_same(bool fired)
{
	(void)fired;
	nothing_changed(0);
}

/* --- the calls --------------------------------------------------------------------------- */

static void arm(int session, const char *tag, unsigned int flags, unsigned int keys)
{
	struct haltblk_rule rule = {
		.hdr = { .size = sizeof(rule), .flags = flags }, .event = HALTBLK_EVENT_SUBMIT,
		.keys = HALTBLK_KEY_OPS | keys, .ops = 1 << HALTBLK_OP_READ,
	};

	strcpy(rule.tag, tag);
	if (call(session, HALTBLK_IOC_BREAK, &rule))
		die("BREAK");
}

static void disarm(const char *tag)
{
	struct haltblk_remove remove = { .hdr = HDR(remove) };

	strcpy(remove.tag, tag);
	if (call(observer, HALTBLK_IOC_REMOVE, &remove))
		die("REMOVE");
	if (remove.removed != 1)
		bad("%u rules have the tag %s", remove.removed, tag);
}

static int open_session(void)
{
	return open("/dev/haltblk-control", O_RDWR | O_CLOEXEC);
}

static int attach_to(int session)
{
	struct haltblk_attach attach = { .hdr = HDR(attach) };

	strcpy(attach.name, device);
	return call(session, HALTBLK_IOC_ATTACH, &attach);
}

static int another;

static int do_open(unsigned int n)
{
	(void)n;
	another = open_session();
	return another < 0 ? -errno : 0;
}

static void undo_open(bool fired)
{
	(void)fired;
	close(another);
}

static int do_attach(unsigned int n)
{
	(void)n;
	return attach_to(another);
}

static void undo_attach(bool fired)
{
	(void)fired;
	close(another);
	another = open_session();
	if (another < 0)
		die("open");
}

/* Closing a session removes its rules, whatever fails. */
static int do_close(unsigned int n)
{
	(void)n;
	return close(another) ? -errno : 0;
}

static void undo_close(bool fired)
{
	(void)fired;
	nothing_changed(0);
	another = open_session();
	if (another < 0 || attach_to(another))
		die("open");
	arm(another, "S", HALTBLK_RULE_F_SESSION, 0);
}

static int do_break(unsigned int n)
{
	struct haltblk_rule rule = {
		.hdr = HDR(rule), .tag = "B", .event = HALTBLK_EVENT_MEDIA,
		.keys = HALTBLK_KEY_OPS | HALTBLK_KEY_PID, .ops = 1 << HALTBLK_OP_WRITE,
		.pid = getpid(),
	};

	/* Each time with a new tag. */
	sprintf(rule.tag, "B%u", n);
	return call(fd, HALTBLK_IOC_BREAK, &rule);
}

static void undo_break(bool fired)
{
	struct haltblk_remove remove = { .hdr = HDR(remove) };

	(void)fired;
	strcpy(remove.tag, "B");
	remove.hdr.flags = 0;
	look(&before);
	if (before.nr_rules != 2)
		bad("%u rules", before.nr_rules);
	strcpy(remove.tag, before.rules[1].tag);
	if (call(observer, HALTBLK_IOC_REMOVE, &remove) || remove.removed != 1)
		bad("the rule cannot be removed");
	look(&before);
}

static unsigned long table_nr;
static size_t table_entry;

static int do_table(unsigned int n)
{
	static char buf[ROOM * 512];
	struct haltblk_table t = {
		.hdr = HDR(t), .buf = (uintptr_t)buf, .nr = ROOM, .entry_size = table_entry,
	};

	(void)n;
	return call(fd, table_nr, &t);
}

static int do_stats(unsigned int n)
{
	struct haltblk_stats stats = { .hdr = HDR(stats) };

	(void)n;
	return call(fd, HALTBLK_IOC_STATS, &stats);
}

static int do_query(unsigned int n)
{
	struct haltblk_query query = { .hdr = HDR(query) };

	(void)n;
	return call(fd, HALTBLK_IOC_QUERY, &query);
}

static int do_wait(unsigned int n)
{
	struct haltblk_wait w = { .hdr = HDR(w), .tag = "H", .count = READS };

	(void)n;
	return call(fd, HALTBLK_IOC_WAIT, &w);
}

static int do_backtrace(unsigned int n)
{
	static char text[4096];
	struct haltblk_backtrace b = {
		.hdr = HDR(b), .id = before.held[0].id, .buf = (uintptr_t)text,
		.len = sizeof(text),
	};
	int err = call(fd, HALTBLK_IOC_BACKTRACE, &b);

	(void)n;
	/* The submitter is not always known. */
	return err == -ENODATA ? 0 : err;
}

static int do_watch(unsigned int n)
{
	struct haltblk_watch w = {
		.hdr = HDR(w), .what = (1 << HALTBLK_WHAT_LOST) - 1, .room = 4096,
	};

	(void)n;
	return call(fd, HALTBLK_IOC_WATCH, &w);
}

static void undo_watch(bool fired)
{
	struct haltblk_watch w = { .hdr = HDR(w) };

	(void)fired;
	if (call(fd, HALTBLK_IOC_WATCH, &w))
		bad("it cannot be stopped");
	nothing_changed(0);
}

static int do_step(unsigned int n)
{
	struct haltblk_step step = { .hdr = HDR(step), .id = before.held[1].id };

	(void)n;
	return call(fd, HALTBLK_IOC_STEP, &step);
}

static int resume(unsigned int flags)
{
	uint64_t ids[READS];
	struct haltblk_resume r = { .hdr = { .size = sizeof(r), .flags = flags } };
	int i;

	/* In reverse order. */
	for (i = 0; i < READS; i++)
		ids[i] = before.held[READS - 1 - i].id;
	if (flags == HALTBLK_RESUME_F_IDS) {
		r.ids = (uintptr_t)ids;
		r.nr_ids = READS;
	}
	if (flags == HALTBLK_RESUME_F_TAG)
		strcpy(r.tag, "H");
	return call(fd, HALTBLK_IOC_RESUME, &r);
}

static int do_resume_ids(unsigned int n)
{
	(void)n;
	return resume(HALTBLK_RESUME_F_IDS);
}

static int do_resume_tag(unsigned int n)
{
	(void)n;
	return resume(HALTBLK_RESUME_F_TAG);
}

/* The reads have ended; three more are held. */
static void hold_again(bool fired)
{
	(void)fired;
	readers_end();
	readers_go();
	look(&before);
	if (before.nr_held != READS)
		bad("%u held", before.nr_held);
}

static int do_remove(unsigned int n)
{
	struct haltblk_remove remove = { .hdr = HDR(remove), .tag = "H" };

	(void)n;
	return call(fd, HALTBLK_IOC_REMOVE, &remove);
}

static void arm_again(bool fired)
{
	arm(observer, "H", 0, 0);
	hold_again(fired);
}

static const struct {
	const char *name;
	unsigned long nr;
	size_t entry;
} tables[] = {
	{ "list", HALTBLK_IOC_LIST, sizeof(struct haltblk_list_entry) },
	{ "held", HALTBLK_IOC_HELD, sizeof(struct haltblk_held) },
	{ "rules", HALTBLK_IOC_RULES, sizeof(struct haltblk_rule) },
	{ "config", HALTBLK_IOC_CONFIG, sizeof(struct haltblk_config_entry) },
	{ "hctx_stats", HALTBLK_IOC_HCTX_STATS, sizeof(struct haltblk_hctx_stats) },
	{ "locks", HALTBLK_IOC_LOCKS, sizeof(struct haltblk_lock_stats) },
};

static void test_calls_that_look(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		table_nr = tables[i].nr;
		table_entry = tables[i].entry;
		each_failure(tables[i].name, do_table, nothing_changed, still_the_same, 1);
	}
	each_failure("stats", do_stats, nothing_changed, still_the_same, 1);
	each_failure("query", do_query, nothing_changed, still_the_same, 1);
	each_failure("wait", do_wait, nothing_changed, still_the_same, 1);
	each_failure("backtrace", do_backtrace, nothing_changed, still_the_same, 1);
}

void test_control(const char *name)
{
	device = name;
	snprintf(node, sizeof(node), "/dev/%s", name);
	fd = open_session();
	observer = open_session();
	if (fd < 0 || observer < 0 || attach_to(fd) || attach_to(observer))
		die("/dev/haltblk-control");
	readers_start();
	arm(observer, "H", 0, 0);
	readers_go();
	look(&before);

	each_failure("open", do_open, NULL, undo_open, 1);
	another = open_session();
	each_failure("attach", do_attach, NULL, undo_attach, 1);
	undo_close(false);
	disarm("S");
	look(&before);
	arm(another, "S", HALTBLK_RULE_F_SESSION, 0);
	each_failure("close", do_close, NULL, undo_close, 1);
	close(another);
	each_failure("break", do_break, nothing_changed, undo_break, 1);
	test_calls_that_look();
	each_failure("watch", do_watch, nothing_changed, undo_watch, 1);
	each_failure("resume by id", do_resume_ids, nothing_changed, hold_again, 1);
	each_failure("resume by tag", do_resume_tag, nothing_changed, hold_again, 1);
	each_failure("remove", do_remove, nothing_changed, arm_again, 1);
	each_failure("step", do_step, nothing_changed, NULL, 1);
	disarm("H");
	readers_end();
}
