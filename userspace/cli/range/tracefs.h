/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The kernel's tracer while one process makes one call, and what it recorded.
 */
#ifndef HBC_TRACEFS_H
#define HBC_TRACEFS_H

#include <sys/types.h>

#include "cli.h"

#define HBC_TRACE_NAME	80	/* of a function, with its module */

/**
 * struct hbc_call - one call of a function
 * @name: function
 * @parent: index of its caller, -1 for the outermost
 */
struct hbc_call {
	char name[HBC_TRACE_NAME];
	int parent;
};

/**
 * struct hbc_return - a function returned a negative errno
 * @name: function
 * @ret: what it returned
 * @calls: how many calls had begun by then
 */
struct hbc_return {
	char name[HBC_TRACE_NAME];
	int ret;
	int calls;
};

/**
 * struct hbc_record - the record of the last outermost call
 * @calls: in the order in which they began
 * @nr_calls: how many
 * @lost: open calls for which there was no room
 * @returns: in the order of time
 * @nr_returns: how many
 * @open: index of the innermost open call, -1: none
 * @irq: nesting of interrupts, which are left out
 */
struct hbc_record {
	struct hbc_call *calls;
	int nr_calls;
	int lost;
	struct hbc_return *returns;
	int nr_returns;
	int open;
	int irq;
};

/* trace_record.c */
int hbc_record_init(struct hbc_record *record);
void hbc_record_line(struct hbc_record *record, char *line);
int hbc_record_find(const struct hbc_record *record,
		    const struct hbc_return *ret);
const struct hbc_return *hbc_record_first(const struct hbc_record *record,
					  int ret);
void hbc_record_free(struct hbc_record *record);

/* tracefs.c */
struct hbc_tracefs;
int hbc_tracefs_start(struct hbc_tracefs **fs, pid_t pid, char *why,
		      size_t size);
const char *hbc_tracefs_note(const struct hbc_tracefs *fs);
void hbc_tracefs_stop(struct hbc_tracefs *fs, struct hbc_record *record);

#endif /* HBC_TRACEFS_H */
