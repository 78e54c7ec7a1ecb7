/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Numbers, sizes with suffixes, the bounded text buffer.
 */
#include <errno.h>
#include <string.h>

#include "fake.h"
#include "tap.h"

static void number(const char *text, int want, uint64_t value, const char *rest)
{
	const char *end = "";
	uint64_t got = 0;

	tap_int(hb_parse_number(text, &end, &got), want, "number '%s'", text);
	if (want == -EINVAL)
		return;
	tap_str(end, rest, "number '%s' leaves '%s'", text, rest);
	if (!want)
		tap_ok(got == value, "number '%s' is %llu", text,
		       (unsigned long long)value);
}

static void numbers(void)
{
	number("0", 0, 0, "");
	number("42", 0, 42, "");
	number("010", 0, 10, "");
	number("0x1F", 0, 31, "");
	number("0Xa+", 0, 10, "+");
	number("0x", 0, 0, "x");
	number("12ab", 0, 12, "ab");
	number("18446744073709551615", 0, UINT64_MAX, "");
	number("18446744073709551616", -ERANGE, 0, "");
	number("0xffffffffffffffff", 0, UINT64_MAX, "");
	number("0x10000000000000000", -ERANGE, 0, "");
	number("99999999999999999999-", -ERANGE, 0, "-");
	number("", -EINVAL, 0, "");
	number("-1", -EINVAL, 0, "");
	number("+1", -EINVAL, 0, "");
	number(" 1", -EINVAL, 0, "");
}

static void size(struct libhaltblk *h, const char *text, uint64_t want)
{
	uint64_t got = 0;

	tap_int(libhaltblk_parse_size(h, text, &got), 0, "size '%s' is taken",
		text);
	tap_ok(got == want, "size '%s' is %llu, got %llu", text,
	       (unsigned long long)want, (unsigned long long)got);
}

static void no_size(struct libhaltblk *h, const char *text, int err,
		    const char *why)
{
	uint64_t got;

	tap_int(libhaltblk_parse_size(h, text, &got), err,
		"size '%s' is refused", text);
	tap_str(libhaltblk_why(h), why, "size '%s': the reason", text);
}

#define SUFFIXES "use K, M, G, T, P, E (or KiB ...) for powers of 1024, KB ... for powers of 1000"

static void sizes(struct libhaltblk *h)
{
	size(h, "0", 0);
	size(h, "4096", 4096);
	size(h, "4K", 4096);
	size(h, "4k", 4096);
	size(h, "4KiB", 4096);
	size(h, "4kib", 4096);
	size(h, "4KB", 4000);
	size(h, "1M", 1 << 20);
	size(h, "1MB", 1000000);
	size(h, "2GiB", 2ULL << 30);
	size(h, "3T", 3ULL << 40);
	size(h, "1P", 1ULL << 50);
	size(h, "15E", 15ULL << 60);
	size(h, "0x10K", 16384);
	size(h, "1.5K", 1536);
	size(h, "0.25MiB", 262144);
	size(h, "1.5MB", 1500000);
	size(h, "0.0000000001T", 0);
	no_size(h, "", -EINVAL, "'' is not a size; use bytes, or a number with KiB, MiB, GiB, TiB");
	no_size(h, "-1", -EINVAL, "'-1' is not a size; use bytes, or a number with KiB, MiB, GiB, TiB");
	no_size(h, "K", -EINVAL, "'K' is not a size; use bytes, or a number with KiB, MiB, GiB, TiB");
	no_size(h, "4X", -EINVAL, "'4X' is not a size: unknown suffix 'X'; " SUFFIXES);
	no_size(h, "4KX", -EINVAL, "'4KX' is not a size: unknown suffix 'KX'; " SUFFIXES);
	no_size(h, "4 K", -EINVAL, "'4 K' is not a size: unknown suffix ' K'; " SUFFIXES);
	no_size(h, "4B", -EINVAL, "'4B' is not a size: unknown suffix 'B'; " SUFFIXES);
	no_size(h, "1.K", -EINVAL, "'1.K' is not a size; digits must follow the point");
	no_size(h, "1.5", -EINVAL, "'1.5' is not a size; a fraction needs a suffix, as in 1.5MiB");
	no_size(h, "16E", -ERANGE, "'16E' is too large; a size is below 16 EiB");
	no_size(h, "99999999999999999999", -ERANGE,
		"'99999999999999999999' is too large; a size is below 16 EiB");
	tap_int(libhaltblk_parse_size(NULL, "x", &(uint64_t){ 0 }), -EINVAL,
		"without a handle");
}

static void text(void)
{
	struct hb_text t;
	char buf[8];

	hb_text_start(&t, buf, sizeof(buf));
	tap_str(buf, "", "an empty text is terminated");
	hb_text_add(&t, "%s", "abcde");
	hb_text_add(&t, "%d", 12345);
	tap_str(buf, "abcde12", "what does not fit is cut");
	hb_text_add(&t, "more");
	tap_int((long long)t.len, 14, "the length counts what was cut");
	hb_text_start(&t, NULL, 0);
	hb_text_add(&t, "abc");
	tap_int((long long)t.len, 3, "no room at all");
}

static void files(void)
{
	char buf[16];

	fake_file("/f", "value \n\n", 0444);
	tap_int(hb_read_file("/f", buf, sizeof(buf)), 5, "a file's length");
	tap_str(buf, "value", "blanks at the end are dropped");
	fake_file("/long", "0123456789abcdefghij", 0444);
	tap_int(hb_read_file("/long", buf, sizeof(buf)), 15, "a long file");
	tap_str(buf, "0123456789abcde", "is cut and terminated");
	tap_int(hb_read_file("/none", buf, sizeof(buf)), -ENOENT, "no file");
	tap_int(fake_open_fds(), 0, "nothing stays open");
}

int main(void)
{
	struct libhaltblk *h;

	fake_reset();
	libhaltblk_new(&h);
	numbers();
	sizes(h);
	text();
	files();
	libhaltblk_free(h);
	return tap_done();
}
