/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Sizes with a suffix, as in size=16G, in the unit that the option takes.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* The options that are sizes. A plain number counts units of 1 << shift. */
static const struct {
	const char *key;
	unsigned int shift;
	const char *unit;
} sizes[] = {
	{ "size", 20, "MiB" },
	{ "cache_size", 20, "MiB" },
	{ "zone_size", 20, "MiB" },
	{ "zone_capacity", 20, "MiB" },
	{ "mbps", 20, "MiB" },
	{ "mbps_read", 20, "MiB" },
	{ "mbps_write", 20, "MiB" },
	{ "blocksize", 0, "bytes" },
	{ "write_stream_granularity", 0, "bytes" },
	{ "atomic_write_unit", 0, "bytes" },
	{ "discard_granularity", 0, "bytes" },
	{ "discard_alignment", 0, "bytes" },
};

/* K, KiB, M, MiB, ...: the power of two, or -1. */
static int suffix_shift(const char *suffix)
{
	static const char letters[] = "kmgtpe";
	const char *at = strchr(letters, tolower((unsigned char)*suffix));

	if (!*suffix || !at || (suffix[1] && strcmp(suffix + 1, "iB")))
		return -1;
	return 10 * (int)(at - letters + 1);
}

/**
 * hb_size() - a size in the unit that the driver takes
 * @h: for the reason
 * @option: KEY=VALUE, for the reason
 * @key: its key
 * @value: its value
 * @buf: room for a number
 * @out: out: @buf, or @value if it is no size with a suffix
 *
 * Return: 0, -EINVAL, or -ERANGE for a size of 2^64 bytes or more.
 */
int hb_size(struct libhaltblk *h, const char *option, const char *key,
	    const char *value, char buf[HB_SIZE_LEN], const char **out)
{
	size_t digits = strspn(value, "0123456789"), i;
	const char *suffix = value + digits;
	uint64_t number;
	int shift;

	*out = value;
	for (i = 0; i < HB_ARRAY_SIZE(sizes); i++)
		if (!strcmp(sizes[i].key, key))
			break;
	/* The driver reads hexadecimal numbers, and refuses what has no digit. */
	if (i == HB_ARRAY_SIZE(sizes) || !digits || !*suffix ||
	    (*value == '0' && (value[1] == 'x' || value[1] == 'X')))
		return 0;
	shift = suffix_shift(suffix);
	if (shift < 0)
		return hb_fail(h, -EINVAL, "%s: unknown suffix '%s'; use K, M, G, T, P or E, or none for %s",
			       option, suffix, sizes[i].unit);
	errno = 0;
	number = strtoull(value, NULL, 10);
	if (errno || number > UINT64_MAX >> shift)
		return hb_fail(h, -ERANGE, "%s: too large", option);
	number <<= shift;
	if (number & ((1ULL << sizes[i].shift) - 1))
		return hb_fail(h, -EINVAL, "%s: not a whole number of %s",
			       option, sizes[i].unit);
	snprintf(buf, HB_SIZE_LEN, "%" PRIu64, number >> sizes[i].shift);
	*out = buf;
	return 0;
}
