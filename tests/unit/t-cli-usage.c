/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Help, version, and command lines that are wrong with any driver: exit status
 * 2, without a call of the driver.
 */
#include <stdio.h>
#include <string.h>

#include "fake.h"
#include "run.h"
#include "tap.h"

static const char *const commands[] = {
	"create", "destroy", "list", "show", "set", "break", "wait", "held",
	"resume", "remove", "rules", "discard", "zeroout", "secdiscard",
	"limits", "step", "settle", "backtrace", "events", "io", "run",
	"clone",
};

static void help(void)
{
	char words[64], usage[64];
	size_t i;

	tap_int(run("help"), 0, "help");
	for (i = 0; i < HB_ARRAY_SIZE(commands); i++) {
		snprintf(words, sizeof(words), "\n  %s ", commands[i]);
		tap_has(run_out, words, "help lists %s", commands[i]);
	}
	tap_int(run("--help"), 0, "--help");
	tap_int(run("-h"), 0, "-h");
	for (i = 0; i < HB_ARRAY_SIZE(commands); i++) {
		snprintf(usage, sizeof(usage), "Usage: haltblk %s", commands[i]);
		snprintf(words, sizeof(words), "%s --help", commands[i]);
		tap_int(run(words), 0, "%s", words);
		tap_ok(!strncmp(run_out, usage, strlen(usage)),
		       "%s prints its usage", words);
		tap_str(run_err, "", "%s: nothing on stderr", words);
		snprintf(words, sizeof(words), "help %s", commands[i]);
		tap_int(run(words), 0, "%s", words);
		tap_ok(!strncmp(run_out, usage, strlen(usage)),
		       "%s prints its usage", words);
	}
	run_is("--version", 0, "haltblk " HALTBLK_VERSION "\n", "");
	tap_int(run(""), 2, "no command");
	tap_str(run_out, "", "no command: nothing on stdout");
	tap_has(run_err, "Usage: haltblk COMMAND", "no command: usage");
	run_is("freeze hb0", 2, "",
	       "haltblk: freeze: unknown command: see haltblk help\n");
	run_is("help freeze", 2, "",
	       "haltblk: freeze: unknown command: see haltblk help\n");
}

/* --help lists exactly the letters that a command takes. */
static void letters(void)
{
	char words[64], shown[64];
	size_t i, nr = 0;
	char c;

	for (i = 0; i < HB_ARRAY_SIZE(commands); i++)
		for (c = 'a'; c <= 'z'; c++) {
			bool takes;

			snprintf(words, sizeof(words), "%s -%c", commands[i], c);
			run(words);
			takes = !strstr(run_err, "unknown option");
			nr += takes;
			snprintf(words, sizeof(words), "%s --help", commands[i]);
			run(words);
			snprintf(shown, sizeof(shown), "\n  -%c, --", c);
			if (takes != !!strstr(run_out, shown))
				tap_ok(false, "%s: -%c %s", words, c, takes ?
				       "is not there" : "is there");
		}
	tap_ok(nr > HB_ARRAY_SIZE(commands),
	       "--help names every option of one letter");
}

static void usage(const char *words, const char *err)
{
	run_is(words, 2, "", err);
}

#define KEYS "op, sector, hctx, cpu, pid, comm, flags, state, set_state, skip, count, chance, action, owner"
#define SEE(c) ": see haltblk " c " --help\n"

static void arguments(void)
{
	usage("break hb0 media", "haltblk: break: missing argument: it takes DEV EVENT TAG [KEY=VALUE ...]" SEE("break"));
	usage("held", "haltblk: held: missing argument: it takes DEV" SEE("held"));
	usage("held hb0 hb1", "haltblk: held: hb1: one argument too many: it takes DEV" SEE("held"));
	usage("list hb0", "haltblk: list: hb0: one argument too many: it takes none" SEE("list"));
	usage("held hb0 --yaml", "haltblk: held: --yaml: unknown option, or an option that takes no value" SEE("held"));
	usage("held hb0 --json=1", "haltblk: held: --json=1: unknown option, or an option that takes no value" SEE("held"));
	usage("held hb0 -x", "haltblk: held: -x: unknown option, or an option that takes no value" SEE("held"));
	usage("wait hb0 K --count", "haltblk: wait: --count: needs a value" SEE("wait"));
	usage("create", "haltblk: create: missing argument: it takes NAME [KEY=VALUE ...]" SEE("create"));
	usage("clone hb0", "haltblk: clone: missing argument: it takes DEV NAME [KEY=VALUE ...]" SEE("clone"));
	usage("clone hb0 hb2 fast", "haltblk: clone: fast: not KEY=VALUE" SEE("clone"));
	usage("set hb0", "haltblk: set: missing argument: it takes NAME KEY=VALUE [...]" SEE("set"));
	usage("create hb1 size", "haltblk: create: size: not KEY=VALUE" SEE("create"));
	usage("create hb1 =1", "haltblk: create: =1: not KEY=VALUE" SEE("create"));
	usage("create hb1 power=on", "haltblk: create: power=on: power= takes 0 or 1" SEE("create"));
	usage("set hb0 size=1 x", "haltblk: set: x: not KEY=VALUE" SEE("set"));
	usage("remove hb0", "haltblk: remove: give one of TAG and --all" SEE("remove"));
	usage("remove hb0 K --all", "haltblk: remove: give one of TAG and --all" SEE("remove"));
}

static void break_words(void)
{
	/* All words, the last ", " of which becomes the end of the line. */
#define X(name, nr, word, ...) word ", "
	char events[] = "haltblk: hb0: break: unknown event 'end'; use one of "
			HALTBLK_EVENTS(X);
#undef X

	memcpy(&events[sizeof(events) - 3], "\n", 2);
	usage("break hb0 end K", events);
	usage("break /dev/hb0 media a=b", "haltblk: hb0: break: tag 'a=b': character 2 is not allowed; use printable ones without blanks, '=' and ','\n");
	usage("break hb0 media K ops=read", "haltblk: hb0: break: ops=read: unknown key 'ops'; the keys are " KEYS "\n");
	usage("break hb0 media K count=x", "haltblk: hb0: break: count=x: 'x' is not a number; count= takes how many matches to act on; 0 for ever\n");
}

static void wait_words(void)
{
	usage("wait hb0 K --count 0", "haltblk: wait: --count 0: out of range, takes 1 to 4294967295" SEE("wait"));
	usage("wait hb0 K --count -1", "haltblk: wait: --count -1: not a number, takes 1 to 4294967295" SEE("wait"));
	usage("wait hb0 K --count 4294967296", "haltblk: wait: --count 4294967296: out of range, takes 1 to 4294967295" SEE("wait"));
	usage("wait hb0 K --timeout x", "haltblk: wait: --timeout x: not a number, takes 0 to 18446744072 seconds" SEE("wait"));
	usage("wait hb0 K --timeout -1", "haltblk: wait: --timeout -1: not a number, takes 0 to 18446744072 seconds" SEE("wait"));
	usage("wait hb0 K --timeout 1.", "haltblk: wait: --timeout 1.: not a number, takes 0 to 18446744072 seconds" SEE("wait"));
	usage("wait hb0 K --timeout 1.5s", "haltblk: wait: --timeout 1.5s: not a number, takes 0 to 18446744072 seconds" SEE("wait"));
	usage("wait hb0 K --timeout .", "haltblk: wait: --timeout .: not a number, takes 0 to 18446744072 seconds" SEE("wait"));
	usage("wait hb0 K --count 99999999999999999999", "haltblk: wait: --count 99999999999999999999: out of range, takes 1 to 4294967295" SEE("wait"));
	usage("wait hb0 K --timeout 99999999999999999999.5", "haltblk: wait: --timeout 99999999999999999999.5: out of range, takes 0 to 18446744072 seconds" SEE("wait"));
	usage("wait hb0 K --timeout 99999999999x", "haltblk: wait: --timeout 99999999999x: not a number, takes 0 to 18446744072 seconds" SEE("wait"));
	usage("wait hb0 K --timeout 18446744073", "haltblk: wait: --timeout 18446744073: out of range, takes 0 to 18446744072 seconds" SEE("wait"));
}

static void resume_words(void)
{
	usage("resume hb0", "haltblk: resume: give one of TAG, --id and --all" SEE("resume"));
	usage("resume hb0 K --all", "haltblk: resume: give one of TAG, --id and --all" SEE("resume"));
	usage("resume hb0 K --id 1", "haltblk: resume: give one of TAG, --id and --all" SEE("resume"));
	usage("resume hb0 --id 1 --order 1", "haltblk: resume: --order goes with TAG or --all; --id takes a list itself" SEE("resume"));
	usage("resume hb0 --id x", "haltblk: resume: --id x: 'x' is not a number; an id takes 0 to 18446744073709551615" SEE("resume"));
	usage("resume hb0 --id 1,", "haltblk: resume: --id 1,: '' is not a number; an id takes 0 to 18446744073709551615" SEE("resume"));
	usage("resume hb0 K --order 1,2,1", "haltblk: resume: --order 1,2,1: 1 is listed twice" SEE("resume"));
	usage("resume hb0 K --status BAD", "haltblk: resume: --status: 'BAD' is not a status; use one of OK, NOTSUPP, TIMEOUT, NOSPC, TRANSPORT, TARGET, RESV_CONFLICT, MEDIUM, PROTECTION, RESOURCE, IOERR, AGAIN, OFFLINE, ZONE_OPEN_RESOURCE, ZONE_ACTIVE_RESOURCE\n");
}

static void step_words(void)
{
	usage("step hb0", "haltblk: step: give one of TAG and --id" SEE("step"));
	usage("step hb0 K --id 1", "haltblk: step: give one of TAG and --id" SEE("step"));
	usage("step hb0 --id x", "haltblk: step: --id x: not a number, takes 0 to 18446744073709551615" SEE("step"));
	usage("backtrace hb0", "haltblk: backtrace: give --id" SEE("backtrace"));
	usage("backtrace hb0 --id -1", "haltblk: backtrace: --id -1: not a number, takes 0 to 18446744073709551615" SEE("backtrace"));
	usage("settle hb0 --held 1", "haltblk: settle: give --inflight and --held" SEE("settle"));
	usage("settle hb0 --held 1 --inflight x", "haltblk: settle: --inflight x: not a number, takes 0 to 18446744073709551615" SEE("settle"));
	usage("settle hb0 --held x --inflight 1", "haltblk: settle: --held x: not a number, takes 0 to 18446744073709551615" SEE("settle"));
	usage("settle hb0 --held 1 --inflight 1 --timeout x", "haltblk: settle: --timeout x: not a number, takes 0 to 18446744072 seconds" SEE("settle"));
}

static void range_words(void)
{
	usage("discard", "haltblk: discard: missing argument: it takes DEV" SEE("discard"));
	usage("discard sda --length 4X", "haltblk: discard: --length: '4X' is not a size: unknown suffix 'X'; use K, M, G, T, P, E (or KiB ...) for powers of 1024, KB ... for powers of 1000" SEE("discard"));
	usage("zeroout sda --offset -1", "haltblk: zeroout: --offset: '-1' is not a size; use bytes, or a number with KiB, MiB, GiB, TiB" SEE("zeroout"));
}

static void nobody_asked(void)
{
	int calls = 0, i;

	for (i = 0; i < FAKE_NR_IOCTLS; i++)
		calls += fake.calls[i];
	tap_int(calls, 0, "no ioctl was made");
	tap_str(fake.log, "", "nothing was written");
	tap_int(fake_open_fds(), 0, "nothing stays open");
}

int main(void)
{
	fake_load();
	help();
	letters();
	arguments();
	break_words();
	wait_words();
	resume_words();
	step_words();
	range_words();
	nobody_asked();
	return tap_done();
}
