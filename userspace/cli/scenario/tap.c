/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * What a scenario prints: a point for each line, and messages as comments.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

/** hbc_caught_begin() - catch messages; HBC_GO_ON, or an exit status */
int hbc_caught_begin(struct hbc_caught *caught)
{
	caught->text = NULL;
	caught->file = open_memstream(&caught->text, &caught->size);
	if (!caught->file)
		return hbc_no_memory();
	hbc_messages_to(caught->file);
	return HBC_GO_ON;
}

/** hbc_caught_end() - messages go where they went before */
void hbc_caught_end(struct hbc_caught *caught)
{
	hbc_messages_to(NULL);
	if (!fclose(caught->file) && caught->text)
		return;
	hbc_no_memory();
	free(caught->text);
	caught->text = NULL;
}

static void print_requests(struct hbc_run *run)
{
	const struct hbc_io_entry *e;
	char result[96];
	size_t i;

	while (run->io && hbc_io_pump(run->io, 0) > 0)
		;
	for (i = 0; run->io && (e = hbc_io_at(run->io, i)); i++) {
		strcpy(result, e->request.op == HBC_IO_COMMAND ? "running" :
								 "in flight");
		if (e->order)
			hbc_io_result(e, result, sizeof(result));
		printf("# %s: %s\n", e->request.name, result);
	}
}

/* Every line of a message as a comment. */
static void print_comment(char *message)
{
	char *line;

	while ((line = strsep(&message, "\n")))
		if (*line)
			printf("# %s\n", line);
}

/*
 * Print the description of a point: the line without its comment. In TAP a
 * bare # begins a directive, and "# todo" would hide a failure.
 */
static void print_about(const char *text, bool shell)
{
	const char *end = text + (shell ? strlen(text) : hbc_line_length(text));

	while (end > text && strchr(" \t", end[-1]))
		end--;
	for (; text < end; text++)
		printf(*text == '#' ? "\\#" : "%c", *text);
	putchar('\n');
}

/* What commands have printed that no line has asked about. */
static void print_output(struct hbc_run *run)
{
	struct hbc_caught caught;
	size_t i;

	if (!run->nr_started || hbc_caught_begin(&caught) != HBC_GO_ON)
		return;
	for (i = 0; i < run->nr_started; i++)
		hbc_started_print(&run->started[i]);
	hbc_caught_end(&caught);
	print_comment(caught.text);
	free(caught.text);
}

/**
 * hbc_tap_point() - print the point of a line
 * @s: scenario
 * @line: its number, from 0
 * @status: exit status of the line
 * @message: what it said; modified
 */
void hbc_tap_point(struct scenario *s, size_t line, int status, char *message)
{
	const char *text = s->text[line] + strspn(s->text[line], " \t");

	printf("%sok %u - ", status ? "not " : "", ++s->points);
	print_about(text, s->line[line].kind->shell);
	if (status)
		printf("# %s:%zu: %s\n", s->file, line + 1, text);
	print_comment(message);
	if (status) {
		print_requests(&s->run);
		print_output(&s->run);
	}
	fflush(stdout);
}

/** hbc_tap_extra() - print a point that is not of a line */
void hbc_tap_extra(struct scenario *s, const char *about, int status,
		   char *message)
{
	printf("%sok %u - %s\n", status ? "not " : "", ++s->points, about);
	print_comment(message);
	fflush(stdout);
}
