/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * "start NAME $ COMMAND": a shell command that runs while the scenario goes on.
 * The I/O process reads its exit status, so that its end has a place in the
 * order in which requests end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

/** hbc_run_check_start() - check the name and the command */
int hbc_run_check_start(const struct hbc_line *line)
{
	if (strlen(line->name) < HBC_IO_NAME)
		return hbc_run_check_shell(line);
	hbc_error("start", "%s: a name has at most %d characters", line->name,
		  HBC_IO_NAME - 1);
	return HBC_USAGE;
}

/** hbc_started_find() - the last command that was started under a name, or NULL */
struct hbc_started *hbc_started_find(struct hbc_run *run, const char *name)
{
	size_t i;

	for (i = run->nr_started; i; i--)
		if (!strcmp(run->started[i - 1].name, name))
			return &run->started[i - 1];
	return NULL;
}

/* Room for one more, or NULL. */
static struct hbc_started *add(struct hbc_run *run)
{
	struct hbc_started *more = reallocarray(run->started,
						run->nr_started + 1,
						sizeof(*more));

	if (more)
		run->started = more;
	return more ? &more[run->nr_started] : NULL;
}

static int start(struct hbc_run *run, const struct hbc_line *line)
{
	struct hbc_started *started = add(run);
	struct hbc_shell shell;
	int r;

	if (!started)
		return -ENOMEM;
	r = hbc_shell_start(run, &shell, line->shell);
	if (!r)
		r = hbc_io_add_command(run->io, line->name, shell.report[0],
				       run->timeout_ns);
	if (!r) {
		*started = (struct hbc_started){
			.pid = shell.pid, .out = shell.out,
		};
		strcpy(started->name, line->name);
		shell.out = -1;
		run->nr_started++;
	}
	hbc_shell_close(&shell);
	return r;
}

/** hbc_run_start() - start a command, and do not wait for it; an exit status */
int hbc_run_start(struct hbc_run *run, const struct hbc_line *line)
{
	const struct hbc_io_entry *e;
	int r = hbc_run_need_io(run);

	e = r ? NULL : hbc_io_find(run->io, line->name);
	if (e && !e->order)
		r = -EEXIST;
	if (!r)
		r = start(run, line);
	if (r == -EEXIST)
		hbc_error(line->name, "a request or command of this name is in flight; expect its result first, or use another name");
	else if (r)
		hbc_error(line->name, "cannot start the command: %s",
			  strerror(-r));
	return r ? hbc_exit_status(r) : HBC_OK;
}

/** hbc_started_print() - print what a command has printed, once */
void hbc_started_print(struct hbc_started *started)
{
	if (!started->printed && lseek(started->out, 0, SEEK_END) > 0)
		hbc_run_print(started->out);
	started->printed = true;
}

/** hbc_started_said() - whether it has printed the text of an errno, by name */
bool hbc_started_said(const struct hbc_started *started, const char *err)
{
	char text[4096];
	ssize_t n = pread(started->out, text, sizeof(text) - 1, 0);
	const char *name;
	int i;

	text[n < 0 ? 0 : n] = '\0';
	for (i = 1; i < HBC_IO_ERRNOS; i++) {
		name = strerrorname_np(i);
		if (name && !strcmp(name, err))
			return strstr(text, strerrordesc_np(i));
	}
	return false;
}

/** hbc_started_free() - forget the commands */
void hbc_started_free(struct hbc_run *run)
{
	while (run->nr_started)
		close(run->started[--run->nr_started].out);
	free(run->started);
	run->started = NULL;
}
