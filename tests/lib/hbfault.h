/* SPDX-License-Identifier: GPL-2.0-only */
/* hbfault.c: the loop; hbfault_calls.c: control calls and I/O. */
#ifndef HBFAULT_H
#define HBFAULT_H

#include <stdbool.h>

void __attribute__((noreturn)) die(const char *what);
void __attribute__((format(printf, 1, 2))) bad(const char *fmt, ...);
void each_failure(const char *name, int (*call)(unsigned int),
		  void (*check)(int err), void (*undo)(bool fired),
		  unsigned int step);

void test_control(const char *device);
void test_io(const char *device, bool sleeps);

#endif
