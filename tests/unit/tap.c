/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * TAP from C. A failure shows the actual and the expected value.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tap.h"

/*
 * A shell starts background programs with some signals ignored. The command would
 * leave those ignored, but tests of signals need them.
 */
static void __attribute__((constructor)) tap_signals(void)
{
	static const int ending[] = { SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM };
	size_t i;

	for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		signal(ending[i], SIG_DFL);
}

static int run, failed;

static void result(int good, const char *fmt, va_list ap)
{
	run++;
	failed += !good;
	printf("%sok %d - ", good ? "" : "not ", run);
	vprintf(fmt, ap);
	putchar('\n');
}

/*
 * Print every line as a comment: after one that begins with "Bail out!", prove
 * would run no other test.
 */
static void show(const char *label, const char *text)
{
	printf("# %s: ", label);
	for (text = text ? text : "(null)"; *text; text++) {
		putchar(*text);
		if (*text == '\n')
			printf("# ");
	}
	putchar('\n');
}

void tap_ok(int good, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	result(good, fmt, ap);
	va_end(ap);
}

void tap_int(long long got, long long want, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	result(got == want, fmt, ap);
	va_end(ap);
	if (got != want)
		printf("#  got: %lld\n# want: %lld\n", got, want);
}

void tap_str(const char *got, const char *want, const char *fmt, ...)
{
	int good = got && want ? !strcmp(got, want) : got == want;
	va_list ap;

	va_start(ap, fmt);
	result(good, fmt, ap);
	va_end(ap);
	if (good)
		return;
	show(" got", got);
	show("want", want);
}

void tap_has(const char *got, const char *part, const char *fmt, ...)
{
	int good = got && strstr(got, part);
	va_list ap;

	va_start(ap, fmt);
	result(good, fmt, ap);
	va_end(ap);
	if (good)
		return;
	show(" got", got);
	show("want in it", part);
}

int tap_done(void)
{
	printf("1..%d\n", run);
	fflush(stdout);
	return failed || !run;
}
