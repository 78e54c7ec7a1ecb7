// SPDX-License-Identifier: GPL-2.0-only
/*
 * PURE. Latencies as users write them, and drawing from their distribution.
 */
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/math64.h>
#include <linux/string.h>

#include "latency.h"
#include "random.h"

/* Parse digits. Return: what follows them, or NULL if there are none. */
static const char *haltblk_latency_number(const char *p, u64 *value)
{
	const char *start = p;

	for (*value = 0; *p >= '0' && *p <= '9'; p++) {
		/* Enough for the range to be checked. */
		if (*value <= HALTBLK_LATENCY_MAX)
			*value = *value * 10 + (*p - '0');
	}
	return p == start ? NULL : p;
}

/* Parse a time. Return: what follows it, or NULL after setting @why. */
static const char *haltblk_latency_time(const char *p, u64 *ns, char *why,
					size_t len)
{
	p = haltblk_latency_number(p, ns);
	if (p && *ns <= HALTBLK_LATENCY_MAX)
		return p;
	snprintf(why, len, "%s, takes 0 to %llu ns",
		 p ? "out of range" : "not a number", HALTBLK_LATENCY_MAX);
	return NULL;
}

/* Parse two times with @sep between them, up to the end. */
static int haltblk_latency_pair(struct haltblk_latency *l, const char *p,
				char sep, char *why, size_t len)
{
	p = haltblk_latency_time(p, &l->a, why, len);
	if (!p)
		return -EINVAL;
	if (*p != sep) {
		snprintf(why, len, "needs two numbers with '%c' between them",
			 sep);
		return -EINVAL;
	}
	p = haltblk_latency_time(p + 1, &l->b, why, len);
	if (!p)
		return -EINVAL;
	if (*p) {
		snprintf(why, len, "'%s' follows the second number", p);
		return -EINVAL;
	}
	return 0;
}

/* Parse a percentage with up to four decimals. Return: what follows it. */
static const char *haltblk_latency_share(const char *p, u32 *share)
{
	u32 unit = HALTBLK_LATENCY_WHOLE / 100;
	u64 whole;

	p = haltblk_latency_number(p, &whole);
	if (!p || whole > 100)
		return NULL;
	*share = whole * unit;
	if (*p == '.') {
		for (p++; *p >= '0' && *p <= '9' && unit > 1; p++) {
			unit /= 10;
			*share += (*p - '0') * unit;
		}
	}
	/* More decimals than we have must be zeroes, as fio prints them. */
	while (*p == '0')
		p++;
	return *share <= HALTBLK_LATENCY_WHOLE ? p : NULL;
}

static int haltblk_latency_points(struct haltblk_latency *l, const char *p,
				  char *why, size_t len)
{
	unsigned int i;

	for (i = 0; ; i++, p++) {
		if (i == HALTBLK_LATENCY_POINTS) {
			snprintf(why, len, "too many percentiles, takes at most %d",
				 HALTBLK_LATENCY_POINTS);
			return -EINVAL;
		}
		p = haltblk_latency_share(p, &l->point[i].share);
		if (!p || *p != '=') {
			snprintf(why, len, "needs PERCENT=NS, PERCENT 0 to 100 with at most 4 decimals");
			return -EINVAL;
		}
		p = haltblk_latency_time(p + 1, &l->point[i].ns, why, len);
		if (!p)
			return -EINVAL;
		if (i && (l->point[i].share <= l->point[i - 1].share ||
			  l->point[i].ns < l->point[i - 1].ns)) {
			snprintf(why, len, "percentiles must ascend, and so must their times");
			return -EINVAL;
		}
		if (!*p)
			break;
		if (*p != ',') {
			snprintf(why, len, "'%s' follows a time, takes ','", p);
			return -EINVAL;
		}
	}
	l->nr = i + 1;
	return 0;
}

/**
 * haltblk_latency_parse - parse a latency
 * @l: zeroed; undefined after an error
 * @p: without a newline
 * @why: filled with a reason on failure
 * @len: bytes at @why
 *
 * Return: 0 or -EINVAL.
 */
int haltblk_latency_parse(struct haltblk_latency *l, const char *p, char *why,
			  size_t len)
{
	size_t n;

	n = str_has_prefix(p, "uniform:");
	if (n) {
		l->kind = HALTBLK_LATENCY_UNIFORM;
		if (haltblk_latency_pair(l, p + n, '-', why, len))
			return -EINVAL;
		if (l->a <= l->b)
			return 0;
		snprintf(why, len, "the least is greater than the most");
		return -EINVAL;
	}
	n = str_has_prefix(p, "normal:");
	if (n) {
		l->kind = HALTBLK_LATENCY_NORMAL;
		return haltblk_latency_pair(l, p + n, ',', why, len);
	}
	n = str_has_prefix(p, "percentiles:");
	if (n) {
		l->kind = HALTBLK_LATENCY_PERCENTILES;
		return haltblk_latency_points(l, p + n, why, len);
	}
	p = haltblk_latency_number(p, &l->a);
	if (!p || *p) {
		snprintf(why, len, "takes NS, uniform:MIN-MAX, normal:MEAN,SD or percentiles:PERCENT=NS,...");
		return -EINVAL;
	}
	if (l->a > HALTBLK_LATENCY_MAX) {
		snprintf(why, len, "out of range, takes 0 to %llu ns",
			 HALTBLK_LATENCY_MAX);
		return -EINVAL;
	}
	l->kind = l->a ? HALTBLK_LATENCY_FIXED : HALTBLK_LATENCY_NONE;
	return 0;
}

/**
 * haltblk_latency_format - format a latency as haltblk_latency_parse() reads it
 * @latency: latency
 * @buf: where to
 * @len: bytes at @buf
 *
 * Return: bytes written, without the NUL.
 */
int haltblk_latency_format(const struct haltblk_latency *latency, char *buf,
			   size_t len)
{
	const u32 unit = HALTBLK_LATENCY_WHOLE / 100;
	unsigned int i;
	int n;

	switch (latency->kind) {
	case HALTBLK_LATENCY_UNIFORM:
		return scnprintf(buf, len, "uniform:%llu-%llu", latency->a,
				 latency->b);
	case HALTBLK_LATENCY_NORMAL:
		return scnprintf(buf, len, "normal:%llu,%llu", latency->a,
				 latency->b);
	case HALTBLK_LATENCY_PERCENTILES:
		n = scnprintf(buf, len, "percentiles:");
		for (i = 0; i < latency->nr; i++)
			n += scnprintf(buf + n, len - n, "%s%u.%04u=%llu",
				       i ? "," : "",
				       latency->point[i].share / unit,
				       latency->point[i].share % unit,
				       latency->point[i].ns);
		return n;
	default:
		return scnprintf(buf, len, "%llu", latency->a);
	}
}

/* Straight lines between the percentiles. */
static u64 haltblk_latency_percentile(const struct haltblk_latency *l,
				      u32 share)
{
	unsigned int i;

	for (i = 0; i < l->nr; i++)
		if (share < l->point[i].share)
			break;
	if (!i)
		return l->point[0].ns;
	if (i == l->nr)
		return l->point[i - 1].ns;
	return l->point[i - 1].ns +
	       div_u64((l->point[i].ns - l->point[i - 1].ns) *
		       (share - l->point[i - 1].share),
		       l->point[i].share - l->point[i - 1].share);
}

/*
 * The sum of twelve uniform numbers less six has a variance of 1 and is close
 * to normal up to three standard deviations; it never exceeds six.
 */
static u64 haltblk_latency_normal(const struct haltblk_latency *l, u64 seed,
				  u64 nr)
{
	s64 sum = -6 * 65535, ns;
	u64 bits;
	int i;

	for (i = 0; i < 12; i++) {
		if (i % 4 == 0)
			bits = haltblk_random(seed, 3 * nr + i / 4);
		sum += bits & 0xffff;
		bits >>= 16;
	}
	ns = (s64)l->a + div_s64((s64)l->b * sum, 65536);
	return clamp_t(s64, ns, 0, HALTBLK_LATENCY_MAX);
}

/**
 * haltblk_latency_draw - decide how long a request takes
 * @latency: latency
 * @seed: of the sequence
 * @nr: number of the request in the sequence
 *
 * Return: ns.
 */
u64 haltblk_latency_draw(const struct haltblk_latency *latency, u64 seed,
			 u64 nr)
{
	u64 rest;

	switch (latency->kind) {
	case HALTBLK_LATENCY_UNIFORM:
		div64_u64_rem(haltblk_random(seed, nr),
			      latency->b - latency->a + 1, &rest);
		return latency->a + rest;
	case HALTBLK_LATENCY_NORMAL:
		return haltblk_latency_normal(latency, seed, nr);
	case HALTBLK_LATENCY_PERCENTILES:
		div64_u64_rem(haltblk_random(seed, nr), HALTBLK_LATENCY_WHOLE,
			      &rest);
		return haltblk_latency_percentile(latency, rest);
	default:
		return latency->a;
	}
}
