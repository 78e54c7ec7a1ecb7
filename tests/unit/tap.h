/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * TAP from C: a few checks, and a plan at the end.
 */
#ifndef UNIT_TAP_H
#define UNIT_TAP_H

#define TAP_PRINTF(f, a) __attribute__((format(printf, f, a)))

void tap_ok(int good, const char *fmt, ...) TAP_PRINTF(2, 3);
void tap_int(long long got, long long want, const char *fmt, ...)
	TAP_PRINTF(3, 4);
void tap_str(const char *got, const char *want, const char *fmt, ...)
	TAP_PRINTF(3, 4);
void tap_has(const char *got, const char *part, const char *fmt, ...)
	TAP_PRINTF(3, 4);

/* Prints the plan; the exit status of the test program. */
int tap_done(void);

#endif /* UNIT_TAP_H */
