// SPDX-License-Identifier: GPL-2.0-only
/*
 * 7.0: SRCU protects the probes of tracepoints, so that they run with
 * preemption on. Before, they ran with preemption off.
 */
#include <linux/tracepoint.h>

void probe(struct rcu_head *rcu, rcu_callback_t func);
void probe(struct rcu_head *rcu, rcu_callback_t func)
{
	call_tracepoint_unregister_atomic(rcu, func);
}
