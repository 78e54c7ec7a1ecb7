/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The kernel log since the scenario began. By default a scenario fails if it
 * has what the test runner calls a failure: both read one list, which is in
 * scripts/lib/kernel-reports.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "run.h"

static const char *const reports[] = {
#include "kernel-reports.h"
};

#define AFTER	10	/* lines shown after a failure */

/* Compile a pattern; an exit status, after a message. */
static int compile(const char *text, regex_t *pattern)
{
	char why[128];
	int r = regcomp(pattern, text, REG_EXTENDED | REG_NOSUB);

	if (!r)
		return HBC_OK;
	regerror(r, pattern, why, sizeof(why));
	hbc_error("expect", "%s: not an extended regular expression: %s", text,
		  why);
	return HBC_USAGE;
}

/** hbc_log_is_failure() - whether the test runner calls a line a failure */
bool hbc_log_is_failure(const char *line)
{
	static regex_t pattern[HBC_ARRAY_SIZE(reports)];
	static bool compiled;
	size_t i;

	for (i = 0; i < HBC_ARRAY_SIZE(reports); i++) {
		if (!compiled && regcomp(&pattern[i], reports[i],
					 REG_EXTENDED | REG_NOSUB))
			abort();	/* a test compiles them all */
	}
	compiled = true;
	for (i = 0; i < HBC_ARRAY_SIZE(reports); i++)
		if (!regexec(&pattern[i], line, 0, NULL, 0))
			return true;
	return false;
}

/** hbc_log_open() - from now on the lines count; without a log nothing does */
void hbc_log_open(struct hbc_log *log)
{
	*log = (struct hbc_log){ 0 };
	log->fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (log->fd >= 0)
		lseek(log->fd, 0, SEEK_END);
}

/** hbc_log_close() - free its lines */
void hbc_log_close(struct hbc_log *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
	while (log->nr)
		free(log->line[--log->nr]);
	free(log->line);
	log->line = NULL;
}

/* PRIORITY,NUMBER,TIME,FLAGS;TEXT, and then lines of other things. */
static void add(struct hbc_log *log, char *record)
{
	char *text = strchr(record, ';');
	char **more = text ? reallocarray(log->line, log->nr + 1,
					  sizeof(*more)) : NULL;

	if (!more) {
		log->lost |= !!text;
		return;
	}
	log->line = more;
	text++;
	text[strcspn(text, "\n")] = '\0';
	more[log->nr] = strdup(text);
	if (more[log->nr])
		log->nr++;
	else
		log->lost = true;
}

/** hbc_log_read() - read the lines that have come */
void hbc_log_read(struct hbc_log *log)
{
	char record[8192];
	ssize_t n;

	while (log->fd >= 0) {
		n = read(log->fd, record, sizeof(record) - 1);
		if (n < 0 && errno == EPIPE)
			log->lost = true;
		else if (n < 0 && errno != EINTR)
			return;
		if (n <= 0)
			continue;
		record[n] = '\0';
		add(log, record);
	}
}

/* The first line that fits, or NULL. */
static const char *find(struct hbc_log *log, const regex_t *pattern)
{
	size_t i;

	hbc_log_read(log);
	for (i = 0; i < log->nr; i++)
		if (!regexec(pattern, log->line[i], 0, NULL, 0))
			return log->line[i];
	return NULL;
}

int hbc_expect_check_log(const struct hbc_line *line)
{
	regex_t pattern;
	int status = compile(line->args[0], &pattern);

	if (!status)
		regfree(&pattern);
	return status;
}

static int no_log(const struct hbc_log *log)
{
	if (log->fd >= 0)
		return HBC_OK;
	hbc_error("expect", "log: cannot read /dev/kmsg: it needs root and a kernel with CONFIG_PRINTK");
	return HBC_FAILED;
}

static int wait_for(struct hbc_run *run, const char *text,
		    const regex_t *pattern)
{
	const struct timespec nap = { .tv_nsec = 5000000 };
	uint64_t begin = hbc_now();
	const char *found;
	bool late;

	for (;;) {
		late = hbc_now() - begin >= run->timeout_ns;
		found = find(&run->log, pattern);
		if (found) {
			run->log.expected |= hbc_log_is_failure(found);
			return HBC_OK;
		}
		if (late || hbc_run_stopped)
			break;
		nanosleep(&nap, NULL);
	}
	hbc_error("expect", "log: %s: %s: no line of the kernel log fits", text,
		  late ? "timed out" : "interrupted");
	return late ? HBC_TIMEOUT : HBC_FAILED;
}

/** hbc_expect_log() - PATTERN */
int hbc_expect_log(struct hbc_run *run, const struct hbc_line *line)
{
	regex_t pattern;
	int status = no_log(&run->log);

	if (!status)
		status = compile(line->args[0], &pattern);
	if (status)
		return status;
	status = wait_for(run, line->args[0], &pattern);
	regfree(&pattern);
	return status;
}

/** hbc_expect_nolog() - PATTERN */
int hbc_expect_nolog(struct hbc_run *run, const struct hbc_line *line)
{
	regex_t pattern;
	const char *found;
	int status = no_log(&run->log);

	if (!status)
		status = compile(line->args[0], &pattern);
	if (status)
		return status;
	found = find(&run->log, &pattern);
	regfree(&pattern);
	if (found) {
		hbc_error("expect", "nolog: the kernel log has: %s", found);
		return HBC_FAILED;
	}
	if (run->log.lost) {
		hbc_error("expect", "nolog: the kernel log overflowed, so it may have had such a line; see log_buf_len= in kernel-parameters");
		return HBC_FAILED;
	}
	return HBC_OK;
}

/**
 * hbc_log_check() - look for failures that no line has asked for
 * @log: log
 *
 * Return: HBC_OK; HBC_FAILED after messages: the failure and some lines.
 */
int hbc_log_check(struct hbc_log *log)
{
	size_t i, end = 0;

	hbc_log_read(log);
	for (i = 0; i < log->nr && !log->expected; i++) {
		if (hbc_log_is_failure(log->line[i]))
			end = i + 1 + AFTER;
		if (i < end)
			fprintf(hbc_message_file(), "%s\n", log->line[i]);
	}
	return end ? HBC_FAILED : HBC_OK;
}
