// SPDX-License-Identifier: GPL-2.0-only
/* 7.0: the probes of a tracepoint run with preemption on, before that with it off. */
#include <linux/tracepoint.h>

struct srcu_struct *probe(void);
struct srcu_struct *probe(void)
{
	return &tracepoint_srcu;
}
