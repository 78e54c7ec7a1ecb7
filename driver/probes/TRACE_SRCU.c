// SPDX-License-Identifier: GPL-2.0-only
/*
 * 7.0: SRCU protects the probes of a tracepoint, which run with preemption on;
 * before that they ran with it off.
 */
#include <linux/tracepoint.h>

void probe(struct rcu_head *rcu, rcu_callback_t func);
void probe(struct rcu_head *rcu, rcu_callback_t func)
{
	call_tracepoint_unregister_atomic(rcu, func);
}
