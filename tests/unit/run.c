/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The command's main function with stdout and stderr caught in files in
 * memory, and stdin at its end.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli.h"
#include "run.h"
#include "tap.h"

char run_out[65536];
char run_err[65536];

static int redirect(int fd, int to)
{
	int saved = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	if (saved < 0 || dup2(to, fd) < 0)
		abort();
	return saved;
}

static void restore(int fd, int saved)
{
	if (dup2(saved, fd) < 0)
		abort();
	close(saved);
}

static void collect(int fd, char *buf, size_t size)
{
	ssize_t n = pread(fd, buf, size - 1, 0);

	buf[n < 0 ? 0 : n] = '\0';
	close(fd);
}

static int split(char *words, char **argv, int most)
{
	int argc = 0;
	char *word;

	argv[argc++] = (char *)"haltblk";
	while ((word = strsep(&words, " ")))
		if (*word && argc < most - 1)
			argv[argc++] = word;
	argv[argc] = NULL;
	return argc;
}

static int run_to(const char *words, int out)
{
	int err = memfd_create("err", MFD_CLOEXEC);
	int in = memfd_create("in", MFD_CLOEXEC);	/* at its end */
	int saved[3], argc, status;
	char *argv[64], *copy = strdup(words);

	argc = split(copy, argv, 64);
	fflush(NULL);
	saved[0] = redirect(0, in);
	saved[1] = redirect(1, out);
	saved[2] = redirect(2, err);
	status = hbc_main(argc, argv);
	fflush(NULL);
	restore(0, saved[0]);
	restore(1, saved[1]);
	restore(2, saved[2]);
	close(in);
	collect(out, run_out, sizeof(run_out));
	collect(err, run_err, sizeof(run_err));
	free(copy);
	return status;
}

int run(const char *words)
{
	return run_to(words, memfd_create("out", MFD_CLOEXEC));
}

int run_full(const char *words)
{
	return run_to(words, open("/dev/full", O_WRONLY | O_CLOEXEC));
}

int run_unread(const char *words)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		abort();
	close(ends[0]);
	return run_to(words, ends[1]);
}

void run_is(const char *words, int status, const char *out, const char *err)
{
	tap_int(run(words), status, "haltblk %s: exit status", words);
	tap_str(run_out, out, "haltblk %s: stdout", words);
	tap_str(run_err, err, "haltblk %s: stderr", words);
}

void run_compact(void)
{
	char *text = run_out, *to = text;
	bool in_string = false;

	for (; *text; text++) {
		if (*text == '"')
			in_string = !in_string;
		if (*text == '\\' && in_string)
			*to++ = *text++;
		if (in_string || !strchr(" \n", *text))
			*to++ = *text;
	}
	*to = '\0';
}

void run_json(const char *words, int status, const char *out, const char *err)
{
	tap_int(run(words), status, "haltblk %s: exit status", words);
	run_compact();
	tap_str(run_out, out, "haltblk %s: stdout", words);
	tap_str(run_err, err, "haltblk %s: stderr", words);
}
