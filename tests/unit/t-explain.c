/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * The nearest valid range, whole granules and broken rules, compared with a
 * search through all ranges of small devices.
 */
#include <errno.h>
#include <string.h>

#include "range/explain.h"
#include "tap.h"

static bool will_do(const struct hbc_shape *s, uint64_t offset, uint64_t length)
{
	return length && !(offset % s->block) && !(length % s->block) &&
	       offset + length <= s->size;
}

/* The largest valid range inside, else the smallest around, by search. */
static enum hbc_near searched(const struct hbc_shape *s, uint64_t offset,
			      uint64_t length, uint64_t *o, uint64_t *l)
{
	uint64_t end = offset + length, a, b, around = UINT64_MAX;
	uint64_t last = end < s->size ? end : s->size;
	enum hbc_near near = HBC_NEAR_NONE;

	*o = *l = 0;
	for (a = 0; a < s->size; a++)
		for (b = 1; a + b <= s->size; b++) {
			if (!will_do(s, a, b))
				continue;
			if (a >= offset && a + b <= end && b > *l) {
				near = HBC_NEAR_INSIDE;
				*o = a;
				*l = b;
			}
		}
	if (near || offset >= s->size)
		return near;
	for (a = 0; a <= offset; a++)
		for (b = 1; a + b <= s->size; b++)
			if (will_do(s, a, b) && b < around && a + b >= last &&
			    a + b > offset) {
				near = HBC_NEAR_AROUND;
				*o = a;
				*l = around = b;
			}
	return near;
}

static void one(const struct hbc_shape *s, uint64_t offset, uint64_t length,
		unsigned int *bad)
{
	uint64_t o, l, so, sl;
	enum hbc_near near = hbc_nearest(s, offset, length, &o, &l);
	enum hbc_near want = searched(s, offset, length, &so, &sl);

	if (want) {
		*bad += near != want || o != so || l != sl;
	} else if (s->size >= s->block) {
		/* Past the end: moved to the end, as short as possible. */
		*bad += near != HBC_NEAR_MOVED || !will_do(s, o, l) ||
			o + l != s->size || (l < length && l != s->size);
	} else {
		*bad += near != HBC_NEAR_NONE || l;
	}
}

static void nearest_small(void)
{
	static const uint64_t blocks[] = { 1, 2, 4, 8 };
	unsigned int bad, nr;
	uint64_t offset, length;
	struct hbc_shape s = { 0 };
	size_t i;

	for (i = 0; i < HBC_ARRAY_SIZE(blocks); i++) {
		s.block = blocks[i];
		for (s.size = 0; s.size <= 32; s.size += s.block) {
			bad = nr = 0;
			for (offset = 0; offset <= s.size + 9; offset++)
				for (length = 0; length <= s.size + 9; length++) {
					one(&s, offset, length, &bad);
					nr++;
				}
			tap_int(bad, 0, "block %llu, size %llu: %u ranges",
				(unsigned long long)s.block,
				(unsigned long long)s.size, nr);
		}
	}
}

static void nearest(uint64_t offset, uint64_t length, enum hbc_near near,
		    uint64_t near_offset, uint64_t near_length)
{
	const struct hbc_shape s = { .size = 1ULL << 40, .block = 4096 };
	uint64_t o, l;

	tap_int(hbc_nearest(&s, offset, length, &o, &l), near,
		"%llu+%llu: where", (unsigned long long)offset,
		(unsigned long long)length);
	tap_ok(o == near_offset && l == near_length,
	       "%llu+%llu: %llu+%llu, got %llu+%llu",
	       (unsigned long long)offset, (unsigned long long)length,
	       (unsigned long long)near_offset, (unsigned long long)near_length,
	       (unsigned long long)o, (unsigned long long)l);
}

static void nearest_large(void)
{
	const uint64_t end = 1ULL << 40;

	nearest(512, 8192, HBC_NEAR_INSIDE, 4096, 4096);
	nearest(512, 4096, HBC_NEAR_AROUND, 0, 8192);
	nearest(4096, UINT64_MAX, HBC_NEAR_INSIDE, 4096, end - 4096);
	nearest(end - 1, UINT64_MAX, HBC_NEAR_AROUND, end - 4096, 4096);
	nearest(UINT64_MAX, UINT64_MAX, HBC_NEAR_MOVED, 0, end);
	nearest(end, 1, HBC_NEAR_MOVED, end - 4096, 4096);
	nearest(UINT64_MAX, 0, HBC_NEAR_MOVED, end - 4096, 4096);
	nearest(8192, 0, HBC_NEAR_AROUND, 8192, 4096);
}

/* Byte by byte: does it lie in a granule that the range covers? */
static uint64_t counted(const struct hbc_shape *s, uint64_t offset,
			uint64_t length)
{
	uint64_t end = offset + length, nr = 0, at;

	if (end > s->size)
		end = s->size;
	for (at = offset; at < end; at++) {
		uint64_t first = s->alignment % s->granularity, start;

		if (at < first)
			continue;
		start = at - (at - first) % s->granularity;
		nr += start >= offset && start + s->granularity <= end;
	}
	return nr;
}

static void granules(void)
{
	struct hbc_shape s = { .size = 40, .block = 1 };
	uint64_t offset, length;
	unsigned int bad;

	for (s.granularity = 1; s.granularity <= 16; s.granularity++) {
		bad = 0;
		for (s.alignment = 0; s.alignment <= 17; s.alignment++)
			for (offset = 0; offset <= 42; offset++)
				for (length = 0; length <= 44; length++)
					bad += hbc_whole_granules(&s, offset, length) !=
					       counted(&s, offset, length);
		tap_int(bad, 0, "granules of %llu",
			(unsigned long long)s.granularity);
	}
	s.granularity = 0;
	tap_int(hbc_whole_granules(&s, 0, 40), 0, "no granules");
}

static struct hbc_verdict v;

static void explain(enum libhaltblk_range_op op, uint64_t offset,
		    uint64_t length, unsigned int flags,
		    const struct hbc_shape *s, int err)
{
	const struct libhaltblk_range range = {
		.op = op,
		.offset = offset,
		.length = length,
		.flags = flags,
	};

	hbc_explain(s, &range, err, "WHY", &v);
}

static void is_broken(unsigned int i, const char *limit, int64_t value,
		      const char *figure, uint64_t got, const char *text)
{
	const struct hbc_broken *b = &v.broken[i];

	tap_ok(i < v.nr, "there is a rule %u", i);
	tap_str(b->limit, limit, "limit");
	tap_int(b->value, value, "%s: value", limit);
	tap_str(b->figure, figure, "%s: figure", limit);
	tap_ok(b->got == got, "%s: what was got", limit);
	tap_has(b->text, text, "%s: the sentence", limit);
}

static void figures(void)
{
	const struct hbc_shape s = {
		.size = 1 << 20, .block = 4096, .discard_max = 1,
		.discard_hw = 1,
	};

	explain(LIBHALTBLK_DISCARD, 512, 8192, 0, &s, -EINVAL);
	tap_int(v.nr, 1, "one rule is broken");
	is_broken(0, "logical_block_size", 4096, "offset", 512,
		  "offset 512 is 512 past a multiple of it");
	tap_ok(v.near == HBC_NEAR_INSIDE && v.near_offset == 4096 &&
	       v.near_length == 4096, "the nearest range");
	explain(LIBHALTBLK_ZEROOUT, 1024, 1 << 20, 0, &s, -EINVAL);
	tap_int(v.nr, 2, "two rules are broken");
	is_broken(0, "logical_block_size", 4096, "offset", 1024, "1024 past");
	is_broken(1, "size", 1 << 20, "end", (1 << 20) + 1024,
		  "the range ends at 1049600, 1024 past the end");
	explain(LIBHALTBLK_SECDISCARD, 4096, 0, 0, &s, -EINVAL);
	is_broken(0, "logical_block_size", 4096, "length", 0, "length is 0");
	explain(LIBHALTBLK_DISCARD, 1 << 20, 0, 0, &s, -EINVAL);
	is_broken(1, "size", 1 << 20, "offset", 1 << 20, "begins at its end");
	explain(LIBHALTBLK_DISCARD, 4096, 4096, 0, &s, -EINVAL);
	tap_int(v.nr, 1, "no figure is wrong");
	is_broken(0, "", -1, "", 0, "no limit that the kernel shows");
	tap_ok(!v.near, "no other range would do");
}

static void errnos(void)
{
	struct hbc_shape s = { .size = 1 << 20, .block = 512 };

	explain(LIBHALTBLK_DISCARD, 0, 512, 0, &s, -EOPNOTSUPP);
	is_broken(0, "discard_max_hw_bytes", 0, "", 0, "does not support discard");
	s.discard_hw = 65536;
	explain(LIBHALTBLK_DISCARD, 0, 512, 0, &s, -EOPNOTSUPP);
	is_broken(0, "discard_max_bytes", 0, "", 0, "can do 65536 bytes");
	s.granularity = 4096;
	s.discard_hw = 65536 + 512;
	explain(LIBHALTBLK_DISCARD, 0, 512, 0, &s, -EOPNOTSUPP);
	is_broken(0, "discard_max_bytes", 0, "", 0, "can do 65536 bytes");
	s.discard_max = 65536;
	explain(LIBHALTBLK_DISCARD, 0, 512, 0, &s, -EOPNOTSUPP);
	is_broken(0, "", -1, "", 0, "the limits allow it");
	explain(LIBHALTBLK_SECDISCARD, 0, 512, 0, &s, -EOPNOTSUPP);
	is_broken(0, "max_secure_erase_sectors", -1, "", 0, "does not show");
	s.secure_known = true;
	explain(LIBHALTBLK_SECDISCARD, 0, 512, 0, &s, -EOPNOTSUPP);
	is_broken(0, "max_secure_erase_sectors", 0, "", 0, "secure_erase=1");
	explain(LIBHALTBLK_DISCARD, 0, 512, 0, &s, -EPERM);
	is_broken(0, "", -1, "", 0, "not by you");
	s.read_only = true;
	explain(LIBHALTBLK_DISCARD, 0, 512, 0, &s, -EPERM);
	is_broken(0, "ro", 1, "", 0, "--setrw");
	explain(LIBHALTBLK_DISCARD, 0, 512, 0, &s, -EBUSY);
	is_broken(0, "", -1, "", 0, "WHY");
	explain(LIBHALTBLK_DISCARD, 0, 512, LIBHALTBLK_SHARED, &s, -EBUSY);
	is_broken(0, "", -1, "", 0, "a page there is dirty");
	explain(LIBHALTBLK_DISCARD, 0, 512, 0, &s, -EIO);
	is_broken(0, "", -1, "", 0, "block status IOERR");
	explain(LIBHALTBLK_DISCARD, 0, 512, 0, &s, -ENODATA);
	is_broken(0, "", -1, "", 0, "block status MEDIUM");
	explain(LIBHALTBLK_DISCARD, 0, 512, 0, &s, -EINTR);
	is_broken(0, "", -1, "", 0, "killed half-way");
	explain(LIBHALTBLK_DISCARD, 0, 512, 0, &s, -EDOM);
	is_broken(0, "", -1, "", 0, "no known limit explains it");
}

int main(void)
{
	nearest_small();
	nearest_large();
	granules();
	figures();
	errnos();
	return tap_done();
}
