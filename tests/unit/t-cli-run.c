/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * run on the fake system: what lines reach the driver, TAP, exit statuses, the
 * end. Lines that do I/O are tested with the driver.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cli.h"
#include "fake.h"
#include "run.h"
#include "script.h"
#include "tap.h"

static void lines(void)
{
	on_hb0("# nothing\n\n", 0, "1..0\n", "");
	on_hb0("device size=1\nbreak submit K op=read # why\n\nresume K\n", 0,
	       "ok 1 - break submit K op=read\nok 2 - resume K\n1..2\n", "");
	tap_int(FAKE_ARG(haltblk_rule, 2)->hdr.flags, HALTBLK_RULE_F_SESSION,
		"its rules are the session's");
	tap_int(FAKE_ARG(haltblk_rule, 2)->ops, 1, "with their conditions");
	on_hb0("break submit K owner=device\nremove --all\n", 0,
	       "ok 1 - break submit K owner=device\nok 2 - remove --all\n1..2\n",
	       "");
	fake.wait.armed = 1;
	on_hb0("wait K --timeout 2\n", 0, "ok 1 - wait K --timeout 2\n1..1\n",
	       "");
	tap_ok(FAKE_ARG(haltblk_wait, 4)->timeout_ns == 2 * HB_NSEC,
	       "a time-out of its own");
	on_hb0("wait K\n", 0, "ok 1 - wait K\n1..1\n", "");
	tap_ok(FAKE_ARG(haltblk_wait, 4)->timeout_ns == 600 * HB_NSEC,
	       "--timeout is every wait's");
	fake.stats = (struct haltblk_stats){ .inflight = 2, .held = 1 };
	on_hb0("settle --inflight 2 --held 1\n", 0,
	       "ok 1 - settle --inflight 2 --held 1\n1..1\n", "");
	fake.held[0] = (struct haltblk_held){ .id = 9, .tag = "K" };
	fake.nr_held = 1;
	fake.step_event = HALTBLK_EVENT_MEDIA;
	fake.rules[0] = (struct haltblk_rule){ .tag = "K" };
	fake.nr_rules = 1;
	on_hb0("step K\nstep --id 4\nrules --unhit\n", 1,
	       "ok 1 - step K\n# media\nok 2 - step --id 4\n# media\n"
	       "not ok 3 - rules --unhit\n# %s:3: rules --unhit\n"
	       "# haltblk: hb0: rules: 1 of 1 never hit\n"
	       "# tag  event   action  matches  hits  held  armed  conditions\n"
	       "# K    submit  hold    0        0     0     no     count=0\n1..3\n",
	       "");
	tap_int(fake.calls[12], 2, "step was asked twice");
}

static void failures(void)
{
	fake.err[4] = -ETIME;
	on_hb0("wait K\nresume K\nwait K\n", 4,
	       "not ok 1 - wait K\n# %s:1: wait K\n"
	       "# haltblk: hb0: wait K: timed out after 600 s: armed and not hit, 0 requests matched: start the I/O, or compare its conditions: haltblk rules hb0\n"
	       "# lines after %s:1 were not run\n1..1\n", "");
	fake.err[4] = 0;
	on_hb0("break submit K op=nonsense\n", 2,
	       "not ok 1 - break submit K op=nonsense\n# %s:1: break submit K op=nonsense\n"
	       "# haltblk: hb0: break: op=nonsense: unknown word 'nonsense'; op= takes a comma list of read, write, flush, discard, secure_erase, write_zeroes, zone_append, zone_reset, zone_open, zone_close, zone_finish\n1..1\n",
	       "");
	on_hb0("step Z\n", 3, "not ok 1 - step Z\n# %s:1: step Z\n"
	       "# haltblk: hb0: step Z: 0 requests are held under it: see haltblk held\n1..1\n",
	       "");
	run_is_on("hb9", "wait K\n", 3, "",
		  "haltblk: hb9: no such haltblk device; see haltblk list\n");
}

static void shell(void)
{
	on_hb0("$ echo $DEV; cat\n$ exit 3\n$ true\n", 1,
	       "ok 1 - $ echo $DEV; cat\n# /dev/hb0\nnot ok 2 - $ exit 3\n"
	       "# %s:2: $ exit 3\n# haltblk: $: status 3, expected 0\n"
	       "# lines after %s:2 were not run\n1..2\n", "");
	on_hb0("$ exit 3 # todo\nresume K\n", 1,
	       "not ok 1 - $ exit 3 \\# todo\n# %s:1: $ exit 3 # todo\n"
	       "# haltblk: $: status 3, expected 0\n"
	       "# lines after %s:1 were not run\n1..1\n", "");
	on_hb0("break submit K#2 # of two\n", 0,
	       "ok 1 - break submit K\\#2\n1..1\n", "");
	in_vain("$ sleep 1000\n", 4, "not ok 1 - $ sleep 1000\n"
	       "# %s:1: $ sleep 1000\n# haltblk: $: timed out; killed\n1..1\n",
	       "");
}

/* At the end, all that a shell left behind is gone, however well hidden. */
static void left_behind(void)
{
	char *line;
	pid_t pid;
	int nr = 0;

	tap_int(scenario("$ sleep 1000 & echo $!\n"
			 "$ (setsid sleep 1000 & echo $!)\n"
			 "$ trap '' TERM HUP; (sh -c 'sleep 1000; :' & echo $!)\n",
			 "hb0"), 0, "lines that leave something behind");
	for (line = run_out; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		pid = (pid_t)strtol(line[0] == '#' ? line + 1 : "", NULL, 10);
		if (!pid)
			continue;
		nr++;
		tap_ok(kill(pid, 0) && errno == ESRCH,
		       "what line %d left is gone", nr);
	}
	tap_int(nr, 3, "each line left something");
	tap_ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD,
	       "no child is left");
}

/* The descriptors that every command inherits. */
static int inherited(void)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *e;
	int nr = 0;

	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.' && atoi(e->d_name) > 2 &&
		    !(fcntl(atoi(e->d_name), F_GETFD) & FD_CLOEXEC))
			nr++;
	if (dir)
		closedir(dir);
	return nr;
}

/* The shell itself opens one more to list them. */
static void descriptors(void)
{
	char want[128];

	snprintf(want, sizeof(want),
		 "ok 1 - $ set -- /proc/$$/fd/*; echo $\\#\n# %d\n1..1\n",
		 3 + inherited() + 1);
	on_hb0("$ set -- /proc/$$/fd/*; echo $#\n", 0, want, "");
}

static void expects(void)
{
	fake.held[1] = (struct haltblk_held){
		.tag = "L", .event = HALTBLK_EVENT_MEDIA,
	};
	fake.nr_held = 2;
	on_hb0("expect held 2\nexpect held 1 K\nexpect held 1 L media\n"
	       "expect held 0 L submit\nexpect inflight\n", 0,
	       "ok 1 - expect held 2\nok 2 - expect held 1 K\n"
	       "ok 3 - expect held 1 L media\nok 4 - expect held 0 L submit\n"
	       "ok 5 - expect inflight\n1..5\n", "");
	in_vain("expect held 3\n", 4, "not ok 1 - expect held 3\n"
	       "# %s:1: expect held 3\n"
	       "# haltblk: expect: held: found 2, expected 3: timed out\n1..1\n",
	       "");
	fake.rules[0] = (struct haltblk_rule){ .tag = "K", .hits = 2 };
	fake.rules[1] = (struct haltblk_rule){ .tag = "K", .hits = 3 };
	fake.nr_rules = 2;
	on_hb0("expect hits K 5\nexpect hits K 4\n", 1,
	       "ok 1 - expect hits K 5\nnot ok 2 - expect hits K 4\n"
	       "# %s:2: expect hits K 4\n"
	       "# haltblk: expect: hits: found 5, expected 4\n1..2\n", "");
	on_hb0("expect hits Z 0\n", 3, "not ok 1 - expect hits Z 0\n"
	       "# %s:1: expect hits Z 0\n"
	       "# haltblk: expect: hits Z: no rule has this tag\n1..1\n", "");
	on_hb0("expect b a ok\n", 3, "not ok 1 - expect b a ok\n"
	       "# %s:1: expect b a ok\n"
	       "# haltblk: expect: b: no request or command has this name\n1..1\n", "");
	on_hb0("expect a ok\n", 3, "not ok 1 - expect a ok\n"
	       "# %s:1: expect a ok\n"
	       "# haltblk: expect: a: no request or command has this name\n1..1\n", "");
}

/* $DEV is the device's node, whatever path leads to it. */
static void by_a_link(void)
{
	const char *by_id = "/dev/disk/by-id/x";

	fake_blkdev(by_id, makedev(252, 9), 1 << 20, 512);
	fake_file("/sys/dev/block/252:9/uevent", "DEVNAME=hb0\n", 0444);
	run_is_on(by_id, "$ test $DEV = /dev/hb0\n", 0,
		  "ok 1 - $ test $DEV = /dev/hb0\n1..1\n", "");
	tap_str(fake.attached, "hb0", "the session is on it, too");
	run_is_on("/dev/disk/none", "$ true\n", 3, "",
		  "haltblk: disk/none: no such device: there is no /dev/disk/none\n");
	run_is_on("a-name-that-no-haltblk-device-has", "$ true\n", 3, "",
		  "haltblk: a-name-that-no-haltblk-device-has: the name has 33 bytes; a haltblk device's name has at most 31\n");
}

/* Found before anything is done. */
static void nonsense(void)
{
	int calls = fake.calls[2];

	on_hb0("break submit K\nfreeze K\n", 2, "",
	       "haltblk: %s:2: freeze: unknown line: see haltblk run --help\n");
	on_hb0("break submit K\n\nread a\n", 2, "",
	       "haltblk: %s:3: read: read takes NAME [FILE] OFFSET LENGTH\n");
	on_hb0("break submit K\nexpect hits K x\n", 2, "",
	       "haltblk: %s:2: expect: hits: x: not a number, takes 0 to 18446744073709551615\n");
	on_hb0("expect held 18446744073709551616\n", 2, "",
	       "haltblk: %s:1: expect: held: 18446744073709551616: out of range, takes 0 to 18446744073709551615\n");
	on_hb0("break submit K\nexpect a EOI\n", 2, "",
	       "haltblk: %s:2: expect: EOI: not a result, which is ok, bad, short, the name of an errno, running, settled, signal, or an exit status from 0 to 255\n");
	on_hb0("break submit K\nexpect order a\n", 2, "",
	       "haltblk: %s:2: expect: takes: expect order NAME NAME ...; expect inflight [NAME ...]; expect [DEVICE:] held N [TAG [EVENT]]; expect [DEVICE:] hits TAG N; expect stack NAME FUNCTION; expect log PATTERN; expect nolog PATTERN; expect NAME ... RESULT\n");
	on_hb0("break submit K\ndevice size=1\n", 2, "",
	       "haltblk: %s:2: device: this line must come before all others\n");
	on_hb0("$\nbreak submit K\n\xe2\x80\x9c" "break submit K\n", 2, "",
	       "haltblk: %s:3: \xe2\x80\x9c" "break: unknown line: see haltblk run --help\n");
	on_hb0("held 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63\n", 2, "",
	       "haltblk: %s:1: line: too many words: a line takes at most 63\n");
	on_hb0("start a\n", 2, "",
	       "haltblk: %s:1: start: takes: start NAME $ COMMAND\n");
	on_hb0("start $ true\n", 2, "",
	       "haltblk: %s:1: start: takes: start NAME $ COMMAND\n");
	on_hb0("start a b $ true\n", 2, "",
	       "haltblk: %s:1: start: takes: start NAME $ COMMAND\n");
	on_hb0("start 0123456789012345678901234567890a $ true\n", 2, "",
	       "haltblk: %s:1: start: 0123456789012345678901234567890a: a name has at most 31 characters\n");
	on_hb0("expect a 256\n", 2, "",
	       "haltblk: %s:1: expect: 256: not a result, which is ok, bad, short, the name of an errno, running, settled, signal, or an exit status from 0 to 255\n");
	tap_int(fake.calls[2], calls, "nothing was armed");
	run_is_on("", "wait K\n", 2, "",
		  "haltblk: run: %s: the first line is not a device line; give DEV: see haltblk run --help\n");
	run_is_on("--mode mq hb0", "wait K\n", 2, "",
		  "haltblk: run: --mode changes the device that a scenario makes; leave out --mode or DEV: see haltblk run --help\n");
	run_is_on("--mode x", "device\n", 2, "",
		  "haltblk: run: --mode x: takes bio or mq: see haltblk run --help\n");
	run_is("run /nowhere/at/all hb0", 1, "",
	       "haltblk: /nowhere/at/all: run: cannot read the scenario: No such file or directory\n");
}

/* As editors on Windows write it; a NUL byte is reported before anything is done. */
static void odd_files(void)
{
	static const char nul[] = "resume --all\nresume\0 --all\n";
	char words[64];
	FILE *f;

	on_hb0("\xef\xbb\xbf\r\nbreak submit K comm='a b' # 'c\r\n$ test a = a\r\n",
	       0, "ok 1 - break submit K comm='a b'\nok 2 - $ test a = a\n1..2\n",
	       "");
	tap_str(FAKE_ARG(haltblk_rule, 2)->comm, "a b", "a quoted blank");
	on_hb0("\t\"break\"\tsubmit\tK  comm=\xc3\xa9 \t \t#\xff", 0,
	       "ok 1 - \"break\"\tsubmit\tK  comm=\xc3\xa9\n1..1\n", "");
	tap_str(FAKE_ARG(haltblk_rule, 2)->comm, "\xc3\xa9",
		"tabs, UTF-8, no newline at the end");
	on_hb0("resume --all\nbreak submit K comm='a b\n", 2, "",
	       "haltblk: %s:2: line: a quote is not closed, or nothing follows a backslash\n");
	run_is_on("", "device 'size=1\n", 2, "",
		  "haltblk: %s:1: line: a quote is not closed, or nothing follows a backslash\n");
	f = fopen(script, "we");
	if (!f || fwrite(nul, 1, sizeof(nul) - 1, f) != sizeof(nul) - 1 ||
	    fclose(f))
		abort();
	snprintf(words, sizeof(words), "run %s hb0", script);
	tap_int(run(words), 2, "a NUL byte: exit status");
	tap_str(run_out, "", "a NUL byte: nothing is done");
	tap_has(run_err, ":2: the line has a NUL byte; a script is plain text, in ASCII or UTF-8\n",
		"a NUL byte: where");
}

static void long_lines(void)
{
	static char text[300000];
	FILE *f = fmemopen(text, sizeof(text), "w");

	if (!f)
		abort();
	fprintf(f, "# %0100000d\n$ test $((%0100000d + 1)) = 1\nexpect held %065536d2\n",
		0, 0, 0);
	fclose(f);
	tap_int(scenario(text, "hb0"), 0, "long lines");
	f = fmemopen(text, sizeof(text), "w");
	if (!f)
		abort();
	fprintf(f, "resume --all\n$ : %0200000d\n", 0);
	fclose(f);
	tap_int(scenario(text, "hb0"), 2, "a command too long for the kernel");
	tap_str(run_out, "", "a command too long: nothing is done");
	tap_has(run_err, ":2: $: the command has 200003 bytes, the kernel allows 131071; put it into a file\n",
		"a command too long: why");
}

/* Put the name into the fake driver's list of devices. */
static void own_device(void)
{
	char name[32], log[256];

	snprintf(name, sizeof(name), "hbrun%d", getpid());
	strcpy(fake.devices[1].name, name);
	fake.nr_devices = 2;
	fake.log[0] = '\0';
	run_is_on("--mode bio", "# one\ndevice size=1 # x\nresume --all\n", 0,
		  "ok 1 - device size=1\nok 2 - resume --all\n1..2\n", "");
	snprintf(log, sizeof(log), "mkdir %s;size=1;queue_mode=0;power=1;power=0;rmdir %s;",
		 name, name);
	tap_str(fake.log, log, "its device is made, and gone at the end");
	fake.log[0] = '\0';
	tap_int(scenario("device blocksize=3000\nresume --all\n", "--mode mq"), 1,
		"a device that is refused");
	tap_has(run_out, ": create: blocksize=3000: must be a power of two",
		"the reason");
	tap_has(run_out, ":1 were not run\n1..1\n", "nothing else is done");
}

static void interrupted(void)
{
	on_hb0("$ kill -INT $RUN_PID; sleep 1000\nresume K\n", 1,
	       "not ok 1 - $ kill -INT $RUN_PID; sleep 1000\n"
	       "# %s:1: $ kill -INT $RUN_PID; sleep 1000\n"
	       "# haltblk: $: interrupted; killed\n"
	       "Bail out! interrupted by a signal\n1..1\n", "");
}

/* Run a scenario with its own device in a child; its wait status. */
static int alone(const char *text, const char *out)
{
	char *argv[] = { (char *)"haltblk", (char *)"run", script, NULL };
	FILE *f = fopen(script, "we");
	int status = -1;
	pid_t pid;

	if (!f || fputs(text, f) < 0 || fclose(f))
		abort();
	fake.log[0] = '\0';
	fflush(NULL);
	pid = fork();
	if (!pid) {
		if (freopen(out, "we", stdout) != stdout ||
		    freopen("/dev/null", "we", stderr) != stderr)
			_exit(99);
		snprintf(fake.devices[1].name, sizeof(fake.devices[1].name),
			 "hbrun%d", getpid());
		fake.nr_devices = 2;
		_exit(hbc_main(3, argv));
	}
	waitpid(pid, &status, 0);
	return status;
}

static void every_signal(void)
{
	const struct {
		int nr;
		const char *name;
	} signals[] = {
		{ SIGHUP, "HUP" }, { SIGINT, "INT" }, { SIGQUIT, "QUIT" },
		{ SIGTERM, "TERM" }, { SIGUSR1, "USR1" }, { SIGUSR2, "USR2" },
		{ SIGXCPU, "XCPU" }, { SIGPROF, "PROF" }, { SIGPIPE, "PIPE" },
		{ SIGRTMIN, "RTMIN" },
	};
	char text[128];
	size_t i;
	int status;

	for (i = 0; i < HBC_ARRAY_SIZE(signals); i++) {
		snprintf(text, sizeof(text),
			 "device size=1\n$ kill -%d $RUN_PID; sleep 1000\n",
			 signals[i].nr);
		status = alone(text, "/dev/null");
		if (signals[i].nr == SIGPIPE)
			tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE,
			       "PIPE: ends it as it ends others, got 0x%x",
			       status);
		else
			tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 1,
			       "%s: exit status 1, got 0x%x", signals[i].name,
			       status);
		tap_has(fake.log, ";rmdir hbrun", "%s: its device is gone",
			signals[i].name);
	}
	signal(SIGHUP, SIG_IGN);
	status = alone("device size=1\n$ kill -HUP $RUN_PID\n$ true\n",
		       "/dev/null");
	signal(SIGHUP, SIG_DFL);
	tap_ok(WIFEXITED(status) && !WEXITSTATUS(status),
	       "HUP ignored, as by nohup: it goes on, got 0x%x", status);
	status = alone("device size=1\nresume --all\n$ sleep 1000\n",
		       "/dev/full");
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 1,
	       "what it prints does not get out: exit status 1, got 0x%x",
	       status);
	tap_has(fake.log, ";rmdir hbrun", "then its device is gone, too");
}

int main(void)
{
	script_make();
	fake_load();
	lines();
	failures();
	shell();
	left_behind();
	descriptors();
	expects();
	by_a_link();
	nonsense();
	odd_files();
	long_lines();
	own_device();
	interrupted();
	every_signal();
	tap_int(fake_open_fds(), 0, "nothing stays open");
	script_remove();
	return tap_done();
}
