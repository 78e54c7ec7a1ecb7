/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * run --repeat: a scenario again and again, as one point.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <fcntl.h>
#include <unistd.h>

#include "scenario.h"

/**
 * struct tally - how the runs went
 * @done: runs so far
 * @good: those that succeeded
 * @status: exit status of the first that did not
 * @first: what it printed, or -1
 * @first_nr: its number
 * @failed: for each line, how many runs it ended; the last: runs that none did
 * @ns: time that each run took
 */
struct tally {
	uint64_t done;
	uint64_t good;
	int status;
	int first;
	uint64_t first_nr;
	uint64_t *failed;
	uint64_t *ns;
};

/* Run it with its output in a file; an exit status. */
static int run_quietly(struct scenario *s, int out)
{
	int saved, status;

	fflush(stdout);
	saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (saved < 0 || dup2(out, STDOUT_FILENO) < 0) {
		hbc_error(s->file, "run: cannot catch its output: %s",
			  strerror(errno));
		if (saved >= 0)
			close(saved);
		return HBC_FAILED;
	}
	status = hbc_scenario_run(s);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	return status;
}

static int one_run(struct scenario *s, struct tally *t)
{
	int out = memfd_create("tap", MFD_CLOEXEC), status;
	uint64_t begin = hbc_now();

	if (out < 0) {
		hbc_error(s->file, "run: cannot catch its output: %s",
			  strerror(errno));
		return HBC_FAILED;
	}
	s->failed = s->nr;
	status = run_quietly(s, out);
	t->ns[t->done++] = hbc_now() - begin;
	t->good += !status;
	if (status)
		t->failed[s->failed]++;
	if (status && t->first < 0) {
		t->first = out;
		t->first_nr = t->done;
		t->status = status;
	} else {
		close(out);
	}
	return HBC_GO_ON;
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static double ms(uint64_t ns)
{
	return (double)ns / 1e6;
}

/* The output of the first run that failed, as comments. */
static void print_first(int out)
{
	int copy = fcntl(out, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	FILE *f = copy < 0 ? NULL : fdopen(copy, "r");
	char line[4096];

	if (!f && copy >= 0)
		close(copy);
	if (!f)
		return;
	rewind(f);
	while (fgets(line, sizeof(line), f))
		printf("#   %s%s", line, strchr(line, '\n') ? "" : "\n");
	fclose(f);
}

static void print_failures(const struct scenario *s, const struct tally *t)
{
	size_t i;

	for (i = 0; i < s->nr; i++)
		if (t->failed[i])
			printf("# %" PRIu64 " ended at %s:%zu: %s\n",
			       t->failed[i], s->file, i + 1, s->text[i]);
	if (t->failed[s->nr])
		printf("# %" PRIu64 " failed before the first line or after the last\n",
		       t->failed[s->nr]);
	printf("# run %" PRIu64 ":\n", t->first_nr);
	print_first(t->first);
}

static int print_result(const struct scenario *s, struct tally *t, uint64_t nr)
{
	bool good = t->good == nr;

	qsort(t->ns, t->done, sizeof(*t->ns), by_size);
	printf("%sok 1 - %s: %" PRIu64 " of %" PRIu64, good ? "" : "not ",
	       s->file, t->good, nr);
	if (t->done)
		printf(", %.1f ms a run (%.1f to %.1f)",
		       ms(t->ns[t->done / 2]), ms(t->ns[0]),
		       ms(t->ns[t->done - 1]));
	printf("%s\n", t->done < nr ? ", interrupted" : "");
	if (t->first >= 0)
		print_failures(s, t);
	printf("1..1\n");
	return good ? HBC_OK : t->status ? t->status : HBC_FAILED;
}

/**
 * hbc_scenario_repeat() - run a scenario that was loaded several times
 * @s: scenario
 * @nr: how often
 *
 * Prints one point, with the median and the spread of the time it took.
 *
 * Return: exit status: of the first run that failed.
 */
int hbc_scenario_repeat(struct scenario *s, uint64_t nr)
{
	struct tally t = {
		.first = -1,
		.failed = calloc(s->nr + 1, sizeof(*t.failed)),
		.ns = calloc(nr, sizeof(*t.ns)),
	};
	int status = t.failed && t.ns ? HBC_GO_ON : hbc_no_memory();

	while (status == HBC_GO_ON && t.done < nr && !hbc_run_stopped)
		status = one_run(s, &t);
	if (status == HBC_GO_ON)
		status = print_result(s, &t, nr);
	if (t.first >= 0)
		close(t.first);
	free(t.failed);
	free(t.ns);
	return status;
}
