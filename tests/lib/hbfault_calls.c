// SPDX-License-Identifier: GPL-2.0-only
/* hbfault control, hbfault io: what is called, and what it must leave. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "haltblk.h"
#include "hbfault.h"

/* linux/fs.h of 6.11 */
#ifndef RWF_ATOMIC
#define RWF_ATOMIC	0x40
#endif

#define READS		3	/* that are held */
#define ROOM		32

static const char *device;
static char node[64];
static int fd;			/* the session under test */
static int observer;		/* one that looks, with nothing failing */

static int call(int session, unsigned long nr, void *arg)
{
	return ioctl(session, nr, arg) < 0 ? -errno : 0;
}

#define HDR(type)	{ .size = sizeof(type) }

/* --- reads that are held --------------------------------------------------------------- */

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

/* All of them held, by a rule that is armed. */
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

/* --- what there is, before and after ----------------------------------------------------- */

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

/* A close takes its session's rules with it, whatever fails. */
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

	/* A tag that is new each time. */
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
	/* Who submitted it is not always known. */
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

	/* Not in the order held. */
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

/* --- I/O --------------------------------------------------------------------------------- */

#define AREA		(4u << 20)
#define SPAN		32768u		/* of one attempt */

static int disk;
static bool may_fail;
static unsigned char *buf, *old, *was;
static unsigned int io_len;
static int io_flags;
static unsigned char io_byte;
static off_t io_at;

/* Each attempt has a place of its own. */
static off_t place(unsigned int n)
{
	return (off_t)n * SPAN % AREA;
}

static int do_write(unsigned int n)
{
	struct iovec iov = { .iov_base = buf, .iov_len = io_len };
	ssize_t ret;

	io_at = place(n);
	memset(buf, io_byte, io_len);
	ret = pwritev2(disk, &iov, 1, io_at, io_flags);
	if (ret >= 0 && ret != (ssize_t)io_len)
		bad("%zd of %u bytes written", ret, io_len);
	return ret < 0 ? -errno : 0;
}

static unsigned long io_ioctl;

static int do_range(unsigned int n)
{
	uint64_t range[2] = { place(n), io_len };

	io_at = place(n);
	return ioctl(disk, io_ioctl, range) ? -errno : 0;
}

static int do_flush(unsigned int n)
{
	(void)n;
	return fsync(disk) ? -errno : 0;
}

static int do_read(unsigned int n)
{
	io_at = place(n);
	return pread(disk, buf, io_len, io_at) == (ssize_t)io_len ? 0 : -errno;
}

static void read_back(void)
{
	if (pread(disk, old, SPAN, io_at) != SPAN)
		die("read");
}

/* All as it must be; what lies behind it as it was. */
static void io_done(bool fired)
{
	unsigned int i;

	(void)fired;
	read_back();
	for (i = 0; i < io_len; i++) {
		if (old[i] != io_byte) {
			bad("byte %u at %lld is %02x, not %02x", i, (long long)io_at, old[i],
			    io_byte);
			return;
		}
	}
}

/* Half of it may be done: each byte is what it was or what it was to become. */
static void io_failed(int err)
{
	unsigned int i, changed = 0;

	if (!may_fail)
		bad("%s", strerror(-err));
	read_back();
	for (i = 0; i < io_len; i++) {
		changed += old[i] == io_byte;
		if (old[i] != io_byte && old[i] != was[i]) {
			bad("byte %u at %lld is %02x", i, (long long)io_at, old[i]);
			return;
		}
	}
	if (io_flags == RWF_ATOMIC && changed && changed != io_len)
		bad("an atomic write is torn: %u bytes of %u", changed, io_len);
}

/* 0x11 everywhere, or that discarded; nothing in a cache. */
static void prepare(unsigned char byte)
{
	uint64_t range[2] = { 0, AREA };
	off_t at;

	memset(buf, 0x11, SPAN);
	for (at = 0; at < AREA; at += SPAN)
		if (pwrite(disk, buf, SPAN, at) != SPAN)
			die("write");
	if (!byte && ioctl(disk, BLKDISCARD, range) && ioctl(disk, BLKZEROOUT, range))
		die("BLKDISCARD");
	/* What every place has now. */
	if (fsync(disk) || pread(disk, was, SPAN, 0) != SPAN)
		die("fsync");
}

static void test_writes(const char *what, unsigned int len, int flags)
{
	char name[64];
	int byte;

	io_len = len;
	io_flags = flags;
	io_byte = 0x22;
	for (byte = 0; byte <= 0x11; byte += 0x11) {
		prepare(byte);
		snprintf(name, sizeof(name), "%s of %u over %s", what, len,
			 byte ? "data" : "a hole");
		each_failure(name, do_write, io_failed, io_done, 1);
	}
}

static void test_range(const char *name, unsigned long request, unsigned int byte)
{
	prepare(0x11);
	io_ioctl = request;
	io_len = SPAN;
	io_flags = 0;
	io_byte = byte;
	each_failure(name, do_range, io_failed, byte == ~0u ? NULL : io_done, 1);
}

void test_io(const char *name, bool sleeps)
{
	uint64_t range[2] = { 0, 4096 };

	may_fail = sleeps;
	snprintf(node, sizeof(node), "/dev/%s", name);
	disk = open(node, O_RDWR | O_DIRECT);
	buf = aligned_alloc(4096, SPAN);
	old = aligned_alloc(4096, SPAN);
	was = aligned_alloc(4096, SPAN);
	if (disk < 0 || !buf || !old || !was)
		die(node);
	test_writes("write", 4096, 0);
	test_writes("write", SPAN, 0);
	test_writes("write", 512, 0);
	test_writes("FUA write", 4096, RWF_DSYNC);
	test_writes("FUA write", 512, RWF_DSYNC);
	memset(buf, 0, SPAN);
	if (pwritev2(disk, &(struct iovec){ buf, 16384 }, 1, 0, RWF_ATOMIC) == 16384) {
		test_writes("atomic write", 16384, RWF_ATOMIC);
		test_writes("atomic write", 4096, RWF_ATOMIC);
	}
	io_flags = 0;
	prepare(0x11);
	io_len = SPAN;
	io_byte = 0x11;
	each_failure("read", do_read, io_failed, io_done, 1);
	/* What discarded blocks read as is the device's choice. */
	test_range("discard", BLKDISCARD, ~0u);
	test_range("zeroout", BLKZEROOUT, 0);
	if (!ioctl(disk, BLKSECDISCARD, range))
		test_range("secdiscard", BLKSECDISCARD, 0);
	prepare(0);
	memset(buf, 0x22, SPAN);
	if (pwrite(disk, buf, SPAN, 0) != SPAN)
		die("write");
	io_at = 0;
	io_len = SPAN;
	io_byte = 0x22;
	each_failure("flush", do_flush, io_failed, io_done, 1);
}
