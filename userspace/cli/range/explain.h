/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Why a discard, zero-out or secure discard failed.
 */
#ifndef HBC_EXPLAIN_H
#define HBC_EXPLAIN_H

#include <sys/types.h>

#include "cli.h"

/**
 * struct hbc_shape - the limits that ranges of a device are checked against
 * @size: bytes
 * @block: logical block size
 * @read_only: marked so
 * @discard_max: bytes of one discard request; 0: none
 * @discard_hw: what the driver can do
 * @granularity: bytes of a granule of discard; 0: none
 * @alignment: where on this device or partition the first granule begins
 * @zeroes_max: bytes of one write-zeroes request; 0: zeroes are written as data
 * @secure: whether the device is known to support secure erase
 * @secure_known: whether that could be found out
 */
struct hbc_shape {
	uint64_t size;
	uint64_t block;
	bool read_only;
	uint64_t discard_max;
	uint64_t discard_hw;
	uint64_t granularity;
	uint64_t alignment;
	uint64_t zeroes_max;
	bool secure;
	bool secure_known;
};

/* Where the nearest valid range lies, compared with the requested one. */
enum hbc_near {
	HBC_NEAR_NONE,		/* the device has no block */
	HBC_NEAR_INSIDE,	/* its largest valid part */
	HBC_NEAR_AROUND,	/* the smallest valid one around it */
	HBC_NEAR_MOVED,		/* neither: at the end of the device */
};

enum hbc_near hbc_nearest(const struct hbc_shape *shape, uint64_t offset,
			  uint64_t length, uint64_t *near_offset,
			  uint64_t *near_length);
uint64_t hbc_whole_granules(const struct hbc_shape *shape, uint64_t offset,
			    uint64_t length);

#define HBC_MOST_RULES	5

/**
 * struct hbc_broken - a rule that the range or the device broke
 * @limit: name of the limit, as "haltblk limits" prints it
 * @value: its value; -1 when it has none
 * @figure: which figure of the range: offset, length, end, or ""
 * @got: that figure
 * @text: a sentence
 */
struct hbc_broken {
	const char *limit;
	int64_t value;
	const char *figure;
	uint64_t got;
	char text[400];
};

/**
 * struct hbc_verdict - the explanation of an errno
 * @nr: how many rules are broken
 * @broken: the rules, in the order in which the kernel checks
 * @near: whether another range would be valid, and where it lies
 * @near_offset: that range
 * @near_length: likewise
 */
struct hbc_verdict {
	unsigned int nr;
	struct hbc_broken broken[HBC_MOST_RULES];
	enum hbc_near near;
	uint64_t near_offset;
	uint64_t near_length;
};

void hbc_explain(const struct hbc_shape *shape,
		 const struct libhaltblk_range *range, int err,
		 const char *why, struct hbc_verdict *verdict);
void hbc_shape_get(struct libhaltblk *h, const char *device,
		   struct hbc_shape *shape);
void hbc_verdict_print(const char *device, const char *what,
		       const struct hbc_verdict *verdict);
struct json_object *hbc_verdict_json(const struct hbc_verdict *verdict);

/* trace.c */
struct hbc_trace;
int hbc_trace_start(struct hbc_trace **trace, pid_t pid, char *why, size_t size);
void hbc_trace_stop(struct hbc_trace *trace);
void hbc_trace_find(struct hbc_trace *trace, int err);
void hbc_trace_print(const struct hbc_trace *trace, const char *device,
		     const char *what);
struct json_object *hbc_trace_json(const struct hbc_trace *trace);
void hbc_trace_free(struct hbc_trace *trace);

#endif /* HBC_EXPLAIN_H */
