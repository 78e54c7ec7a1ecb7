// SPDX-License-Identifier: GPL-2.0-only
/*
 * hbfuzz: calls of the control device. Half of them are valid; the others have
 * some words changed, a wrong size or bad pointers, or are entirely random. See
 * hbfuzz.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <haltblk.h>

#include "hbfuzz.h"

#define NR_FDS		4
#define NR_IDS		16
#define TABLE_BYTES	65536

/*
 * Descriptors of this process. Each thread opens, uses and closes any of them. A
 * number that another thread has closed is invalid, or is another session.
 */
static int fds[NR_FDS] = { -1, -1, -1, -1 };
/**
 * struct caller - a thread that calls
 * @rng: its random numbers
 * @arg: two pages for structures, with a page behind that cannot be accessed
 * @constant: a page that cannot be written
 * @table: room for tables
 * @why: room for a reason
 * @ids: requests that were held a moment ago
 * @tag: of one of them
 */
struct caller {
	struct fuzz_rng rng;
	uint64_t ids[NR_IDS];
	char tag[HALTBLK_TAG_LEN];
	char *arg;
	char *constant;
	char *table;
	char why[HALTBLK_WHY_LEN];
};

static const size_t sizes[] = {
	[FUZZ_QUERY] = sizeof(struct haltblk_query),
	[FUZZ_ATTACH] = sizeof(struct haltblk_attach),
	[FUZZ_BREAK] = sizeof(struct haltblk_rule),
	[FUZZ_REMOVE] = sizeof(struct haltblk_remove),
	[FUZZ_WAIT] = sizeof(struct haltblk_wait),
	[FUZZ_RESUME] = sizeof(struct haltblk_resume),
	[FUZZ_HELD] = sizeof(struct haltblk_table),
	[FUZZ_RULES] = sizeof(struct haltblk_table),
	[FUZZ_STATS] = sizeof(struct haltblk_stats),
	[FUZZ_HCTX_STATS] = sizeof(struct haltblk_table),
	[FUZZ_LIST] = sizeof(struct haltblk_table),
	[FUZZ_CONFIG] = sizeof(struct haltblk_table),
	[FUZZ_STEP] = sizeof(struct haltblk_step),
	[FUZZ_BACKTRACE] = sizeof(struct haltblk_backtrace),
	[FUZZ_WATCH] = sizeof(struct haltblk_watch),
	[FUZZ_LOCKS] = sizeof(struct haltblk_table),
	[FUZZ_CLONE] = sizeof(struct haltblk_clone),
	[FUZZ_UNKNOWN] = 64,
};

static uint32_t below(struct caller *c, uint32_t n)
{
	return fuzz_below(&c->rng, n);
}

static void random_tag(struct caller *c, char *tag)
{
	if (c->tag[0] && below(c, 2)) {
		memcpy(tag, c->tag, sizeof(c->tag));
		return;
	}
	tag[0] = 'T';
	tag[1] = (char)('0' + below(c, 8));
}

static uint64_t random_id(struct caller *c)
{
	return c->ids[below(c, NR_IDS)];
}

/* An address that is bad, or good only for some bytes. */
static uint64_t bad_pointer(struct caller *c)
{
	switch (below(c, 6)) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		return (uint64_t)0xffff888000001000;
	case 3:	/* the last bytes before what cannot be accessed */
		return (uintptr_t)c->arg + 8192 - below(c, 64);
	case 4:
		return (uintptr_t)c->constant;
	default:
		return (uintptr_t)c->table + 1 + below(c, 7);
	}
}

/* --- valid arguments ------------------------------------------------------- */

static void right_conditions(struct caller *c, struct haltblk_rule *r)
{
	if (!below(c, 3)) {
		r->keys |= HALTBLK_KEY_OPS;
		/* No flush: the driver has a warning for it each time. */
		r->ops = 1U << below(c, 2) | 1U << (3 + below(c, 3));
	}
	if (!below(c, 4)) {
		r->keys |= HALTBLK_KEY_SECTOR;
		r->sector = below(c, 16384);
		r->nr_sectors = 1 + below(c, 8192);
	}
	if (!below(c, 16))
		r->keys |= HALTBLK_KEY_HCTX;
	if (!below(c, 8)) {
		r->keys |= HALTBLK_KEY_PID;
		r->pid = getpid();
		r->hdr.flags |= HALTBLK_RULE_F_NOT_PID;
	}
	if (!below(c, 8)) {
		r->keys |= HALTBLK_KEY_COMM;
		strcpy(r->comm, below(c, 2) ? "hbfuzz" : "nobody");
		r->hdr.flags |= below(c, 2) ? HALTBLK_RULE_F_NOT_COMM : 0;
	}
	if (!below(c, 8)) {
		r->keys |= HALTBLK_KEY_STATE | HALTBLK_KEY_SET_STATE;
		r->state = 1 + below(c, 3);
		r->set_state = 1 + below(c, 3);
	}
	if (!below(c, 8)) {
		r->keys |= HALTBLK_KEY_CHANCE;
		r->chance = 1 + below(c, 4);
	}
}

static void right_rule(struct caller *c, struct haltblk_rule *r)
{
	static const uint32_t events[] = {
		HALTBLK_EVENT_SUBMIT, HALTBLK_EVENT_MEDIA,
		HALTBLK_EVENT_COMPLETE, HALTBLK_EVENT_UNMAP,
		HALTBLK_EVENT_WRITEBACK,
	};

	random_tag(c, r->tag);
	r->event = events[below(c, 5)];
	if (!below(c, 32))
		r->event = HALTBLK_EVENT_TIMEOUT;
	r->hdr.flags = below(c, 2) ? HALTBLK_RULE_F_SESSION : 0;
	r->skip = below(c, 3);
	r->count = below(c, 6);
	right_conditions(c, r);
	if (below(c, 2))
		return;
	r->action = below(c, HALTBLK_ACTION_NR);
	if (r->action == HALTBLK_ACTION_DELAY)
		r->arg = 1 + below(c, 5000);
	else if (r->action == HALTBLK_ACTION_FAIL)
		r->arg = below(c, HALTBLK_STATUS_NR);
	else if (r->action == HALTBLK_ACTION_TORN || r->action == HALTBLK_ACTION_CORRUPT)
		r->arg = 1 + below(c, 16);
}

static void right_resume(struct caller *c, struct haltblk_resume *r)
{
	uint64_t *list = (uint64_t *)(c->table + TABLE_BYTES / 2);
	uint32_t i;

	switch (below(c, 3)) {
	case 0:
		r->hdr.flags = HALTBLK_RESUME_F_TAG;
		random_tag(c, r->tag);
		break;
	case 1:
		r->hdr.flags = HALTBLK_RESUME_F_IDS;
		r->nr_ids = 1 + below(c, 2);
		for (i = 0; i < r->nr_ids; i++)
			list[i] = random_id(c);
		r->ids = (uintptr_t)list;
		break;
	default:
		r->hdr.flags = HALTBLK_RESUME_F_ALL;
	}
	if (!below(c, 4)) {
		r->hdr.flags |= HALTBLK_RESUME_F_STATUS;
		r->status = below(c, HALTBLK_STATUS_NR);
	}
}

static void right_table(struct caller *c, struct haltblk_table *t, size_t entry)
{
	t->entry_size = (uint32_t)entry;
	if (!below(c, 4))
		t->entry_size = 1 + below(c, 512);
	t->nr = below(c, TABLE_BYTES / 2 / t->entry_size);
	t->buf = (uintptr_t)c->table;
}

static void right(struct caller *c, enum fuzz_class class, void *arg)
{
	struct haltblk_attach *attach = arg;
	struct haltblk_remove *remove = arg;
	struct haltblk_wait *wait = arg;
	struct haltblk_step *step = arg;
	struct haltblk_backtrace *trace = arg;
	struct haltblk_watch *watch = arg;
	struct haltblk_clone *clone = arg;

	switch (class) {
	case FUZZ_ATTACH:
		strcpy(attach->name, fuzz_devices[below(c, FUZZ_DEVICES)]);
		break;
	case FUZZ_BREAK:
		right_rule(c, arg);
		break;
	case FUZZ_REMOVE:
		if (below(c, 8))
			random_tag(c, remove->tag);
		else
			remove->hdr.flags = HALTBLK_REMOVE_F_ALL;
		break;
	case FUZZ_WAIT:
		random_tag(c, wait->tag);
		wait->count = 1 + below(c, 2);
		wait->timeout_ns = below(c, 4) ? below(c, 20000000) : UINT64_MAX;
		break;
	case FUZZ_RESUME:
		right_resume(c, arg);
		break;
	case FUZZ_HELD:
		right_table(c, arg, sizeof(struct haltblk_held));
		break;
	case FUZZ_RULES:
		right_table(c, arg, sizeof(struct haltblk_rule));
		break;
	case FUZZ_HCTX_STATS:
		right_table(c, arg, sizeof(struct haltblk_hctx_stats));
		break;
	case FUZZ_LIST:
		right_table(c, arg, sizeof(struct haltblk_list_entry));
		break;
	case FUZZ_CONFIG:
		right_table(c, arg, sizeof(struct haltblk_config_entry));
		break;
	case FUZZ_STEP:
		step->id = random_id(c);
		break;
	case FUZZ_BACKTRACE:
		trace->id = random_id(c);
		trace->buf = (uintptr_t)c->table;
		trace->len = 1 + below(c, 4096);
		break;
	case FUZZ_WATCH:
		if (below(c, 4)) {
			watch->what = 1 + below(c, (1U << HALTBLK_WHAT_LOST) - 1);
			watch->room = 1 + below(c, 256);
		}
		break;
	case FUZZ_LOCKS:
		right_table(c, arg, sizeof(struct haltblk_lock_stats));
		break;
	case FUZZ_CLONE:
		strcpy(clone->source, fuzz_devices[below(c, FUZZ_DEVICES)]);
		if (below(c, 2))
			clone->hdr.flags = HALTBLK_CLONE_F_OPTIONS;
		break;
	default:
		break;
	}
}

/* --- invalid arguments ----------------------------------------------------- */

static void wrong_words(struct caller *c, uint32_t *words, uint32_t nr)
{
	static const uint32_t odd[] = {
		0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 0x100,
		65536, 65537, 4096,
	};
	uint32_t i = 1 + below(c, 3);

	while (i--)
		words[below(c, nr)] = below(c, 3) ? odd[below(c, sizeof(odd) / sizeof(odd[0]))] :
						    fuzz_random(&c->rng);
}

static void wrong_size(struct caller *c, struct haltblk_hdr *hdr, uint32_t size)
{
	const uint32_t odd[] = {
		0, 1, 15, 16, size - 1, size - 8, size + 1, size + 8, 4095,
		4096, 4097, 0x7fffffff, 0xffffffff,
	};

	hdr->size = odd[below(c, sizeof(odd) / sizeof(odd[0]))];
	/* The bytes after the known part are zero, or not. */
	if (!below(c, 2))
		((char *)hdr)[size + below(c, 64)] = 1;
}

/* The field of a structure that is a pointer. */
static void wrong_pointer(struct caller *c, enum fuzz_class class, void *arg)
{
	struct haltblk_table *table = arg;
	struct haltblk_resume *resume = arg;
	struct haltblk_backtrace *trace = arg;

	switch (class) {
	case FUZZ_HELD:
	case FUZZ_RULES:
	case FUZZ_HCTX_STATS:
	case FUZZ_LIST:
	case FUZZ_CONFIG:
	case FUZZ_LOCKS:
		table->buf = bad_pointer(c);
		break;
	case FUZZ_RESUME:
		resume->ids = bad_pointer(c);
		break;
	case FUZZ_BACKTRACE:
		trace->buf = bad_pointer(c);
		break;
	default:
		table->hdr.why = bad_pointer(c);
	}
}

static void wrong(struct caller *c, enum fuzz_class class, void *arg)
{
	uint32_t size = (uint32_t)sizes[class], i;

	switch (below(c, 8)) {
	case 0:
		wrong_size(c, arg, size);
		break;
	case 1:
		wrong_pointer(c, class, arg);
		break;
	case 2:
		for (i = 1; i < size / 4; i++)
			((uint32_t *)arg)[i] = fuzz_random(&c->rng);
		break;
	default:
		/* Not the size, which is changed elsewhere. */
		wrong_words(c, (uint32_t *)arg + 1, size / 4 - 1);
	}
}

/*
 * A random word in half of a pointer can make it point at what all processes
 * share. The kernel would write a reason there, and @released would be set.
 */
static void spare_shared(char *arg, size_t size)
{
	const uint64_t from = (uintptr_t)fuzz - TABLE_BYTES;
	const uint64_t to = (uintptr_t)(fuzz + 1);
	uint64_t word;
	size_t i;

	for (i = 0; i + sizeof(word) <= size; i += sizeof(word)) {
		memcpy(&word, arg + i, sizeof(word));
		if (word >= from && word < to)
			memset(arg + i, 0, sizeof(word));
	}
}

static unsigned long wrong_number(struct caller *c)
{
	switch (below(c, 4)) {
	case 0:	/* a number past the last one */
		return _IO(HALTBLK_IOC_MAGIC, 17 + below(c, 239));
	case 1:	/* a valid number, with a size or a direction */
		return _IOC(_IOC_READ, HALTBLK_IOC_MAGIC, below(c, 17), below(c, 512));
	case 2:	/* another magic, for example that of a terminal or a block device */
		return _IO(below(c, 2) ? 'T' : 0x12, below(c, 256));
	default:
		return fuzz_random(&c->rng);
	}
}

/* --- calls ----------------------------------------------------------------- */

/* Note the ids, and one tag, of what the session's device holds, for the next call. */
static void look(struct caller *c, int fd)
{
	struct haltblk_held *h = (struct haltblk_held *)c->table;
	struct haltblk_table t = {
		.hdr.size = sizeof(t), .buf = (uintptr_t)h, .nr = NR_IDS,
		.entry_size = sizeof(*h),
	};
	uint32_t i;

	if (ioctl(fd, HALTBLK_IOC_HELD, &t) || !t.nr)
		return;
	for (i = 0; i < NR_IDS; i++)
		c->ids[i] = h[i % t.nr].id;
	memcpy(c->tag, h[below(c, t.nr < NR_IDS ? t.nr : NR_IDS)].tag, sizeof(c->tag));
}

static void call(struct caller *c, int fd, enum fuzz_class class)
{
	unsigned long nr = _IO(HALTBLK_IOC_MAGIC, class);
	size_t size = sizes[class];
	struct haltblk_hdr *hdr;
	char *arg = c->arg;
	bool good = below(c, 2);

	memset(c->arg, 0, 8192);
	hdr = (struct haltblk_hdr *)arg;
	hdr->size = (uint32_t)size;
	hdr->why = (uintptr_t)c->why;
	right(c, class, arg);
	if (!good && class != FUZZ_UNKNOWN)
		wrong(c, class, arg);
	spare_shared(arg, size);
	if (!good && !below(c, 16)) {
		/* At the very end of what can be accessed, or past it. */
		arg = memmove(c->arg + 8192 - size + below(c, 2) * 8, c->arg, size - 8);
		*(uint32_t *)arg = (uint32_t)size;
	}
	if (class == FUZZ_UNKNOWN) {
		nr = wrong_number(c);
		if (below(c, 2))
			arg = (char *)(uintptr_t)bad_pointer(c);
	}
	fuzz_count(class, ioctl(fd, nr, arg));
}

static void call_any(struct caller *c, int fd)
{
	enum fuzz_class class = below(c, FUZZ_UNKNOWN + 1);

	/* Release less often; otherwise little would ever be held. */
	if ((class == FUZZ_REMOVE || class == FUZZ_RESUME) && below(c, 4))
		return;
	if (below(c, 4))
		look(c, fd);
	call(c, fd, class);
}

/* Sometimes blocks on purpose, until the timer interrupts it. */
static void read_events(struct caller *c, int fd)
{
	size_t len = below(c, 4) ? sizeof(struct haltblk_event) * (1 + below(c, 64)) :
				   below(c, 300);
	char *buf = below(c, 8) ? c->table : (char *)(uintptr_t)bad_pointer(c);
	int flags = below(c, 4) ? O_NONBLOCK : 0;

	fcntl(fd, F_SETFL, flags);
	fuzz_count(FUZZ_EVENTS, read(fd, buf, len) ?: (errno = ENODATA, -1));
}

static void poll_events(struct caller *c, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int ret = poll(&p, 1, (int)below(c, 5));

	if (!ret)
		errno = ETIME;
	fuzz_count(FUZZ_POLL, ret > 0 ? 0 : -1);
}

/* Replace a session by another one. */
static void reopen(struct caller *c, int slot)
{
	int fd = open("/dev/haltblk-control", O_RDWR | O_CLOEXEC), old;

	fuzz_count(FUZZ_OPEN, fd);
	if (fd >= 0 && below(c, 16))
		call(c, fd, FUZZ_ATTACH);
	old = __atomic_exchange_n(&fds[slot], fd, __ATOMIC_SEQ_CST);
	if (old >= 0)
		fuzz_count(FUZZ_CLOSE, close(old));
}

static void *call_thread(void *arg)
{
	struct caller *c = arg;
	/* Interrupt calls that would wait for ever, in this thread. */
	struct sigevent tick = { .sigev_notify = SIGEV_THREAD_ID,
				 .sigev_signo = SIGALRM };
	const struct itimerspec often = { .it_interval.tv_nsec = 50000000,
					  .it_value.tv_nsec = 50000000 };
	timer_t timer;
	int slot, fd;

	tick._sigev_un._tid = gettid();
	if (timer_create(CLOCK_MONOTONIC, &tick, &timer) ||
	    timer_settime(timer, 0, &often, NULL))
		exit(2);
	while (!fuzz_over()) {
		slot = (int)below(c, NR_FDS);
		fd = __atomic_load_n(&fds[slot], __ATOMIC_SEQ_CST);
		if (fd < 0 || !below(c, 50)) {
			reopen(c, slot);
			continue;
		}
		switch (below(c, 24)) {
		case 0:
		case 1:
			read_events(c, fd);
			break;
		case 2:
			poll_events(c, fd);
			break;
		case 3:
			call(c, fd, FUZZ_BREAK);
			break;
		default:
			call_any(c, fd);
		}
	}
	timer_delete(timer);
	return NULL;
}

static void on_alarm(int sig)
{
	(void)sig;
}

static int init_caller(struct caller *c, unsigned int place)
{
	fuzz_seed(&c->rng, place);
	c->arg = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	c->constant = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	c->table = malloc(TABLE_BYTES);
	if (c->arg == MAP_FAILED || c->constant == MAP_FAILED || !c->table)
		return -1;
	return mprotect(c->arg + 8192, 4096, PROT_NONE);
}

/** fuzz_call_process() - two threads that call through shared descriptors */
int fuzz_call_process(unsigned int place)
{
	const struct sigaction act = { .sa_handler = on_alarm };
	struct caller callers[2];
	pthread_t thread[2];
	unsigned int i;

	sigaction(SIGALRM, &act, NULL);
	for (i = 0; i < 2; i++)
		if (init_caller(&callers[i], 1000 + place * 2 + i) ||
		    pthread_create(&thread[i], NULL, call_thread, &callers[i]))
			return 2;
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	return 0;
}

/* A session of @dev, or -1. */
static int session(const char *dev)
{
	struct haltblk_attach attach = { .hdr.size = sizeof(attach) };
	int fd = open("/dev/haltblk-control", O_RDWR | O_CLOEXEC);

	strncpy(attach.name, dev, sizeof(attach.name) - 1);
	if (fd < 0 || !ioctl(fd, HALTBLK_IOC_ATTACH, &attach))
		return fd;
	close(fd);
	return -1;
}

static void release(struct fuzz_rng *rng, const char *dev)
{
	struct haltblk_resume resume = { .hdr = { sizeof(resume), HALTBLK_RESUME_F_ALL, 0 } };
	struct haltblk_remove remove = { .hdr = { sizeof(remove), HALTBLK_REMOVE_F_ALL, 0 } };
	int fd = session(dev);

	if (fd < 0)
		return;
	if (fuzz_below(rng, 4))
		ioctl(fd, HALTBLK_IOC_RESUME, &resume);
	else
		ioctl(fd, HALTBLK_IOC_REMOVE, &remove);
	close(fd);
}

/** fuzz_release_process() - releases what is held, again and again */
int fuzz_release_process(unsigned int place)
{
	struct timespec pause = { 0 };
	struct fuzz_rng rng;
	int i;

	fuzz_seed(&rng, place);
	while (!__atomic_load_n(&fuzz->released, __ATOMIC_RELAXED)) {
		for (i = 0; i < FUZZ_DEVICES; i++)
			release(&rng, fuzz_devices[i]);
		pause.tv_nsec = (5 + fuzz_below(&rng, 150)) * 1000000L;
		nanosleep(&pause, NULL);
	}
	return 0;
}

/** fuzz_hold_own() - a session whose rule holds its own process; its descriptor */
int fuzz_hold_own(const char *dev)
{
	struct haltblk_rule rule = {
		.hdr = { sizeof(rule), HALTBLK_RULE_F_SESSION, 0 },
		.tag = "OWN", .keys = HALTBLK_KEY_PID, .pid = getpid(), .count = 1,
	};
	int fd = session(dev);

	if (fd >= 0)
		ioctl(fd, HALTBLK_IOC_BREAK, &rule);
	return fd;
}
