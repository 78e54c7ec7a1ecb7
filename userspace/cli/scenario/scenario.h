/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * A scenario as a whole: its lines, and what it prints.
 */
#ifndef HBC_SCENARIO_H
#define HBC_SCENARIO_H

#include <stdio.h>

#include "report.h"

/**
 * struct scenario - a file and the state of its run
 * @run: what its lines work with
 * @file: name
 * @text: lines, without their newlines
 * @line: the same, parsed
 * @nr: how many
 * @given: the device to use instead of making one, or NULL
 * @mode: queue_mode= word for every device line, or NULL
 * @finally: numbers of the lines to do at the end, in the order they were read
 * @nr_finally: how many
 * @failed: number of the first line that failed; @nr: none did
 * @report: time line
 * @points: TAP points so far
 * @signals: their actions before the run
 */
struct scenario {
	struct hbc_run run;
	const char *file;
	char **text;
	struct hbc_line *line;
	size_t nr;
	const char *given;
	char *mode;
	size_t *finally;
	size_t nr_finally;
	size_t failed;
	struct hbc_report report;
	unsigned int points;
	struct hbc_signals signals;
};

/**
 * struct hbc_caught - messages caught in memory
 * @file: what they are written to
 * @text: what was written, once hbc_caught_end() was called; may be NULL
 * @size: bytes of @text
 */
struct hbc_caught {
	FILE *file;
	char *text;
	size_t size;
};

/* load.c */
int hbc_scenario_load(struct scenario *s);
void hbc_scenario_free(struct scenario *s);

/* tap.c */
int hbc_caught_begin(struct hbc_caught *caught);
void hbc_caught_end(struct hbc_caught *caught);
void hbc_tap_point(struct scenario *s, size_t line, int status, char *message);
void hbc_tap_extra(struct scenario *s, const char *about, int status,
		   char *message);

/* scenario.c */
int hbc_scenario_run(struct scenario *s);

/* repeat.c */
int hbc_scenario_repeat(struct scenario *s, uint64_t nr);

/* run_signals.c */
void hbc_run_catch_signals(struct scenario *s);
void hbc_run_ignore_signals(void);
void hbc_run_restore_signals(struct scenario *s);

#endif /* HBC_SCENARIO_H */
