// SPDX-License-Identifier: GPL-2.0-only
/*
 * abi DEVICE: calls every ioctl of /dev/haltblk-control wrongly and checks the
 * errno, that hdr.why names the reason, and that right calls work. Prints
 * "ok - NAME" or "not ok - NAME (detail)" a line. Called by tests/control/abi.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "haltblk.h"

static int fd;
static const char *device;
static char why[HALTBLK_WHY_LEN];

union any {
	struct haltblk_hdr hdr;
	struct haltblk_query query;
	struct haltblk_attach attach;
	struct haltblk_rule rule;
	struct haltblk_remove remove;
	struct haltblk_wait wait;
	struct haltblk_resume resume;
	struct haltblk_table table;
	struct haltblk_stats stats;
	struct haltblk_watch watch;
	struct haltblk_clone clone;
	unsigned char raw[4096];
};

static const struct call {
	const char *name;
	unsigned long nr;
	size_t size;
} calls[] = {
	{ "query", HALTBLK_IOC_QUERY, sizeof(struct haltblk_query) },
	{ "attach", HALTBLK_IOC_ATTACH, sizeof(struct haltblk_attach) },
	{ "break", HALTBLK_IOC_BREAK, sizeof(struct haltblk_rule) },
	{ "remove", HALTBLK_IOC_REMOVE, sizeof(struct haltblk_remove) },
	{ "wait", HALTBLK_IOC_WAIT, sizeof(struct haltblk_wait) },
	{ "resume", HALTBLK_IOC_RESUME, sizeof(struct haltblk_resume) },
	{ "held", HALTBLK_IOC_HELD, sizeof(struct haltblk_table) },
	{ "rules", HALTBLK_IOC_RULES, sizeof(struct haltblk_table) },
	{ "stats", HALTBLK_IOC_STATS, HALTBLK_STATS_SIZE_0 },
	{ "hctx_stats", HALTBLK_IOC_HCTX_STATS, sizeof(struct haltblk_table) },
	{ "list", HALTBLK_IOC_LIST, sizeof(struct haltblk_table) },
	{ "config", HALTBLK_IOC_CONFIG, sizeof(struct haltblk_table) },
	{ "locks", HALTBLK_IOC_LOCKS, sizeof(struct haltblk_table) },
	{ "clone", HALTBLK_IOC_CLONE, HALTBLK_CLONE_SIZE_0 },
};
#define NR_CALLS (sizeof(calls) / sizeof(calls[0]))

static void check(bool good, const char *call, const char *what, int got)
{
	if (good)
		printf("ok - %s: %s\n", call, what);
	else
		printf("not ok - %s: %s (errno %d %s, why '%s')\n", call, what,
		       got, got ? strerror(got) : "none", why);
}

static int call(unsigned long nr, void *arg)
{
	memset(why, 0, sizeof(why));
	return ioctl(fd, nr, arg) < 0 ? errno : 0;
}

/* A structure that is right as far as it can be. */
static void prepare(union any *a, const struct call *c)
{
	memset(a, 0, sizeof(*a));
	a->hdr.size = c->size;
	a->hdr.why = (uintptr_t)why;
	switch (c->nr) {
	case HALTBLK_IOC_ATTACH:
		snprintf(a->attach.name, sizeof(a->attach.name), "%s", device);
		break;
	case HALTBLK_IOC_BREAK:
		strcpy(a->rule.tag, "T");
		a->rule.count = 1;
		break;
	case HALTBLK_IOC_REMOVE:
		a->remove.hdr.flags = HALTBLK_REMOVE_F_ALL;
		break;
	case HALTBLK_IOC_WAIT:
		strcpy(a->wait.tag, "never");
		a->wait.count = 1;
		break;
	case HALTBLK_IOC_RESUME:
		a->resume.hdr.flags = HALTBLK_RESUME_F_ALL;
		break;
	case HALTBLK_IOC_HELD:
		a->table.entry_size = sizeof(struct haltblk_held);
		break;
	case HALTBLK_IOC_RULES:
		a->table.entry_size = sizeof(struct haltblk_rule);
		break;
	case HALTBLK_IOC_HCTX_STATS:
		a->table.entry_size = sizeof(struct haltblk_hctx_stats);
		break;
	case HALTBLK_IOC_LIST:
		a->table.entry_size = sizeof(struct haltblk_list_entry);
		break;
	case HALTBLK_IOC_CONFIG:
		a->table.entry_size = sizeof(struct haltblk_config_entry);
		break;
	case HALTBLK_IOC_LOCKS:
		a->table.entry_size = sizeof(struct haltblk_lock_stats);
		break;
	case HALTBLK_IOC_CLONE:
		strcpy(a->clone.source, "nobody");
		break;
	}
}

/* What a right call of prepare() gives in an attached session. */
static int expected(const struct call *c)
{
	switch (c->nr) {
	case HALTBLK_IOC_ATTACH:
		return EBUSY;
	case HALTBLK_IOC_WAIT:
		return ENOENT;
	case HALTBLK_IOC_CLONE:
		return ENXIO;
	default:
		return 0;
	}
}

static void sizes(const struct call *c)
{
	union any a;
	int got;

	prepare(&a, c);
	got = call(c->nr, &a);
	check(got == expected(c), c->name, "as it should be", got);

	prepare(&a, c);
	a.hdr.size = c->size - 4;
	got = call(c->nr, &a);
	check(got == EINVAL, c->name, "four bytes too short is EINVAL", got);

	prepare(&a, c);
	a.hdr.size = 0;
	got = call(c->nr, &a);
	check(got == EINVAL, c->name, "size 0 is EINVAL", got);

	prepare(&a, c);
	a.hdr.size = c->size + 64;
	got = call(c->nr, &a);
	check(got == expected(c), c->name, "a longer one with a tail of zeroes is taken", got);

	prepare(&a, c);
	a.hdr.size = c->size + 64;
	a.raw[c->size + 63] = 1;
	got = call(c->nr, &a);
	check(got == E2BIG, c->name, "a tail that is not zero is E2BIG", got);

	prepare(&a, c);
	a.hdr.flags |= 1u << 31;
	got = call(c->nr, &a);
	check(got == EINVAL && why[0], c->name, "an unknown flag is EINVAL, with a reason", got);

	got = call(c->nr, (void *)8);
	check(got == EFAULT, c->name, "a bad address is EFAULT", got);
}

static void rule_field(const char *what, void (*spoil)(struct haltblk_rule *r))
{
	union any a;
	int got;

	prepare(&a, &calls[2]);
	spoil(&a.rule);
	got = call(HALTBLK_IOC_BREAK, &a);
	check(got == EINVAL && why[0], "break", what, got);
}

static void bad_event(struct haltblk_rule *r) { r->event = HALTBLK_EVENT_NR; }
static void bad_action(struct haltblk_rule *r) { r->action = HALTBLK_ACTION_NR; }
static void bad_key(struct haltblk_rule *r) { r->keys = 1u << 30; }
static void bad_op(struct haltblk_rule *r) { r->keys = HALTBLK_KEY_OPS; r->ops = 1u << HALTBLK_OP_NR; }
static void no_op(struct haltblk_rule *r) { r->keys = HALTBLK_KEY_OPS; }
static void no_tag(struct haltblk_rule *r) { r->tag[0] = 0; }
static void blank_tag(struct haltblk_rule *r) { strcpy(r->tag, "a b"); }
static void equals_tag(struct haltblk_rule *r) { strcpy(r->tag, "a=b"); }
static void reserved(struct haltblk_rule *r) { r->reserved = 1; }
static void argument(struct haltblk_rule *r) { r->arg = 1; }
static void unasked(struct haltblk_rule *r) { r->sector = 8; }
static void empty_range(struct haltblk_rule *r) { r->keys = HALTBLK_KEY_SECTOR; }
static void past_end(struct haltblk_rule *r)
{
	r->keys = HALTBLK_KEY_SECTOR;
	r->sector = 1ull << 40;
	r->nr_sectors = 8;
}
static void wraps(struct haltblk_rule *r)
{
	r->keys = HALTBLK_KEY_SECTOR;
	r->sector = 8;
	r->nr_sectors = UINT64_MAX;
}
static void bad_hctx(struct haltblk_rule *r) { r->keys = HALTBLK_KEY_HCTX; r->hctx = 4096; }
static void bad_rq_flag(struct haltblk_rule *r) { r->keys = HALTBLK_KEY_FLAGS; r->rq_flags = 1u << 20; }
static void open_comm(struct haltblk_rule *r)
{
	r->keys = HALTBLK_KEY_COMM;
	memset(r->comm, 'x', sizeof(r->comm));
}
static void not_pid_alone(struct haltblk_rule *r) { r->hdr.flags = HALTBLK_RULE_F_NOT_PID; }

static void rules(void)
{
	union any a;
	int got;

	rule_field("an unknown event", bad_event);
	rule_field("an unknown action", bad_action);
	rule_field("an unknown key", bad_key);
	rule_field("an unknown op", bad_op);
	rule_field("no op at all", no_op);
	rule_field("no tag", no_tag);
	rule_field("a blank in the tag", blank_tag);
	rule_field("'=' in the tag", equals_tag);
	rule_field("a reserved field", reserved);
	rule_field("an argument to hold", argument);
	rule_field("a condition not asked for", unasked);
	rule_field("an empty range", empty_range);
	rule_field("a range past the end", past_end);
	rule_field("a range that wraps", wraps);
	rule_field("a hardware queue that is not there", bad_hctx);
	rule_field("an unknown request flag", bad_rq_flag);
	rule_field("a name without an end", open_comm);
	rule_field("not-pid without pid", not_pid_alone);

	/* A tag without an end must not be read past its array. */
	prepare(&a, &calls[2]);
	memset(a.rule.tag, 'x', sizeof(a.rule.tag));
	got = call(HALTBLK_IOC_BREAK, &a);
	check(got == EINVAL || got == ENAMETOOLONG, "break", "a tag without an end", got);

	prepare(&a, &calls[2]);
	a.hdr.why = 8;
	a.rule.event = HALTBLK_EVENT_NR;
	got = call(HALTBLK_IOC_BREAK, &a);
	check(got == EINVAL || got == EFAULT, "break", "a bad address for the reason", got);
}

static void resumes(void)
{
	union any a;
	uint64_t ids[2] = { 77, 77 };
	int got;

	prepare(&a, &calls[5]);
	a.hdr.flags = 0;
	got = call(HALTBLK_IOC_RESUME, &a);
	check(got == EINVAL, "resume", "of nothing", got);

	prepare(&a, &calls[5]);
	a.hdr.flags = HALTBLK_RESUME_F_ALL | HALTBLK_RESUME_F_TAG;
	got = call(HALTBLK_IOC_RESUME, &a);
	check(got == EINVAL, "resume", "by two ways at once", got);

	prepare(&a, &calls[5]);
	a.hdr.flags |= HALTBLK_RESUME_F_STATUS;
	a.resume.status = HALTBLK_STATUS_NR;
	got = call(HALTBLK_IOC_RESUME, &a);
	check(got == EINVAL, "resume", "with an unknown status", got);

	prepare(&a, &calls[5]);
	a.hdr.flags = HALTBLK_RESUME_F_IDS;
	a.resume.ids = (uintptr_t)ids;
	a.resume.nr_ids = 1;
	got = call(HALTBLK_IOC_RESUME, &a);
	check(got == ENOENT && strstr(why, "77"), "resume", "an id that is not held is ENOENT and named", got);

	a.resume.nr_ids = 2;
	got = call(HALTBLK_IOC_RESUME, &a);
	check(got == EINVAL, "resume", "an id twice", got);

	a.resume.nr_ids = 0;
	got = call(HALTBLK_IOC_RESUME, &a);
	check(got == EINVAL, "resume", "no id", got);

	a.resume.nr_ids = 65537;
	got = call(HALTBLK_IOC_RESUME, &a);
	check(got == EINVAL, "resume", "too many ids", got);

	a.resume.nr_ids = 1;
	a.resume.ids = 8;
	got = call(HALTBLK_IOC_RESUME, &a);
	check(got == EFAULT, "resume", "ids at a bad address", got);
}

static void before_attach(void)
{
	union any a;

	for (size_t i = 0; i < NR_CALLS; i++) {
		const struct call *c = &calls[i];
		int got;

		prepare(&a, c);
		got = call(c->nr, &a);
		if (c->nr == HALTBLK_IOC_QUERY || c->nr == HALTBLK_IOC_LIST)
			check(!got, c->name, "works without a device", got);
		else if (c->nr == HALTBLK_IOC_ATTACH)
			check(got == ENODEV, c->name, "unknown device is ENODEV", got);
		else
			check(got != 0 && got != ENOTTY && got != EFAULT, c->name,
			      "refused without a device", got);
	}
	prepare(&a, &calls[1]);
	memset(a.attach.name, 'x', sizeof(a.attach.name));
	check(call(HALTBLK_IOC_ATTACH, &a) == ENAMETOOLONG, "attach",
	      "a name without an end is ENAMETOOLONG", errno);
}

/* As many sessions as there can be, and as many of them as can watch one device. */
static void bounds(void)
{
	static int fds[HALTBLK_MAX_SESSIONS + 1];
	struct rlimit room = { HALTBLK_MAX_SESSIONS + 64, HALTBLK_MAX_SESSIONS + 64 };
	int mine = fd, nr, i, err;
	union any a;

	if (setrlimit(RLIMIT_NOFILE, &room)) {
		perror("setrlimit");
		exit(1);
	}
	for (nr = 0; nr <= HALTBLK_MAX_SESSIONS; nr++) {
		fds[nr] = open("/dev/haltblk-control", O_RDWR | O_CLOEXEC);
		if (fds[nr] < 0)
			break;
	}
	err = errno;
	check(nr == HALTBLK_MAX_SESSIONS - 1 && err == ENFILE, "open", "the last session that fits", err);
	for (i = 0, err = 0; i < nr && !err; i++) {
		fd = fds[i];
		prepare(&a, &calls[1]);
		err = call(HALTBLK_IOC_ATTACH, &a);
		if (err)
			break;
		memset(&a, 0, sizeof(a));
		a.watch.hdr.size = sizeof(a.watch);
		a.watch.hdr.why = (uintptr_t)why;
		a.watch.what = 1;
		a.watch.room = 1;
		err = call(HALTBLK_IOC_WATCH, &a);
	}
	check(i == HALTBLK_MAX_WATCHERS + 1 && err == ENOSPC && strstr(why, "64"), "watch",
	      "as many as can watch", err);
	for (i = 0; i < nr; i++)
		close(fds[i]);
	fd = open("/dev/haltblk-control", O_RDWR | O_CLOEXEC);
	check(fd >= 0, "open", "once others are closed", errno);
	close(fd);
	fd = mine;
}

int main(int argc, char **argv)
{
	union any a;
	int got;

	if (argc != 2)
		return 2;
	fd = open("/dev/haltblk-control", O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		perror("/dev/haltblk-control");
		return 1;
	}
	device = "no-such-device";
	before_attach();
	device = argv[1];
	prepare(&a, &calls[1]);
	got = call(HALTBLK_IOC_ATTACH, &a);
	check(!got, "attach", "to a device", got);

	for (size_t i = 0; i < NR_CALLS; i++)
		sizes(&calls[i]);
	prepare(&a, &calls[3]);
	got = call(HALTBLK_IOC_REMOVE, &a);
	check(!got, "remove", "what the right calls armed", got);
	rules();
	resumes();
	bounds();

	prepare(&a, &calls[NR_CALLS - 1]);
	strcpy(a.clone.source, device);
	got = call(HALTBLK_IOC_CLONE, &a);
	check(got == EINVAL && strstr(why, "its own clone"), "clone", "of itself", got);

	got = call(_IO(HALTBLK_IOC_MAGIC, 200), &a);
	check(got == ENOTTY, "ioctl", "an unknown number is ENOTTY", got);
	got = call(_IO('x', 0), &a);
	check(got == ENOTTY, "ioctl", "another driver's number is ENOTTY", got);
	return 0;
}
