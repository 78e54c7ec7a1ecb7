/* SPDX-License-Identifier: GPL-2.0-only */
/* The loop of hbfault.c, and what it runs. */
#ifndef HBFAULT_H
#define HBFAULT_H

#include <stdbool.h>

void __attribute__((noreturn)) die(const char *what);
void __attribute__((format(printf, 1, 2))) bad(const char *fmt, ...);
void each_failure(const char *name, int (*call)(unsigned int),
		  void (*check)(int err), void (*undo)(bool fired),
		  unsigned int step);

/* hbfault_control.c, hbfault_io.c */
void test_control(const char *device);
void test_io(const char *device, bool sleeps);

#endif
