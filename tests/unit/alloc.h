/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Memory that runs out when a test wants it to.
 */
#ifndef UNIT_ALLOC_H
#define UNIT_ALLOC_H

/*
 * Let the @nr-th allocation from now on fail, and none before or after it; 0:
 * let none fail, but count. Only what the command and the library themselves
 * ask for counts, and what their children do not.
 */
void alloc_fail(unsigned int nr);

/* How many there were since then. */
unsigned int alloc_count(void);

#endif /* UNIT_ALLOC_H */
