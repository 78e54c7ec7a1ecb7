/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * run: a scenario from a file, as TAP.
 */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "scenario.h"

static int check_device(const struct hbc_command *cmd, struct scenario *s,
			const char *mode)
{
	if (!s->given && !s->run.nr_devs)
		return hbc_usage(cmd, "%s: the first line is not a device line; give DEV",
				 s->file);
	if (s->given && s->run.nr_devs > 1)
		return hbc_usage(cmd, "%s: the scenario makes several devices; leave out DEV",
				 s->file);
	if (!mode)
		return HBC_GO_ON;
	if (s->given)
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
	const char *mode = NULL, *seconds = "60";
	struct scenario s = { 0 };
	bool grammar = false;
	const char *times = NULL, *report = NULL;
	uint64_t repeat = 1;
	const struct hbc_option options[] = {
		{ .name = "mode", .value = &mode, .arg = "bio|mq",
		  .help = "queue mode of the device that the scenario makes" },
		{ .name = "timeout", .value = &seconds, .arg = "S",
		  .help = "give up a wait after S seconds, fractions allowed (60)",
		  .ns = &s.run.timeout_ns },
		{ .name = "repeat", .value = &times, .arg = "N",
		  .help = "run it N times, and print one point for all",
		  .number = &repeat, .min = 1, .max = 1000000 },
		{ .name = "report", .value = &report, .arg = "FILE",
		  .help = "write the time line to FILE.txt and FILE.svg" },
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
	s.given = argc > 1 ? argv[1] : NULL;
	s.report.name = report;
	hbc_timeout = seconds;
	status = hbc_scenario_load(&s);
	if (status == HBC_GO_ON)
		status = check_device(cmd, &s, mode);
	if (status == HBC_GO_ON)
		status = times ? hbc_scenario_repeat(&s, repeat) :
				 hbc_scenario_run(&s);
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
	"  device NAME KEY=VALUE ...\n"
	"                         several of these: make several; other lines then name\n"
	"                         theirs (break a: submit K), shells have $DEV_NAME\n"
	"  break wait resume step remove settle set held rules backtrace\n"
	"                         these commands, without DEV: break submit K;\n"
	"                         their output becomes comments\n"
	"  write read flush discard zeroout secdiscard\n"
	"                         a named request, as in haltblk io; does not wait\n"
	"  $ COMMAND              a shell command; $DEV is the device's path,\n"
	"                         $RUN_PID this process\n"
	"  start NAME $ COMMAND   the same, but does not wait for it\n"
	"  finally $ COMMAND      the same, but at the end, however it comes, after the\n"
	"                         rules are gone; the last of these lines first\n"
	"  expect NAME ... RESULT each ended with ok, an errno (EIO), bad or short; a\n"
	"                         command with ok, its exit status or signal\n"
	"  expect NAME ... running\n"
	"                         none of these has ended\n"
	"  expect NAME ... settled\n"
	"                         each has ended, or sleeps\n"
	"  expect stack NAME FUNCTION\n"
	"                         a command waits in this function of the kernel\n"
	"  expect log PATTERN     a line of the kernel log since the scenario began\n"
	"  expect nolog PATTERN   fits this extended regular expression; none does\n"
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
