/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Collects what happens while a scenario runs: its lines, what has a name, and
 * the events of the devices, which a session of its own records.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

#define ROOM	65536	/* events that may wait in the driver */

/* Number of a new lane, or of the first one if there is no memory. */
static size_t add_lane(struct hbc_report *report, struct hbc_lane lane)
{
	struct hbc_lane *more = reallocarray(report->lane, report->nr_lanes + 1,
					     sizeof(*more));

	if (!more) {
		hbc_no_memory();
		return 0;
	}
	report->lane = more;
	more[report->nr_lanes] = lane;
	return report->nr_lanes++;
}

static void add(struct hbc_report *report, uint64_t ns, size_t lane,
		enum hbc_state state, const char *text)
{
	struct hbc_record *more = reallocarray(report->record, report->nr + 1,
					       sizeof(*more));

	if (!more) {
		hbc_no_memory();
		return;
	}
	report->record = more;
	more += report->nr++;
	*more = (struct hbc_record){ .ns = ns, .lane = lane, .state = state };
	snprintf(more->text, sizeof(more->text), "%s", text);
}

/** hbc_report_watch() - record the events of a device that was just made */
void hbc_report_watch(struct hbc_report *report, const struct hbc_run *run,
		      size_t dev)
{
	struct libhaltblk **more, *h;
	int r;

	if (!report->name || hbc_handle(&h) != HBC_GO_ON)
		return;
	more = reallocarray(report->watch, dev + 1, sizeof(*more));
	if (!more || hbc_attach(h, run->dev[dev].disk) != HBC_GO_ON) {
		libhaltblk_free(h);
		return;
	}
	report->watch = more;
	while (report->nr_watches < dev)
		more[report->nr_watches++] = NULL;
	more[report->nr_watches++] = h;
	r = libhaltblk_watch(h, (1U << HALTBLK_WHAT_LOST) - 1, ROOM);
	if (r)
		hbc_fail(h, run->dev[dev].disk, "report", r);
}

/** hbc_report_line() - a line has been done, just now */
void hbc_report_line(struct hbc_report *report, const char *label,
		     uint64_t begin, int status)
{
	struct hbc_lane lane = { .kind = HBC_LANE_LINE };
	size_t nr;

	if (!report->name)
		return;
	snprintf(lane.label, sizeof(lane.label), "%s", label);
	nr = add_lane(report, lane);
	add(report, begin, nr, HBC_STATE_RUNS, "begins");
	add(report, hbc_now(), nr, status ? HBC_STATE_FAILED : HBC_STATE_ENDED,
	    status ? "not ok" : "ok");
}

/** hbc_report_io() - requests by name, and commands, before they are forgotten */
void hbc_report_io(struct hbc_report *report, struct hbc_io *io)
{
	const struct hbc_io_entry *e;
	char result[96];
	size_t i, nr;

	if (!report->name || !io)
		return;
	while (hbc_io_pump(io, 0) > 0)
		;
	for (i = 0; (e = hbc_io_at(io, i)); i++) {
		struct hbc_lane lane = { .kind = HBC_LANE_NAME };

		snprintf(lane.label, sizeof(lane.label), "%s %s",
			 hbc_io_word(e->request.op), e->request.name);
		nr = add_lane(report, lane);
		add(report, e->began, nr, HBC_STATE_RUNS, "begins");
		if (!e->order)
			continue;
		hbc_io_result(e, result, sizeof(result));
		add(report, e->ended, nr, strcmp(result, "ok") ?
		    HBC_STATE_FAILED : HBC_STATE_ENDED, result);
	}
}

static const char *word(enum libhaltblk_words which, unsigned int nr)
{
	const char *text = libhaltblk_word(which, nr);

	return text ? text : "?";
}

static size_t lane_of(struct hbc_report *report, const struct hbc_run *run,
		      size_t dev, const struct haltblk_event *e)
{
	struct hbc_lane lane = {
		.kind = HBC_LANE_REQUEST, .dev = dev, .id = e->id,
	};
	size_t i;

	for (i = 0; i < report->nr_lanes; i++)
		if (report->lane[i].kind == lane.kind &&
		    report->lane[i].dev == dev && report->lane[i].id == e->id)
			return i;
	snprintf(lane.label, sizeof(lane.label), "%s%s%s %" PRIu64 "+%" PRIu64,
		 run->dev[dev].name, *run->dev[dev].name ? ": " : "",
		 word(LIBHALTBLK_OPS, e->op), (uint64_t)e->sector,
		 (uint64_t)e->sectors);
	return add_lane(report, lane);
}

static void add_event(struct hbc_report *report, const struct hbc_run *run,
		      size_t dev, const struct haltblk_event *e)
{
	enum hbc_state state = HBC_STATE_RUNS;
	char text[96];

	switch (e->what) {
	case HALTBLK_WHAT_LOST:
		report->lost += e->lost;
		return;
	case HALTBLK_WHAT_HELD:
	case HALTBLK_WHAT_RELEASED:
	case HALTBLK_WHAT_ACTED:
		if (e->what == HALTBLK_WHAT_HELD)
			state = HBC_STATE_HELD;
		snprintf(text, sizeof(text), "%s at %s, %s",
			 word(LIBHALTBLK_WHATS, e->what),
			 word(LIBHALTBLK_EVENTS, e->event), e->tag);
		break;
	case HALTBLK_WHAT_FAILED:
		state = HBC_STATE_FAILED;
		snprintf(text, sizeof(text), "failed, %s",
			 word(LIBHALTBLK_STATUSES, e->status));
		break;
	default:
		if (e->what == HALTBLK_WHAT_COMPLETED)
			state = HBC_STATE_ENDED;
		snprintf(text, sizeof(text), "%s",
			 word(LIBHALTBLK_WHATS, e->what));
	}
	add(report, e->time_ns, lane_of(report, run, dev, e), state, text);
}

/** hbc_report_events() - take the events that have come */
void hbc_report_events(struct hbc_report *report, const struct hbc_run *run)
{
	struct haltblk_event e;
	size_t i;

	for (i = 0; i < report->nr_watches; i++)
		while (report->watch[i] &&
		       libhaltblk_read_event(report->watch[i], &e, sizeof(e),
					     0) == 1)
			add_event(report, run, i, &e);
}

static int by_time(const void *a, const void *b)
{
	const struct hbc_record *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns < y->ns ? -1 : 1;
	return (x->lane > y->lane) - (x->lane < y->lane);
}

static int write_one(const struct hbc_report *report, const char *file,
		     const char *suffix,
		     void (*draw)(const struct hbc_report *report,
				  const char *file, FILE *f))
{
	char *path;
	FILE *f;
	int r;

	if (asprintf(&path, "%s%s", report->name, suffix) < 0)
		return hbc_no_memory();
	f = fopen(path, "we");
	r = f ? 0 : -errno;
	if (f) {
		draw(report, file, f);
		r = ferror(f) ? -EIO : 0;
		if (fclose(f) && !r)
			r = -errno;
	}
	if (r)
		hbc_error(path, "report: cannot write: %s", strerror(-r));
	free(path);
	return r ? HBC_FAILED : HBC_OK;
}

/**
 * hbc_report_end() - write the report, and free it
 * @report: report
 * @file: name of the scenario
 *
 * Return: exit status.
 */
int hbc_report_end(struct hbc_report *report, const char *file)
{
	int status = HBC_OK;

	while (report->nr_watches)
		libhaltblk_free(report->watch[--report->nr_watches]);
	if (report->name) {
		if (report->nr)
			qsort(report->record, report->nr,
			      sizeof(*report->record), by_time);
		status = write_one(report, file, ".txt", hbc_report_text);
		if (!status)
			status = write_one(report, file, ".svg",
					   hbc_report_svg);
	}
	free(report->watch);
	free(report->lane);
	free(report->record);
	*report = (struct hbc_report){ .name = report->name };
	return status;
}
