/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Failures on demand, as the kernel's fault injection has them, whether or not
 * the kernel was built with it.
 */
#ifndef HALTBLK_FAULT_H
#define HALTBLK_FAULT_H

#include <linux/spinlock.h>
#include <linux/types.h>

/* X(name, directory in configfs, module parameter, what fails) */
#define HALTBLK_FAULT_KINDS(X)						\
	X(timeout, "timeout_inject", timeout, "requests that never end")  \
	X(requeue, "requeue_inject", requeue, "requests handed back")	\
	X(init_hctx, "init_hctx_fault_inject", init_hctx,		\
	  "making a hardware queue")

enum haltblk_fault_id {
#define X(name, ...) HALTBLK_FAULT_##name,
	HALTBLK_FAULT_KINDS(X)
#undef X
	HALTBLK_NR_FAULTS
};

/**
 * struct haltblk_fault - when something fails
 * @lock: protects the rest
 * @interval: only each so many-th time
 * @probability: and then with so many percent
 * @space: not before so many times
 * @times: at most so often; -1 no limit
 * @verbose: 1 logs each failure, 2 with a stack
 * @count: times since @interval was last complete
 * @draws: numbers drawn since the device was powered on
 */
struct haltblk_fault {
	spinlock_t lock;
	unsigned long interval;
	unsigned long probability;
	s64 space;
	s64 times;
	unsigned long verbose;
	unsigned long count;
	u64 draws;
};

extern const char * const haltblk_fault_names[HALTBLK_NR_FAULTS];
extern struct haltblk_fault haltblk_fault_defaults[HALTBLK_NR_FAULTS];

int haltblk_fault_parse(struct haltblk_fault *fault, const char *text);
bool haltblk_fault_hits(struct haltblk_fault *fault, u64 seed);

#endif /* HALTBLK_FAULT_H */
