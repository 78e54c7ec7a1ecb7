/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * list: all haltblk devices.
 */
#include <stdio.h>

#include "commands.h"

/* Without power a device has no number. */
static bool has_index(const struct haltblk_list_entry *e)
{
	return e->index != UINT32_MAX;
}

static void list_print(const struct libhaltblk_table *table)
{
	struct hbc_columns *c = hbc_columns_new(4);
	const struct haltblk_list_entry *e;
	char name[4 * HALTBLK_NAME_LEN + 1];
	size_t i;

	hbc_columns_add(c, "name");
	hbc_columns_add(c, "index");
	hbc_columns_add(c, "power");
	hbc_columns_add(c, "made");
	for (i = 0; (e = libhaltblk_list_at(table, i)); i++) {
		hbc_clean(name, sizeof(name), e->name, sizeof(e->name));
		hbc_columns_add(c, "%s", name);
		hbc_columns_add(c, has_index(e) ? "%u" : "-", e->index);
		hbc_columns_add(c, "%s", e->flags & HALTBLK_DEV_F_POWERED ?
				"on" : "off");
		hbc_columns_add(c, "%s", e->flags & HALTBLK_DEV_F_LOAD ?
				"load" : "configfs");
	}
	hbc_columns_print(c);
}

static struct json_object *list_json(const struct libhaltblk_table *table)
{
	struct json_object *array = json_object_new_array(), *o;
	const struct haltblk_list_entry *e;
	size_t i;

	for (i = 0; (e = libhaltblk_list_at(table, i)); i++) {
		o = json_object_new_object();
		json_object_object_add(o, "name",
				       json_object_new_string(e->name));
		json_object_object_add(o, "index", has_index(e) ?
				       json_object_new_uint64(e->index) : NULL);
		json_object_object_add(o, "power", json_object_new_boolean(
				       e->flags & HALTBLK_DEV_F_POWERED));
		json_object_object_add(o, "made", json_object_new_string(
				       e->flags & HALTBLK_DEV_F_LOAD ?
				       "load" : "configfs"));
		json_object_array_add(array, o);
	}
	return array;
}

static int cmd_list(const struct hbc_command *cmd, int argc, char **argv)
{
	bool json = false;
	const struct hbc_option options[] = {
		{ .name = "json", .flag = &json,
		  .help = "an array of objects" },
		{ 0 },
	};
	struct libhaltblk_table *table = NULL;
	struct libhaltblk *h;
	int status, r;

	status = hbc_begin(cmd, options, &argc, &argv, &h);
	if (status != HBC_GO_ON)
		return status;
	r = libhaltblk_open(h);
	if (!r)
		r = libhaltblk_list(h, &table);
	if (r < 0)
		status = hbc_fail(h, "list", NULL, r);
	else if (json)
		status = hbc_print_json(list_json(table));
	else
		list_print(table);
	libhaltblk_table_free(table);
	libhaltblk_free(h);
	return status == HBC_GO_ON ? HBC_OK : status;
}

const struct hbc_command hbc_cmd_list = {
	.name = "list",
	.args = "",
	.summary = "list the devices",
	.help =
	"made says how it was made: at module load, or in configfs, as haltblk create does.\n",
	.fn = cmd_list,
};
