/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * A time line as text, and as a picture that needs nothing else.
 *
 * In the picture every record has a column of its own: the order is what
 * matters, and a wait of a second beside steps of a microsecond would hide it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report.h"

#define LABEL	330	/* width of the labels */
#define LETTERS	46	/* of a label that fit */
#define ROW	18	/* height of a lane */
#define TOP	46	/* above the first one */
#define STEP	26	/* width of a column, if they are few */
#define MOST	2400	/* width of all columns, if they are many */

static double ms(const struct hbc_report *report, const struct hbc_record *r)
{
	return (double)(r->ns - report->record[0].ns) / 1e6;
}

static const char *kind(const struct hbc_lane *lane)
{
	switch (lane->kind) {
	case HBC_LANE_LINE:
		return "line";
	case HBC_LANE_NAME:
		return "name";
	default:
		return "driver";
	}
}

/** hbc_report_text() - a line for each record */
void hbc_report_text(const struct hbc_report *report, const char *file, FILE *f)
{
	const struct hbc_record *r = report->record;
	size_t i;

	fprintf(f, "# %s\n# ms what lane: what happened\n", file);
	for (i = 0; i < report->nr; i++, r++)
		fprintf(f, "%10.3f  %-6s  %s: %s\n", ms(report, r),
			kind(&report->lane[r->lane]),
			report->lane[r->lane].label, r->text);
	if (report->lost)
		fprintf(f, "# %" PRIu64 " events found no room\n",
			report->lost);
}

/* Bytes that are not ASCII may be no UTF-8, which would spoil the picture. */
static void put_text(const char *text, FILE *f)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (strchr("<>&\"", c))
			fprintf(f, "&#%d;", c);
		else
			fputc(c < ' ' || c > '~' ? '?' : c, f);
	}
}

static const char *colour(enum hbc_state state, enum hbc_lane_kind lane)
{
	if (state == HBC_STATE_HELD)
		return "#f0a030";
	return lane == HBC_LANE_LINE ? "#b8c4d0" :
	       lane == HBC_LANE_NAME ? "#9ccc9c" : "#7ab0e0";
}

static double column(const struct hbc_report *report, size_t i)
{
	double step = (double)MOST / (double)(report->nr ? report->nr : 1);

	return LABEL + (double)i * (step < STEP ? step : STEP);
}

/* The next record of the same lane, or the end. */
static size_t next_of(const struct hbc_report *report, size_t i)
{
	size_t j;

	for (j = i + 1; j < report->nr; j++)
		if (report->record[j].lane == report->record[i].lane)
			break;
	return j;
}

static void draw_record(const struct hbc_report *report, size_t i, int y,
			FILE *f)
{
	const struct hbc_record *r = &report->record[i];
	double x = column(report, i);

	fprintf(f, "<g><title>%.3f ms: ", ms(report, r));
	put_text(report->lane[r->lane].label, f);
	fputs(": ", f);
	put_text(r->text, f);
	fputs("</title>", f);
	if (r->state == HBC_STATE_RUNS || r->state == HBC_STATE_HELD)
		fprintf(f, "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
			x, y + 2, column(report, next_of(report, i)) - x,
			ROW - 4, colour(r->state, report->lane[r->lane].kind));
	else
		fprintf(f, "<circle cx=\"%.1f\" cy=\"%d\" r=\"4\" fill=\"%s\"/>",
			x, y + ROW / 2, r->state == HBC_STATE_FAILED ?
			"#d03030" : "#308030");
	fputs("</g>\n", f);
}

static void draw_lane(const struct hbc_report *report, size_t lane, int y,
		      FILE *f)
{
	char label[LETTERS + 1];
	size_t i;

	snprintf(label, sizeof(label), "%.*s", LETTERS,
		 report->lane[lane].label);
	fprintf(f, "<text x=\"6\" y=\"%d\">", y + 13);
	put_text(label, f);
	fputs("</text>\n", f);
	for (i = 0; i < report->nr; i++)
		if (report->record[i].lane == lane)
			draw_record(report, i, y, f);
}

static void draw_times(const struct hbc_report *report, int bottom, FILE *f)
{
	size_t i, every = report->nr > 24 ? report->nr / 12 : 2;

	for (i = 0; i < report->nr; i += every)
		fprintf(f, "<path d=\"M%.1f %dV%d\" stroke=\"#e4e4e4\"/><text x=\"%.1f\" y=\"%d\" fill=\"#666\">%.3f</text>\n",
			column(report, i), TOP - 4, bottom, column(report, i),
			TOP - 8, ms(report, &report->record[i]));
}

/** hbc_report_svg() - a lane for each thing, a column for each record */
void hbc_report_svg(const struct hbc_report *report, const char *file, FILE *f)
{
	int y = TOP, k, bottom = TOP + (int)report->nr_lanes * ROW;
	size_t i;

	fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%d\" font-family=\"monospace\" font-size=\"11\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n<text x=\"6\" y=\"16\" font-size=\"14\">",
		column(report, report->nr) + 60, bottom + 12);
	put_text(file, f);
	fprintf(f, "</text>\n<text x=\"6\" y=\"%d\" fill=\"#666\">ms; a column for each record; orange: held</text>\n",
		TOP - 8);
	draw_times(report, bottom, f);
	for (k = HBC_LANE_LINE; k <= HBC_LANE_REQUEST; k++) {
		for (i = 0; i < report->nr_lanes; i++) {
			if (report->lane[i].kind != (enum hbc_lane_kind)k)
				continue;
			draw_lane(report, i, y, f);
			y += ROW;
		}
	}
	fputs("</svg>\n", f);
}
