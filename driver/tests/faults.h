/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making a chosen allocation fail, if the kernel has failslab and
 * fail_page_alloc. By default both ignore allocations that may reclaim memory,
 * so only those that must not sleep fail.
 */
#ifndef HALTBLK_TESTS_FAULTS_H
#define HALTBLK_TESTS_FAULTS_H

#include <linux/sched.h>
#include <linux/slab.h>

#if defined(CONFIG_FAILSLAB) && defined(CONFIG_FAIL_PAGE_ALLOC)

#define HALTBLK_FAULTS	true

/* Fail this task's n-th allocation from now on, once. 0: fail none. */
static inline void faults_arm(unsigned int n)
{
	WRITE_ONCE(current->fail_nth, n);
}

/* Has that allocation failed? Also disarms. */
static inline bool faults_fired(void)
{
	bool fired = !READ_ONCE(current->fail_nth);

	faults_arm(0);
	return fired;
}

/*
 * Fail all of this task's allocations until called with false. This needs
 * failslab and fail_page_alloc with probability 100 and their task filter on,
 * as tests/kunit/lane.sh sets them. Return: false if they are not set up so.
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
