// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text of a stack: function names, never addresses.
 *
 * PURE: tests/stack_test.c runs it alone. Any context.
 */
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "stack.h"

/**
 * haltblk_stack_text - write a line for each frame, innermost first
 * @stack: stack
 * @text: buffer
 * @size: size of @text, at least 1; the text is cut off if it does not fit
 *
 * A frame without a symbol, such as one of an unloaded module, is "(unknown)".
 *
 * Return: bytes written, without the NUL.
 */
size_t haltblk_stack_text(const struct haltblk_stack *stack, char *text,
			  size_t size)
{
	size_t len = 0, at;
	unsigned int i;

	text[0] = '\0';
	for (i = 0; i < stack->nr; i++) {
		at = len;
		len += scnprintf(text + at, size - at, "%pS\n",
				 (void *)stack->at[i]);
		/* The kernel prints an address without a symbol as a number. */
		if (isdigit(text[at]))
			len = at + scnprintf(text + at, size - at,
					     "(unknown)\n");
	}
	return len;
}
