// SPDX-License-Identifier: GPL-2.0-only
/*
 * hbfuzz SECONDS [SEED]: everything at once, on three devices of its own.
 *
 * Processes call the control device with valid, almost valid and invalid
 * arguments, on descriptors that their threads open and close meanwhile. Others
 * do I/O of each kind, change options, schedulers and power, or make and remove
 * a device. Others are killed while a rule of their own session holds one of
 * their threads. hbfuzz_call.c makes the calls, this file does the rest.
 *
 * One process releases what is held, again and again, and a timer interrupts
 * calls that could wait for ever. hbfuzz prints its seed and the results of each
 * kind of call. Exit status: 1 if a process did not end, or if a kind of call
 * never succeeded or was never refused, even in two more minutes, because that
 * would test nothing; 2 on misuse. The caller checks the kernel log.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hbfuzz.h"

#define CONFIGFS	"/sys/kernel/config/haltblk/"
#define AREA		(8U << 20)	/* bytes of a device that I/O goes to */

const char *const fuzz_devices[FUZZ_DEVICES] = { "fz0", "fz1", "fz2" };
struct fuzz_shared *fuzz;

static const char *const names[FUZZ_CLASSES] = {
	[FUZZ_QUERY] = "QUERY", [FUZZ_ATTACH] = "ATTACH",
	[FUZZ_BREAK] = "BREAK", [FUZZ_REMOVE] = "REMOVE",
	[FUZZ_WAIT] = "WAIT", [FUZZ_RESUME] = "RESUME", [FUZZ_HELD] = "HELD",
	[FUZZ_RULES] = "RULES", [FUZZ_STATS] = "STATS",
	[FUZZ_HCTX_STATS] = "HCTX_STATS", [FUZZ_LIST] = "LIST",
	[FUZZ_CONFIG] = "CONFIG", [FUZZ_STEP] = "STEP",
	[FUZZ_BACKTRACE] = "BACKTRACE", [FUZZ_WATCH] = "WATCH",
	[FUZZ_LOCKS] = "LOCKS", [FUZZ_CLONE] = "CLONE",
	[FUZZ_UNKNOWN] = "unknown ioctl", [FUZZ_OPEN] = "open",
	[FUZZ_CLOSE] = "close", [FUZZ_EVENTS] = "read of events",
	[FUZZ_POLL] = "poll", [FUZZ_READ] = "read", [FUZZ_WRITE] = "write",
	[FUZZ_BUFFERED] = "buffered write", [FUZZ_FLUSH] = "flush",
	[FUZZ_DISCARD] = "discard", [FUZZ_ZEROOUT] = "zeroout",
	[FUZZ_SECDISCARD] = "secdiscard", [FUZZ_POWER_ON] = "power on",
	[FUZZ_POWER_OFF] = "power off", [FUZZ_OPTION] = "option",
	[FUZZ_NOISE] = "option, nonsense", [FUZZ_SHOW] = "option, read",
	[FUZZ_QUEUE] = "queue attribute", [FUZZ_CREATE] = "create",
	[FUZZ_DESTROY] = "destroy", [FUZZ_KILLED] = "killed while held",
};

uint32_t fuzz_random(struct fuzz_rng *rng)
{
	uint64_t x = rng->state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	rng->state = x;
	return (uint32_t)(x * UINT64_C(0x2545f4914f6cdd1d) >> 32);
}

uint32_t fuzz_below(struct fuzz_rng *rng, uint32_t n)
{
	return fuzz_random(rng) % n;
}

/* Each thread has its own sequence of numbers, made from the seed and its position. */
void fuzz_seed(struct fuzz_rng *rng, unsigned int place)
{
	int i;

	rng->state = fuzz->seed * 1000003 + place * UINT64_C(0x9e3779b97f4a7c15) + 1;
	for (i = 0; i < 8; i++)
		fuzz_random(rng);
}

/* @ret is what a system call returned; errno is set. */
void fuzz_count(enum fuzz_class class, long ret)
{
	int err = ret < 0 ? errno : 0;

	if (err >= FUZZ_ERRNOS)
		err = FUZZ_ERRNOS - 1;
	__atomic_add_fetch(&fuzz->count[class][err], 1, __ATOMIC_RELAXED);
}

bool fuzz_over(void)
{
	return __atomic_load_n(&fuzz->stop, __ATOMIC_RELAXED);
}

static void nap(uint32_t ms)
{
	const struct timespec t = { .tv_sec = ms / 1000,
				    .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}

static long put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err;
	long ret;

	if (fd < 0)
		return -1;
	ret = write(fd, text, strlen(text));
	err = errno;
	close(fd);
	errno = err;
	return ret;
}

static long put_option(const char *dev, const char *option, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), CONFIGFS "%s/%s", dev, option);
	return put(path, text);
}

/* --- I/O ------------------------------------------------------------------ */

static void io_one(struct fuzz_rng *rng, int fd, bool direct, void *buf)
{
	uint32_t len = 4096 << fuzz_below(rng, 5);
	off_t at = (off_t)fuzz_below(rng, (AREA - len) / 4096) * 4096;
	uint64_t range[2] = { (uint64_t)at, len };

	switch (fuzz_below(rng, 8)) {
	case 0:
	case 1:
		fuzz_count(FUZZ_READ, pread(fd, buf, len, at));
		break;
	case 2:
	case 3:
		fuzz_count(direct ? FUZZ_WRITE : FUZZ_BUFFERED,
			   pwrite(fd, buf, len, at));
		break;
	case 4:
		fuzz_count(FUZZ_DISCARD, ioctl(fd, BLKDISCARD, range));
		break;
	case 5:
		fuzz_count(FUZZ_ZEROOUT, ioctl(fd, BLKZEROOUT, range));
		break;
	case 6:
		fuzz_count(FUZZ_SECDISCARD, ioctl(fd, BLKSECDISCARD, range));
		break;
	default:
		fuzz_count(FUZZ_FLUSH, fsync(fd));
	}
}

static void *io_thread(void *place)
{
	bool direct;
	struct fuzz_rng rng;
	char path[32];
	void *buf;
	int fd, i;

	fuzz_seed(&rng, (unsigned int)(uintptr_t)place);
	if (posix_memalign(&buf, 4096, 65536))
		exit(2);
	memset(buf, (int)(uintptr_t)place, 65536);
	while (!fuzz_over()) {
		snprintf(path, sizeof(path), "/dev/%s",
			 fuzz_devices[fuzz_below(&rng, FUZZ_DEVICES)]);
		direct = fuzz_below(&rng, 4);
		fd = open(path, O_RDWR | O_CLOEXEC | (direct ? O_DIRECT : 0));
		if (fd < 0) {
			nap(2);
			continue;
		}
		for (i = 0; i < 32 && !fuzz_over(); i++)
			io_one(&rng, fd, direct, buf);
		close(fd);
	}
	free(buf);
	return NULL;
}

static int io_process(unsigned int place)
{
	pthread_t thread[4];
	int i;

	for (i = 0; i < 4; i++)
		if (pthread_create(&thread[i], NULL, io_thread,
				   (void *)(uintptr_t)(place * 16 + (unsigned int)i)))
			return 2;
	for (i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	return 0;
}

/* --- options and power ---------------------------------------------------- */

/* Valid values, at least while the device is off. */
static const char *const options[][4] = {
	{ "blocksize", "512", "1024", "4096" },
	{ "submit_queues", "1", "2", "1" },
	{ "poll_queues", "0", "1", "1" },
	{ "hw_queue_depth", "1", "4", "64" },
	{ "no_sched", "0", "1", "0" },
	{ "blocking", "0", "1", "0" },
	{ "irqmode", "0", "1", "2" },
	{ "completion_nsec", "1", "10000", "1000000" },
	{ "max_sectors", "0", "8", "256" },
	{ "virt_boundary", "0", "1", "0" },
	{ "memory_backed", "0", "1", "1" },
	{ "discard", "1", "0", "1" },
	{ "write_zeroes", "1", "0", "1" },
	{ "secure_erase", "1", "0", "1" },
	{ "io_timeout_ms", "100", "1000", "5000" },
	{ "hold_timeout", "wait", "fire", "fire" },
	{ "on_remove", "fail", "resume", "fail" },
	{ "seed", "1", "2", "77" },
	{ "size", "16", "64", "17" },
	{ "cache", "none", "volatile", "volatile" },
	{ "cache_size", "0", "1", "0" },
	{ "fua", "0", "1", "1" },
	{ "discard_granularity", "0", "4096", "12288" },
	{ "discard_reads", "zeroes", "stale", "poison" },
	{ "max_discard_sectors", "0", "64", "128" },
	{ "lock_model", "none", "hctx", "split" },
	{ "lock_model", "shared", "none", "hctx" },
	{ "lock_hold_nsec", "0", "1000", "0" },
	{ "rotational", "0", "1", "0" },
	{ "use_per_node_hctx", "0", "1", "0" },
	{ "shared_tags", "0", "1", "0" },
	{ "shared_tag_bitmap", "0", "1", "0" },
	{ "mbps", "0", "100", "1000" },
	{ "badblocks", "+8-9", "-8-9", "-0-18446744073709551615" },
	{ "badblocks_once", "0", "1", "1" },
	{ "badblocks_partial_io", "0", "1", "1" },
	{ "timeout_inject/probability", "0", "2", "1" },
	{ "timeout_inject/times", "1", "2", "0" },
	{ "requeue_inject/probability", "0", "20", "50" },
	{ "requeue_inject/times", "10", "-1", "100" },
	{ "requeue_inject/interval", "1", "2", "3" },
	{ "init_hctx_fault_inject/probability", "0", "50", "0" },
	{ "init_hctx_fault_inject/times", "1", "2", "0" },
};

/* Options that go together, for a device whose options do not. */
static const char *const together[][2] = {
	{ "memory_backed", "1" }, { "discard", "1" }, { "secure_erase", "1" },
	{ "write_zeroes", "1" }, { "blocksize", "512" }, { "size", "16" },
	{ "max_sectors", "0" }, { "cache", "none" }, { "cache_size", "0" },
	{ "discard_granularity", "0" }, { "discard_reads", "zeroes" },
	{ "max_discard_sectors", "0" }, { "lock_model", "none" },
	{ "lock_hold_nsec", "0" }, { "io_timeout_ms", "5000" },
	{ "shared_tags", "0" }, { "shared_tag_bitmap", "0" },
	{ "timeout_inject/probability", "0" },
	{ "requeue_inject/probability", "0" },
	{ "init_hctx_fault_inject/probability", "0" },
};

static const char *const noise[] = {
	"", "\n", "x", "-1000", "99999999999999999999", "0x", "1 2", "0,1",
	"%s%n", "\xff\xfe\xfd", "tru", "--", "1e3",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
};

#define SIZE(a) (sizeof(a) / sizeof((a)[0]))

static void set_option(struct fuzz_rng *rng, const char *dev)
{
	const char *const *o = options[fuzz_below(rng, SIZE(options))];

	if (fuzz_below(rng, 8))
		fuzz_count(FUZZ_OPTION, put_option(dev, o[0], o[1 + fuzz_below(rng, 3)]));
	else
		fuzz_count(FUZZ_NOISE, put_option(dev, o[0], noise[fuzz_below(rng, SIZE(noise))]));
}

static void show_option(struct fuzz_rng *rng, const char *dev)
{
	char path[128], text[4096];
	int fd;

	snprintf(path, sizeof(path), CONFIGFS "%s/%s", dev,
		 options[fuzz_below(rng, SIZE(options))][0]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	fuzz_count(FUZZ_SHOW, fd < 0 ? fd : read(fd, text, sizeof(text)));
	if (fd >= 0)
		close(fd);
}

/* Freezes the queue: waits for what is held. */
static void set_queue(struct fuzz_rng *rng, const char *dev)
{
	static const char *const what[][2] = {
		{ "scheduler", "none" }, { "scheduler", "mq-deadline" },
		{ "scheduler", "kyber" }, { "scheduler", "bfq" },
		{ "nr_requests", "4" }, { "nr_requests", "64" },
		{ "max_sectors_kb", "64" }, { "nomerges", "2" },
		{ "iostats", "0" }, { "io_timeout", "150" },
	};
	const char *const *w = what[fuzz_below(rng, SIZE(what))];
	char path[128];

	snprintf(path, sizeof(path), "/sys/block/%s/queue/%s", dev, w[0]);
	fuzz_count(FUZZ_QUEUE, put(path, w[1]));
}

static void go_together(const char *dev)
{
	size_t i;

	for (i = 0; i < SIZE(together); i++)
		put_option(dev, together[i][0], together[i][1]);
}

static void cycle(struct fuzz_rng *rng, const char *dev)
{
	uint32_t i, nr = fuzz_below(rng, 6);
	long ret;

	fuzz_count(FUZZ_POWER_OFF, put_option(dev, "power", "0"));
	for (i = 0; i < nr; i++)
		set_option(rng, dev);
	ret = put_option(dev, "power", "1");
	fuzz_count(FUZZ_POWER_ON, ret);
	if (ret > 0)
		return;
	go_together(dev);
	fuzz_count(FUZZ_POWER_ON, put_option(dev, "power", "1"));
}

static void create(const char *dev, const char *mode)
{
	char path[64];

	snprintf(path, sizeof(path), CONFIGFS "%s", dev);
	fuzz_count(FUZZ_CREATE, mkdir(path, 0755));
	go_together(dev);
	put_option(dev, "queue_mode", mode);
	fuzz_count(FUZZ_POWER_ON, put_option(dev, "power", "1"));
}

static void destroy(const char *dev)
{
	char path[64];

	snprintf(path, sizeof(path), CONFIGFS "%s", dev);
	fuzz_count(FUZZ_DESTROY, rmdir(path));
}

static int config_process(unsigned int place)
{
	struct fuzz_rng rng;
	const char *dev;

	fuzz_seed(&rng, place);
	while (!fuzz_over()) {
		dev = fuzz_devices[fuzz_below(&rng, FUZZ_DEVICES)];
		switch (fuzz_below(&rng, 16)) {
		case 0:
			cycle(&rng, dev);
			break;
		case 1:
			destroy(fuzz_devices[2]);
			create(fuzz_devices[2], fuzz_below(&rng, 2) ? "0" : "2");
			break;
		case 2:
		case 3:
			set_queue(&rng, dev);
			break;
		case 4:
		case 5:
			show_option(&rng, dev);
			break;
		case 6:
			set_option(&rng, dev);
			break;
		default:
			nap(fuzz_below(&rng, 10));
		}
	}
	return 0;
}

/* --- processes that are killed while held ---------------------------------- */

static void *victim_reads(void *unused)
{
	int fd = open("/dev/fz0", O_RDONLY | O_DIRECT);
	void *buf;

	(void)unused;
	if (fd >= 0 && !posix_memalign(&buf, 4096, 4096) &&
	    pread(fd, buf, 4096, 0) < 0)
		return buf;
	return NULL;
}

static void victim(void)
{
	pthread_t thread;
	int fd = fuzz_hold_own("fz0");

	if (fd >= 0 && !pthread_create(&thread, NULL, victim_reads, NULL))
		pthread_join(thread, NULL);
	/* It was released, or never held; it still waits to be killed. */
	for (;;)
		pause();
}

static int killer_process(unsigned int place)
{
	struct fuzz_rng rng;
	int status, err;
	pid_t pid, got;

	fuzz_seed(&rng, place);
	while (!fuzz_over()) {
		pid = fork();
		if (!pid)
			victim();
		if (pid < 0)
			return 2;
		nap(5 + fuzz_below(&rng, 30));
		kill(pid, SIGKILL);
		got = waitpid(pid, &status, 0);
		err = got == pid && WIFSIGNALED(status) ? 0 : -1;
		fuzz_count(FUZZ_KILLED, err);
	}
	return 0;
}

/* --- all of it ------------------------------------------------------------ */

static int (*const processes[])(unsigned int place) = {
	fuzz_call_process, fuzz_call_process, fuzz_call_process, io_process,
	io_process, config_process, config_process, killer_process,
};

#define PROCESSES SIZE(processes)

static pid_t start(int (*process)(unsigned int), unsigned int place)
{
	pid_t pid = fork();

	if (!pid)
		_exit(process(place));
	return pid;
}

/* Show where in the kernel a process is that does not end. */
static void show_wait(pid_t pid)
{
	char command[128];

	snprintf(command, sizeof(command),
		 "tail -n +1 /proc/%d/task/*/wchan /proc/%d/task/*/stack", pid, pid);
	if (system(command))
		printf("(no more is known)\n");
}

/* Returns 1 if one of them failed, or did not end within a minute. */
static int finish(pid_t *pid, size_t nr)
{
	time_t late = time(NULL) + 60 * atoi(getenv("HALTBLK_PATIENCE") ?: "1");
	size_t left = nr, i;
	int status, bad = 0;

	while (left && time(NULL) < late) {
		for (i = 0; i < nr; i++) {
			if (!pid[i] || waitpid(pid[i], &status, WNOHANG) != pid[i])
				continue;
			if (status) {
				printf("process %zu ended with status 0x%x\n", i, status);
				bad = 1;
			}
			pid[i] = 0;
			left--;
		}
		nap(20);
	}
	for (i = 0; i < nr; i++) {
		if (!pid[i])
			continue;
		printf("process %zu (%d) does not end\n", i, pid[i]);
		fflush(stdout);
		show_wait(pid[i]);
		kill(pid[i], SIGKILL);
		bad = 1;
	}
	return bad;
}

/* What a kind of call still lacks to count as tested, or NULL. */
static const char *lacks(enum fuzz_class class)
{
	const uint64_t *count = fuzz->count[class];
	uint64_t refused = 0;
	int err;

	for (err = 1; err < FUZZ_ERRNOS; err++)
		refused += count[err];
	if (!count[0] && class != FUZZ_UNKNOWN && class != FUZZ_NOISE)
		return "succeeded";
	if (!refused && (class <= FUZZ_UNKNOWN || class == FUZZ_NOISE))
		return "refused";
	return NULL;
}

static bool all_tested(void)
{
	int class;

	for (class = 0; class < FUZZ_CLASSES; class++)
		if (lacks(class))
			return false;
	return true;
}

static int report(void)
{
	uint64_t sum = 0;
	int class, err, bad = 0;

	for (class = 0; class < FUZZ_CLASSES; class++) {
		const uint64_t *count = fuzz->count[class];

		printf("%-18s %9llu done", names[class], (unsigned long long)count[0]);
		sum += count[0];
		for (err = 1; err < FUZZ_ERRNOS; err++) {
			if (count[err])
				printf(", %llu %s", (unsigned long long)count[err],
				       strerrorname_np(err) ?: "other");
			sum += count[err];
		}
		printf("\n");
		if (lacks(class)) {
			printf("%s: never %s\n", names[class], lacks(class));
			bad = 1;
		}
	}
	printf("%llu calls, seed %llu\n", (unsigned long long)sum,
	       (unsigned long long)fuzz->seed);
	return bad;
}

int main(int argc, char **argv)
{
	long seconds = argc > 1 ? atol(argv[1]) : 0;
	pid_t pid[PROCESSES], release;
	int bad, status;
	size_t i;

	if (argc < 2 || argc > 3 || seconds < 1) {
		fprintf(stderr, "usage: hbfuzz SECONDS [SEED]\n");
		return 2;
	}
	fuzz = mmap(NULL, sizeof(*fuzz), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fuzz == MAP_FAILED)
		return 2;
	fuzz->seed = argc > 2 ? strtoull(argv[2], NULL, 0) : (uint64_t)time(NULL);
	printf("seed %llu\n", (unsigned long long)fuzz->seed);
	fflush(stdout);
	create("fz0", "2");
	create("fz1", "0");
	create("fz2", "2");
	release = start(fuzz_release_process, 99);
	for (i = 0; i < PROCESSES; i++)
		pid[i] = start(processes[i], (unsigned int)i);
	/* A slow machine gets more time to have done everything once. */
	for (i = 0; i < (size_t)seconds || (i < (size_t)seconds + 120 && !all_tested()); i++)
		sleep(1);
	__atomic_store_n(&fuzz->stop, true, __ATOMIC_RELAXED);
	bad = finish(pid, PROCESSES);
	__atomic_store_n(&fuzz->released, true, __ATOMIC_RELAXED);
	waitpid(release, &status, 0);
	for (i = 0; i < FUZZ_DEVICES; i++)
		destroy(fuzz_devices[i]);
	bad |= report() | !!status;
	return bad;
}
