/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Scenarios as a whole: several devices, lines done at the end, repetition,
 * reports.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake.h"
#include "run.h"
#include "script.h"
#include "tap.h"

/* Lines that name a device reach it; others are refused before the first. */
static void several_devices(void)
{
	const char *two = "device a size=1\n# b\ndevice b2 size=2\n";
	char text[256], log[512];
	int pid = getpid();

	snprintf(fake.devices[1].name, HALTBLK_NAME_LEN, "hbrun%d_a", pid);
	snprintf(fake.devices[2].name, HALTBLK_NAME_LEN, "hbrun%d_b2", pid);
	fake.nr_devices = 3;
	fake.log[0] = '\0';
	snprintf(text, sizeof(text), "%sbreak b2: submit K\n$ echo $DEV_b2 $DEV\n",
		 two);
	tap_int(scenario(text, "--mode mq"), 0, "two devices");
	snprintf(log, sizeof(log), "ok 4 - $ echo $DEV_b2 $DEV\n# /dev/hbrun%d_b2\n",
		 pid);
	tap_has(run_out, log, "their paths in the environment");
	tap_str(fake.attached, fake.devices[2].name, "a rule for the second");
	snprintf(log, sizeof(log),
		 "mkdir hbrun%d_a;size=1;queue_mode=2;power=1;"
		 "mkdir hbrun%d_b2;size=2;queue_mode=2;power=1;"
		 "power=0;rmdir hbrun%d_b2;power=0;rmdir hbrun%d_a;", pid, pid,
		 pid, pid);
	tap_str(fake.log, log, "each is made, and goes");
	run_is_on("", "device a\ndevice b\nbreak submit K\n", 2, "",
		  "haltblk: %s:3: break: there are several devices: say which, as in: break a: ...\n");
	run_is_on("", "device a\ndevice b\nwrite w 0 4KiB\n", 2, "",
		  "haltblk: %s:3: write: there are several devices: say which, as in: write a: ...\n");
	run_is_on("", "device a\ndevice b\nresume c: K\n", 2, "",
		  "haltblk: %s:3: resume: c: no device line has this name\n");
	run_is_on("", "device a\ndevice b\nread a: r /f 0 4KiB\n", 2, "",
		  "haltblk: %s:3: read: a: this line is not for a device: leave the name out\n");
	run_is_on("", "device a\ndevice b\nexpect a: order r s\n", 2, "",
		  "haltblk: %s:3: expect: a: this line is not for a device: leave the name out\n");
	run_is_on("", "device a\ndevice a\n", 2, "",
		  "haltblk: %s:2: device: a: two devices have this name\n");
	run_is_on("", "device a\ndevice size=1\n", 2, "",
		  "haltblk: %s:2: device: each of several devices needs a name, as in: device a size=16\n");
	run_is_on("", "device size=1\ndevice a\n", 2, "",
		  "haltblk: %s:2: device: a: the device before it needs a name, too\n");
	run_is_on("", "device a-b\n", 2, "",
		  "haltblk: %s:1: device: a-b: a device's name has at most 15 letters, digits and underscores, and no digit first\n");
	run_is_on("hb0", "device a\ndevice b\n", 2, "",
		  "haltblk: run: %s: the scenario makes several devices; leave out DEV: see haltblk run --help\n");
	on_hb0("device a\nresume a: K:\n$ test $DEV = $DEV_a\n", 0,
	       "ok 1 - resume a: K:\nok 2 - $ test $DEV = $DEV_a\n1..2\n", "");
	on_hb0("resume K:\n", 0, "ok 1 - resume K:\n1..1\n", "");
}

/* Last to first, after the rules are gone, however the scenario ends. */
static void at_the_end(void)
{
	on_hb0("finally $ echo 1\nresume K\nfinally $ echo 2\n", 0,
	       "ok 1 - resume K\nok 2 - finally $ echo 2\n# 2\n"
	       "ok 3 - finally $ echo 1\n# 1\n1..3\n", "");
	on_hb0("finally $ echo 1\n$ false\nfinally $ echo 2\n", 1,
	       "not ok 1 - $ false\n# %s:2: $ false\n"
	       "# haltblk: $: status 1, expected 0\n"
	       "# lines after %s:2 were not run\n"
	       "ok 2 - finally $ echo 1\n# 1\n1..2\n", "");
	on_hb0("finally $ echo 1\nfinally $ false\n", 1,
	       "not ok 1 - finally $ false\n# %s:2: finally $ false\n"
	       "# haltblk: $: status 1, expected 0\n"
	       "ok 2 - finally $ echo 1\n# 1\n1..2\n", "");
	on_hb0("$ kill -TERM $RUN_PID; sleep 1000\n\nfinally $ echo 1\n$ true\nfinally $ echo 2\n", 1,
	       "not ok 1 - $ kill -TERM $RUN_PID; sleep 1000\n"
	       "# %s:1: $ kill -TERM $RUN_PID; sleep 1000\n"
	       "# haltblk: $: interrupted; killed\n"
	       "ok 2 - finally $ echo 1\n# 1\n"
	       "Bail out! interrupted by a signal\n1..2\n", "");
	in_vain("finally $ sleep 1000\n", 4, "not ok 1 - finally $ sleep 1000\n"
		"# %s:1: finally $ sleep 1000\n"
		"# haltblk: $: timed out; killed\n1..1\n", "");
	on_hb0("finally echo\n", 2, "",
	       "haltblk: %s:1: finally: takes: finally $ COMMAND\n");
}

/* How commands end, and that what is left of them is killed. */
static void started(void)
{
	on_hb0("start a $ echo x; exit 3\nexpect a 3\nstart a $ true\nexpect a ok\nexpect inflight\n",
	       0, "ok 1 - start a $ echo x; exit 3\nok 2 - expect a 3\n# x\n"
	       "ok 3 - start a $ true\nok 4 - expect a ok\n"
	       "ok 5 - expect inflight\n1..5\n", "");
	on_hb0("start a $ cat /nowhere/at/all\nexpect a ENOENT\n", 0,
	       "ok 1 - start a $ cat /nowhere/at/all\nok 2 - expect a ENOENT\n"
	       "# cat: /nowhere/at/all: No such file or directory\n1..2\n", "");
	on_hb0("start a $ kill -9 $$\nexpect a ok\n", 1,
	       "ok 1 - start a $ kill -9 $$\nnot ok 2 - expect a ok\n"
	       "# %s:2: expect a ok\n"
	       "# haltblk: expect: a: found signal 9, expected ok\n"
	       "# a: signal 9\n1..2\n", "");
	on_hb0("start a $ exec sleep 1000\nstart b $ exit 1\nexpect a running\nexpect b 1\nexpect inflight a\nexpect a b running\n",
	       1, "ok 1 - start a $ exec sleep 1000\nok 2 - start b $ exit 1\n"
	       "ok 3 - expect a running\nok 4 - expect b 1\n"
	       "ok 5 - expect inflight a\nnot ok 6 - expect a b running\n"
	       "# %s:6: expect a b running\n"
	       "# haltblk: expect: b: found 1, expected running\n"
	       "# a: running\n# b: 1\n1..6\n", "");
	on_hb0("start a $ exec sleep 1000\nstart b $ exit 1\nexpect a b settled\n",
	       0, "ok 1 - start a $ exec sleep 1000\nok 2 - start b $ exit 1\n"
	       "ok 3 - expect a b settled\n1..3\n", "");
}

static void repeated(void)
{
	char want[256];
	int made = 0;
	const char *p;

	snprintf(fake.devices[1].name, HALTBLK_NAME_LEN, "hbrun%d", getpid());
	fake.nr_devices = 2;
	fake.log[0] = '\0';
	tap_int(scenario("device size=1\nresume --all\n", "--repeat 3"), 0,
		"three good runs");
	snprintf(want, sizeof(want), "ok 1 - %s: 3 of 3, ", script);
	tap_ok(!strncmp(run_out, want, strlen(want)), "they are counted");
	tap_has(run_out, " ms a run (", "their time");
	tap_has(run_out, ")\n1..1\n", "one point");
	for (p = fake.log; (p = strstr(p, "mkdir")); p++)
		made++;
	tap_int(made, 3, "each has a device of its own");

	tap_int(scenario("resume --all\n$ ! rmdir /tmp/haltblk-run-x.$RUN_PID 2>/dev/null\nstart\n", "hb0 --repeat 2"), 2,
		"a line that is wrong");
	tap_str(run_out, "", "nothing is done");
	tap_int(scenario("resume --all\n$ d=/tmp/haltblk-run-x.$RUN_PID; mkdir $d && exit 0; rmdir $d; exit 7\n", "hb0 --repeat 4"), 1,
		"every second run fails");
	snprintf(want, sizeof(want), "not ok 1 - %s: 2 of 4, ", script);
	tap_ok(!strncmp(run_out, want, strlen(want)), "they are counted");
	tap_has(run_out, "# 2 ended at ", "where they failed is counted");
	tap_has(run_out, "# run 2:\n#   ok 1 - resume --all\n#   not ok 2 - $ d=",
		"the first is shown");
	tap_int(scenario("$ kill -INT $RUN_PID; sleep 1000\n", "hb0 --repeat 5"), 1,
		"a signal");
	tap_has(run_out, ": 0 of 5, ", "no other run begins");
	tap_has(run_out, ", interrupted\n", "and it is told");
}

static void reported(void)
{
	char words[128], text[8192] = "";
	FILE *f;
	size_t n;

	snprintf(words, sizeof(words), "hb0 --report %s.r", script);
	tap_int(scenario("$ : '<&\xff>'\nresume --all\n", words), 0, "a report");
	snprintf(words, sizeof(words), "%s.r.txt", script);
	f = fopen(words, "re");
	n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	text[n] = '\0';
	tap_has(text, "line    $ : '<&\xff>': begins\n", "a line begins");
	tap_has(text, "line    resume --all: ok\n", "a line ends");
	if (f)
		fclose(f);
	unlink(words);
	snprintf(words, sizeof(words), "%s.r.svg", script);
	f = fopen(words, "re");
	n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	text[n] = '\0';
	tap_ok(!strncmp(text, "<svg xmlns=", 11), "a picture");
	tap_has(text, "$ : '&#60;&#38;?&#62;'</text>", "its characters");
	tap_has(text, "</svg>\n", "it is whole");
	if (f)
		fclose(f);
	unlink(words);
}

int main(void)
{
	script_make();
	fake_load();
	several_devices();
	at_the_end();
	started();
	repeated();
	reported();
	tap_int(fake_open_fds(), 0, "nothing stays open");
	script_remove();
	return tap_done();
}
