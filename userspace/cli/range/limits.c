/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * limits: the limits of any block device, and what it really does to a range.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "probe.h"
#include "range.h"

/**
 * struct probing - what --probe asks for and finds
 * @on: whether it was given
 * @range: range to try on
 * @probes: what was found
 */
struct probing {
	bool on;
	struct libhaltblk_range range;
	struct hbc_probe probes[3];
};

static struct json_object *limits_json(const struct libhaltblk_limits *limits,
				       const struct probing *probing)
{
	struct json_object *all = json_object_new_object(), *value;
	const struct libhaltblk_limit *l;
	char *end;
	size_t i;

	for (i = 0; (l = libhaltblk_limit_at(limits, i)); i++) {
		value = NULL;
		if (l->value) {
			uint64_t n = strtoull(l->value, &end, 10);

			if (*l->value == '-' && l->value[1] && !*end)
				value = json_object_new_int64((int64_t)n);
			else if (*l->value && !*end)
				value = json_object_new_uint64(n);
			else
				value = json_object_new_string(l->value);
		}
		json_object_object_add(all, l->name, value);
	}
	if (probing->on)
		json_object_object_add(all, "probe",
				       hbc_probe_json(&probing->range,
						      probing->probes));
	return all;
}

static const char *const promises[] = {
	[LIBHALTBLK_DISCARD] = "found by trying this range; not promised for others, nor for later",
	[LIBHALTBLK_ZEROOUT] = "found by trying; zeroes are promised",
	[LIBHALTBLK_SECDISCARD] = "found by trying; whether copies are gone cannot be seen",
};

static void probe_print(struct hbc_columns *c, const struct probing *probing)
{
	char text[160];
	int i;

	for (i = 0; probing->on && i < 3; i++) {
		const struct hbc_probe *p = &probing->probes[i];

		hbc_probe_text(p, text, sizeof(text));
		hbc_columns_add(c, "%s", hbc_probe_name(p->op));
		hbc_columns_add(c, "%s", text);
		hbc_columns_add(c, "%s", "");
		hbc_columns_add(c, "%s", "probe");
		hbc_columns_add(c, "%s", p->err ? "" : promises[p->op]);
	}
}

static void limits_print(const struct libhaltblk_limits *limits,
			 const struct probing *probing)
{
	struct hbc_columns *c = hbc_columns_new(5);
	const struct libhaltblk_limit *l;
	size_t i;

	hbc_columns_add(c, "limit");
	hbc_columns_add(c, "value");
	hbc_columns_add(c, "unit");
	hbc_columns_add(c, "from");
	hbc_columns_add(c, "meaning");
	for (i = 0; (l = libhaltblk_limit_at(limits, i)); i++) {
		hbc_columns_add(c, "%s", l->name);
		hbc_columns_add(c, "%s", l->value ? l->value : "-");
		hbc_columns_add(c, "%s", l->unit);
		hbc_columns_add(c, "%s", l->source);
		hbc_columns_add(c, "%s", l->note);
	}
	probe_print(c, probing);
	hbc_columns_print(c);
}

static int probe(struct libhaltblk *h, const char *device,
		 struct probing *probing)
{
	if (!probing->on)
		return HBC_GO_ON;
	return hbc_probe(h, device, &probing->range, probing->probes);
}

static int cmd_limits(const struct hbc_command *cmd, int argc, char **argv)
{
	const char *offset = NULL, *length = NULL;
	struct probing probing = { 0 };
	bool json = false, force = false;
	const struct hbc_option options[] = {
		{ .name = "json", .flag = &json,
		  .help = "print an object; what is not shown is null" },
		{ .name = "probe", .flag = &probing.on,
		  .help = "DESTROY a range: write it, discard it and show what it then reads" },
		{ .name = "offset", .value = &offset, .arg = "B",
		  .help = "of that range" },
		{ .name = "length", .value = &length, .arg = "B",
		  .help = "of that range" },
		{ .name = "force", .flag = &force,
		  .help = "probe even if the device is in use or has partitions" },
		{ 0 },
	};
	struct libhaltblk_limits *limits = NULL;
	struct libhaltblk *h;
	int status, r;

	status = hbc_begin(cmd, options, &argc, &argv, &h);
	if (status != HBC_GO_ON)
		return status;
	if (probing.on && (!offset || !length))
		status = hbc_usage(cmd, "--probe: name the range to destroy with --offset and --length");
	else if (!probing.on && (offset || length || force))
		status = hbc_usage(cmd, "--offset, --length and --force need --probe");
	probing.range.flags = force ? LIBHALTBLK_SHARED : 0;
	if (status == HBC_GO_ON)
		status = hbc_range_sizes(h, cmd, offset, length, NULL,
					 &probing.range);
	if (status == HBC_GO_ON)
		status = probe(h, argv[0], &probing);
	if (status != HBC_GO_ON)
		goto out;
	r = libhaltblk_limits(h, argv[0], &limits);
	if (r < 0)
		status = hbc_fail(h, hbc_base(argv[0]), "limits", r);
	else if (json)
		status = hbc_print_json(limits_json(limits, &probing));
	else
		limits_print(limits, &probing);
out:
	libhaltblk_limits_free(limits);
	libhaltblk_free(h);
	return status == HBC_GO_ON ? HBC_OK : status;
}

const struct hbc_command hbc_cmd_limits = {
	.name = "limits",
	.args = "DEV",
	.min = 1,
	.max = 1,
	.any_disk = true,
	.summary = "show every limit of a block device",
	.help =
	"Shows discard, zeroing, secure erase, alignment, sizes and zones as sysfs and the\n"
	"ioctls (BLK...) report them, for any block device or partition. What the kernel\n"
	"does not show prints -, with the reason.\n\n"
	"--probe finds out what a read returns after BLKDISCARD, BLKZEROOUT and\n"
	"BLKSECDISCARD. It overwrites the range without saving its data, and is refused\n"
	"in the same cases as discard.\n",
	.fn = cmd_limits,
};
