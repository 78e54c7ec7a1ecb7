/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Text in and out: appending to a bounded buffer, numbers, sizes, small files.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

void hb_text_start(struct hb_text *t, char *buf, size_t size)
{
	*t = (struct hb_text){ .buf = buf, .size = size };
	if (size)
		buf[0] = '\0';
}

void hb_text_add(struct hb_text *t, const char *fmt, ...)
{
	bool room = t->len < t->size;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(room ? t->buf + t->len : NULL,
		      room ? t->size - t->len : 0, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->len += (size_t)n;
}

/**
 * hb_parse_number() - a number without sign, decimal or hexadecimal with 0x
 * @s: text
 * @end: out: what follows the number
 * @value: out
 *
 * A leading 0 does not mean octal, because sector numbers are often padded.
 *
 * Return: 0; -EINVAL no digit; -ERANGE 2^64 or more (@end is set all the same).
 */
int hb_parse_number(const char *s, const char **end, uint64_t *value)
{
	static const char digits[] = "0123456789abcdef";
	unsigned int base = 10;
	uint64_t v = 0;
	int r = -EINVAL;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X') &&
	    isxdigit((unsigned char)s[2])) {
		base = 16;
		s += 2;
	}
	for (; *s; s++) {
		const char *p = strchr(digits, tolower((unsigned char)*s));
		unsigned int digit = p ? (unsigned int)(p - digits) : base;

		if (digit >= base)
			break;
		if (r == -EINVAL)
			r = 0;
		if (v > (UINT64_MAX - digit) / base)
			r = -ERANGE;
		v = v * base + digit;
	}
	*end = s;
	*value = v;
	return r;
}

/* Bytes of one unit; 0 if @suffix is unknown. */
static uint64_t size_unit(const char *suffix)
{
	static const char letters[] = "KMGTPE";
	const char *letter;
	uint64_t unit = 1;
	unsigned int base;
	ptrdiff_t i;

	if (!*suffix)
		return 1;
	letter = strchr(letters, toupper((unsigned char)*suffix));
	if (!letter)
		return 0;
	suffix++;
	if (!*suffix || !strcmp(suffix, "iB") || !strcmp(suffix, "ib"))
		base = 1024;
	else if (!strcmp(suffix, "B") || !strcmp(suffix, "b"))
		base = 1000;
	else
		return 0;
	for (i = letter - letters; i >= 0; i--)
		unit *= base;
	return unit;
}

/* The digits after a decimal point, at most nine that count. */
static const char *parse_fraction(const char *s, uint64_t *num, uint64_t *den)
{
	*num = 0;
	*den = 1;
	for (; isdigit((unsigned char)*s); s++) {
		if (*den == HB_NSEC)
			continue;
		*num = *num * 10 + (uint64_t)(*s - '0');
		*den *= 10;
	}
	return s;
}

int libhaltblk_parse_size(struct libhaltblk *h, const char *text,
			  uint64_t *bytes)
{
	uint64_t whole, num = 0, den = 1, unit, part;
	const char *end;
	int r;

	hb_begin(h);
	r = hb_parse_number(text, &end, &whole);
	if (r == -EINVAL)
		return hb_fail(h, r, "'%s' is not a size; use bytes, or a number with KiB, MiB, GiB, TiB",
			       text);
	if (*end == '.') {
		if (!isdigit((unsigned char)end[1]))
			return hb_fail(h, -EINVAL, "'%s' is not a size; digits must follow the point",
				       text);
		end = parse_fraction(end + 1, &num, &den);
		if (!*end)
			return hb_fail(h, -EINVAL, "'%s' is not a size; a fraction needs a suffix, as in 1.5MiB",
				       text);
	}
	unit = size_unit(end);
	if (!unit)
		return hb_fail(h, -EINVAL, "'%s' is not a size: unknown suffix '%s'; use K, M, G, T, P, E (or KiB ...) for powers of 1024, KB ... for powers of 1000",
			       text, end);
	part = unit / den * num + unit % den * num / den;
	if (r == -ERANGE || whole > (UINT64_MAX - part) / unit)
		return hb_fail(h, -ERANGE, "'%s' is too large; a size is below 16 EiB",
			       text);
	*bytes = whole * unit + part;
	return 0;
}

/**
 * hb_read_file() - read a small file, without the blanks at its end
 * @path: file
 * @buf: room for the text
 * @size: bytes of @buf
 *
 * Return: length of the text, or a negative errno.
 */
ssize_t hb_read_file(const char *path, char *buf, size_t size)
{
	ssize_t n;
	int fd;

	fd = hb_sys->open(path, O_RDONLY);
	if (fd < 0)
		return fd;
	n = hb_sys->read(fd, buf, size - 1);
	hb_sys->close(fd);
	if (n < 0)
		return n;
	while (n && isspace((unsigned char)buf[n - 1]))
		n--;
	buf[n] = '\0';
	return n;
}
