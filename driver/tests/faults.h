/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocation failures at a chosen place, where the kernel has failslab and
 * fail_page_alloc. Both leave what may reclaim memory alone, so only what is
 * allocated without sleeping fails.
 */
#ifndef HALTBLK_TESTS_FAULTS_H
#define HALTBLK_TESTS_FAULTS_H

#include <linux/sched.h>

#if defined(CONFIG_FAILSLAB) && defined(CONFIG_FAIL_PAGE_ALLOC)

#define HALTBLK_FAULTS	true

/* The n-th allocation of this task from now on fails, once; 0 for none. */
static inline void faults_arm(unsigned int n)
{
	WRITE_ONCE(current->fail_nth, n);
}

/* Has it failed? Disarms. */
static inline bool faults_fired(void)
{
	bool fired = !READ_ONCE(current->fail_nth);

	faults_arm(0);
	return fired;
}

#else

#define HALTBLK_FAULTS	false

static inline void faults_arm(unsigned int n)
{
}

static inline bool faults_fired(void)
{
	return false;
}

#endif

#endif /* HALTBLK_TESTS_FAULTS_H */
