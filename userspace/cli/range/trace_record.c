/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Parses the text of the function-graph tracer, with kretprobe events in it,
 * line by line into calls and returns. Pure: opens nothing.
 *
 *	 0)               |  blkdev_ioctl() {
 *	 0)               |    blkdev_common_ioctl() {
 *	 0)   0.204 us    |      blk_validate_byte_range();
 *	 0)   1.377 us    |    }
 *
 * An event is a comment there: "blkdev_common_ioctl: (blkdev_ioctl+0x1a/0x20 <-
 * blkdev_common_ioctl) ret=-22".
 *
 * A new outermost call begins a new record, so only the last one is left at
 * the end; in a process that stops at its first failure, that is the one that
 * failed.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tracefs.h"

#define MOST_CALLS	20000
#define MOST_RETURNS	256

/* Where the block layer is entered. */
static const char *const roots[] = { "blkdev_ioctl", "blkdev_open" };

int hbc_record_init(struct hbc_record *record)
{
	memset(record, 0, sizeof(*record));
	record->open = -1;
	record->calls = calloc(MOST_CALLS, sizeof(*record->calls));
	record->returns = calloc(MOST_RETURNS, sizeof(*record->returns));
	return record->calls && record->returns ? 0 : -ENOMEM;
}

void hbc_record_free(struct hbc_record *record)
{
	free(record->calls);
	free(record->returns);
	memset(record, 0, sizeof(*record));
}

static bool is_root(const char *name)
{
	size_t i;

	for (i = 0; i < HBC_ARRAY_SIZE(roots); i++)
		if (!strcmp(name, roots[i]))
			return true;
	return false;
}

static void set_name(char name[HBC_TRACE_NAME], const char *from, size_t len)
{
	if (len >= HBC_TRACE_NAME)
		len = HBC_TRACE_NAME - 1;
	memcpy(name, from, len);
	name[len] = '\0';
}

static void begin(struct hbc_record *record, const char *text, bool leaf)
{
	char name[HBC_TRACE_NAME];
	struct hbc_call *call;

	set_name(name, text, strcspn(text, "( "));
	if (record->open < 0) {
		if (!is_root(name))
			return;
		record->nr_calls = record->nr_returns = record->lost = 0;
	}
	if (record->nr_calls == MOST_CALLS) {
		/* Count it, or its end would be taken for its caller's. */
		record->lost += !leaf;
		return;
	}
	call = &record->calls[record->nr_calls];
	strcpy(call->name, name);
	call->parent = record->open;
	if (!leaf)
		record->open = record->nr_calls;
	record->nr_calls++;
}

static void end(struct hbc_record *record)
{
	if (record->lost)
		record->lost--;
	else if (record->open >= 0)
		record->open = record->calls[record->open].parent;
}

static void returned(struct hbc_record *record, const char *text)
{
	const char *name = strstr(text, " <- "), *ret = strstr(text, " ret=");
	struct hbc_return *r = &record->returns[record->nr_returns];

	if (!name || !ret || record->nr_returns == MOST_RETURNS)
		return;
	name += strlen(" <- ");
	set_name(r->name, name, strcspn(name, ") +"));
	r->ret = (int)strtol(ret + strlen(" ret="), NULL, 10);
	r->calls = record->nr_calls;
	if (r->ret < 0)
		record->nr_returns++;
}

/** hbc_record_line() - add a line of the trace */
void hbc_record_line(struct hbc_record *record, char *line)
{
	char *text = strrchr(line, '|');

	if (*line == '#' || !text)
		return;
	if (strstr(line, "==========>")) {
		record->irq++;
		return;
	}
	if (strstr(line, "<==========")) {
		if (record->irq)
			record->irq--;
		return;
	}
	for (text++; isspace((unsigned char)*text); text++)
		;
	text[strcspn(text, "\n")] = '\0';
	if (!strncmp(text, "/*", 2))
		returned(record, text);
	else if (record->irq)
		return;
	else if (*text == '}')
		end(record);
	else if (strchr(text, '('))
		begin(record, text, !strchr(text, '{'));
}

/** hbc_record_first() - the first return of @ret; NULL if there is none */
const struct hbc_return *hbc_record_first(const struct hbc_record *record,
					  int ret)
{
	int i;

	for (i = 0; i < record->nr_returns; i++)
		if (record->returns[i].ret == ret)
			return &record->returns[i];
	return NULL;
}

/** hbc_record_find() - the call that a return belongs to; -1 if not recorded */
int hbc_record_find(const struct hbc_record *record,
		    const struct hbc_return *ret)
{
	int i;

	for (i = ret->calls - 1; i >= 0; i--)
		if (!strcmp(record->calls[i].name, ret->name))
			return i;
	return -1;
}
