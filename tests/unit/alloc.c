/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The linker (--wrap) makes calls of the named functions come here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

static unsigned int count, failing;

void alloc_fail(unsigned int nr)
{
	failing = nr;
	count = 0;
}

unsigned int alloc_count(void)
{
	return count;
}

static bool fails(void)
{
	if (++count != failing)
		return false;
	errno = ENOMEM;
	return true;
}

#define WRAP(type, name, parameters, arguments, on_failure)		\
	type __real_##name parameters;					\
	type __wrap_##name parameters;					\
	type __wrap_##name parameters					\
	{								\
		return fails() ? on_failure : __real_##name arguments;	\
	}

WRAP(void *, malloc, (size_t size), (size), NULL)
WRAP(void *, calloc, (size_t nr, size_t size), (nr, size), NULL)
WRAP(void *, realloc, (void *p, size_t size), (p, size), NULL)
WRAP(void *, reallocarray, (void *p, size_t nr, size_t size), (p, nr, size),
     NULL)
WRAP(char *, strdup, (const char *s), (s), NULL)
WRAP(FILE *, open_memstream, (char **text, size_t *size), (text, size), NULL)
WRAP(int, vasprintf, (char **text, const char *fmt, va_list ap),
     (text, fmt, ap), -1)
WRAP(int, posix_memalign, (void **p, size_t align, size_t size),
     (p, align, size), ENOMEM)
