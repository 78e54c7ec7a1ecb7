/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * run: a scenario from a file, as TAP.
 *
 * The rules belong to the session, so however a run ends, they are removed and
 * what they hold is released. The first failure ends the run, because later
 * lines build on the one that failed. Any signal that can be caught ends it
 * and leaves nothing behind; the next run removes what SIGKILL left.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "scenario.h"

static int create(struct scenario *s)
{
	char *argv[HBC_RUN_WORDS + 1];
	struct libhaltblk *h = s->run.h;
	int argc = s->device->nr_args, status, r;

	memcpy(argv, s->device->args, (size_t)argc * sizeof(*argv));
	if (s->mode)
		argv[argc++] = s->mode;
	r = hbc_run_own_make(&s->run, argc, argv);
	s->made = !r;
	if (!r)
		r = libhaltblk_wait_node(h, s->run.device, 10 * HBC_NSEC);
	if (r >= 0)
		return HBC_OK;
	status = hbc_fail(h, s->run.device, "create", r);
	return r == -ENOPROTOOPT ? HBC_USAGE : status;
}

static int begin(struct scenario *s, bool make)
{
	int status = make ? create(s) : HBC_OK;

	if (status)
		return status;
	status = hbc_attach(s->run.h, s->run.device);
	return status == HBC_GO_ON ? HBC_OK : status;
}

static int do_line(struct scenario *s, size_t i)
{
	const struct hbc_line *line = &s->line[i];
	struct hbc_caught caught;
	int status = hbc_caught_begin(&caught);

	if (status != HBC_GO_ON)
		return status;
	status = line->kind->is_device ? begin(s, true) :
					 line->kind->run(&s->run, line);
	hbc_caught_end(&caught);
	hbc_tap_point(s, i, status, caught.text);
	free(caught.text);
	return status;
}

static int do_lines(struct scenario *s, bool given)
{
	int status = given ? begin(s, false) : HBC_OK;
	size_t i;

	if (status)
		return status;
	for (i = 0; i < s->nr && !status && !hbc_run_stopped; i++) {
		if (!s->line[i].kind || (given && &s->line[i] == s->device))
			continue;
		status = do_line(s, i);
		/* Nobody would see the rest; hbc_main() reports the error. */
		if (!status && ferror(stdout))
			status = HBC_FAILED;
	}
	if (hbc_run_stopped)
		printf("Bail out! interrupted by a signal\n");
	else if (status && i < s->nr)
		printf("# lines after %s:%zu were not run\n", s->file, i);
	printf("1..%u\n", s->points);
	return hbc_run_stopped && !status ? HBC_FAILED : status;
}

/*
 * Close the session first: that releases what it holds, so that the I/O
 * process and what the shells have left can end. Those that may have the
 * device open get a moment to end before it is destroyed, which releases
 * whatever else is held.
 */
static int end(struct scenario *s, int status)
{
	struct libhaltblk *h = s->run.h;
	int r = 0;

	fflush(stdout);
	hbc_run_ignore_signals();
	libhaltblk_close(h);
	hbc_run_end_shells(&s->run, HBC_NSEC);
	if (s->made)
		r = libhaltblk_destroy(h, s->run.device);
	if (r)
		hbc_fail(h, s->run.device, "destroy", r);
	if (s->run.lock >= 0)
		close(s->run.lock);
	if (s->run.io)
		hbc_io_stop(s->run.io, 5 * HBC_NSEC);
	if (!hbc_run_end_shells(&s->run, 5 * HBC_NSEC))
		hbc_error(s->run.device, "run: a process left by a shell command does not die; it waits in the kernel");
	free(s->run.keeper);
	hbc_started_free(&s->run);
	libhaltblk_free(h);
	hbc_run_restore_signals(s);
	return r && !status ? HBC_FAILED : status;
}

static int run(struct scenario *s, const char *device)
{
	int status = hbc_handle(&s->run.h), r;

	if (status != HBC_GO_ON)
		return status;
	if (device) {
		r = libhaltblk_device_name(s->run.h, device, s->run.device);
		if (r) {
			status = hbc_fail(s->run.h, hbc_base(device), NULL, r);
			libhaltblk_free(s->run.h);
			return status;
		}
	}
	s->run.pid = getpid();
	s->run.lock = s->run.life[0] = s->run.life[1] = -1;
	hbc_run_catch_signals(s);
	hbc_run_own_clean();
	status = do_lines(s, device);
	return end(s, status);
}

static int check_device(const struct hbc_command *cmd, struct scenario *s,
			const char *device, const char *mode)
{
	if (!device && !s->device)
		return hbc_usage(cmd, "%s: the first line is not a device line; give DEV",
				 s->file);
	if (!mode)
		return HBC_GO_ON;
	if (device)
		return hbc_usage(cmd, "--mode changes the device that a scenario makes; leave out --mode or DEV");
	if (!strcmp(mode, "bio"))
		s->mode = (char *)"queue_mode=0";
	else if (!strcmp(mode, "mq"))
		s->mode = (char *)"queue_mode=2";
	else
		return hbc_usage(cmd, "--mode %s: takes bio or mq", mode);
	return HBC_GO_ON;
}

static int cmd_run(const struct hbc_command *cmd, int argc, char **argv)
{
	const char *mode = NULL, *seconds = "60", *device;
	struct scenario s = { 0 };
	bool grammar = false;
	const struct hbc_option options[] = {
		{ .name = "mode", .value = &mode, .arg = "bio|mq",
		  .help = "queue mode of the device that the scenario makes" },
		{ .name = "timeout", .value = &seconds, .arg = "S",
		  .help = "give up a wait after S seconds, fractions allowed (60)",
		  .ns = &s.run.timeout_ns },
		{ .name = "grammar", .flag = &grammar,
		  .help = "print the grammar of scenarios, and do nothing else" },
		{ 0 },
	};
	int status;

	status = hbc_parse(cmd, options, &argc, &argv);
	if (status != HBC_GO_ON)
		return status;
	if (grammar) {
		hbc_grammar_print();
		return HBC_OK;
	}
	if (!argc)
		return hbc_usage(cmd, "missing argument: it takes %s", cmd->args);
	s.file = argv[0];
	device = argc > 1 ? argv[1] : NULL;
	hbc_timeout = seconds;
	status = hbc_scenario_load(&s);
	if (status == HBC_GO_ON)
		status = check_device(cmd, &s, device, mode);
	if (status == HBC_GO_ON)
		status = run(&s, device);
	hbc_timeout = "60";
	hbc_scenario_free(&s);
	return status;
}

const struct hbc_command hbc_cmd_run = {
	.name = "run",
	.args = "FILE [DEV]",
	.min = 0,
	.max = 2,
	.summary = "run a scenario, and print TAP",
	.help =
	"FILE (- for standard input) has a line for each step. Words are quoted as in a\n"
	"shell; # begins a comment:\n"
	"\n"
	"  device KEY=VALUE ...   first line: make a device, removed at the end\n"
	"                         (ignored when DEV is given)\n"
	"  break wait resume step remove settle set held rules backtrace\n"
	"                         these commands, without DEV: break submit K;\n"
	"                         their output becomes comments\n"
	"  write read flush discard zeroout secdiscard\n"
	"                         a named request, as in haltblk io; does not wait\n"
	"  $ COMMAND              a shell command; $DEV is the device's path,\n"
	"                         $RUN_PID this process\n"
	"  start NAME $ COMMAND   the same, but does not wait for it\n"
	"  expect NAME ... RESULT each ended with ok, an errno (EIO), bad or short; a\n"
	"                         command with ok, its exit status or signal\n"
	"  expect NAME ... running\n"
	"                         none of these has ended\n"
	"  expect stack NAME FUNCTION\n"
	"                         a command waits in this function of the kernel\n"
	"  expect order A B ...   these have ended, in this order\n"
	"  expect inflight A ...  exactly these are in flight\n"
	"  expect held N [TAG [EVENT]]\n"
	"                         N requests are held (under TAG, at EVENT)\n"
	"  expect hits TAG N      the rules of TAG have acted on N requests\n"
	"\n"
	"haltblk-scenario(5) has the details, and the grammar.\n"
	"\n"
	"An expect line waits while it can still come true. The first line that fails\n"
	"ends the scenario, and its status is the exit status. Rules belong to the\n"
	"session: when it ends, even by a signal, they are removed and what they hold is\n"
	"released, except for rules with owner=device. Processes that shell commands left\n"
	"in the background are killed. A device hbrunN left by a run that was killed is\n"
	"removed.\n",
	.fn = cmd_run,
};
