/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * Explains, with figures, why a range was refused. The checks and their order
 * come from block/ioctl.c, block/blk-lib.c and block/bdev.c of 6.1, 6.12 and
 * 7.2; haltblk-discard(7) has the table. A different order does not show,
 * because every broken rule of the errno is reported.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"

static uint64_t down(uint64_t n, uint64_t unit)
{
	return n - n % unit;
}

/* No overflow: @n is at most the size of a device. */
static uint64_t up(uint64_t n, uint64_t unit)
{
	return down(n + unit - 1, unit);
}

static uint64_t range_end(const struct hbc_shape *shape, uint64_t offset,
			  uint64_t length)
{
	if (offset > shape->size || length > shape->size - offset)
		return shape->size;
	return offset + length;
}

/**
 * hbc_nearest() - the valid range nearest to an invalid one
 * @shape: device
 * @offset: of the requested range
 * @length: likewise
 * @near_offset: out
 * @near_length: out
 *
 * It lies inside the requested range if that has a whole block, so that
 * nothing else is destroyed.
 *
 * Return: where it lies.
 */
enum hbc_near hbc_nearest(const struct hbc_shape *shape, uint64_t offset,
			  uint64_t length, uint64_t *near_offset,
			  uint64_t *near_length)
{
	uint64_t block = shape->block ? shape->block : 512;
	uint64_t size = down(shape->size, block), end, start;

	*near_offset = *near_length = 0;
	if (!size)
		return HBC_NEAR_NONE;
	if (offset < size) {
		end = down(range_end(shape, offset, length), block);
		start = up(offset, block);
		*near_offset = start;
		*near_length = end > start ? end - start : 0;
		if (*near_length)
			return HBC_NEAR_INSIDE;
		start = down(offset, block);
		end = range_end(shape, offset, length ? length : 1);
		end = up(end, block);
		*near_offset = start;
		*near_length = (end < size ? end : size) - start;
		return HBC_NEAR_AROUND;
	}
	if (length > size)
		length = size;
	*near_length = length ? up(length, block) : block;
	*near_offset = size - *near_length;
	return HBC_NEAR_MOVED;
}

/**
 * hbc_whole_granules() - bytes of a range that lie in whole granules
 * @shape: device
 * @offset: of the range
 * @length: likewise
 */
uint64_t hbc_whole_granules(const struct hbc_shape *shape, uint64_t offset,
			    uint64_t length)
{
	uint64_t unit = shape->granularity, first, end;

	if (!unit)
		return 0;
	end = range_end(shape, offset, length);
	first = shape->alignment % unit;
	if (end <= first)
		return 0;
	/* Count from the first granule, so that all are multiples. */
	end = down(end - first, unit);
	offset = offset > first ? up(offset - first, unit) : 0;
	return end > offset ? end - offset : 0;
}

static HBC_PRINTF(6, 7) void broken(struct hbc_verdict *verdict,
				    const char *limit, int64_t value,
				    const char *figure, uint64_t got,
				    const char *fmt, ...)
{
	struct hbc_broken *b = &verdict->broken[verdict->nr];
	va_list ap;

	if (verdict->nr == HBC_MOST_RULES)
		return;
	verdict->nr++;
	b->limit = limit;
	b->value = value;
	b->figure = figure;
	b->got = got;
	va_start(ap, fmt);
	vsnprintf(b->text, sizeof(b->text), fmt, ap);
	va_end(ap);
}

static void misaligned(struct hbc_verdict *verdict, uint64_t block,
		       const char *figure, uint64_t got)
{
	if (block && got % block)
		broken(verdict, "logical_block_size", (int64_t)block, figure,
		       got, "logical_block_size is %llu bytes, and %s %llu is %llu past a multiple of it",
		       (unsigned long long)block, figure,
		       (unsigned long long)got,
		       (unsigned long long)(got % block));
}

static void explain_figures(const struct hbc_shape *shape,
			    const struct libhaltblk_range *range,
			    struct hbc_verdict *verdict)
{
	uint64_t offset = range->offset, length = range->length;
	uint64_t size = shape->size;

	misaligned(verdict, shape->block, "offset", offset);
	misaligned(verdict, shape->block, "length", length);
	if (range->step)
		misaligned(verdict, shape->block, "step", range->step);
	if (!length)
		broken(verdict, "logical_block_size", (int64_t)shape->block,
		       "length", 0, "length is 0; the smallest is one logical block, %llu bytes",
		       (unsigned long long)shape->block);
	if (offset > size || length > size - offset)
		broken(verdict, "size", (int64_t)size, "end", offset + length,
		       "the device has %llu bytes, and the range ends at %llu%s, %llu past the end",
		       (unsigned long long)size,
		       (unsigned long long)(offset + length),
		       offset + length < offset ? " plus 2^64" : "",
		       (unsigned long long)(offset + length - size));
	else if (offset == size)
		broken(verdict, "size", (int64_t)size, "offset", offset,
		       "the device has %llu bytes, and the range begins at its end",
		       (unsigned long long)size);
	if (verdict->nr)
		verdict->near = hbc_nearest(shape, offset, length,
					    &verdict->near_offset,
					    &verdict->near_length);
	else
		broken(verdict, "", -1, "", 0, "the range breaks no limit that the kernel shows: a driver below refused it; --explain=trace shows where");
}

static void explain_support(const struct hbc_shape *shape,
			    const struct libhaltblk_range *range,
			    struct hbc_verdict *verdict)
{
	/* The kernel takes multiples of it only. */
	uint64_t unit = shape->granularity ? shape->granularity : 1;

	if (range->op == LIBHALTBLK_DISCARD && !shape->discard_hw)
		broken(verdict, "discard_max_hw_bytes", 0, "", 0,
		       "discard_max_hw_bytes is 0: the driver does not support discard; zeroout works without it");
	else if (range->op == LIBHALTBLK_DISCARD && !shape->discard_max)
		broken(verdict, "discard_max_bytes", 0, "", 0,
		       "discard_max_bytes is 0: discard was switched off; the driver can do %llu bytes; write that to queue/discard_max_bytes (if the kernel refuses it, make the device again)",
		       (unsigned long long)down(shape->discard_hw, unit));
	else if (range->op == LIBHALTBLK_SECDISCARD && !shape->secure)
		broken(verdict, "max_secure_erase_sectors",
		       shape->secure_known ? 0 : -1, "", 0,
		       shape->secure_known ?
		       "secure_erase is 0: this device was made without it; make it again with secure_erase=1" :
		       "the limit of secure erase, which the kernel does not show, is 0 or below a logical block: the driver does not support secure erase; zeroout overwrites, but promises nothing about copies");
	else
		broken(verdict, "", -1, "", 0, "the limits allow it: the driver received the request and replied that it does not support it");
}

/* The block layer's statuses, by the errno that each becomes. */
#define HALTBLK_X(name, nr, word, offered, arg, text) { arg, word, text },
static const struct {
	const char *err;
	const char *status;
	const char *text;
} statuses[] = {
	HALTBLK_STATUSES(HALTBLK_X)
};
#undef HALTBLK_X

static void explain_status(int err, struct hbc_verdict *verdict)
{
	const char *name = strerrorname_np(err);
	size_t i;

	for (i = 0; i < HBC_ARRAY_SIZE(statuses); i++)
		if (name && !strcmp(statuses[i].err, name)) {
			broken(verdict, "", -1, "", 0, "no limit is broken: %s (block status %s); the range may be done in part; see dmesg and, for a haltblk device, haltblk events",
			       statuses[i].text, statuses[i].status);
			return;
		}
	broken(verdict, "", -1, "", 0, "no known limit explains it: %s; see dmesg",
	       strerror(err));
}

/**
 * hbc_explain() - which rule of which limit an operation broke
 * @shape: device
 * @range: what was asked of it
 * @err: negative errno
 * @why: what the library said, or ""
 * @verdict: out
 */
void hbc_explain(const struct hbc_shape *shape,
		 const struct libhaltblk_range *range, int err,
		 const char *why, struct hbc_verdict *verdict)
{
	memset(verdict, 0, sizeof(*verdict));
	switch (-err) {
	case EINVAL:
		explain_figures(shape, range, verdict);
		break;
	case EOPNOTSUPP:
		explain_support(shape, range, verdict);
		break;
	case EROFS:
	case EPERM:
	case EACCES:
		if (shape->read_only)
			broken(verdict, "ro", 1, "", 0, "ro is 1: the device is read-only; blockdev --setrw makes it writable, if the driver allows that");
		else
			broken(verdict, "", -1, "", 0, "ro is 0: the device is writable, but not by you: its node requires root or its group, or a cgroup forbids it");
		break;
	case EBUSY:
		if (range->flags & LIBHALTBLK_SHARED)
			broken(verdict, "", -1, "", 0, "no limit is broken: as the device has another exclusive user, the kernel first drops the range from the page cache, and a page there is dirty or in use; sync and try again");
		else
			broken(verdict, "", -1, "", 0, "no limit is broken: %s", why);
		break;
	case EINTR:
		broken(verdict, "", -1, "", 0, "no limit is broken: it was killed half-way; what was sent before that is done");
		break;
	default:
		explain_status(-err, verdict);
	}
}

static uint64_t number(const struct libhaltblk_limits *limits,
		       const char *name, bool *known)
{
	const struct libhaltblk_limit *l;
	size_t i;

	for (i = 0; (l = libhaltblk_limit_at(limits, i)); i++)
		if (!strcmp(l->name, name)) {
			if (known)
				*known = l->value;
			return l->value ? strtoull(l->value, NULL, 10) : 0;
		}
	return 0;
}

/**
 * hbc_shape_get() - read the limits of a device
 * @h: handle
 * @device: name or path
 * @shape: out; all 0 if they cannot be read
 */
void hbc_shape_get(struct libhaltblk *h, const char *device,
		   struct hbc_shape *shape)
{
	struct libhaltblk_limits *limits;
	bool known = false;

	memset(shape, 0, sizeof(*shape));
	if (libhaltblk_limits(h, device, &limits) < 0)
		return;
	shape->size = number(limits, "size", &known) * 512;
	if (!known)
		shape->size = number(limits, "BLKGETSIZE64", NULL);
	shape->block = number(limits, "logical_block_size", &known);
	if (!known)
		shape->block = number(limits, "BLKSSZGET", NULL);
	shape->read_only = number(limits, "ro", NULL);
	shape->discard_max = number(limits, "discard_max_bytes", NULL);
	shape->discard_hw = number(limits, "discard_max_hw_bytes", NULL);
	shape->granularity = number(limits, "discard_granularity", NULL);
	shape->alignment = number(limits, "discard_alignment", NULL);
	shape->zeroes_max = number(limits, "write_zeroes_max_bytes", NULL);
	shape->secure = number(limits, "secure_erase", &shape->secure_known);
	libhaltblk_limits_free(limits);
}

static const char *const places[] = {
	[HBC_NEAR_NONE] = "none",
	[HBC_NEAR_INSIDE] = "inside",
	[HBC_NEAR_AROUND] = "around",
	[HBC_NEAR_MOVED] = "moved",
};

static const char *const place_texts[] = {
	[HBC_NEAR_INSIDE] = "inside the requested range",
	[HBC_NEAR_AROUND] = "which includes more than was requested",
	[HBC_NEAR_MOVED] = "at the end of the device, outside the requested range",
};

/** hbc_verdict_print() - as messages */
void hbc_verdict_print(const char *device, const char *what,
		       const struct hbc_verdict *verdict)
{
	unsigned int i;

	for (i = 0; i < verdict->nr; i++)
		hbc_error(device, "%s: explain: %s", what,
			  verdict->broken[i].text);
	if (verdict->near)
		hbc_error(device, "%s: explain: the nearest valid range is --offset %llu --length %llu, %s",
			  what, (unsigned long long)verdict->near_offset,
			  (unsigned long long)verdict->near_length,
			  place_texts[verdict->near]);
}

/** hbc_verdict_json() - as an object */
struct json_object *hbc_verdict_json(const struct hbc_verdict *verdict)
{
	struct json_object *all = json_object_new_object(), *list, *o;
	unsigned int i;

	list = json_object_new_array();
	for (i = 0; i < verdict->nr; i++) {
		const struct hbc_broken *b = &verdict->broken[i];

		o = json_object_new_object();
		json_object_object_add(o, "limit", *b->limit ?
				       json_object_new_string(b->limit) : NULL);
		json_object_object_add(o, "value", b->value >= 0 ?
				       json_object_new_int64(b->value) : NULL);
		json_object_object_add(o, "figure", *b->figure ?
				       json_object_new_string(b->figure) : NULL);
		json_object_object_add(o, "got", *b->figure ?
				       json_object_new_uint64(b->got) : NULL);
		json_object_object_add(o, "text",
				       json_object_new_string(b->text));
		json_object_array_add(list, o);
	}
	json_object_object_add(all, "broken", list);
	o = NULL;
	if (verdict->near) {
		o = json_object_new_object();
		json_object_object_add(o, "offset",
				       json_object_new_uint64(verdict->near_offset));
		json_object_object_add(o, "length",
				       json_object_new_uint64(verdict->near_length));
		json_object_object_add(o, "place",
				       json_object_new_string(places[verdict->near]));
	}
	json_object_object_add(all, "nearest", o);
	return all;
}
