/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * One line of a scenario: a command of haltblk with the device left out, a
 * request by name, an expectation, or a shell command.
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

static const char *const commands[] = {
	"break", "wait", "resume", "step", "remove", "settle", "set", "held",
	"rules", "backtrace",
};

static bool is_command(const char *word)
{
	size_t i;

	for (i = 0; i < HBC_ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i], word))
			return true;
	return false;
}

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

/* Run the command with the device filled in, in the scenario's session. */
static int command(struct hbc_run *run, int argc, char **argv)
{
	const struct hbc_command *cmd = hbc_find(argv[0]);
	char *full[HBC_RUN_WORDS + 1];
	int i, status;

	full[0] = argv[0];
	full[1] = run->device;
	for (i = 1; i <= argc; i++)
		full[i + 1] = argv[i];
	hbc_lend(run->h);
	status = captured(cmd, argc + 1, full);
	hbc_lend(NULL);
	return status;
}

/* A disk that is powered on again needs new descriptors. */
static int set(struct hbc_run *run, int argc, char **argv)
{
	int status = command(run, argc, argv), i, r = 0;

	for (i = 1; !status && i < argc; i++)
		if (!strcmp(argv[i], "power=1") && run->io)
			r = hbc_io_restart(run->io, run->device, false,
					   run->timeout_ns);
	if (!r)
		return status;
	hbc_error("set", "cannot open the device again: %s", strerror(-r));
	return hbc_exit_status(r);
}

static int need_io(struct hbc_run *run)
{
	int r;

	if (run->io)
		return 0;
	r = hbc_io_start(run->device, false, &run->io);
	if (r)
		run->io = NULL;
	return r;
}

static int request(struct hbc_run *run, int argc, char **argv)
{
	struct hbc_io_request rq;
	char why[256];
	int r;

	if (hbc_io_parse(&rq, argc, argv, why, sizeof(why))) {
		hbc_error(argv[0], "%s", why);
		return HBC_USAGE;
	}
	r = need_io(run);
	if (!r)
		r = hbc_io_submit(run->io, &rq, run->timeout_ns);
	if (r == -EEXIST)
		hbc_error(rq.name, "a request of this name is in flight; expect its result first, or use another name");
	else if (r)
		hbc_error(rq.name, "cannot submit the request: %s", strerror(-r));
	return r ? hbc_exit_status(r) : HBC_OK;
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

static int unknown(const char *word)
{
	hbc_error(word, "unknown line: see haltblk run --help");
	return HBC_USAGE;
}

/**
 * hbc_run_words() - the words of a line
 * @text: line
 * @copy: out: what the words are in, for the caller to free
 * @argv: out: HBC_RUN_WORDS of them
 *
 * Return: how many; a negative errno, with a message.
 */
int hbc_run_words(const char *text, char **copy, char **argv)
{
	int argc;

	*copy = strdup(text);
	argc = *copy ? hbc_split(*copy, argv, HBC_RUN_WORDS) : -ENOMEM;
	if (argc < 0)
		hbc_error("line", "%s", hbc_split_why(argc));
	return argc;
}

static int check_words(int argc, char **argv)
{
	struct hbc_io_request rq;
	char why[256];

	if (is_command(argv[0]))
		return HBC_OK;
	if (!strcmp(argv[0], "expect"))
		return hbc_run_can_expect(argc - 1, argv + 1) ? HBC_OK :
			hbc_run_expect(NULL, argc - 1, argv + 1);
	if (!hbc_io_is_request(argv[0]))
		return unknown(argv[0]);
	if (!hbc_io_parse(&rq, argc, argv, why, sizeof(why)))
		return HBC_OK;
	hbc_error(argv[0], "%s", why);
	return HBC_USAGE;
}

static int check_line(const char *text, bool device)
{
	char *argv[HBC_RUN_WORDS], *copy;
	int argc, status = HBC_GO_ON;

	argc = hbc_run_words(text, &copy, argv);
	if (argc < 0)
		status = argc == -ENOMEM ? HBC_FAILED : HBC_USAGE;
	else if (argc && !device)
		status = check_words(argc, argv);
	free(copy);
	return status;
}

/** hbc_run_check_device() - like hbc_run_check(), for the device line */
int hbc_run_check_device(const char *text)
{
	return check_line(text, true);
}

/**
 * hbc_run_check() - check that a line is valid
 * @text: line
 *
 * Return: HBC_GO_ON for a line without words; HBC_OK; another status after a
 * message.
 */
int hbc_run_check(const char *text)
{
	text = skip_blanks(text);
	return *text == '$' ? hbc_run_check_shell(text + 1) :
			      check_line(text, false);
}

/** hbc_run_line() - do what a line says; an exit status */
int hbc_run_line(struct hbc_run *run, const char *text)
{
	char *argv[HBC_RUN_WORDS], *copy;
	int argc, status = HBC_USAGE;

	text = skip_blanks(text);
	if (*text == '$')
		return hbc_run_shell(run, text + 1);
	argc = hbc_run_words(text, &copy, argv);
	if (argc == -ENOMEM)
		status = HBC_FAILED;
	else if (argc > 0 && !strcmp(argv[0], "set"))
		status = set(run, argc, argv);
	else if (argc > 0 && is_command(argv[0]))
		status = command(run, argc, argv);
	else if (argc > 0 && !strcmp(argv[0], "expect"))
		status = hbc_run_expect(run, argc - 1, argv + 1);
	else if (argc > 0)
		status = request(run, argc, argv);
	free(copy);
	return status;
}
