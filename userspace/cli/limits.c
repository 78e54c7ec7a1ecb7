/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * limits: of any block device.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static struct json_object *limits_json(const struct libhaltblk_limits *limits)
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
	return all;
}

static void limits_print(const struct libhaltblk_limits *limits)
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
	hbc_columns_print(c);
}

static int cmd_limits(const struct hbc_command *cmd, int argc, char **argv)
{
	bool json = false;
	const struct hbc_option options[] = {
		{ "json", &json, NULL, NULL, "an object; what is not shown is null" },
		{ 0 },
	};
	struct libhaltblk_limits *limits;
	struct libhaltblk *h;
	int status, r;

	status = hbc_parse(cmd, options, 1, 1, &argc, &argv);
	if (status == HBC_GO_ON)
		status = hbc_handle(&h);
	if (status != HBC_GO_ON)
		return status;
	r = libhaltblk_limits(h, argv[0], &limits);
	if (r < 0)
		status = hbc_fail(h, hbc_base(argv[0]), "limits", r);
	else if (json)
		status = hbc_print_json(limits_json(limits));
	else
		limits_print(limits);
	libhaltblk_limits_free(limits);
	libhaltblk_free(h);
	return status == HBC_GO_ON ? HBC_OK : status;
}

const struct hbc_command hbc_limits_commands[] = {
	{ "limits", "DEV", "show every limit of a block device",
	  "Discard, zeroing, secure erase, alignment, sizes and zones, as sysfs and the\n"
	  "ioctls (BLK...) tell them, of any block device or partition. What the kernel\n"
	  "does not show prints -, with the reason.\n", cmd_limits },
	{ 0 },
};
