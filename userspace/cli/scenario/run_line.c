/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Lines that are commands of haltblk with the device left out, or requests by
 * name.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "run.h"

/* Its output goes where messages go, because stdout is for TAP. */
static int captured(const struct hbc_command *cmd, int argc, char **argv)
{
	int out = memfd_create("output", MFD_CLOEXEC), saved, status;

	fflush(stdout);
	saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (out < 0 || saved < 0 || dup2(out, STDOUT_FILENO) < 0) {
		hbc_error(cmd->name, "cannot catch its output: %s",
			  strerror(errno));
		if (out >= 0)
			close(out);
		if (saved >= 0)
			close(saved);
		return HBC_FAILED;
	}
	status = hbc_complete(cmd->fn(cmd, argc, argv));
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	hbc_run_print(out);
	return status;
}

/**
 * hbc_run_command() - a command of haltblk
 *
 * It gets the device as its first argument, and the scenario's session.
 */
int hbc_run_command(struct hbc_run *run, const struct hbc_line *line)
{
	const struct hbc_command *cmd = hbc_find(line->argv[0]);
	struct hbc_run_device *dev = &run->dev[line->dev];
	char *full[HBC_RUN_WORDS + 1];
	int i, status;

	full[0] = line->argv[0];
	full[1] = dev->disk;
	for (i = 0; i <= line->nr_args; i++)
		full[i + 2] = line->args[i];
	hbc_lend(dev->h);
	status = captured(cmd, line->nr_args + 2, full);
	hbc_lend(NULL);
	return status;
}

/** hbc_run_set() - set; a disk that is powered on again needs new descriptors */
int hbc_run_set(struct hbc_run *run, const struct hbc_line *line)
{
	int status = hbc_run_command(run, line), i, r = 0;
	char path[HBC_IO_PATH];

	hbc_device_path(&run->dev[line->dev], path);

	for (i = 0; !status && i < line->nr_args; i++)
		if (!strcmp(line->args[i], "power=1") && run->io)
			r = hbc_io_reopen(run->io, path, run->timeout_ns);
	if (!r)
		return status;
	hbc_error("set", "cannot open the device again: %s", strerror(-r));
	return hbc_exit_status(r);
}

/** hbc_run_need_io() - start the I/O process, unless it runs */
int hbc_run_need_io(struct hbc_run *run)
{
	int r;

	if (run->io)
		return 0;
	r = hbc_io_start(NULL, false, &run->io);
	if (r)
		run->io = NULL;
	return r;
}

static int parse_request(const struct hbc_line *line, struct hbc_io_request *rq)
{
	char why[256];

	if (!hbc_io_parse(rq, line->argc, (char **)line->argv, why, sizeof(why)))
		return HBC_OK;
	hbc_error(line->argv[0], "%s", why);
	return HBC_USAGE;
}

int hbc_run_check_request(const struct hbc_line *line)
{
	struct hbc_io_request rq;

	return parse_request(line, &rq);
}

/** hbc_run_request() - submit a request, and do not wait for it */
int hbc_run_request(struct hbc_run *run, const struct hbc_line *line)
{
	struct hbc_io_request rq;
	int status = parse_request(line, &rq), r;

	if (status)
		return status;
	if (!*rq.path)
		hbc_device_path(&run->dev[line->dev], rq.path);
	r = hbc_run_need_io(run);
	if (!r)
		r = hbc_io_submit(run->io, &rq, run->timeout_ns);
	if (r == -EEXIST)
		hbc_error(rq.name, "a request or command of this name is in flight; expect its result first, or use another name");
	else if (r)
		hbc_error(rq.name, "cannot submit the request to %s: %s",
			  rq.path, r == -ETIME ? "timed out" : strerror(-r));
	return r ? hbc_exit_status(r) : HBC_OK;
}
