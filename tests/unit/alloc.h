/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Memory that runs out when a test wants it to.
 */
#ifndef UNIT_ALLOC_H
#define UNIT_ALLOC_H

/*
 * Let only the @nr-th allocation from now on fail; with 0, none fails, but
 * they are counted. Only allocations by the command and the library themselves
 * count, and none by their children.
 */
void alloc_fail(unsigned int nr);

/* How many there were since then. */
unsigned int alloc_count(void);

#endif /* UNIT_ALLOC_H */
