/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stack that submitted a request.
 */
#ifndef HALTBLK_STACK_H
#define HALTBLK_STACK_H

#include <linux/types.h>

#define HALTBLK_STACK_DEPTH	32

/**
 * struct haltblk_stack - the stack that submitted a request
 * @nr: number of frames
 * @at: return addresses, innermost first
 */
struct haltblk_stack {
	unsigned int nr;
	unsigned long at[HALTBLK_STACK_DEPTH];
};

size_t haltblk_stack_text(const struct haltblk_stack *stack, char *text,
			  size_t size);

#endif /* HALTBLK_STACK_H */
