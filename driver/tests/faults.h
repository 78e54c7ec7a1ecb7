/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocation failures at a chosen place, where the kernel has failslab and
 * fail_page_alloc. Both leave what may reclaim memory alone, so only what is
 * allocated without sleeping fails.
 */
#ifndef HALTBLK_TESTS_FAULTS_H
#define HALTBLK_TESTS_FAULTS_H

#include <linux/sched.h>
#include <linux/slab.h>

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

/*
 * All of this task's fail, until called with false. Only where failslab and
 * fail_page_alloc are set to probability 100 with their task filter on, as
 * tests/kunit/lane.sh does. False: they are not.
 */
static inline bool faults_all(bool on)
{
	void *probe;

	current->make_it_fail = on;
	if (!on)
		return true;
	probe = kmalloc(8, GFP_NOWAIT | __GFP_NOWARN);
	kfree(probe);
	if (probe)
		current->make_it_fail = false;
	return !probe;
}

#else

#define HALTBLK_FAULTS	false

static inline bool faults_all(bool on)
{
	return false;
}

static inline void faults_arm(unsigned int n)
{
}

static inline bool faults_fired(void)
{
	return false;
}

#endif

#endif /* HALTBLK_TESTS_FAULTS_H */
