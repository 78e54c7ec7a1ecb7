/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The commands that read a script, and what they say of its lines.
 */
#include "run.h"

const struct hbc_command hbc_script_commands[] = {
	{ "run", "FILE [DEV]", "run a scenario, and print TAP",
	  "FILE (- for standard input) has a line for each step. Words are quoted as in a\n"
	  "shell; # begins a comment:\n"
	  "\n"
	  "  device KEY=VALUE ...   first of all: make a device, gone at the end\n"
	  "                         (passed over when DEV is given)\n"
	  "  break wait resume step remove settle set held rules backtrace\n"
	  "                         these commands with DEV left out: break submit K;\n"
	  "                         what they print becomes comments\n"
	  "  write read flush discard zeroout secdiscard\n"
	  "                         a request by name, as in haltblk io, not waited for\n"
	  "  $ COMMAND              a shell command, with the device's path in $DEV\n"
	  "                         and this process in $RUN_PID\n"
	  "  expect NAME ... RESULT these ended with ok, an errno (EIO), bad or short\n"
	  "  expect order A B ...   these have ended, in this order\n"
	  "  expect inflight A ...  these and no others have not ended\n"
	  "  expect held N [TAG [EVENT]]\n"
	  "                         so many requests are held (under TAG, at EVENT)\n"
	  "  expect hits TAG N      the rules of TAG have acted on N requests\n"
	  "\n"
	  "What may still come true is waited for. The first line that fails ends it, and\n"
	  "its exit status is the command's. Rules belong to the session: when it ends,\n"
	  "by a signal, too, they are gone and nothing is held, but for rules that a\n"
	  "line gives to the device (owner=device). What shells left in the background is\n"
	  "killed. A device hbrunN that a run left when it was killed is removed.\n",
	  hbc_run },
	{ "io", "DEV", "asynchronous reads, writes and more, by name, from a script",
	  "A line each, on standard input or in a file. Words are quoted as in a shell; #\n"
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
	  "  help, quit           this text; as at the end of the script\n"
	  "\n"
	  "Each request is submitted at once, and the next line is read. Without pattern=\n"
	  "a write writes 0xcd, and a read compares nothing. fua makes a write durable\n"
	  "(RWF_DSYNC); vec=N has N segments in memory. O_DIRECT is used where offset and\n"
	  "length are multiples of the logical block size. At the end it waits for what\n"
	  "is in flight. Exit status 1 if one did not end with ok, or as RESULT says.\n",
	  hbc_io },
	{ 0 },
};
