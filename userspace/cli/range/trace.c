/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * --explain=trace: the path of a failed call through the kernel, and the
 * function in which its errno first appeared.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "tracefs.h"

#define MOST_DEPTH	64
#define MOST_SHOWN	24	/* calls made by the last function */

/**
 * struct hbc_trace - a traced call
 * @fs: the tracer while it is on, else NULL
 * @note: what is missing, or ""
 * @record: what it recorded
 * @err: errno to look for
 * @first: its first return; NULL if no watched function returned it
 * @path: calls from the outermost to that one
 * @nr_path: how many
 */
struct hbc_trace {
	struct hbc_tracefs *fs;
	char note[256];
	struct hbc_record record;
	int err;
	const struct hbc_return *first;
	int path[MOST_DEPTH];
	int nr_path;
};

/**
 * hbc_trace_start() - trace a process until hbc_trace_stop()
 * @trace: out; NULL on an error
 * @pid: process
 * @why: out: reason of an error
 * @size: bytes of @why
 */
int hbc_trace_start(struct hbc_trace **trace, pid_t pid, char *why, size_t size)
{
	struct hbc_trace *t = calloc(1, sizeof(*t));
	int r = -ENOMEM;

	*trace = NULL;
	snprintf(why, size, "out of memory");
	if (!t || hbc_record_init(&t->record))
		goto failed;
	r = hbc_tracefs_start(&t->fs, pid, why, size);
	if (r)
		goto failed;
	snprintf(t->note, sizeof(t->note), "%s", hbc_tracefs_note(t->fs));
	*trace = t;
	return 0;
failed:
	hbc_trace_free(t);
	return r;
}

/** hbc_trace_stop() - switch the tracer off; @trace may be NULL, or stopped */
void hbc_trace_stop(struct hbc_trace *trace)
{
	if (!trace || !trace->fs)
		return;
	hbc_tracefs_stop(trace->fs, &trace->record);
	free(trace->fs);
	trace->fs = NULL;
}

/** hbc_trace_free() - @trace may be NULL */
void hbc_trace_free(struct hbc_trace *trace)
{
	if (!trace)
		return;
	hbc_trace_stop(trace);
	hbc_record_free(&trace->record);
	free(trace);
}

/** hbc_trace_find() - find out where a positive errno came from */
void hbc_trace_find(struct hbc_trace *trace, int err)
{
	const struct hbc_record *record = &trace->record;
	int call, nr = 0, i;

	trace->err = err;
	trace->nr_path = 0;
	trace->first = hbc_record_first(record, -err);
	call = trace->first ? hbc_record_find(record, trace->first) : -1;
	if (call < 0 && record->nr_calls)
		call = 0;
	for (i = call; i >= 0; i = record->calls[i].parent)
		nr++;
	for (i = call; i >= 0; i = record->calls[i].parent)
		if (--nr < MOST_DEPTH) {
			trace->path[nr] = i;
			if (nr + 1 > trace->nr_path)
				trace->nr_path = nr + 1;
		}
}

static bool returned_it(const struct hbc_trace *trace, const char *name)
{
	int i;

	for (i = 0; i < trace->record.nr_returns; i++)
		if (trace->record.returns[i].ret == -trace->err &&
		    !strcmp(trace->record.returns[i].name, name))
			return true;
	return false;
}

static const char *errno_name(int err)
{
	const char *name = strerrorname_np(err);

	return name ? name : "?";
}

/* The next call, from @from on, that the path's last function made; or -1. */
static int next_call(const struct hbc_trace *trace, int from)
{
	const struct hbc_record *record = &trace->record;
	int parent, i;

	if (!trace->nr_path)
		return -1;
	parent = trace->path[trace->nr_path - 1];
	for (i = from; i < record->nr_calls; i++)
		if (record->calls[i].parent == parent)
			return i;
	return -1;
}

static void print_path(const struct hbc_trace *trace, const char *device,
		       const char *what)
{
	const struct hbc_call *calls = trace->record.calls;
	int i, nr = 0, deep = trace->nr_path;

	for (i = 0; i < deep; i++) {
		const char *name = calls[trace->path[i]].name;

		hbc_error(device, "%s: trace: %*s%s%s%s", what, 2 * i, "",
			  name, returned_it(trace, name) ? " = -" : "",
			  returned_it(trace, name) ?
			  errno_name(trace->err) : "");
	}
	for (i = next_call(trace, 0); i >= 0; i = next_call(trace, i + 1)) {
		if (nr++ == MOST_SHOWN) {
			hbc_error(device, "%s: trace: %*s...", what, 2 * deep,
				  "");
			break;
		}
		hbc_error(device, "%s: trace: %*s%s", what, 2 * deep, "",
			  calls[i].name);
	}
}

/** hbc_trace_print() - as messages, after hbc_trace_find() */
void hbc_trace_print(const struct hbc_trace *trace, const char *device,
		     const char *what)
{
	if (*trace->note)
		hbc_error(device, "%s: trace: %s", what, trace->note);
	if (!trace->record.nr_calls && !trace->first) {
		hbc_error(device, "%s: trace: nothing was recorded: the kernel was not called, or refused before its block layer",
			  what);
		return;
	}
	if (trace->first)
		hbc_error(device, "%s: trace: %s was first returned by %s (or by a function inlined into it)",
			  what, errno_name(trace->err), trace->first->name);
	else
		hbc_error(device, "%s: trace: %s was not returned by any of the watched functions",
			  what, errno_name(trace->err));
	print_path(trace, device, what);
}

/** hbc_trace_json() - as an object, after hbc_trace_find() */
struct json_object *hbc_trace_json(const struct hbc_trace *trace)
{
	struct json_object *all = json_object_new_object(), *list;
	const struct hbc_call *calls = trace->record.calls;
	int i, nr = 0;

	json_object_object_add(all, "errno",
			       json_object_new_string(errno_name(trace->err)));
	json_object_object_add(all, "first", trace->first ?
			       json_object_new_string(trace->first->name) :
			       NULL);
	list = json_object_new_array();
	for (i = 0; i < trace->nr_path; i++)
		json_object_array_add(list, json_object_new_string(calls[trace->path[i]].name));
	json_object_object_add(all, "path", list);
	list = json_object_new_array();
	for (i = next_call(trace, 0); i >= 0 && nr++ < MOST_SHOWN;
	     i = next_call(trace, i + 1))
		json_object_array_add(list, json_object_new_string(calls[i].name));
	json_object_object_add(all, "calls", list);
	list = json_object_new_array();
	for (i = 0; i < trace->record.nr_returns; i++)
		json_object_array_add(list, json_object_new_string(trace->record.returns[i].name));
	json_object_object_add(all, "returned", list);
	return all;
}
