/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Reads a scenario. Every line is checked before the first one is executed: a
 * typo must not waste a run.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

static int add_line(struct scenario *s, const char *line)
{
	char **more = reallocarray(s->text, s->nr + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	s->text = more;
	more[s->nr] = strdup(line);
	if (!more[s->nr])
		return -ENOMEM;
	s->nr++;
	return 1;
}

static int read_lines(struct scenario *s, FILE *f, size_t *nr)
{
	struct hbc_lines lines = { .file = f };
	char *line;
	int r;

	do {
		r = hbc_lines_next(&lines, &line);
		if (r > 0)
			r = add_line(s, line);
	} while (r > 0);
	hbc_lines_end(&lines);
	*nr = lines.nr;
	return r;
}

static int read_file(struct scenario *s)
{
	FILE *f = strcmp(s->file, "-") ? fopen(s->file, "re") : stdin;
	size_t nr = 0;
	int r;

	r = f ? read_lines(s, f, &nr) : -errno;
	if (f && f != stdin)
		fclose(f);
	if (!r)
		return HBC_GO_ON;
	if (r == -EILSEQ) {
		fprintf(stderr, "haltblk: %s:%zu: %s\n", s->file, nr,
			hbc_lines_why(r));
		return HBC_USAGE;
	}
	hbc_error(s->file, "run: cannot read the scenario: %s", hbc_lines_why(r));
	return HBC_FAILED;
}

/* Device lines come before all others. */
static int check_place(struct scenario *s, struct hbc_line *line)
{
	const struct hbc_line *before;

	if (!line->kind->is_device)
		return HBC_OK;
	for (before = s->line; before != line; before++) {
		if (!before->kind || before->kind->is_device)
			continue;
		hbc_error("device", "this line must come before all others");
		return HBC_USAGE;
	}
	return hbc_device_declare(&s->run, line);
}

static int parse_line(struct scenario *s, size_t i)
{
	struct hbc_line *line = &s->line[i];
	int status = hbc_line_parse(&s->run, s->text[i], line);

	if (status == HBC_OK)
		status = check_place(s, line);
	if (status == HBC_OK && line->kind->check)
		status = line->kind->check(line);
	return status;
}

static int check_line(struct scenario *s, size_t i)
{
	struct hbc_caught caught;
	int status = hbc_caught_begin(&caught);

	if (status != HBC_GO_ON)
		return status;
	status = parse_line(s, i);
	hbc_caught_end(&caught);
	if (status > HBC_OK)
		fprintf(stderr, "haltblk: %s:%zu: %s", s->file, i + 1,
			caught.text ? caught.text + strlen("haltblk: ") : "\n");
	free(caught.text);
	return status > HBC_OK ? status : HBC_GO_ON;
}

/**
 * hbc_scenario_load() - read a scenario and check its lines
 * @s: scenario; hbc_scenario_free() frees it, whatever is returned
 *
 * Return: HBC_GO_ON, or an exit status.
 */
int hbc_scenario_load(struct scenario *s)
{
	int status = read_file(s);
	size_t i;

	if (status != HBC_GO_ON || !s->nr)
		return status;
	s->line = calloc(s->nr, sizeof(*s->line));
	if (!s->line)
		return hbc_no_memory();
	for (i = 0; i < s->nr && status == HBC_GO_ON; i++)
		status = check_line(s, i);
	return status;
}

/** hbc_scenario_free() - free what hbc_scenario_load() made */
void hbc_scenario_free(struct scenario *s)
{
	while (s->nr) {
		s->nr--;
		if (s->line)
			hbc_line_free(&s->line[s->nr]);
		free(s->text[s->nr]);
	}
	free(s->line);
	free(s->text);
	free(s->run.dev);
}
