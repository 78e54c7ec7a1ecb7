/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * create, destroy, set, list: devices through configfs.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

#define SLICE_NSEC	100000000ULL	/* of a wait for the node and udev */
#define MOST_SLICES	100

/* The signal that asked create to end, or 0. */
static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	stopped = sig;
}

/* Every word has a '=', and power= is 0 or 1. */
static int check_words(const struct hbc_command *cmd, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (!strchr(argv[i], '=') || argv[i][0] == '=')
			return hbc_usage(cmd, "%s: not KEY=VALUE", argv[i]);
		if (!strncmp(argv[i], "power=", 6) &&
		    strcmp(argv[i], "power=0") && strcmp(argv[i], "power=1"))
			return hbc_usage(cmd, "%s: power= takes 0 or 1",
					 argv[i]);
	}
	return HBC_GO_ON;
}

/* The last power= among the words, or @otherwise. */
static bool powers_on(int argc, char **argv, bool otherwise)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strncmp(argv[i], "power=", 6))
			otherwise = argv[i][6] == '1';
	return otherwise;
}

static int fail_option(struct libhaltblk *h, const char *device,
		       const char *what, int r)
{
	int status = hbc_fail(h, hbc_base(device), what, r);

	return r == -ENOPROTOOPT ? HBC_USAGE : status;
}

/* In slices, so that a signal that was caught ends the wait soon. */
static int wait_node(struct libhaltblk *h, const char *device,
		     const char *what)
{
	int r, i = 0;

	do
		r = libhaltblk_wait_node(h, device, SLICE_NSEC);
	while ((r == -ETIME || r > 0) && !stopped && ++i < MOST_SLICES);
	if (stopped)
		return HBC_FAILED;
	if (r < 0)
		return hbc_fail(h, hbc_base(device), what, r);
	if (r > 0)
		hbc_error(hbc_base(device), "%s: warning: %s", what,
			  libhaltblk_why(h));
	return HBC_OK;
}

static int create(struct libhaltblk *h, int argc, char **argv)
{
	const char *device = argv[0];
	char name[HALTBLK_NAME_LEN];
	int status = HBC_OK, r;

	r = libhaltblk_new_name(h, device, name);
	if (r) {
		hbc_fail(h, hbc_base(device), "create", r);
		return HBC_USAGE;
	}
	r = libhaltblk_create(h, device, (const char *const *)argv + 1,
			      (size_t)argc - 1);
	if (r)
		return fail_option(h, device, "create", r);
	if (powers_on(argc, argv, true))
		status = wait_node(h, device, "create");
	if (!status && powers_on(argc, argv, true)) {
		printf("/dev/%s\n", name);
		status = hbc_flush();
	}
	/* A caller that does not learn of the device cannot destroy it. */
	if (status || stopped)
		libhaltblk_destroy(h, device);
	return status;
}

/* A signal while the device is made leaves none behind. */
static int create_or_undo(struct libhaltblk *h, int argc, char **argv)
{
	struct hbc_signals signals;
	int status;

	stopped = 0;
	hbc_signals_catch(&signals, on_signal);
	signal(SIGPIPE, SIG_IGN);
	status = create(h, argc, argv);
	hbc_signals_restore(&signals);
	if (stopped)
		raise(stopped);
	stopped = 0;
	return status;
}

/* Call @fn with DEV and KEY=VALUE words, at least @min words in all. */
static int with_words(const struct hbc_command *cmd, int argc, char **argv,
		      int min,
		      int (*fn)(struct libhaltblk *h, int argc, char **argv))
{
	const struct hbc_option options[] = { { 0 } };
	struct libhaltblk *h;
	int status;

	status = hbc_parse(cmd, options, min, -1, &argc, &argv);
	if (status == HBC_GO_ON)
		status = check_words(cmd, argc, argv);
	if (status == HBC_GO_ON)
		status = hbc_handle(&h);
	if (status != HBC_GO_ON)
		return status;
	status = fn(h, argc, argv);
	libhaltblk_free(h);
	return status;
}

static int cmd_create(const struct hbc_command *cmd, int argc, char **argv)
{
	return with_words(cmd, argc, argv, 1, create_or_undo);
}

static int cmd_destroy(const struct hbc_command *cmd, int argc, char **argv)
{
	const struct hbc_option options[] = { { 0 } };
	struct libhaltblk *h;
	int status, r;

	status = hbc_parse(cmd, options, 1, 1, &argc, &argv);
	if (status == HBC_GO_ON)
		status = hbc_handle(&h);
	if (status != HBC_GO_ON)
		return status;
	r = libhaltblk_destroy(h, argv[0]);
	status = r ? hbc_fail(h, hbc_base(argv[0]), "destroy", r) : HBC_OK;
	libhaltblk_free(h);
	return status;
}

static int set(struct libhaltblk *h, int argc, char **argv)
{
	char name[HALTBLK_NAME_LEN];
	int i, r;

	/* Once: power=0 removes the node, so a link to it leads nowhere. */
	r = libhaltblk_device_name(h, argv[0], name);
	for (i = 1; !r && i < argc; i++)
		r = libhaltblk_has_option(h, name, argv[i]);
	for (i = 1; !r && i < argc; i++)
		r = libhaltblk_set(h, name, argv[i]);
	if (r)
		return fail_option(h, argv[0], "set", r);
	return powers_on(argc, argv, false) ? wait_node(h, name, "set") :
					      HBC_OK;
}

static int cmd_set(const struct hbc_command *cmd, int argc, char **argv)
{
	return with_words(cmd, argc, argv, 2, set);
}

/* A device gets its number when it is first powered on. */
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
		{ "json", &json, NULL, NULL, "an array of objects" },
		{ 0 },
	};
	struct libhaltblk_table *table = NULL;
	struct libhaltblk *h;
	int status, r;

	status = hbc_parse(cmd, options, 0, 0, &argc, &argv);
	if (status == HBC_GO_ON)
		status = hbc_handle(&h);
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

const struct hbc_command hbc_device_commands[] = {
	{ "create", "NAME [KEY=VALUE ...]", "make a device",
	  "Sets the options in this order, powers the device on unless power=0 is given,\n"
	  "waits for its node and for udev, if that runs, and prints /dev/NAME (nothing\n"
	  "with power=0). If an option is refused, the path cannot be printed or a signal\n"
	  "ends the command, the device is removed again. The options are those of null_blk\n"
	  "and haltblk's own: see haltblk(1), and /sys/kernel/config/haltblk/features for\n"
	  "the names.\n",
	  cmd_create },
	{ "destroy", "NAME", "power a device off and remove it",
	  "Requests that it holds end with IOERR, or go on with on_remove=resume. A device\n"
	  "made at module load is removed only with the module.\n", cmd_destroy },
	{ "list", "", "list the devices",
	  "made says how it was made: at module load, or in configfs, as haltblk create does.\n",
	  cmd_list },
	{ "show", "DEV", "show a device: options, counts, rules, held requests",
	  "", hbc_show },
	{ "set", "NAME KEY=VALUE [...]", "set options of a device",
	  "Sets the options in this order and stops at the first one that is refused. Some\n"
	  "options can be set only with power=0.\n", cmd_set },
	{ 0 },
};
