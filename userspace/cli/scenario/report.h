/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * run --report: what happened when.
 */
#ifndef HBC_REPORT_H
#define HBC_REPORT_H

#include "run.h"

enum hbc_lane_kind {
	HBC_LANE_LINE,		/* a line of the scenario */
	HBC_LANE_NAME,		/* a named request or a command */
	HBC_LANE_REQUEST,	/* a request in the driver */
};

/**
 * enum hbc_state - what something does until its next record
 * @HBC_STATE_ENDED: nothing any more; it ended well
 * @HBC_STATE_FAILED: nothing any more; it did not
 * @HBC_STATE_RUNS: it runs, or is in the driver
 * @HBC_STATE_HELD: a rule holds it
 */
enum hbc_state {
	HBC_STATE_ENDED,
	HBC_STATE_FAILED,
	HBC_STATE_RUNS,
	HBC_STATE_HELD,
};

/**
 * struct hbc_lane - something that takes time
 * @kind: what
 * @label: its name
 * @dev: device of a request
 * @id: its id
 */
struct hbc_lane {
	enum hbc_lane_kind kind;
	char label[96];
	size_t dev;
	uint64_t id;
};

/**
 * struct hbc_record - a moment at which one changed
 * @ns: CLOCK_MONOTONIC
 * @lane: number of its lane
 * @state: from now on
 * @text: what happened
 */
struct hbc_record {
	uint64_t ns;
	size_t lane;
	enum hbc_state state;
	char text[96];
};

/**
 * struct hbc_report - a time line
 * @name: of the files, without .txt and .svg; NULL: no report is wanted
 * @lane: lanes, in the order they began
 * @nr_lanes: how many
 * @record: records
 * @nr: how many
 * @watch: for each device, the handle that its events come from
 * @nr_watches: how many
 * @lost: events that found no room
 */
struct hbc_report {
	const char *name;
	struct hbc_lane *lane;
	size_t nr_lanes;
	struct hbc_record *record;
	size_t nr;
	struct libhaltblk **watch;
	size_t nr_watches;
	uint64_t lost;
};

/* report.c */
void hbc_report_watch(struct hbc_report *report, const struct hbc_run *run,
		      size_t dev);
void hbc_report_line(struct hbc_report *report, const char *label,
		     uint64_t begin, int status);
void hbc_report_io(struct hbc_report *report, struct hbc_io *io);
void hbc_report_events(struct hbc_report *report, const struct hbc_run *run);
int hbc_report_end(struct hbc_report *report, const char *file);

/* report_draw.c */
void hbc_report_text(const struct hbc_report *report, const char *file, FILE *f);
void hbc_report_svg(const struct hbc_report *report, const char *file, FILE *f);

#endif /* HBC_REPORT_H */
