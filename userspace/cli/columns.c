/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Cells collected row by row and printed in aligned columns.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

struct hbc_columns {
	unsigned int nr;	/* columns */
	size_t cells;
	size_t room;
	char **cell;
	bool failed;		/* memory ran out */
};

struct hbc_columns *hbc_columns_new(unsigned int nr)
{
	struct hbc_columns *columns = calloc(1, sizeof(*columns));

	if (columns)
		columns->nr = nr;
	return columns;
}

/** hbc_columns_add() - the next cell; "" prints as "-" */
void hbc_columns_add(struct hbc_columns *columns, const char *fmt, ...)
{
	char *text, **more;
	va_list ap;

	if (!columns || columns->failed)
		return;
	if (columns->cells == columns->room) {
		columns->room = columns->room ? columns->room * 2 : 64;
		more = reallocarray(columns->cell, columns->room,
				    sizeof(*more));
		if (!more) {
			columns->failed = true;
			return;
		}
		columns->cell = more;
	}
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0) {
		text = NULL;
		columns->failed = true;
	}
	va_end(ap);
	columns->cell[columns->cells++] = text;
}

static const char *cell(const struct hbc_columns *columns, size_t i)
{
	const char *text = columns->cell[i];

	return text && *text ? text : "-";
}

static int width(const struct hbc_columns *columns, size_t column)
{
	size_t most = 0, len, i;

	for (i = column; i < columns->cells; i += columns->nr) {
		len = strlen(cell(columns, i));
		if (len > most)
			most = len;
	}
	return (int)most;
}

static void free_all(struct hbc_columns *columns)
{
	size_t i;

	for (i = 0; i < columns->cells; i++)
		free(columns->cell[i]);
	free(columns->cell);
	free(columns);
}

/** hbc_columns_print() - print and free; prints nothing if memory ran out */
void hbc_columns_print(struct hbc_columns *columns)
{
	int widths[16];
	size_t i;

	if (!columns || columns->failed)
		hbc_no_memory();
	if (!columns)
		return;
	for (i = 0; i < columns->nr && i < HBC_ARRAY_SIZE(widths); i++)
		widths[i] = width(columns, i);
	for (i = 0; i < columns->cells && !columns->failed; i++) {
		size_t column = i % columns->nr;

		if (column + 1 < columns->nr)
			printf("%-*s  ", widths[column], cell(columns, i));
		else
			printf("%s\n", cell(columns, i));
	}
	free_all(columns);
}
