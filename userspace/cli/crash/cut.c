/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * crash and pending: cut the power of devices; list what that could lose.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

#define NODE_NSEC	(10 * HBC_NSEC)

/* The device that the library's reason begins with, or all of them. */
static const char *blame(const struct libhaltblk *h, int argc, char **argv)
{
	const char *why = libhaltblk_why(h);
	size_t len;
	int i;

	for (i = 0; i < argc; i++) {
		len = strlen(hbc_base(argv[i]));
		if (!strncmp(why, hbc_base(argv[i]), len) && why[len] == ':')
			break;
	}
	return hbc_base(argv[i < argc ? i : 0]);
}

static int power_on(struct libhaltblk *h, int argc, char **argv)
{
	char name[HALTBLK_NAME_LEN];
	int i, r;

	for (i = 0; i < argc; i++) {
		r = libhaltblk_device_name(h, argv[i], name);
		if (!r)
			r = libhaltblk_set(h, name, "power=1");
		if (!r)
			r = libhaltblk_wait_node(h, name, NODE_NSEC);
		if (r < 0)
			return hbc_fail(h, hbc_base(argv[i]), "crash", r);
	}
	return HBC_OK;
}

static int crash(struct libhaltblk *h, int argc, char **argv,
		 const struct hbc_keep *kept, bool on)
{
	struct haltblk_keep *keep;
	int i, r, status = HBC_OK;

	keep = calloc((size_t)argc, sizeof(*keep));
	if (!keep)
		return hbc_no_memory();
	for (i = 0; i < argc; i++)
		keep[i] = kept->keep;
	r = libhaltblk_crash(h, (const char *const *)argv, keep, (size_t)argc);
	free(keep);
	if (r)
		status = hbc_fail(h, blame(h, argc, argv), "crash", r);
	if (!status && on)
		status = power_on(h, argc, argv);
	return status;
}

static int cmd_crash(const struct hbc_command *cmd, int argc, char **argv)
{
	const char *text = "flushed";
	struct hbc_keep kept = { 0 };
	bool on = false;
	const struct hbc_option options[] = {
		{ .name = "keep", .value = &text, .arg = "K",
		  .help = hbc_keep_help },
		{ .name = "on", .flag = &on,
		  .help = "power the devices on again" },
		{ 0 },
	};
	struct libhaltblk *h;
	int status;

	status = hbc_begin(cmd, options, &argc, &argv, &h);
	if (status != HBC_GO_ON)
		return status;
	status = hbc_keep_read(cmd, text, false, &kept);
	if (status == HBC_GO_ON)
		status = crash(h, argc, argv, &kept, on);
	hbc_keep_free(&kept);
	libhaltblk_free(h);
	return status;
}

const struct hbc_command hbc_cmd_crash = {
	.name = "crash",
	.args = "DEV [DEV ...]",
	.min = 1,
	.max = -1,
	.summary = "cut the power of devices at one instant",
	.help =
	"Nothing that begins after that instant has an effect on any of the devices.\n"
	"Requests in flight, held or delayed end with IOERR, and so does what the kernel\n"
	"has not written yet. Then the devices are without power, as after power=0, and\n"
	"have what --keep says (flushed). If one device is refused, nothing is changed.\n",
	.fn = cmd_crash,
};

static const char *op_word(const struct haltblk_pending *p)
{
	const char *word = libhaltblk_word(LIBHALTBLK_OPS, p->op);

	return word ? word : "?";
}

static void pending_print(const struct libhaltblk_table *table)
{
	static const char *const heads[] = {
		"id", "op", "sector", "sectors", "flags", "completed",
	};
	struct hbc_columns *c = hbc_columns_new(HBC_ARRAY_SIZE(heads));
	const struct haltblk_pending *p;
	char flags[128];
	size_t i;

	for (i = 0; i < HBC_ARRAY_SIZE(heads); i++)
		hbc_columns_add(c, "%s", heads[i]);
	for (i = 0; (p = libhaltblk_pending_at(table, i)); i++) {
		libhaltblk_rq_flags_text(p->flags, flags, sizeof(flags));
		if (p->id)
			hbc_columns_add(c, "%" PRIu64, (uint64_t)p->id);
		else
			hbc_columns_add(c, "-");
		hbc_columns_add(c, "%s", op_word(p));
		hbc_columns_add(c, "%" PRIu64, (uint64_t)p->sector);
		hbc_columns_add(c, "%u", p->sectors);
		hbc_columns_add(c, "%s", flags[0] ? flags : "-");
		hbc_columns_add(c, "%s", !p->id ? "-" :
				p->completed ? "yes" : "no");
	}
	hbc_columns_print(c);
}

static struct json_object *pending_json(const struct libhaltblk_table *table)
{
	struct json_object *array = json_object_new_array(), *o;
	const struct haltblk_pending *p;
	size_t i;

	for (i = 0; (p = libhaltblk_pending_at(table, i)); i++) {
		o = json_object_new_object();
		/* A NULL value is JSON's null, which means unknown. */
		json_object_object_add(o, "id", p->id ?
				       json_object_new_uint64(p->id) : NULL);
		json_object_object_add(o, "op",
				       json_object_new_string(op_word(p)));
		json_object_object_add(o, "sector",
				       json_object_new_uint64(p->sector));
		json_object_object_add(o, "sectors",
				       json_object_new_uint64(p->sectors));
		json_object_object_add(o, "flags",
				       hbc_bits_json(LIBHALTBLK_RQ_FLAGS,
						     p->flags));
		json_object_object_add(o, "completed", p->id ?
				       json_object_new_boolean(p->completed) :
				       NULL);
		json_object_array_add(array, o);
	}
	return array;
}

static int cmd_pending(const struct hbc_command *cmd, int argc, char **argv)
{
	static const struct hbc_list pending = {
		libhaltblk_pending, pending_json, pending_print,
	};

	return hbc_list(cmd, argc, argv, &pending);
}

const struct hbc_command hbc_cmd_pending = {
	.name = "pending",
	.args = "DEV",
	.min = 1,
	.max = 1,
	.summary = "list what a power cut could lose",
	.help =
	"In the order in which it took effect. The device knows only the blocks of its\n"
	"volatile cache: their id prints -, as all that is unknown.\n"
	"sector and sectors are in units of 512 bytes.\n",
	.fn = cmd_pending,
};
