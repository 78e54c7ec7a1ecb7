/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * io: a script or a prompt for asynchronous I/O by name.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "io.h"

#define MOST_WORDS 64

/**
 * struct script - one run of the command
 * @io: I/O process
 * @cmd: this command, for its help
 * @device: for messages
 * @file: name of the script, for messages
 * @lines: its lines
 * @timeout_ns: of each wait
 * @failed: a request did not end as it should
 * @quit: a quit line was read, or nothing can be read
 */
struct script {
	struct hbc_io *io;
	const struct hbc_command *cmd;
	const char *device;
	const char *file;
	struct hbc_lines lines;
	uint64_t timeout_ns;
	bool failed;
	bool quit;
};

static int fail(const struct script *s, int status, const char *what,
		const char *why)
{
	hbc_error(s->device, "io: %s:%zu: %s%s%s", s->file, s->lines.nr, what,
		  *why ? ": " : "", why);
	return status;
}

static const char *reason(int err)
{
	switch (err) {
	case -EEXIST:
		return "a request of this name is in flight; reap it first, or use another name";
	case -ENOENT:
		return "no request has this name";
	case -ETIME:
		return "timed out; it is still in flight: see haltblk held";
	case -EPIPE:
		return "the process that does the I/O is gone";
	default:
		return strerror(-err);
	}
}

static int submit(struct script *s, int argc, char **argv)
{
	struct hbc_io_request rq;
	char why[256];
	int r;

	if (hbc_io_parse(&rq, argc, argv, why, sizeof(why)))
		return fail(s, HBC_USAGE, why, "");
	r = hbc_io_submit(s->io, &rq, s->timeout_ns);
	return r ? fail(s, hbc_exit_status(r), rq.name, reason(r)) : HBC_OK;
}

static int reap_one(struct script *s, const char *name, const char *expected)
{
	struct hbc_io_entry *entry;
	char result[96];
	int r;

	r = hbc_io_wait(s->io, name, s->timeout_ns, &entry);
	if (r)
		return fail(s, hbc_exit_status(r), name, reason(r));
	hbc_io_result(entry, result, sizeof(result));
	printf("%s %s\n", name, result);
	if (hbc_io_is_result(result, expected ? expected : "ok"))
		return HBC_OK;
	s->failed = true;
	if (expected)
		hbc_error(s->device, "io: %s:%zu: %s: %s, expected %s", s->file,
			  s->lines.nr, name, result, expected);
	return HBC_OK;
}

static int reap(struct script *s, int argc, char **argv)
{
	if (argc < 2 || argc > 3)
		return fail(s, HBC_USAGE, "reap takes NAME [RESULT]", "");
	if (argc == 3 && !hbc_io_can_end(argv[2]))
		return fail(s, HBC_USAGE, argv[2],
			    "not a result; use ok, bad, short or the name of an errno");
	return reap_one(s, argv[1], argv[2]);
}

/* Take everything that the I/O process has reported so far. */
static void pump(struct script *s)
{
	while (hbc_io_pump(s->io, 0) > 0)
		;
}

static int inflight(struct script *s)
{
	const struct hbc_io_entry *e;
	const char *blank = "";
	size_t i;

	pump(s);
	for (i = 0; (e = hbc_io_at(s->io, i)); i++) {
		if (e->order)
			continue;
		printf("%s%s", blank, e->request.name);
		blank = " ";
	}
	putchar('\n');
	return HBC_OK;
}

static int order(struct script *s)
{
	const struct hbc_io_entry *e;
	unsigned int i;

	pump(s);
	for (i = 1; (e = hbc_io_ended(s->io, i)); i++)
		printf("%s%s", i > 1 ? " " : "", e->request.name);
	putchar('\n');
	return HBC_OK;
}

static int do_line(struct script *s, char *line)
{
	char *argv[MOST_WORDS];
	int argc = hbc_split(line, argv, MOST_WORDS);

	if (argc < 0)
		return fail(s, HBC_USAGE, hbc_split_why(argc), "");
	if (!argc)
		return HBC_OK;
	if (hbc_io_is_request(argv[0]))
		return submit(s, argc, argv);
	if (!strcmp(argv[0], "reap"))
		return reap(s, argc, argv);
	if (!strcmp(argv[0], "inflight") && argc == 1)
		return inflight(s);
	if (!strcmp(argv[0], "order") && argc == 1)
		return order(s);
	if (!strcmp(argv[0], "help") && argc == 1)
		return fputs(s->cmd->help, stdout) < 0 ? HBC_FAILED : HBC_OK;
	if (!strcmp(argv[0], "quit") && argc == 1) {
		s->quit = true;
		return HBC_OK;
	}
	return fail(s, HBC_USAGE, argv[0],
		    "unknown line: help lists the known ones");
}

/* Requests that were not reaped must succeed, too. */
static int reap_rest(struct script *s)
{
	const struct hbc_io_entry *e;
	char result[96];
	size_t i;
	int r;

	for (i = 0; (e = hbc_io_at(s->io, i)); i++) {
		while (!e->order) {
			r = hbc_io_pump(s->io, s->timeout_ns);
			if (r <= 0)
				return fail(s, r ? HBC_FAILED : HBC_TIMEOUT,
					    e->request.name,
					    reason(r ? r : -ETIME));
		}
		hbc_io_result(e, result, sizeof(result));
		if (e->reaped || !strcmp(result, "ok"))
			continue;
		hbc_error(s->device, "io: %s: not reaped: %s",
			  e->request.name, result);
		s->failed = true;
	}
	return HBC_OK;
}

/* HBC_GO_ON at the end. */
static int next_line(struct script *s)
{
	char *line;
	int r = hbc_lines_next(&s->lines, &line);

	if (r > 0)
		return do_line(s, line);
	if (!r)
		return HBC_GO_ON;
	if (r == -EILSEQ)
		return fail(s, HBC_USAGE, hbc_lines_why(r), "");
	/* No line was read, so the message names none. */
	hbc_error(s->file, "io: cannot read the script: %s", hbc_lines_why(r));
	s->quit = true;
	return HBC_FAILED;
}

static int do_script(struct script *s, bool prompt)
{
	int status = HBC_OK;

	while (!s->quit && (status == HBC_OK || prompt)) {
		if (prompt)
			printf("%s> ", s->device);
		fflush(stdout);
		status = next_line(s);
		if (status == HBC_GO_ON)
			break;
		fflush(stdout);
	}
	hbc_lines_end(&s->lines);
	if (prompt) {
		if (!s->quit)
			putchar('\n');
		return HBC_OK;
	}
	return status == HBC_OK || status == HBC_GO_ON ? reap_rest(s) : status;
}

static int io(struct script *s, bool buffered)
{
	bool prompt = s->lines.file == stdin && isatty(STDIN_FILENO);
	int status, r;

	r = hbc_io_start(s->device, buffered, &s->io);
	if (r) {
		hbc_error(hbc_base(s->device), "io: %s", r == -ENOENT ?
			  "no such device" : strerror(-r));
		return hbc_exit_status(r);
	}
	s->device = hbc_base(s->device);
	status = do_script(s, prompt);
	/* After a failure, do not wait for what is held. */
	hbc_io_stop(s->io, status ? 0 : s->timeout_ns);
	return status == HBC_OK && s->failed ? HBC_FAILED : status;
}

static int cmd_io(const struct hbc_command *cmd, int argc, char **argv)
{
	const char *name = NULL, *seconds = "60";
	bool buffered = false;
	struct script s = { .cmd = cmd, .lines.file = stdin };
	const struct hbc_option options[] = {
		{ .name = "f,file", .value = &name, .arg = "FILE",
		  .help = "read the script from FILE (-: standard input)" },
		{ .name = "buffered", .flag = &buffered,
		  .help = "do not use O_DIRECT" },
		{ .name = "timeout", .value = &seconds, .arg = "S",
		  .help = "give up a wait after S seconds, fractions allowed (60)",
		  .ns = &s.timeout_ns },
		{ 0 },
	};
	int status;

	status = hbc_parse(cmd, options, &argc, &argv);
	if (status != HBC_GO_ON)
		return status;
	s.device = argv[0];
	if (name && !strcmp(name, "-"))
		name = NULL;
	s.file = name ? name : "stdin";
	if (name)
		s.lines.file = fopen(name, "re");
	if (!s.lines.file) {
		hbc_error(name, "io: cannot read the script: %s", strerror(errno));
		return HBC_FAILED;
	}
	status = io(&s, buffered);
	if (name)
		fclose(s.lines.file);
	return status;
}

const struct hbc_command hbc_cmd_io = {
	.name = "io",
	.args = "DEV",
	.min = 1,
	.max = 1,
	.any_disk = true,
	.summary = "asynchronous reads, writes and more, by name, from a script",
	.help =
	"Reads lines from standard input or a file. Words are quoted as in a shell; #\n"
	"begins a comment:\n"
	"\n"
	"  write NAME [FILE] OFFSET LENGTH [pattern=0xaa] [vec=N] [buffered] [fua]\n"
	"  read NAME [FILE] OFFSET LENGTH [pattern=0xaa] [vec=N] [buffered]\n"
	"  flush NAME [FILE]\n"
	"  discard|zeroout|secdiscard NAME [FILE] OFFSET LENGTH\n"
	"  reap NAME [RESULT]   wait for it, print NAME and ok, an errno (EIO), bad\n"
	"                       AT (a byte read is not the pattern) or short BYTES\n"
	"  inflight             names not yet completed\n"
	"  order                names in the order they completed\n"
	"  help, quit           print this text; end the script\n"
	"\n"
	"Each request is submitted at once; the next line does not wait for its end.\n"
	"Without pattern= a write writes 0xcd, and a read compares nothing. fua makes a\n"
	"write durable (RWF_DSYNC); vec=N splits it into N segments in memory. O_DIRECT\n"
	"is used if offset and length are multiples of the logical block size. FILE, an\n"
	"absolute path, is used in place of DEV. At the end it waits for the requests in\n"
	"flight. Exit status 1 if a request did not end with ok, or as RESULT says.\n",
	.fn = cmd_io,
};
