/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Finds out by trying what a range of a device reads after it was discarded.
 */
#ifndef HBC_PROBE_H
#define HBC_PROBE_H

#include "cli.h"

/**
 * struct hbc_reads - what a range reads
 * @zero: bytes that are 0
 * @old: bytes as they were written before
 * @other: bytes of neither kind
 * @changed: a second read differed
 */
struct hbc_reads {
	uint64_t zero, old, other;
	bool changed;
};

/**
 * struct hbc_probe - what was tried
 * @op: operation
 * @err: its result, a negative errno or 0
 * @reads: what was read then, if it was 0
 */
struct hbc_probe {
	enum libhaltblk_range_op op;
	int err;
	struct hbc_reads reads;
};

unsigned char hbc_probe_byte(uint64_t at);
void hbc_probe_count(struct hbc_reads *reads, uint64_t at,
		     const unsigned char *buf, size_t len);
void hbc_probe_text(const struct hbc_probe *probe, char *text, size_t size);
int hbc_probe(struct libhaltblk *h, const char *device,
	      struct libhaltblk_range *range, struct hbc_probe probes[3]);
struct json_object *hbc_probe_json(const struct libhaltblk_range *range,
				   const struct hbc_probe probes[3]);
const char *hbc_probe_name(enum libhaltblk_range_op op);

#endif /* HBC_PROBE_H */
