/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The commands that read a script, with the help for its lines.
 */
#include "run.h"

const struct hbc_command hbc_script_commands[] = {
	{ "run", "FILE [DEV]", "run a scenario, and print TAP",
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
	  "  expect NAME ... RESULT each ended with ok, an errno (EIO), bad or short\n"
	  "  expect order A B ...   these have ended, in this order\n"
	  "  expect inflight A ...  exactly these are in flight\n"
	  "  expect held N [TAG [EVENT]]\n"
	  "                         N requests are held (under TAG, at EVENT)\n"
	  "  expect hits TAG N      the rules of TAG have acted on N requests\n"
	  "\n"
	  "An expect line waits while it can still come true. The first line that fails\n"
	  "ends the scenario, and its status is the exit status. Rules belong to the\n"
	  "session: when it ends, even by a signal, they are removed and what they hold is\n"
	  "released, except for rules with owner=device. Processes that shell commands left\n"
	  "in the background are killed. A device hbrunN left by a run that was killed is\n"
	  "removed.\n",
	  hbc_run },
	{ "io", "DEV", "asynchronous reads, writes and more, by name, from a script",
	  "Reads lines from standard input or a file. Words are quoted as in a shell; #\n"
	  "begins a comment:\n"
	  "\n"
	  "  write NAME OFFSET LENGTH [pattern=0xaa] [vec=N] [fua]\n"
	  "  read NAME OFFSET LENGTH [pattern=0xaa] [vec=N]\n"
	  "  flush NAME\n"
	  "  discard|zeroout|secdiscard NAME OFFSET LENGTH\n"
	  "  reap NAME [RESULT]   wait for it, print NAME and ok, an errno (EIO), bad\n"
	  "                       AT (a byte read is not the pattern) or short BYTES\n"
	  "  inflight             names not yet completed\n"
	  "  order                names in the order they completed\n"
	  "  help, quit           print this text; end the script\n"
	  "\n"
	  "Each request is submitted at once; the next line does not wait for its end.\n"
	  "Without pattern= a write writes 0xcd, and a read compares nothing. fua makes a\n"
	  "write durable (RWF_DSYNC); vec=N splits it into N segments in memory. O_DIRECT\n"
	  "is used if offset and length are multiples of the logical block size. At the\n"
	  "end it waits for the requests in flight. Exit status 1 if a request did not end\n"
	  "with ok, or as RESULT says.\n",
	  hbc_io },
	{ 0 },
};
