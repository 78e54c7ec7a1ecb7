/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * A scenario from its first line to its end.
 *
 * The rules belong to sessions, so however a run ends, they are removed and
 * what they hold is released. The first failure ends the run, because later
 * lines build on the one that failed. Any signal that can be caught ends it
 * and leaves nothing behind; the next run removes what SIGKILL left.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "scenario.h"

static int do_words(struct scenario *s, const struct hbc_line *line)
{
	int status;

	if (!line->kind->is_device)
		return line->kind->run(&s->run, line);
	status = hbc_device_make(&s->run.dev[line->dev], line, s->mode);
	if (!status)
		hbc_report_watch(&s->report, &s->run, line->dev);
	return status;
}

static int do_line(struct scenario *s, size_t i)
{
	struct hbc_caught caught;
	int status = hbc_caught_begin(&caught);
	uint64_t begin = hbc_now();

	if (status != HBC_GO_ON)
		return status;
	status = do_words(s, &s->line[i]);
	hbc_report_line(&s->report, s->text[i], begin, status);
	hbc_report_events(&s->report, &s->run);
	hbc_caught_end(&caught);
	if (status && s->failed == s->nr)
		s->failed = i;
	hbc_tap_point(s, i, status, caught.text);
	free(caught.text);
	return status;
}

/* The lines that follow @i without a gap and are to be done at the end. */
static void remember_finally(struct scenario *s, size_t i)
{
	for (; i < s->nr; i++) {
		if (!s->line[i].kind)
			continue;
		if (!s->line[i].kind->is_finally)
			break;
		s->finally[s->nr_finally++] = i;
	}
}

static int next_line(struct scenario *s, size_t i)
{
	const struct hbc_line *line = &s->line[i];

	if (!line->kind || (s->given && line->kind->is_device))
		return HBC_OK;
	if (line->kind->is_finally) {
		s->finally[s->nr_finally++] = i;
		return HBC_OK;
	}
	return do_line(s, i);
}

static int do_lines(struct scenario *s)
{
	int status = HBC_OK;
	size_t i;

	for (i = 0; i < s->nr && !status && !hbc_run_stopped; i++) {
		status = next_line(s, i);
		/* Nobody would see the rest; hbc_main() reports the error. */
		if (!status && ferror(stdout))
			status = HBC_FAILED;
	}
	/* The line that was done has set up what these take down. */
	if (hbc_run_stopped)
		remember_finally(s, i);
	else if (status && i < s->nr)
		printf("# lines after %s:%zu were not run\n", s->file, i);
	return status;
}

static void stop_io(struct scenario *s)
{
	hbc_report_io(&s->report, s->run.io);
	if (s->run.io)
		hbc_io_stop(s->run.io, 5 * HBC_NSEC);
	s->run.io = NULL;
}

/* Processes and requests that may still have something open end before that. */
static int do_finally(struct scenario *s)
{
	int status = HBC_OK, r;

	if (!s->nr_finally)
		return HBC_OK;
	stop_io(s);
	hbc_run_end_shells(&s->run, 5 * HBC_NSEC);
	while (s->nr_finally) {
		r = do_line(s, s->finally[--s->nr_finally]);
		status = status ? status : r;
	}
	return status;
}

static int destroy(struct scenario *s)
{
	size_t i = s->run.nr_devs;
	int r = 0;

	while (i)
		r = hbc_device_destroy(&s->run.dev[--i]) ? -1 : r;
	return r;
}

/* A point only if the kernel has reported a failure. */
static int check_log(struct scenario *s, int status)
{
	struct hbc_caught caught;
	int r = hbc_caught_begin(&caught);

	if (r != HBC_GO_ON)
		return r;
	r = hbc_log_check(&s->run.log);
	hbc_caught_end(&caught);
	if (r)
		hbc_tap_extra(s, "the kernel reported no failure", r,
			      caught.text);
	free(caught.text);
	return status ? status : r;
}

/*
 * Close the sessions first: that releases what they hold, so that the I/O
 * process and what the shells have left can end. Those that may have a device
 * open get a moment to end before it is destroyed, which releases whatever else
 * is held.
 */
static int end(struct scenario *s, int status)
{
	int stopped = hbc_run_stopped, r;
	size_t i;

	fflush(stdout);
	hbc_run_ignore_signals();
	hbc_run_stopped = 0;
	for (i = 0; i < s->run.nr_devs; i++)
		hbc_device_release(&s->run.dev[i]);
	hbc_run_end_shells(&s->run, HBC_NSEC);
	r = do_finally(s);
	status = status ? status : r;
	hbc_report_events(&s->report, &s->run);
	r = destroy(s);
	stop_io(s);
	status = check_log(s, status);
	if (stopped)
		printf("Bail out! interrupted by a signal\n");
	printf("1..%u\n", s->points);
	fflush(stdout);
	if (!hbc_run_end_shells(&s->run, 5 * HBC_NSEC))
		hbc_error(s->file, "run: a process left by a shell command does not die; it waits in the kernel");
	free(s->run.keeper);
	s->run.keeper = NULL;
	s->run.nr_keepers = 0;
	hbc_started_free(&s->run);
	hbc_log_close(&s->run.log);
	hbc_run_stopped = stopped;
	hbc_run_restore_signals(s);
	return (r || stopped) && !status ? HBC_FAILED : status;
}

/* The scenario has one device, which is there. */
static int use_given(struct scenario *s)
{
	if (!s->run.nr_devs) {
		s->run.dev = calloc(1, sizeof(*s->run.dev));
		if (!s->run.dev)
			return hbc_no_memory();
		s->run.nr_devs = 1;
		s->run.dev->lock = -1;
	}
	return hbc_device_use(s->run.dev, s->given);
}

/** hbc_scenario_run() - run a scenario that was loaded; an exit status */
int hbc_scenario_run(struct scenario *s)
{
	int status = HBC_OK, r;

	s->points = 0;
	s->failed = s->nr;
	s->nr_finally = 0;
	s->run.pid = getpid();
	s->run.life[0] = s->run.life[1] = -1;
	s->finally = calloc(s->nr + 1, sizeof(*s->finally));
	if (!s->finally)
		return hbc_no_memory();
	hbc_run_catch_signals(s);
	hbc_run_own_clean();
	hbc_log_open(&s->run.log);
	if (s->given)
		status = use_given(s);
	if (s->given && !status)
		hbc_report_watch(&s->report, &s->run, 0);
	if (!status) {
		status = end(s, do_lines(s));
	} else {
		destroy(s);
		hbc_log_close(&s->run.log);
		hbc_run_restore_signals(s);
	}
	free(s->finally);
	r = hbc_report_end(&s->report, s->file);
	return status ? status : r;
}
