// SPDX-License-Identifier: GPL-2.0-only
/*
 * hbfault: repeats a call, and each time makes another allocation in it fail: the
 * first, the second, and so on, until none is left. It uses the kernel's
 * /proc/thread-self/fail-nth. tests/lib/faults.sh chooses which allocations count.
 *
 *   hbfault control DEVICE   each call of the control device on a powered device,
 *                            with reads held
 *   hbfault power DEVICE     power on
 *   hbfault mkdir NAME       a new device's directory
 *   hbfault io DEVICE        each kind of I/O, on a device of 4 MiB or more that keeps data
 *   hbfault insmod FILE [PARAMETER]...
 *
 * With -k failslab or -k fail_page_alloc, allocations of all tasks count, for
 * example of a worker. The kernel's file "space" then says how much can be allocated
 * before one fails, which skips some of them. The caller sets up the rest.
 *
 * Prints one line for each kind of call:
 *
 *   NAME: N failures, N errors
 *
 * A call that fails must return ENOMEM and change nothing. Without a failure, the
 * same call must work. I/O must succeed even if an allocation fails; with -s, I/O
 * that may sleep for memory may also end with ENOMEM. -n N makes only every N-th
 * allocation fail, for calls with many. Exit status: 1 if something was wrong, with
 * a line "NAME: bad: WHAT"; 2 on misuse.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "hbfault.h"

/* No call of ours allocates as often: this one would go on for ever. */
#define MOST		20000

static const char *now;		/* the kind of call under test */
static int nth_fd;
static const char *kind;	/* of -k; NULL: use fail-nth */
static bool any_bad;

void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "hbfault: %s: %s\n", what, strerror(errno));
	exit(2);
}

void bad(const char *fmt, ...)
{
	va_list ap;

	printf("%s: bad: ", now);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	any_bad = true;
}

/* A file of the kind. It has to be opened again for each read or write. */
static int open_fault(const char *file, int flags)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", kind, file);
	fd = open(path, flags);
	if (fd < 0)
		die(path);
	return fd;
}

static void write_number(int fd, unsigned int n)
{
	char text[16];
	int len = sprintf(text, "%u", n);

	if (write(fd, text, len) != len)
		die(kind ? kind : "fail-nth");
	if (kind)
		close(fd);
}

static bool reads_zero(int fd)
{
	char text[16] = "";

	if ((kind ? read(fd, text, sizeof(text) - 1) : pread(fd, text, sizeof(text) - 1, 0)) < 1)
		die(kind ? kind : "fail-nth");
	if (kind)
		close(fd);
	return !atoi(text);
}

/* Make the n-th allocation fail; with 0, none. */
static void nth_set(unsigned int n)
{
	if (!kind) {
		write_number(nth_fd, n);
		return;
	}
	/* Let so many bytes or pages pass first; in small steps at the start. */
	if (n)
		write_number(open_fault("space", O_WRONLY),
			     (n - 1) * (strcmp(kind, "failslab") ? 1 : (n - 1) * 8));
	write_number(open_fault("times", O_WRONLY), !!n);
}

/* Has the allocation failed? If not, cancel the failure. */
static bool nth_fired(void)
{
	bool fired = reads_zero(kind ? open_fault("times", O_RDONLY) : nth_fd);

	nth_set(0);
	return fired;
}

/**
 * each_failure - repeat a call, and make each of its allocations fail in turn
 * @name: name of the call
 * @call: makes the call; its argument is the number of the attempt. Returns 0 or
 *	-errno
 * @check: called after a failed call, to check that it changed nothing; or NULL
 * @undo: called after a call that worked, with whether an allocation failed; or
 *	NULL
 * @step: 1 for each allocation, 2 for every other one, ...
 */
void each_failure(const char *name, int (*call)(unsigned int),
		  void (*check)(int err), void (*undo)(bool fired),
		  unsigned int step)
{
	unsigned int failures = 0, errors = 0, n;
	bool fired;
	int err;

	now = name;
	for (n = 1; n < MOST; n += step) {
		nth_set(n);
		err = call(n);
		fired = nth_fired();
		failures += fired;
		if (err) {
			errors++;
			if (!fired)
				bad("call %u: %s without a failure", n, strerror(-err));
			else if (err != -ENOMEM)
				bad("call %u: %s", n, strerror(-err));
			if (check)
				check(err);
		} else if (undo) {
			undo(fired);
		}
		if (!fired)
			break;
	}
	if (n >= MOST)
		bad("still an allocation after %u", n);
	printf("%s: %u failures, %u errors\n", name, failures, errors);
	fflush(stdout);
}

/* --- power, mkdir, insmod ------------------------------------------------------------- */

static char dir[128];
static int power_fd;
static const char *device;

static int set_power(const char *value)
{
	return pwrite(power_fd, value, 1, 0) == 1 ? 0 : -errno;
}

static bool powered(void)
{
	char value = 0;

	if (pread(power_fd, &value, 1, 0) != 1)
		die("power");
	return value == '1';
}

static int power_on(unsigned int n)
{
	(void)n;
	return set_power("1");
}

static void power_is_off(int err)
{
	char path[128];

	(void)err;
	snprintf(path, sizeof(path), "/sys/block/%s", device);
	if (powered())
		bad("power=1 failed, but it is on");
	if (!access(path, F_OK))
		bad("power=1 failed, but there is a disk");
}

/* If nothing failed, it is a disk that keeps data. */
static void power_off(bool fired)
{
	static char buf[4096] __attribute__((aligned(4096)));
	char path[128];
	int fd, err;

	if (!powered())
		bad("power=1 worked, but it is off");
	if (!fired) {
		snprintf(path, sizeof(path), "/dev/%s", device);
		fd = open(path, O_RDWR | O_DIRECT);
		if (fd < 0 || pwrite(fd, buf, sizeof(buf), 0) != sizeof(buf) ||
		    pread(fd, buf, sizeof(buf), 0) != sizeof(buf))
			bad("%s: %s", path, strerror(errno));
		close(fd);
	}
	err = set_power("0");
	if (err)
		bad("power=0: %s", strerror(-err));
}

static void test_power(const char *name, unsigned int step)
{
	device = name;
	snprintf(dir, sizeof(dir), "/sys/kernel/config/haltblk/%s/power", name);
	power_fd = open(dir, O_RDWR);
	if (power_fd < 0)
		die(dir);
	each_failure("power on", power_on, power_is_off, power_off, step);
}

static int make_dir(unsigned int n)
{
	(void)n;
	return mkdir(dir, 0755) ? -errno : 0;
}

static void dir_is_not(int err)
{
	(void)err;
	if (!access(dir, F_OK))
		bad("mkdir failed, but it is there");
}

static void remove_dir(bool fired)
{
	(void)fired;
	if (rmdir(dir))
		bad("rmdir: %s", strerror(errno));
}

static void test_mkdir(const char *name)
{
	snprintf(dir, sizeof(dir), "/sys/kernel/config/haltblk/%s", name);
	each_failure("mkdir", make_dir, dir_is_not, remove_dir, 1);
}

static void *module;
static size_t module_len;
static char module_args[256];

static int insert_module(unsigned int n)
{
	(void)n;
	return syscall(SYS_init_module, module, module_len, module_args) ? -errno : 0;
}

static void module_is_not(int err)
{
	(void)err;
	if (!access("/sys/module/haltblk", F_OK))
		bad("insmod failed, but it is loaded");
}

static void remove_module(bool fired)
{
	(void)fired;
	if (syscall(SYS_delete_module, "haltblk", 0))
		bad("rmmod: %s", strerror(errno));
}

static void test_insmod(char **args, unsigned int step)
{
	struct stat st;
	int fd = open(args[0], O_RDONLY);

	if (fd < 0 || fstat(fd, &st))
		die(args[0]);
	module_len = st.st_size;
	module = malloc(module_len);
	if (!module || read(fd, module, module_len) != (ssize_t)module_len)
		die(args[0]);
	close(fd);
	while (*++args) {
		strcat(module_args, *args);
		strcat(module_args, " ");
	}
	each_failure("insmod", insert_module, module_is_not, remove_module, step);
}

int main(int argc, char **argv)
{
	unsigned int step = 1;
	bool sleeps = false;
	int opt;

	while ((opt = getopt(argc, argv, "+sn:k:")) != -1) {
		if (opt == 's')
			sleeps = true;
		else if (opt == 'k')
			kind = optarg;
		else if (opt == 'n' && atoi(optarg) > 0)
			step = atoi(optarg);
		else
			return 2;
	}
	argv += optind;
	if (argc - optind < 2)
		return 2;
	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR);
	if (nth_fd < 0)
		die("/proc/thread-self/fail-nth");
	now = argv[0];
	if (!strcmp(argv[0], "control"))
		test_control(argv[1]);
	else if (!strcmp(argv[0], "power"))
		test_power(argv[1], step);
	else if (!strcmp(argv[0], "mkdir"))
		test_mkdir(argv[1]);
	else if (!strcmp(argv[0], "io"))
		test_io(argv[1], sleeps);
	else if (!strcmp(argv[0], "insmod"))
		test_insmod(argv + 1, step);
	else
		return 2;
	return any_bad;
}
